"""One arm of an experiment: from the common checkpoint, on the common batches, with one knob changed."""

from collections.abc import Sequence

import numpy as np

from rankfirst.engine.base import Tick
from rankfirst.engine.memory import out_of_memory
from rankfirst.engine.train import Loop, NotFiniteError, Trace
from rankfirst.measure.calibration import tempered_log_loss
from rankfirst.records import Arm, ArmResult


def run_arm(loop: Loop, arm: Arm, rows: Sequence[int], steps: int, tick: Tick) -> ArmResult:
    """Train `steps` steps at the arm's constant lr (no warm-up: Adam's moments come with the checkpoint)."""
    trace = Trace(every=max(1, steps // 20))
    start, healthy = loop.state.steps, True
    try:
        left = steps
        while left > 0:
            whole = loop.steps_in(rows)
            loop.train(rows, lambda step: 1.0, trace, limit=None if left >= whole else left, tick=tick)
            left -= whole
        evaluation, logits, _ = loop.evaluate(0.0)
    except NotFiniteError:
        healthy = False
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        healthy = False
    if not healthy:
        nan = float("nan")
        return ArmResult(arm.kind, arm.recipe, False, (), (), (), nan, nan, nan, nan, loop.work())
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
