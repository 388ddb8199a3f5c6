"""Minimal-intervention experiments: which arms, and what they say.

The confound to beat: with scaling fixed, more rank also means a larger update, so "rank up helped" alone does not say
"rank-limited", and neither does "lr up helped" exclude it. Therefore capacity must win twice when lr wins too: once at
the present lr, and once more on top of the raised lr.
"""

import math
from collections.abc import Sequence

from rankfirst.policy import actions, noise
from rankfirst.policy import thresholds as t
from rankfirst.policy.evidence import Evidence
from rankfirst.records import Arm, ArmKind, ArmResult, Comparison, ExperimentResult, Number, Recipe

JOINT = {ArmKind.RANK: ArmKind.RANK_AND_LR, ArmKind.SITES: ArmKind.SITES_AND_LR}


def arms(e: Evidence) -> tuple[Arm, ...]:
    """Do nothing, only lr up (x4), only rank up (x4), only sites up; an arm without room is left out."""
    recipe = e.curve.recipe
    found = [Arm(ArmKind.NONE, recipe)]
    lr = raised_lr(recipe)
    if lr is not None:
        found.append(Arm(ArmKind.LR, recipe.with_(lr=lr)))
    rank = actions.rank_up(e)
    if rank is not None:
        found.append(Arm(ArmKind.RANK, rank))
    sites = actions.sites_up(e)
    if sites is not None:
        found.append(Arm(ArmKind.SITES, sites))
    return tuple(found)


def raised_lr(recipe: Recipe) -> float | None:
    """lr two rungs up: for diagnosis only, the recipe does not take it."""
    higher = [lr for lr in t.LRS if lr > recipe.lr * 1.01]
    return higher[t.ARM_RUNGS - 1] if len(higher) >= t.ARM_RUNGS else None


def joint_arms(e: Evidence, results: Sequence[ArmResult], loss_floor: float = t.LEAST_GAIN) -> tuple[Arm, ...]:
    """Where both lr and a capacity arm win, the arm that moves both: only it can tell the look-alikes apart."""
    control, by_kind = results[0], {r.kind: r for r in results}
    lr = by_kind.get(ArmKind.LR)
    if lr is None or not compare(lr, control, loss_floor).beyond_noise:
        return ()
    winners = [r for r in results if r.kind in JOINT and compare(r, control, loss_floor).beyond_noise]
    return tuple(Arm(JOINT[r.kind], r.recipe.with_(lr=lr.recipe.lr)) for r in winners)


def compare(arm: ArmResult, other: ArmResult, loss_floor: float = t.LEAST_GAIN) -> Comparison:
    """`arm` against `other` on the same validation rows."""
    gain, se = noise.paired_mean(arm.val_log_loss, other.val_log_loss)
    beyond = not math.isnan(gain) and gain > max(loss_floor, t.NOISE_SES * se)
    return Comparison(
        arm=arm.kind,
        against=other.kind,
        val_gain=gain,
        val_se=se,
        train_gain=other.train_subset_loss - arm.train_subset_loss,
        train_f1_gain=arm.train_macro_f1 - other.train_macro_f1,
        beyond_noise=beyond,
    )


def verdict(e: Evidence, results: Sequence[ArmResult]) -> ExperimentResult:
    """Name the limit: a capacity knob that wins (twice, if lr wins too), else lr, else "undecided"."""
    control, by_kind = results[0], {r.kind: r for r in results}
    against_control = {r.kind: compare(r, control) for r in results[1:]}
    comparisons = list(against_control.values())
    lr = against_control.get(ArmKind.LR)
    lr_wins = lr is not None and lr.beyond_noise
    candidates: list[tuple[float, ArmKind]] = []
    for kind, joint in JOINT.items():
        single = against_control.get(kind)
        if single is None or not single.beyond_noise:
            continue
        if lr_wins:
            if joint not in by_kind:
                continue
            second = compare(by_kind[joint], by_kind[ArmKind.LR])
            comparisons.append(second)
            if not second.beyond_noise:
                continue
        candidates.append((single.val_gain, kind))
    limit = max(candidates)[1].value if candidates else "lr" if lr_wins else "undecided"
    numbers: dict[str, Number] = {"steps": t.ARM_STEPS}
    for kind in (ArmKind.LR, ArmKind.RANK, ArmKind.SITES):
        found = against_control.get(kind)
        numbers[kind.value] = found.val_gain if found else math.nan
        numbers[f"{kind.value}_se"] = found.val_se if found else math.nan
    return ExperimentResult(e.curve.recipe, tuple(results), tuple(comparisons), limit, f"experiment.{limit}", numbers)
