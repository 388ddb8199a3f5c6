"""Find what changed between two samples: words and n-grams, class shares, repeated texts."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from rankfirst.data.files.texts import text_key
from rankfirst.data.shift.two_sample import READ_CHARS, shares_p
from rankfirst.measure.scores import Floats, Ints

Moved = tuple[tuple[str, float, float], ...]

# Maximum number of words and classes listed.
MOST: Final = 15
# Minimum texts that contain a word; below it chance alone gives any ratio (assumption).
LEAST_TEXTS: Final = 5
# Change in a word's share of texts that makes it evidence by itself (assumption: a product name in one text of a
# hundred is relevant; less may be a single conversation).
LEAST_MOVE: Final = 0.01
# Prior mass of a word at its pooled share, in texts (Monroe, Colaresi and Quinn, 2008).
PRIOR: Final = 10.0
# An n-gram that shares nearly all of its texts with a longer one is a part of it (assumption).
PART: Final = 0.8
LEVEL: Final = 0.05

_RUNS: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]+|[^\W\u3400-\u9fff_]+(?:['’][^\W\u3400-\u9fff_]+)?")


def units(text: str) -> set[str]:
    """The words of an alphabetic text; 2- and 3-grams of ideographs."""
    terms: set[str] = set()
    for run in _RUNS.findall(text_key(text[:READ_CHARS])):
        if "\u3400" <= run[0] <= "\u9fff" or run[0] >= "\U00020000":
            terms.update(run[i : i + size] for size in (2, 3) for i in range(len(run) - size + 1))
        elif len(run) > 1 or not run.isascii():
            terms.add(run)
    return terms


def words_moved(before: Sequence[str], after: Sequence[str]) -> tuple[Moved, float]:
    """Words whose share of texts changed significantly, strongest first, and the p-value that none did.

    Args:
        before, after: distinct texts. Returns: (word, share before, share after); p is Bonferroni-corrected over all
            words.
    """
    return counts_moved(word_texts(before), word_texts(after), len(before), len(after))


def word_texts(texts: Sequence[str]) -> Counter[str]:
    """Word or n-gram -> number of texts that contain it."""
    return Counter(unit for text in texts for unit in units(text))


def counts_moved(before: Mapping[str, int], after: Mapping[str, int], n_before: int, n_after: int,
                 unlisted: int = 0) -> tuple[Moved, float]:  # fmt: skip
    """`words_moved` from counts.

    Args:
        before, after: word -> number of texts that contain it, of `n_before` and `n_after`. unlisted: an upper bound on
            the count of a word missing from `before`, used as its count unless its share after is smaller.
    """
    names = sorted(
        name for name in before.keys() | after.keys() if before.get(name, 0) + after.get(name, 0) >= LEAST_TEXTS
    )
    if not names:
        return (), 1.0
    n = n_before, n_after
    new = np.array([after.get(name, 0) for name in names], dtype=np.intp)
    most = np.minimum(unlisted, np.rint(new / n_after * n_before)).astype(np.intp)
    counts = np.array([before.get(name, -1) for name in names], dtype=np.intp), new
    counts = np.where(counts[0] < 0, most, counts[0]), new
    p = np.minimum(1.0, len(names) * shares_p(counts[0], counts[1], *n))
    shares = counts[0] / n[0], counts[1] / n[1]
    z = log_odds(counts[0], counts[1], *n)
    telling = [i for i in np.argsort(-np.abs(z), kind="stable") if p[i] <= LEVEL]
    kept = prune_terms([(names[i], int(counts[0][i]), int(counts[1][i])) for i in telling])
    moved = tuple((name, b / n[0], a / n[1]) for name, b, a in kept[:MOST])
    large = np.abs(shares[1] - shares[0]) >= LEAST_MOVE
    return moved, float(p[large].min()) if large.any() else 1.0


def log_odds(before: Ints, after: Ints, n_before: int, n_after: int) -> Floats:
    """(k,) log-odds ratios with an informative prior, in standard errors; positive: more frequent after."""
    pooled = (before + after) / (n_before + n_after) * PRIOR
    sides = []
    for count, n in ((before, n_before), (after, n_after)):
        yes, no = count + pooled, n - count + PRIOR - pooled
        sides.append((np.log(yes / np.maximum(no, 1e-9)), 1 / np.maximum(yes, 1e-9)))
    return np.asarray((sides[1][0] - sides[0][0]) / np.sqrt(sides[0][1] + sides[1][1]))


def prune_terms(terms: Sequence[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Remove n-grams that are little more than a part of another one in the list."""
    head = terms[: 20 * MOST]
    kept: list[tuple[str, int, int]] = []
    for name, b, a in head:
        longer = [other for other in head if name != other[0] and name in other[0]]
        if ideographs(name) and any(other[1] + other[2] >= PART * (b + a) for other in longer):
            continue
        if ideographs(name) and any(name in other[0] or other[0] in name for other in kept):
            continue
        kept.append((name, b, a))
    return kept


def ideographs(name: str) -> bool:
    return "\u3400" <= name[0] <= "\u9fff" or name[0] >= "\U00020000"


def classes_moved(before: Floats, after: Floats, n_before: int, n_after: int, names: Sequence[str]) -> Moved:
    """Classes whose share of rows changed significantly, largest change first.

    Args:
        before, after: (C,) rows of each class.
    """
    counts = np.rint(before).astype(np.intp), np.rint(after).astype(np.intp)
    p = len(names) * shares_p(*counts, n_before, n_after)
    shares = before / max(1, n_before), after / max(1, n_after)
    order = np.argsort(-np.abs(shares[1] - shares[0]), kind="stable")
    changes = [(names[c], float(shares[0][c]), float(shares[1][c])) for c in order if p[c] <= LEVEL]
    return tuple(changes[:MOST])


# Number of repeated texts compared, the most frequent ones.
FOLLOWED: Final = 20
# Minimum change in the share of rows (assumption: a template that makes up half of the logs matters, one more greeting
# does not).
LEAST_REPEATS: Final = 0.05


def repeats_p(before: Sequence[str], after: Sequence[str]) -> float:
    """p-value that the texts repeated in both samples make up the same share of rows in each.

    Only texts that occur in both are compared: repetition in one sample only may be an artefact of the file, and splits
    made by text have none in common.

    Args:
        before, after: keys of all rows, including repeats.
    """
    counts = Counter(before), Counter(after)
    shared = [key for key in counts[0].keys() & counts[1].keys() if counts[0][key] + counts[1][key] > LEAST_TEXTS]
    shared.sort(key=lambda key: (-counts[0][key] - counts[1][key], key))
    if not shared:
        return 1.0
    seen = [np.array([side[key] for key in shared[:FOLLOWED]], dtype=np.intp) for side in counts]
    moved = np.abs(seen[0] / len(before) - seen[1] / len(after))
    if not (moved >= LEAST_REPEATS).any():
        return 1.0
    p = shares_p(seen[0], seen[1], len(before), len(after))
    return float(min(1.0, len(p) * p[moved >= LEAST_REPEATS].min()))
