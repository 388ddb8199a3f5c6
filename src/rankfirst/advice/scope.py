"""Which logs are not judged as a text classifier with LoRA, and what can still be said of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Final

from rankfirst.advice import evidence_lines
from rankfirst.advice.curve_figures import Val
from rankfirst.advice.faults import Figures
from rankfirst.advice.live_run import Said
from rankfirst.advice.looks import ANY_TASK, CLASSIFIER, Look
from rankfirst.records.training_log import TrainingLog
from rankfirst.report.phrases import both, same

# Relative differences: the last evaluation is as good as the best; the last one improved. Assumptions.
SAME: Final = 0.005
IMPROVING: Final = 0.02
# PEFT's peft_type -> its usual name, if that differs.
METHODS: Final = {
    "PREFIX_TUNING": "prefix tuning",
    "PROMPT_TUNING": "prompt tuning",
    "MULTITASK_PROMPT_TUNING": "multitask prompt tuning",
    "P_TUNING": "p-tuning",
    "ADAPTION_PROMPT": "adaption prompts",
    "ADALORA": "AdaLoRA",
    "LN_TUNING": "LayerNorm tuning",
    "LOHA": "LoHa",
    "LOKR": "LoKr",
    "VERA": "VeRA",
}


@dataclass(frozen=True)
class Outside:
    """Why a run is out of scope, and which looks still mean something."""

    said: Said
    looks: frozenset[Look]
    losses_compare: bool = True  # whether a loss that rises is a fault: that of a reward is no measure of learning


def outside(log: TrainingLog) -> Outside | None:
    """None for a text classifier with LoRA, and for one of which no adapter is in sight."""
    setup = log.setup
    if setup.task:
        numbers = {"task": both(f"logs.task.{setup.task}"), "shown_by": same(setup.shown_by)}
        looks = ANY_TASK if setup.task != "preference" else ANY_TASK - {Look.ROSE, Look.FELL_BACK, Look.NO_LOSS}
        return Outside(("logs.scope.task", numbers), looks, setup.task != "preference")
    if setup.peft_type and setup.peft_type != "LORA":
        method = METHODS.get(setup.peft_type, setup.peft_type.replace("_", " "))
        return Outside(("logs.scope.method", {"method": same(method)}), CLASSIFIER)
    if setup.full_weights and not log.lora:
        return Outside(("logs.scope.full", {}), CLASSIFIER)
    return None


def still(log: TrainingLog, figures: Figures, fault: Look | None, outside: Outside) -> Iterable[Said]:
    """What the log shows whatever was trained: no divergence, the schedule, the best evaluation."""
    if fault is None and log.points:
        train = figures.train
        numbers = {"start": 0.0 if train is None else train.start, "end": 0.0 if train is None else train.end}
        yield ("logs.still.healthy", numbers)
    if (lr := evidence_lines.schedule(log)) is not None and fault is not Look.WARMUP:
        yield lr
    if figures.loss is not None and figures.loss.count > 1:
        yield _best(log, figures.loss)
    elif not log.evaluations:
        yield "logs.still.no_evaluation", {}
    if figures.score is not None and figures.score.count > 1 and outside.looks == CLASSIFIER:
        yield _best(log, figures.score)


def _best(log: TrainingLog, val: Val) -> Said:
    """Which evaluation was best, and whether the run should have ended there."""
    at = both("logs.at_step" if log.counts_steps else "logs.at_row", {"step": f"{val.best_step:,}"})
    numbers = {"name": evidence_lines.named(log, val), "best": val.best, "last": val.last, "at": at}
    if val.lost > SAME * abs(val.best):
        return "logs.still.best_before", numbers
    values = [value for e in log.evaluations if isfinite(value := getattr(e, val.name))]
    improving = abs(values[-1] - values[-2]) > IMPROVING * abs(values[-2])
    return ("logs.still.best_falling" if improving else "logs.still.best_last"), numbers
