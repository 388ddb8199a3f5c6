"""Why an answer was given: the words that moved it, the nearest training rows, and how far it was from abstaining."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from rankfirst.errors import RunError
from rankfirst.measure.calibration import confidence
from rankfirst.measure.decoding import cheaper_to_abstain
from rankfirst.model.nearest_rows import NearestRows
from rankfirst.model.word_effects import Pieces, effects
from rankfirst.records import Calibration, Split, to_json

WORDS: Final = 8  # words per label, those that moved it most
LABELS: Final = 3  # labels of a text whose words are told
ROWS: Final = 5  # nearest training rows
AT_ONCE: Final = 32  # texts whose words are left out together


@dataclass(frozen=True)
class Word:
    """A word, a character of a script without spaces, or neighbouring ones of a long text."""

    text: str
    start: int  # in characters of the clean text
    end: int
    effect: float  # log-odds of the label with it minus without it: positive speaks for the label
    without: float  # probability of the label without it


@dataclass(frozen=True)
class Because:
    """The words that moved one label, the strongest first."""

    label: str
    probability: float
    words: tuple[Word, ...]


@dataclass(frozen=True)
class Near:
    """A training row that resembles the text."""

    row: int  # place in the training split, from 0
    line: int | None  # line in its file, from 1; None: the rows did not come from a file
    labels: tuple[str, ...]
    similarity: float  # cosine, -1 to 1
    text: str | None = None  # only on request, and from the run's own data


@dataclass(frozen=True)
class Margin:
    """How far the answer was from abstaining."""

    abstained: bool
    score: str | None  # what decides: max_prob, energy, mahalanobis or knn; None: nothing was fitted
    value: float | None  # of the score for this text
    threshold: float | None  # the model abstains below it
    share_below: float | None  # share of validation rows with a lower value; None if unknown
    by_costs: bool  # abstaining is cheaper than every answer, whatever the score is


@dataclass(frozen=True)
class Explanation:
    """Why a text got its answer."""

    labels: tuple[str, ...]  # empty if what the delivery promises forbids to give one
    confidence: float
    because: tuple[Because, ...]  # per label of the answer; of the likeliest label if there is none
    nearest: tuple[Near, ...]  # empty if the delivery has no vectors of training rows
    margin: Margin

    def as_dict(self) -> dict[str, Any]:
        """For JSON; rows without a text have no `text`."""
        fields: dict[str, Any] = to_json(self)
        for row in fields["nearest"]:
            if row["text"] is None:
                del row["text"]
        return fields


class Explained(Protocol):
    """The interface of a delivered classifier."""

    classes: tuple[str, ...]
    multi_label: bool
    calibration: Calibration

    @property
    def nearest_rows(self) -> NearestRows | None: ...

    def read_clean(self, rows: Sequence[str]) -> Any: ...

    def vectors(self, rows: Sequence[str], read: Any) -> Any: ...

    def answers(self, read: Any, abstain: bool = False) -> list[Any]: ...

    def abstains(self, read: Any) -> Any: ...

    def scope(self, read: Any) -> Any: ...


def explain(model: Explained, texts: Sequence[str], train: Split | None = None) -> list[Explanation]:
    """Explain the answers to n clean texts. Args: train: the training rows, to quote their texts."""
    out: list[Explanation] = []
    for start in range(0, len(texts), AT_ONCE):
        pieces = [Pieces.of(text) for text in texts[start : start + AT_ONCE]]
        out += explained(model, pieces, model.read_clean(to_ask(pieces)))
    return out if train is None else [quoting(each, train) for each in out]


def to_ask(pieces: Sequence[Pieces]) -> list[str]:
    """The n texts, then each of them without each of its parts."""
    return [one.text for one in pieces] + [text for one in pieces for text in one.without]


def explained(model: Explained, pieces: Sequence[Pieces], read: Any) -> list[Explanation]:
    """The explanations of n texts. Args: read: the model's reading of `to_ask`."""
    n = len(pieces)
    whole, p = read[:n], np.asarray(read.probabilities)
    margins, nearest = _margins(model, whole), _nearest(model, [one.text for one in pieces], whole)
    sure, answers = confidence(p[:n], model.multi_label), model.answers(whole)
    explanations, at = [], n
    for i, (one, answer) in enumerate(zip(pieces, answers, strict=True)):
        without = p[at : at + len(one.groups)]
        at += len(one.groups)
        names = () if answer is None else tuple(answer) if isinstance(answer, list) else (answer,)
        labels = sorted((model.classes.index(name) for name in names), key=lambda c, i=i: -p[i, c])  # type: ignore[misc]
        because = tuple(_because(model.classes[c], one, p[i, c], without[:, c]) for c in
                        (labels or [int(p[i].argmax())])[:LABELS])  # fmt: skip
        explanations.append(Explanation(names, round(float(sure[i]), 6), because, nearest[i], margins[i]))
    return explanations


