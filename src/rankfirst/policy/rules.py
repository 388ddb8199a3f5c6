"""The whole policy, a table a stage. Order is precedence: the first rule that is PRESENT and has room to act decides.

CAPACITY settles whether the model can learn the task (rank, sites); lr, scaling and dropout are locked.
OPTIMISE settles how it is trained (lr, scaling, dropout); rank and sites are locked.
RECHECK looks at capacity again once lr is settled: more, if it pays now, then as little as is as good.
GUARD says which knob a stage may not move, and why.

A row consists of a symptom (symptoms.py), an action (actions.py) and an id, under which messages/rules.py has its
sentences; the numbers of both are in thresholds.py. Its `meaning` is what a report needs to describe its decisions; it
is part of every decision, so no other file names a rule.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rankfirst.policy import actions, experiments, symptoms
from rankfirst.policy.actions import Action, advance, change, extend, stop, take_back
from rankfirst.policy.evidence import Evidence
from rankfirst.policy.experiments import favoured, winner
from rankfirst.records import ArmKind, Family, Finding, Meaning, Stage
from rankfirst.records.meaning import UNKNOWN_RULE

Symptom = Callable[[Evidence], Finding]


@dataclass(frozen=True)
class Rule:
    """symptom -> conclusion -> action, and the source of the rule. The conclusion's sentence is "conclusion.<id>"."""

    id: str
    symptom: Symptom
    action: Action
    source: str
    meaning: Meaning = UNKNOWN_RULE
    left_alone: Mapping[str, str] = field(default_factory=dict)  # knob -> key of the reason; reported, GUARD enforces


_CAPACITY = ("rank", "sites")
_LR = ("lr",)
_BY_CAPACITY_ONLY = {"lr": "no_lr_underfit", "scaling": "no_scaling_underfit"}
_ALWAYS_FIRST = (
    Rule("numerics", symptoms.not_finite, change(actions.safe_numerics), "seed, stage 2.2: nan",
         Meaning(Family.DIVERGENCE)),
    Rule("numerics_lower", symptoms.diverged_again, change(actions.lr_down_after_divergence),
         "seed, lr table: too large an lr diverges", Meaning(Family.DIVERGENCE, _LR, -1)),
    Rule("numerics_again", symptoms.diverged_again, stop("stop.diverged"), "flow: a second time, stop and say so",
         Meaning(Family.DIVERGENCE)),
    Rule("numerics_once", symptoms.not_finite, stop("stop.diverged_once"), "flow: numerics, not capacity",
         Meaning(Family.DIVERGENCE)),
    Rule("memory", symptoms.out_of_memory, stop("stop.memory"), "flow: out of memory is a result",
         Meaning(Family.OUT_OF_MEMORY)),
    Rule("too_little", symptoms.too_little, extend, "seed, stage 2.2: 1-3 epochs", Meaning(Family.EVIDENCE)),
    Rule("took_worse", symptoms.worse_than_before, take_back, "flow: feedback is val macro-F1 and recall",
         Meaning(Family.TAKEN_BACK, quotes=("f1", "f1_se", "gain", "se"))),
    Rule("recall_lost", symptoms.recall_lost, take_back, "flow: refused when recall lost outweighs the gain",
         Meaning(Family.TAKEN_BACK)),
)  # fmt: skip

