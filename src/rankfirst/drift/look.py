"""New rows against known ones: everything is measured here, nothing is decided."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import stats

from rankfirst import data
from rankfirst.data import naming, novel
from rankfirst.data.moved import Moved, classes_moved
from rankfirst.data.shift import LEAST_TURN, firsts
from rankfirst.data.texts import text_key
from rankfirst.data.two_sample import counts_p, shares_p
from rankfirst.drift.known import Known
from rankfirst.measure.calibration import confidence
from rankfirst.measure.scores import Bools, Floats, bootstrap_f1, indicator, macro_f1, recall_per_class
from rankfirst.records import Candidate, Example, Figure, Recall, Seen, Shift

Ints = npt.NDArray[np.intp]

BETWEEN: Final = "compare"  # of words.shift
MODEL_TESTS: Final = 3  # confidence, abstaining, classes: each pays for the others
DRAWS: Final = 500  # of the bootstrap of macro-F1
Z: Final = 1.96


@dataclass(frozen=True)
class New:
    """The rows that came later; every field has n rows."""

    texts: Sequence[str]
    vectors: npt.NDArray[np.float32]  # (n, d), as the sketch has them
    probabilities: Floats  # (n, C) of the delivered model
    labels: Sequence[Sequence[int]]  # () where unknown
    unknown: Sequence[Sequence[str]] = ()  # labels that the model does not know
    lines: Sequence[int] = ()
    file: str = ""
    rows: int = 0  # of the file, where only some were read


@dataclass(frozen=True)
class Judge:
    """How the delivered model turns probabilities into answers."""

    classes: tuple[str, ...]
    multi_label: bool
    decide: Callable[[Floats], Bools]
    abstain: float | None  # confidence below which it does not answer


def look(known: Known, new: New, judge: Judge, seed: int = 0) -> Seen:
    """Measure everything.

    Args:
        known: the run's own rows. new: texts need not be distinct; all tests but those on labels see distinct ones.
    """
    rows = np.random.default_rng((seed, 18)).permutation(firsts([text_key(text) for text in new.texts]))
    p = new.probabilities[rows]
    sure, answered = confidence(p, judge.multi_label), judge.decide(p)
    moved, classes_p = _classes(known, answered, judge)
    f1, recalls = _labels(known, new, judge, seed)
    return Seen(
        rows=max(new.rows, len(new.texts)),
        distinct=len(rows),
        looked=len(rows),
        source=known.source,
        shift=_shift(known, new, rows, judge, seed),
        confidence=_confidence(known.sketch.confidence, sure),
        abstain=None if judge.abstain is None else _abstain(known.sketch.confidence, sure, judge.abstain),
        classes=moved,
        classes_p=classes_p,
        candidates=_candidates(known, new, rows, sure, answered, judge, seed),
        labelled=len(_labelled(new, judge)),
        f1=f1,
        recalls=recalls,
        unknown=tuple(Counter(name for names in new.unknown for name in names).most_common()),
    )


def _shift(known: Known, new: New, rows: Ints, judge: Judge, seed: int) -> Shift:
    """Texts and their vectors; answers are compared on their own, with rows the model did not train on."""
    side = data.Side(
        [new.texts[row] for row in rows], None, new.vectors[rows], new.probabilities[rows],
        [new.lines[row] for row in rows] if len(new.lines) else (), new.file,
    )  # fmt: skip
    if known.side is None:
        return data.shift_from(known.sketch, side, BETWEEN, judge.classes, seed)
    return data.shift(known.side, side, BETWEEN, judge.classes, multi_label=judge.multi_label, seed=seed)


def _confidence(before: Floats, after: Floats) -> Figure:
    means = float(before.mean()), float(after.mean())
    error = float(np.sqrt(before.var() / len(before) + after.var() / len(after)))
    p = float(stats.mannwhitneyu(after, before, alternative="less").pvalue)
    gap = means[1] - means[0]
    return Figure(*means, gap - Z * error, gap + Z * error, min(1.0, MODEL_TESTS * p), len(before), len(after))


def _abstain(before: Floats, after: Floats, limit: float) -> Figure:
    """Share left unanswered; the interval of the difference is Newcombe's, of two Wilson intervals."""
    k, n = [int((sure < limit).sum()) for sure in (before, after)], [len(before), len(after)]
    p = float(stats.hypergeom.sf(k[1] - 1, sum(n), sum(k), n[1]))
    share = [k[i] / n[i] for i in (0, 1)]
    wilson = [stats.binomtest(k[i], n[i]).proportion_ci(method="wilson") for i in (0, 1)]
    gap = share[1] - share[0]
    low = gap - float(np.hypot(share[1] - wilson[1].low, wilson[0].high - share[0]))
    high = gap + float(np.hypot(wilson[1].high - share[1], share[0] - wilson[0].low))
    return Figure(share[0], share[1], low, high, min(1.0, MODEL_TESTS * p), n[0], n[1])


