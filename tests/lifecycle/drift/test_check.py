"""`rankfirst drift` on delivered runs: with the training file, without it, and what is refused in one line."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from rankfirst import api
from rankfirst.data import Sketch, choose_rows, load_dataset
from rankfirst.engine.export.predictor import Predictor
from rankfirst.errors import OptionError, RankfirstError, RunError
from rankfirst.lifecycle.drift import drift
from rankfirst.lifecycle.drift.readings import Reader
from rankfirst.lifecycle.drift.reference_rows import reference_rows
from rankfirst.model.classifier import load
from rankfirst.records import Retrain
from rankfirst.run.source_rows import Command
from tests import runs
from tests.engine import tiny

pytestmark = pytest.mark.slow
KEPT = ("reference.json", "reference.safetensors")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drift")
    base = tiny.write_base(folder / "tiny-bert", "bert")
    rows = runs.write_rows(folder, rows=300)
    return api.fit(
        rows, folder / "run", base_model=str(base), always_lora=True, knobs=("lr=6.4e-3",), force=True, hold_out=True
    ).folder


@pytest.fixture
def copy(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "run", ignore=shutil.ignore_patterns("work")))


def newer(folder: Path, labelled: bool = True, rows: int = 120) -> Path:
    made = tiny.dataset(train=rows, noise=0.1)
    path = folder / "new.csv"
    lines = [f"{text} x{i},{made.classes[own[0]]}" for i, (text, own) in
             enumerate(zip(made.train.texts, made.train.labels, strict=True))]  # fmt: skip
    head = "text,label" if labelled else "text"
    path.write_text("\n".join([head, *(line if labelled else line.split(",")[0] for line in lines)]) + "\n")
    return path


def without_file(run: Path) -> Path:
    """As if the training file had been thrown away."""
    journal = run / "journal.jsonl"
    journal.write_text(journal.read_text().replace("rows.csv", "gone.csv"))
    return run


def older(run: Path) -> Path:
    """As an older version delivered it: without a manifest, which would find every change first."""
    decision = run / "model" / "decision.json"
    told = json.loads(decision.read_text())
    del told["manifest"]
    decision.write_text(json.dumps(told))
    (run / "model" / "manifest.json").unlink()
    return run


def without_reference(run: Path) -> Path:
    older(run)
    for name in KEPT:
        (run / "model" / name).unlink()
    return run


def test_a_delivery_stores_vectors_and_counts_but_no_text(finished: Path) -> None:
    model = load(finished)
    sketch = Sketch.load(finished / "model", len(model.classes))
    dataset = load_dataset(finished.parent / "rows.csv")
    assert sketch is not None and len(sketch.held) == len(dataset.val) and sketch.vectors.shape[1] == 16
    told = (finished / "model" / KEPT[0]).read_text()
    assert not [text for text in dataset.train.texts if text in told]
    assert all(count >= 20 for count in json.loads(told)["words"].values())
    p = model.predict_proba([dataset.val.texts[row] for row in choose_rows(dataset).held])
    assert np.abs(p.max(axis=1) - sketch.confidence).max() < 0.02
    if model.facts["kind"] != "tfidf":  # the states of the search, not encoded again: in the order of the chosen rows
        texts = [dataset.train.texts[row] for row in choose_rows(dataset).known]
        states = Predictor(finished / "model", model.facts, base_alone=True).vectors(texts)
        assert np.abs(states - sketch.vectors).max() < 2e-3


@pytest.mark.parametrize("labelled", [True, False])
def test_drift_with_the_training_file(finished: Path, tmp_path: Path, labelled: bool) -> None:
    found = drift(finished, newer(tmp_path, labelled))
    assert found.seen.source == "file" and found.seen.distinct == 120
    assert (found.seen.f1 is not None) is labelled
    assert found.estimated is not None and found.estimated.labelled == (120 if labelled else 0)


def test_drift_of_multi_label_rows(tmp_path: Path) -> None:
    base = tiny.write_base(tmp_path / "tiny-bert", "bert")
    path = runs.write_rows(tmp_path, rows=200, multi_label=True)
    run = api.fit(path, tmp_path / "run", base_model=str(base)).folder
    later = runs.write_rows(tmp_path / "later", rows=80, multi_label=True)
    for found in (drift(run, later), drift(without_file(run), later)):
        assert found.seen.labelled == 80 and found.seen.f1 is not None and found.seen.unknown == ()


def test_a_run_without_a_sketch_is_compared_with_its_file(copy: Path, tmp_path: Path) -> None:
    kept, fresh = drift(copy, newer(tmp_path)), drift(without_reference(copy), newer(tmp_path))
    assert fresh.seen.source == "file" and fresh.seen.f1 is not None and kept.seen.f1 is not None
    assert abs(fresh.seen.confidence.before - kept.seen.confidence.before) < 0.01
    assert fresh.seen.f1.before == pytest.approx(kept.seen.f1.before, abs=0.02)


def test_without_the_file_the_sketch_is_enough(copy: Path, tmp_path: Path) -> None:
    found = drift(without_file(copy), newer(tmp_path))
    assert found.seen.source == "reference" and found.seen.f1 is not None
    assert found.estimated is not None  # from the probabilities that the delivery keeps
    shutil.rmtree(copy / "work", ignore_errors=True)
    (copy / "journal.jsonl").unlink()  # a model that was sent on alone
    assert drift(copy, newer(tmp_path)).seen.source == "reference"


def test_the_file_may_have_moved(copy: Path, finished: Path, tmp_path: Path) -> None:
    moved = Path(shutil.copy(finished.parent / "rows.csv", tmp_path / "elsewhere.csv"))
    assert drift(without_file(copy), newer(tmp_path), train=moved).seen.source == "file"


def test_neither_file_nor_sketch_is_a_one_line_error(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="--train"):
        drift(without_reference(without_file(copy)), newer(tmp_path))


def test_another_training_file_is_refused(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="different fingerprint"):
        drift(copy, newer(tmp_path), train=newer(tmp_path, rows=90))


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.write_text("{"),
        lambda path: path.write_text(json.dumps({**json.loads(path.read_text()), "version": 99})),
        lambda path: path.write_text(json.dumps({**json.loads(path.read_text()), "predicted": [[7]]})),
        lambda path: path.write_text(json.dumps({**json.loads(path.read_text()), "dtype": "int8"})),
        lambda path: path.with_suffix(".safetensors").write_bytes(b"\xff" * 64),
    ],
    ids=["broken", "version", "class", "dtype", "tensors"],
)
def test_a_damaged_reference_is_a_one_line_error(copy: Path, tmp_path: Path, harm: object) -> None:
    harm(older(copy) / "model" / KEPT[0])  # type: ignore[operator]
    with pytest.raises(RunError, match=r"delete reference\.json"):
        drift(copy, newer(tmp_path))


@pytest.mark.parametrize(
    ("content", "more"),
    [
        ("text,label\n" + "".join(f"send {i},{'xy'[i % 2]}\n" for i in range(40)), {}),
        ("text\nsend my card\n", {"label": "truth"}),
        ("text\n\n", {}),
    ],
    ids=["another-task", "no-label-column", "no-texts"],
)
def test_unusable_rows_are_a_one_line_error(finished: Path, tmp_path: Path, content: str, more: dict) -> None:  # type: ignore[type-arg]
    path = tmp_path / "odd.csv"
    path.write_text(content)
    with pytest.raises(RankfirstError):
        drift(finished, path, **more)


def test_labels_of_another_task_are_an_error_that_names_one(finished: Path, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("text,label\nsend,parcel\ncash,parcel\n")
    with pytest.raises(OptionError, match="'parcel' is not"):
        drift(finished, path)


def test_a_missing_run_is_a_one_line_error(tmp_path: Path) -> None:
    with pytest.raises(RunError):
        drift(tmp_path / "nowhere", newer(tmp_path))


def test_drift_of_an_n_gram_model(tmp_path: Path) -> None:
    """Told in the folder of another run: a delivery of n-grams is rare on rows this small."""
    folder = tmp_path / "run" / "model"
    from rankfirst.baselines import fit_tfidf

    dataset = load_dataset(runs.write_rows(tmp_path, rows=300))
    fitted = fit_tfidf(dataset, (), 0).model
    fitted.save(folder)
    calibration = {"rung": "tfidf", "temperature": 1.0, "ece_before": 0.1, "ece_after": 0.1, "thresholds": None,
                   "moved": 0, "at_least_one": False, "f1_before": 0.9, "f1_after": 0.9, "abstain": None}  # fmt: skip
    facts = {"kind": "tfidf", "multi_label": False, "classes": list(dataset.classes), "calibration": calibration}
    (folder / "decision.json").write_text(json.dumps(facts))
    command = f"rankfirst fit {tmp_path / 'rows.csv'} -o {tmp_path / 'run'}"
    event = {"n": 1, "at": "2026-01-01T00:00:00+00:00", "seconds": 0.0, "kind": "run", "key": "",
             "payload": {"command": command, "fingerprint": dataset.fingerprint}}  # fmt: skip
    (tmp_path / "run" / "journal.jsonl").write_text(json.dumps(event) + "\n")
    found = drift(tmp_path / "run", newer(tmp_path))
    assert found.seen.source == "file" and found.seen.f1 is not None and found.seen.abstain is None
    assert isinstance(found.answer, Retrain)
    model = load(tmp_path / "run")
    kept = reference_rows(tmp_path / "run", Reader(model), None, None, lambda *a: None).sketch
    kept.save(folder)
    assert not len(kept.vectors) and kept.held.shape[1] == 3
    told = drift(without_file(tmp_path / "run"), newer(tmp_path))
    assert told.seen.source == "reference" and repr(told.seen.f1) == repr(found.seen.f1)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "rankfirst fit a.csv -o run --val b.csv --seed 3 --force",
            Command("a.csv", {"val": "b.csv", "seed": "3"}),
        ),
        ("rankfirst fit ROWS -o run", None),
        ("rankfirst fit 'a b.csv' -o run", Command("a b.csv", {})),
        ("", None),
        ("rankfirst fit 'a", None),
    ],
)
def test_the_command_of_a_run_is_read(line: str, told: Command | None) -> None:
    assert Command.of(line) == told


def test_the_command_line_answers_with_its_exit_code(finished: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "rankfirst", "drift", str(finished), str(newer(tmp_path)), "-o", str(tmp_path / "d")]
    done = runs.finish([*words, "--json"])
    told = json.loads(done.stdout)
    assert done.returncode == {"no": 0, "yes": 1, "unknown": 2}[told["answer"]], done.stderr
    assert (tmp_path / "d" / "drift.html").is_file()
    plain = runs.finish([*words, "--lang", "zh"])
    assert plain.returncode == done.returncode and "重新训练" in plain.stdout.splitlines()[0]
    assert runs.finish([*words[:5], "missing.csv"]).returncode == 2
