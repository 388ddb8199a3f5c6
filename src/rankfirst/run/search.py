"""One stage's walk: decide, act, look again; every step remembered, none taken that the clock forbids."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from rankfirst import policy
from rankfirst.engine.base import Ahead, Engine, Foresighted, Tick
from rankfirst.options import FitOptions
from rankfirst.policy import experiments, search_space
from rankfirst.policy import thresholds as t
from rankfirst.policy import user_settings as settings
from rankfirst.policy.search_space import MEASURED, SearchSpace
from rankfirst.records import (
    Advance,
    Budget,
    Change,
    Curve,
    Dataset,
    Decision,
    Experiment,
    ExperimentResult,
    Extend,
    Family,
    Health,
    Profile,
    Recipe,
    Stage,
    Stop,
    from_json,
    to_json,
)
from rankfirst.run.journal import Journal
from rankfirst.run.time_budget import Clock

MOST_TURNS = 40  # decisions a stage; its move limits end it long before


@dataclass(frozen=True)
class Origin:
    """What the run that this one goes on from had delivered."""

    recipe: Recipe | None  # where the walk starts; None: no LoRA was delivered, and none is trained now
    pooling: str | None = None  # that the delivered weights were trained with; None: chosen anew


@dataclass(frozen=True)
class Wishes:
    """What the user asked for."""

    budget: Budget
    seed: int = 0
    always_lora: bool = False
    wide_lr: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)  # knob -> value, from `policy.settings.parse`
    force: bool = False  # follow settings that the guard refuses
    fixed: Mapping[str, Any] = field(default_factory=dict)  # fields of every recipe: head and objective
    space: SearchSpace = MEASURED  # what the moves may do
    origin: Origin | None = None  # None: from the rows alone

    @classmethod
    def of(cls, options: FitOptions, origin: Origin | None = None) -> "Wishes":
        """Raises: OptionError for knobs nobody knows."""
        seconds = options.seconds
        budget = Budget(t.DEFAULT_WORK if seconds is None else float("inf"), seconds)
        return cls(budget, options.seed, options.always_lora, options.wide_lr, settings.parse(options.knobs),
                   options.force, options.fixed, search_space.named(options.profile), origin)  # fmt: skip


@dataclass
class Walk:
    """From the first probe to a settled one; owns the probes and what they cost."""

    dataset: Dataset
    engine: Engine
    journal: Journal
    wishes: Wishes
    clock: Clock
    tick: Tick
    profile: Profile
    ceiling: policy.Ceiling
    floor: policy.Noise
    pinned: frozenset[str] = frozenset()  # knobs the user set: no rule moves them
    curves: dict[str, Curve] = field(default_factory=dict)  # recipe key -> its newest curve
    work: float = 0.0  # TFLOP spent
    decisions: int = 0
    moves: int = 0  # in this stage
    incumbent: Curve | None = None
    visited: set[str] = field(default_factory=set)  # keys of recipes the walk has stood on
    closed: set[str] = field(default_factory=set)  # moves taken back
    results: dict[str, ExperimentResult] = field(default_factory=dict)
    standing: policy.Evidence | None = None  # what the stage under way looked at last
    at: Stage = Stage.CAPACITY
    early: list[Ahead] = field(default_factory=list)  # probes begun before they were asked for, not yet in the journal
    late: bool = False  # the clock forbade an arm: nothing more is trained, what is known still counts

    def through(self, recipe: Recipe, asked: Callable[[Recipe], Recipe] = lambda settled: settled) -> Curve | None:
        """From the first probe to the settled one: capacity, dynamics, and capacity once more if lr or scaling moved.

        Args:
            asked: the recipe with what the user set for the dynamics, which waits until capacity is settled.
        Returns: None when training makes no sense, or the clock does not even allow the first probe.
        """
        try:
            return self._through(recipe, asked)
        finally:
            self._called_off()

    def _through(self, recipe: Recipe, asked: Callable[[Recipe], Recipe]) -> Curve | None:
        settled = self.first(recipe)
        if settled is not None:
            settled = self.stage(Stage.CAPACITY, settled)
        if settled is None:
            return None
        tuned = self.stage(Stage.OPTIMISE, settled, asked(settled.recipe))
        if tuned is None or (tuned.recipe.lr, tuned.recipe.scaling) == (recipe.lr, recipe.scaling):
            return tuned
        return self.stage(Stage.RECHECK, tuned)

    def first(self, recipe: Recipe) -> Curve | None:
        """The first probe; None when the clock does not allow even that."""
        cost = self.engine.facts.probe_work(recipe, t.FIRST_PROBE_EPOCHS)
        if not self.in_time("start", _probe_key(recipe, t.FIRST_PROBE_EPOCHS), cost):
            return None
        return self.probe(recipe, t.FIRST_PROBE_EPOCHS)

    def stage(self, stage: Stage, curve: Curve, asked: Recipe | None = None) -> Curve | None:
        """Decide and act until the stage is settled; None when training makes no sense at all.

        Args:
            asked: what the user set for this stage: tried first, and judged like any other move.
        """
        self.moves, self.incumbent, self.at, self.standing = 0, None, stage, None
        self.visited.add(curve.recipe.key)
        if stage is Stage.RECHECK:  # what capacity is right holds only near the lr it was found at
            self.closed = {move for move in self.closed if move[:-1] not in {"rank", "sites"}}
        if asked is not None and asked.key != curve.recipe.key:
            made = policy.requested(self._evidence(stage, curve), asked)
            self.journal.remember("decision", f"{stage.value}-set", partial(to_json, made))
            self.decisions += 1
            curve = self._move(f"{stage.value}-set", curve, asked) or curve
        for turn in range(MOST_TURNS):
            key = f"{stage.value}-{turn}"
            self.visited.add(curve.recipe.key)
            evidence = self.standing = self._evidence(stage, curve)
            made = policy.decide(evidence)
            decision: Decision = from_json(Decision, self.journal.remember("decision", key, partial(to_json, made)))
            self.decisions += 1
            move = decision.move
            if isinstance(move, Stop):
                return self.incumbent
            if isinstance(move, Advance):
                return curve
            after = self._act(key, evidence, decision)
            if after is None and isinstance(move, Experiment):  # no time for an arm: decide by those there are
                self.late = True
                continue
            if after is None:  # the clock says no: what there is
                return curve if curve.checkpoint else self.incumbent
            curve = after
        return curve

    def _act(self, key: str, evidence: policy.Evidence, decision: Decision) -> Curve | None:
        """The curve to look at next; None when the clock does not allow the move."""
        curve, move = evidence.curve, decision.move
        if isinstance(move, Extend):
            epochs = int(move.epochs)
            if not self.in_time(key, _probe_key(curve.recipe, epochs), policy.cost(evidence, move)):
                return None
            return self.probe(curve.recipe, epochs)
        if isinstance(move, Experiment):
            return curve if self._experiment(key, evidence, move) else None
        if isinstance(move, Change) and decision.family is Family.TAKEN_BACK:
            self.closed.add(_direction(self.incumbent or curve, curve))
            self.incumbent = None
            return self.curves[move.recipe.key]
        return self._move(key, curve, move.recipe) if isinstance(move, Change) else curve

    def _move(self, key: str, curve: Curve, recipe: Recipe) -> Curve | None:
        """A probe of another recipe, as long as the one it will be compared with."""
        epochs = _epochs(curve)
        if not self.in_time(key, _probe_key(recipe, epochs), self.engine.facts.probe_work(recipe, epochs)):
            return None
        self.incumbent = curve if curve.checkpoint else self.incumbent  # a diverged probe is nothing to return to
        self.moves += 1
        return self.probe(recipe, epochs)

    def _evidence(self, stage: Stage, curve: Curve) -> policy.Evidence:
        return policy.Evidence(
            stage=stage,
            curve=curve,
            truth=self.dataset.val.labels,
            profile=self.profile,
            facts=self.engine.facts,
            noise=self.floor,
            ceiling=self.ceiling,
            incumbent=self.incumbent,
            before=self.incumbent,
            experiment=self.results.get(curve.recipe.key),
            seeds=self._other_seeds(curve),
            tried=frozenset(self.visited),
            probed=self._known(_epochs(curve)),
            closed=frozenset(self.closed),
            moves=self.moves,
            pinned=self.pinned,
            wide_lr=self.wishes.wide_lr,
            space=self.wishes.space,
            work_left=0.0 if self.late else t.SEARCH_SHARE * self.wishes.budget.max_work - self.work,
        )

    def _experiment(self, key: str, e: policy.Evidence, move: Experiment) -> bool:
        """The arms' probes, and what they say beside those before them; False when the clock forbids one."""
        epochs, results = _epochs(e.curve), []
        for arm in move.arms:
            step = _probe_key(arm.recipe, epochs)
            if not self.in_time(key, step, self.engine.facts.probe_work(arm.recipe, epochs)):
                return False
            results.append(experiments.as_arm(arm.kind, self.probe(arm.recipe, epochs)))
        name = f"{e.curve.recipe.key} {'/'.join(arm.recipe.key for arm in move.arms)}"
        told = self.journal.remember("experiment", name, lambda: to_json(experiments.verdict(e, results)))
        self.results[e.curve.recipe.key] = from_json(ExperimentResult, told)
        return True

    def _other_seeds(self, curve: Curve) -> tuple[Curve, ...]:
        """Probes of the same recipe under other seeds."""
        same = [c for c in self.curves.values() if c.recipe.with_(seed=curve.recipe.seed) == curve.recipe]
        return tuple(c for c in same if c.recipe.seed != curve.recipe.seed)

    def _known(self, epochs: int) -> frozenset[str]:
        """Keys of recipes whose probe of so many epochs is there, or ended before."""
        return frozenset(k for k, c in self.curves.items() if c.epochs == epochs or c.health is not Health.FINE)

    def in_time(self, at: str, step: str, work: float, kind: str = "probe") -> bool:
        """Whether a step may begin: probes and experiments get half of the clock; what it forbids is recorded."""
        if self.journal.has(kind, step):
            return True
        if not self.journal.has("clock", at) and self.clock.allows(work, t.SEARCH_SHARE):
            return True
        self.journal.remember("clock", at, lambda: self.clock.said(at))
        return False

    def _foresee(self, recipe: Recipe, epochs: int) -> None:
        """Let an engine that has workers to spare begin what may be asked for after this probe."""
        if not isinstance(self.engine, Foresighted):
            return
        here = self.standing and self._evidence(self.at, self.standing.curve)
        asked = self._evidence(self.at, policy.unseen(recipe, epochs))
        likely = policy.ahead(here, asked)
        left = asked.work_left
        cost = self.engine.facts.probe_work
        self.engine.foresee([(other, epochs) for other in likely if cost(other, epochs) <= left], (recipe, epochs))

    def _settled(self) -> list[Ahead]:
        """What became of probes begun early, kept until the journal may hear of it."""
        told = self.engine.settled() if isinstance(self.engine, Foresighted) else []
        self.early += told
        return told

    def _account(self) -> None:
        """Each of them is an event of its own, beside the probes that were asked for."""
        self._settled()
        for told in self.early:
            key = name = _probe_key(told.recipe, told.epochs)
            again = 1
            while self.journal.has("ahead", name):
                again += 1
                name = f"{key} {again}"
            cost = {"used": told.used, "work": told.work, "seconds": round(told.seconds, 2)}
            self.journal.remember("ahead", name, partial(dict, recipe=to_json(told.recipe), **cost))
        self.early = []

    def _called_off(self) -> None:
        """Nothing more will be asked for."""
        if isinstance(self.engine, Foresighted):
            self.engine.foresee(())
            self._account()

    def probe(self, recipe: Recipe, epochs: int) -> Curve:
        """A probe, trained once."""

        def train() -> Any:
            began = time.perf_counter()
            self._foresee(recipe, epochs)
            made = self.engine.probe(recipe, epochs, self.tick)
            early = [told.seconds for told in self._settled() if told.used]
            self.clock.learn(made.work, max([time.perf_counter() - began, *early]))
            return to_json(made)

        if recipe.key in self._known(epochs):
            return self.curves[recipe.key]
        curve: Curve = from_json(Curve, self.journal.remember("probe", _probe_key(recipe, epochs), train))
        self._account()
        if curve.checkpoint and not self.engine.has(curve.checkpoint):
            self.engine.probe(recipe, epochs, self.tick)  # its files were lost; the curve stays what was recorded
        self.work += curve.work
        self.curves[recipe.key] = curve
        return curve


def _probe_key(recipe: Recipe, epochs: int) -> str:
    return f"{recipe.key}-e{epochs}"


def _epochs(curve: Curve) -> int:
    """Of the probes that are compared with this one."""
    return max(t.FIRST_PROBE_EPOCHS, int(curve.epochs))


def _direction(old: Curve, new: Curve) -> str:
    """The move between two recipes, as the policy names it: "rank+", "lr-", ..."""
    for name in ("rank", "lr", "scaling", "dropout"):
        a, b = getattr(old.recipe, name), getattr(new.recipe, name)
        if a != b:
            return f"{name}{'+' if b > a else '-'}"
    return "sites+" if new.adapter_parameters > old.adapter_parameters else "sites-"
