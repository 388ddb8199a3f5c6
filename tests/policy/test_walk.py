"""Whole walks on an engine whose curves are simple functions of the recipe: each symptom leads to its own move."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rankfirst.engine.base import Engine
from rankfirst.messages import LANGS, say
from rankfirst.messages.grammar import INTERVAL
from rankfirst.policy import Ceiling, Noise, experiments, symptoms
from rankfirst.policy.decide import most_probes
from rankfirst.policy.final_training import full_run
from rankfirst.policy.thresholds import FINAL_RUNS
from rankfirst.records import (
    ALL_ROLES,
    ATTENTION_QV,
    QV_FFN,
    ArmKind,
    Budget,
    Change,
    Curve,
    Decision,
    Experiment,
    ExperimentResult,
    Health,
    Profile,
    Recipe,
    Shipping,
    Sites,
    Stage,
    Verdict,
    from_json,
)
from rankfirst.report import search
from rankfirst.report.events import read
from rankfirst.report.narrative.decisions import finding_with_criterion
from rankfirst.report.terminal import explain, tell
from rankfirst.run.journal import Journal
from rankfirst.run.search import Walk, Wishes
from rankfirst.run.time_budget import Clock
from tests.policy import curves as c

START = c.RECIPE.with_(rank=16)
CAPACITY, OPTIMISE, RECHECK = Stage.CAPACITY, Stage.OPTIMISE, Stage.RECHECK


@dataclass(frozen=True)
class Look:
    """What a probe shows: its log-loss at the end, its evaluations and its loss points."""

    loss: float
    shape: c.Shape = tuple(c.HEALTHY)
    points: Sequence[float] = c.FALLING
    health: Health = Health.FINE
    recall: tuple[float, float] | None = None  # at the last evaluation
    predicted: tuple[tuple[int, ...], ...] | None = None  # at the end; None: all rows right but two
    spread: float = 0.0  # nats by which its log-loss is above and below `loss` on every other row


class World(Engine):
    """An engine that trains nothing: a probe is what `look` says of its recipe."""

    facts = c.FACTS

    def __init__(self, look: Callable[[Recipe], Look], checkpoints: bool = True) -> None:
        self.look, self.checkpoints = look, checkpoints
        self.trained: list[Recipe] = []

    def probe(self, recipe: Recipe, epochs: int, tick: object = None) -> Curve:
        self.trained.append(recipe)
        look, work = self.look(recipe), self.facts.probe_work(recipe, epochs)
        if look.health is not Health.FINE:
            return c.curve((), (), recipe, look.health, end_log_loss=(), end_predicted=(), work=work)
        losses, predicted = c.ends(look.loss, 2)
        losses = tuple(loss + look.spread * (-1) ** i for i, loss in enumerate(losses))
        made = c.curve(look.points, look.shape, recipe, end_log_loss=losses, work=work,
                       end_predicted=predicted if look.predicted is None else look.predicted,
                       epochs=float(epochs), checkpoint=recipe.key if self.checkpoints else "")  # fmt: skip
        if look.recall is None:
            return made
        return replace(made, evaluations=(*made.evaluations[:-1], replace(made.last, recall=look.recall)))

    def has(self, checkpoint: str) -> bool:
        return True


def walk_in(world: World, folder: Path, runs: float = math.inf, profile: Profile = c.PROFILE, **fields: Any) -> Walk:
    rows = SimpleNamespace(val=SimpleNamespace(labels=c.TRUTH), train=range(90))
    return Walk(rows, world, Journal(folder / "journal.jsonl"), Wishes(Budget(runs)), Clock(None, lambda: 0.0),  # type: ignore[arg-type]
                lambda *a: None, profile, Ceiling(64, 6), Noise(0.01, 0.02, c.ROWS), **fields)  # fmt: skip


def walked(world: World, folder: Path, start: Recipe = START, runs: float = math.inf) -> tuple[Curve, list[Decision]]:
    """The settled probe and all decisions; every walk trains no recipe twice, ends in time and can be told."""
    walk = walk_in(world, folder, runs)
    settled = walk.through(start)
    assert settled is not None
    assert len({recipe.key for recipe in world.trained}) == len(world.trained) <= most_probes()
    decisions = [from_json(Decision, told) for (kind, _), told in walk.journal.events.items() if kind == "decision"]
    for lang in LANGS:
        for decision in decisions:
            assert say(f"conclusion.{decision.rule_id}", lang, **decision.numbers)
            assert say(decision.conclusion, lang, **decision.numbers)
            assert all(say(found.code, lang, **found.numbers) for _, found in decision.findings)
            assert all(say(reason, lang) for _, reason in decision.turned_down)
    return settled, decisions


def moves(decisions: Sequence[Decision]) -> list[tuple[Stage, str, str]]:
    """The changes of the recipe: in which stage, by which rule, and from what to what."""
    changes = [(d.stage, d.rule_id, str(d.numbers["knobs"])) for d in decisions if isinstance(d.move, Change)]
    return [(stage, rule, knobs if "sites" not in knobs else "sites") for stage, rule, knobs in changes]


def ends(decisions: Sequence[Decision]) -> list[str]:
    """The rule that ended each stage."""
    return [d.rule_id for n, d in enumerate(decisions) if n + 1 == len(decisions) or decisions[n + 1].stage != d.stage]


def depth(recipe: Recipe) -> float:
    """Trainable weights at rank 1, in units of the start's: 0.29 at q/v on two blocks, 2 at q/v + FFN on four."""
    return c.FACTS.adapter_parameters(1, recipe.sites) / c.FACTS.adapter_parameters(1, START.sites)


