"""The policy played on the atlas: its next move from any start, and whole walks, in seconds."""

import tempfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from benchmarks.atlas import design, judge
from benchmarks.atlas.search import Found
from benchmarks.atlas.store import Atlas
from rankfirst import policy
from rankfirst.engine.base import Engine, Tick, no_tick
from rankfirst.policy import experiments
from rankfirst.policy.search_space import MEASURED
from rankfirst.records import (
    BaseFacts,
    Budget,
    Change,
    Curve,
    Decision,
    Experiment,
    ExperimentResult,
    Recipe,
    Stage,
)
from rankfirst.run.journal import Journal
from rankfirst.run.search import Walk, Wishes
from rankfirst.run.time_budget import Clock

SPACE = replace(
    MEASURED,
    name="atlas",
    ranks=design.RANKS,
    rank_steps=1,
    lrs=design.LRS,
    lr_steps=1,
    arm_steps=1,
    start_rank=design.BASE.rank,
    start_lr=design.BASE.lr,
    repeats=False,  # few recipes of the atlas have a second seed
    sites=lambda layers: list(design.SITES),
)
UNMEASURED = frozenset({"scaling", "dropout", "rows"})  # what the grid does not vary: knobs, and the rows trained on
UNANSWERED = {"cannot_tell"}  # rules that end a stage without an answer
CEILING = policy.Ceiling(max(design.RANKS), max(s.top_layers for s in design.SITES))


class MissingError(LookupError):
    """The atlas has no such run."""


class AtlasEngine(Engine):
    """As much of an engine as a walk needs: every probe is the cooled one."""

    def __init__(self, atlas: Atlas) -> None:
        self.atlas = atlas

    @property
    def facts(self) -> BaseFacts:
        return self.atlas.facts

    def probe(self, recipe: Recipe, epochs: int, tick: Tick = no_tick) -> Curve:
        if recipe.key not in self.atlas.runs:
            raise MissingError(recipe.key)
        cooled = self.atlas.runs[recipe.key].cooled
        return replace(cooled, epochs=float(epochs)) if epochs else cooled  # a walk knows a probe by its length

    def has(self, checkpoint: str) -> bool:
        return True


def evidence(atlas: Atlas, start: Recipe, stage: Stage = Stage.CAPACITY) -> policy.Evidence:
    """What the policy knows of one start that it has just probed."""
    return policy.Evidence(
        stage=stage,
        curve=atlas.runs[start.key].cooled,
        truth=atlas.val,
        profile=atlas.profile,
        facts=atlas.facts,
        noise=atlas.noise,
        ceiling=CEILING,
        tried=frozenset({start.key}),
        wide_lr=True,  # the policy without experiments is better off without its band
        space=SPACE,
        pinned=UNMEASURED,
    )


def advise(atlas: Atlas, start: Recipe, experiment: bool = True) -> judge.Answer:
    """The policy's next move from `start`: capacity first, then the dynamics, experiments where it wants them."""
    found: ExperimentResult | None = None
    spent, rules = 0.0, []
    for stage in (Stage.CAPACITY, Stage.OPTIMISE):
        e = replace(evidence(atlas, start, stage), experiment=found)
        made = decide(e, experiment)
        while isinstance(made.move, Experiment):
            curves = [(arm.kind, AtlasEngine(atlas).probe(arm.recipe, 0)) for arm in made.move.arms]
            found = experiments.verdict(e, [experiments.as_arm(kind, curve) for kind, curve in curves])
            spent += sum(curve.work for _, curve in curves) / atlas.runs[start.key].full.work
            e = replace(e, experiment=found)
            made = decide(e, experiment)
        rules.append(f"{stage.value}/{made.rule_id}")
        move = named(start, made)
        if move is not None:
            return judge.Answer(move, spent, tuple(rules))
        if made.rule_id in UNANSWERED:
            return judge.Answer(None, spent, tuple(rules))
    return judge.Answer(judge.NOTHING, spent, tuple(rules))


def read(atlas: Atlas, start: Recipe) -> judge.Answer:
    """The ablation: the same tables without any experiment."""
    return advise(atlas, start, experiment=False)


def decide(e: policy.Evidence, experiment: bool) -> Decision:
    """Without experiments, as if none had room."""
    return policy.decide(e if experiment else replace(e, curve=replace(e.curve, checkpoint="")))


def named(start: Recipe, decision: Decision) -> str | None:
    """The move as the judge calls it; None where it leaves the recipe alone."""
    if not isinstance(decision.move, Change):
        return None
    for move, to in judge.moves(start).items():
        if to.key == decision.move.recipe.key:
            return move
    up = decision.move.recipe == start.with_(sites=decision.move.recipe.sites)
    return "sites+" if up else "other"  # all sites at once: the direction is what is judged


def unit(atlas: Atlas) -> float:
    """TFLOP of the start's full run: what every cost is told in."""
    return (atlas.runs.get(design.BASE.key) or next(iter(atlas.runs.values()))).full.work


def search(atlas: Atlas, rng: np.random.Generator, budget: float) -> Found:
    """The whole walk from the default recipe."""
    settled, cost, _ = walk(atlas)
    return Found(settled or design.BASE, cost, ((cost, settled or design.BASE),))


def search_from_any(atlas: Atlas, rng: np.random.Generator, budget: float) -> Found:
    """The whole walk from a recipe of the grid by chance: most of them are worse than the default."""
    start = atlas.grid[int(rng.integers(len(atlas.grid)))]
    settled, cost, _ = walk(atlas, start)
    return Found(settled or start, cost, ((cost, settled or start),))


def walk(
    atlas: Atlas, start: Recipe = design.BASE, engine: AtlasEngine | None = None
) -> tuple[Recipe | None, float, list[str]]:
    """(the recipe settled on, cost in full runs with the final training, what was decided)."""
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "journal.jsonl")
        rows = SimpleNamespace(val=SimpleNamespace(labels=atlas.val))
        wishes = Wishes(Budget(float("inf")), space=SPACE)
        walked = Walk(rows, engine or AtlasEngine(atlas), journal, wishes, Clock(None, lambda: 0.0), no_tick,
                      atlas.profile, CEILING, atlas.noise, UNMEASURED)  # type: ignore[arg-type]  # fmt: skip
        settled = walked.through(start)
        told = [f"{key}: {p['rule_id']}" for (kind, key), p in journal.events.items() if kind == "decision"]
    if settled is None:
        return None, walked.work / unit(atlas), told
    cost = walked.work + atlas.runs[settled.recipe.key].full.work
    return settled.recipe, cost / unit(atlas), told
