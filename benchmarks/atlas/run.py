"""One run of the atlas: constant lr for the probe's epochs, then a linear fall to nothing.

So a run is its own probe: the first PROBE_EPOCHS are what the policy sees, the end is what a user would get. Validation
and test rows are one split of the engine, so that the cached states serve both; they are told apart here.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.atlas.design import EPOCHS, PROBE_EPOCHS
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.training.checkpoint import State
from rankfirst.engine.training.evaluation import Answers, judge
from rankfirst.engine.training.loop import POINTS_PER_EPOCH, Loop, NotFiniteError, Trace, block_weights
from rankfirst.engine.training.schedules import warm_up
from rankfirst.measure.calibration import probabilities
from rankfirst.measure.scores import as_tuples, predict_labels
from rankfirst.records import Arm, ArmResult, Curve, Evaluation, Health, Recipe

Rows = tuple[tuple[int, ...], ...]
EVALUATED = (1, PROBE_EPOCHS, EPOCHS)


@dataclass
class Run:
    """A recipe from the frozen rung's head to its end."""

    engine: LocalEngine
    val_rows: int  # the first rows of the engine's validation split; the rest are test rows
    recipe: Recipe
    branch: State | None = None  # weights and moments after the probe
    probe: Curve | None = None
    cooled: Curve | None = None  # the probe, and one epoch in which its lr falls to nothing
    full: Curve | None = None
    test: Rows = ()  # (n_test,) predicted at the end
    evaluations: list[Evaluation] = field(default_factory=list)
    wrong: tuple[int, ...] = ()  # rows of the fixed subset still wrong at the last evaluation

    def train(self, start: tuple[Evaluation, tuple[float, ...], Rows] | None) -> None:
        """All epochs; `start`: what `evaluate` said of the untrained model, the same for every recipe."""
        engine, recipe = self.engine, self.recipe
        loop = engine._loop(recipe, None)
        rows = list(range(len(engine.dataset.train)))
        steps = loop.steps_in(rows)
        trace = Trace(every=max(1, steps // POINTS_PER_EPOCH))
        held, whole = PROBE_EPOCHS * steps, EPOCHS * steps

        def schedule(step: int) -> float:
            return min(1.0, (step + 1) / warm_up(whole)) * min(1.0, max(0.0, (whole - step) / (whole - held)))

        first, losses, predicted = start if start is not None else self.evaluate(loop, 0.0)
        self.evaluations, health = [first], Health.FINE
        try:
            for epoch in range(1, EPOCHS + 1):
                loop.train(rows, schedule, trace)
                if epoch in EVALUATED:
                    told, losses, predicted = self.evaluate(loop, float(epoch))
                    self.evaluations.append(told)
                if epoch == PROBE_EPOCHS:
                    self.probe = self._curve(loop, trace, health, losses, predicted, epoch)
                    held_state = loop.snapshot()
                    self.branch = State(
                        recipe,
                        {n: w.clone() for n, w in held_state.weights.items()},
                        {n: (m.clone(), v.clone(), s) for n, (m, v, s) in held_state.moments.items()},
                        held_state.epochs,
                        held_state.steps,
                    )
            self.test = self.answers(loop)
        except NotFiniteError:
            health = Health.DIVERGED
        self.full = self._curve(loop, trace, health, losses, predicted, loop.state.epochs)
        if self.probe is None:
            self.probe = self.full

    def arm(self, arm: Arm, steps: int) -> ArmResult:
        """`steps` steps more from the probe, while the arm's lr falls to nothing.

        A constant lr keeps the noise of its own steps in what it shows, most of it where lr is high, and final training
        ends without that noise.
        """
        assert self.branch is not None
        state = State(self.branch.recipe, self.branch.weights, self.branch.moments, PROBE_EPOCHS, self.branch.steps)
        loop = self.engine._loop(arm.recipe, state)
        rows, begun = list(range(len(self.engine.dataset.train))), state.steps
        trace = Trace(every=max(1, steps // 20))
        nan = float("nan")
        try:
            loop.train(rows, lambda step: 1 - (step - begun) / steps, trace)
            told, losses, predicted = self.evaluate(loop, PROBE_EPOCHS + 1.0)
        except NotFiniteError:
            return ArmResult(arm.kind, arm.recipe, False, (), (), (), nan, nan, nan, nan, loop.work())
        if arm.recipe == self.recipe and self.probe is not None:
            looks = (*self.probe.evaluations[:-1], told)
            made = self._curve(loop, trace, Health.FINE, losses, predicted, PROBE_EPOCHS + 1)
            self.cooled = replace(
                made, evaluations=looks, steps=self.probe.steps + made.steps,
                train_loss=self.probe.train_loss + made.train_loss, grad_norm=self.probe.grad_norm + made.grad_norm,
                lr=self.probe.lr + made.lr, step_norm=self.probe.step_norm + made.step_norm,
                work=self.probe.work + loop.work(),
            )  # fmt: skip
        return ArmResult(
            arm.kind, arm.recipe, True, tuple(s - begun for s in trace.steps), tuple(trace.loss), losses,
            told.val_macro_f1, told.train_loss, told.train_macro_f1, loop.model.update_norm(), loop.work(), loop.lost,
        )  # fmt: skip

    def evaluate(self, loop: Loop, epoch: float) -> tuple[Evaluation, tuple[float, ...], Rows]:
        """On the validation rows and the fixed training subset, as the engine's own evaluation."""
        corpus = loop.corpus
        multi, subset = corpus.dataset.multi_label, corpus.subset
        logits, truth = loop.logits("val", range(self.val_rows)), corpus.truth["val"][: self.val_rows]
        if not np.isfinite(logits).all():
            raise NotFiniteError
        train = Answers(loop.logits("train", subset), corpus.truth["train"][subset], multi)
        judged = judge(loop.state.steps, epoch, Answers(logits, truth, multi), train)
        self.wrong = tuple(row for row, missed in zip(subset, judged.missed, strict=True) if missed)
        return judged.evaluation, judged.log_loss, judged.predicted

    def answers(self, loop: Loop) -> Rows:
        """(n_test,) predicted classes."""
        corpus = loop.corpus
        logits = loop.logits("val", range(self.val_rows, len(corpus.texts["val"])))
        multi = corpus.dataset.multi_label
        return as_tuples(predict_labels(probabilities(logits, multi), multi))

    def _curve(
        self, loop: Loop, trace: Trace, health: Health, losses: tuple[float, ...], predicted: Rows, epochs: int
    ) -> Curve:
        """The last evaluation serves as the best one: what the atlas judges is the recipe, not a lucky epoch."""
        corpus = loop.corpus
        depth = loop.recipe.sites.depth(loop.model.layers)
        tokens = sum(len(corpus.texts["val"].windows[r]) for r in range(self.val_rows))
        tokens += corpus.tokens("train", corpus.subset)
        seen = 2e-12 * tokens * len(self.evaluations) * depth * block_weights(loop.model.stack[-1])
        return Curve(
            recipe=self.recipe, health=health, epochs=float(epochs), steps_per_epoch=loop.steps_in(range(
                len(self.engine.dataset.train))), steps=tuple(trace.steps), train_loss=tuple(trace.loss),
            grad_norm=tuple(trace.grad), evaluations=tuple(self.evaluations), val_log_loss=losses,
            val_predicted=predicted, train_wrong=self.wrong, train_seen=len(corpus.subset),
            update_norm=loop.model.update_norm(),
            adapter_parameters=sum(p.numel() for p in loop.model.adapter().values()), work=loop.work() + seen,
            checkpoint="" if health is not Health.FINE else self.recipe.key, end_log_loss=losses,
            end_predicted=predicted, lr=tuple(trace.lr), step_norm=tuple(trace.moved),
        )  # fmt: skip