def _because(label: str, pieces: Pieces, whole: float, without: Any) -> Because:
    moved = effects(whole, without)
    words = tuple(
        Word(pieces.words[n], pieces.groups[n][0][0], pieces.groups[n][-1][1], round(float(moved[n]), 4),
             round(float(without[n]), 6))
        for n in np.argsort(-np.abs(moved), kind="stable")[:WORDS]
    )  # fmt: skip
    return Because(label, round(float(whole), 6), words)


def _margins(model: Explained, read: Any) -> list[Margin]:
    left, dear = model.abstains(read), cheaper_to_abstain(read.probabilities, model.calibration.costs)
    scope = model.scope(read)
    if scope is None:
        return [Margin(bool(a), None, None, None, None, bool(d)) for a, d in zip(left, dear, strict=True)]
    fitted, rows = model.calibration.abstain, model.nearest_rows
    comparable = rows is not None and fitted is not None and fitted.score == scope.score
    return [
        Margin(bool(a), scope.score, round(float(value), 6), round(scope.threshold, 6),
               rows.share_below(value) if rows is not None and comparable else None, bool(d))
        for a, d, value in zip(left, dear, scope.values, strict=True)
    ]  # fmt: skip


def _nearest(model: Explained, texts: Sequence[str], read: Any) -> list[tuple[Near, ...]]:
    rows = model.nearest_rows
    vectors = None if rows is None else model.vectors(texts, read)
    if rows is None or vectors is None or vectors.shape[1] != rows.vectors.shape[1]:
        return [()] * len(texts)
    indexes, similarities = rows.find(vectors, ROWS)
    return [
        tuple(Near(int(rows.rows[at]), int(rows.lines[at]) or None, tuple(model.classes[c] for c in rows.labels[at]),
                   round(float(cosine), 4)) for at, cosine in zip(row_indexes, cosines, strict=True))
        for row_indexes, cosines in zip(indexes, similarities, strict=True)
    ]  # fmt: skip


def quoting(explanation: Explanation, train: Split) -> Explanation:
    """The same with the texts of the nearest rows."""
    quoted = tuple(replace(near, text=train.texts[near.row]) for near in explanation.nearest)
    return replace(explanation, nearest=quoted)


def training_rows(run: Path) -> Split:
    """The training rows of a run, as it read them. Raises: RunError if its files are gone or have changed."""
    from rankfirst.run.source_rows import rows_of

    dataset = rows_of(run)
    if dataset is None:
        raise RunError("explain.no_rows", path=str(run))
    return dataset.train


def columns(explanations: Sequence[Explanation]) -> Mapping[str, list[str]]:
    """Name -> (n,) cells for a table: words with their effects, nearest rows, and the share of rows below."""
    cells: dict[str, list[str]] = {"because": [], "nearest": [], "margin": []}
    for one in explanations:
        cells["because"].append(" | ".join(
            f"{because.label}: " + ", ".join(f"{word.text} {word.effect:+.2f}" for word in because.words)
            for because in one.because))  # fmt: skip
        cells["nearest"].append(" | ".join(
            f"{near.line or f'row {near.row}'}: {', '.join(near.labels)} ({near.similarity:.2f})"
            + (f" {near.text}" if near.text is not None else "") for near in one.nearest))  # fmt: skip
        margin = one.margin
        cells["margin"].append("" if margin.value is None else
                              f"{margin.score} {margin.value:.3g} (abstains below {margin.threshold:.3g})")  # fmt: skip
    return cells
