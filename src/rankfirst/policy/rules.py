"""THE POLICY, as three tables. Read this first: order is precedence, the first rule PRESENT with room to act decides.

CAPACITY settles whether the model CAN learn (rank, sites); lr, scaling and dropout are locked.
OPTIMISE settles how it learns (lr, scaling, dropout); rank and sites are locked.
GUARD says which knob may not be touched when, and why.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rankfirst.policy import actions, experiments, symptoms
from rankfirst.policy import thresholds as t
from rankfirst.policy.evidence import Evidence
from rankfirst.records import Advance, Change, Experiment, Extend, Finding, Move, Recipe, Stage, Stop

Symptom = Callable[[Evidence], Finding]
Action = Callable[[Evidence], Move | str | None]
"""A move; None where there is no room; or the key of a sentence that says better why not."""


@dataclass(frozen=True)
class Rule:
    """symptom -> conclusion -> action, and who says so. The conclusion's sentence is "conclusion.<id>"."""

    id: str
    symptom: Symptom
    action: Action
    source: str
    refuses: tuple[str, ...] = ()  # knobs this conclusion forbids, as keys of the GUARD


def change(recipe_of: Callable[[Evidence], Recipe | None], edge: str | None = None) -> Action:
    """Train the recipe next, when there is one; at the end of the lr band, say so with `edge`."""

    def act(e: Evidence) -> Move | str | None:
        recipe = recipe_of(e)
        if recipe is None:
            return edge if actions.at_band_edge(e) else None
        return Change(recipe)

    return act


def advance(e: Evidence) -> Move | None:
    """This stage is settled."""
    return Advance(Stage.OPTIMISE if e.stage is Stage.CAPACITY else Stage.FINAL)


def extend(e: Evidence) -> Move | None:
    """One epoch more, at most MAX_PROBE_EPOCHS in all."""
    if e.curve.epochs >= t.MAX_PROBE_EPOCHS:
        return None
    return Extend(min(e.curve.epochs + 1, float(t.MAX_PROBE_EPOCHS)))


def experiment(e: Evidence) -> Move | None:
    """The next arm, from where this probe started."""
    arms = experiments.arms(e) if e.curve.checkpoint else ()
    return Experiment(arms) if arms else None


def take_back(e: Evidence) -> Move | None:
    """Return to the incumbent, which is not trained again."""
    return None if e.incumbent is None else Change(e.incumbent.recipe)


def stop(reason: str) -> Action:
    """No further training makes sense."""
    return lambda e: Stop(reason)


_CAPACITY_ONLY = ("no_lr_underfit", "no_scaling_underfit")
_NUMERICS = (
    Rule("numerics", symptoms.not_finite, change(actions.safe_numerics), "seed, stage 2.2: nan"),
    Rule("numerics_again", symptoms.diverged_again, stop("stop.diverged"), "flow: a second time, stop and say so"),
    Rule("numerics_once", symptoms.not_finite, stop("stop.diverged_once"), "flow: numerics, not capacity"),
    Rule("memory", symptoms.out_of_memory, stop("stop.memory"), "flow: out of memory is a result"),
    Rule("too_little", symptoms.too_little, extend, "seed, stage 2.2: 1-3 epochs"),
    Rule("took_worse", symptoms.took_it_worse, take_back, "flow: feedback is val macro-F1 and recall"),
    Rule("recall_lost", symptoms.recall_lost, take_back, "flow: refused when recall lost outweighs the gain"),
)

CAPACITY: tuple[Rule, ...] = (
    *_NUMERICS,
    Rule(
        "unlearning", symptoms.unlearning, advance, "flow: divergence is numerics, not capacity", ("no_rank_unlearn",)
    ),
    Rule("data_limited", symptoms.data_limited, advance, "flow, stage 1: the data are the limit"),
    Rule("overfit", symptoms.overfit_by_capacity, change(actions.less_capacity), "seed, case 2", ("no_lr_overfit",)),
    # The experiment comes before every reading of underfit: curves alone cannot tell capacity from lr.
    Rule("untested", symptoms.untested, experiment, "seed, look-alikes: minimal intervention"),
    Rule(
        "rank_limited", symptoms.limited_by("rank"), change(actions.more_capacity), "seed, look-alikes", _CAPACITY_ONLY
    ),
    Rule("sites_limited", symptoms.limited_by("sites"), change(actions.more_capacity), "seed, 5", _CAPACITY_ONLY),
    Rule("lr_limited", symptoms.limited_by("lr"), advance, "seed, look-alikes", ("no_rank_lr_limited",)),
    Rule("undecided", symptoms.limited_by("undecided"), advance, "flow: undecided is an answer"),
    # Readings, where no experiment is possible: other people's runs, a budget that is used up.
    Rule("underfit", symptoms.underfit, change(actions.more_capacity), "seed, case 1", _CAPACITY_ONLY),
    Rule("look_alike", symptoms.slow, advance, "seed, look-alikes: no experiment, no verdict"),
    Rule("capacity_right", symptoms.improving, advance, "seed, stage 2.3: both improve"),
    Rule("cannot_tell", symptoms.unreadable, advance, "flow: UNKNOWN is never read as ABSENT"),
    Rule("capacity_enough", symptoms.always, advance, "flow: no symptom beyond noise"),
)

OPTIMISE: tuple[Rule, ...] = (
    *_NUMERICS,
    Rule("unlearning", symptoms.unlearning, change(actions.lr_down_a_rung, "lr_edge"), "seed, lr table: oscillation"),
    Rule("untested", symptoms.untested, experiment, "seed, look-alikes: minimal intervention"),
    Rule(
        "lr_small",
        symptoms.limited_by("lr"),
        change(actions.lr_up, "lr_edge"),
        "seed, lr table: slow",
        ("no_rank_lr_limited",),
    ),
    Rule("lr_large", symptoms.limited_by("lr-"), change(actions.lr_down, "lr_edge"), "seed, lr table: oscillation"),
    Rule("seeds", symptoms.seeds_differ, change(actions.lr_down_a_rung, "lr_edge"), "seed, lr table: seeds differ"),
    Rule("over_confident", symptoms.over_confident, change(actions.dropout_up), "flow, stage 2: regularise"),
    Rule("no_arm", symptoms.limited_by("undecided"), advance, "flow: undecided is an answer"),
    # Readings, as above.
    Rule("insensitive", symptoms.lr_insensitive, change(actions.scaling_up), "seed, 2: a", ("no_scaling_beyond_4",)),
    Rule("oscillate", symptoms.oscillating, change(actions.lr_down_a_rung, "lr_edge"), "seed, lr table: oscillation"),
    Rule(
        "falls_slowly", symptoms.slow, change(actions.lr_up_a_rung, "lr_edge"), "seed, lr table: falls, but very slowly"
    ),
    Rule("settled", symptoms.always, advance, "flow: nothing beyond the noise floor"),
)

TABLES: Mapping[Stage, tuple[Rule, ...]] = {
    Stage.CAPACITY: CAPACITY,
    Stage.OPTIMISE: OPTIMISE,
    Stage.RECHECK: CAPACITY,
}

# (stage, knob) -> the seed's reason why not now, a key of words.policy.
GUARD: Mapping[tuple[Stage, str], str] = {
    (Stage.CAPACITY, "lr"): "no_lr_underfit",
    (Stage.CAPACITY, "scaling"): "no_scaling_underfit",
    (Stage.CAPACITY, "dropout"): "no_dropout_capacity",
    (Stage.OPTIMISE, "rank"): "no_rank_optimise",
    (Stage.OPTIMISE, "sites"): "no_sites_optimise",
}
