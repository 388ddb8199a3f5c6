"""A text for a delivered model: answer, confidence, when it abstains, training rows like it."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rankfirst.errors import RunError
from rankfirst.ui.acts import trial
from rankfirst.ui.acts.trial import indexed, nearest
from tests.ui.conftest import acting, ids, post

P = np.array([[0.2, 0.7, 0.1]])


@dataclass
class Model:
    """What the page needs of a classifier."""

    multi_label: bool = False
    below: float = 0.5
    score: str = "max_prob"
    classes: tuple[str, ...] = ("fee", "<b>refund</b>", "top_up")
    calibration: Any = None

    def __post_init__(self) -> None:
        self.calibration = SimpleNamespace(costs=None)

    def read(self, texts: list[str]) -> Any:
        return SimpleNamespace(probabilities=np.repeat(P, len(texts), axis=0))

    def answers(self, read: Any) -> list[Any]:
        return [["fee", "top_up"]] if self.multi_label else ["<b>refund</b>"]

    def scope(self, read: Any) -> Any:
        return SimpleNamespace(score=self.score, values=np.array([0.7]), threshold=self.below) if self.score else None

    def abstains(self, read: Any) -> Any:
        return np.array([bool(self.score) and 0.7 < self.below])


def ask(place: Path, model: Any, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Any:
    rows = indexed(["where is my parcel", "give my money back"], [("fee",), ("top_up",)])
    monkeypatch.setattr(trial, "_training_rows", lambda run: rows)
    page = acting(place, load=lambda run: model, **options)
    return post(page, f"/run/{ids(page)['first']}/try", text="my money please")


def test_the_answer_with_its_confidence_and_rows_like_it(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = ask(place, Model(), monkeypatch)
    assert answer.status_code == 200 and "&lt;b&gt;refund&lt;/b&gt;" in answer.text and "<b>refund" not in answer.text
    assert "70.0%" in answer.text and "below 50.0%" in answer.text and "give my money back" in answer.text
    assert answer.text.count("my money please") == 1  # in its field


@pytest.mark.parametrize(("model", "words"), [
    (Model(below=0.9), "abstains</span>"), (Model(score="mahalanobis"), "Mahalanobis"), (Model(score="knn"), "nearest"),
    (Model(score="energy"), "energy"), (Model(score=""), "answers every text"), (Model(True), "fee, top_up"),
])  # fmt: skip
def test_what_makes_it_abstain(place: Path, monkeypatch: pytest.MonkeyPatch, model: Model, words: str) -> None:
    assert words in ask(place, model, monkeypatch).text


def test_without_texts_no_row_is_shown(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = ask(place, Model(), monkeypatch, texts=False)
    assert answer.status_code == 200 and "give my money back" not in answer.text and "similar" not in answer.text


def test_a_run_without_a_model_says_so(place: Path) -> None:
    def load(run: Path) -> Any:
        raise RunError("run.unfinished", path=str(run))

    page = acting(place, load=load)
    answer = post(page, f"/run/{ids(page)['first']}/try", text="x")
    assert answer.status_code == 400 and "Traceback" not in answer.text and str(place / "first") in answer.text
    assert post(page, f"/run/{ids(page)['first']}/try", text="  ").status_code == 400
    assert post(page, "/run/000000000000/try", text="x").status_code == 404


def test_a_fragment_for_htmx(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = acting(place, load=lambda run: Model())
    address = f"/run/{ids(page)['first']}/try"
    answer = page.post(address, data={"csrf": page.csrf, "text": "x"}, headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith('<div id="answer"') and "no longer where it was" in answer.text


def test_a_model_is_loaded_once_and_again_if_another_was_delivered(place: Path) -> None:
    loaded: list[Path] = []
    trials = trial.Trials(lambda run: loaded.append(run) or Model())
    (place / "first" / "model").mkdir()
    for _ in range(2):
        trials.ask(place / "first", "x", rows=False)
    assert loaded == [place / "first"]
    (place / "first" / "model").rmdir()
    trials.ask(place / "first", "x", rows=False)
    assert len(loaded) == 2


def test_rows_that_share_nothing_are_not_like_it() -> None:
    rows = indexed(["退款什么时候到", "怎么充值"], [("a",), ("b",)])
    assert rows is not None and [n.text for n in nearest(rows, "退款到了吗")] == ["退款什么时候到"]
    assert nearest(rows, "xyz") == () and indexed([" ", ""], [("a",), ("b",)]) is None


@pytest.mark.slow
@pytest.mark.parametrize("name", ["single", "multi"])
def test_a_model_that_was_delivered(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rankfirst.model import classifier
    from rankfirst.run.source_rows import rows_of

    kept = Path(__file__).parents[2] / "first_edition"
    for folder in (kept / name, kept / "base"):
        shutil.copytree(folder, tmp_path / "at" if folder.name == name else tmp_path / "at" / "base")
    monkeypatch.chdir(tmp_path / "at")
    model, run = classifier.load(Path("run")), tmp_path / "at" / "run"
    rows = rows_of(run)
    assert rows is not None
    text = rows.train.texts[0]
    found = trial.Trials(classifier.load).ask(run, text)
    assert found.answer == tuple(np.atleast_1d(np.asarray(model.predict([text])[0], dtype=object)))
    assert found.abstains is bool(model.predict([text], abstain=True)[0] is None) and found.score
    assert found.neighbours and found.neighbours[0].text == text and found.neighbours[0].similarity > 0.99
