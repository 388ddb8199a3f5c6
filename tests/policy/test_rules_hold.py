"""What holds whatever the evidence: random figures, NaN among them, and walks that follow their own decisions."""

import math
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rankfirst.messages import LANGS, say
from rankfirst.policy import Ceiling, Evidence, Noise, cost, decide, experiments
from rankfirst.policy import thresholds as t
from rankfirst.policy.decide import MOVE_LIMITS, most_probes, moved
from rankfirst.policy.experiments import ANSWERS
from rankfirst.policy.final_training import probe_epochs
from rankfirst.policy.rules import GUARD
from rankfirst.policy.search_space import site_ladder
from rankfirst.records import (
    KNOBS,
    PLAIN,
    Advance,
    Change,
    ClassWeights,
    Curve,
    Decision,
    Experiment,
    Extend,
    Family,
    Head,
    Health,
    Objective,
    Recipe,
    Stage,
    Stop,
)
from rankfirst.run.search import MOST_TURNS, _direction
from tests.policy import curves as c

CALM = settings(
    deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
STAGES = tuple(MOVE_LIMITS)
DIRECTIONS = tuple(f"{knob}{sign}" for knob in KNOBS for sign in "+-")
FIGURE = st.one_of(st.floats(0, 3), st.sampled_from((0.0, math.nan, math.inf)))
SHARE = st.one_of(st.floats(0, 1), st.just(math.nan))
LOOK = st.sampled_from((c.HEALTHY, c.OVERFIT, c.LOW, c.CLIMBING, c.CREEPING, c.UNSTABLE))
# At least one evaluation and finite or NaN losses of rows: what else raises is reported (test_symptoms_hurt.py).
SHAPE = st.one_of(LOOK, st.lists(st.tuples(FIGURE, SHARE, FIGURE, SHARE), min_size=1, max_size=4))
POINTS = st.one_of(st.sampled_from((c.FALLING, c.FLAT, c.SWINGING)), st.lists(FIGURE, max_size=30))
HEALTH = st.sampled_from((*[Health.FINE] * 8, Health.DIVERGED, Health.OUT_OF_MEMORY))
RECIPES = st.builds(
    Recipe,
    rank=st.sampled_from(t.RANKS),
    sites=st.sampled_from(site_ladder(6)),
    scaling=st.sampled_from(t.SCALINGS),
    lr=st.sampled_from(t.LRS),
    dropout=st.sampled_from(t.DROPOUTS),
    safe_numerics=st.booleans(),
    head=st.sampled_from(Head),
    head_lr=st.sampled_from((None, 1e-3)),
    objective=st.sampled_from((PLAIN, Objective(ClassWeights.SQRT, 2.0, 0.5, 0.1))),
)
LIMIT = st.sampled_from(ANSWERS)


def held_in(recipe: Recipe) -> tuple[object, ...]:
    """What the user chose beside the knobs."""
    return recipe.head, recipe.head_lr, recipe.objective


@st.composite
def some_curve(draw: Any, recipe: Recipe | None = None) -> Curve:
    losses, predicted = c.ends(draw(st.one_of(st.floats(0, 3), st.just(math.nan))), draw(st.integers(0, c.ROWS)))
    end = {"end_log_loss": losses, "end_predicted": predicted} if draw(st.booleans()) else {}
    wrong = tuple(range(draw(st.integers(0, 30))))
    end |= {"checkpoint": draw(st.sampled_from(("", "checkpoint")))}
    made = c.curve(draw(POINTS), draw(SHAPE), recipe or draw(RECIPES), draw(HEALTH), train_wrong=wrong, **end)
    return replace(made, epochs=min(3.0, made.epochs))


@st.composite
def some_evidence(draw: Any) -> Evidence:
    now, old = draw(some_curve()), draw(st.none() | some_curve())
    tried = {x.recipe.key for x in (now, old) if x} | {r.key for r in draw(st.lists(RECIPES, max_size=3))}
    named = draw(st.none() | LIMIT)
    return c.evidence(
        now,
        draw(st.sampled_from(STAGES)),
        profile=c.suspect_errors(range(draw(st.integers(0, 40)))).profile,
        noise=Noise(draw(SHARE), draw(SHARE), c.ROWS),
        ceiling=Ceiling(draw(st.sampled_from(t.RANKS[3:])), draw(st.integers(2, 6))),
        incumbent=old,
        before=draw(st.sampled_from((None, old))),
        experiment=c.named(named).experiment if named else None,
        seeds=tuple(draw(st.lists(some_curve(now.recipe), max_size=2))),
        tried=frozenset(tried),
        closed=frozenset(draw(st.sets(st.sampled_from(DIRECTIONS)))),
        moves=draw(st.integers(0, 5)),
        pinned=frozenset(draw(st.sets(st.sampled_from(KNOBS), max_size=2))),
        wide_lr=draw(st.booleans()),
        work_left=draw(st.floats(-1, 1e-4) | st.just(math.inf)),
    )


def lawful(e: Evidence, decision: Decision) -> None:
    """No locked or pinned knob, no tried recipe, no closed direction, nothing past a limit; taking back is exempt."""
    move, old = decision.move, e.curve.recipe
    if decision.family is Family.TAKEN_BACK:
        assert e.incumbent is not None and move == Change(e.incumbent.recipe)
        return
    assert cost(e, move) <= max(0.0, e.work_left)
    made = [move.recipe] if isinstance(move, Change) else [a.recipe for a in getattr(move, "arms", ())]
    assert {held_in(recipe) for recipe in made} <= {held_in(old)}
    if isinstance(move, Extend):
        assert move.epochs <= probe_epochs(e.facts) + 1
    if not isinstance(move, Change):
        return
    new, knobs = move.recipe, moved(old, move.recipe)
    if new.key not in e.tried:
        assert e.moves < MOVE_LIMITS[e.stage] or not knobs  # safer numerics alone are no move of a knob
    else:
        assert decision.rule_id == "numerics"
    locked = Stage.CAPACITY if e.stage is Stage.RECHECK else e.stage
    lowered = decision.rule_id == "numerics_lower"  # which the guard lets pass
    assert not any(knob in e.pinned or ((locked, knob) in GUARD and not lowered) for knob in knobs)
    assert len(knobs) == 1 or decision.rule_id == "numerics"
    for knob in set(knobs) - {"sites"}:
        assert f"{knob}{'+' if getattr(new, knob) > getattr(old, knob) else '-'}" not in e.closed
    assert new.rank <= max(old.rank, e.ceiling.max_rank)
    assert new.scaling <= t.SCALINGS[-1]
    assert 0.249 <= new.lr / old.lr <= 4.001
    if new.lr != old.lr and not e.wide_lr:
        confirmed = e.experiment is not None and e.experiment.limit == "lr"
        assert old.lr <= t.BAND[1] or confirmed if new.lr > old.lr else old.lr >= t.BAND[0]


@settings(CALM, max_examples=300)
@given(some_evidence())
def test_decide_never_raises_and_every_move_is_lawful(e: Evidence) -> None:
    decision = decide(e)
    lawful(e, decision)
    for lang in LANGS:
        assert say(f"conclusion.{decision.rule_id}", lang, **decision.numbers)
        assert all(say(f.code, lang, **f.numbers) for _, f in decision.findings)
        assert all(say(reason, lang) for _, reason in decision.turned_down)


@dataclass
class Walked:
    """What `walk.Walk` remembers of a stage, without an engine: the next curve is drawn, not trained."""

    data: Any
    stage: Stage
    curve: Curve
    curves: dict[str, Curve] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    incumbent: Curve | None = None
    moves: int = 0

    def evidence(self) -> Evidence:
        return c.evidence(
            self.curve,
            self.stage,
            incumbent=self.incumbent,
            before=self.incumbent,
            experiment=self.results.get(self.curve.recipe.key),
            tried=frozenset(self.curves),
            closed=frozenset(self.closed),
            moves=self.moves,
        )

    def turn(self) -> Decision:
        self.curves[self.curve.recipe.key] = self.curve
        e = self.evidence()
        decision = decide(e)
        lawful(e, decision)
        self.act(decision)
        return decision

    def act(self, decision: Decision) -> None:
        move = decision.move
        if isinstance(move, Extend):
            longer = self.data.draw(some_curve(self.curve.recipe))
            self.curve = replace(longer, epochs=float(move.epochs))
        elif isinstance(move, Experiment):
            results = [experiments.as_arm(arm.kind, self.data.draw(some_curve(arm.recipe))) for arm in move.arms]
            self.results[self.curve.recipe.key] = experiments.verdict(self.evidence(), results)
        elif isinstance(move, Change) and decision.family is Family.TAKEN_BACK:
            self.closed.add(_direction(self.incumbent or self.curve, self.curve))
            self.incumbent, self.curve = None, self.curves[move.recipe.key]
        elif isinstance(move, Change):
            self.incumbent = self.curve if self.curve.checkpoint else self.incumbent
            self.moves += 1
            epochs = max(probe_epochs(c.FACTS), int(self.curve.epochs))
            self.curve = replace(self.data.draw(some_curve(move.recipe)), epochs=float(epochs))


@settings(CALM, max_examples=200)
@given(st.data(), st.sampled_from(STAGES))
def test_a_walk_ends_within_its_move_limit_whatever_the_curves(data: Any, stage: Stage) -> None:
    walked = Walked(data, stage, replace(data.draw(some_curve(c.RECIPE)), epochs=2.0))
    for _ in range(MOST_TURNS):
        if isinstance(walked.turn().move, Advance | Stop):
            break
    else:
        raise AssertionError(f"no end within {MOST_TURNS} decisions")
    assert walked.moves <= MOVE_LIMITS[stage] + 1  # safer numerics are a probe more, not a move of a knob
    # Every probe is paid for: the first one, the arms, and a second look at one that diverged or was too short.
    assert len(walked.curves) + sum(len(r.arms) - 1 for r in walked.results.values()) <= most_probes() + 2
