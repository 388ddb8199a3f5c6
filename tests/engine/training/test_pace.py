"""Precision and threads: what is measured, and when a measurement changes anything."""

import pytest
import torch

from rankfirst.engine.local import LocalEngine
from rankfirst.engine.training import pace as calibrate
from rankfirst.records import Pace, Trial
from tests.engine import tiny


def trial(dtype: str, threads: int, rate: float, deviation: float = 0.0) -> Trial:
    return Trial(dtype, threads, rate, deviation)


@pytest.mark.parametrize(
    ("halved", "narrow", "deviation", "expected"),
    [
        (105, 0, 0, (4, "float32")),  # noise does not change the number of threads
        (130, 0, 0, (2, "float32")),
        (90, 120, 0.001, (4, "float32")),  # a little faster is not worth another precision
        (90, 200, 0.001, (4, "bfloat16")),
        (90, 200, 0.1, (4, "float32")),  # fast and wrong
    ],
)  # fmt: skip
def test_only_clear_gains_change_anything(
    halved: float, narrow: float, deviation: float, expected: tuple[int, str]
) -> None:
    trials = [trial("float32", 4, 100), trial("float32", 2, halved)]
    threads = calibrate._threads(trials, 4)
    trials.append(trial("bfloat16", threads, narrow, deviation))
    assert (threads, calibrate._dtype(trials, threads)) == expected


def test_measuring_leaves_the_base_and_the_threads_alone(engine: LocalEngine) -> None:
    before, threads = engine.features("val")["mean"], torch.get_num_threads()
    pace = engine.calibrate()
    assert {t.dtype for t in pace.trials} == {"float32", "bfloat16"}
    assert all(t.tokens_per_second > 0 for t in pace.trials)
    assert (engine.features("val")["mean"] == before).all() and torch.get_num_threads() == threads
    assert next(engine.model.encoder.parameters()).dtype == torch.float32


def test_a_rounded_base_trains_a_full_precision_adapter(engine: LocalEngine) -> None:
    wide = engine.probe(tiny.recipe(), 1)
    engine.adopt(Pace("cpu", "bfloat16", 1, ()))
    assert engine.info.dtype == "bfloat16"
    narrow = engine.probe(tiny.recipe(), 1)
    assert narrow.last.val_loss == pytest.approx(wide.last.val_loss, rel=0.05)
    assert {p.dtype for p in engine.model.trainable().values()} == {torch.float32}
    assert engine.corpus.store("train", 1).packed.dtype == torch.bfloat16
