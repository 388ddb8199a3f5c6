"""How good the answers to new rows are, without their labels, and whether the delivery's promise still holds."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from rankfirst.data.files.texts import text_key
from rankfirst.data.shift.compare import first_occurrences
from rankfirst.lifecycle.drift.measurements import AnswerRule, NewRows
from rankfirst.measure.calibration import confidence
from rankfirst.measure.guarantee import count
from rankfirst.measure.label_free import FEWEST_LABELS, Estimate, Figures, Interval, Rows
from rankfirst.measure.scores import Bools, Floats, Ints, Z
from rankfirst.model.classifier import Classifier
from rankfirst.model.promises import Keeper
from rankfirst.records import Clause, Estimated, EstimatedShare, Example, Promise

LEAST_ROWS: Final = 50  # reference rows and new rows without which nothing is estimated
LEAST_EXPECTED: Final = 5.0  # expected rows of a class that counts for macro-F1
BLIND: Final = 0.15  # share of rows unlike all known ones from which on the estimate says that it cannot tell
LABEL_AT_LEAST, LABEL_AT_MOST = 50, 500  # rows to label to know
BLIND_ROWS: Final = 200  # the same where the estimate cannot tell


@dataclass(frozen=True, eq=False)
class Watched:
    """What an estimate is made from."""

    classes: tuple[str, ...]
    multi_label: bool
    reference: Rows  # labelled rows that the model was not trained on
    truth: Bools  # (m, C) of these
    new: Rows
    labels: dict[int, Bools]  # position of a new row -> (C,) its labels, of those that have some
    unlike: float  # share of new rows that lie farther from all training rows than the reference explains
    strange: bool  # whether new groups or unknown labels were found
    promise: Promise | None = None


def estimate(watched: Watched, seed: int = 0) -> Estimated:
    """Macro-F1, precision per class and the promise's clauses on unlabelled rows, with 95% intervals."""
    few = min(len(watched.reference), len(watched.new)) < LEAST_ROWS
    if few:
        return Estimated(blind=("few",), labelled=len(watched.labels))
    clauses = () if watched.promise is None else watched.promise.clauses
    own = judged_classes(watched.new.p)
    figures = figures_of(own, clauses, watched.classes)
    maker = Estimate(watched.reference, watched.truth, watched.new, figures, watched.multi_label, seed)
    interval = maker.interval(watched.labels, watched.unlike)
    before, _ = figures(watched.truth, watched.reference)
    corrected = len(watched.labels) >= FEWEST_LABELS
    blind = () if corrected else blind_by(watched)
    answers = watched.new.decided.sum(axis=0)
    shares = [_share(interval, before, at) for at in range(len(before))]
    precision = tuple(
        EstimatedShare("precision", name, *shares[1 + c][1:], rows=int(answers[c]))
        for c, name in enumerate(watched.classes)
        if answers[c] and np.isfinite(interval.value[1 + c])
    )  # fmt: skip
    at = 1 + len(watched.classes)
    kept = tuple(
        EstimatedShare(clause.kind, clause.name, *shares[at + i][1:], least=clause.least)
        for i, clause in enumerate(clauses) if np.isfinite(interval.value[at + i])
    )  # fmt: skip
    f1 = EstimatedShare("macro_f1", "", *shares[0][1:], rows=len(own)) if len(own) else None
    wanted = max(to_label(f1, kept), BLIND_ROWS if blind else 0)
    return Estimated(f1, precision, kept, len(watched.labels), corrected, watched.unlike, blind, wanted)


def _share(interval: Interval, before: Floats, at: int) -> tuple[int, float, float, float, float]:
    return at, float(before[at]), float(interval.value[at]), float(interval.low[at]), float(interval.high[at])


def blind_by(watched: Watched) -> tuple[str, ...]:
    """Why the estimate cannot see what changed; () if it can."""
    reasons = ["unlike"] if watched.unlike >= BLIND else []
    return tuple(reasons + (["strange"] if watched.strange else []))


def judged_classes(p: Floats) -> Ints:
    """The classes that macro-F1 is estimated over: those of which rows are expected."""
    return np.flatnonzero(p.sum(axis=0) >= LEAST_EXPECTED)


def figures_of(own: Ints, clauses: Sequence[Clause], classes: Sequence[str]) -> Figures:
    """Macro-F1 over some classes, the precision of every class, and the share of every clause."""
    at = [classes.index(clause.name) if clause.name else -1 for clause in clauses]

    def figures(truth: Bools, rows: Rows) -> tuple[Floats, Floats]:
        right, given, true = (counts.sum(axis=0) for counts in (truth & rows.decided, rows.decided, truth))
        with np.errstate(all="ignore"):
            f1 = 2 * right[own] / (given[own] + true[own])
            precision = right / given
        macro = float(np.nanmean(f1)) if np.isfinite(f1).any() else float("nan")
        pairs = [
            count(clause, c, truth, rows.decided, rows.sets, rows.answered)
            for clause, c in zip(clauses, at, strict=True)
        ]
        kept = [hit / of if of else float("nan") for of, hit in pairs]
        values = np.array([macro, *precision, *kept])
        return values, np.array([len(truth), *given, *(of for of, _ in pairs)], dtype=np.float64)

    return figures


def to_label(f1: EstimatedShare | None, clauses: Sequence[EstimatedShare]) -> int:
    """Rows to label, drawn at random, to know whether the promise holds (or macro-F1 to about four points)."""
    unsure = [share for share in clauses if share.low < share.least <= share.high]
    if not unsure:
        if clauses or f1 is None or f1.high - f1.low < 2 * 0.05:
            return 0
        unsure = [f1]
    wanted = 0.0
    for share in unsure:
        gap = max(abs(share.value - share.least), 0.02) if share.least else 0.04
        wanted = max(wanted, Z**2 * share.value * (1 - share.value) / gap**2)
    return int(np.clip(np.ceil(wanted), LABEL_AT_LEAST, LABEL_AT_MOST))


def watched_promise(model: Classifier) -> Promise | None:
    """The promise that is watched; the rule of another backend, applied to these answers, if theirs did not show it."""
    return model.promise_shown or model.promised


def rows_with_sets(model: Classifier, p: Floats) -> Rows:
    """Rows with the answers that the delivered model gives, under its promise if it makes one."""
    decided, kept = model.decide(p), watched_promise(model)
    if kept is None:
        return Rows(p, decided, decided, np.ones(len(p), dtype=bool))
    keeper, candidates = Keeper(kept, model.classes), model.candidates(p)
    return Rows(p, decided, keeper.sets(candidates), ~keeper.abstains(candidates))


def random_rows(most: int, new: NewRows, rule: AnswerRule, labelled: Container[int], seed: int) -> list[Example]:
    """Unlabelled rows drawn at random, distinct texts: labels of rows chosen otherwise would not be like the others."""
    rows = [int(row) for row in first_occurrences([text_key(text) for text in new.texts]) if row not in labelled]
    chosen = np.sort(np.random.default_rng((seed, 53)).permutation(rows)[:most])
    sure, predicted = confidence(new.probabilities, rule.multi_label), rule.decide(new.probabilities)
    return [
        Example(text=new.texts[row], labels=(), line=int(new.lines[row]) if len(new.lines) else 0, file=new.file,
                score=float(sure[row]), suggested=tuple(rule.classes[c] for c in np.flatnonzero(predicted[row])))
        for row in chosen
    ]  # fmt: skip
