"""What a delivery keeps is small, holds no text, comes back as it was, and is enough to hear a shift."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from rankfirst.data import Side, Sketch, choose_rows, dataset_of, shift_from
from rankfirst.data.shift.changes import counts_moved, word_texts
from rankfirst.errors import RunError
from rankfirst.measure.scores import predict_labels
from rankfirst.records import Verdict

DATA = dataset_of([f"{'card' if i % 2 else 'loan'} number {i} please" for i in range(200)], ["card", "loan"] * 100)


def made(width: int = 8) -> Sketch:
    rng, chosen = np.random.default_rng(0), choose_rows(DATA)
    vectors = tuple(rng.normal(size=(len(rows), width)).astype(np.float32) for rows in (chosen.known, chosen.held))
    p = tuple(rng.dirichlet([1, 1], len(rows)) for rows in (chosen.held, chosen.judged))
    answers = tuple(predict_labels(q, False) for q in p)
    return Sketch.of(DATA, chosen, vectors, p[0], answers, "bfloat16")  # type: ignore[arg-type]


def test_a_sketch_is_loaded_as_it_was_saved(tmp_path: Path) -> None:
    sketch = made()
    sketch.save(tmp_path)
    back = Sketch.load(tmp_path, 2)
    assert back is not None and {path.name for path in tmp_path.iterdir()} == {
        "reference.json",
        "reference.safetensors",
    }
    assert (
        np.abs(back.vectors - sketch.vectors).max() < 2e-3 and np.abs(back.confidence - sketch.confidence).max() < 1e-6
    )
    same = ("classes", "predicted", "judged", "words", "texts", "dtype")
    assert all(getattr(back, name) == getattr(sketch, name) for name in same)


def test_a_sketch_has_no_texts_and_only_words_of_twenty_texts(tmp_path: Path) -> None:
    made().save(tmp_path)
    told = json.loads((tmp_path / "reference.json").read_text())
    assert set(told["words"]) == {"card", "loan", "number", "please"} and min(told["words"].values()) >= 20


def test_a_missing_sketch_is_none_and_another_models_is_an_error(tmp_path: Path) -> None:
    assert Sketch.load(tmp_path, 2) is None
    made().save(tmp_path)
    with pytest.raises(RunError):
        Sketch.load(tmp_path, 1)


def wide(n: int, seed: int, moved: float = 0.0) -> np.ndarray:
    return (np.random.default_rng(seed).normal(size=(n, 8)) + moved).astype(np.float32)


@pytest.mark.parametrize(
    ("n", "moved", "verdict"),
    [(600, 0.0, Verdict.ABSENT), (600, 0.6, Verdict.PRESENT), (100, 0.0, Verdict.UNKNOWN), (5, 0.0, Verdict.UNKNOWN)],
)
def test_a_shift_is_detected_without_texts(n: int, moved: float, verdict: Verdict) -> None:
    words = {"card": 350, "loan": 350, "number": 700, "please": 700}
    classes = tuple((i % 2,) for i in range(700))
    sketch = dataclasses.replace(made(), vectors=wide(700, 1), classes=classes, texts=700, words=words)
    texts = [f"{'card' if i % 2 else 'loan'} number {i} please" for i in range(n)]
    found = shift_from(sketch, Side(texts, None, wide(n, 2, moved)), "compare", DATA.classes)
    assert found.verdict is verdict


def test_training_rows_are_no_shift() -> None:
    """Equal texts share a fold: a classifier must not know them by heart."""
    rows = wide(700, 1)
    sketch = dataclasses.replace(made(), vectors=rows, classes=tuple((i % 2,) for i in range(700)), texts=700)
    same = Side([f"card {chr(97 + i % 26)}{i}" for i in range(700)], None, rows.astype(np.float16).astype(np.float32))
    found = shift_from(dataclasses.replace(sketch, words={"card": 700}), same, "compare", DATA.classes)
    assert found.verdict is Verdict.ABSENT


def test_an_unlisted_word_may_have_had_nineteen_texts() -> None:
    after = word_texts(["parcel please"] * 30 + ["please"] * 470)
    before = {"please": 1000}
    assert counts_moved(before, after, 1000, 500, unlisted=19)[0][0][0] == "parcel"
    few = word_texts(["parcel please"] * 12 + ["please"] * 488)
    assert counts_moved(before, few, 1000, 500, unlisted=19) == ((), 1.0)
    assert counts_moved(before, word_texts(["rare please"] * 6 + ["please"] * 494), 1000, 500, unlisted=19)[0] == ()
