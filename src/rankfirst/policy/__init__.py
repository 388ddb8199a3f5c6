"""Every decision of a run, as pure functions: no I/O, no clock, no torch, no training. Read rules.py first.

In the order of a run:
    base_choice       which base model, if several are candidates
    first_recipe      the start of the search, and the ceiling of its capacity
    decide            one decision: the first rule of a table (rules) whose symptom is PRESENT and whose action can act;
                      experiments has the arms that rules train, speculative_probes those of idle workers
    rival             one more recipe that is trained to its end
    shipping          which model is delivered; lora_need answers the same question for `assess`
    drift             whether a delivered model has to be trained again

Shared by these: evidence (the input of a decision), noise (paired comparisons), search_space, final_training (lengths
of trainings), user_settings (`--set`), and thresholds (every number, with unit and source).
"""

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
