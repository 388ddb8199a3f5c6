"""Class prototypes: a linear head, a share chosen on unseen rows, and a sum of two heads that is one head."""

from dataclasses import replace

import numpy as np
import pytest

from rankfirst.baselines import fit_frozen, refit_frozen
from rankfirst.baselines.folds import assign_folds
from rankfirst.baselines.linear_head import LinearHead
from rankfirst.baselines.prototypes import SCALE, Mix, choose_mix, prototype_head, prototype_logits
from rankfirst.measure.scores import indicator
from tests.baselines.rows import dataset, features, multi, single


def few(noise=1.2, rows=3):
    """Few rows of many classes in many columns, where a mean generalises and a regression overfits."""
    rng = np.random.default_rng(0)
    labels = [(c,) for c in range(12) for _ in range(rows)]
    unseen = [(c,) for c in range(12) for _ in range(20)]
    centres = rng.normal(size=(12, 60))
    made = [
        np.float32([centres[c] for (c,) in each] + noise * rng.normal(size=(len(each), 60)))
        for each in (labels, unseen)
    ]
    return dataset(labels, unseen, classes=12), *made


def test_the_logits_are_near_the_cosines_with_the_means():
    data, train, _ = few()
    truth = indicator(data.train.labels, 12)
    unit = train / np.linalg.norm(train, axis=1, keepdims=True)
    means = np.stack([unit[truth[:, c]].mean(axis=0) for c in range(12)])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    logits = prototype_head(train, truth).logits(train)
    assert (logits.argmax(axis=1) == (unit @ means.T).argmax(axis=1)).all()
    assert np.corrcoef(logits.ravel(), (unit @ means.T).ravel())[0, 1] > 0.98


def test_a_class_without_rows_is_never_the_answer():
    truth = np.zeros((6, 3), dtype=bool)
    truth[:3, 0] = truth[3:, 2] = True
    rows = np.float32(np.random.default_rng(1).normal(size=(6, 4)))
    head = prototype_head(rows, truth)
    assert np.isfinite(head.weight).all() and not (head.logits(-rows).argmax(axis=1) == 1).any()


def test_rows_of_zeros_do_no_harm():
    head = prototype_head(np.zeros((4, 3), dtype=np.float32), np.eye(4, 2, dtype=bool))
    assert np.isfinite(head.weight).all() and np.isfinite(head.bias).all()


def test_every_row_is_answered_by_means_without_it():
    data, train, _ = few(rows=4)
    truth, fold = indicator(data.train.labels, 12), assign_folds(data.train.labels, 4, 0)
    found = prototype_logits(train, truth, fold)
    head = prototype_head(train[fold != 2], truth[fold != 2])
    assert found[fold == 2] == pytest.approx(head.logits(train[fold == 2]), abs=1e-4)


def test_a_sum_of_two_heads_is_one_head():
    rng = np.random.default_rng(2)
    one, two = (LinearHead(*(np.float32(rng.normal(size=s)) for s in ((3, 5), 3)), False, 1.0) for _ in range(2))
    rows, mix = np.float32(rng.normal(size=(7, 5))), Mix(0.3, 2.0, 0.5)
    both = mix.head(one, two, 1.7)
    assert both.temperature == 1.7
    assert both.logits(rows) == pytest.approx(mix.logits(one.logits(rows), two.logits(rows)), abs=1e-4)


def test_prototypes_beside_a_regression_on_unit_length_are_cosines():
    rng = np.random.default_rng(4)
    rows, truth = np.float32(rng.normal(size=(40, 6))), indicator([(c,) for c in range(4) for _ in range(10)], 4)
    head = prototype_head(rows, truth, normalize=True)
    assert head.normalize and np.abs(head.logits(rows)).max() <= SCALE + 1e-4
    assert head.logits(9 * rows) == pytest.approx(head.logits(rows), abs=1e-4)
    assert Mix(0.3, 2.0, 0.5).head(replace(head, weight=2 * head.weight), head, 1.7).normalize


def test_what_knows_nothing_gets_no_share():
    truth = indicator([(c,) for c in range(4) for _ in range(30)], 4)
    rng = np.random.default_rng(3)
    good, poor = truth * 6.0 + rng.normal(size=truth.shape), rng.normal(size=truth.shape)
    assert choose_mix(good, poor, truth, 0) is None
    assert choose_mix(poor, good, truth, 0) is not None


def test_few_rows_of_many_classes_get_prototypes_and_gain_by_them():
    data, train, unseen = few()
    fitted, alone = (
        fit_frozen({"mean": train}, {"mean": unseen}, data, [], prototypes=allowed) for allowed in (True, False)
    )
    assert fitted.mix is not None and fitted.rung.details["prototypes"] == fitted.mix.share > 0
    assert alone.mix is None and alone.rung.details["prototypes"] == 0
    assert fitted.rung.val.log_loss < alone.rung.val.log_loss
    assert fitted.rung.val.macro_f1 >= alone.rung.val.macro_f1
    # LoRA starts as it would without, and suspect labels are searched as they would be.
    assert (fitted.start.weight == alone.start.weight).all() and (fitted.sober == alone.sober).all()
    assert fitted.head.weight.shape == alone.head.weight.shape and fitted.head.megabytes == alone.head.megabytes


def test_the_refitted_head_is_mixed_as_the_first_one():
    data, train, unseen = few()
    fitted = fit_frozen({"mean": train}, {"mean": unseen}, data, [])
    again = refit_frozen(fitted, train, unseen, data)
    assert again.temperature == fitted.head.temperature
    scores = again.predict_proba(unseen).argmax(axis=1) == [c for (c,) in data.val.labels]
    assert scores.mean() > 0.9


@pytest.mark.parametrize("data", [single(), multi()], ids=["single", "multi"])
def test_label_sets_and_easy_rows_are_left_alone(data):
    made = [{"mean": features(part.labels, 4, noise=0.3, seed=s)} for s, part in enumerate((data.train, data.val))]
    fitted = fit_frozen(*made, data, [])
    assert fitted.rung.details["prototypes"] == (fitted.mix.share if fitted.mix else 0)
    if data.multi_label:
        assert fitted.mix is None
