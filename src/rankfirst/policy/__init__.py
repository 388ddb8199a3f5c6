"""THE DECISION ROOM: pure functions; no I/O, no clock, no torch. Read rules.py first. Not for: training anything."""

from rankfirst.policy.bases import choose_base
from rankfirst.policy.decide import cost, decide, most_probes, requested
from rankfirst.policy.evidence import Ceiling, Evidence, Noise
from rankfirst.policy.foresight import ahead, unseen
from rankfirst.policy.rules import CAPACITY, GUARD, OPTIMISE, Rule
from rankfirst.policy.shipping import ship
from rankfirst.policy.start import ceiling, start

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
    "choose_base",
    "cost",
    "decide",
    "most_probes",
    "requested",
    "ship",
    "start",
    "unseen",
]
