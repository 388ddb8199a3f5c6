"""THE STORY: assess -> ladder -> start -> probe -> diagnose -> capacity -> optimise -> re-check -> final.

Every step is remembered by the journal, so a killed run that is repeated walks the same way without training twice.
"""

import time
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from rankfirst import data, ladder, policy
from rankfirst.engine.base import Engine, FinalPlan, Tick, no_tick
from rankfirst.journal import Journal
from rankfirst.measure.calibration import fit_temperature, probabilities
from rankfirst.measure.scores import as_tuples, indicator, log_loss, predict_labels, score
from rankfirst.policy import experiments, noise
from rankfirst.policy import thresholds as t
from rankfirst.records import (
    Advance,
    Change,
    Curve,
    Dataset,
    Decision,
    Experiment,
    ExperimentResult,
    Extend,
    Profile,
    Recipe,
    Rung,
    Shipping,
    Stage,
    Stop,
    from_json,
    to_json,
)


@dataclass
class Outcome:
    """What a finished walk hands to delivery."""

    profile: Profile
    rungs: dict[str, Rung]
    frozen: ladder.FrozenFit
    tfidf: ladder.TfidfModel
    shipping: Shipping
    final: Curve | None
    temperature: float
    decisions: int


class Autopilot:
    """Joins policy and engine; is handed both data and engine and owns nothing else."""

    def __init__(self, dataset: Dataset, engine: Engine, journal: Journal, seed: int = 0, max_work: float = 60.0,
                 always_lora: bool = False, wide_lr: bool = False, tick: Tick = no_tick) -> None:  # fmt: skip
        self.dataset, self.engine, self.journal, self.seed = dataset, engine, journal, seed
        self.max_work, self.always_lora, self.wide_lr, self.tick = max_work, always_lora, wide_lr, tick
        self.curves: dict[str, Curve] = {}
        self.work = 0.0
        self.decisions = 0

    def run(self) -> Outcome:
        """All stages in order."""
        profile = data.profile(self.dataset)
        majority = ladder.majority(self.dataset, profile.tail_classes)
        tfidf, tfidf_rung = ladder.fit_tfidf(self.dataset, profile.tail_classes, self.seed)
        train = self.engine.features("train", self.tick)
        val = self.engine.features("val", self.tick)
        frozen = ladder.fit_frozen(train, val, self.dataset, profile.tail_classes, self.seed)
        profile = data.with_out_of_fold(profile, self.dataset, frozen.out_of_fold)
        self.journal.remember("profile", "", lambda: to_json(profile))
        rungs = {r.name: r for r in (majority, tfidf_rung, frozen.rung)}
        for name, rung in rungs.items():
            stored = self.journal.remember("rung", name, partial(to_json, rung))
            rungs[name] = from_json(Rung, stored)
        self.engine.use_head(frozen.pooling, frozen.head.weight.astype(np.float32), frozen.head.bias.astype(np.float32))
        facts, limit = self.engine.facts, policy.ceiling(profile, self.engine.facts)
        recipe = policy.start(profile, facts, self.seed)
        self.journal.remember("start", "", lambda: {"recipe": to_json(recipe), "ceiling": to_json(limit)})
        rung = rungs["frozen"]
        floor = noise.floor(self.dataset.val.labels, rung.val_predicted, rung.val_log_loss, len(self.dataset.classes))
        self.journal.remember("noise", "", lambda: to_json(floor))
        walk = _Walk(self, profile, limit, floor)
        settled = walk.stage(Stage.CAPACITY, self.probe(recipe, t.FIRST_PROBE_EPOCHS))
        if settled is not None:
            tuned = walk.stage(Stage.OPTIMISE, settled)
            moved = tuned is not None and (tuned.recipe.lr, tuned.recipe.scaling) != (recipe.lr, recipe.scaling)
            settled = walk.stage(Stage.RECHECK, tuned) if moved and tuned is not None else tuned
        final = None if settled is None else self.finish(settled, profile)
        lora, temperature = self.judge(final, profile)
        if lora is not None:
            rungs["lora"] = lora
        shipping = policy.ship(self.dataset.val.labels, len(self.dataset.classes), rungs["tfidf"], rung, lora,
                               self.always_lora)  # fmt: skip
        self.journal.remember("verdict", "", lambda: to_json(shipping))
        return Outcome(profile, rungs, frozen, tfidf, shipping, final, temperature, self.decisions)

    def probe(self, recipe: Recipe, epochs: int, continue_from: str = "") -> Curve:
        """A probe, trained once."""
        key = f"{recipe.key}-e{epochs}"

        def train() -> Any:
            return to_json(self.engine.probe(recipe, epochs, continue_from, self.tick))

        curve: Curve = from_json(Curve, self.journal.remember("probe", key, train))
        if curve.checkpoint and not self.engine.has(curve.checkpoint):
            self.engine.probe(recipe, epochs, "", self.tick)  # its files were lost; the curve stays what was recorded
        self.curves[recipe.key] = curve
        self.work += curve.work
        return curve

    def finish(self, settled: Curve, profile: Profile) -> Curve | None:
        """The chosen recipe to its best validation macro-F1."""
        falling = settled.last.val_macro_f1 > settled.start.val_macro_f1
        facts = self.engine.facts
        epoch = facts.epoch_work(settled.recipe, facts.full_tokens) + facts.evaluation_work(settled.recipe)
        affordable = int(max(self.max_work - self.work, self.max_work / 2) / max(1e-9, epoch))
        epochs = max(2, min(t.FINAL_EPOCHS_SLOW if falling else t.FINAL_EPOCHS, affordable))
        plan = FinalPlan(epochs, t.FINAL_PATIENCE, profile.tail_classes, t.TAIL_SLACK)
        key = f"{settled.recipe.key}-E{epochs}"

        def train() -> Any:
            return to_json(self.engine.finish(settled.recipe, plan, f"final-{key}", self.tick))

        curve: Curve = from_json(Curve, self.journal.remember("final", key, train))
        return curve if curve.checkpoint else None

    def judge(self, final: Curve | None, profile: Profile) -> tuple[Rung | None, float]:
        """The LoRA rung on validation, calibrated."""
        if final is None:
            return None, 1.0
        began, multi = time.perf_counter(), self.dataset.multi_label
        truth = indicator(self.dataset.val.labels, len(self.dataset.classes))
        logits = self.engine.logits(final.checkpoint, "val", self.tick).astype(np.float64)
        temperature = fit_temperature(logits, truth, multi)
        p = probabilities(logits, multi, temperature)
        rung = Rung(
            "lora",
            score(truth, p, self.dataset.classes, multi, profile.tail_classes),
            time.perf_counter() - began,
            final.adapter_parameters * 4 / 2**20,
            {"recipe": final.recipe.key, "temperature": temperature},
            tuple(float(v) for v in log_loss(truth, p, multi)),
            as_tuples(predict_labels(p, multi)),
        )
        return from_json(Rung, self.journal.remember("rung", "lora", lambda: to_json(rung))), temperature


