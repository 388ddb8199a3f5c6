"""A finding: one symptom's verdict on the evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Number = float | int | str


class Verdict(StrEnum):
    """UNKNOWN is an answer of its own and never read as ABSENT."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """A verdict with the numbers it stands on; `words` makes the sentence out of code and numbers."""

    code: str  # key in words.policy
    verdict: Verdict
    numbers: Mapping[str, Number] = field(default_factory=dict)
