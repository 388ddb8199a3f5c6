"""Likely typing errors, found from the data itself: no dictionary contains the vocabulary of a domain."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import numpy as np
from rapidfuzz.distance import OSA

from rankfirst.data.checks.levels import level, most_severe
from rankfirst.data.quality.characters import Mark
from rankfirst.data.quality.facts import Facts, example_rows
from rankfirst.data.quality.word_ids import Wording
from rankfirst.measure.scores import Bools
from rankfirst.records import Check

# Letters. In shorter words one letter makes another valid word ("form", "from").
TYPO_LETTERS: Final = 5
# Occurrences of the intended word, and their ratio to those of the misspelling (assumption).
MEANT_COUNT: Final = 20
MEANT_RATIO: Final = 20
# Rows per additional occurrence of a misspelling: in a large log the same typo recurs.
ROWS_A_REPEAT: Final = 5_000
# Share of training rows. The labelled sets of benchmarks/assess_checks.py have 0 to 0.9%.
TYPOS_NOTE: Final = 0.015
TYPOS_WARN: Final = 0.10
# Share of training rows with an ideograph outside GB2312 and Big5 (assumption; personal names contain some).
RARE_NOTE: Final = 0.02


def check(facts: Facts) -> Check:
    """Texts with a rare word one letter away from a frequent one, and texts with a very rare Chinese character."""
    words = facts.wording
    table = misspelt(words, most=1 + len(facts.dataset.train) // ROWS_A_REPEAT)
    typos = words.hits_at(table) > 0
    rare = facts.characters.has(Mark.RARE)
    share = float(typos.mean())
    numbers = {
        "typos": int(typos.sum()),
        "share": share,
        "words": int(table.sum()),
        "least": MEANT_COUNT,
        "rare": int(rare.sum()),
        "rare_share": float(rare.mean()),
    }
    verdicts = level(share, TYPOS_NOTE, TYPOS_WARN), level(float(rare.mean()), RARE_NOTE, 1.0)
    verdict = most_severe(*verdicts)
    return Check("data.check.typos", verdict, numbers, example_rows(typos) or example_rows(rare))


def misspelt(words: Wording, most: int) -> Bools:
    """(V,) words seen at most `most` times that are one edit from a word at least MEANT_RATIO times as frequent.

    Differences in the ending (plural, -ed, -er) or the first letter do not count. Words are matched by their
    deletion variants (as in SymSpell), so the work is linear in the vocabulary.
    """
    counts = words.counts
    table = np.zeros(len(counts), dtype=bool)
    around: dict[str, list[int]] = defaultdict(list)
    for word in np.flatnonzero(counts >= MEANT_COUNT):
        text = words.vocabulary[word]
        # "doesnt" is common usage, not a typo.
        if len(text) >= TYPO_LETTERS - 1 and "'" not in text:
            for left in _deletes(text):
                around[left].append(int(word))
    for word in np.flatnonzero((counts > 0) & (counts <= most)):
        text = words.vocabulary[word]
        if len(text) >= TYPO_LETTERS and "'" not in text:
            near = {other for left in _deletes(text) for other in around.get(left, ())}
            table[word] = any(
                counts[other] >= MEANT_RATIO * counts[word] and _slip(text, words.vocabulary[other]) for other in near
            )
    return table


def _deletes(word: str) -> Iterator[str]:
    """The word, and the word without each of its letters except the first."""
    yield word
    for i in range(1, len(word)):
        yield word[:i] + word[i + 1 :]


def _slip(word: str, meant: str) -> bool:
    """Whether one letter is added, missing, wrong or swapped, other than the first letter or an inflectional ending."""
    if word[0] != meant[0] or OSA.distance(word, meant, score_cutoff=1) != 1:
        return False
    if len(word) == len(meant):
        return word[:-2] != meant[:-2] or sorted(word) == sorted(meant)
    return word[:-1] != meant and meant[:-1] != word
