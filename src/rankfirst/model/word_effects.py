"""Which words moved an answer: each is left out in turn, and the model is asked again.

This needs nothing but answers, so it is the same for every form that a model is delivered in.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

import numpy as np

from rankfirst.measure.scores import Floats
from rankfirst.records import JOINT

MOST_PIECES: Final = 48  # per text, each of which is asked once; of a longer text neighbouring words go together
# Scripts that put no spaces between words: ideographs and kana, Thai, Lao, Burmese, Khmer. A character is a piece.
_CHARACTER: Final = (
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
_LETTERS: Final = rf"(?:(?!{_CHARACTER})\w)+"
_PIECES: Final = re.compile(rf"{_CHARACTER}|{_LETTERS}(?:['’]{_LETTERS})*|[^\w\s{JOINT}]+")

Span = tuple[int, int]


@dataclass(frozen=True)
class Pieces:
    """A text and the parts of it that are left out in turn: words, or characters of scripts without spaces."""

    text: str
    groups: tuple[tuple[Span, ...], ...]  # (m,) of which each holds one piece, or neighbouring ones of a long text

    @classmethod
    def of(cls, text: str, most: int = MOST_PIECES) -> "Pieces":
        """Split a clean text into at most `most` parts of about as many pieces each."""
        spans = [match.span() for match in _PIECES.finditer(text)]
        ends = np.linspace(0, len(spans), min(most, len(spans)) + 1).round().astype(int)
        return cls(text, tuple(tuple(spans[a:b]) for a, b in pairwise(ends)))

    @property
    def words(self) -> tuple[str, ...]:
        """(m,) each part as it stands in the text."""
        return tuple(self.text[group[0][0] : group[-1][1]] for group in self.groups)

    @cached_property
    def without(self) -> tuple[str, ...]:
        """(m,) the text without each part."""
        return tuple(self.keeping([n != left for n in range(len(self.groups))]) for left in range(len(self.groups)))

    def keeping(self, kept: Sequence[bool]) -> str:
        """The text with some of its (m,) parts left out, and with single spaces."""
        out, at = [], 0
        for start, end in (span for group, keep in zip(self.groups, kept, strict=True) if not keep for span in group):
            out.append(self.text[at:start])
            at = end
        return " ".join("".join([*out, self.text[at:]]).split())


def evidence(probabilities: Any) -> Floats:
    """Log-odds of probabilities, which unlike these still differ where an answer is nearly certain."""
    p = np.clip(np.asarray(probabilities, dtype=np.float64), 1e-12, 1 - 1e-12)
    return np.asarray(np.log(p) - np.log1p(-p))


def effects(whole: Any, without: Any) -> Floats:
    """(m,) by how much each part moved a label: log-odds of the label with all parts, minus those without one.

    Args: whole: probability of the label for the text. without: (m,) for the text without each part.
    """
    return np.asarray(evidence(whole) - evidence(without))
