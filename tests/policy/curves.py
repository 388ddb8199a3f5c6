"""Curves and evidence, named by what they show. An evaluation is written (val loss, val F1, train loss, train F1)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rankfirst.policy import Ceiling, Evidence, Noise
from rankfirst.policy.experiments import KNOB, arm_name
from rankfirst.records import (
    ALL_ROLES,
    ATTENTION_QV,
    QV_FFN,
    ArmKind,
    ArmResult,
    BaseFacts,
    Comparison,
    Complexity,
    Curve,
    Evaluation,
    ExperimentResult,
    Health,
    Profile,
    Recipe,
    Sites,
    SizeTier,
    Stage,
)

Shape = Sequence[tuple[float, float, float, float]]

ROLES = ("q", "k", "v", "o", "ffn_in", "ffn_out")
SHAPES = {role: (8, 32) if role == "ffn_in" else (32, 8) if role == "ffn_out" else (8, 8) for role in ROLES}
# So many steps an epoch that two epochs are a probe.
FACTS = BaseFacts("tiny", 6, 8, SHAPES, 512, 1000, 1000, 100, 90, 130)
PROFILE = Profile(90, 40, 2, ("a", "b"), (50, 40), False, 1.0, 2, SizeTier.UNDER_1K, 2.0, 1.2, (), 0.0, "en",
                  9.0, 9.0, 9, 0, (), 0, 0, (), Complexity.LOW, suspects_known=True)  # fmt: skip
RECIPE = Recipe(8, Sites(QV_FFN, 2), 1.0, 4e-4, 0.05)
MORE_SITES = RECIPE.with_(sites=Sites(QV_FFN, 2, ATTENTION_QV))  # the next set on the ladder
ALL_SITES = RECIPE.with_(sites=Sites(ALL_ROLES, 6))  # the last one
ROWS = 40
TRUTH = tuple((i % 2,) for i in range(ROWS))

FALLING = tuple(1.0 - 0.03 * i for i in range(24))
FLAT = tuple(1.0 + 0.001 * (i % 2) for i in range(24))
SWINGING = tuple(1.0 + 0.9 * (-1) ** i for i in range(24))

HEALTHY = [(0.5, 0.93, 0.5, 0.97), (0.4, 0.96, 0.4, 0.98), (0.4, 0.96, 0.35, 0.98)]
OVERFIT = [(0.5, 0.80, 0.9, 0.80), (0.6, 0.78, 0.3, 0.97), (0.9, 0.74, 0.1, 0.99)]
LOW = [(0.9, 0.50, 0.9, 0.52), (0.9, 0.50, 0.9, 0.53), (0.9, 0.505, 0.89, 0.53)]
CLIMBING = [(0.9, 0.50, 0.9, 0.52), (0.8, 0.55, 0.7, 0.60), (0.7, 0.60, 0.6, 0.65)]
CREEPING = [(0.5, 0.90, 0.5, 0.93), (0.40, 0.96, 0.4, 0.97), (0.44, 0.96, 0.39, 0.98)]
UNSTABLE = [(0.5, 0.90, 0.5, 0.93), (0.5, 0.96, 0.5, 0.97), (0.6, 0.80, 0.5, 0.97)]


def curve(
    train: Sequence[float], val: Shape, recipe: Recipe = RECIPE, health: Health = Health.FINE, **fields: Any
) -> Curve:
    """A probe with one evaluation an epoch; validation rows end as `ends(0.4, 2)` unless told otherwise."""
    evaluations = tuple(Evaluation(10 * i, float(i), v, f, f, (f, f), t, tf) for i, (v, f, t, tf) in enumerate(val))
    losses, predicted = ends(0.4, 2)
    made = Curve(
        recipe=recipe,
        health=health,
        epochs=max(0.0, len(val) - 1.0),
        steps_per_epoch=12,
        steps=tuple(range(1, len(train) + 1)),
        train_loss=tuple(train),
        grad_norm=tuple(train),
        evaluations=evaluations,
        val_log_loss=losses,
        val_predicted=predicted,
        train_wrong=(),
        train_seen=90,
        update_norm=1.0,
        adapter_parameters=FACTS.adapter_parameters(recipe.rank, recipe.sites),
        work=0.0,
        checkpoint="",
        end_log_loss=losses,
        end_predicted=predicted,
    )
    return replace(made, **fields)


def ends(loss: float, wrong: int) -> tuple[tuple[float, ...], tuple[tuple[int, ...], ...]]:
    """Per-row log-losses around `loss`, and predictions that are wrong on the first rows."""
    losses = tuple(loss + 0.01 * (i % 3) for i in range(ROWS))
    return losses, tuple((1 - i % 2,) if i < wrong else (i % 2,) for i in range(ROWS))


def evidence(c: Curve, stage: Stage = Stage.CAPACITY, **fields: Any) -> Evidence:
    return replace(Evidence(stage, c, TRUTH, PROFILE, FACTS, Noise(0.01, 0.02, ROWS), Ceiling(64, 6)), **fields)


def branched(e: Evidence) -> Evidence:
    """The same evidence from a probe that an experiment can branch from."""
    return replace(e, curve=replace(e.curve, checkpoint="checkpoint"))


def steady_improvement(**fields: Any) -> Evidence:
    return evidence(curve(FALLING, HEALTHY), **fields)


def plateau(**fields: Any) -> Evidence:
    return evidence(curve(FLAT, LOW), **fields)


def slow_fall(**fields: Any) -> Evidence:
    return evidence(curve(FALLING, CLIMBING), **fields)


def memorising(**fields: Any) -> Evidence:
    return evidence(curve(FALLING, OVERFIT), **fields)


def over_confident(**fields: Any) -> Evidence:
    return evidence(curve(FALLING, CREEPING), **fields)


def oscillating(**fields: Any) -> Evidence:
    return evidence(curve(SWINGING, UNSTABLE), **fields)


def unlearning(**fields: Any) -> Evidence:
    """Finite figures, and training rows that are known worse at the end than at the start."""
    return evidence(curve(FALLING, [(0.5, 0.90, 0.02, 1.0), (0.9, 0.80, 0.9, 0.93), (1.1, 0.74, 1.2, 0.88)]), **fields)


def diverged(**fields: Any) -> Evidence:
    """Before the first evaluation was done."""
    return evidence(curve((), (), health=Health.DIVERGED, end_log_loss=(), end_predicted=()), **fields)


def out_of_memory(**fields: Any) -> Evidence:
    return evidence(curve((), (), health=Health.OUT_OF_MEMORY, end_log_loss=(), end_predicted=()), **fields)


def too_short(**fields: Any) -> Evidence:
    return evidence(curve(FALLING[:5], HEALTHY[:2]), **fields)


def lr_pair(after: Shape = LOW, **fields: Any) -> Evidence:
    """lr was doubled; with the default shape the training loss did not care."""
    before = curve(FLAT, LOW, RECIPE.with_(lr=2e-4))
    return evidence(curve(FLAT, after), before=before, **fields)


def more_dropout(**fields: Any) -> Evidence:
    """Dropout was raised after the arms of a and lr had lost."""
    before = curve(FALLING, CLIMBING, RECIPE.with_(dropout=0.0))
    lost = frozenset(TRIED[kind].with_(dropout=0.0).key for kind in (ArmKind.SCALING, ArmKind.LR, ArmKind.LR_DOWN))
    return slow_fall(before=before, probed=lost, **fields)


def worse_than_before(loss: float = 0.8, wrong: int = 12, **fields: Any) -> Evidence:
    """A move of rank from 2 to 8 that cost 0.4 nats and ten rows of forty; other figures when told."""
    old = curve(FALLING, HEALTHY, RECIPE.with_(rank=2))
    losses, predicted = ends(loss, wrong)
    spread = tuple(x + 0.01 * (i % 2) for i, x in enumerate(losses))  # pairs must not be exactly equal apart
    new = curve(FALLING, HEALTHY, end_log_loss=spread, end_predicted=predicted)
    return evidence(new, incumbent=old, tried=frozenset({old.recipe.key}), **fields)


def recall_lost(low: float = 0.3, **fields: Any) -> Evidence:
    """Of three classes two rise from a recall of 0.5 to 0.9, the third falls from 1.0 to `low`; 40 rows each."""
    truth = tuple((i % 3,) for i in range(120))

    def predicted(*recall: float) -> tuple[tuple[int, ...], ...]:
        return tuple((y,) if i // 3 < 40 * recall[y] else ((y + 1) % 3,) for i, (y,) in enumerate(truth))

    losses = (0.5,) * 119 + (0.6,)
    recipe = RECIPE.with_(rank=2)
    old = curve(FALLING, HEALTHY, recipe, end_log_loss=losses, end_predicted=predicted(0.5, 0.5, 1.0))
    new = curve(FALLING, HEALTHY, end_log_loss=losses, end_predicted=predicted(0.9, 0.9, low))
    profile = replace(PROFILE, classes=("a", "b", "c"))
    return evidence(new, truth=truth, profile=profile, incumbent=old, tried=frozenset({recipe.key}), **fields)


def differing_seeds(apart: float = 0.10, **fields: Any) -> Evidence:
    """The same recipe under two other seeds, the last of them `apart` in macro-F1."""
    lower = [(v, f - apart, t, tf) for v, f, t, tf in HEALTHY]
    seeds = (curve(FALLING, HEALTHY, RECIPE.with_(seed=1)), curve(FALLING, lower, RECIPE.with_(seed=2)))
    return evidence(curve(FALLING, HEALTHY), seeds=seeds, **fields)


def suspect_errors(suspects: range = range(20), **fields: Any) -> Evidence:
    """Of twenty training rows still wrong, eighteen are suspects (all of which make up a fifth of the rows)."""
    wrong = (*range(18), 60, 61)
    profile = replace(PROFILE, suspects=tuple(suspects), suspects_known=True)
    return evidence(curve(FALLING, CLIMBING, train_wrong=wrong), profile=profile, **fields)


def without(gain: float = 0.1, **fields: Any) -> Evidence:
    """Suspect errors, and an arm without the suspects that gains so much."""
    recipe = RECIPE.with_(without=tuple(range(20)))
    told = Comparison(ArmKind.DATA, ArmKind.NONE, gain, 0.01, 0.0, 0.0, gain > 0, better=gain > 0)
    arms = (arm(ArmKind.NONE, 0.0), arm(ArmKind.DATA, gain, recipe))
    found = ExperimentResult(RECIPE, arms, (told,), "undecided", "experiment.data.proven", {"steps": 80})
    return branched(suspect_errors(experiment=found, without_tried=True, **fields))


TRIED = {
    ArmKind.LR: RECIPE.with_(lr=1.6e-3),
    ArmKind.LR_DOWN: RECIPE.with_(lr=1e-4),
    ArmKind.SITES: MORE_SITES,
    ArmKind.SITES_DOWN: RECIPE.with_(sites=Sites(ATTENTION_QV, 2)),
    ArmKind.RANK: RECIPE.with_(rank=32),
    ArmKind.RANK_DOWN: RECIPE.with_(rank=2),
    ArmKind.SEED: RECIPE.with_(seed=1),
    ArmKind.SCALING: RECIPE.with_(scaling=4.0),
    ArmKind.DROPOUT: RECIPE.with_(dropout=0.1),
}


def named(limit: str, **fields: Any) -> Evidence:
    """A slow fall whose experiment has been made in full, and named `limit`; of sites, the next rung."""
    gains = {arm_name(kind): 0.1 for kind in KNOB}
    numbers = {"steps": 80, **gains, **{f"{name}_se": 0.01 for name in gains}}
    tried = [(ArmKind.SITES, ALL_SITES), *TRIED.items()]
    arms = (arm(ArmKind.NONE, 0.1), *(arm(kind, 0.1, recipe) for kind, recipe in tried))
    told = tuple(
        Comparison(kind, ArmKind.NONE, 0.1 * won, 0.01, 0.0, 0.0, won, better=won)
        for kind, recipe in tried
        for won in [kind.value == limit and recipe != ALL_SITES]
    )
    code = limit.replace("-", "_down")
    return slow_fall(experiment=ExperimentResult(RECIPE, arms, told, limit, f"experiment.{code}", numbers), **fields)


def arm(kind: ArmKind, gain: float, recipe: Recipe = RECIPE, spread: float = 0.0, healthy: bool = True) -> ArmResult:
    """An arm that ends `gain` nats below 1.0, give or take `spread` from row to row."""
    losses = tuple(1.0 - gain + spread * (-1) ** i for i in range(ROWS))
    return ArmResult(kind, recipe, healthy, (80,), (1.0,), losses, 0.5, 1.0 - gain, 0.5 + gain, 1.0, 0.0)
