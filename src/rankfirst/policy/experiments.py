"""Minimal-intervention experiments: which arms to train, and how to read their results.

Each arm changes one knob of a recipe and is otherwise trained as the recipe's own probe: from the same start (the
frozen rung's head, an adapter that adds nothing), on the same rows in the same order, with an lr that decays to zero as
in final training. The probe itself is the control arm, and a winning arm becomes the probe of the next recipe.
Branching from the end of the probe would be cheaper, but was measured to mislead: docs/findings.md, 2026-11-24.

Rank and lr are confounded: at fixed scaling, a higher rank also means a larger update, so a gain from rank does not
show a lack of capacity if a higher lr helps too. So the lr arm is trained first, for diagnosis. If it wins, capacity
cannot be judged yet and the stage that may move lr comes next; if it does not, a gain from rank or sites is due to
capacity.
"""

import math
from collections.abc import Iterable

from rankfirst.policy import actions, noise
from rankfirst.policy import thresholds as t
from rankfirst.policy.evidence import Evidence
from rankfirst.policy.fluctuation import swings
from rankfirst.policy.search_space import step
from rankfirst.records import (
    Arm,
    ArmKind,
    ArmResult,
    Comparison,
    Curve,
    Experiment,
    ExperimentResult,
    Health,
    Move,
    Number,
    Recipe,
    Stage,
)

CAPACITY = (ArmKind.SITES, ArmKind.RANK)
KNOB = {ArmKind.LR: "lr", ArmKind.LR_DOWN: "lr", ArmKind.SITES: "sites", ArmKind.RANK: "rank"}
ANSWERS = ("sites", "rank", "lr", "lr-", "undecided")


def arms(e: Evidence) -> tuple[Arm, ...]:
    """The next arm to train in this stage; empty if the answer is clear or no arm is left.

    Arms are trained one at a time, the most informative first, so that none is trained once the answer is known.
    Capacity: lr up (for diagnosis), then sites up and rank up, whose gains are compared. Dynamics: lr up, lr down, and
    the same recipe under another seed if the probe shows one of the two signs of oscillation.
    """
    trained = {arm.recipe.key for arm in e.experiment.arms} if e.experiment else set()  # x4 tried is not x2 tried
    open_still = {"undecided"} if e.stage is Stage.OPTIMISE else {"undecided", *CAPACITY}
    if e.experiment and limit(e) not in open_still:
        return ()
    return tuple(arm for arm in every(e) if arm.recipe.key not in trained)[:1]


def next_arm(e: Evidence) -> Move | None:
    """Train the next arm from the same start as this probe; None if no arm is left."""
    wanted = arms(e) if e.curve.checkpoint else ()
    return Experiment(wanted) if wanted else None


def limit(e: Evidence) -> str | None:
    """The limiting knob according to the arms so far, one of `ANSWERS`; None without an experiment from this probe.

    Each stage considers the knobs it may move: the dynamics lr, the re-check capacity, the capacity stage both (lr
    first).
    """
    result = e.experiment
    if result is None or result.checkpoint.key != e.curve.recipe.key:
        return None
    return _limit(e.stage, result.comparisons)


def _limit(stage: Stage, comparisons: Iterable[Comparison]) -> str:
    won = {c.arm: c.val_gain for c in comparisons if c.beyond_noise and c.against is ArmKind.NONE}
    capacity = {kind: gain for kind, gain in won.items() if kind in CAPACITY and stage is not Stage.OPTIMISE}
    if ArmKind.LR in won and stage is not Stage.RECHECK:
        return ArmKind.LR.value
    if capacity:
        return max(capacity, key=capacity.__getitem__).value
    return ArmKind.LR_DOWN.value if ArmKind.LR_DOWN in won and stage is Stage.OPTIMISE else "undecided"


def decisive(stage: Stage) -> tuple[ArmKind, ...]:
    """The arms whose comparisons decide in this stage."""
    dynamics = (ArmKind.LR, ArmKind.LR_DOWN)
    return {Stage.OPTIMISE: dynamics, Stage.RECHECK: CAPACITY}.get(stage, (ArmKind.LR, *CAPACITY))


def every(e: Evidence) -> tuple[Arm, ...]:
    """All arms of this stage that have room, in the order of training; none on a knob the user has set."""
    return tuple(Arm(kind, to) for kind, to in _wanted(e) if to is not None and KNOB.get(kind) not in e.pinned)


