"""Observe one training run of another trainer: collect its events, and run the additional passes."""

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

# The subset is at most a quarter of the training rows, so that its passes take little time: all 423 rows of a small set
# made MiniLM-L6 take half as long again (3 epochs, one core). Fewer than 64 rows give no useful F1. Assumptions.
SUBSET_SHARE, SUBSET_LEAST = 4, 64


class Watch:
    """A run in progress."""

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
        """Remove the hook from the model."""
        if self.passes is not None:
            self.passes.close()

    def step(self, step: int, lr: float, last: bool = False) -> None:
        """Called after an optimiser step. Raises: an error that occurred in the hook."""
        if self.passes is None:
            return
        if self.passes.error is not None:
            raise self.passes.error
        if last or step % self.history.every == 0:
            loss = self.passes.loss()
            if loss is not None:
                self.history.point(step, loss, lr)

    def evaluated(self, step: int, epoch: float, prefix: str, loader: Any) -> bool:
        """Called after an evaluation. Returns: False if it was of another evaluation set than the first one."""
        val = None if self.passes is None else self.passes.take()
        self._prefix = self._prefix or prefix
        if prefix != self._prefix:
            return False
        rows = rows_of(loader)
        if val is None or (self.args.world_size == 1 and rows and len(val.logits) != rows):
            val = self._own(loader, tuple(range(rows)))
        if not self.history.evaluations and step > self.begun[0]:
            self._evaluate_start(loader, tuple(range(rows)))
        self.history.evaluate(step, epoch, val, self._on_subset(), self.subset)
        return True

    def observed(self, state: Any) -> Observed:
        """The run so far."""
        history, adapted = self.history, self.adapter
        work = float(state.total_flos) * 1e-12  # as the Trainer estimates it
        curve = history.curve(
            adapted.recipe(self.args), float(state.epoch or 0.0), adapted.update_norm(), adapted.parameters(), work
        )
        names: Mapping[int, str] = getattr(getattr(self.model, "config", None), "id2label", None) or {}
        count = len(curve.start.recall) if curve.evaluations else len(names)
        return Observed(
            curve=curve,
            truth=history.truth,
            facts=adapted.facts(self.rows, history.steps_per_epoch),
            classes=tuple(str(names.get(c, c)) for c in range(count)),
            class_counts=tuple(round(n * self.rows / max(1, len(self.subset))) for n in self.counts),
            multi_label=history.multi_label,
            n_train=self.rows,
            exact_sites=adapted.exact,
            rslora=bool(adapted.config.use_rslora),
        )

    def _evaluate_start(self, loader: Any, rows: tuple[int, ...]) -> None:
        """Evaluate the untrained model at the first evaluation: there is no evaluation loader when training begins."""
        start, self._start = self._start, {}
        with suppress(Exception):  # if the weights cannot be replaced, the curve has no start
            val = self._own(loader, rows, start)
            self.history.evaluate(*self.begun, val, self._on_subset(start), self.subset)

    def _on_subset(self, weights: Mapping[str, Any] | None = None) -> Answers | None:
        """Answers on the fixed training subset; None if rows cannot be indexed."""
        if not self.subset:
            return None
        train = self._own(self.loader, self.subset, weights)
        self.counts = tuple(int(n) for n in train.truth.sum(axis=0))
        return train

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
