"""Figures of unlabelled rows are estimated with an interval that holds what it should, and blindness is noticed."""

from typing import Any

import numpy as np
import pytest

from rankfirst.measure.label_free import Estimate, Rows, adapt, draw_labels, unlike
from rankfirst.measure.scores import indicator

CLASSES = 4


def drawn(rows: int, seed: int, shares: Any = None, overconfident: float = 1.0) -> tuple[Rows, Any]:
    """Rows whose probabilities are right where `overconfident` is 1."""
    rng = np.random.default_rng(seed)
    shares = np.full(CLASSES, 1 / CLASSES) if shares is None else np.asarray(shares)
    main = rng.choice(CLASSES, rows, p=shares)
    logits = rng.normal(0, 1.2, (rows, CLASSES)) + 2.4 * np.eye(CLASSES)[main]
    log_likelihood = logits * 2.4 / 1.44  # of a class, for these logits
    p = np.exp(overconfident * log_likelihood)
    p /= p.sum(axis=1, keepdims=True)
    decided = np.eye(CLASSES, dtype=bool)[p.argmax(axis=1)]
    return Rows(p, decided, decided, np.ones(rows, dtype=bool)), np.eye(CLASSES, dtype=bool)[main]


def accuracy(truth: Any, rows: Rows) -> tuple[Any, Any]:
    return np.array([(truth & rows.decided).any(axis=1).mean()]), np.array([float(len(truth))])


@pytest.mark.parametrize("overconfident", [1.0, 1.5])
def test_the_interval_holds_the_truth(overconfident: float) -> None:
    held = 0
    for seed in range(20):
        reference, truth = drawn(400, seed, overconfident=overconfident)
        new, hidden = drawn(400, 100 + seed, (0.5, 0.3, 0.1, 0.1), overconfident)
        found = Estimate(reference, truth, new, accuracy, False, seed).interval()
        held += bool(found.low[0] <= accuracy(hidden, new)[0][0] <= found.high[0])
    assert held >= 17


def test_class_shares_that_moved_are_adapted_to() -> None:
    shares = (0.7, 0.1, 0.1, 0.1)
    new, _ = drawn(2_000, 1, shares)
    moved = adapt(new.p, np.full(CLASSES, 0.25), False).mean(axis=0)
    before = np.abs(new.p.mean(axis=0) - shares).max()
    assert np.abs(moved - shares).max() < min(0.03, before)


def test_labels_correct_an_estimate_that_the_reference_cannot() -> None:
    reference, truth = drawn(600, 1)
    new, hidden = drawn(600, 2, overconfident=6.0)  # far surer than right, as on texts of another kind
    maker = Estimate(reference, truth, new, accuracy, False)
    true = accuracy(hidden, new)[0][0]
    labels = {row: hidden[row] for row in range(0, 600, 4)}
    assert abs(maker.interval(labels).value[0] - true) < abs(maker.interval().value[0] - true)


def test_drawn_labels_have_their_probabilities() -> None:
    p = np.array([[0.2, 0.5, 0.3]] * 4_000)
    rng = np.random.default_rng(0)
    assert draw_labels(p, False, rng).mean(axis=0) == pytest.approx([0.2, 0.5, 0.3], abs=0.03)
    assert (draw_labels(p, False, rng).sum(axis=1) == 1).all()
    assert draw_labels(p, True, rng).mean(axis=0) == pytest.approx([0.2, 0.5, 0.3], abs=0.03)


def test_rows_unlike_all_training_rows_are_noticed_and_other_class_shares_are_not() -> None:
    rng = np.random.default_rng(0)
    centres = 3 * rng.normal(size=(CLASSES + 1, 8))

    def near(kinds: Any) -> Any:
        return (centres[kinds] + rng.normal(size=(len(kinds), 8))).astype(np.float32)

    def kinds(rows: int, shares: tuple[float, ...]) -> Any:
        return rng.choice(CLASSES + 1, rows, p=shares)

    known = near(kinds(800, (0.25, 0.25, 0.25, 0.25, 0)))
    before, mixed = kinds(500, (0.25, 0.25, 0.25, 0.25, 0)), kinds(500, (0.7, 0.1, 0.1, 0.1, 0))
    strange = kinds(500, (0.2, 0.2, 0.2, 0.2, 0.2))
    told = [indicator([(int(k) % CLASSES,) for k in each], CLASSES) for each in (before, mixed, strange)]
    vectors = [near(each) for each in (before, mixed, strange)]
    assert unlike(vectors[0], vectors[1], known, (told[0], told[1])) < 0.03
    assert unlike(vectors[0], vectors[2], known, (told[0], told[2])) > 0.08
    assert unlike(vectors[0], vectors[2], known[:0], (told[0], told[2])) == 0.0
