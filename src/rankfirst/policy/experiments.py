"""Minimal-intervention experiments: which arms to train, and how to read their results.

Each arm changes one knob of a recipe and is otherwise trained as the recipe's own probe: from the same start (the same
head, an adapter that adds nothing), on the same rows in the same order, with an lr that decays to zero as in final
training. The probe itself is the control arm, and a winning arm becomes the probe of the next recipe. Branching from
the end of the probe would be cheaper, but was measured to mislead: docs/findings.md, 2026-11-24.

An arm wins if it is the better bet. It need not be proven: both recipes are paid for, so the only question is from
which of the two to go on. Whether the gain is proven is recorded beside it (`Comparison.beyond_noise`).

Rank and lr are confounded: at fixed scaling, more capacity also means a larger update. So capacity is settled first, at
a fixed conservative lr, then lr; and once lr is settled, the re-check takes away the capacity that no longer pays.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final

from rankfirst.policy import actions, noise
from rankfirst.policy import thresholds as t
from rankfirst.policy.evidence import Evidence
from rankfirst.policy.oscillation import swings
from rankfirst.policy.search_space import step
from rankfirst.records import (
    Advance,
    Arm,
    ArmKind,
    ArmResult,
    Change,
    Comparison,
    Curve,
    Experiment,
    ExperimentResult,
    Finding,
    Health,
    Move,
    Number,
    Profile,
    Recipe,
    Stage,
)

KNOB: Final = {
    ArmKind.SITES: "sites",
    ArmKind.SITES_DOWN: "sites",
    ArmKind.RANK: "rank",
    ArmKind.RANK_DOWN: "rank",
    ArmKind.LR: "lr",
    ArmKind.LR_DOWN: "lr",
    ArmKind.SCALING: "scaling",
    ArmKind.DROPOUT: "dropout",
}
# The arms of each stage in the order of training; the first one that wins ends the experiment.
ORDER: Final[Mapping[Stage, tuple[ArmKind, ...]]] = {
    # The lr arm only tells "lr is too small" from "nothing helps"; the next stage tries a first.
    Stage.CAPACITY: (ArmKind.SITES, ArmKind.RANK, ArmKind.LR),
    # a before lr: it moves the adapter alone, lr also the head, which `fit` starts nearly learnt. On NLU++, all linear
    # layers, a 16 and lr x4 gain alike in probes from a 1; a 16 ends 1.3 points of test macro-F1 higher.
    Stage.OPTIMISE: (ArmKind.SCALING, ArmKind.LR, ArmKind.LR_DOWN, ArmKind.SEED, ArmKind.DROPOUT),
    Stage.RECHECK: (ArmKind.SITES, ArmKind.RANK, ArmKind.SITES_DOWN, ArmKind.RANK_DOWN),
}
SMALLER: Final = (ArmKind.SITES_DOWN, ArmKind.RANK_DOWN)  # they win if they are as good
UNDECIDED: Final = "undecided"
ANSWERS: Final = (*(kind.value for kind in KNOB), UNDECIDED)


def arms_to_train(e: Evidence) -> tuple[Arm, ...]:
    """The next arm to train in this stage, in the order of ORDER; empty if one has won or none is left."""
    trained = {arm.recipe.key for arm in e.experiment.arms} if e.experiment else set()  # x4 tried is not x2 tried
    left = [arm for arm in all_arms(e) if arm.recipe.key not in trained]
    named = bottleneck(e)
    if e.stage is Stage.OPTIMISE and named == ArmKind.LR.value:  # CAPACITY trained its arm, but a comes first
        return tuple(arm for arm in left if arm.kind is ArmKind.SCALING)
    return tuple(left[:1]) if named in {None, UNDECIDED} else ()


def next_arm(e: Evidence) -> Move | None:
    """Train the next arm from the same start as this probe; None if no arm is left."""
    wanted = arms_to_train(e) if e.curve.checkpoint else ()
    return Experiment(wanted) if wanted else None


def doubtful(profile: Profile) -> tuple[int, ...]:
    """The training rows whose label is suspect, or contradicts that of a copy; ascending."""
    return tuple(sorted({*profile.suspects, *profile.conflict_rows}))


def data_arm(e: Evidence) -> Move | None:
    """Train the same recipe from the same start without the doubtful rows, once; validation rows stay as they are."""
    return Experiment((Arm(ArmKind.DATA, e.curve.recipe.with_(without=doubtful(e.profile))),))


def bottleneck(e: Evidence) -> str | None:
    """What limits the model, by the arms so far: one of `ANSWERS`; None without an experiment from this probe.

    An arm whose recipe the search has visited and left did not win after all: the remaining arms are trained.
    """
    result = e.experiment
    if result is None or result.checkpoint.key != e.curve.recipe.key:
        return None
    return _bottleneck(e.stage, [c for _, c in _untried(e, result)])


def followed(e: Evidence, move: Move, finding: Finding) -> Comparison | None:
    """The winning arm that a move follows: that of its recipe, else the best one of the kind that a finding names."""
    if not isinstance(move, Change | Advance) or e.experiment is None or bottleneck(e) is None:
        return None
    won = [(to, c) for to, c in _untried(e, e.experiment) if c.wins]
    same = [c for to, c in won if isinstance(move, Change) and to.key == move.recipe.key]
    named = finding.code.partition(".")[0].removeprefix("limit_")
    of_kind = [c for _, c in won if arm_name(c.arm) == named]
    return max(same or of_kind, key=lambda c: c.val_gain, default=None)


def best(e: Evidence, name: str) -> Comparison | None:
    """Of the arms of a kind (`arm_name`) that the search has not visited, the winner, else the one that gains most."""
    tried = [c for _, c in _untried(e, e.experiment) if arm_name(c.arm) == name] if e.experiment else []
    return max(tried, key=lambda c: (c.wins, c.val_gain), default=None)


def _untried(e: Evidence, result: ExperimentResult) -> list[tuple[Recipe, Comparison]]:
    """The arms whose recipes the search has not visited, and how each compares with changing nothing."""
    pairs = zip(result.arms[1:], result.comparisons, strict=False)
    return [(arm.recipe, c) for arm, c in pairs if arm.recipe.key not in e.tried]


def _bottleneck(stage: Stage, comparisons: Iterable[Comparison]) -> str:
    won = {c.arm for c in comparisons if c.wins and c.against is ArmKind.NONE}
    return next((kind.value for kind in ORDER[stage] if kind in won and kind in KNOB), UNDECIDED)


def all_arms(e: Evidence) -> tuple[Arm, ...]:
    """All arms of this stage that have room, in the order of training; none on a knob the user has set."""
    return tuple(arm for arm in _possible(e) if not _lost_before(e, arm))


def lost_before(e: Evidence) -> tuple[Arm, ...]:
    """The arms of a and lr that lost at another dropout, if dropout alone has moved since: not trained again.

    On NLU++ three of thirteen probes had them trained again after a step of dropout, and all three lost again.
    """
    return tuple(arm for arm in _possible(e) if _lost_before(e, arm))


def _possible(e: Evidence) -> tuple[Arm, ...]:
    wanted = {to.key: Arm(kind, to) for kind, to in _by_kind(e) if to is not None and KNOB.get(kind) not in e.pinned}
    return tuple(wanted.values())


def _lost_before(e: Evidence, arm: Arm) -> bool:
    """Whether the last move was one of dropout, and this arm was trained at a dropout before it."""
    if e.stage is not Stage.OPTIMISE or e.before is None or arm.kind is ArmKind.DROPOUT:
        return False
    before, here = e.before.recipe, e.curve.recipe
    moved = here != before and here.with_(dropout=before.dropout) == before
    return moved and any(arm.recipe.with_(dropout=dropout).key in e.probed for dropout in t.DROPOUTS)


def winner(kind: ArmKind) -> Callable[[Evidence], Recipe | None]:
    """The recipe of the arm of that kind that won the experiment from this probe; the best one of several."""
    move = kind.value if kind.value.endswith("-") else f"{kind.value}+"

    def recipe(e: Evidence) -> Recipe | None:
        """The recipe of the arm that won; of several, the one that gains most."""
        if move in e.closed or e.experiment is None or e.experiment.checkpoint.key != e.curve.recipe.key:
            return None
        won = [(c.val_gain, to) for to, c in _untried(e, e.experiment) if c.wins and c.arm is kind]
        return max(won, key=lambda pair: pair[0])[1] if won else None

    recipe.__name__ = f"winner_{KNOB.get(kind, kind.value)}"
    return recipe


def favoured(kind: ArmKind, step: Callable[[Evidence], Recipe | None]) -> actions.Action:
    """An action that makes a step if its arm won; where no arm can be trained, the step is made without one."""

    def act(e: Evidence) -> Move | str | None:
        recipe = winner(kind)(e) if e.curve.checkpoint else step(e)
        return Change(recipe) if recipe is not None else "not_favoured" if e.curve.checkpoint else None

    return act


def _by_kind(e: Evidence) -> list[tuple[ArmKind, Recipe | None]]:
    """The arms of this stage in the order of training, with None if the knob has no room."""
    recipe_of: Mapping[ArmKind, Callable[[Evidence], Recipe | None]] = {
        ArmKind.SITES: actions.sites_up,
        ArmKind.SITES_DOWN: actions.sites_down,
        ArmKind.RANK: actions.rank_up,
        ArmKind.RANK_DOWN: actions.rank_down,
        ArmKind.LR: raised_lr if e.stage is Stage.CAPACITY else partial(actions.lr_up, anywhere=True),
        ArmKind.LR_DOWN: actions.lr_down,
        ArmKind.SEED: _other_seed,
        ArmKind.SCALING: actions.scaling_up,
        ArmKind.DROPOUT: _more_dropout,
    }
    kinds = ORDER[e.stage]
    if e.stage is Stage.RECHECK and _shrunk(e):  # what was taken away is not given back in another place
        kinds = SMALLER
    if e.stage is Stage.CAPACITY and _overfits(e):
        return [(ArmKind.LR, raised_lr(e))]
    # All sites first: if they gain nothing at the fixed lr, capacity is not the limit, as one arm has shown. If they
    # do, the re-check finds the smallest set that is as good, once lr is settled. A rung at a time costs an arm each.
    all_sites = [(ArmKind.SITES, actions.all_sites(e))] if e.stage is Stage.CAPACITY else []
    return [*all_sites, *((kind, recipe_of[kind](e)) for kind in kinds)]


def _overfits(e: Evidence) -> bool:
    """Whether all sites fit the training rows better and validation worse, beyond noise.

    More capacity is then not what is missing, and an arm with half as much more would be trained in vain (TNEWS: 0.063
    nats worse, three standard errors; the next larger set 0.012 worse).
    """
    from_here = e.experiment is not None and e.experiment.checkpoint.key == e.curve.recipe.key
    comparisons = e.experiment.comparisons if e.experiment and from_here else ()
    return any(
        c.arm is ArmKind.SITES and c.train_gain > 0 and c.val_gain < -max(t.LEAST_GAIN, t.NOISE_SES * c.val_se)
        for c in comparisons
    )


def _shrunk(e: Evidence) -> bool:
    """Whether the last move of this stage made the adapter smaller."""
    return e.before is not None and e.facts.adapter_parameters(
        e.curve.recipe.rank, e.curve.recipe.sites
    ) < e.facts.adapter_parameters(e.before.recipe.rank, e.before.recipe.sites)


def _other_seed(e: Evidence) -> Recipe | None:
    """The same recipe under the next seed, if exactly one of the two signs of oscillation is there.

    One sign may be chance, or the edge of instability; a second seed tells which.
    """
    seen = swings(e)
    if not e.space.repeats or seen is None or seen.signs != 1:
        return None
    return e.curve.recipe.with_(seed=e.curve.recipe.seed + 1)


def _more_dropout(e: Evidence) -> Recipe | None:
    """More dropout, if the probe memorises: validation loss creeps up, or training rows are far ahead of validation."""
    if not e.curve.evaluations:
        return None
    last, lowest = e.curve.last, min(x.val_loss for x in e.curve.evaluations)
    memorises = (
        last.val_loss - lowest > t.CREEP_SES * e.noise.loss_se or last.train_macro_f1 - last.val_macro_f1 > t.SMALL_GAP
    )
    return actions.dropout_up(e) if memorises else None


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

    The arm is judged by calibrated log-loss, which uses every row. Macro-F1 has a veto: a start that is over-confident
    can gain log-loss and lose macro-F1 (CrossWOZ at high rates: 0.15 nats better, one point of macro-F1 worse).
    Standard errors contain rows and seeds. A smaller recipe wins as a better bet, or if its interval excludes a loss
    that matters, so with few validation rows it does not win for being cheaper.
    """
    gain, rows = noise.paired_mean(arm.val_log_loss, other.val_log_loss)
    f1, f1_rows = math.nan, math.nan
    if len(arm.val_predicted) == len(other.val_predicted) == len(e.truth) > 0:
        f1, f1_rows = noise.paired_f1(e.truth, arm.val_predicted, other.val_predicted, len(e.profile.classes))
    se, f1_se = t.SEED_SES * rows, t.SEED_SES * f1_rows
    enough = len(arm.val_log_loss) >= t.LEAST_VAL_ROWS and not math.isnan(gain)
    vetoed = f1 < -t.ARM_F1_SES * f1_se
    bet = gain >= max(t.LEAST_GAIN, t.BET_SES * se)
    as_good = arm.kind in SMALLER and gain >= 0 and gain - t.NOISE_SES * se > -t.AS_GOOD
    return Comparison(
        arm=arm.kind,
        against=other.kind,
        val_gain=gain,
        val_se=se,
        train_gain=other.train_subset_loss - arm.train_subset_loss,
        train_f1_gain=arm.train_macro_f1 - other.train_macro_f1,
        beyond_noise=enough and gain > max(t.LEAST_GAIN, t.NOISE_SES * se) and not vetoed,
        f1_gain=f1,
        f1_se=f1_se,
        better=enough and (bet or as_good) and not vetoed,
    )