def short_of(recipe: Recipe, rank: int = 16, sites: float = 1.0) -> float:
    """Nats that an adapter loses by being smaller than this; a larger one loses nothing."""
    return 0.1 * max(0.0, math.log2(rank / recipe.rank)) + 0.1 * max(0.0, math.log2(sites / depth(recipe)))


def off(recipe: Recipe, lr: float) -> float:
    """Nats that a recipe loses by another lr than this."""
    return 0.1 * abs(math.log2(recipe.lr / lr))


def answers_at(recipe: Recipe, lr: float) -> float:
    """Nats that a recipe loses by a scaling below 64, where lr is this; elsewhere scaling changes nothing."""
    return 0.1 * math.log2(64 / recipe.scaling) if recipe.lr == lr else 0.6


def test_underfit_opens_every_linear_layer_then_rank(tmp_path: Path) -> None:
    world = World(lambda r: Look(1 + short_of(r, 64, 6.0) + off(r, 4e-4), c.LOW, c.FLAT))
    settled, decisions = walked(world, tmp_path)
    assert moves(decisions) == [
        (CAPACITY, "sites_limited", "sites"),
        (CAPACITY, "rank_limited", "rank 16 -> 64"),
    ]
    assert settled.recipe == START.with_(rank=64, sites=Sites(ALL_ROLES, 6))
    assert ends(decisions) == ["undecided", "no_arm", "undecided"]


def test_underfit_is_read_from_curves_where_no_experiment_is_possible(tmp_path: Path) -> None:
    world = World(lambda r: Look(1 + short_of(r, 64, 6.0), c.LOW, c.FLAT), checkpoints=False)
    settled, decisions = walked(world, tmp_path)
    assert moves(decisions) == [*4 * [(CAPACITY, "underfit", "sites")], (RECHECK, "underfit", "rank 16 -> 64")]
    assert settled.recipe.sites == Sites(ALL_ROLES, 6)


def test_overfit_takes_rank_away_then_sites(tmp_path: Path) -> None:
    """Training loss collapses, validation falls, and one class pays for it."""

    def look(r: Recipe) -> Look:
        fits = r.rank <= 1 and depth(r) < 1
        more = 0.05 * math.log2(r.rank * depth(r) + 1)
        return Look(1 + more + off(r, 4e-4), c.HEALTHY if fits else c.OVERFIT, recall=None if fits else (0.2, 0.85))

    settled, decisions = walked(World(look), tmp_path)
    assert moves(decisions) == [
        (CAPACITY, "overfit", "rank 16 -> 4"),
        (CAPACITY, "overfit", "rank 4 -> 1"),
        (CAPACITY, "overfit", "sites"),
        (RECHECK, "sites_spare", "sites"),
    ]
    assert settled.recipe == START.with_(rank=1, sites=Sites(ATTENTION_QV, 1))
    found = decisions[0].finding
    assert found is not None and (found.numbers["uneven"], found.numbers["classes"]) == (1, 2)


def test_a_slow_fall_raises_lr_once_capacity_is_settled(tmp_path: Path) -> None:
    def look(r: Recipe) -> Look:
        return Look(1 + short_of(r) + off(r, 1.6e-3), c.HEALTHY if r.lr > 1e-3 else c.CLIMBING)

    settled, decisions = walked(World(look), tmp_path)
    assert moves(decisions) == [(OPTIMISE, "lr_small", "lr 4e-4 -> 1.6e-3")]
    assert ends(decisions) == ["lr_limited", "no_arm", "undecided"]
    assert settled.recipe == START.with_(lr=1.6e-3)


