"""Training texts that differ by a typing error, punctuation or word order.

Texts that differ in a number ("order 12", "order 13") are near-duplicates too, as they teach a model little. But a
template with slots is normal, so these are counted separately and do not affect the level.
"""

import re
from typing import Final

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from rankfirst.data.checks.levels import level
from rankfirst.data.quality.facts import SHOWN_ROWS, Facts
from rankfirst.records import Check

# Share of training rows (assumption; nine real sets of benchmarks/assess_duplicates.py have 0-14%).
NEAR_NOTE: Final = 0.10
NEAR_WARN: Final = 0.30

_NUMBERS = re.compile(
    r"\d+|[二两三四五六七八九十百千万亿]"
    r"|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|fifty|hundred|thousand|million"
    r"|second|third|fourth|fifth)\b"
)


def check(facts: Facts) -> Check:
    """Rows whose text is nearly another training text. Examples: the largest groups; score: rows in the group."""
    every, alike = near_duplicate_groups(facts), near_duplicate_groups(facts, numbers_differ=False)
    rows, near = len(facts.keys), sum(map(len, alike))
    numbers = {
        "rows": rows,
        "near": near,
        "share": near / rows,
        "groups": len(alike),
        "numbered": sum(map(len, every)) - near,
    }
    shown = (alike or every)[:SHOWN_ROWS]
    first, scores = tuple(group[0] for group in shown), tuple(float(len(group)) for group in shown)
    return Check("data.check.near_duplicates", level(near / rows, NEAR_NOTE, NEAR_WARN), numbers, first, scores)


def near_duplicate_groups(facts: Facts, numbers_differ: bool = True) -> list[tuple[int, ...]]:
    """All training rows of every group of near-duplicate texts, largest group first, rows in order.

    Args: numbers_differ: whether texts that differ in a number may be in one group.
    Groups are connected components, so two texts of a group may differ by more than one edit.
    """
    texts, pairs = tuple(facts.rows_of), facts.near
    kept = np.ones(len(pairs), dtype=bool)
    if not numbers_differ:
        both = zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)
        kept = np.array([same_numbers(texts[a], texts[b]) for a, b in both], dtype=bool)
    first, second = pairs.first[kept], pairs.second[kept]
    graph = coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(len(texts), len(texts)))
    _, group_of = connected_components(graph, directed=False)
    groups: dict[int, list[int]] = {}
    for text in np.unique(np.concatenate((first, second))).tolist():
        groups.setdefault(int(group_of[text]), []).extend(facts.rows_of[texts[text]])
    return sorted((tuple(sorted(rows)) for rows in groups.values()), key=lambda rows: (-len(rows), rows))


def same_numbers(a: str, b: str) -> bool:
    """Whether two normalised texts contain the same numbers, in any order; 一 ("a") is not counted as a number."""
    return numbers_of(a) == numbers_of(b)


def numbers_of(text: str) -> list[str]:
    """Numbers in digits or words, sorted."""
    return sorted(_NUMBERS.findall(text))
