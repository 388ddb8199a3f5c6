"""The frozen rung: the better pooling, probabilities of unseen rows, and every awkward set of rows."""

import numpy as np
import pytest

from rankfirst.baselines import fit_frozen, frozen, refit_frozen
from rankfirst.baselines.folds import assign_folds, subsample
from rankfirst.baselines.frozen import C_PATH
from rankfirst.engine.training import memory_mapped
from rankfirst.measure.calibration import held_out_log_loss, probabilities
from rankfirst.measure.scores import indicator, log_loss
from tests.baselines.rows import dataset, features, multi, single


def fit(data, noise=0.5, seed=0):
    count = len(data.classes)
    train = {
        "noise": features([()] * len(data.train), count, seed=5),
        "mean": features(data.train.labels, count, noise=noise, seed=1),
    }
    val = {
        "noise": features([()] * len(data.val), count, seed=6),
        "mean": features(data.val.labels, count, noise=noise, seed=2),
    }
    return fit_frozen(train, val, data, tail=[0], seed=seed), train, val


@pytest.mark.parametrize("data", [single(), multi()], ids=["single", "multi"])
def test_finds_the_pooling_that_knows_something(data):
    fitted, _, _ = fit(data)
    assert fitted.pooling == fitted.rung.details["pooling"] == "mean"
    assert fitted.rung.name == "frozen"
    assert fitted.rung.details["C"] in C_PATH
    assert fitted.rung.val.macro_f1 > 0.9
    assert fitted.rung.megabytes == fitted.head.megabytes
    assert fitted.head.weight.shape == (4, 10)
    truth = indicator(data.val.labels, 4)
    again = held_out_log_loss(fitted.val.logits, truth, data.multi_label)
    assert fitted.rung.val_log_loss == pytest.approx(again)  # calibrated as every rung is
    assert fitted.out_of_fold.shape == (len(data.train), 4)


@pytest.mark.parametrize("data", [single(), multi()], ids=["single", "multi"])
def test_the_head_that_lora_starts_from_has_more_to_learn(data):
    """It is fitted at a stronger penalty than the one with the lowest held-out log-loss."""
    fitted, train, _ = fit(data, noise=1.0)
    truth, multi_label = indicator(data.train.labels, 4), data.multi_label

    def loss(head):
        return log_loss(truth, probabilities(head.logits(train["mean"]), multi_label), multi_label).mean()

    assert fitted.rung.details["start_C"] <= 0.1 * max(C_PATH) and fitted.start.temperature == 1
    assert loss(fitted.start) > loss(fitted.head)


def test_the_start_is_a_tenth_of_the_penalty_that_predicts_unseen_rows_best():
    truth = indicator([(0,), (1,)] * 20, 2)
    sure = np.where(truth, 4.0, -4.0)
    trials = [np.zeros((40, 2)), sure, -sure, -sure, -sure]  # for each C of the path: the second predicts best

    def chosen(trials, left=lambda c: 9.0):
        return frozen.start_c(trials, truth, False, left)

    assert chosen(trials) == pytest.approx(0.1 * C_PATH[1])
    assert chosen([sure, *trials[2:], trials[0]]) == pytest.approx(frozen.LEAST_START_C)
    # Rows that are still learnt by heart at that penalty ask for a stronger one, once.
    assert chosen([*trials[2:], trials[0], sure], lambda c: 0.0) == pytest.approx(0.01 * C_PATH[-1])


def test_out_of_fold_rows_were_not_seen():
    data = single(n=200, classes=2)
    rng = np.random.default_rng(0)
    train = {"mean": rng.normal(size=(len(data.train), 100)).astype(np.float32)}  # nothing to learn, much to memorise
    fitted = fit_frozen(train, {"mean": rng.normal(size=(len(data.val), 100)).astype(np.float32)}, data, tail=[])
    right = fitted.out_of_fold.argmax(axis=1) == [row[0] for row in data.train.labels]
    assert 0.3 < right.mean() < 0.7
    assert fitted.head.temperature > 1.0  # and it knows that it is overconfident


def test_a_wrong_label_stands_out_of_fold():
    data = single()
    row = 40
    honest = data.train.labels[row][0]
    spoiled = list(data.train.labels)
    spoiled[row] = ((honest + 1) % 4,)
    raw = {"mean": features(data.train.labels, 4, noise=0.3)}
    wrong = dataset(spoiled, data.val.labels)
    fitted = fit_frozen(raw, {"mean": features(data.val.labels, 4, noise=0.3, seed=2)}, wrong, tail=[])
    assert fitted.out_of_fold[row].argmax() == honest


def test_classes_of_one_row_do_not_stop_it():
    data = dataset([(0,)] * 20 + [(1,)] * 2 + [(2,), (3,)], [(0,), (3,)])
    fitted, _, _ = fit(data)
    assert np.isfinite(fitted.out_of_fold).all()
    assert np.isfinite(fitted.rung.val.log_loss)


