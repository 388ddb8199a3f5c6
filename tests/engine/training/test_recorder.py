"""When a final training ends before its last epoch."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from rankfirst.engine.base import FinalPlan
from rankfirst.engine.training.recorder import Recorder
from rankfirst.records import Evaluation
from tests.engine import tiny


def tired(f1: Sequence[float], train: float, plan: FinalPlan, tail: Sequence[float] = ()) -> bool:
    """After one evaluation an epoch, the first before any step; `train`: macro-F1 on training rows at the last one."""
    recalls = tail or [0.5] * len(f1)
    looks = tuple(
        Evaluation(10 * i, float(i), 1.0, one, one, (1.0, recall), 1.0, train)
        for i, (one, recall) in enumerate(zip(f1, recalls, strict=True))
    )
    before: Any = SimpleNamespace(evaluations=looks, train_wrong=(), val_log_loss=(), val_predicted=(),
                                  end_log_loss=(), end_predicted=())  # fmt: skip
    loop: Any = SimpleNamespace(recipe=replace(tiny.recipe(), batch_size=4), state=SimpleNamespace(epochs=len(f1) - 1))
    return Recorder(loop, 40, before, plan).tired(plan)


@pytest.mark.parametrize(("f1", "told"), [
    ([0.5, 0.4, 0.4], True),
    ([0.5, 0.4], False),
    ([0.1, 0.2, 0.3], False),
    ([0.1, 0.5, 0.4, 0.4], True),
    ([0.1, 0.5, 0.4, 0.6], False),
])  # fmt: skip
def test_patience_counts_only_once_the_training_rows_are_learnt(f1: list[float], told: bool) -> None:
    plan = FinalPlan(10, 2, learnt=0.98)
    assert tired(f1, 0.98, plan) is told
    assert not tired(f1, 0.97, plan)
    assert tired(f1, 0.0, FinalPlan(10, 2)) is told


def test_an_epoch_turned_down_for_its_tail_is_waited_on_too() -> None:
    rising, falling = [0.1, 0.2, 0.3, 0.4], [0.5, 0.5, 0.1, 0.1]
    assert not tired(rising, 1.0, FinalPlan(10, 2), falling)
    assert tired(rising, 1.0, FinalPlan(10, 2, tail=(1,)), falling)
