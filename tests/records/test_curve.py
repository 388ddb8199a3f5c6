"""Which evaluation of a run is the best one."""

import math

from rankfirst.records import Curve, Evaluation, Health, Recipe, Sites, from_json, to_json
from rankfirst.records.recipe import ATTENTION_QV


def seen(epoch: int, f1: float, occurring: float | None = None) -> Evaluation:
    return Evaluation(epoch, float(epoch), 1.0, f1, f1, (f1, math.nan), 1.0, f1, occurring)


def curve(*evaluations: Evaluation) -> Curve:
    recipe = Recipe(8, Sites(ATTENTION_QV, 2), 1.0, 1e-4, 0.05)
    return Curve(recipe, Health.FINE, 3, 1, (1,), (1.0,), (1.0,), evaluations, (), (), (), 0, 1.0, 1, 1.0)


def test_a_stray_prediction_of_an_absent_class_does_not_choose_the_epoch() -> None:
    # One answer of epoch 2 names a class without validation rows, which then counts as F1 0 among 15 classes.
    told = curve(seen(0, 0.70, 0.70), seen(1, 0.80, 0.80), seen(2, 0.79, 0.85))
    assert told.best.epoch == 2


def test_an_old_journal_is_judged_as_it_was() -> None:
    told = curve(seen(0, 0.70), seen(1, 0.80), seen(2, 0.79))
    assert told.best.epoch == 1
    old = to_json(told)
    for evaluation in old["evaluations"]:
        del evaluation["val_f1_occurring"]
    assert from_json(Curve, old).best.epoch == 1


def test_nan_is_never_the_best_and_ties_go_to_the_earlier() -> None:
    assert curve(seen(0, math.nan), seen(1, 0.5), seen(2, 0.5)).best.epoch == 1