_FROM_CURVES = (
    # Where no experiment is possible: runs of other trainers, a budget that is used up.
    Rule("underfit", symptoms.underfit, change(actions.more_capacity), "seed, case 1: underfit",
         Meaning(Family.UNDER_CAPACITY, _CAPACITY, 1, ("train_f1",)), _BY_CAPACITY_ONLY),
    Rule("look_alike", symptoms.slow, advance, "seed, look-alikes: no experiment, no verdict",
         Meaning(Family.AMBIGUOUS)),
    Rule("capacity_open", symptoms.capacity_symptom, advance, "flow: a symptom that cannot be treated is said",
         Meaning(Family.AMBIGUOUS)),
    Rule("capacity_right", symptoms.improving, advance, "seed, stage 2.3: both improve", Meaning(Family.IMPROVING)),
    Rule("cannot_tell", symptoms.unreadable, advance, "flow: UNKNOWN is never read as ABSENT",
         Meaning(Family.NO_CHANGE)),
    Rule("capacity_enough", symptoms.always, advance, "flow: no symptom beyond noise",
         Meaning(Family.CAPACITY_SUFFICIENT)),
)  # fmt: skip
_MORE_CAPACITY = (
    Rule("sites_limited", symptoms.named_by_experiment("sites"), change(winner(ArmKind.SITES)),
         "seed, sentence 5: sites by what their layers do",
         Meaning(Family.CAPACITY_LIMIT, ("sites",), 1, ("sites", "sites_se")), _BY_CAPACITY_ONLY),
    Rule("rank_limited", symptoms.named_by_experiment("rank"), change(actions.rank_up),
         "seed, look-alikes: expressiveness is the limit",
         Meaning(Family.CAPACITY_LIMIT, ("rank",), 1), _BY_CAPACITY_ONLY),
)  # fmt: skip

CAPACITY: tuple[Rule, ...] = (
    *_ALWAYS_FIRST,
    Rule("unlearning", symptoms.unlearning, advance, "flow: divergence is numerics, not capacity",
         Meaning(Family.FORGETTING, _LR), {"rank": "no_rank_unlearn"}),
    Rule("data_arm", symptoms.doubtful_labels, experiments.data_arm, "flow, stage 1: the data before the knobs",
         Meaning(Family.EXPERIMENT)),
    Rule("data_dropped", symptoms.better_without, change(winner(ArmKind.DATA)), "flow, stage 1: only if the user asks",
         Meaning(Family.DATA)),
    Rule("data_limited", symptoms.data_limited, advance, "flow, stage 1: the data are the limit", Meaning(Family.DATA)),
    Rule("overfit", symptoms.overfit_by_capacity, change(actions.less_capacity), "seed, case 2: overfit by capacity",
         Meaning(Family.OVER_CAPACITY, _CAPACITY, -1, ("train_from", "train_to")), {"lr": "no_lr_overfit"}),
    # The experiment precedes every diagnosis of underfit from curves, which cannot tell capacity from lr.
    Rule("untested", symptoms.untested, experiments.next_arm, "seed, look-alikes: minimal intervention",
         Meaning(Family.EXPERIMENT)),
    *_MORE_CAPACITY,
    Rule("lr_limited", symptoms.named_by_experiment("lr"), advance, "seed, look-alikes: small steps",
         Meaning(Family.CAPACITY_SUFFICIENT, _LR), {"rank": "no_rank_lr_limited"}),
    Rule("undecided", symptoms.named_by_experiment("undecided"), advance, "flow: undecided is an answer",
         Meaning(Family.NO_CHANGE)),
    *_FROM_CURVES,
)  # fmt: skip

