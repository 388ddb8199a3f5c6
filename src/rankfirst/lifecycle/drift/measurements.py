"""Compare new rows with reference rows: everything is measured here, nothing is decided."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import stats

from rankfirst import data
from rankfirst.data.files.texts import text_key
from rankfirst.data.shift import group_names, new_groups
from rankfirst.data.shift.changes import Moved, classes_moved
from rankfirst.data.shift.compare import LEAST_TURN, first_occurrences
from rankfirst.data.shift.two_sample import counts_p, shares_p
from rankfirst.lifecycle.drift.reference_rows import ReferenceRows
from rankfirst.measure.calibration import confidence
from rankfirst.measure.scores import (
    Bools,
    Floats,
    Ints,
    Z,
    bootstrap_f1,
    f1_bounds,
    indicator,
    macro_f1,
    recall_per_class,
)
from rankfirst.records import Candidate, Example, Figure, Recall, Seen, Shift

BETWEEN: Final = "compare"  # key in messages.shift
MODEL_TESTS: Final = 3  # confidence, abstention, classes: Bonferroni factor
DRAWS: Final = 500  # bootstrap draws of macro-F1


@dataclass(frozen=True)
class NewRows:
    """The rows that came later; every field has n entries."""

    texts: Sequence[str]
    vectors: npt.NDArray[np.float32]  # (n, d), encoded like those of the sketch
    probabilities: Floats  # (n, C) of the delivered model
    labels: Sequence[Sequence[int]]  # () if unknown
    unknown: Sequence[Sequence[str]] = ()  # labels that are not classes of the model
    lines: Sequence[int] = ()
    file: str = ""
    rows: int = 0  # number of rows in the file, if only a sample was read


@dataclass(frozen=True)
class AnswerRule:
    """How the delivered model turns probabilities into answers."""

    classes: tuple[str, ...]
    multi_label: bool
    decide: Callable[[Floats], Bools]
    abstain: float | None  # confidence below which the model abstains


def compare(reference: ReferenceRows, new: NewRows, rule: AnswerRule, seed: int = 0) -> Seen:
    """Measure everything.

    Args:
        reference: the run's own rows. new: texts may repeat; all tests except those on labels use distinct texts.
    """
    rows = np.random.default_rng((seed, 18)).permutation(first_occurrences([text_key(text) for text in new.texts]))
    p = new.probabilities[rows]
    sure, answered = confidence(p, rule.multi_label), rule.decide(p)
    moved, classes_p = _classes(reference, answered, rule)
    f1, recalls = _labels(reference, new, rule, seed)
    return Seen(
        rows=max(new.rows, len(new.texts)),
        distinct=len(rows),
        looked=len(rows),
        source=reference.source,
        shift=_shift(reference, new, rows, rule, seed),
        confidence=_confidence(reference.sketch.confidence, sure),
        abstain=None if rule.abstain is None else _abstain(reference.sketch.confidence, sure, rule.abstain),
        classes=moved,
        classes_p=classes_p,
        candidates=_candidates(reference, new, rows, sure, answered, rule, seed),
        labelled=len(_labelled(new, rule)),
        f1=f1,
        recalls=recalls,
        unknown=tuple(Counter(name for names in new.unknown for name in names).most_common()),
    )


def _shift(reference: ReferenceRows, new: NewRows, rows: Ints, rule: AnswerRule, seed: int) -> Shift:
    """Compare texts and vectors. Answers are compared separately, with rows the model was not trained on."""
    side = data.Side(
        [new.texts[row] for row in rows], None, new.vectors[rows], new.probabilities[rows],
        [new.lines[row] for row in rows] if len(new.lines) else (), new.file,
    )  # fmt: skip
    if reference.side is None:
        return data.shift_from(reference.sketch, side, BETWEEN, rule.classes, seed)
    return data.shift(reference.side, side, BETWEEN, rule.classes, multi_label=rule.multi_label, seed=seed)


def _confidence(before: Floats, after: Floats) -> Figure:
    means = float(before.mean()), float(after.mean())
    error = float(np.sqrt(before.var() / len(before) + after.var() / len(after)))
    p = float(stats.mannwhitneyu(after, before, alternative="less").pvalue)
    gap = means[1] - means[0]
    return Figure(*means, gap - Z * error, gap + Z * error, min(1.0, MODEL_TESTS * p), len(before), len(after))


def _abstain(before: Floats, after: Floats, limit: float) -> Figure:
    """Share abstained on; the interval of the difference is Newcombe's, from two Wilson intervals."""
    k, n = [int((sure < limit).sum()) for sure in (before, after)], [len(before), len(after)]
    p = float(stats.hypergeom.sf(k[1] - 1, sum(n), sum(k), n[1]))
    share = [k[i] / n[i] for i in (0, 1)]
    wilson = [stats.binomtest(k[i], n[i]).proportion_ci(method="wilson") for i in (0, 1)]
    gap = share[1] - share[0]
    low = gap - float(np.hypot(share[1] - wilson[1].low, wilson[0].high - share[0]))
    high = gap + float(np.hypot(wilson[1].high - share[1], share[0] - wilson[0].low))
    return Figure(share[0], share[1], low, high, min(1.0, MODEL_TESTS * p), n[0], n[1])


