"""Label names: near-identical names that may be one label, uninformative names, and names that look like texts."""

import re
from typing import Final

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.process import cdist

from rankfirst.data.files.table import listed, shown
from rankfirst.data.files.texts import text_key
from rankfirst.data.quality.facts import Facts
from rankfirst.records import Check, Level, Number

# 0..100, share of equal characters. Plurals and typos score above it; no two of the 227 intents of BANKING77 and
# CLINC150 do.
TWIN_RATIO: Final = 92
# Characters. Shorter names are similar by chance ("book"/"look").
TWIN_CHARS: Final = 5
# Classes. The number of pairs grows quadratically; beyond this limit names are usually ids.
MOST_CLASSES: Final = 3_000
# Pairs quoted in the message.
SHOWN_PAIRS: Final = 5

# Characters, and words: a longer name looks like a text in the wrong column (assumption; the longest of the 438 names
# in the sets of benchmarks/assess_checks.py has 48 characters and no space).
LONG_CHARS: Final = 60
LONG_WORDS: Final = 10
# Share of labels under catch-all names above which they are worth a note (assumption).
CATCH_ALL_NOTE: Final = 0.10
# Share of names in the rarer of Chinese and Latin script above which naming counts as mixed (assumption: a few acronyms
# are normal).
MIXED_NAMES: Final = 0.10

# Names that mean "no label", and names for everything else.
_EMPTY: Final = frozenset(
    "n/a na nan null none nil unknown undefined unlabeled unlabelled missing test tbd todo ? - . "
    "无 空 未知 未标注 待定 测试 未分类 不详".split()
)
_CATCH_ALL: Final = frozenset("other others misc miscellaneous general etc rest 其他 其它 其余 杂项 综合 通用".split())

_SEPARATORS = re.compile(r"[\W_]+")
_IDEOGRAPH = re.compile("[\u3400-\u9fff]")
_LATIN = re.compile("[A-Za-z]{2}")
_DIGITS = re.compile(r"\d+")


def check(facts: Facts) -> Check:
    """Note: near-identical names, plain numbers, names for no label, texts as names, mixed scripts, big catch-alls."""
    names = facts.dataset.classes
    pairs = near_twins(names)
    numeric = sum(name.isdigit() for name in names)
    empty = [name for name in names if text_key(name) in _EMPTY]
    long = sum(len(name) > LONG_CHARS or len(name.split()) > LONG_WORDS for name in names)
    # "Request-酒店" contains both scripts, which does not mean two naming schemes.
    latin = sum(bool(_LATIN.search(name)) and not _IDEOGRAPH.search(name) for name in names)
    chinese = sum(bool(_IDEOGRAPH.search(name)) and not _LATIN.search(name) for name in names)
    mixed = min(chinese, latin) if min(chinese, latin) > MIXED_NAMES * len(names) else 0
    rest = _catch_all_share(facts)
    numbers: dict[str, Number] = {
        "twins": len(pairs),
        "pairs": listed((f"{shown(a)} ~ {shown(b)}" for a, b in pairs), SHOWN_PAIRS) or "-",
        "numeric": numeric,
        "empty": len(empty),
        "empty_names": listed(empty, SHOWN_PAIRS) or "-",
        "long": long,
        "mixed": mixed,
        "catch_all_share": rest,
    }
    odd = pairs or numeric or empty or long or mixed or rest > CATCH_ALL_NOTE
    return Check("data.check.label_names", Level.NOTE if odd else Level.OK, numbers)


def _catch_all_share(facts: Facts) -> float:
    """Share of all given labels that have names such as "other"."""
    rest = [c for c, name in enumerate(facts.dataset.classes) if text_key(name) in _CATCH_ALL]
    return float(facts.counts[rest].sum() / max(1, facts.counts.sum()))


def near_twins(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Pairs of names that differ by a letter or two, or only in punctuation; excludes pairs that differ in a number."""
    if len(names) > MOST_CLASSES:
        return []
    bare = [_SEPARATORS.sub("", text_key(name)) for name in names]
    scores = np.triu(cdist(bare, bare, scorer=fuzz.ratio, score_cutoff=TWIN_RATIO, workers=1), k=1)
    scored = sorted(((float(scores[a, b]), int(a), int(b)) for a, b in np.argwhere(scores)), reverse=True)
    return [(names[a], names[b]) for score, a, b in scored if _twins(bare[a], bare[b], score)]


def _twins(a: str, b: str, score: float) -> bool:
    if a == b:
        return bool(a)
    return min(len(a), len(b)) >= TWIN_CHARS and _DIGITS.sub("0", a) != _DIGITS.sub("0", b) and score >= TWIN_RATIO
