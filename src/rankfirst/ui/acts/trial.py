"""One text and a delivered model: its answer, what decides whether it abstains, and the most similar training rows."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from rankfirst.errors import RankfirstError
from rankfirst.measure.calibration import confidence
from rankfirst.measure.decoding import cheaper_to_abstain
from rankfirst.run.source_rows import rows_of

MOST_CHARS: Final = 20_000  # of a text
SHOWN: Final = 5  # classes, and training rows
_REFERENCES: Final = 50_000  # training rows that are searched; more would take seconds for each text
_LEAST: Final = 0.05  # cosine below which a row has next to nothing in common


@dataclass(frozen=True)
class Neighbour:
    """A training row."""

    text: str
    labels: tuple[str, ...]
    similarity: float  # cosine of character n-grams, 0 to 1


@dataclass(frozen=True)
class Trial:
    """What a model says of a text."""

    text: str
    answer: tuple[str, ...]  # empty: none of the classes; what a person chooses from, if a promise forbids to answer
    confidence: float
    classes: tuple[tuple[str, float], ...]  # the most likely ones, with their probabilities
    multi_label: bool
    abstains: bool
    score: str = ""  # of `abstain_scores`; "" if the model has none
    value: float = 0.0  # of this text; the model abstains below the threshold
    threshold: float = 0.0
    too_costly: bool = False  # every answer is expected to cost more than a person
    promised: bool = False  # it abstains because a label would break what the delivery promises
    neighbours: tuple[Neighbour, ...] | None = None  # None: the training rows are gone or must not be shown


@dataclass
class _Loaded:
    """A model with the training rows of its run."""

    run: Path
    stamp: int  # of the delivery, in ns: another one replaces it
    model: Any
    rows: "_Rows | None" = None
    searched: bool = False


@dataclass(frozen=True, eq=False)
class _Rows:
    """Training rows and their n-grams."""

    texts: Sequence[str]
    labels: Sequence[tuple[str, ...]]
    vectors: Any  # (n, d) sparse, unit length
    vectorizer: TfidfVectorizer = field(repr=False)


class Trials:
    """Asks the model that was asked last, or loads another in its place. Thread-safe, one text at a time."""

    def __init__(self, load: Callable[[Path], Any]) -> None:
        """Args: load: reads the model that a run delivered."""
        self._load, self._lock = load, threading.Lock()
        self._last: _Loaded | None = None

    def ask(self, run: Path, text: str, rows: bool = True) -> Trial:
        """Args: rows: with the most similar training rows. Raises: RankfirstError if the model cannot be read."""
        with self._lock:
            loaded = self._loaded(run)
            if rows and not loaded.searched:
                loaded.rows, loaded.searched = _training_rows(run), True
            return _trial(loaded.model, text[:MOST_CHARS], loaded.rows if rows else None)

    def _loaded(self, run: Path) -> _Loaded:
        stamp = _stamp(run)
        if self._last is None or (self._last.run, self._last.stamp) != (run, stamp):
            self._last = None  # frees the old one first
            self._last = _Loaded(run, stamp, self._load(run))
        return self._last


def _stamp(run: Path) -> int:
    try:
        return (run / "model").stat().st_mtime_ns
    except OSError:
        return 0


def _trial(model: Any, text: str, rows: _Rows | None) -> Trial:
    read = model.read([text])
    p = read.probabilities
    answer, left = model.answers(read)[0], bool(model.abstains(read)[0])
    chosen = model.answer_sets(read)[0] if answer is None else answer  # None: its promise forbids to give a label
    order = np.argsort(-p[0])[:SHOWN]
    scope, dear = model.scope(read), bool(cheaper_to_abstain(p, model.calibration.costs)[0])
    return Trial(
        text=text,
        answer=(chosen,) if isinstance(chosen, str) else tuple(chosen),
        confidence=float(confidence(p, model.multi_label)[0]),
        classes=tuple((model.classes[c], float(p[0, c])) for c in order),
        multi_label=model.multi_label,
        abstains=left,
        score=scope.score if scope else "",
        value=float(scope.values[0]) if scope else 0.0,
        threshold=scope.threshold if scope else 0.0,
        too_costly=dear,
        promised=left and not dear and (scope is None or scope.values[0] >= scope.threshold),
        neighbours=None if rows is None else nearest(rows, text),
    )


def _training_rows(run: Path) -> _Rows | None:
    try:
        data = rows_of(run)
    except (RankfirstError, OSError):
        return None
    if data is None:
        return None
    kept = range(0, len(data.train), max(1, -(-len(data.train) // _REFERENCES)))
    labels = [tuple(data.classes[c] for c in data.train.labels[row]) for row in kept]
    return indexed([data.train.texts[row] for row in kept], labels)


def indexed(texts: Sequence[str], labels: Sequence[tuple[str, ...]]) -> _Rows | None:
    """Rows ready to be searched; None if no text holds an n-gram."""
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, dtype=np.float32)
    try:
        return _Rows(texts, labels, vectorizer.fit_transform(texts), vectorizer)
    except ValueError:
        return None


def nearest(rows: _Rows, text: str) -> tuple[Neighbour, ...]:
    """The rows that share the most n-grams with a text, without those that share next to none."""
    similarity = (rows.vectors @ rows.vectorizer.transform([text]).T).toarray()[:, 0]
    best = np.argsort(-similarity, kind="stable")[:SHOWN]
    return tuple(Neighbour(rows.texts[i], rows.labels[i], float(similarity[i])) for i in best if similarity[i] > _LEAST)