def test_a_slow_fall_raises_lr_by_a_rung_where_no_experiment_is_possible(tmp_path: Path) -> None:
    world = World(lambda r: Look(1 + off(r, 8e-4), c.HEALTHY if r.lr > 6e-4 else c.CLIMBING), checkpoints=False)
    settled, decisions = walked(world, tmp_path)
    assert moves(decisions) == [(OPTIMISE, "falls_slowly", "lr 4e-4 -> 8e-4")]
    assert ends(decisions) == ["look_alike", "settled", "capacity_right"]
    assert settled.recipe.lr == 8e-4


def test_too_high_an_lr_is_lowered_by_its_arm(tmp_path: Path) -> None:
    settled, decisions = walked(World(lambda r: Look(1 + short_of(r) + off(r, 1e-4))), tmp_path)
    assert moves(decisions) == [(OPTIMISE, "lr_large", "lr 4e-4 -> 1e-4")]
    assert settled.recipe.lr == 1e-4


def unsteady(points: Sequence[float], seeds: tuple[float, float]) -> Callable[[Recipe], Look]:
    """From lr 4e-4 on the probe swings; two rungs below it learns too little, so that no arm wins."""

    def look(r: Recipe) -> Look:
        shape = [(v, f - seeds[r.seed], tr, tf) for v, f, tr, tf in c.UNSTABLE]
        loss = 1 + short_of(r) + off(r, 2e-4)
        return Look(loss, shape, points) if r.lr > 3e-4 else Look(loss + (0.2 if r.lr < 1.5e-4 else 0.0))

    return look


def test_oscillation_lowers_lr_by_a_rung(tmp_path: Path) -> None:
    settled, decisions = walked(World(unsteady(c.SWINGING, (0.0, 0.0))), tmp_path)
    assert moves(decisions) == [(OPTIMISE, "oscillate", "lr 4e-4 -> 2e-4")]
    assert ends(decisions) == ["undecided", "no_arm", "undecided"]
    assert settled.recipe == START.with_(lr=2e-4)


def test_one_sign_of_oscillation_and_a_seed_that_disagrees_lower_lr_by_a_rung(tmp_path: Path) -> None:
    world = World(unsteady(c.FALLING, (0.0, 0.1)))
    settled, decisions = walked(world, tmp_path)
    assert moves(decisions) == [(OPTIMISE, "seeds", "lr 4e-4 -> 2e-4")]
    assert settled.recipe == START.with_(lr=2e-4)
    assert START.with_(seed=1) in world.trained


def test_one_sign_of_oscillation_and_seeds_that_agree_move_nothing(tmp_path: Path) -> None:
    settled, decisions = walked(World(unsteady(c.FALLING, (0.0, 0.0))), tmp_path)
    assert moves(decisions) == [] and settled.recipe == START


def test_unlearning_lowers_lr_and_never_rank(tmp_path: Path) -> None:
    lost = [(x.val_loss, x.val_macro_f1, x.train_loss, x.train_macro_f1) for x in c.unlearning().curve.evaluations]
    world = World(lambda r: Look(1 + short_of(r) + off(r, 2e-4), lost if r.lr > 3e-4 else c.HEALTHY))
    _, decisions = walked(world, tmp_path)
    assert moves(decisions)[0] == (OPTIMISE, "unlearning", "lr 4e-4 -> 2e-4")
    assert ends(decisions)[0] == "unlearning"


def test_where_lr_hardly_matters_scaling_rises(tmp_path: Path) -> None:
    """A higher lr is the better bet, but the loss hardly answers; then a stronger branch does."""
    world = World(lambda r: Look(1 + short_of(r) + 0.1 * off(r, 1.6e-3) + answers_at(r, 1.6e-3), c.LOW, c.FLAT))
    settled, decisions = walked(world, tmp_path)
    assert moves(decisions) == [
        (OPTIMISE, "lr_small", "lr 4e-4 -> 1.6e-3"),
        (OPTIMISE, "insensitive", "scaling 1 -> 4"),
        (OPTIMISE, "branch_weak", "scaling 4 -> 16"),
        (OPTIMISE, "branch_weak", "scaling 16 -> 64"),
    ]
    assert settled.recipe == START.with_(lr=1.6e-3, scaling=64.0)


def test_a_stronger_branch_comes_before_a_higher_lr(tmp_path: Path) -> None:
    world = World(lambda r: Look(1 + short_of(r) + off(r, 1.6e-3) + 0.1 * abs(math.log2(r.scaling / 4))))
    settled, decisions = walked(world, tmp_path)
    assert moves(decisions)[:2] == [
        (OPTIMISE, "branch_weak", "scaling 1 -> 4"),
        (OPTIMISE, "lr_small", "lr 4e-4 -> 1.6e-3"),
    ]
    assert settled.recipe == START.with_(lr=1.6e-3, scaling=4.0)


