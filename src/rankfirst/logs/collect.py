"""Rows of raw keys -> points and evaluations. All that is known about what trainers call things stands here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from math import inf, isfinite, nan
from typing import Final

from rankfirst.errors import DataError
from rankfirst.logs.numbers import number, plain
from rankfirst.records.training_log import LoggedEvaluation, LoggedRecipe, LossPoint, TrainingLog

Row = Mapping[str, object]

# How trainers call the evaluation rows; the Trainer puts "eval_" before the name of each evaluation set.
SPLITS: Final = ("eval", "val", "valid", "validation", "dev", "eval_val", "eval_validation", "eval_dev")
# Macro first. The others are told as an F1 whose kind the log does not say.
F1: Final = ("macro_f1", "f1_macro", "macro_f1_score", "f1", "f1_score", "weighted_f1", "f1_weighted", "micro_f1",
             "f1_micro")  # fmt: skip


def _spelled(figures: Iterable[str], splits: Iterable[str] = SPLITS) -> tuple[str, ...]:
    return tuple(f"{split}_{figure}" for figure in figures for split in splits)


# What we call it -> how trainers spell it (after `plain`), the more telling spelling first.
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "step": ("train_global_step", "global_step", "trainer_global_step", "current_steps", "step", "steps", "iteration",
             "iter"),
    "epoch": ("epoch", "train_epoch", "epochs"),
    "loss": ("loss", "train_loss", "training_loss", "train_loss_step", "loss_train", "train_loss_epoch"),
    "lr": ("learning_rate", "lr", "train_learning_rate", "train_lr", "lr_adamw", "lr_adam", "lr_group_0"),
    "grad_norm": ("grad_norm", "train_grad_norm", "gradient_norm", "gnorm"),
    "eval_loss": _spelled(("loss",)),
    "f1": _spelled(F1),
    "accuracy": _spelled(("accuracy", "acc")),
    "train_eval_loss": ("eval_train_loss",),
    "train_f1": _spelled(F1, ("eval_train", "train")),
}  # fmt: skip
# Without a prefix these belong to the evaluation only where the row is one: trainers log batch accuracies, too.
BARE: Final[Mapping[str, tuple[str, ...]]] = {"f1": F1, "accuracy": ("accuracy", "acc")}
# A row that sums up the whole run: its train_loss is no point of the curve.
SUMMARY: Final = frozenset({"train_runtime", "total_flos", "train_samples_per_second", "log_history"})
STEP_OF_TOTAL: Final = "global_step_max_steps"  # ms-swift: "10/100"
MOST_STEPS: Final = 10**12
# nats, or a gradient's norm. What is larger has diverged, and its sums would overflow.
MOST_LOSS: Final = 1e9
# What each figure can be, where that is not any number up to MOST_LOSS; a value outside was not logged.
WITHIN: Final[Mapping[str, tuple[float, float]]] = {
    "epoch": (0.0, 1e9),
    "lr": (0.0, 1e3),
    "f1": (0.0, 100.0),
    "accuracy": (0.0, 100.0),
    "train_f1": (0.0, 100.0),
}
# Logged points. What a curve of a million steps says, one of every tenth says as well; above it memory is the limit.
MOST_POINTS: Final = 2_000_000
# Points in a row, up to the end, whose gradient is not finite while the loss looks healthy: the Trainer replaces a NaN
# loss before it logs it. Mixed precision skips single steps for the same reason, so one says nothing. Assumption.
DEAD_GRADIENTS: Final = 3


@dataclass
class Collector:
    """A log while it is being read."""

    points: dict[int, LossPoint] = field(default_factory=dict)
    evaluations: dict[int, dict[str, float]] = field(default_factory=dict)
    repeated: int = 0
    rows: int = 0
    macro: bool = False
    steps_seen: bool = False
    dead_gradients: set[int] = field(default_factory=set)  # steps whose logged gradient norm is not finite
    _step: int = 0
    _known: dict[object, str] = field(default_factory=dict)  # raw key -> plain, keys repeat in every row

    def add(self, row: Row) -> None:
        """Take one row in. Raises: DataError above MOST_POINTS."""
        self.rows += 1
        given = {self._plain(key): value for key, value in row.items() if key is not None}
        if not SUMMARY.isdisjoint(given):
            given = {key: value for key, value in given.items() if key not in ("train_loss", "log_history")}
        found = {name: value for name, spelled in NAMES.items() if (value := _first(given, spelled)) is not None}
        if "loss" not in found or "eval_loss" in found:
            found |= {
                name: v
                for name, spelled in BARE.items()
                if name not in found and (v := _first(given, spelled)) is not None
            }
        step = self._at(given, found)
        if step is None:
            return
        found = dict(_possible(found))
        self._take_point(step, found)
        self._take_evaluation(step, found)
        self.macro = self.macro or any("macro" in key and "f1" in key and "train" not in key for key in given)
        if len(self.points) + len(self.evaluations) > MOST_POINTS:
            raise DataError("logs.many_points", limit=f"{MOST_POINTS:,}")

    def _plain(self, key: object) -> str:
        if key not in self._known:
            self._known[key] = plain(key)
        return self._known[key]

    def _at(self, given: Row, found: Mapping[str, float]) -> int | None:
        """The step of a row: its own, else that of the row before, else the row's number; None for nonsense."""
        told = found.get("step")
        if told is None and isinstance(given.get(STEP_OF_TOTAL), str):
            told = number(str(given[STEP_OF_TOTAL]).partition("/")[0])
        if told is None:
            return self._step if self.steps_seen else self.rows
        if not 0 <= told <= MOST_STEPS:  # NaN fails as well
            return None
        self.steps_seen, self._step = True, int(told)
        return self._step

    def _take_point(self, step: int, found: Mapping[str, float]) -> None:
        if "loss" not in found:
            return
        self.repeated += step in self.points
        numbers = {name: found.get(name, nan) for name in ("epoch", "lr", "grad_norm")}
        self.points[step] = LossPoint(step, found["loss"], **numbers)
        self.dead_gradients.discard(step)
        if not isfinite(found.get("grad_norm", 0.0)):
            self.dead_gradients.add(step)

    def _take_evaluation(self, step: int, found: Mapping[str, float]) -> None:
        names = {
            "loss": "eval_loss",
            "f1": "f1",
            "accuracy": "accuracy",
            "train_loss": "train_eval_loss",
            "train_f1": "train_f1",
        }
        seen = {ours: found[name] for ours, name in names.items() if name in found}
        if not seen.keys() - ({"train_f1"} if "loss" in found else set()):
            return
        before = self.evaluations.get(step, {})
        self.repeated += not before.keys().isdisjoint(seen)
        self.evaluations[step] = before | seen | ({"epoch": found["epoch"]} if "epoch" in found else {})


