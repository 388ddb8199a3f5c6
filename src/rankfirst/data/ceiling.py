"""The data ceiling: what a classifier without a mistake would score against labels with mistakes.

Which of a classifier's errors are wrong labels cannot be seen row by row where it is unsure. So the noise is read off
the answers it is surest of: ambiguous texts are rarely among those, wrong labels are as frequent there as elsewhere.
(The anchor points of Patrini et al. 2017, arXiv 1609.03683, with given labels counted in place of probabilities.) Where
even the sure answers are mixed with ambiguous texts this takes ambiguity for noise: the interval then reaches up to
what sure suspects and conflicts alone cost, and the record says so.
"""

from collections import Counter
from typing import Final

import numpy as np
import numpy.typing as npt

from rankfirst.data.facts import Facts
from rankfirst.data.suspects import flagged, suspicions
from rankfirst.measure.scores import Bools, Floats, indicator, macro_f1
from rankfirst.records import DataCeiling, Dataset, Number

Ints = npt.NDArray[np.int64]

# Share of the answers, the surest ones, that noise is read off (assumption; with it the estimates of
# benchmarks/assess_suspects.py are within 3 points on seven sets of nine). More takes in ambiguous rows, less leaves
# few errors to count.
SURE: Final = 0.3
# Rows. How much the rate over all classes counts beside the sure rows of one class (assumption: as much as ten rows).
SHARED_ROWS: Final = 10.0
# Simulated labellings behind mean and interval.
DRAWS: Final = 200
# Validation rows simulated at most; more move no digit that is shown.
MOST_ROWS: Final = 10_000
# Share of rows wrong or contradictory from which it matters whether they are ambiguous (assumption), and how much of it
# sure suspects and conflicts must explain for it to be called label noise (benchmarks/assess_suspects.py: at most 12%
# on TNEWS whatever was planted, 27% or more on seven other sets; 10-18% on a noisy MixSNIPS, which is then, on the safe
# side, said not to be told apart).
NOTABLE: Final = 0.02
EXPLAINED: Final = 0.25


def data_ceiling(dataset: Dataset, probabilities: Floats, seed: int = 0) -> DataCeiling:
    """The macro-F1 of a perfect classifier on validation rows labelled as well as the training rows are.

    It is lowered by wrong and by contradictory labels, not by texts that are hard or allow two readings as such: a
    better model may pass what today's makes of those, but no model is right about a label that is wrong.

    Args:
        dataset: training rows give the noise, validation rows (training rows where there are none) the classes.
        probabilities: (n_train, C) out-of-fold.
    Returns: mean and 95% interval over draws of noise and validation rows; the upper end is at least what sure
        suspects and conflicts alone allow. `code` says whether the noise could be told from ambiguity.
    """
    classes, multi = len(dataset.classes), dataset.multi_label
    truth = indicator(dataset.train.labels, classes)
    judged = indicator((dataset.val if len(dataset.val) else dataset.train).labels, classes)[:MOST_ROWS]
    outvoted = outvoted_rows(dataset)
    conflicts = len(outvoted) / len(truth)
    believed, given = sure_answers(truth, probabilities, multi)
    # Contradictory rows are seldom among the sure ones; what these show less of is added, spread over the answers.
    extra = max(0.0, conflicts / (classes if multi else 1) - float((believed != given).mean()))
    states = 2 * classes if multi else classes
    rng = np.random.default_rng(seed)
    scores, changed = np.empty(DRAWS), np.empty(DRAWS)
    for draw in range(DRAWS):
        some = rng.integers(0, len(believed), len(believed))
        noise = noise_matrix(believed[some], given[some], states, multi, extra)
        rows = judged[rng.integers(0, len(judged), len(judged))]
        labelled = (_relabel_sets if multi else _relabel)(rows, noise, rng)
        scores[draw], changed[draw] = macro_f1(labelled, rows), (labelled != rows).any(axis=1).mean()
    suspects = flagged(suspicions(truth, probabilities, multi)[0], classes, multi)
    certain = len(set(suspects) | set(outvoted)) / len(truth)
    ceiling, wrong = float(scores.mean()), float(changed.mean())
    optimistic = 1 - (1 - ceiling) * min(1.0, certain / max(wrong, 1e-9))
    low, high = (float(q) for q in np.quantile(scores, (0.025, 0.975)))
    numbers: dict[str, Number] = {
        "sure": len(believed),
        "sure_wrong": int((believed != given).sum()),
        "conflicts": conflicts,
        "noise": wrong,  # share of the simulated rows whose labels changed
        "suspects": len(suspects) / len(truth),
        "certain": certain,
        "optimistic": optimistic,
        "rows": len(judged),
        "draws": DRAWS,
    }
    told_apart = wrong < NOTABLE or certain >= EXPLAINED * wrong
    code = "data.ceiling.noise" if told_apart else "data.ceiling.mixed"
    return DataCeiling(ceiling, low, max(high, optimistic), numbers, code)


