"""Label names: near-twins that may be one label typed twice, and names that say nothing."""

import re
from typing import Final

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.process import cdist

from rankfirst.data.facts import Facts
from rankfirst.data.table import listed, shown
from rankfirst.data.texts import text_key
from rankfirst.records import Check, Level, Number

# 0..100, share of equal characters. Plurals and typos score above; no two of the 227 intents of BANKING77 and
# CLINC150 do.
TWIN_RATIO: Final = 92
# Characters. Shorter names are alike by chance ("book"/"look").
TWIN_CHARS: Final = 5
# Classes. Pairs grow with the square; beyond this names are ids anyway.
MOST_CLASSES: Final = 3_000
# Pairs named in the sentence.
SHOWN_PAIRS: Final = 5

_SEPARATORS = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d+")


def check(facts: Facts) -> Check:
    """Near-twin pairs and names made of digits only; either is worth a note."""
    names = facts.dataset.classes
    pairs = near_twins(names)
    numeric = sum(name.isdigit() for name in names)
    numbers: dict[str, Number] = {
        "twins": len(pairs),
        "pairs": listed((f"{shown(a)} ~ {shown(b)}" for a, b in pairs), SHOWN_PAIRS) or "-",
        "numeric": numeric,
    }
    return Check("data.check.label_names", Level.NOTE if pairs or numeric else Level.OK, numbers)


def near_twins(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Pairs of names that differ by a letter or two, or only in punctuation; not pairs that differ in a number."""
    if len(names) > MOST_CLASSES:
        return []
    bare = [_SEPARATORS.sub("", text_key(name)) for name in names]
    scores = np.triu(cdist(bare, bare, scorer=fuzz.ratio, score_cutoff=TWIN_RATIO, workers=1), k=1)
    found = sorted(((float(scores[a, b]), int(a), int(b)) for a, b in np.argwhere(scores)), reverse=True)
    return [(names[a], names[b]) for score, a, b in found if _twins(bare[a], bare[b], score)]


def _twins(a: str, b: str, score: float) -> bool:
    if a == b:
        return bool(a)
    return min(len(a), len(b)) >= TWIN_CHARS and _DIGITS.sub("0", a) != _DIGITS.sub("0", b) and score >= TWIN_RATIO
