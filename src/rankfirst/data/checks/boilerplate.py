"""Fixed openings and endings that many texts share: a greeting, a ticket header, a signature.

The phrases are quoted. That reveals no single row: each begins or ends at least 20 distinct texts and 1% of them, with
digits replaced by 0.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from rankfirst.data.checks.levels import level
from rankfirst.data.files.table import shown
from rankfirst.data.quality.facts import Facts, example_rows
from rankfirst.measure.scores import Bools
from rankfirst.records import Check, Number

# Distinct texts, and their share, that a phrase must begin or end to be quoted (assumption: rarer ones may be
# personal).
PHRASE_TEXTS: Final = 20
PHRASE_SHARE: Final = 0.01
# Characters examined at either end.
PHRASE_CHARS: Final = 120
# Words, or ideographs, above which a phrase counts even without punctuation after it: "i would like to" is grammar.
OPEN_WORDS: Final = 8
OPEN_IDEOGRAPHS: Final = 12
# Maximum distinct texts examined. The share of a phrase of 1% is then accurate to 0.05 points.
LOOKED_AT: Final = 100_000
# A longer phrase replaces a shorter one if it occurs in this share of its texts.
SAME_PHRASE: Final = 0.8
# Phrases quoted in the message.
SHOWN_PHRASES: Final = 4
# Share of the examined texts (assumption; a single phrase of minimum size is not worth a note).
BOILERPLATE_NOTE: Final = 0.015
BOILERPLATE_WARN: Final = 0.50

_NUMBERS = re.compile(r"\d+")
_POINTS = ",.;:!?)\\]>|—~，。；：！？）】》～、"
_CLOSED = re.compile(rf"[{_POINTS}]+(?=[^{_POINTS}]|$) ?|(?<=\S) - ")
_UNIT = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")


def check(facts: Facts) -> Check:
    """Share of distinct training texts that begin or end with a shared phrase, and the phrases."""
    firsts = [rows[0] for rows in facts.rows_of.values()]
    sample = firsts[:: 1 + (len(firsts) - 1) // LOOKED_AT]
    texts = [_NUMBERS.sub("0", facts.dataset.train.texts[row].lower()) for row in sample]
    # Texts that differ only in a number count once: a form filled in many times is not a phrase of many texts.
    different = set(texts)
    heads = shared_phrases([text[:PHRASE_CHARS] for text in different])
    tails = shared_phrases([text[: -PHRASE_CHARS - 1 : -1] for text in different], backwards=True)
    flags = _touched(texts, heads, tails)
    named = [f"“{shown(phrase)}” × {count}" for phrase, count in heads + tails]
    more = f" (+{len(named) - SHOWN_PHRASES})" if len(named) > SHOWN_PHRASES else ""
    numbers: dict[str, Number] = {
        "phrases": len(named),
        "shown": ", ".join(named[:SHOWN_PHRASES]) + more or "-",
        "texts": int(flags.sum()),
        "looked_at": len(texts),
        "share": float(flags.mean()),
        "least": max(PHRASE_TEXTS, int(PHRASE_SHARE * len(different))),
    }
    rows = tuple(sample[i] for i in example_rows(flags))
    return Check(
        "data.check.boilerplate", level(float(flags.mean()), BOILERPLATE_NOTE, BOILERPLATE_WARN), numbers, rows
    )


def shared_phrases(texts: Sequence[str], backwards: bool = False) -> list[tuple[str, int]]:
    """Common prefixes of many texts with counts, most frequent first; of nested ones the longest that is as common.

    In sorted order, the texts with a given prefix are consecutive. A run of `least` texts contains two positions that
    are least/2 apart, so the common prefixes of such positions are all candidates; `bisect` counts them.
    Args: backwards: the texts are reversed; the phrases are returned in reading order.
    """
    least = max(PHRASE_TEXTS, int(PHRASE_SHARE * len(texts)))
    ordered = sorted(texts)
    step = least // 2
    candidates: set[str] = set()
    for i in range(0, len(ordered) - step, step):
        candidates.update(_phrases(_common(ordered[i], ordered[i + step])))
    counts = {phrase: _run(ordered, phrase) for phrase in candidates}
    kept: list[tuple[str, int]] = []
    # Shorter phrases come first, so the prefixes of a phrase have already been handled.
    for phrase in sorted((p for p, count in counts.items() if count >= least), key=lambda p: (len(p), p)):
        outer = [i for i, (shorter, _) in enumerate(kept) if phrase.startswith(shorter)]
        if not outer:
            kept.append((phrase, counts[phrase]))
        elif counts[phrase] >= SAME_PHRASE * kept[outer[-1]][1]:
            kept[outer[-1]] = phrase, counts[phrase]
    kept.sort(key=lambda pair: (-pair[1], pair[0]))
    return [(phrase[::-1] if backwards else phrase, count) for phrase, count in kept]


def _phrases(prefix: str) -> Iterable[str]:
    """Candidate phrases within a common prefix: up to each punctuation mark, or all of it if it is long."""
    cuts = [m.end() for m in _CLOSED.finditer(prefix)]
    yield from (prefix[:cut] for cut in cuts if _UNIT.search(prefix[:cut]))
    whole = prefix.strip()
    units = _UNIT.findall(whole)
    ideographs = sum("\u3400" <= unit[0] <= "\u9fff" for unit in units)
    if ideographs >= OPEN_IDEOGRAPHS or len(units) - ideographs > OPEN_WORDS:
        # Without a trailing space the last word may be incomplete.
        yield whole if ideographs or prefix.endswith(" ") else whole.rsplit(" ", 1)[0]


def _common(a: str, b: str) -> str:
    """The longest common prefix."""
    return next((a[:i] for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(a, b, key=len))


def _run(ordered: Sequence[str], phrase: str) -> int:
    """Number of sorted texts that begin with it."""
    return bisect_left(ordered, phrase + "\U0010ffff") - bisect_left(ordered, phrase)


def _touched(texts: Sequence[str], heads: Sequence[tuple[str, int]], tails: Sequence[tuple[str, int]]) -> Bools:
    first, last = tuple(phrase for phrase, _ in heads), tuple(phrase for phrase, _ in tails)
    return np.array([text.startswith(first) or text.endswith(last) for text in texts], dtype=bool)
