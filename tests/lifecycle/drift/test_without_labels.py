"""Figures without labels: what is estimated, when it cannot be, what of a promise is broken, which rows would tell."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rankfirst.data import Sketch
from rankfirst.lifecycle.drift import NewRows, compare, drift
from rankfirst.lifecycle.drift.without_labels import Watched, estimate, random_rows, to_label
from rankfirst.lifecycle.promise import promise
from rankfirst.measure.calibration import log_odds
from rankfirst.measure.label_free import Rows
from rankfirst.measure.scores import as_tuples
from rankfirst.model import manifest
from rankfirst.model.classifier import load
from rankfirst.policy.drift import promised_precision_all, retrain
from rankfirst.records import Clause, Drift, Estimated, EstimatedShare, Promise, Retrain
from rankfirst.report import drift_summary, write_drift
from rankfirst.report.drift import TO_LABEL, render_drift
from tests.lifecycle.drift import rows
from tests.lifecycle.test_promise import WORDS, delivered, labelled

NAMES = ("a", "b", "c")
PROMISE = Promise(0.95, (Clause("precision", "", 0.8, 100, 95, 0.9),), 0.0, None, 100, 1.0)


def drawn(n: int, seed: int, sharp: float) -> tuple[Rows, np.ndarray]:
    """Calibrated rows of three classes: the sharper, the more are right."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(3, 1 / sharp), n)
    truth = np.eye(3, dtype=bool)[[rng.choice(3, p=row) for row in p]]
    decided = np.eye(3, dtype=bool)[p.argmax(axis=1)]
    return Rows(p, decided, decided, np.ones(n, dtype=bool)), truth


def watched(sharp: float = 8.0, n: int = 600, **more: object) -> Watched:
    reference, truth = drawn(600, 1, 8.0)
    new, _ = drawn(n, 2, sharp)
    return replace(Watched(NAMES, False, reference, truth, new, {}, 0.0, False, PROMISE), **more)  # type: ignore[arg-type]


def test_macro_f1_and_precision_are_estimated_near_the_truth() -> None:
    found = estimate(watched(3.0))
    new, truth = drawn(600, 2, 3.0)
    right = float((new.decided & truth).any(axis=1).mean())
    assert found.f1 is not None
    assert found.f1.low <= right <= found.f1.high < found.f1.before  # balanced classes: macro-F1 is near accuracy
    assert [own.name for own in found.precision] == list(NAMES)


@pytest.mark.parametrize(("sharp", "verdict"), [(8.0, "kept"), (1.0, "broken")])
def test_a_promise_is_kept_or_broken(sharp: float, verdict: str) -> None:
    found = estimate(watched(sharp))
    assert [own.verdict for own in found.clauses] == [verdict]
    assert (promised_precision_all(found) is not None) == (verdict == "broken")


@pytest.mark.parametrize(
    ("more", "blind"),
    [({"n": 20}, ("few",)), ({"unlike": 0.4}, ("unlike",)), ({"strange": True}, ("strange",)), ({}, ())],
)
def test_it_says_when_it_cannot_tell_and_asks_for_labels(more: dict[str, object], blind: tuple[str, ...]) -> None:
    found = estimate(watched(**more))  # type: ignore[arg-type]
    assert found.blind == blind
    assert bool(found.to_label) == bool(blind and blind != ("few",))


def test_with_labels_it_answers_all_the_same() -> None:
    _, truth = drawn(600, 2, 8.0)
    found = estimate(watched(unlike=0.4, labels={row: truth[row] for row in range(100)}))
    assert (found.blind, found.corrected, found.labelled) == ((), True, 100)


def test_more_labels_are_asked_for_the_closer_it_is() -> None:
    near, far = (EstimatedShare("precision", "", 0.9, value, 0.8, 0.95, 0.9) for value in (0.89, 0.83))
    assert 50 <= to_label(None, [far]) < to_label(None, [near]) <= 500
    assert to_label(None, [replace(near, low=0.91)]) == 0


def test_the_rows_to_label_are_random_unlabelled_and_distinct() -> None:
    new = NewRows(["x", "x", "y", "z"], np.zeros((4, 2), np.float32), np.eye(3)[[0, 0, 1, 2]], [(), (), (), ()])
    asked = random_rows(10, new, rows.RULE, {3: None}, 0)
    assert [row.text for row in asked] == ["x", "y"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_and_the_lines_tell_it(lang: str, tmp_path: Path) -> None:
    kinds = rows.drawn(300, 3)
    new = rows.new(kinds)
    seen = compare(rows.known(side=True), new, rows.RULE)
    asked = tuple(random_rows(60, new, rows.RULE, (), 0))
    for found in (estimate(watched(1.0)), estimate(watched(unlike=0.4)), Estimated(blind=("few",))):
        check = Drift("runs/shop", "new.csv", *retrain(seen), seen, 1.0, "", found, asked)
        told = "\n".join(line.text for line in drift_summary(check, lang, 100))  # type: ignore[arg-type]
        assert "drift." not in told and TO_LABEL in told
        assert ("drift.estimated" not in render_drift(check, lang)) and TO_LABEL in render_drift(check, lang)  # type: ignore[arg-type]
    write_drift(check, tmp_path / "d", lang)  # type: ignore[arg-type]
    listed = list(csv.DictReader((tmp_path / "d" / TO_LABEL).read_text("utf-8").splitlines()))
    assert len(listed) == 60 and not any(row["label"] for row in listed)


def test_a_delivery_keeps_what_the_estimate_starts_from(tmp_path: Path) -> None:
    run, shown = delivered(tmp_path), labelled(tmp_path / "shown.csv")
    keep_reference(run)
    promise(run, precision_all=0.9, rows=shown)
    later = tmp_path / "later.csv"
    later.write_text("text\n" + "\n".join(f"{WORDS[i % 3]} please {i}" for i in range(240)), encoding="utf-8")
    found = drift(run, later).estimated
    assert found is not None and found.f1 is not None and found.f1.low <= 1.0
    assert [(own.kind, own.least) for own in found.clauses] == [("precision", 0.9)]
    answers = tmp_path / "to_label.csv"
    rows_labelled = [f"{WORDS[i % 3]} please {i},{WORDS[(i + 1) % 3]}" for i in range(60)]  # the world has moved
    answers.write_text("text,label\n" + "\n".join(rows_labelled), encoding="utf-8")
    corrected = drift(run, later, labels=answers)
    assert corrected.estimated is not None and corrected.estimated.corrected
    assert corrected.answer is Retrain.YES and corrected.reasons[0].rule == "promise_precision_all"


def keep_reference(run: Path) -> None:
    """Write the reference of an n-gram delivery, as `fit` does."""
    model = load(run)
    texts = [f"{WORDS[i % 3]} {i}" for i in range(150)]
    p = model.predict_proba(texts)
    told, true = as_tuples(model.decide(p)), tuple((i % 3,) for i in range(150))
    odds = log_odds(p, False).astype(np.float32)
    Sketch(odds[:0], (), odds, p.max(axis=1), told, (true, told), {}, 150, judged_p=p).save(run / "model")
    manifest.write(run / "model")
