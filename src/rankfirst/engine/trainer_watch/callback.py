"""A Trainer callback that collects the same curve as our own engine.

A hook reads the forward passes that the Trainer makes anyway. So training loss and evaluation logits cost nothing,
depend on neither `compute_metrics` nor `logging_steps`, and are in our units. The evaluation set is run again only if
passes cannot be seen with their labels (torch.compile, label smoothing, `compute_loss_func`). Additional passes: the
fixed training subset at every evaluation, and once the untrained model on subset and evaluation set.
"""

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import wraps
from typing import Any

from transformers import TrainerCallback

from rankfirst.engine.trainer_watch.adapter import UnreadError
from rankfirst.engine.trainer_watch.watch import Watch
from rankfirst.engine.training.corpus import SUBSET_ROWS
from rankfirst.messages import Lang, say
from rankfirst.records import Curve
from rankfirst.records.observed import Observed

TRAIN_ROWS = SUBSET_ROWS


def write(line: str) -> None:
    """Print a line to standard output and flush."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def quiet(event: Callable[..., None]) -> Callable[..., None]:
    """Keep exceptions from the user's training: the first one is reported in one line, and collecting ends."""

    @wraps(event)
    def run(self: "Collector", args: Any, state: Any, control: Any, **event_args: Any) -> None:
        try:
            event(self, args, state, **event_args)
        except Exception as error:
            self._give_up(error, state)

    return run


class Collector(TrainerCallback):  # type: ignore[misc]
    """Collects the curve and passes it to `conclude`.

    In a distributed run every process sees its own rows and the first one reports; this has not been tested.
    """

    def __init__(self, lang: Lang, every_evaluation: bool = False, train_rows: int = TRAIN_ROWS,
                 write: Callable[[str], None] = write) -> None:  # fmt: skip
        self.lang, self.every_evaluation, self.train_rows, self.write = lang, every_evaluation, train_rows, write
        self.curve: Curve | None = None
        self._watch: Watch | None = None  # None: no training is running, or collecting has ended

    def conclude(self, observed: Observed) -> Sequence[str]:
        """The lines to report about the run so far."""
        raise NotImplementedError

    @quiet
    def on_train_begin(self, args: Any, state: Any, model: Any = None, train_dataloader: Any = None, **_: Any) -> None:
        self._leave()
        self.curve = None
        self._watch = Watch(args, state, model, train_dataloader, self.train_rows)

    @quiet
    def on_step_end(self, args: Any, state: Any, optimizer: Any = None, **_: Any) -> None:
        if self._watch is not None:
            self._watch.step(int(state.global_step), _lr(optimizer))

    @quiet
    def on_log(self, args: Any, state: Any, logs: Any = None, optimizer: Any = None, **_: Any) -> None:
        if self._watch is not None:
            self._watch.history.log(int(state.global_step), logs or {}, _lr(optimizer))

    @quiet
    def on_prediction_step(self, args: Any, state: Any, **_: Any) -> None:
        if self._watch is not None and self._watch.passes is not None:
            self._watch.passes.keep()

    @quiet
    def on_predict(self, args: Any, state: Any, **_: Any) -> None:
        if self._watch is not None and self._watch.passes is not None:
            self._watch.passes.take()

    @quiet
    def on_evaluate(self, args: Any, state: Any, metrics: Any = None, eval_dataloader: Any = None, **_: Any) -> None:
        if self._watch is None:
            return
        step, epoch = int(state.global_step), float(state.epoch or 0.0)
        prefix = next((key for key in metrics or {} if key.endswith("_loss")), "")
        counted = self._watch.evaluated(step, epoch, prefix, eval_dataloader)
        if counted and self.every_evaluation and 0 < step < state.max_steps:
            self._conclude(self._watch, state)

    @quiet
    def on_train_end(self, args: Any, state: Any, optimizer: Any = None, **_: Any) -> None:
        if self._watch is not None:
            self._watch.step(int(state.global_step), _lr(optimizer), last=True)
            self._conclude(self._watch, state)
        self._leave()

    def _conclude(self, watch: Watch, state: Any) -> None:
        observed = watch.observed(state)
        self.curve = observed.curve
        self._tell(self.conclude(observed), state)

    def _give_up(self, error: Exception, state: Any) -> None:
        """End collecting and report the error, without the message of an unknown one: it may quote the user's texts."""
        with suppress(Exception):
            self._leave()
        self._watch = None
        if isinstance(error, UnreadError):
            self._tell([say(error.code, self.lang)], state)
        else:
            self._tell([say("advice.failed", self.lang, error=type(error).__name__)], state)

    def _leave(self) -> None:
        if self._watch is not None:
            self._watch.close()
        self._watch = None

    def _tell(self, lines: Sequence[str], state: Any) -> None:
        if getattr(state, "is_world_process_zero", True):
            with suppress(Exception):
                for line in lines:
                    self.write(line)


def _lr(optimizer: Any) -> float:
    return max((float(group["lr"]) for group in getattr(optimizer, "param_groups", ())), default=float("nan"))