def outvoted_rows(dataset: Dataset) -> tuple[int, ...]:
    """Training rows whose text most often carries other labels: no classifier of texts is right about them."""
    labels = dataset.train.labels
    found: list[int] = []
    for rows in Facts(dataset).rows_of.values():
        if len(rows) > 1:
            (usual, _), *others = Counter(labels[row] for row in rows).most_common()
            found += [row for row in rows if others and labels[row] != usual]
    return tuple(found)


def sure_answers(truth: Bools, p: Floats, multi_label: bool) -> tuple[Ints, Ints]:
    """The surest answers and what is given there: (m,) and (m,) states.

    A state is a class; in multi-label data 2c where a row lacks label c and 2c + 1 where it carries it, and the surest
    of both kinds are taken.
    """
    if not multi_label:
        top = _surest(p.max(axis=1))
        return p[top].argmax(axis=1), truth[top].argmax(axis=1)
    cells, believed = p.ravel(), p.ravel() >= 0.5
    parts = [np.flatnonzero(believed), np.flatnonzero(~believed)]
    top = np.concatenate([part[_surest(np.abs(cells[part] - 0.5))] for part in parts])
    state = 2 * (top % p.shape[1])
    return state + believed[top], state + truth.ravel()[top]


def _surest(sureness: Floats) -> Ints:
    """Positions of the largest values: SURE of them, at least one if there are any."""
    count = min(len(sureness), max(1, round(SURE * len(sureness))))
    return np.argsort(-sureness, kind="stable")[:count]


def noise_matrix(believed: Ints, given: Ints, states: int, multi_label: bool, extra: float) -> Floats:
    """(S, S) probability of each given state for each true one.

    A state's rate of change leans on the rate of all states (in multi-label data of all that carry, or lack, a label);
    where the changed go leans on where all changed go, every class having one row more than counted.

    Args:
        extra: rate of change added to every state.
    """
    counts = np.bincount(believed * states + given, minlength=states * states).reshape(states, states)
    seen, kept = counts.sum(axis=1).astype(float), np.diag(counts).astype(float)
    kind = np.arange(states) % 2 if multi_label else np.zeros(states, dtype=int)
    overall = np.array([1 - kept[kind == k].sum() / max(1.0, seen[kind == k].sum()) for k in kind])
    rate = np.minimum((seen - kept + SHARED_ROWS * overall) / (seen + SHARED_ROWS) + extra, 1.0)
    if multi_label:
        targets = np.zeros((states, states))
        targets[np.arange(states), np.arange(states) ^ 1] = 1.0
    else:
        moved = counts - np.diag(np.diag(counts))
        usual = (moved.sum(axis=0) + 1) / (moved.sum() + states)
        targets = moved + SHARED_ROWS * usual
        np.fill_diagonal(targets, 0.0)
        targets /= targets.sum(axis=1, keepdims=True)
    noise = rate[:, None] * targets
    np.fill_diagonal(noise, 1 - rate)
    return np.asarray(noise, dtype=np.float64)


def _relabel(rows: Bools, noise: Floats, rng: np.random.Generator) -> Bools:
    """(n, C) labels drawn for true single labels."""
    reached = noise.cumsum(axis=1)[rows.argmax(axis=1)]
    chosen = (reached < rng.random((len(rows), 1))).sum(axis=1)
    drawn = np.zeros_like(rows)
    drawn[np.arange(len(rows)), np.minimum(chosen, rows.shape[1] - 1)] = True
    return drawn


def _relabel_sets(rows: Bools, noise: Floats, rng: np.random.Generator) -> Bools:
    """(n, C) label sets drawn label by label."""
    lost, gained = np.diag(noise[1::2, 0::2]), np.diag(noise[0::2, 1::2])
    return np.asarray(rows ^ (rng.random(rows.shape) < np.where(rows, lost, gained)))
