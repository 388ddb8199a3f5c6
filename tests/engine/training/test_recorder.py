"""Which epoch of a final training counts as the best."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rankfirst.engine.base import FinalPlan
from rankfirst.engine.training.recorder import Recorder
from rankfirst.records import Evaluation
from tests.engine import tiny


def recorded(
    looks: tuple[Evaluation, ...], plan: FinalPlan, rows: int = 100, kept: float | None = None, fresh: bool = False
) -> Recorder:
    """A recorder that goes on after these evaluations; `rows`: validation rows of each of two classes."""
    before: Any = SimpleNamespace(evaluations=looks, train_wrong=(), val_log_loss=(), val_predicted=(),
                                  end_log_loss=(), end_predicted=(), kept_epoch=kept)  # fmt: skip
    corpus = SimpleNamespace(truth={"val": np.repeat(np.eye(2, dtype=bool), rows, axis=0)})
    loop: Any = SimpleNamespace(recipe=replace(tiny.recipe(), batch_size=4), corpus=corpus,
                                state=SimpleNamespace(epochs=len(looks) - 1))  # fmt: skip
    return Recorder(loop, 40, before, plan, fresh=fresh)


@pytest.mark.parametrize("fresh", [True, False])
def test_an_untrained_start_is_no_epoch_to_keep(fresh: bool) -> None:
    """On a few rows it may score best by luck; a delivered adapter that training goes on from may be best indeed."""
    looks = tuple(
        Evaluation(10 * i, float(i), 1.0, f1, f1, (1.0, 1.0), 1.0, 0.5) for i, f1 in enumerate([0.7, 0.5, 0.6])
    )
    kept = recorded(looks, FinalPlan(10), fresh=fresh).best
    assert kept is not None and kept.epoch == (2 if fresh else 0)


@pytest.mark.parametrize(
    ("rows", "lost", "refused"),
    [
        pytest.param(3, 1, False, id="one-row-of-three"),
        pytest.param(3, 2, True, id="two-rows-of-three"),
        pytest.param(10, 1, False, id="one-row-of-ten"),
        pytest.param(100, 4, False, id="within-the-slack"),
        pytest.param(100, 20, True, id="many"),
    ],
)
def test_a_better_epoch_is_refused_only_for_tail_rows_lost_beyond_noise(rows: int, lost: int, refused: bool) -> None:
    looks = tuple(
        Evaluation(10 * i, float(i), 1.0, f1, f1, (1.0, recall), 1.0, 0.9)
        for i, (f1, recall) in enumerate([(0.70, 1.0), (0.85, 1 - lost / rows)])
    )
    best = recorded(looks, FinalPlan(10, tail=(1,)), rows).best
    assert best is not None and (best.epoch == 0) is refused
    again = recorded(looks, FinalPlan(10, tail=(1,)), rows, kept=0.0).best
    assert again is looks[0]  # what was kept on disk before a kill stays the best
