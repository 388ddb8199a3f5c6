"""A finding: the verdict of one symptom on the evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Number = float | int | str


class Verdict(StrEnum):
    """UNKNOWN is a value of its own and is never treated as ABSENT."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """A verdict with the numbers it is based on; `messages` has the sentence of `code`, with its numbers filled in."""

    code: str  # key in messages.rules
    verdict: Verdict
    numbers: Mapping[str, Number] = field(default_factory=dict)
