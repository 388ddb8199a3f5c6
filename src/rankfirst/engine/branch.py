"""One arm of an experiment: from the common checkpoint, on the common batches, with one knob changed."""

from collections.abc import Callable, Sequence

import numpy as np

from rankfirst.engine.base import Tick
from rankfirst.engine.memory import out_of_memory
from rankfirst.engine.train import Loop, NotFiniteError, Trace
from rankfirst.measure.calibration import tempered_log_loss
from rankfirst.records import Arm, ArmResult


def run_arm(loop: Loop, arm: Arm, rows: Sequence[int], steps: int, tick: Tick) -> ArmResult:
    """Train `steps` steps at the arm's constant lr."""
    trace, start = new_trace(steps), loop.state.steps

    def train() -> None:
        for limit in epochs(loop.steps_in(rows), steps):
            loop.train(rows, constant, trace, limit=limit, tick=tick)

    return result(loop, arm, trace, start, train)


def constant(step: int) -> float:
    """No warm-up: Adam's moments come with the checkpoint."""
    return 1.0


def new_trace(steps: int) -> Trace:
    """About twenty points."""
    return Trace(every=max(1, steps // 20))


def epochs(whole: int, steps: int) -> list[int | None]:
    """`steps` as the limits of epochs of `whole` steps: None for each full one, and what is left."""
    left = steps % whole
    return [None] * (steps // whole) + ([left] if left else [])


def result(loop: Loop, arm: Arm, trace: Trace, start: int, train: Callable[[], None]) -> ArmResult:
    """Train, evaluate, and say how it went. `start`: the optimiser step of the checkpoint."""
    try:
        train()
        evaluation, logits, _ = loop.evaluate(0.0)
    except NotFiniteError:
        return lost(loop, arm)
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        return lost(loop, arm)
    losses = tempered_log_loss(np.asarray(logits), loop.corpus.truth["val"], loop.corpus.dataset.multi_label)
    return ArmResult(
        kind=arm.kind,
        recipe=arm.recipe,
        healthy=True,
        steps=tuple(s - start for s in trace.steps),
        train_loss=tuple(trace.loss),
        val_log_loss=tuple(float(x) for x in losses),
        val_macro_f1=evaluation.val_macro_f1,
        train_subset_loss=evaluation.train_loss,
        train_macro_f1=evaluation.train_macro_f1,
        update_norm=loop.model.update_norm(),
        work=loop.work(),
        function_lost=loop.lost,
    )


def lost(loop: Loop, arm: Arm) -> ArmResult:
    """An arm that diverged or did not fit memory."""
    nan = float("nan")
    return ArmResult(arm.kind, arm.recipe, False, (), (), (), nan, nan, nan, nan, loop.work())
