"""Rows whose vectors are drawn around a centre a class: a run that keeps a sketch of them, and later rows."""

from dataclasses import replace
from typing import Any

import numpy as np

from rankfirst.data import Side, Sketch
from rankfirst.data.shift.changes import word_texts
from rankfirst.lifecycle.drift import NewRows, ReferenceRows
from rankfirst.lifecycle.drift.measurements import AnswerRule
from rankfirst.measure.calibration import confidence, probabilities
from rankfirst.measure.scores import as_tuples, predict_labels

CLASSES = ("card", "limit", "rate")
NEW = "parcel"
WIDTH = 12
_CENTRES = 3.0 * np.eye(WIDTH, dtype=np.float32)
_WORDS = {0: "lost my card", 1: "raise the limit", 2: "which rate", 3: "where is my parcel"}
_FILL = ("please", "hello", "today", "now", "help", "thanks", "again", "sir")
RULE = AnswerRule(CLASSES, False, lambda p: predict_labels(p, False), 0.6)


def texts(kinds: np.ndarray, seed: int) -> list[str]:
    """A distinct text a row, two words of which say its kind."""
    rng = np.random.default_rng(seed)
    return [f"{_WORDS[int(k)]} {' '.join(rng.choice(_FILL, 3))} {rng.integers(10**7)}" for k in kinds]


def vectors(kinds: np.ndarray, seed: int) -> np.ndarray:
    """(n, 12) around the centres of their kinds."""
    noise = np.random.default_rng((seed, 1)).normal(0, 1.0, (len(kinds), WIDTH))
    return (_CENTRES[kinds] + noise).astype(np.float32)


def answers(rows: np.ndarray) -> np.ndarray:
    """(n, 3) probabilities: near no centre, none is sure."""
    return probabilities(rows[:, :3].astype(float) * 1.5, False)


def drawn(n: int, seed: int, shares: tuple[float, ...] = (1, 1, 1, 0)) -> np.ndarray:
    """(n,) kinds; 3 is the class nobody has named."""
    return np.random.default_rng((seed, 2)).choice(4, n, p=np.array(shares) / sum(shares))


def known(n: int = 800, held: int = 600, side: bool = False) -> ReferenceRows:
    train, val = drawn(n, 1), drawn(held, 2)
    said, rows = texts(train, 1), vectors(train, 1)
    p = answers(vectors(val, 2))
    told = as_tuples(predict_labels(p, False))
    own = tuple((int(k),) for k in train)
    words = {word: count for word, count in word_texts(said).items() if count >= 20}
    sketch = Sketch(rows, own, vectors(val, 2), confidence(p, False), told, (tuple((int(k),) for k in val), told),
                    words, n)  # fmt: skip
    return ReferenceRows(sketch, Side(said, own, rows) if side else None, tuple(said) if side else ())


def new(kinds: np.ndarray, seed: int = 3, labelled: bool = False, **more: Any) -> NewRows:
    rows = vectors(kinds, seed)
    labels = [(int(k),) if labelled and k < 3 else () for k in kinds]
    unknown = [(NEW,) if labelled and k == 3 else () for k in kinds]
    made = NewRows(texts(kinds, seed), rows, answers(rows), labels, unknown, list(range(2, len(kinds) + 2)), "new.csv")
    return replace(made, **more)
