"""Build the Curve of a training loop: loss points, evaluations, and which evaluation was best."""

import json
import math
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rankfirst.engine.base import FinalPlan, Pulse, Watch, no_watch
from rankfirst.engine.training.loop import POINTS_PER_EPOCH, Loop, Trace, block_weights
from rankfirst.records import Curve, Evaluation, Health, from_json, to_json


class Recorder:
    """Collects the loss points and evaluations of one training; may continue an earlier curve."""

    def __init__(self, loop: Loop, rows: int, before: Curve | None = None, plan: FinalPlan | None = None,
                 watch: Watch = no_watch, fresh: bool = False) -> None:  # fmt: skip
        """Args: fresh: the start is an untrained adapter, so any trained epoch is preferred to it."""
        self.loop, self.before, self.rows, self.watch, self.fresh = loop, before, rows, watch, fresh
        self.steps_per_epoch = math.ceil(rows / loop.recipe.batch_size)
        self.trace = Trace(max(1, self.steps_per_epoch // POINTS_PER_EPOCH), self._pulse)
        self.evaluations: list[Evaluation] = list(before.evaluations) if before else []
        self.wrong: tuple[int, ...] = before.train_wrong if before else ()
        self.log_loss: tuple[float, ...] = before.val_log_loss if before else ()
        self.predicted: tuple[tuple[int, ...], ...] = before.val_predicted if before else ()
        self.end_log_loss: tuple[float, ...] = before.end_log_loss if before else ()
        self.end_predicted: tuple[tuple[int, ...], ...] = before.end_predicted if before else ()
        self.best: Evaluation | None = None
        known = before.kept_epoch if before else None  # None: an older version wrote it
        for e in self.evaluations:
            if e.epoch == known or (known is None and self._better(e, plan)):
                self.best = e
        self.evaluated_tokens = 0

    def evaluate(self, epoch: float, plan: FinalPlan | None = None) -> bool:
        """Evaluate now. Returns: whether this is the best so far (macro-F1, with the plan's tail-recall guard)."""
        judged = self.loop.evaluate(epoch)
        evaluation, corpus = judged.evaluation, self.loop.corpus
        self.evaluations.append(evaluation)
        self.watch(Pulse(self.loop.recipe, evaluation.step, val_macro_f1=evaluation.val_macro_f1))
        self.wrong = tuple(row for row, missed in zip(corpus.subset, judged.missed, strict=True) if missed)
        self.evaluated_tokens += corpus.tokens("val") + corpus.tokens("train", corpus.subset)
        self.end_log_loss, self.end_predicted = judged.log_loss, judged.predicted
        better = self._better(evaluation, plan)
        if better:
            self.best, self.log_loss, self.predicted = evaluation, judged.log_loss, judged.predicted
        return better

    def _pulse(self, step: int, loss: float) -> None:
        self.watch(Pulse(self.loop.recipe, step, train_loss=loss))

    def _better(self, new: Evaluation, plan: FinalPlan | None) -> bool:
        best = self.best
        if best is None or (self.fresh and best.step == 0 and math.isfinite(new.judged_f1)):
            return True
        if not new.judged_f1 > best.judged_f1:
            return False
        return plan is None or not _tail_lost(best, new, plan, self.loop.corpus.truth["val"].sum(axis=0))

    def curve(self, health: Health, name: str) -> Curve:
        """The curve so far."""
        before, trace, loop = self.before, self.trace, self.loop
        adapted = loop.recipe.sites.depth(loop.model.layers)
        evaluation_work = (
            2e-12 * self.evaluated_tokens * adapted * block_weights(loop.model.stack[-1]) * loop.model.passes
        )
        return Curve(
            recipe=loop.recipe,
            health=health,
            epochs=float(loop.state.epochs),
            steps_per_epoch=self.steps_per_epoch,
            steps=(before.steps if before else ()) + tuple(trace.steps),
            train_loss=(before.train_loss if before else ()) + tuple(trace.loss),
            grad_norm=(before.grad_norm if before else ()) + tuple(trace.grad),
            lr=(before.lr if before else ()) + tuple(trace.lr),
            step_norm=(before.step_norm if before else ()) + tuple(trace.moved),
            evaluations=tuple(self.evaluations),
            val_log_loss=self.log_loss,
            val_predicted=self.predicted,
            train_wrong=self.wrong,
            train_seen=len(loop.corpus.subset),
            update_norm=loop.model.update_norm(),
            adapter_parameters=sum(p.numel() for p in loop.model.adapter().values()),
            work=(before.work if before else 0.0) + loop.work() + evaluation_work,
            checkpoint=name if health is Health.FINE or name.endswith("-best") else "",
            kept_epoch=None if self.best is None else self.best.epoch,
            end_log_loss=self.end_log_loss,
            end_predicted=self.end_predicted,
            pieces=min(filter(None, (loop.pieces, before.pieces if before else None)), default=None),
            recomputed=bool(loop.room and loop.room.recompute and trace.steps) or bool(before and before.recomputed),
        )

    @staticmethod
    def read(path: Path) -> Curve:
        """Read a curve that was stored next to its checkpoint."""
        return from_json(Curve, json.loads(path.read_text(encoding="utf-8")))

    @staticmethod
    def write(curve: Curve, path: Path) -> None:
        """Write atomically: a kill at any moment leaves the old file or the new one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".tmp")
        temporary.write_text(json.dumps(to_json(curve)), encoding="utf-8")
        os.replace(temporary, path)


def _tail_lost(best: Evaluation, new: Evaluation, plan: FinalPlan, rows: npt.NDArray[np.integer]) -> bool:
    """Whether mean tail recall falls by more than the plan allows and than a few rows explain.

    Args: rows: (C,) validation rows of each class.
    """
    tail = [c for c in plan.tail if rows[c]]
    if not tail:
        return False
    before, after, n = np.array(best.recall)[tail], np.array(new.recall)[tail], rows[tail]
    # Smoothed, since three rows of three do not make a recall certain. Both evaluations share their rows, so their
    # difference varies about as much as one of them.
    likely = (before * n + 1) / (n + 2)
    error = np.sqrt((likely * (1 - likely) / n).sum()) / len(tail)
    return bool((before - after).mean() > max(plan.tail_slack, plan.tail_ses * error))
