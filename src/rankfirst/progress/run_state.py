"""The state of a run in progress, collected from events, ticks and pulses, and read as a frozen `View`."""

import contextlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from rankfirst.engine.base import Pulse
from rankfirst.progress import time_left
from rankfirst.records import Recipe, from_json

STAGES: Final = ("assess", "ladder", "capacity", "optimise", "recheck", "final")
_LADDER: Final = ("features", "prefix", "frozen", "tfidf")  # steps that belong to the rungs below LoRA
# Stages of `assess`, and the steps that belong to each.
APPRAISAL: Final = {
    "data": ("read", "checks", "pace"),
    "ladder": (*_LADDER, "folds", "learning"),
    "limits": ("suspects", "ceiling"),
    "lora": ("lora", "full", "cache", "train", "evaluate"),
    "rows": ("shift", "rows"),
}


@dataclass(frozen=True)
class View:
    """A snapshot of a run; unknown values are None."""

    stage: str = "assess"  # of STAGES
    what: str = ""  # the step as the engine names it, such as "train 1/2"
    done: int = 0
    total: int = 0
    share: float = 0.0  # done share of the step over all its epochs
    step_left: float | None = None  # seconds
    recipe: Recipe | None = None
    losses: tuple[float, ...] = ()  # nats, of the current or last training
    f1: float | None = None  # its latest validation macro-F1
    frozen: float | None = None  # validation macro-F1 of the frozen rung
    best: float | None = None  # validation macro-F1, best of all epochs so far
    probes: int = 0
    elapsed: float = 0.0  # seconds, earlier sessions included
    limit: float | None = None  # seconds, --budget
    work: float = 0.0  # TFLOP of training
    work_limit: float | None = None  # TFLOP
    left: tuple[float, float] | None = None  # seconds to the end: at least (0: unknown), at most
    stages: tuple[str, ...] = STAGES