def _wanted(e: Evidence) -> list[tuple[ArmKind, Recipe | None]]:
    """The arms of this stage in the order of training, with None if the knob has no room."""
    capacity = [(ArmKind.SITES, actions.sites_up(e)), (ArmKind.RANK, actions.rank_up(e))]
    if e.stage is Stage.OPTIMISE:
        return [
            (ArmKind.LR, actions.lr_up(e, anywhere=True)),
            (ArmKind.LR_DOWN, actions.lr_down(e)),
            (ArmKind.SEED, _other_seed(e)),
        ]
    if e.stage is Stage.RECHECK:  # lr has just been settled
        return capacity
    return [(ArmKind.LR, raised_lr(e) if any(to for _, to in capacity) else None), *capacity]


def _other_seed(e: Evidence) -> Recipe | None:
    """The same recipe under the next seed, if exactly one of the two signs of oscillation is there.

    One sign may be chance, or the edge of instability; a second seed tells which.
    """
    seen = swings(e)
    if not e.space.repeats or seen is None or seen.signs != 1:
        return None
    return e.curve.recipe.with_(seed=e.curve.recipe.seed + 1)


def raised_lr(e: Evidence) -> Recipe | None:
    """lr up without regard to the band: for diagnosis only, since the capacity stage may not change lr."""
    lr = step(e.space.lrs, e.curve.recipe.lr, e.space.arm_steps)
    return None if lr is None else e.curve.recipe.with_(lr=lr)


def as_arm(kind: ArmKind, curve: Curve) -> ArmResult:
    """A probe as the arm of an experiment."""
    nan = math.nan
    last = curve.last if curve.evaluations and curve.health is Health.FINE else None
    return ArmResult(
        kind=kind,
        recipe=curve.recipe,
        healthy=last is not None,
        steps=curve.steps,
        train_loss=curve.train_loss,
        val_log_loss=curve.end_log_loss if last else (),
        val_macro_f1=last.val_macro_f1 if last else nan,
        train_subset_loss=last.train_loss if last else nan,
        train_macro_f1=last.train_macro_f1 if last else nan,
        update_norm=curve.update_norm,
        work=curve.work,
        val_predicted=curve.end_predicted if last else (),
    )


def compare(e: Evidence, arm: ArmResult, other: ArmResult) -> Comparison:
    """Compare `arm` with `other` on the same validation rows.

    The arm wins by log-loss, which uses every row, unless macro-F1 falls: a head that starts over-confident can gain
    log-loss and lose macro-F1 (CrossWOZ at high rates: 0.15 nats better, one point of macro-F1 worse).
    """
    gain, se = noise.paired_mean(arm.val_log_loss, other.val_log_loss)
    f1, f1_se = math.nan, math.nan
    if len(arm.val_predicted) == len(other.val_predicted) == len(e.truth) > 0:
        f1, f1_se = noise.paired_f1(e.truth, arm.val_predicted, other.val_predicted, len(e.profile.classes))
    enough = len(arm.val_log_loss) >= t.LEAST_VAL_ROWS and not math.isnan(gain)
    beyond = enough and gain > max(t.LEAST_GAIN, t.ARM_SES * se) and not f1 < -t.ARM_F1_SES * f1_se
    return Comparison(
        arm=arm.kind,
        against=other.kind,
        val_gain=gain,
        val_se=se,
        train_gain=other.train_subset_loss - arm.train_subset_loss,
        train_f1_gain=arm.train_macro_f1 - other.train_macro_f1,
        beyond_noise=beyond,
        f1_gain=f1,
        f1_se=f1_se,
    )


def verdict(e: Evidence, new: Iterable[ArmResult]) -> ExperimentResult:
    """The result of the experiment: the limiting knob is the one whose arm wins.

    lr precedes capacity (see the module's docstring); of the two capacity knobs, the one that gains more.

    Args: new: arms that join those trained before; the control arm is always first.
    """
    results = (*(e.experiment.arms if e.experiment else (as_arm(ArmKind.NONE, e.curve),)), *new)
    control = results[0]
    comparisons = tuple(compare(e, r, control) for r in results[1:])
    named = _limit(e.stage, comparisons)
    numbers: dict[str, Number] = {"steps": e.curve.steps[-1] if e.curve.steps else 0}
    for kind in (ArmKind.LR, ArmKind.LR_DOWN, ArmKind.RANK, ArmKind.SITES):
        comparison = next((c for c in comparisons if c.arm is kind), None)
        name = "lr_down" if kind is ArmKind.LR_DOWN else kind.value
        numbers[name] = comparison.val_gain if comparison else math.nan
        numbers[f"{name}_se"] = comparison.val_se if comparison else math.nan
    code = "experiment.lr_down" if named == "lr-" else f"experiment.{named}"
    return ExperimentResult(e.curve.recipe, results, comparisons, named, code, numbers)
