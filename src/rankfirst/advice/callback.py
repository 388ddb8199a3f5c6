"""`RankFirstCallback`: the policy's verdict on a run of transformers' Trainer with PEFT."""

import os
from collections.abc import Callable, Sequence

from rankfirst.advice.live_run import advise
from rankfirst.engine.trainer_watch.callback import TRAIN_ROWS, Collector, write
from rankfirst.errors import OptionError
from rankfirst.messages import LANGS, Lang
from rankfirst.records import Decision
from rankfirst.records.observed import Observed


class RankFirstCallback(Collector):
    """Reports at the end of a LoRA training which knob to move, which not, and what its curve cannot show.

    Needs a PEFT LoRA adapter and two or more classes (single- or multi-label); evaluate once an epoch
    (`eval_strategy="epoch"`). The training itself is not changed, and no error of this callback reaches it: the
    callback prints one line and ends.

    Args:
        lang: "en" or "zh"; by default RANKFIRST_LANG, else "en".
        every_evaluation: report after each evaluation as well.
        train_rows: number of training rows (at most a quarter) on which every evaluation measures loss and F1.
        wide_lr: judge capacity even if lr is outside the usual band. write: called with each line; prints by default.

    Attributes:
        curve: the run's `records.Curve`, or None before it ends. lines: the reported lines.
        decision: the policy's last decision; None if its rules were not applied, for reasons given in `lines`.

    Raises: OptionError for an unknown language.

    >>> RankFirstCallback(lang="zh").lines
    ()
    """

    def __init__(self, lang: str | None = None, *, every_evaluation: bool = False, train_rows: int = TRAIN_ROWS,
                 wide_lr: bool = False, write: Callable[[str], None] = write) -> None:  # fmt: skip
        super().__init__(_language(lang), every_evaluation, train_rows, write)
        self.wide_lr = wide_lr
        self.decision: Decision | None = None
        self.lines: tuple[str, ...] = ()

    def conclude(self, observed: Observed) -> Sequence[str]:
        """The advice on the run so far."""
        advice = advise(observed, self.lang, self.wide_lr)
        self.decision, self.lines = advice.decision, advice.lines
        return advice.lines


def _language(lang: str | None) -> Lang:
    if lang is not None and lang not in LANGS:
        raise OptionError("option.bad_lang", text=lang)
    return "zh" if (lang or os.environ.get("RANKFIRST_LANG")) == "zh" else "en"