def test_fewer_rows_than_folds_do_not_stop_it():
    fitted, _, _ = fit(dataset([(0,), (1,), (2,)], [(0,)]))
    assert fitted.out_of_fold.shape == (3, 3)


def test_labels_of_all_rows_or_one_row_do_not_stop_it():
    rows = [(0,), (0, 1)] * 10 + [(0, 2)]
    fitted, _, _ = fit(dataset(rows, [*rows[:4], ()], multi_label=True))
    assert np.isfinite(fitted.out_of_fold).all()
    assert fitted.out_of_fold[:, 0].min() > 0.5


def test_the_same_twice():
    (one, _, _), (two, _, _) = fit(multi(), seed=3), fit(multi(), seed=3)
    np.testing.assert_array_equal(one.head.weight, two.head.weight)
    np.testing.assert_array_equal(one.out_of_fold, two.out_of_fold)
    assert one.head.temperature == two.head.temperature


def test_train_order_of_the_features_does_not_matter():
    data = single()
    fitted, train, val = fit(data)
    swapped = fit_frozen(dict(reversed(train.items())), val, data, tail=[0])
    np.testing.assert_array_equal(fitted.head.weight, swapped.head.weight)


@pytest.fixture
def few(monkeypatch):
    """C is chosen on 100 rows at most."""
    monkeypatch.setattr(frozen, "CHOICE_ROWS", 100)


@pytest.mark.parametrize("data", [single(n=400), multi(n=400)], ids=["single", "multi"])
def test_choosing_on_some_rows_ends_where_choosing_on_all_does(data, monkeypatch):
    whole, _, _ = fit(data)
    monkeypatch.setattr(frozen, "CHOICE_ROWS", 100)
    some, _, _ = fit(data)
    assert some.rung.details["choice_rows"] == 100 and whole.rung.details["choice_rows"] == len(data.train)
    assert some.rung.val.macro_f1 == pytest.approx(whole.rung.val.macro_f1, abs=0.02)
    assert some.out_of_fold.shape == whole.out_of_fold.shape
    assert some.rung.val.log_loss == pytest.approx(whole.rung.val.log_loss, abs=0.1)


def test_no_row_is_called_unseen_that_its_start_has_seen(few):
    data = single(n=300, classes=2)
    rng = np.random.default_rng(0)
    train = {"mean": rng.normal(size=(len(data.train), 150)).astype(np.float32)}  # much to memorise
    fitted = fit_frozen(train, {"mean": rng.normal(size=(len(data.val), 150)).astype(np.float32)}, data, tail=[])
    right = fitted.out_of_fold.argmax(axis=1) == [row[0] for row in data.train.labels]
    assert 0.35 < right.mean() < 0.65


def test_choice_rows_come_from_every_fold(few):
    labels = [(i % 4,) for i in range(600)]
    fold = assign_folds(labels, 3, 0)
    for k in range(3):
        assert (fold[subsample(labels, 200, 1)] == k).sum() > 40


def test_leaky_folds_choose_on_validation_with_some_rows_too(few, monkeypatch):
    monkeypatch.setattr(frozen, "folds_leak", lambda *args: True)
    fitted, _, _ = fit(single(n=400))
    assert fitted.rung.details["chosen_on"] == "validation" and fitted.rung.val.macro_f1 > 0.9
    assert fitted.out_of_fold.shape == (404, 4)


def test_a_text_takes_some_time():
    assert fit(single())[0].rung.ms_per_text > 0


@pytest.fixture
def many(monkeypatch):
    """As if there were more rows than may have out-of-fold probabilities."""
    monkeypatch.setattr(frozen, "FOLD_ROWS", 120)
    monkeypatch.setattr(frozen, "CHOICE_ROWS", 60)


@pytest.mark.parametrize("data", [single(), multi()], ids=["single", "multi"])
@pytest.mark.usefixtures("many")
def test_of_very_many_rows_some_are_held_out_and_all_are_learnt_from(data, monkeypatch):
    fitted, train, val = fit(data)
    assert len(fitted.rows) == len(fitted.out_of_fold) == len(fitted.sober) == 120
    assert fitted.rung.details["fold_rows"] == 120
    truth = indicator([data.train.labels[row] for row in fitted.rows], 4)
    assert log_loss(truth, fitted.out_of_fold, data.multi_label).mean() < 1.0  # its rows are these, in this order
    monkeypatch.undo()
    whole = fit_frozen(train, val, data, tail=[0])
    assert fitted.rung.val.macro_f1 == pytest.approx(whole.rung.val.macro_f1, abs=0.03)


