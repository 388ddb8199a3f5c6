"""Near-duplicate training texts with different labels: one of the two is likely wrong.

A small edit may change the meaning, and then different labels are right. Such pairs are near-duplicates, but are not
reported as a conflict:

* the numbers differ ("order 12", "order 13");
* a negation is added or removed (能 / 不能, can / can't), or a word becomes its opposite (开 / 关, activate /
  deactivate);
* the word order differs (酒店旁的餐馆 / 餐馆旁的酒店);
* a word differs by more than a misspelling ("change my oil", "change my tires"), or more than a filler is added;
* the texts are so short that one character carries much of the meaning.

The remaining pairs are typing errors, fillers, and occasionally a different ideograph: hence a score, and a list to
review.
"""

import re
from collections import Counter
from typing import Final

from rapidfuzz.distance import OSA

from rankfirst.data.checks.levels import level
from rankfirst.data.checks.near_duplicates import numbers_of
from rankfirst.data.quality.facts import SHOWN_ROWS, Facts
from rankfirst.records import Check

# Share of training rows (assumption, as for identical texts; half of the pairs may be legitimate).
NEAR_CONFLICTS_WARN: Final = 0.02
# Similarity: one character in five. "现在几号" and "现在几度" (0.75) differ in one of four, and in meaning.
LEAST_SIMILAR: Final = 0.8

_NOT = re.compile(
    r"[不没未无别非勿否莫免]|n't\b|\b(?:not|no|never|none|nothing|without|cannot|(?:ca|wo|do|does|did|is|are|was|were|have|has|had|could|would|should)nt)\b"
)
_OPPOSITES = re.compile(
    r"[开关上下买卖进出加减前后来去收付增大小多少早晚左右存取借还内外高低升降快慢新旧长短男女]"
    r"|\b(?:on|off|up|down|in|out|open|opened|closed?|before|after|first|last|more|less|most|least|high|low|old|new"
    r"|buy|sell|send|receive|sent|received|from|to|increase|decrease|start|stop)\b"
)
# Prefixes that turn a word into its opposite or into a repetition.
_PREFIXES: Final = ("un", "de", "dis", "re", "in", "im", "non", "ir", "il")
_WORDS = re.compile(r"(?=[^\W_])[\u2e80-\u9fff\uf900-\ufaff]|[^\W_\u2e80-\u9fff\uf900-\ufaff]+")
# Edits per character of a word that count as a misspelling; a single edit always does ("recognise", "transfers").
MISSPELT: Final = 0.2
# Words (in Chinese: ideographs) that one text may have in addition, and their characters: a filler ("please").
ADDED_WORDS: Final = 1
ADDED_CHARACTERS: Final = 6


def check(facts: Facts) -> Check:
    """Note: any near conflict. Warning: 2% of the rows. Score: similarity of the two texts."""
    pairs = near_conflict_pairs(facts)
    concerned = {facts.keys[row] for a, b, _ in pairs for row in (a, b)}
    rows = sum(len(facts.rows_of[key]) for key in concerned)
    share = rows / len(facts.keys)
    numbers = {"pairs": len(pairs), "rows": rows, "share": share}
    shown: dict[int, float] = {}
    for a, b, similarity in pairs:
        shown.setdefault(a, similarity)
        shown.setdefault(b, similarity)
    rows_shown = tuple(shown)[:SHOWN_ROWS]
    scores = tuple(shown[row] for row in rows_shown)
    return Check("data.check.near_conflicts", level(share, 0.0, NEAR_CONFLICTS_WARN), numbers, rows_shown, scores)


def near_conflict_pairs(facts: Facts) -> list[tuple[int, int, float]]:
    """All pairs (training row, training row, similarity) of near-duplicate texts that share no label set.

    A text that occurs several times is represented by its first row. Most similar pairs first.
    """
    near = facts.near
    labels, rows_of = facts.dataset.train.labels, tuple(facts.rows_of.items())
    pairs = []
    for a, b, similarity in zip(near.first.tolist(), near.second.tolist(), near.similarity.tolist(), strict=True):
        (text, rows), (other, twins) = rows_of[a], rows_of[b]
        apart = {labels[row] for row in rows}.isdisjoint(labels[row] for row in twins)
        if apart and similarity >= LEAST_SIMILAR and means_the_same(text, other):
            pairs.append((rows[0], twins[0], similarity))
    return sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1]))


def means_the_same(a: str, b: str) -> bool:
    """Whether the difference between two near-duplicate normalised texts is not known to change the meaning."""
    if numbers_of(a) != numbers_of(b) or _turns(a) != _turns(b):
        return False
    left, right = _WORDS.findall(a), _WORDS.findall(b)
    if left == right or "".join(left) == "".join(right):
        return True
    less, more = sorted((Counter(left) - Counter(right), Counter(right) - Counter(left)), key=Counter.total)
    if not more or more.total() - less.total() > ADDED_WORDS:
        return False
    added = [*more.elements()]
    return _misspelt([*less.elements()], added) and sum(map(len, added)) <= ADDED_CHARACTERS


def _misspelt(less: list[str], more: list[str]) -> bool:
    """Whether each word of `less` is a misspelling of one of `more`, not its opposite; removes those from `more`."""
    for word in less:
        twin = min(more, key=lambda other: OSA.distance(word, other))
        most = max(1, int(MISSPELT * max(len(word), len(twin))))
        if OSA.distance(word, twin) > most or _prefixed(word, twin) or _prefixed(twin, word):
            return False
        more.remove(twin)
    return True


def _turns(text: str) -> tuple[int, list[str]]:
    """Number of negations, and sorted words that have an opposite."""
    straight = text.replace("\u2019", "'")
    return len(_NOT.findall(straight)), sorted(_OPPOSITES.findall(straight))


def _prefixed(longer: str, word: str) -> bool:
    return any(longer == prefix + word for prefix in _PREFIXES)