class _Walk:
    """One pass through a stage's table, probe by probe."""

    def __init__(self, pilot: Autopilot, profile: Profile, ceiling: policy.Ceiling, floor: policy.Noise) -> None:
        self.pilot, self.profile, self.ceiling, self.floor = pilot, profile, ceiling, floor
        self.closed: set[str] = set()
        self.results: dict[str, ExperimentResult] = {}

    def stage(self, stage: Stage, curve: Curve) -> Curve | None:
        """Decide and act until the stage is settled; None when training makes no sense at all."""
        pilot, moves = self.pilot, 0
        incumbent: Curve | None = None
        before: Curve | None = None
        for turn in range(12):
            evidence = policy.Evidence(
                stage=stage,
                curve=curve,
                truth=pilot.dataset.val.labels,
                profile=self.profile,
                facts=pilot.engine.facts,
                noise=self.floor,
                ceiling=self.ceiling,
                incumbent=incumbent,
                before=before,
                experiment=self.results.get(curve.recipe.key),
                tried=frozenset(pilot.curves),
                closed=frozenset(self.closed),
                moves=moves,
                wide_lr=pilot.wide_lr,
                work_left=pilot.max_work / 2 - pilot.work,
            )
            key = f"{stage.value}-{turn}"
            made = policy.decide(evidence)
            decision: Decision = from_json(Decision, pilot.journal.remember("decision", key, partial(to_json, made)))
            pilot.decisions += 1
            move = decision.move
            if isinstance(move, Stop):
                return incumbent
            if isinstance(move, Advance):
                return curve
            if isinstance(move, Extend):
                curve = pilot.probe(curve.recipe, int(move.epochs), curve.checkpoint)
            elif isinstance(move, Experiment):
                self._experiment(evidence, move)
            elif isinstance(move, Change) and decision.rule_id == "took_worse":
                self.closed.add(_direction(incumbent or curve, curve))
                curve, before = pilot.curves[move.recipe.key], None
                incumbent = None
            elif isinstance(move, Change):
                incumbent = before = curve if curve.checkpoint else None
                moves += 1
                curve = pilot.probe(move.recipe, t.FIRST_PROBE_EPOCHS)
        return curve

    def _experiment(self, e: policy.Evidence, move: Experiment) -> None:
        pilot = self.pilot

        def run() -> Any:
            results = pilot.engine.experiment(e.curve.checkpoint, move.arms, t.ARM_STEPS, pilot.tick)
            joint = experiments.joint_arms(e, results)
            if joint:
                results += pilot.engine.experiment(e.curve.checkpoint, joint, t.ARM_STEPS, pilot.tick)
            return to_json(experiments.verdict(e, results))

        result: ExperimentResult = from_json(
            ExperimentResult, pilot.journal.remember("experiment", e.curve.recipe.key, run)
        )
        pilot.work += sum(a.work for a in result.arms)
        self.results[e.curve.recipe.key] = result


def _direction(old: Curve, new: Curve) -> str:
    """The move between two recipes, as the policy names it: "rank+", "lr-", ..."""
    for name in ("rank", "lr", "scaling", "dropout"):
        a, b = getattr(old.recipe, name), getattr(new.recipe, name)
        if a != b:
            return f"{name}{'+' if b > a else '-'}"
    return "sites+" if new.adapter_parameters > old.adapter_parameters else "sites-"