def _classes(reference: ReferenceRows, answered: Bools, rule: AnswerRule) -> tuple[Moved, float]:
    """Classes answered more or less often than for held-out rows, and the p-value that none is."""
    before = indicator(reference.sketch.predicted, len(rule.classes)).sum(axis=0)
    after, n = answered.sum(axis=0), (len(reference.sketch.predicted), len(answered))
    changes = classes_moved(before.astype(float), after.astype(float), *n, rule.classes)
    if np.abs(before / n[0] - after / n[1]).sum() / 2 < LEAST_TURN:
        return changes, 1.0
    counts = before.astype(np.intp), after.astype(np.intp)
    p = len(rule.classes) * float(shares_p(*counts, *n).min()) if rule.multi_label else counts_p(*counts)
    return changes, min(1.0, MODEL_TESTS * p)


def _candidates(reference: ReferenceRows, new: NewRows, rows: Ints, sure: Floats, answered: Bools, rule: AnswerRule,
                seed: int) -> tuple[Candidate, ...]:  # fmt: skip
    sketch = reference.sketch
    territory, classes = sketch.vectors, sketch.classes
    if not len(territory):
        territory, classes = sketch.held, sketch.predicted
    held = new_groups.Rows(sketch.held, sketch.confidence)
    clusters = new_groups.groups(
        held, new_groups.Rows(new.vectors[rows], sure), territory, classes, rule.abstain or 0.0, seed
    )
    texts = [new.texts[row] for row in rows]
    return tuple(_candidate(group, texts, reference, new, rows, sure, answered, rule) for group in clusters)


def _candidate(group: new_groups.Group, texts: Sequence[str], reference: ReferenceRows, new: NewRows, rows: Ints,
               sure: Floats, answered: Bools, rule: AnswerRule) -> Candidate:  # fmt: skip
    inside = set(group.rows.tolist())
    others = [*reference.train_texts, *(text for i, text in enumerate(texts) if i not in inside)]
    terms = group_names.terms([texts[i] for i in group.rows], others)
    counts = answered[group.rows].sum(axis=0)
    nearest = int(counts.argmax())
    return Candidate(
        name=group_names.label(terms),
        terms=terms,
        rows=len(group.rows),
        known=group.known,
        p=group.p,
        nearest=rule.classes[nearest],
        nearest_share=float(counts[nearest] / len(group.rows)),
        members=tuple(
            Example(
                text=texts[i],
                labels=tuple(rule.classes[c] for c in new.labels[rows[i]]),
                line=int(new.lines[rows[i]]) if len(new.lines) else 0,
                file=new.file,
                score=float(sure[i]),
                suggested=tuple(rule.classes[c] for c in np.flatnonzero(answered[i])),
            )
            for i in group.rows
        ),
    )


def _labelled(new: NewRows, rule: AnswerRule) -> Ints:
    """Indexes of all rows whose labels are classes of the model; an empty label set counts in multi-label data."""
    if not any(new.labels):
        return np.zeros(0, dtype=np.intp)
    foreign = [bool(names) for names in new.unknown] or [False] * len(new.texts)
    return np.array(
        [i for i, labels in enumerate(new.labels) if not foreign[i] and (labels or rule.multi_label)], np.intp
    )


def _labels(
    reference: ReferenceRows, new: NewRows, rule: AnswerRule, seed: int
) -> tuple[Figure | None, tuple[Recall, ...]]:
    """Macro-F1 over the classes in both samples, and the recall of each, against the values at delivery."""
    rows, size = _labelled(new, rule), len(rule.classes)
    judged = [indicator(side, size) for side in reference.sketch.judged]
    if not len(rows) or not len(judged[0]):
        return None, ()
    now = [indicator([new.labels[row] for row in rows], size), rule.decide(new.probabilities[rows])]
    common = np.flatnonzero(judged[0].any(axis=0) & now[0].any(axis=0))
    if not len(common):
        return None, ()
    f1 = [macro_f1(truth[:, common], answers[:, common]) for truth, answers in (judged, now)]
    drawn = [bootstrap_f1(truth[:, common], [answers[:, common]], DRAWS, seed + side)[:, 0]
             for side, (truth, answers) in enumerate((judged, now))]  # fmt: skip
    spread = [float(each.std(ddof=1)) or _edge(truth[:, common], answers[:, common])
              for each, (truth, answers) in zip(drawn, (judged, now), strict=True)]  # fmt: skip
    error = Z * float(np.hypot(spread[0], spread[1]))
    gap = f1[1] - f1[0]
    figure = Figure(f1[0], f1[1], gap - error, gap + error, float("nan"), len(judged[0]), len(rows))
    before, after = (recall_per_class(truth, answers) for truth, answers in (judged, now))
    counts = [truth.sum(axis=0) for truth in (judged[0], now[0])]
    recalls = tuple(
        Recall(rule.classes[c], float(before[c]), float(after[c]), int(counts[0][c]), int(counts[1][c]),
               _error((before[c], counts[0][c]), (after[c], counts[1][c])))
        for c in common
    )  # fmt: skip
    return figure, recalls


def _edge(truth: Bools, answers: Bools) -> float:
    """Standard error of macro-F1 if all draws agree, for example because every row is right."""
    low, high = f1_bounds(truth, answers)
    return (high - low) / (2 * Z)


def _error(*sides: tuple[float, int]) -> float:
    """Standard error of a difference of recalls; adds one success and one failure, as Agresti and Coull."""
    variance = 0.0
    for share, rows in sides:
        p = (share * rows + 1) / (rows + 2)
        variance += p * (1 - p) / rows
    return float(np.sqrt(variance))
