"""One arm of an experiment: from the common checkpoint, on the common batches, with one knob changed.

It ends as final training does.
"""

from collections.abc import Callable, Sequence

import numpy as np

from rankfirst.engine.base import Tick
from rankfirst.engine.memory import out_of_memory
from rankfirst.engine.train import Loop, NotFiniteError, Schedule, Trace
from rankfirst.measure.calibration import calibrated_log_loss
from rankfirst.records import Arm, ArmResult


def run_arm(loop: Loop, arm: Arm, rows: Sequence[int], steps: int, tick: Tick) -> ArmResult:
    """Train `steps` steps while the arm's lr falls to nothing."""
    trace, start = new_trace(steps), loop.state.steps
    schedule = falling(start, steps)

    def train() -> None:
        for limit in epochs(loop.steps_in(rows), steps):
            loop.train(rows, schedule, trace, limit=limit, tick=tick)

    return result(loop, arm, trace, start, train)


def falling(start: int, steps: int) -> Schedule:
    """From the peak to nothing within the arm's steps; no warm-up, Adam's moments come with the checkpoint.

    Final training ends that way too. Under a constant lr an arm keeps the noise of its own steps in what it shows, most
    of it where lr is high: MixATIS at 6.4e-3 stood at 0.72 macro-F1 and was at 0.78 once lr had fallen
    (benchmarks/atlas).
    """
    return lambda step: max(0.0, 1 - (step - start) / max(1, steps))


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
    losses = calibrated_log_loss(np.asarray(logits), loop.corpus.truth["val"], loop.corpus.dataset.multi_label)
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
