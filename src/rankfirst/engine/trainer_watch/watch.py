"""One training run of another trainer, watched: what its events bring together, and the passes of our own between."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from rankfirst.engine.trainer_watch import adapter
from rankfirst.engine.trainer_watch.adapter import UnreadError
from rankfirst.engine.trainer_watch.history import History
from rankfirst.engine.trainer_watch.passes import Passes, answers, batches, rows_of, tokens
from rankfirst.engine.training.evaluation import Answers
from rankfirst.records.observed import Observed

# The subset is at most a quarter of the training rows, so that its passes stay small beside the training: all 423 rows
# of a small set made MiniLM-L6 half as slow again (3 epochs, one core). Fewer rows than 64 tell no F1. Assumptions.
SUBSET_SHARE, SUBSET_LEAST = 4, 64


class Watch:
    """A run between its first step and its last."""

    def __init__(self, args: Any, state: Any, model: Any, loader: Any, train_rows: int) -> None:
        if args.deepspeed or args.fsdp:
            raise UnreadError("advice.sharded")
        self.args, self.model, self.loader = args, model, loader
        self.adapter = adapter.read(model)
        self.rows = rows_of(loader)
        size = min(train_rows, max(SUBSET_LEAST, self.rows // SUBSET_SHARE))
        chosen = np.random.default_rng(args.seed).permutation(self.rows)[:size]
        self.subset = tuple(sorted(map(int, chosen), key=lambda row: tokens(loader, row)))  # less padding
        per_epoch = -(-len(loader) // args.gradient_accumulation_steps) if self.rows else 0
        self.history = History(max(1, per_epoch or int(state.max_steps / max(1, state.num_train_epochs))))
        self.begun = (int(state.global_step), float(state.epoch or 0.0))
        self.counts: tuple[int, ...] = ()
        self._prefix = ""
        self._start = {name: p.detach().clone() for name, p in model.named_parameters() if p.requires_grad}
        # A hook would break a compiled forward pass in two.
        self.passes = None if args.torch_compile else Passes(model)

    def close(self) -> None:
        """Leave the model as it was."""
        if self.passes is not None:
            self.passes.close()

    def step(self, step: int, lr: float, last: bool = False) -> None:
        """An optimiser step has been made. Raises: what went wrong in the hook."""
        if self.passes is None:
            return
        if self.passes.error is not None:
            raise self.passes.error
        if last or step % self.history.every == 0:
            loss = self.passes.loss()
            if loss is not None:
                self.history.point(step, loss, lr)

    def evaluated(self, step: int, epoch: float, prefix: str, loader: Any) -> bool:
        """An evaluation has ended; False when it was one of another evaluation set than the first."""
        seen = None if self.passes is None else self.passes.take()
        self._prefix = self._prefix or prefix
        if prefix != self._prefix:
            return False
        rows = rows_of(loader)
        if seen is None or (self.args.world_size == 1 and rows and len(seen.logits) != rows):
            seen = self._own(loader, tuple(range(rows)))
        if not self.history.evaluations and step > self.begun[0]:
            self._evaluate_start(loader, tuple(range(rows)))
        self.history.evaluate(step, epoch, seen, self._on_subset(), self.subset)
        return True

    def observed(self, state: Any) -> Observed:
        """The run so far."""
        history, found = self.history, self.adapter
        work = float(state.total_flos) * 1e-12  # as the Trainer estimates it
        curve = history.curve(
            found.recipe(self.args), float(state.epoch or 0.0), found.update_norm(), found.parameters(), work
        )
        names: Mapping[int, str] = getattr(getattr(self.model, "config", None), "id2label", None) or {}
        count = len(curve.start.recall) if curve.evaluations else len(names)
        return Observed(
            curve=curve,
            truth=history.truth,
            facts=found.facts(self.rows, history.steps_per_epoch),
            classes=tuple(str(names.get(c, c)) for c in range(count)),
            class_counts=tuple(round(n * self.rows / max(1, len(self.subset))) for n in self.counts),
            multi_label=history.multi_label,
            n_train=self.rows,
            exact_sites=found.exact,
            rslora=bool(found.config.use_rslora),
        )

    def _evaluate_start(self, loader: Any, rows: tuple[int, ...]) -> None:
        """The untrained model, made up for at the first evaluation: when training begins there is no loader to ask."""
        start, self._start = self._start, {}
        with suppress(Exception):  # weights that cannot be put in place: then the curve has no start
            val = self._own(loader, rows, start)
            self.history.evaluate(*self.begun, val, self._on_subset(start), self.subset)

    def _on_subset(self, weights: Mapping[str, Any] | None = None) -> Answers | None:
        """The fixed training subset; None where rows cannot be picked."""
        if not self.subset:
            return None
        found = self._own(self.loader, self.subset, weights)
        self.counts = tuple(int(n) for n in found.truth.sum(axis=0))
        return found

    def _own(self, loader: Any, rows: tuple[int, ...], weights: Mapping[str, Any] | None = None) -> Answers:
        if not rows:
            raise UnreadError("advice.no_rows")
        size = int(self.args.per_device_eval_batch_size)
        return self._unseen(lambda: answers(self.model, batches(loader, rows, size), weights))

    def _unseen(self, run: Callable[[], Answers]) -> Answers:
        if self.passes is None:
            return run()
        self.passes.paused = True
        try:
            return run()
        finally:
            self.passes.paused = False
