"""Convert rows of raw keys to loss points and evaluations. Every spelling that trainers use is listed here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from math import inf, isfinite, nan
from typing import Final

from rankfirst.advice.logs import schedule
from rankfirst.advice.logs.numbers import number, plain
from rankfirst.errors import DataError
from rankfirst.records.training_log import LoggedEvaluation, LoggedRecipe, LoggedSetup, LossPoint, TrainingLog

Row = Mapping[str, object]

# Prefixes of evaluation metrics; the Trainer puts "eval_" before the name of each evaluation set.
SPLITS: Final = ("eval", "val", "valid", "validation", "dev", "eval_val", "eval_validation", "eval_dev")
# Macro first. The others are reported as an F1 whose averaging the log does not state.
F1: Final = ("macro_f1", "f1_macro", "macro_f1_score", "f1", "f1_score", "weighted_f1", "f1_weighted", "micro_f1",
             "f1_micro")  # fmt: skip


def _prefixed(figures: Iterable[str], splits: Iterable[str] = SPLITS) -> tuple[str, ...]:
    return tuple(f"{split}_{figure}" for figure in figures for split in splits)


# Our name -> how trainers spell it (after `plain`), the most specific spelling first.
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "step": ("train_global_step", "global_step", "trainer_global_step", "current_steps", "step", "steps", "iteration",
             "iter"),
    "epoch": ("epoch", "train_epoch", "epochs"),
    "loss": ("loss", "train_loss", "training_loss", "train_loss_step", "loss_train", "train_loss_epoch",
             "embedding_loss", "train_embedding_loss"),
    "lr": ("learning_rate", "lr", "train_learning_rate", "train_lr", "lr_adamw", "lr_adam", "lr_group_0",
           "lr_adamw_pg1", "lr_adamw_pg0", "lr_adam_pg1", "train_lr_0", "optimizer_lr"),
    "grad_norm": ("grad_norm", "train_grad_norm", "gradient_norm", "gnorm"),
    "eval_loss": (*_prefixed(("loss", "loss_epoch")), "loss_val", "loss_valid", "eval_embedding_loss"),
    "f1": _prefixed(F1),
    "accuracy": _prefixed(("accuracy", "acc", "sparse_categorical_accuracy", "categorical_accuracy", "binary_accuracy",
                           "acc_epoch", "accuracy_epoch")),
    "train_eval_loss": ("eval_train_loss",),
    "train_f1": _prefixed(F1, ("eval_train", "train")),
}  # fmt: skip
# Without a prefix these count only in evaluation rows: trainers log batch accuracies, too.
BARE: Final[Mapping[str, tuple[str, ...]]] = {"f1": F1, "accuracy": ("accuracy", "acc")}
# Keys of a row that summarises the whole run: its train_loss is not a point of the curve.
SUMMARY: Final = frozenset({"train_runtime", "total_flos", "train_samples_per_second", "log_history"})
STEP_OF_TOTAL: Final = "global_step_max_steps"  # ms-swift: "10/100"
MOST_STEPS: Final = 10**12
# nats, or a gradient norm. A larger value means divergence, and its sums would overflow.
MOST_LOSS: Final = 1e9
# Valid ranges, if narrower than up to MOST_LOSS; a value outside is treated as not logged.
WITHIN: Final[Mapping[str, tuple[float, float]]] = {
    "epoch": (0.0, 1e9),
    "lr": (0.0, 1e3),
    "f1": (0.0, 100.0),
    "accuracy": (0.0, 100.0),
    "train_f1": (0.0, 100.0),
}
# Logged points. Every tenth point of a million steps shows the same curve; beyond this limit memory runs out.
MOST_POINTS: Final = 2_000_000
# Consecutive points up to the end with a non-finite gradient and a healthy loss: the Trainer replaces a NaN loss before
# it logs it. Mixed precision skips single steps for the same reason, so one such point means nothing. Assumption.
DEAD_GRADIENTS: Final = 3


@dataclass
class Collector:
    """The state of a log while it is being read."""

    points: dict[int, LossPoint] = field(default_factory=dict)
    evaluations: dict[int, dict[str, float]] = field(default_factory=dict)
    repeated: int = 0
    rows: int = 0
    macro: bool = False
    steps_seen: bool = False
    dead_gradients: set[int] = field(default_factory=set)  # steps whose logged gradient norm is not finite
    rates: dict[int, tuple[float, float]] = field(default_factory=dict)  # step -> (epoch, lr)
    planned: float = 0.0  # optimiser steps of the whole run, as its rows say
    seen: set[str] = field(default_factory=set)  # normalised keys that had a value
    _step: int = 0
    _plain_keys: dict[object, str] = field(default_factory=dict)  # raw key -> normalised key; keys repeat in every row

    def add(self, row: Row) -> None:
        """Add one row. Raises: DataError above MOST_POINTS."""
        self.rows += 1
        fields = {self._plain(key): value for key, value in row.items() if key is not None and value not in (None, "")}
        self.seen |= fields.keys()
        if not SUMMARY.isdisjoint(fields):
            fields = {key: value for key, value in fields.items() if key not in ("train_loss", "log_history")}
        values = {name: value for name, spelled in NAMES.items() if (value := _first(fields, spelled)) is not None}
        if "loss" not in values or "eval_loss" in values:
            values |= {
                name: v
                for name, spelled in BARE.items()
                if name not in values and (v := _first(fields, spelled)) is not None
            }
        step = self._at(fields, values)
        if step is None:
            return
        values = dict(_possible(values))
        if "lr" in values:
            self.rates[step] = (values.get("epoch", nan), values["lr"])
        self._take_point(step, values)
        self._take_evaluation(step, values)
        self.macro = self.macro or any("macro" in key and "f1" in key and "train" not in key for key in fields)
        if len(self.points) + len(self.evaluations) > MOST_POINTS:
            raise DataError("logs.many_points", limit=f"{MOST_POINTS:,}")

    def _plain(self, key: object) -> str:
        if key not in self._plain_keys:
            self._plain_keys[key] = plain(key)
        return self._plain_keys[key]

    def _at(self, fields: Row, values: Mapping[str, float]) -> int | None:
        """The step of a row: its own, else that of the previous row, else the row number; None if implausible."""
        step, total = values.get("step"), fields.get("total_steps")
        if step is None and isinstance(fields.get(STEP_OF_TOTAL), str):
            at, _, total = str(fields[STEP_OF_TOTAL]).partition("/")
            step = number(at)
        self.planned = max(self.planned, number(total) or 0.0)
        if step is None:
            return self._step if self.steps_seen else self.rows
        if not 0 <= step <= MOST_STEPS:  # also rejects NaN
            return None
        self.steps_seen, self._step = True, int(step)
        return self._step

    def _take_point(self, step: int, values: Mapping[str, float]) -> None:
        if "loss" not in values:
            return
        self.repeated += step in self.points
        numbers = {name: values.get(name, nan) for name in ("epoch", "lr", "grad_norm")}
        self.points[step] = LossPoint(step, values["loss"], **numbers)
        self.dead_gradients.discard(step)
        if not isfinite(values.get("grad_norm", 0.0)):
            self.dead_gradients.add(step)

    def _take_evaluation(self, step: int, values: Mapping[str, float]) -> None:
        names = {
            "loss": "eval_loss",
            "f1": "f1",
            "accuracy": "accuracy",
            "train_loss": "train_eval_loss",
            "train_f1": "train_f1",
        }
        logged = {ours: values[name] for ours, name in names.items() if name in values}
        if not logged.keys() - ({"train_f1"} if "loss" in values else set()):
            return
        before = self.evaluations.get(step, {})
        self.repeated += not before.keys().isdisjoint(logged)
        self.evaluations[step] = before | logged | ({"epoch": values["epoch"]} if "epoch" in values else {})


def _possible(values: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """Keep values within their valid range; a loss beyond MOST_LOSS becomes infinite."""
    for name, value in values.items():
        low, high = WITHIN.get(name, (-MOST_LOSS, MOST_LOSS))
        if name not in WITHIN:
            yield name, value if low <= value <= high else inf
        elif low <= value <= high:
            yield name, value


def _first(fields: Row, spelled: Iterable[str]) -> float | None:
    return next((v for key in spelled if key in fields and (v := number(fields[key])) is not None), None)


def log(name: str, format_name: str, rows: Iterable[Row], recipe: LoggedRecipe, unread: int = 0) -> TrainingLog:
    """Build the log from rows of raw keys.

    Raises: DataError if no row could be read, or if none contains a loss.
    """
    collector = Collector()
    for row in rows:
        collector.add(row)
    if not collector.rows:
        raise DataError("logs.no_rows", path=name)
    if not collector.points and not any(
        "loss" in e or "f1" in e or "accuracy" in e for e in collector.evaluations.values()
    ):
        raise DataError("logs.no_loss", path=name, rows=f"{collector.rows:,}")
    return _finished(name, format_name, collector, recipe, unread)


def _finished(name: str, format_name: str, collector: Collector, recipe: LoggedRecipe, unread: int) -> TrainingLog:
    points = [collector.points[step] for step in sorted(collector.points)]
    evaluations = [
        LoggedEvaluation(step, **_shares(collector.evaluations[step])) for step in sorted(collector.evaluations)
    ]
    shift = _from_zero([*((p.step, p.epoch) for p in points), *((e.step, e.epoch) for e in evaluations)])
    finite = tuple(_with_lr(_later(p, shift), collector) for p in points if isfinite(p.loss))
    broken = _broken_at(points, collector)
    rates = tuple(
        (float(step) if collector.steps_seen else epoch + shift, lr)
        for step, (epoch, lr) in sorted(collector.rates.items())
    )
    setup = LoggedSetup(planned_steps=int(collector.planned) if 1 <= collector.planned <= MOST_STEPS else None)
    return TrainingLog(
        name=name,
        format=format_name,
        points=finite if broken is None else tuple(p for p in finite if p.step < broken),
        evaluations=tuple(_later_evaluation(e, shift) for e in evaluations if isfinite(_figures(e))),
        recipe=recipe,
        broken_at=broken,
        broken_evaluation=broken is not None and _sound(points[-1:], collector),
        healed=len([p for p in points if not isfinite(p.loss) and (broken is None or p.step < broken)]),
        repeated=collector.repeated,
        unread=unread,
        counts_steps=collector.steps_seen,
        macro_f1=collector.macro,
        setup=setup,
        schedule=schedule.fit(rates, setup, setup.planned_steps if collector.steps_seen else None),
        rates=rates,
        complete="train_runtime" in collector.seen,
        keys=frozenset(collector.seen),
        dead_gradients=len(collector.dead_gradients),
        gradients=len([p for p in points if isfinite(p.grad_norm)]) + len(collector.dead_gradients),
    )


def _with_lr(p: LossPoint, collector: Collector) -> LossPoint:
    """The point with the lr that was logged at its step in a row of its own, as Lightning does."""
    if isfinite(p.lr) or p.step not in collector.rates:
        return p
    return LossPoint(p.step, p.loss, p.epoch, collector.rates[p.step][1], p.grad_norm)


def _sound(last: list[LossPoint], collector: Collector) -> bool:
    """Whether there is a last point and its loss and gradient are finite."""
    return any(isfinite(p.loss) and p.step not in collector.dead_gradients for p in last)


def _broken_at(points: list[LossPoint], collector: Collector) -> int | None:
    """The first step of the non-finite values that the log ends with; None if it ends with finite ones."""
    dead = [p.step for p in takewhile(lambda p: not isfinite(p.loss), reversed(points))]
    silent = [p.step for p in takewhile(lambda p: p.step in collector.dead_gradients, reversed(points))]
    dead = max(dead, silent if len(silent) >= DEAD_GRADIENTS else [], key=len)
    if dead:
        return dead[-1]
    at = max((step for step, logged in collector.evaluations.items() if "loss" in logged), default=-1)
    ends = at >= (points[-1].step if points else 0)
    return at if ends and not isfinite(collector.evaluations[at]["loss"]) else None


def _shares(logged: Mapping[str, float]) -> dict[str, float]:
    """Convert scores that were logged as percentages to shares."""
    shares = dict(logged)
    for name in ("f1", "accuracy", "train_f1"):
        if name in shares and 1.0 < shares[name] <= 100.0:
            shares[name] /= 100.0
    return shares


def _figures(e: LoggedEvaluation) -> float:
    """Finite if the evaluation contains any value."""
    return min((v for v in (e.loss, e.f1, e.accuracy, e.train_loss, e.train_f1) if isfinite(v)), default=nan)


def _from_zero(points: list[tuple[int, float]]) -> float:
    """1 if the log counts epochs from 0, so that the first completed epoch counts as one; else 0.

    Epoch 0 at step 0 is the untrained model. Args: points: (step, epoch).
    """
    dated = [(step, epoch) for step, epoch in points if isfinite(epoch)]
    whole = all(epoch == int(epoch) for _, epoch in dated)
    first = min(dated, key=lambda x: x[1], default=(0, 1.0))
    return 1.0 if whole and first[1] == 0 and first[0] > 0 else 0.0


def _later(p: LossPoint, shift: float) -> LossPoint:
    return LossPoint(p.step, p.loss, p.epoch + shift, p.lr, p.grad_norm) if shift else p


def _later_evaluation(e: LoggedEvaluation, shift: float) -> LoggedEvaluation:
    if not shift:
        return e
    return LoggedEvaluation(e.step, e.epoch + shift, e.loss, e.f1, e.accuracy, e.train_loss, e.train_f1)