OPTIMISE: tuple[Rule, ...] = (
    *_ALWAYS_FIRST,
    Rule("unlearning", symptoms.unlearning, change(actions.lr_down_a_rung, "lr_edge"), "seed, lr table: lr too large",
         Meaning(Family.FORGETTING, _LR, -1, ("fell",))),
    Rule("untested", symptoms.untested, experiments.next_arm, "seed, look-alikes: minimal intervention",
         Meaning(Family.EXPERIMENT)),
    Rule("lr_small", symptoms.named_by_experiment("lr"), change(actions.lr_up, "lr_edge"),
         "seed, lr table: falls, but very slowly",
         Meaning(Family.LR_TOO_SMALL, _LR, 1, ("lr", "lr_se")), {"rank": "no_rank_lr_limited"}),
    Rule("lr_large", symptoms.named_by_experiment("lr-"), change(actions.lr_down, "lr_edge"),
         "seed, lr table: oscillation", Meaning(Family.LR_TOO_LARGE, _LR, -1, ("lr_down", "lr_down_se"))),
    Rule("seeds", symptoms.seeds_differ, change(actions.lr_down_a_rung, "lr_edge"), "seed, lr table: seeds differ",
         Meaning(Family.SEED_SPREAD, _LR, -1, ("spread", "limit"))),
    Rule("oscillate", symptoms.oscillating, change(actions.lr_down_a_rung, "lr_edge"), "seed, lr table: oscillation",
         Meaning(Family.LR_TOO_LARGE, _LR, -1, ("variation", "swing"))),
    Rule("insensitive", symptoms.lr_insensitive, favoured(ArmKind.SCALING, actions.scaling_up),
         "seed, scaling table: loss hardly responds to lr",
         Meaning(Family.LR_INSENSITIVE, ("scaling",), 1, ("change",))),
    Rule("branch_weak", symptoms.named_by_experiment("scaling"), change(winner(ArmKind.SCALING)),
         "seed, scaling table: the update is too small",
         Meaning(Family.LR_INSENSITIVE, ("scaling",), 1, ("scaling", "scaling_se"))),
    Rule("over_confident", symptoms.named_by_experiment("dropout"), change(actions.dropout_up),
         "flow, stage 2: regularise", Meaning(Family.OVERCONFIDENCE, ("dropout",), 1, ("dropout", "dropout_se"))),
    Rule("no_arm", symptoms.named_by_experiment("undecided"), advance, "flow: undecided is an answer",
         Meaning(Family.NO_CHANGE)),
    Rule("asked_before", symptoms.lost_before, advance, "flow: an experiment outranks a reading",
         Meaning(Family.NO_CHANGE)),
    # A reading of the curve, where no experiment is possible.
    Rule("falls_slowly", symptoms.slow, change(actions.lr_up_a_rung, "lr_edge"),
         "seed, lr table: falls, but very slowly", Meaning(Family.LR_TOO_SMALL, _LR, 1, ("rate", "train_f1"))),
    Rule("settled", symptoms.always, advance, "flow: nothing beyond the noise floor", Meaning(Family.NO_CHANGE)),
)  # fmt: skip

RECHECK: tuple[Rule, ...] = (
    *_ALWAYS_FIRST,
    Rule("untested", symptoms.untested, experiments.next_arm, "seed, look-alikes: minimal intervention",
         Meaning(Family.EXPERIMENT)),
    *_MORE_CAPACITY,
    Rule("rank_spare", symptoms.named_by_experiment("rank-"), change(actions.rank_down), "seed, case 2: rank down",
         Meaning(Family.SPARE_CAPACITY, ("rank",), -1, ("rank_down", "rank_down_se"))),
    Rule("sites_spare", symptoms.named_by_experiment("sites-"), change(actions.sites_down), "seed, case 2: fewer sites",
         Meaning(Family.SPARE_CAPACITY, ("sites",), -1, ("sites_down", "sites_down_se"))),
    Rule("undecided", symptoms.named_by_experiment("undecided"), advance, "flow: undecided is an answer",
         Meaning(Family.NO_CHANGE)),
    Rule("overfit", symptoms.overfit_by_capacity, change(actions.less_capacity), "seed, case 2: overfit by capacity",
         Meaning(Family.OVER_CAPACITY, _CAPACITY, -1, ("train_from", "train_to")), {"lr": "no_lr_overfit"}),
    *_FROM_CURVES,
)  # fmt: skip

TABLES: Mapping[Stage, tuple[Rule, ...]] = {
    Stage.CAPACITY: CAPACITY,
    Stage.OPTIMISE: OPTIMISE,
    Stage.RECHECK: RECHECK,
}

# (stage, knob) -> key of the reason (messages/rules.py) why the stage may not move the knob.
GUARD: Mapping[tuple[Stage, str], str] = {
    (Stage.CAPACITY, "lr"): "no_lr_underfit",
    (Stage.CAPACITY, "scaling"): "no_scaling_underfit",
    (Stage.CAPACITY, "dropout"): "no_dropout_capacity",
    (Stage.OPTIMISE, "rank"): "no_rank_optimise",
    (Stage.OPTIMISE, "sites"): "no_sites_optimise",
}