@dataclass
class Board:
    """Updated by the training thread; `view` may be called from another one."""

    now: Callable[[], float] = time.monotonic
    stage: str = "assess"
    what: str = ""
    step: str = ""  # `what` without its epoch
    done: int = 0
    total: int = 0
    share: float = 0.0
    began: float = 0.0  # start of the step
    began_share: float = 0.0
    recipe: Recipe | None = None
    losses: list[float] = field(default_factory=list)
    f1: float | None = None
    frozen: float | None = None
    best: float | None = None
    known: time_left.Known = field(default_factory=time_left.Known)
    seconds: float = 0.0  # duration of the run at its latest event
    heard: float | None = None  # `now` when that event arrived
    limit: float | None = None
    work_limit: float | None = None
    stages: tuple[str, ...] = STAGES

    def event(self, event: Mapping[str, Any]) -> None:
        """Process a line of the journal. Lines of older versions that differ are skipped: a view must not end a run."""
        at = float(event.get("seconds", self.seconds))
        took, self.seconds, self.heard = max(0.0, at - self.seconds), at, self.now()
        self.step, self.share, self.total = "", 0.0, 0  # the current step is over, perhaps before its last epoch
        with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
            self._note(event["kind"], event["key"], event["payload"], took)

    def tick(self, what: str, done: int, total: int) -> None:
        """Progress of a step."""
        step, share = whole_step(what, done, total)
        if step != self.step or share < self.share:
            self.step, self.began, self.began_share = step, self.now(), share if done < total else 0.0
        self.what, self.done, self.total, self.share = what, done, total, share
        if self.stage == "assess" and step in _LADDER:
            self.stage = "ladder"

    def pulse(self, pulse: Pulse) -> None:
        """A loss or a score of the current training."""
        if pulse.recipe != self.recipe or pulse.step == 0:
            self.recipe, self.losses, self.f1 = pulse.recipe, [], None
        if pulse.train_loss is not None:
            self.losses.append(pulse.train_loss)
        if pulse.val_macro_f1 is not None and pulse.step:
            self.f1 = pulse.val_macro_f1
            self.best = max(self.best or 0.0, self.f1)

    def view(self) -> View:
        """The current state."""
        now = self.now()
        elapsed = self.seconds + (now - self.heard if self.heard is not None else 0.0)
        running = self.total > 0 and self.share < 1
        step_left = time_left.of_step(self.share, self.began_share, now - self.began) if running else None
        training = running and self.step == "train"
        left = time_left.of_run(self.known, self.stage, elapsed, self.limit, self.work_limit,
                                step_left if training else None, training)  # fmt: skip
        return View(self.stage, self.what if running else "", self.done, self.total, self.share, step_left,
                    self.recipe, tuple(self.losses), self.f1, self.frozen, self.best, self.known.probes, elapsed,
                    self.limit, self.known.work, self.work_limit, left, self.stages)  # fmt: skip

    def _note(self, kind: str, key: str, payload: Any, took: float) -> None:
        if kind == "run":
            self.limit, self.work_limit = payload.get("budget_seconds"), payload.get("budget_work")
        elif kind == "profile":
            self.known.rows = int(payload["n_train"])
        elif kind == "rung" and key == "frozen":
            self.frozen = float(payload["val"]["macro_f1"])
        elif kind == "start":
            self.stage, self.recipe = "capacity", from_json(Recipe, payload["recipe"])
        elif kind in ("probe", "final"):
            self._curve(kind, payload, took)
        elif kind == "decision":
            self._decision(payload)
        elif kind == "final_plan":
            self.stage, self.known.final_epochs = "final", int(payload["epochs"])
        elif kind in ("rival", "held_out", "refit"):
            self.known.work += float(payload["work"])
        elif kind in ("verdict", "result"):
            self.stage, self.known.trained = "final", True

    def _curve(self, kind: str, payload: Any, took: float) -> None:
        self.recipe = from_json(Recipe, payload["recipe"])
        self.losses = [x for x in payload["train_loss"] if isinstance(x, float)]
        scores = [e["val_macro_f1"] for e in payload["evaluations"][1:] if isinstance(e["val_macro_f1"], float)]
        if scores:
            self.f1, self.best = scores[-1], max([self.best or 0.0, *scores])
        self.known.work += float(payload["work"])
        if kind == "final":
            self.known.trained = True
        else:
            rows = int(payload["steps_per_epoch"]) * self.recipe.batch_size
            self.known.probed(self.recipe.key, took, float(payload["work"]), float(payload["epochs"]), rows)

    def _decision(self, payload: Any) -> None:
        move = payload["move"]
        named = [stage for stage in (move.get("stage"), payload["stage"]) if stage in STAGES]
        self.stage = named[0] if named else self.stage
        recipes = [arm["recipe"] for arm in [*move.get("arms", ()), *([move] if "recipe" in move else [])]]
        self.known.announced = {from_json(Recipe, recipe).key for recipe in recipes} - self.known.keys


def whole_step(what: str, done: int, total: int) -> tuple[str, float]:
    """A step without its epoch, and the done share of all its epochs: "train 2/2", 1, 4 -> "train", 0.625."""
    share = done / total if total else 0.0
    match = re.fullmatch(r"(.*?) (\d+)/(\d+)", what)
    if match is None:
        return what, share
    if match[1] in ("train", "full", "held_out", "refit"):
        share = (int(match[2]) - 1 + share) / max(1, int(match[3]))
    return match[1], share


class Appraisal(Board):
    """The state of an assessment, which has steps but no journal."""

    def __init__(self, lora: bool, now: Callable[[], float] = time.monotonic) -> None:
        """`lora`: whether LoRA or full fine-tuning is measured as well."""
        super().__init__(now=now, stage="data")
        self.stages = tuple(stage for stage in APPRAISAL if lora or stage != "lora")
        self.heard = now()

    def tick(self, what: str, done: int, total: int) -> None:
        """Progress of a step; stages never go back, although some steps repeat."""
        super().tick(what, done, total)
        for stage in self.stages[self.stages.index(self.stage) :]:
            if self.step in APPRAISAL[stage]:
                self.stage = stage