@pytest.mark.usefixtures("many")
def test_half_precision_in_a_file_says_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(memory_mapped, "MEMORY_MEGABYTES", 0.0)
    data = single()
    fitted, train, val = fit(data)
    kept = {}
    for split, read in (("train", train), ("val", val)):
        kept[split] = memory_mapped.zeros(tuple(read), len(read["mean"]), read["mean"].shape[1], tmp_path)
        for name, array in read.items():
            memory_mapped.put(kept[split][name], slice(None), array)
            assert kept[split][name].dtype == np.float16
    again = fit_frozen(kept["train"], kept["val"], data, tail=[0])
    assert (again.pooling, again.rung.details["C"]) == (fitted.pooling, fitted.rung.details["C"])
    told = fitted.head.predict_proba(val["mean"]), again.head.predict_proba(kept["val"]["mean"])
    assert np.abs(told[0] - told[1]).max() < 0.02


def lengthy(n=300, seed=0):
    """Rows whose class is the direction of their states; their lengths are noise."""
    data = single(n=n, classes=6, seed=seed)
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(6, 12))

    def states(split, seed):
        draw = np.random.default_rng(seed)
        rows = directions[[c for (c,) in split.labels]] + draw.normal(0, 0.8, (len(split), 12))
        return (rows * np.exp(draw.normal(0, 1.5, (len(split), 1)))).astype(np.float32)

    return data, states(data.train, 1), states(data.val, 2)


def test_states_whose_length_says_nothing_are_brought_to_unit_length():
    data, train, val = lengthy()
    fitted, raw = (fit_frozen({"mean": train}, {"mean": val}, data, [], normalize=on) for on in (True, False))
    assert fitted.head.normalize and fitted.rung.details["normalize"] == 1
    assert not raw.head.normalize and raw.rung.details["normalize"] == 0
    assert fitted.rung.val.log_loss < raw.rung.val.log_loss and fitted.rung.val.macro_f1 > raw.rung.val.macro_f1
    scaled = val * np.exp(np.random.default_rng(3).normal(size=(len(val), 1))).astype(np.float32)
    np.testing.assert_allclose(fitted.head.logits(val), fitted.head.logits(scaled), rtol=1e-3, atol=1e-3)
    again = refit_frozen(fitted, train, val, data)
    assert again.normalize and again.temperature == fitted.head.temperature
    assert (again.predict_proba(val).argmax(axis=1) == [c for (c,) in data.val.labels]).mean() > 0.9


def test_lora_starts_on_raw_states_whatever_is_chosen():
    data, train, val = lengthy()
    fitted, raw = (fit_frozen({"mean": train}, {"mean": val}, data, [], normalize=on) for on in (True, False))
    np.testing.assert_array_equal(fitted.start.weight, raw.start.weight)
    assert not fitted.start.normalize and fitted.rung.details["start_C"] == raw.rung.details["start_C"]


def test_unit_length_is_for_poolings_whose_states_differ_in_length():
    data, train, val = lengthy()
    fitted = fit_frozen({"cls": train}, {"cls": val}, data, [])
    assert not fitted.head.normalize and fitted.rung.details["normalize"] == 0


def test_length_that_tells_classes_apart_is_kept():
    data = single(n=300, classes=3)
    rng = np.random.default_rng(0)

    def states(split):
        lengths = np.array([1.0, 3.0, 9.0])[[c for (c,) in split.labels]] * np.exp(rng.normal(0, 0.1, len(split)))
        return (np.full((len(split), 4), lengths[:, None]) + rng.normal(0, 0.1, (len(split), 4))).astype(np.float32)

    fitted = fit_frozen({"mean": states(data.train)}, {"mean": states(data.val)}, data, [])
    assert not fitted.head.normalize and fitted.rung.val.macro_f1 > 0.9


@pytest.mark.usefixtures("many")
def test_unit_length_is_chosen_on_some_of_very_many_rows():
    data, train, val = lengthy()
    fitted = fit_frozen({"mean": train}, {"mean": val}, data, [])
    assert fitted.head.normalize and len(fitted.out_of_fold) == 120 and fitted.rung.val.macro_f1 > 0.8
    assert refit_frozen(fitted, train, val, data) is fitted.head  # more rows change nothing


def test_unit_length_is_judged_on_validation_if_the_folds_leak(monkeypatch):
    monkeypatch.setattr(frozen, "folds_leak", lambda *args: True)
    data, train, val = lengthy()
    fitted = fit_frozen({"mean": train}, {"mean": val}, data, [])
    assert fitted.head.normalize and fitted.rung.details["chosen_on"] == "validation"


def test_a_higher_score_for_a_higher_loss_is_no_reason():
    truth = indicator([(c,) for c in range(2) for _ in range(60)], 2)
    sign = np.where(truth, 1.0, -1.0)
    wrong = np.arange(len(truth)) % 10 == 0
    raw = np.where(wrong[:, None], -0.05 * sign, 3.0 * sign)
    unit = np.where((np.arange(len(truth)) % 20 == 0)[:, None], -9.0 * sign, 1.0 * sign)
    assert not frozen.unit_length_is_better(raw, unit, truth, False, 0)
    assert frozen.unit_length_is_better(raw, 3.0 * sign, truth, False, 0)
