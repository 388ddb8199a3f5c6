"""Suggest a name for a cluster of texts, from terms that distinguish it."""

import unicodedata
from collections.abc import Sequence
from typing import Final

import numpy as np
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from rankfirst.data.files.texts import text_key
from rankfirst.data.shift.changes import ideographs, log_odds, prune_terms, units, word_texts

MOST: Final = 3  # maximum terms in a name
# Minimum share of the cluster's texts with a term: terms of a few texts are no name (assumption).
LEAST_SHARE: Final = 0.3
LEAST_TEXTS: Final = 2
# Frequency relative to other texts: "my" and "怎么" are slightly more frequent in many clusters (assumption).
LEAST_RATIO: Final = 3.0
# Standard errors of the log-odds ratio above which a term is distinctive.
LEAST_Z: Final = 2.0


def terms(own: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """At most three words, or runs of ideographs, that distinguish the texts, in the order in which they occur in them.

    Args:
        own: texts of the cluster. others: contrast texts, none of them in the cluster.
    """
    inside, outside = word_texts(own), word_texts(others)
    least = max(LEAST_TEXTS, LEAST_SHARE * len(own))
    names = sorted(name for name, count in inside.items() if count >= least and len(name) <= 30)
    if not names:
        return ()
    a = np.array([outside[name] for name in names], dtype=np.intp)
    b = np.array([inside[name] for name in names], dtype=np.intp)
    z = log_odds(a, b, max(1, len(others)), len(own))
    often = b / len(own) >= LEAST_RATIO * a / max(1, len(others))
    telling = [i for i in np.argsort(-z, kind="stable") if z[i] > LEAST_Z and often[i]]
    # "from" and "to" also distinguish flights from cards, but are used only if nothing else does.
    telling = [i for i in telling if names[i] not in ENGLISH_STOP_WORDS] or telling
    chosen: list[str] = []
    for name, _, _ in prune_terms([(names[i], int(a[i]), int(b[i])) for i in telling]):
        if not any(_overlap(name, other) for other in chosen):
            chosen.append(name)
    return tuple(sorted(chosen[:MOST], key=lambda name: (_place(name, own), name)))


def _overlap(a: str, b: str) -> bool:
    """Whether two runs of ideographs probably overlap in one longer run: the end of one is the start of the other."""
    return (
        ideographs(a)
        and ideographs(b)
        and any(x[-n:] == y[:n] for x, y in ((a, b), (b, a)) for n in range(1, min(len(a), len(b))))
    )


def _place(name: str, texts: Sequence[str]) -> float:
    """Mean relative position of a term in the texts that contain it: 0 first, 1 last."""
    positions = []
    for text in texts:
        key = text_key(text)
        if name in (key if ideographs(name) else units(text)):
            positions.append(key.find(name) / max(1, len(key)))
    return float(np.mean(positions)) if positions else 1.0


def label(named: Sequence[str]) -> str:
    """The terms joined to one label; "" if there are none."""
    return "_".join("".join(c for c in term if unicodedata.category(c)[0] in "LN") for term in named)