def test_a_probe_that_memorises_gets_dropout_if_that_gains(tmp_path: Path) -> None:
    world = World(lambda r: Look(1 + short_of(r) + off(r, 4e-4) + abs(r.dropout - 0.2), c.CREEPING))
    settled, decisions = walked(world, tmp_path)
    assert moves(decisions) == [
        (OPTIMISE, "over_confident", "dropout 0.05 -> 0.1"),
        (OPTIMISE, "over_confident", "dropout 0.1 -> 0.2"),
    ]
    assert settled.recipe.dropout == 0.2
    regularised = [recipe for recipe in world.trained if recipe.dropout > 0.05]
    assert {(r.lr, r.scaling) for r in regularised} == {(4e-4, 1.0)}  # what lost without it is not asked again
    assert ends(decisions)[1] == "asked_before"


def test_what_lost_at_another_dropout_is_asked_again_once_another_knob_has_moved() -> None:
    asked = c.more_dropout(stage=OPTIMISE)
    assert [arm.kind for arm in experiments.lost_before(asked)] == [ArmKind.SCALING, ArmKind.LR, ArmKind.LR_DOWN]
    moved = replace(asked, curve=replace(asked.curve, recipe=asked.curve.recipe.with_(lr=8e-4)))
    assert not experiments.lost_before(moved)
    never = replace(asked, probed=frozenset())  # the user set dropout: nothing was asked before
    assert not experiments.lost_before(never)


def test_capacity_that_does_not_pay_is_taken_away_at_the_settled_lr(tmp_path: Path) -> None:
    world = World(lambda r: Look(1 + short_of(r, rank=4, sites=0.25) + off(r, 1.6e-3)))
    settled, decisions = walked(world, tmp_path)
    assert moves(decisions) == [
        (OPTIMISE, "lr_small", "lr 4e-4 -> 1.6e-3"),
        (RECHECK, "sites_spare", "sites"),
        (RECHECK, "rank_spare", "rank 16 -> 4"),
    ]
    assert settled.recipe == START.with_(rank=4, sites=Sites(ATTENTION_QV, 2), lr=1.6e-3)


def test_capacity_that_pays_only_at_the_settled_lr_is_added_in_the_recheck(tmp_path: Path) -> None:
    def look(r: Recipe) -> Look:
        return Look(1 + short_of(r, 64 if r.lr > 1e-3 else 16) + 2 * off(r, 1.6e-3))

    settled, decisions = walked(World(look), tmp_path)
    assert moves(decisions)[1:] == [(RECHECK, "rank_limited", "rank 16 -> 64")]
    assert settled.recipe == START.with_(rank=64, lr=1.6e-3)


def test_where_no_knob_matters_nothing_rises(tmp_path: Path) -> None:
    settled, decisions = walked(World(lambda r: Look(1.0)), tmp_path)
    assert {rule for _, rule, _ in moves(decisions)} == {"rank_spare", "sites_spare"}
    assert settled.recipe.with_(rank=16, sites=START.sites) == START


def test_sites_that_are_enough_are_found_from_all_of_them(tmp_path: Path) -> None:
    """One rung would have done: all sites win as one arm, and the re-check walks back to the smallest set as good."""
    world = World(lambda r: Look(1 + short_of(r, sites=2.0) + off(r, 4e-4)))
    settled, decisions = walked(world, tmp_path)
    assert moves(decisions) == [(CAPACITY, "sites_limited", "sites"), *2 * [(RECHECK, "sites_spare", "sites")]]
    assert settled.recipe == START.with_(sites=Sites(QV_FFN, 4))


def test_where_all_sites_are_too_many_the_next_set_may_still_win(tmp_path: Path) -> None:
    world = World(lambda r: Look(1 + short_of(r) + 0.2 * abs(math.log2(depth(r) / 1.57)) + off(r, 4e-4)))
    settled, decisions = walked(world, tmp_path)
    assert moves(decisions) == [(CAPACITY, "sites_limited", "sites")]
    assert settled.recipe == START.with_(sites=Sites(QV_FFN, 2, ATTENTION_QV))


def test_a_first_recipe_that_diverges_gets_safe_numerics_then_a_lower_lr_and_the_walk_goes_on(tmp_path: Path) -> None:
    def look(r: Recipe) -> Look:
        return Look(1 + short_of(r, sites=2.0), health=Health.DIVERGED if r.lr > 3e-4 else Health.FINE)

    settled, decisions = walked(World(look), tmp_path)
    assert [d.rule_id for d in decisions[:2]] == ["numerics", "numerics_lower"]
    assert moves(decisions)[1:] == [
        (CAPACITY, "numerics_lower", "lr 4e-4 -> 1e-4"),
        (CAPACITY, "sites_limited", "sites"),
        (RECHECK, "sites_spare", "sites"),  # every linear layer was more than it takes
        (RECHECK, "sites_spare", "sites"),
    ]
    assert settled.recipe == START.with_(lr=1e-4, safe_numerics=True, sites=Sites(QV_FFN, 4))