def verdict(e: Evidence, new: Iterable[ArmResult]) -> ExperimentResult:
    """The result of the experiment: the knob whose arm wins, see `ORDER`.

    Args: new: arms that join those trained before; the control arm is always first.
    """
    results = (*(e.experiment.arms if e.experiment else (as_arm(ArmKind.NONE, e.curve),)), *new)
    control = results[0]
    comparisons = tuple(compare(e, r, control) for r in results[1:])
    named = _bottleneck(e.stage, comparisons)
    numbers: dict[str, Number] = {"steps": e.curve.steps[-1] if e.curve.steps else 0}
    leading = {kind: max((c for c in comparisons if c.arm is kind), key=lambda c: (c.wins, c.val_gain), default=None)
               for kind in KNOB}  # fmt: skip
    for kind, best_of_kind in leading.items():
        numbers[arm_name(kind)] = best_of_kind.val_gain if best_of_kind else math.nan
        numbers[f"{arm_name(kind)}_se"] = best_of_kind.val_se if best_of_kind else math.nan
    won = None if named == UNDECIDED else leading[ArmKind(named)]
    code = f"experiment.{arm_name(won.arm)}.{certainty(won)}" if won else f"experiment.{UNDECIDED}"
    if comparisons and comparisons[-1].arm is ArmKind.DATA:
        code, more = _data_arm(e, results[-1], control, comparisons[-1])
        return ExperimentResult(e.curve.recipe, results, comparisons, named, code, numbers | more)
    return ExperimentResult(e.curve.recipe, results, comparisons, named, code, numbers | gain_numbers(won))