def _classes(known: Known, answered: Bools, judge: Judge) -> tuple[Moved, float]:
    """Answers that are given more or less often than to held-out rows, and p that none is."""
    before = indicator(known.sketch.predicted, len(judge.classes)).sum(axis=0)
    after, n = answered.sum(axis=0), (len(known.sketch.predicted), len(answered))
    found = classes_moved(before.astype(float), after.astype(float), *n, judge.classes)
    if np.abs(before / n[0] - after / n[1]).sum() / 2 < LEAST_TURN:
        return found, 1.0
    each = before.astype(np.intp), after.astype(np.intp)
    p = len(judge.classes) * float(shares_p(*each, *n).min()) if judge.multi_label else counts_p(*each)
    return found, min(1.0, MODEL_TESTS * p)


def _candidates(known: Known, new: New, rows: Ints, sure: Floats, answered: Bools, judge: Judge,
                seed: int) -> tuple[Candidate, ...]:  # fmt: skip
    sketch = known.sketch
    territory, classes = sketch.vectors, sketch.classes
    if not len(territory):
        territory, classes = sketch.held, sketch.predicted
    held = novel.Rows(sketch.held, sketch.confidence)
    found = novel.groups(held, novel.Rows(new.vectors[rows], sure), territory, classes, judge.abstain or 0.0, seed)
    texts = [new.texts[row] for row in rows]
    return tuple(_candidate(group, texts, known, new, rows, sure, answered, judge) for group in found)


def _candidate(group: novel.Group, texts: Sequence[str], known: Known, new: New, rows: Ints, sure: Floats,
               answered: Bools, judge: Judge) -> Candidate:  # fmt: skip
    inside = set(group.rows.tolist())
    others = [*known.train_texts, *(text for i, text in enumerate(texts) if i not in inside)]
    terms = naming.terms([texts[i] for i in group.rows], others)
    counts = answered[group.rows].sum(axis=0)
    nearest = int(counts.argmax())
    return Candidate(
        name=naming.label(terms),
        terms=terms,
        rows=len(group.rows),
        known=group.known,
        p=group.p,
        nearest=judge.classes[nearest],
        nearest_share=float(counts[nearest] / len(group.rows)),
        members=tuple(
            Example(
                text=texts[i],
                labels=tuple(judge.classes[c] for c in new.labels[rows[i]]),
                line=int(new.lines[rows[i]]) if len(new.lines) else 0,
                file=new.file,
                score=float(sure[i]),
                suggested=tuple(judge.classes[c] for c in np.flatnonzero(answered[i])),
            )
            for i in group.rows
        ),
    )


def _labelled(new: New, judge: Judge) -> Ints:
    """Rows whose labels the model knows, all of them; a label set may be empty where others are not."""
    if not any(new.labels):
        return np.zeros(0, dtype=np.intp)
    foreign = [bool(names) for names in new.unknown] or [False] * len(new.texts)
    return np.array([i for i, own in enumerate(new.labels) if not foreign[i] and (own or judge.multi_label)], np.intp)


def _labels(known: Known, new: New, judge: Judge, seed: int) -> tuple[Figure | None, tuple[Recall, ...]]:
    """Macro-F1 over the classes that both samples have, and the recall of each, against the delivered scores."""
    rows, size = _labelled(new, judge), len(judge.classes)
    judged = [indicator(side, size) for side in known.sketch.judged]
    if not len(rows) or not len(judged[0]):
        return None, ()
    now = [indicator([new.labels[row] for row in rows], size), judge.decide(new.probabilities[rows])]
    common = np.flatnonzero(judged[0].any(axis=0) & now[0].any(axis=0))
    if not len(common):
        return None, ()
    f1 = [macro_f1(truth[:, common], told[:, common]) for truth, told in (judged, now)]
    drawn = [bootstrap_f1(truth[:, common], [told[:, common]], DRAWS, seed + side)[:, 0]
             for side, (truth, told) in enumerate((judged, now))]  # fmt: skip
    error = Z * float(np.hypot(drawn[0].std(ddof=1), drawn[1].std(ddof=1)))
    gap = f1[1] - f1[0]
    figure = Figure(f1[0], f1[1], gap - error, gap + error, float("nan"), len(judged[0]), len(rows))
    before, after = (recall_per_class(truth, told) for truth, told in (judged, now))
    counts = [truth.sum(axis=0) for truth in (judged[0], now[0])]
    recalls = tuple(
        Recall(judge.classes[c], float(before[c]), float(after[c]), int(counts[0][c]), int(counts[1][c]),
               _error((before[c], counts[0][c]), (after[c], counts[1][c])))
        for c in common
    )  # fmt: skip
    return figure, recalls


def _error(*sides: tuple[float, int]) -> float:
    """Standard error of a difference of recalls: one row more right and one more wrong, as Agresti and Coull."""
    variance = 0.0
    for share, rows in sides:
        p = (share * rows + 1) / (rows + 2)
        variance += p * (1 - p) / rows
    return float(np.sqrt(variance))