def test_a_symptom_without_room_is_said_and_not_called_enough(tmp_path: Path) -> None:
    """The search may spend nothing beyond the first probe."""
    world = World(lambda r: Look(1 + short_of(r, 64, 6.0), c.LOW, c.FLAT))
    settled, decisions = walked(world, tmp_path, runs=FINAL_RUNS)
    assert ends(decisions) == ["capacity_open", "settled", "capacity_open"]
    assert dict(decisions[0].turned_down) == {"untested": "no_budget", "underfit": "no_budget"}
    assert (settled.recipe, len(world.trained)) == (START, 1)


def test_the_budget_grows_with_the_recipe_that_is_reached(tmp_path: Path) -> None:
    """Full runs of the start pay for two arms of three; those of deeper sites pay for more of the same size."""
    world = World(lambda r: Look(1 + short_of(r, 64, 6.0), c.LOW, c.FLAT))
    walk = walk_in(world, tmp_path, runs=FINAL_RUNS + 1.5)
    deeper = START.with_(sites=Sites(ALL_ROLES, 6))
    for recipe in (START, deeper):
        assert walk.budget(recipe) == pytest.approx(1.5 * full_run(c.FACTS, recipe, 90))
    settled = walk.through(START)
    assert settled is not None
    assert walk.work <= walk.budget(settled.recipe) + c.FACTS.probe_work(deeper, 2)


def test_a_walk_that_diverges_ends_with_the_good_probe_it_came_from(tmp_path: Path) -> None:
    """lr x4 diverges, with safe numerics and at a lower lr too: the probe before it is settled on, not thrown away."""
    world = World(lambda r: Look(1.0, health=Health.DIVERGED))
    good = replace(c.slow_fall().curve, checkpoint="good")
    e = c.named("lr")
    walk = walk_in(world, tmp_path)
    walk.curves[good.recipe.key] = good
    assert e.experiment is not None
    walk.results[good.recipe.key] = e.experiment
    assert walk.stage(Stage.OPTIMISE, good) == good


def test_a_winner_that_loses_recall_is_taken_back_and_the_other_arms_are_tried(tmp_path: Path) -> None:
    """Deeper sites gain log-loss and move every error from one class to the other."""

    def look(r: Recipe) -> Look:
        spoiled = r.sites != START.sites
        rows = tuple((y,) if y == (not spoiled) or i % 10 < 3 else (1 - y,) for i, (y,) in enumerate(c.TRUTH))
        return Look(1 + short_of(r, 64, 6.0) + off(r, 4e-4), predicted=rows)

    settled, decisions = walked(World(look), tmp_path)
    assert [(stage, rule) for stage, rule, _ in moves(decisions)] == [
        (CAPACITY, "sites_limited"),
        (CAPACITY, "recall_lost"),
        (CAPACITY, "rank_limited"),
        (RECHECK, "sites_limited"),  # another recipe, at the settled lr
        (RECHECK, "recall_lost"),
    ]
    assert settled.recipe == START.with_(rank=64)