def _data_arm(e: Evidence, arm: ArmResult, control: ArmResult, gained: Comparison) -> tuple[str, dict[str, Number]]:
    """What training without the doubtful rows brings, also on validation rows that are not suspect: code, numbers."""
    left_out, suspect = len(arm.recipe.without), set(e.profile.suspects_val)
    numbers: dict[str, Number] = {"left_out": left_out, "share": left_out / max(1, e.profile.n_train)}
    if not math.isfinite(gained.val_gain + gained.f1_gain):
        return "experiment.data.failed", numbers
    numbers |= {"f1": 100 * gained.f1_gain, "f1_se": 100 * gained.f1_se, **gain_numbers(gained)}
    code = f"experiment.data.{certainty(gained) if gained.wins else 'none'}"
    clean = [row for row in range(len(e.truth)) if row not in suspect]
    if not suspect or not clean:
        return code, numbers
    truth, new, old = ([rows[i] for i in clean] for rows in (e.truth, arm.val_predicted, control.val_predicted))
    f1, se = noise.paired_f1(truth, new, old, len(e.profile.classes))
    numbers |= {"clean": len(clean), "clean_f1": 100 * f1, "clean_f1_se": 100 * t.SEED_SES * se}
    return f"{code}.clean", numbers


def certainty(won: Comparison) -> str:
    """The end of the code of a winning arm's sentence: "proven", or "bet" if its interval contains zero."""
    return "proven" if won.beyond_noise else "bet"


def gain_numbers(won: Comparison | None) -> dict[str, Number]:
    """The gain of a winning arm and its standard error, nats/example, for a sentence; empty if no arm won."""
    return {} if won is None else {"gain": won.val_gain, "gain_se": won.val_se}


def arm_name(kind: ArmKind) -> str:
    """The name of an arm in numbers and codes of sentences: "lr", "lr_down", ..."""
    return kind.value.replace("-", "_down")
