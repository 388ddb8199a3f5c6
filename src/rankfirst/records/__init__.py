"""The data model: frozen dataclasses and enums that every room shares. Standard library only; no behaviour."""

from rankfirst.records.assessment import (
    Answer,
    Assessment,
    Changed,
    DataCeiling,
    Example,
    Learning,
    Need,
    Pair,
    Shift,
)
from rankfirst.records.base import BaseFacts
from rankfirst.records.base_choice import BaseChoice, BaseTrial, BaseVerdict, MissingBase
from rankfirst.records.budget import Budget
from rankfirst.records.calibration import Abstain, Calibration, Costs, ScopeTrial
from rankfirst.records.codec import from_json, to_json
from rankfirst.records.curve import Curve, Evaluation, Health
from rankfirst.records.dataset import IN_MEMORY, JOINT, Dataset, Split
from rankfirst.records.decision import (
    Advance,
    Arm,
    ArmKind,
    Change,
    Decision,
    Experiment,
    Extend,
    Move,
    Stage,
    Stop,
)
from rankfirst.records.drift import Candidate, Drift, Estimated, EstimatedShare, Figure, Reason, Recall, Retrain, Seen
from rankfirst.records.experiment import ArmResult, Comparison, ExperimentResult, HeldOut, Refit, Shipping
from rankfirst.records.finding import Finding, Number, Verdict
from rankfirst.records.footprint import Footprint
from rankfirst.records.lengths import Lengths
from rankfirst.records.meaning import Family, Meaning
from rankfirst.records.objective import PLAIN, ClassWeights, Objective
from rankfirst.records.pace import Pace, Trial
from rankfirst.records.profile import Check, Complexity, Level, Profile, SizeTier
from rankfirst.records.promise import Clause, Promise
from rankfirst.records.recipe import ALL_ROLES, ATTENTION_QV, FFN, KNOBS, QV_FFN, SITE_ROLES, Head, Recipe, Role, Sites
from rankfirst.records.rung import Rung, Scores
from rankfirst.records.to_label import Gain, NewGroup, RowToLabel, ToLabel

__all__ = [
    "ALL_ROLES",
    "ATTENTION_QV",
    "FFN",
    "IN_MEMORY",
    "JOINT",
    "KNOBS",
    "PLAIN",
    "QV_FFN",
    "SITE_ROLES",
    "Abstain",
    "Advance",
    "Answer",
    "Arm",
    "ArmKind",
    "ArmResult",
    "Assessment",
    "BaseChoice",
    "BaseFacts",
    "BaseTrial",
    "BaseVerdict",
    "Budget",
    "Calibration",
    "Candidate",
    "Change",
    "Changed",
    "Check",
    "ClassWeights",
    "Clause",
    "Comparison",
    "Complexity",
    "Costs",
    "Curve",
    "DataCeiling",
    "Dataset",
    "Decision",
    "Drift",
    "Estimated",
    "EstimatedShare",
    "Evaluation",
    "Example",
    "Experiment",
    "ExperimentResult",
    "Extend",
    "Family",
    "Figure",
    "Finding",
    "Footprint",
    "Gain",
    "Head",
    "Health",
    "HeldOut",
    "Learning",
    "Lengths",
    "Level",
    "Meaning",
    "MissingBase",
    "Move",
    "Need",
    "NewGroup",
    "Number",
    "Objective",
    "Pace",
    "Pair",
    "Profile",
    "Promise",
    "Reason",
    "Recall",
    "Recipe",
    "Refit",
    "Retrain",
    "Role",
    "RowToLabel",
    "Rung",
    "ScopeTrial",
    "Scores",
    "Seen",
    "Shift",
    "Shipping",
    "Sites",
    "SizeTier",
    "Split",
    "Stage",
    "Stop",
    "ToLabel",
    "Trial",
    "Verdict",
    "from_json",
    "to_json",
]