# Rule: (nats that a recipe loses in a world in which it fires; recipes whose log-losses may swing from row to row, so
# that their gain is not proven; what is said of a proven gain; of a better bet), in English and Chinese.
HEARD: dict[str, tuple[Callable[[Recipe], float], Callable[[Recipe], bool], tuple[str, str], tuple[str, str]]] = {
    "sites_limited": (
        lambda r: short_of(r, sites=6.0) + off(r, 4e-4), lambda r: depth(r) > 1,
        ("More target modules help (", "增加 target modules 有效（"),
        ("More target modules are the better bet, but not proven (", "增加 target modules 预期更优，但尚未得到证实（"),
    ),
    "rank_limited": (
        lambda r: short_of(r, rank=64) + off(r, 4e-4), lambda r: r.rank > 16,
        ("A higher rank helps (", "提高 rank 有效（"),
        ("A higher rank is the better bet, but not proven (", "提高 rank 预期更优，但尚未得到证实（"),
    ),
    "lr_limited": (
        lambda r: short_of(r) + off(r, 1.6e-3), lambda r: r.lr > 4e-4,
        ("Capacity stays as it is. A higher lr helps (", "容量保持不变。提高 lr 有效（"),
        ("Capacity stays as it is. A higher lr is the better bet, but not proven (",
         "容量保持不变。提高 lr 预期更优，但尚未得到证实（"),
    ),
    "lr_small": (
        lambda r: short_of(r) + off(r, 1.6e-3), lambda r: r.lr > 4e-4,
        ("A higher lr helps (", "提高 lr 有效（"),
        ("A higher lr is the better bet, but not proven (", "提高 lr 预期更优，但尚未得到证实（"),
    ),
    "lr_large": (
        lambda r: short_of(r) + off(r, 1e-4), lambda r: r.lr < 4e-4,
        ("A lower lr helps (", "降低 lr 有效（"),
        ("A lower lr is the better bet, but not proven (", "降低 lr 预期更优，但尚未得到证实（"),
    ),
    "branch_weak": (
        lambda r: short_of(r) + off(r, 4e-4) + 0.1 * abs(math.log2(r.scaling / 4)), lambda r: r.scaling > 1,
        ("Capacity is settled. A higher scaling helps (", "容量已定。增大 a 有效（"),
        ("Capacity is settled. A higher scaling is the better bet, but not proven (",
         "容量已定。增大 a 预期更优，但尚未得到证实（"),
    ),
    "insensitive": (
        lambda r: short_of(r) + 0.1 * off(r, 1.6e-3) + answers_at(r, 1.6e-3), lambda r: r.scaling > 1,
        ("Loss barely responds to lr. A higher scaling helps (", "loss 对 lr 不敏感。增大 a 有效（"),
        ("Loss barely responds to lr. A higher scaling is the better bet, but not proven (",
         "loss 对 lr 不敏感。增大 a 预期更优，但尚未得到证实（"),
    ),
    "over_confident": (
        lambda r: short_of(r) + off(r, 4e-4) + 4 * abs(r.dropout - 0.1), lambda r: r.dropout > 0.05,
        ("More dropout helps (", "增大 dropout 有效（"),
        ("More dropout is the better bet, but not proven (", "增大 dropout 预期更优，但尚未得到证实（"),
    ),
    "rank_spare": (
        lambda r: short_of(r, rank=4) + 0.1 * abs(math.log2(r.rank / 4)) + off(r, 4e-4), lambda r: r.rank < 16,
        ("A lower rank is better (", "更低的 rank 更好（"),
        ("A lower rank is as good within noise (", "更低的 rank 在随机波动范围内同样好（"),
    ),
    "sites_spare": (
        lambda r: short_of(r, sites=0.25) + 0.1 * abs(math.log2(depth(r) / 0.25)) + off(r, 4e-4),
        lambda r: depth(r) < 1,
        ("Fewer target modules are better (", "更少的 target modules 更好（"),
        ("Fewer target modules are as good within noise (", "更少的 target modules 在随机波动范围内同样好（"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("proven", [True, False])
@pytest.mark.parametrize("rule", HEARD)
def test_a_gain_is_claimed_where_it_is_proven_and_called_the_better_bet_where_it_is_not(
    rule: str, proven: bool, tmp_path: Path
) -> None:
    """In the decision, in the log, in `explain` and on the page, in both languages, with the gain and its interval."""
    lost, noisy, claim, bet = HEARD[rule]
    world = World(lambda r: Look(1 + lost(r), c.CREEPING, spread=0.0 if proven else 0.6 * noisy(r)))
    walk = walk_in(world, tmp_path)
    assert walk.through(START) is not None
    told = [(key, payload) for (kind, key), payload in walk.journal.events.items() if kind == "decision"]
    key, payload = next((key, payload) for key, payload in told if payload["rule_id"] == rule)
    made = from_json(Decision, payload)
    assert payload["proven"] is proven is made.proven
    gain, reach = float(made.numbers["gain"]), INTERVAL * float(made.numbers["gain_se"])
    assert gain > 0 and (gain > reach) is proven
    figures = f"{gain:.4f} ± {reach:.4f} nats"
    for lang, words in zip(LANGS, claim if proven else bet, strict=True):
        said = next(line for line in tell("decision", key, made, lang) if words in line)
        assert figures in said and words in explain(walk.journal.path, lang)
        titles = [step.title[lang] for stage in search.walk(read(walk.journal.path)) for step in stage.steps]
        assert any(words in title and figures in title for title in titles)
        others = (*claim, *bet)
        assert not any(other in said for other in others if not words.startswith(other) and other not in words)


def test_a_move_is_compared_with_what_was_before_as_its_arm_was(tmp_path: Path) -> None:
    """One difference, one interval: rows and seeds, before the move and after it."""
    world = World(lambda r: Look(1 + short_of(r, sites=6.0) + off(r, 4e-4), spread=0.6 * (depth(r) > 1)))
    _, decisions = walked(world, tmp_path)
    at = next(n for n, made in enumerate(decisions) if made.rule_id == "sites_limited")
    after = dict(decisions[at + 1].findings)["took_worse"].numbers
    assert (after["gain"], after["se"]) == pytest.approx([decisions[at].numbers[name] for name in ("gain", "gain_se")])
    found = decisions[at].finding
    assert found is not None and found.code == "limit_sites.bet"
    for lang, words in zip(
        LANGS, ("makes more target modules the better bet, not proven", "预期更优，但尚未得到证实"), strict=True
    ):
        assert words in finding_with_criterion(found)[lang]


def test_the_verdict_counts_the_moves_that_were_proven(tmp_path: Path) -> None:
    """More sites are a bet, a higher rank then is proven; one taken back is not counted."""
    world = World(lambda r: Look(1 + short_of(r, 64, 6.0) + off(r, 4e-4), spread=0.6 * (depth(r) > 1)))
    walk = walk_in(world, tmp_path)
    walk.through(START)
    assert walk.tally == {"moves": 2, "moves_proven": 1, "moves_bet": 1, "moves_smaller": 0}
    shipping = Shipping("lora", "ship.x", walk.tally)
    assert tell("verdict", "", shipping, "en")[1].strip() == (
        "The search changed the recipe 2 times: 1 proven on validation, 1 on the better bet, not proven."
    )
    assert tell("verdict", "", shipping, "zh")[1].strip() == (
        "搜索共调整了 2 次超参：1 次在验证集上得到证实，1 次预期更优但未得到证实。"
    )


def test_a_move_that_is_taken_back_is_not_counted(tmp_path: Path) -> None:
    rows = tuple((0,) for _ in range(c.ROWS))

    def look(r: Recipe) -> Look:
        return Look(1 + short_of(r, 64, 6.0) + off(r, 4e-4), predicted=rows if depth(r) > 1 else None)

    walk = walk_in(World(look), tmp_path)
    walk.through(START)
    assert walk.tally == {"moves": 1, "moves_proven": 1, "moves_bet": 0, "moves_smaller": 0}


def test_smaller_adapters_that_are_as_good_are_counted_apart(tmp_path: Path) -> None:
    walk = walk_in(World(lambda r: Look(1.0)), tmp_path)
    walk.through(START)
    made = walk.tally["moves"]
    assert made and walk.tally == {"moves": made, "moves_proven": 0, "moves_bet": 0, "moves_smaller": made}


DOUBTFUL = replace(c.PROFILE, suspects=(60, 3, 41, 9, 11, *range(20, 26)), conflict_rows=(3, 12), suspects_val=(0, 1))
LEFT_OUT = (3, 9, 11, 12, *range(20, 26), 41, 60)


@pytest.mark.parametrize(
    ("gain", "spread", "said"),
    [
        pytest.param(0.2, 0.0, ("helps", "有效"), id="proven"),
        pytest.param(0.2, 0.6, ("is the better bet, but not proven", "预期更优，但尚未得到证实"), id="better-bet"),
        pytest.param(-0.1, 0.0, ("is not the better bet", "没有更好"), id="worse"),
    ],
)
def test_where_many_labels_are_doubtful_training_without_them_is_tried_before_any_knob(
    gain: float, spread: float, said: tuple[str, str], tmp_path: Path
) -> None:
    """It is told and changes nothing else: knobs are turned on all rows, from the same start."""

    def look(r: Recipe) -> Look:
        return Look(1 + short_of(r, sites=6.0) + off(r, 4e-4) - gain * bool(r.without), spread=spread * bool(r.without))

    world = World(look)
    walk = walk_in(world, tmp_path, profile=DOUBTFUL)
    settled = walk.through(START)
    assert world.trained[:2] == [START, START.with_(without=LEFT_OUT)]
    assert not any(recipe.without for recipe in world.trained[2:])
    assert settled is not None and settled.recipe == START.with_(sites=Sites(ALL_ROLES, 6))
    first = from_json(Decision, walk.journal.events["decision", "capacity-0"])
    assert (first.rule_id, first.proven) == ("data_arm", None)
    assert isinstance(first.move, Experiment) and first.move.arms[0].kind is ArmKind.DATA
    key, payload = next((key, told) for (kind, key), told in walk.journal.events.items() if kind == "experiment")
    found = from_json(ExperimentResult, payload)
    assert found.limit == "undecided" and found.numbers["clean"] == c.ROWS - 2
    for lang, words, count in zip(
        LANGS, said, ("without 12 rows of suspect labels (13.3%)", "12 行可疑标注（13.3%）"), strict=True
    ):
        line = tell("experiment", key, found, lang)[0]
        assert words in line and count in line and f"{abs(gain):.4f} ±" in line and "38" in line
        assert ("suspects.csv" in line) is (gain > 0)
        assert line in explain(walk.journal.path, lang).replace("\n  ", " ") or line in explain(walk.journal.path, lang)


@pytest.mark.parametrize(("gain", "dropped"), [(0.2, True), (-0.1, False)])
def test_doubtful_rows_are_left_out_for_good_only_where_asked_and_where_that_is_the_better_bet(
    gain: float, dropped: bool, tmp_path: Path
) -> None:
    def look(r: Recipe) -> Look:
        return Look(1 + short_of(r, sites=6.0) + off(r, 4e-4) - gain * bool(r.without))

    walk = walk_in(World(look), tmp_path, profile=DOUBTFUL)
    walk.wishes = replace(walk.wishes, drop_suspects=True)
    settled = walk.through(START)
    rules = [payload["rule_id"] for (kind, _), payload in walk.journal.events.items() if kind == "decision"]
    assert settled is not None and settled.recipe.with_(without=()) == START.with_(sites=Sites(ALL_ROLES, 6))
    assert settled.recipe.without == (LEFT_OUT if dropped else ())
    assert (rules[:3] == ["data_arm", "data_dropped", "untested"]) is dropped
    assert walk.tally["moves_proven"] == 1 + dropped
    if dropped:
        made = from_json(Decision, walk.journal.events["decision", "capacity-1"])
        assert tell("decision", "", made, "en") == [
            "[Capacity] Training without the rows of suspect labels helps (validation loss lower by 0.2000 ± 0.0000 "
            "nats per example, 95% interval): go on without them (--drop-suspects).",
            "  next: training rows left out 0 → 12",
        ]


def test_rows_that_were_left_out_are_not_put_back_by_their_errors(tmp_path: Path) -> None:
    """They stay wrong on the training subset, which is no sign that the data are still the limit."""
    e = c.branched(c.suspect_errors())
    left_out = replace(e, curve=replace(e.curve, recipe=c.RECIPE.with_(without=tuple(range(20)))))
    assert symptoms.data_limited(e).verdict is Verdict.PRESENT
    assert symptoms.data_limited(left_out).verdict is Verdict.ABSENT


@pytest.mark.parametrize(
    "profile",
    [
        pytest.param(replace(c.PROFILE, suspects=(1, 2)), id="few"),
        pytest.param(replace(c.PROFILE, suspects=tuple(range(7))), id="many-by-chance"),
        pytest.param(replace(c.PROFILE, conflict_rows=tuple(range(60))), id="most-rows"),
        pytest.param(replace(DOUBTFUL, suspects_known=False), id="not-sought"),
    ],
)
def test_a_probe_without_rows_is_not_spent_where_the_labels_are_not_the_matter(
    profile: Profile, tmp_path: Path
) -> None:
    world = World(lambda r: Look(1.0))
    walk_in(world, tmp_path, profile=profile).through(START)
    assert not any(recipe.without for recipe in world.trained)


def test_where_the_data_are_the_limit_the_arm_without_them_comes_before_the_stage_ends(tmp_path: Path) -> None:
    world = World(lambda r: Look(1.0 - 0.2 * bool(r.without)))
    walk = walk_in(world, tmp_path, profile=replace(DOUBTFUL, suspects=tuple(range(20))))
    wrong, probe = tuple(range(20)), world.probe
    world.probe = lambda recipe, epochs, tick=None: replace(probe(recipe, epochs, tick), train_wrong=wrong)  # type: ignore[method-assign]
    walk.through(START)
    told = [payload["rule_id"] for (kind, _), payload in walk.journal.events.items() if kind == "decision"]
    assert told[:2] == ["data_arm", "data_limited"]


def test_the_walk_hands_on_what_other_seeds_of_a_recipe_showed(tmp_path: Path) -> None:
    e = c.steady_improvement()
    walk = walk_in(World(lambda r: Look(1.0)), tmp_path)
    other = replace(e.curve, recipe=c.RECIPE.with_(seed=1))
    deeper = replace(e.curve, recipe=c.RECIPE.with_(rank=32))
    walk.curves = {curve.recipe.key: curve for curve in (e.curve, other, deeper)}
    assert walk._evidence(Stage.OPTIMISE, e.curve).seeds == (other,)


def test_a_run_goes_on_with_probes_as_long_as_those_it_has(tmp_path: Path) -> None:
    """Another version may have chosen another length; a repeated command would train every probe again."""
    walk = walk_in(World(lambda r: Look(1 + short_of(r))), tmp_path)
    usual = walk.probe_epochs
    walk.journal.remember("probe", f"{START.key}-e{usual + 3}", dict)
    assert walk.probe_epochs == usual + 3
