"""Predictions are decoded once, and every figure is made of the same answers."""

import numpy as np
import pytest

from rankfirst.measure.decoding import Decoding, mean_cost
from rankfirst.measure.predictions import Predictions
from rankfirst.measure.scores import accuracy, confusions, log_loss, macro_f1, predict_labels
from rankfirst.records import Costs, Dataset, Split

RNG = np.random.default_rng(0)


def dataset(multi: bool, empty: bool = False) -> Dataset:
    """Validation rows at random; `empty`: a training row has no label."""
    rows = [(c,) for c in RNG.integers(0, 3, 60).tolist()]
    if multi:
        rows = [tuple(sorted({*row, int(RNG.integers(3))})) for row in rows]
    train = [*rows, ()] if empty else rows
    texts = tuple(f"row {i}" for i in range(61))
    return Dataset("made", ("a", "b", "c"), multi, Split(texts[: len(train)], tuple(train)),
                   Split(texts[:60], tuple(rows)), None)  # fmt: skip


@pytest.mark.parametrize("multi", [False, True])
def test_every_metric_uses_the_decoded_answers(multi: bool) -> None:
    data, logits = dataset(multi), RNG.normal(-1, 2, (60, 3))
    said = Predictions.of(data, data.val, logits, temperature=2.0)
    p, scores = said.probabilities, said.scores([1])
    expected = predict_labels(p, multi, None, at_least_one=multi)
    assert (said.answers == expected).all() and (said.logits == logits / 2).all()
    assert said.labels == tuple(tuple(np.flatnonzero(row).tolist()) for row in expected)
    assert scores.macro_f1 == macro_f1(said.truth, expected)
    assert scores.accuracy == accuracy(said.truth, expected) == said.right.mean()
    assert scores.log_loss == log_loss(said.truth, p, multi).mean() == said.log_loss.mean()
    assert scores.tail_recall == scores.per_class_recall["b"]
    assert said.confusions(3) == confusions(said.truth, expected, 3)


def test_at_least_one_label_is_given_if_every_training_row_has_one() -> None:
    weak = np.full((60, 3), -3.0)
    full, some = (Predictions.of(data, data.val, weak) for data in (dataset(True), dataset(True, empty=True)))
    assert full.answers.any(axis=1).all() and not some.answers.any()


def test_the_same_probabilities_can_be_decoded_differently() -> None:
    data = dataset(False)
    said, costs = Predictions.of(data, data.val, RNG.normal(0, 1, (60, 3))), Costs(((0, 1, 9.0),), abstain=0.2)
    dear = said.decoded(Decoding(False, costs=costs))
    assert dear.probabilities is said.probabilities and (dear.answers != said.answers).any()
    assert dear.mean_cost(costs) == mean_cost(dear.truth, dear.answers, costs) < said.mean_cost(costs)
    left = np.ones(60, dtype=bool)
    assert dear.mean_cost(costs, left) == pytest.approx(0.2)


def test_a_class_without_rows_is_named() -> None:
    data = dataset(False)
    part = Split(data.val.texts[:20], tuple((0,) if c == (2,) else c for c in data.val.labels[:20]))
    scores = Predictions.of(data, part, RNG.normal(0, 1, (20, 3))).scores()
    assert scores.unjudged == ("c",) and scores.per_class_recall["c"] is None
    assert Predictions.of(data, data.val, RNG.normal(0, 1, (60, 3))).scores().unjudged == ()
