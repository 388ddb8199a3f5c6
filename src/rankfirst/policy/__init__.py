"""Every decision of a run, as pure functions: no I/O, no clock, no torch, no training. Read rules.py first."""

from rankfirst.policy.base_choice import choose_base
from rankfirst.policy.decide import changes, cost, decide, most_probes, requested
from rankfirst.policy.evidence import Ceiling, Evidence, Noise
from rankfirst.policy.first_recipe import ceiling, start
from rankfirst.policy.rival import contest, rival
from rankfirst.policy.rules import CAPACITY, GUARD, OPTIMISE, Rule
from rankfirst.policy.shipping import ship, undecided, unless_leaked, with_rows
from rankfirst.policy.speculative_probes import ahead, unseen

__all__ = [
    "CAPACITY",
    "GUARD",
    "OPTIMISE",
    "Ceiling",
    "Evidence",
    "Noise",
    "Rule",
    "ahead",
    "ceiling",
    "changes",
    "choose_base",
    "contest",
    "cost",
    "decide",
    "most_probes",
    "requested",
    "rival",
    "ship",
    "start",
    "undecided",
    "unless_leaked",
    "unseen",
    "with_rows",
]