def _possible(found: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """Figures inside what they can be; a loss beyond MOST_LOSS is as good as infinite."""
    for name, value in found.items():
        low, high = WITHIN.get(name, (-MOST_LOSS, MOST_LOSS))
        if name not in WITHIN:
            yield name, value if low <= value <= high else inf
        elif low <= value <= high:
            yield name, value


def _first(given: Row, spelled: Iterable[str]) -> float | None:
    return next((v for key in spelled if key in given and (v := number(given[key])) is not None), None)


def log(name: str, format_name: str, rows: Iterable[Row], recipe: LoggedRecipe, unread: int = 0) -> TrainingLog:
    """The log in our terms.

    Raises: DataError where no row could be read, and where none holds a loss.
    """
    made = Collector()
    for row in rows:
        made.add(row)
    if not made.rows:
        raise DataError("logs.no_rows", path=name)
    if not made.points and not any("loss" in e or "f1" in e or "accuracy" in e for e in made.evaluations.values()):
        raise DataError("logs.no_loss", path=name, rows=f"{made.rows:,}")
    return _finished(name, format_name, made, recipe, unread)


def _finished(name: str, format_name: str, made: Collector, recipe: LoggedRecipe, unread: int) -> TrainingLog:
    points = [made.points[step] for step in sorted(made.points)]
    evaluations = [LoggedEvaluation(step, **_shares(made.evaluations[step])) for step in sorted(made.evaluations)]
    shift = _from_zero([*((p.step, p.epoch) for p in points), *((e.step, e.epoch) for e in evaluations)])
    finite = tuple(_later(p, shift) for p in points if isfinite(p.loss))
    broken = _broken_at(points, made)
    return TrainingLog(
        name=name,
        format=format_name,
        points=finite if broken is None else tuple(p for p in finite if p.step < broken),
        evaluations=tuple(_later_evaluation(e, shift) for e in evaluations if isfinite(_figures(e))),
        recipe=recipe,
        broken_at=broken,
        healed=len([p for p in points if not isfinite(p.loss) and (broken is None or p.step < broken)]),
        repeated=made.repeated,
        unread=unread,
        counts_steps=made.steps_seen,
        macro_f1=made.macro,
    )


def _broken_at(points: list[LossPoint], made: Collector) -> int | None:
    """The first of the non-finite figures that the log ends with."""
    dead = [p.step for p in takewhile(lambda p: not isfinite(p.loss), reversed(points))]
    silent = [p.step for p in takewhile(lambda p: p.step in made.dead_gradients, reversed(points))]
    dead = max(dead, silent if len(silent) >= DEAD_GRADIENTS else [], key=len)
    if dead:
        return dead[-1]
    at = max((step for step, seen in made.evaluations.items() if "loss" in seen), default=-1)
    ends = at >= (points[-1].step if points else 0)
    return at if ends and not isfinite(made.evaluations[at]["loss"]) else None


def _shares(seen: Mapping[str, float]) -> dict[str, float]:
    """Scores logged as percentages become shares."""
    told = dict(seen)
    for name in ("f1", "accuracy", "train_f1"):
        if name in told and 1.0 < told[name] <= 100.0:
            told[name] /= 100.0
    return told


def _figures(e: LoggedEvaluation) -> float:
    """Finite when the evaluation tells anything at all."""
    return min((v for v in (e.loss, e.f1, e.accuracy, e.train_loss, e.train_f1) if isfinite(v)), default=nan)


def _from_zero(told: list[tuple[int, float]]) -> float:
    """1 where the log numbers its epochs from 0, so that the first one that is over counts as one; else 0.

    An epoch of 0 at step 0 is the untrained model. `told` are (step, epoch).
    """
    known = [(step, epoch) for step, epoch in told if isfinite(epoch)]
    whole = all(epoch == int(epoch) for _, epoch in known)
    first = min(known, key=lambda x: x[1], default=(0, 1.0))
    return 1.0 if whole and first[1] == 0 and first[0] > 0 else 0.0


def _later(p: LossPoint, shift: float) -> LossPoint:
    return LossPoint(p.step, p.loss, p.epoch + shift, p.lr, p.grad_norm) if shift else p


def _later_evaluation(e: LoggedEvaluation, shift: float) -> LoggedEvaluation:
    if not shift:
        return e
    return LoggedEvaluation(e.step, e.epoch + shift, e.loss, e.f1, e.accuracy, e.train_loss, e.train_f1)
