"""`RankFirstCallback`: for people who keep transformers' Trainer and PEFT, the same verdict on the run they make."""

import os
from collections.abc import Callable, Sequence

from rankfirst.advice.live_run import advise
from rankfirst.engine.trainer_watch.callback import TRAIN_ROWS, Collector, write
from rankfirst.errors import OptionError
from rankfirst.messages import LANGS, Lang
from rankfirst.records import Decision
from rankfirst.records.observed import Observed


class RankFirstCallback(Collector):
    """Says at the end of a LoRA training which knob to move, which not, and what its curve cannot tell.

    Needs a PEFT LoRA adapter and two or more classes (single- or multi-label); evaluate once an epoch
    (`eval_strategy="epoch"`). The training itself is not changed, and no error of this callback reaches it: it says one
    line and stays silent.

    Args:
        lang: "en" or "zh"; by default RANKFIRST_LANG, else "en". every_evaluation: speak after each evaluation as well.
        train_rows: training rows, at most a quarter of them, whose loss and F1 every evaluation reports.
        wide_lr: judge capacity even where lr lies outside the usual band. write: takes each line; prints by default.

    Attributes:
        curve: the run's `records.Curve`, or None before it ends. lines: what was said.
        decision: the policy's last decision; None where its rules were not asked, which `lines` explains.

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


def _language(asked: str | None) -> Lang:
    if asked is not None and asked not in LANGS:
        raise OptionError("option.bad_lang", text=asked)
    return "zh" if (asked or os.environ.get("RANKFIRST_LANG")) == "zh" else "en"
