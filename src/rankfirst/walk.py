"""One stage's walk: decide, act, look again; every step remembered, none taken that the clock forbids."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from rankfirst import policy
from rankfirst.clock import Clock
from rankfirst.engine.base import Engine, Tick
from rankfirst.journal import Journal
from rankfirst.policy import experiments
from rankfirst.policy import thresholds as t
from rankfirst.policy.held import AS_USUAL, Held
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
    Profile,
    Recipe,
    Stage,
    Stop,
    from_json,
    to_json,
)

TAKEN_BACK = {"took_worse", "recall_lost"}  # rules whose Change returns to the incumbent
MOST_TURNS = 12  # decisions a stage; its move limits end it long before


@dataclass(frozen=True)
class Wishes:
    """What the user asked for."""

    budget: Budget
    seed: int = 0
    always_lora: bool = False
    wide_lr: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)  # knob -> value, from `policy.settings.parse`
    force: bool = False  # follow settings that the guard refuses
    held: Held = AS_USUAL  # head and objective of every recipe


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
    closed: set[str] = field(default_factory=set)  # moves taken back
    results: dict[str, ExperimentResult] = field(default_factory=dict)

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
        self.moves, self.incumbent = 0, None
        if stage is Stage.RECHECK:  # what capacity is right holds only near the lr it was found at
            self.closed = {move for move in self.closed if move[:-1] not in {"rank", "sites"}}
        if asked is not None and asked.key != curve.recipe.key:
            made = policy.asked(self._evidence(stage, curve), asked)
            self.journal.remember("decision", f"{stage.value}-set", partial(to_json, made))
            self.decisions += 1
            curve = self._move(f"{stage.value}-set", curve, asked) or curve
        for turn in range(MOST_TURNS):
            key = f"{stage.value}-{turn}"
            evidence = self._evidence(stage, curve)
            made = policy.decide(evidence)
            decision: Decision = from_json(Decision, self.journal.remember("decision", key, partial(to_json, made)))
            self.decisions += 1
            move = decision.move
            if isinstance(move, Stop):
                return self.incumbent
            if isinstance(move, Advance):
                return curve
            after = self._act(key, evidence, decision)
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
            return self.probe(curve.recipe, epochs, curve.checkpoint)
        if isinstance(move, Experiment):
            if not self.in_time(key, curve.recipe.key, policy.cost(evidence, move), "experiment"):
                return None
            self._experiment(evidence, move)
            return curve
        if isinstance(move, Change) and decision.rule_id in TAKEN_BACK:
            self.closed.add(_direction(self.incumbent or curve, curve))
            self.incumbent = None
            return self.curves[move.recipe.key]
        return self._move(key, curve, move.recipe) if isinstance(move, Change) else curve

    def _move(self, key: str, curve: Curve, recipe: Recipe) -> Curve | None:
        """A probe of another recipe, as long as the one it will be compared with."""
        epochs = max(t.FIRST_PROBE_EPOCHS, int(curve.epochs))
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
            tried=frozenset(self.curves),
            closed=frozenset(self.closed),
            moves=self.moves,
            pinned=self.pinned,
            wide_lr=self.wishes.wide_lr,
            work_left=self.wishes.budget.max_work / 2 - self.work,
        )

    def _experiment(self, e: policy.Evidence, move: Experiment) -> None:
        def run() -> Any:
            began = time.perf_counter()
            results = self.engine.experiment(e.curve.checkpoint, move.arms, t.ARM_STEPS, self.tick)
            joint = experiments.joint_arms(e, results)
            if joint:
                results += self.engine.experiment(e.curve.checkpoint, joint, t.ARM_STEPS, self.tick)
            self.clock.learn(sum(a.work for a in results), time.perf_counter() - began)
            return to_json(experiments.verdict(e, results))

        result: ExperimentResult = from_json(
            ExperimentResult, self.journal.remember("experiment", e.curve.recipe.key, run)
        )
        self.work += sum(a.work for a in result.arms)
        self.results[e.curve.recipe.key] = result

    def in_time(self, at: str, step: str, work: float, kind: str = "probe") -> bool:
        """Whether a step may begin: probes and experiments get half of the clock; what it forbids is recorded."""
        if self.journal.has(kind, step):
            return True
        if not self.journal.has("clock", at) and self.clock.allows(work, 0.5):
            return True
        self.journal.remember("clock", at, lambda: self.clock.said(at))
        return False

    def probe(self, recipe: Recipe, epochs: int, continue_from: str = "") -> Curve:
        """A probe, trained once."""

        def train() -> Any:
            began = time.perf_counter()
            before = self.work_of(continue_from)
            made = self.engine.probe(recipe, epochs, continue_from, self.tick)
            self.clock.learn(made.work - before, time.perf_counter() - began)
            return to_json(made)

        curve: Curve = from_json(Curve, self.journal.remember("probe", _probe_key(recipe, epochs), train))
        if curve.checkpoint and not self.engine.has(curve.checkpoint):
            self.engine.probe(recipe, epochs, "", self.tick)  # its files were lost; the curve stays what was recorded
        self.work += curve.work - self.work_of(continue_from)
        self.curves[recipe.key] = curve
        return curve

    def work_of(self, checkpoint: str) -> float:
        """TFLOP already counted for a probe that is extended."""
        return sum(c.work for c in self.curves.values() if checkpoint and c.checkpoint == checkpoint)


def _probe_key(recipe: Recipe, epochs: int) -> str:
    return f"{recipe.key}-e{epochs}"


def _direction(old: Curve, new: Curve) -> str:
    """The move between two recipes, as the policy names it: "rank+", "lr-", ..."""
    for name in ("rank", "lr", "scaling", "dropout"):
        a, b = getattr(old.recipe, name), getattr(new.recipe, name)
        if a != b:
            return f"{name}{'+' if b > a else '-'}"
    return "sites+" if new.adapter_parameters > old.adapter_parameters else "sites-"
