"""The search: decide, act and evaluate until a stage is settled, within the clock; the journal records every step."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from rankfirst import policy
from rankfirst.engine.base import Ahead, Engine, Foresighted, Tick
from rankfirst.measure.wall_clock import span
from rankfirst.options.fit_options import FitOptions
from rankfirst.policy import experiments, search_space
from rankfirst.policy import thresholds as t
from rankfirst.policy import user_settings as settings
from rankfirst.policy.final_training import full_run, probe_epochs
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
    Number,
    Profile,
    Recipe,
    Stage,
    Stop,
    from_json,
    to_json,
)
from rankfirst.run.journal import Journal
from rankfirst.run.time_budget import Clock

MOST_TURNS = 40  # decisions per stage; its limit of moves ends it much earlier


@dataclass(frozen=True)
class Origin:
    """What the continued run had delivered."""

    recipe: Recipe | None  # the first recipe of this run; None: no LoRA was delivered, and none is trained now
    pooling: str | None = None  # the pooling that the delivered weights were trained with; None: chosen again


@dataclass(frozen=True)
class Wishes:
    """The options of the user, as the run needs them."""

    budget: Budget
    seed: int = 0
    always_lora: bool = False
    wide_lr: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)  # knob -> value, from `policy.user_settings.parse`
    force: bool = False  # follow settings that the guard refuses
    fixed: Mapping[str, Any] = field(default_factory=dict)  # fields of every recipe: head and objective
    space: SearchSpace = MEASURED  # values of the knobs and sizes of the moves
    origin: Origin | None = None  # None: the run continues no other one
    prefer: str = "balanced"  # key of `policy.shipping.REQUIREMENTS`
    drop_suspects: bool = False  # leave doubtful rows out of LoRA's training where that is the better bet
    apart: bool = False  # the splits keep groups or times apart, which a random part of the training rows would not

    @classmethod
    def of(cls, options: FitOptions, origin: Origin | None = None) -> "Wishes":
        """Raises: OptionError for unknown knobs or values."""
        budget = Budget(t.FULL_RUNS, options.seconds)  # a clock cuts a search, it never makes one longer
        return cls(budget, options.seed, options.always_lora, options.wide_lr, settings.parse(options.knobs),
                   options.force, options.fixed, search_space.named(options.profile), origin,
                   options.prefer, options.drop_suspects, bool(options.group or options.time))  # fmt: skip


@dataclass
class Walk:
    """The search from the first probe to the settled recipe; keeps the probes and the work spent on them."""

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
    visited: set[str] = field(default_factory=set)  # keys of recipes that the search has been at
    closed: set[str] = field(default_factory=set)  # moves taken back
    results: dict[str, ExperimentResult] = field(default_factory=dict)
    standing: policy.Evidence | None = None  # the evidence of the last decision in this stage
    at: Stage = Stage.CAPACITY
    early: list[Ahead] = field(default_factory=list)  # results of speculative probes, not yet in the journal
    made: list[Decision] = field(default_factory=list)  # the changes of the recipe that were kept
    late: bool = False  # the clock forbade an arm: nothing more is trained, the known probes still count

    def through(self, recipe: Recipe, with_settings: Callable[[Recipe], Recipe] = lambda r: r) -> Curve | None:
        """The whole search: capacity, dynamics, and capacity once more at the settled lr.

        Args:
            with_settings: adds the user's settings of the dynamics to a recipe, once capacity is settled.
        Returns: the settled probe; None if training makes no sense or the clock does not allow even the first probe.
        """
        try:
            return self._through(recipe, with_settings)
        finally:
            self._stop_speculation()

    def _through(self, recipe: Recipe, with_settings: Callable[[Recipe], Recipe]) -> Curve | None:
        settled = self.first(recipe)
        if settled is not None:
            settled = self.stage(Stage.CAPACITY, settled)
        if settled is None:
            return None
        tuned = self.stage(Stage.OPTIMISE, settled, with_settings(settled.recipe))
        return None if tuned is None else self.stage(Stage.RECHECK, tuned)

    def first(self, recipe: Recipe) -> Curve | None:
        """The first probe; None if the clock does not allow it."""
        epochs = self.probe_epochs
        if not self.in_time("start", _probe_key(recipe, epochs), self.engine.facts.probe_work(recipe, epochs)):
            return None
        return self.probe(recipe, epochs)

    @property
    def probe_epochs(self) -> int:
        """Epochs of a probe as the journal has them: the version that began the run may have chosen another length."""
        recorded = (key for kind, key in self.journal.events if kind == "probe")
        first = next(recorded, None)
        return probe_epochs(self.engine.facts) if first is None else int(first.rpartition("-e")[2])

    def stage(self, stage: Stage, curve: Curve, requested: Recipe | None = None) -> Curve | None:
        """Decide and act until the stage is settled; None if training makes no sense.

        Args:
            requested: the recipe with the user's settings for this stage: tried first, judged like any other move.
        """
        self.moves, self.incumbent, self.at, self.standing = 0, None, stage, None
        self.visited.add(curve.recipe.key)
        if stage is Stage.RECHECK:  # the right capacity depends on lr, so moves of capacity are open again
            self.closed = {move for move in self.closed if move[:-1] not in {"rank", "sites"}}
        if requested is not None and requested.key != curve.recipe.key:
            new = policy.requested(self._evidence(stage, curve), requested)
            self.journal.remember("decision", f"{stage.value}-set", partial(to_json, new))
            self.decisions += 1
            tried = self._move(f"{stage.value}-set", curve, requested)
            self.made += [] if tried is None else [new]
            curve = tried or curve
        for turn in range(MOST_TURNS):
            key = f"{stage.value}-{turn}"
            self.visited.add(curve.recipe.key)
            evidence = self.standing = self._evidence(stage, curve)
            new = policy.decide(evidence)
            decision: Decision = from_json(Decision, self.journal.remember("decision", key, partial(to_json, new)))
            self.decisions += 1
            move = decision.move
            if isinstance(move, Stop):
                return self.incumbent
            if isinstance(move, Advance):
                return curve
            after = self._act(key, evidence, decision)
            if after is None and isinstance(move, Experiment):  # no time for an arm: decide without it
                self.late = True
                continue
            if after is None:  # no time for the move: keep the best probe so far
                return curve if curve.checkpoint else self.incumbent
            if isinstance(move, Change):
                self.made = self.made[:-1] if decision.family is Family.TAKEN_BACK else [*self.made, decision]
            curve = after
        return curve

    @property
    def tally(self) -> dict[str, Number]:
        """How many changes of the recipe were kept, and how many of these are proven, bets, or as good and smaller."""
        chosen = [d for d in self.made if d.family is not Family.REQUESTED]
        smaller = [d for d in chosen if d.family is Family.SPARE_CAPACITY and d.proven is False]
        bets = sum(d.proven is False for d in chosen) - len(smaller)
        proven = sum(d.proven is True for d in chosen)
        return {"moves": len(chosen), "moves_proven": proven, "moves_bet": bets, "moves_smaller": len(smaller)}

    def _act(self, key: str, evidence: policy.Evidence, decision: Decision) -> Curve | None:
        """The curve to decide from next; None if the clock does not allow the move."""
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
        """A probe of another recipe, with as many epochs as the one that it is compared with."""
        epochs = self._epochs(curve)
        if not self.in_time(key, _probe_key(recipe, epochs), self.engine.facts.probe_work(recipe, epochs)):
            return None
        self.incumbent = curve if curve.checkpoint else self.incumbent  # a diverged probe cannot be returned to
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
            probed=self._known(self._epochs(curve)),
            closed=frozenset(self.closed),
            moves=self.moves,
            drop_doubtful=self.wishes.drop_suspects,
            without_tried=any(c.recipe.without for c in self.curves.values()),
            pinned=self.pinned,
            wide_lr=self.wishes.wide_lr,
            space=self.wishes.space,
            work_left=0.0 if self.late else self.budget(curve.recipe) - self.work,
        )

    def budget(self, recipe: Recipe) -> float:
        """TFLOP that the search may spend if it ends at this recipe."""
        runs = self.wishes.budget.full_runs - t.FINAL_RUNS
        return runs if math.isinf(runs) else runs * full_run(self.engine.facts, recipe, len(self.dataset.train))

    def _experiment(self, key: str, e: policy.Evidence, move: Experiment) -> bool:
        """Train the arms and record the experiment's result with all arms so far; False if the clock forbids one."""
        epochs, results = self._epochs(e.curve), []
        for arm in move.arms:
            step = _probe_key(arm.recipe, epochs)
            if not self.in_time(key, step, self.engine.facts.probe_work(arm.recipe, epochs)):
                return False
            results.append(experiments.as_arm(arm.kind, self.probe(arm.recipe, epochs)))
        name = f"{e.curve.recipe.key} {'/'.join(arm.recipe.key for arm in move.arms)}"
        payload = self.journal.remember("experiment", name, lambda: to_json(experiments.verdict(e, results)))
        self.results[e.curve.recipe.key] = from_json(ExperimentResult, payload)
        return True

    def _other_seeds(self, curve: Curve) -> tuple[Curve, ...]:
        """Probes of the same recipe under other seeds."""
        same = [c for c in self.curves.values() if c.recipe.with_(seed=curve.recipe.seed) == curve.recipe]
        return tuple(c for c in same if c.recipe.seed != curve.recipe.seed)

    def _epochs(self, curve: Curve) -> int:
        """Epochs of the probes that are compared with this one."""
        return max(self.probe_epochs, int(curve.epochs))

    def _known(self, epochs: int) -> frozenset[str]:
        """Keys of recipes with a probe of this many epochs, or one that failed earlier."""
        return frozenset(k for k, c in self.curves.items() if c.epochs == epochs or c.health is not Health.FINE)

    def in_time(self, at: str, step: str, work: float, kind: str = "probe") -> bool:
        """Whether a step may begin. Probes and experiments get half of the clock limit; a refusal is recorded."""
        if self.journal.has(kind, step):
            return True
        if not self.journal.has("clock", at) and self.clock.allows(work, t.SEARCH_SHARE):
            return True
        self.journal.remember("clock", at, lambda: self.clock.event(at))
        return False

    def _foresee(self, recipe: Recipe, epochs: int) -> None:
        """Give an engine with idle workers the probes that are likely to follow this one."""
        if not isinstance(self.engine, Foresighted):
            return
        here = self.standing and self._evidence(self.at, self.standing.curve)
        pending = self._evidence(self.at, policy.unseen(recipe, epochs))
        likely = policy.ahead(here, pending)
        left = pending.work_left
        cost = self.engine.facts.probe_work
        self.engine.foresee([(other, epochs) for other in likely if cost(other, epochs) <= left], (recipe, epochs))

    def _settled(self) -> list[Ahead]:
        """Speculative probes that ended since the last call; `early` keeps them until the journal can record them."""
        ended = self.engine.settled() if isinstance(self.engine, Foresighted) else []
        self.early += ended
        return ended

    def _account(self) -> None:
        """Record each speculative probe that ended as an event, apart from the probes of the search."""
        self._settled()
        for ahead in self.early:
            key = name = _probe_key(ahead.recipe, ahead.epochs)
            again = 1
            while self.journal.has("ahead", name):
                again += 1
                name = f"{key} {again}"
            cost = {"used": ahead.used, "work": ahead.work, "seconds": round(ahead.seconds, 2)}
            self.journal.remember("ahead", name, partial(dict, recipe=to_json(ahead.recipe), **cost))
        self.early = []

    def _stop_speculation(self) -> None:
        """Cancel speculative probes: the search needs no more."""
        if isinstance(self.engine, Foresighted):
            self.engine.foresee(())
            self._account()

    def probe(self, recipe: Recipe, epochs: int) -> Curve:
        """The probe of a recipe with this many epochs; a known one is not trained again."""

        def train() -> Any:
            began = time.perf_counter()
            self._foresee(recipe, epochs)
            with span("probes"):
                trained = self.engine.probe(recipe, epochs, self.tick)
            early = [ahead.seconds for ahead in self._settled() if ahead.used]
            self.clock.learn(trained.work, max([time.perf_counter() - began, *early]))
            return to_json(trained)

        if recipe.key in self._known(epochs):
            return self.curves[recipe.key]
        curve: Curve = from_json(Curve, self.journal.remember("probe", _probe_key(recipe, epochs), train))
        self._account()
        if curve.checkpoint and not self.engine.has(curve.checkpoint):
            self.engine.probe(recipe, epochs, self.tick)  # the files were lost; the recorded curve stays
        self.work += curve.work
        self.curves[recipe.key] = curve
        return curve


def _probe_key(recipe: Recipe, epochs: int) -> str:
    return f"{recipe.key}-e{epochs}"


def _direction(old: Curve, new: Curve) -> str:
    """The move between two recipes, as the policy names it: "rank+", "lr-", ..."""
    for name in ("rank", "lr", "scaling", "dropout"):
        a, b = getattr(old.recipe, name), getattr(new.recipe, name)
        if a != b:
            return f"{name}{'+' if b > a else '-'}"
    if new.recipe.without != old.recipe.without:
        return "data+"
    return "sites+" if new.adapter_parameters > old.adapter_parameters else "sites-"
