"""The data ceiling: the score of a perfect classifier against noisy labels.

If the classifier is unsure, a wrong label cannot be distinguished from a hard text. So noise is estimated from the most
confident predictions: ambiguous texts are rare among them, while wrong labels are as frequent as elsewhere. (The anchor
points of Patrini et al. 2017, arXiv 1609.03683, with counts of given labels in place of probabilities.) If ambiguous
texts are common even there, ambiguity is counted as noise; the upper end of the interval then rises to what confident
suspects and conflicts alone would cost, and the record says so.
"""

from collections import Counter
from typing import Final

import numpy as np
import numpy.typing as npt

from rankfirst.data.quality.facts import Facts
from rankfirst.data.quality.suspect_labels import flagged, suspicions
from rankfirst.measure.scores import Bools, Floats, indicator, macro_f1, wilson
from rankfirst.records import DataCeiling, Dataset, Number

Ints = npt.NDArray[np.int64]

# Share of predictions, the most confident ones, from which noise is estimated (assumption; with it the estimates of
# benchmarks/assess_suspects.py are within 3 points on seven sets of nine). A larger share includes ambiguous rows, a
# smaller one has too few errors to count.
SURE: Final = 0.3
# Rows. Weight of the overall rate against a class's own confident rows (assumption: equal to ten rows).
SHARED_ROWS: Final = 10.0
# Number of simulated labellings behind mean and interval.
DRAWS: Final = 200
# Maximum validation rows simulated; more would not change the displayed digits.
MOST_ROWS: Final = 10_000
# Share of rows wrong or contradictory above which ambiguity matters (assumption), and the part of it that confident
# suspects and conflicts must explain to be called label noise (benchmarks/assess_suspects.py: at most 12% on TNEWS with
# any planted noise, 27% or more on seven other sets; 10-18% on a noisy MixSNIPS, which is then conservatively reported
# as not separable).
NOTABLE: Final = 0.02
EXPLAINED: Final = 0.25


def data_ceiling(dataset: Dataset, probabilities: Floats, seed: int = 0) -> DataCeiling:
    """The macro-F1 of a perfect classifier on validation rows with the label noise of the training rows.

    Wrong and contradictory labels lower it; texts that are merely hard or ambiguous do not. A better model may overcome
    those, but no model agrees with a wrong label.

    Args:
        dataset: training rows give the noise, validation rows the class shares (training rows if there are none).
        probabilities: (n_train, C) out-of-fold.
    Returns: mean and 95% interval over draws of noise and validation rows; the upper end is at least what confident
        suspects and conflicts alone allow. `code` says whether noise could be separated from ambiguity.
    """
    classes, multi = len(dataset.classes), dataset.multi_label
    truth = indicator(dataset.train.labels, classes)
    judged = indicator((dataset.val if len(dataset.val) else dataset.train).labels, classes)[:MOST_ROWS]
    outvoted = outvoted_rows(dataset)
    conflicts = len(outvoted) / len(truth)
    predicted_states, labelled_states = sure_answers(truth, probabilities, multi)
    # Contradictory rows are rarely predicted confidently; the shortfall is added, spread over the predictions.
    extra = max(0.0, conflicts / (classes if multi else 1) - float((predicted_states != labelled_states).mean()))
    states = 2 * classes if multi else classes
    rng = np.random.default_rng(seed)
    scores, changed = np.empty(DRAWS), np.empty(DRAWS)
    for draw in range(DRAWS):
        sample = rng.integers(0, len(predicted_states), len(predicted_states))
        noise = noise_matrix(predicted_states[sample], labelled_states[sample], states, multi, extra)
        rows = judged[rng.integers(0, len(judged), len(judged))]
        labelled = (_relabel_sets if multi else _relabel)(rows, noise, rng)
        scores[draw], changed[draw] = macro_f1(labelled, rows), (labelled != rows).any(axis=1).mean()
    suspects = flagged(suspicions(truth, probabilities, multi)[0], classes, multi)
    certain = len(set(suspects) | set(outvoted)) / len(truth)
    ceiling, wrong = float(scores.mean()), float(changed.mean())
    optimistic = 1 - (1 - ceiling) * min(1.0, certain / max(wrong, 1e-9))
    low, high = (float(q) for q in np.quantile(scores, (0.025, 0.975)))
    if low == high:  # nothing contradicted: by the same rows, as many as the score interval allows may still be wrong
        low -= float(wilson(np.array([0]), np.array([len(predicted_states)]))[1][0])
    numbers: dict[str, Number] = {
        "sure": len(predicted_states),
        "sure_wrong": int((predicted_states != labelled_states).sum()),
        "conflicts": conflicts,
        "noise": wrong,  # share of the simulated rows whose labels changed
        "suspects": len(suspects) / len(truth),
        "certain": certain,
        "optimistic": optimistic,
        "rows": len(judged),
        "draws": DRAWS,
    }
    separable = wrong < NOTABLE or certain >= EXPLAINED * wrong
    code = "data.ceiling.noise" if separable else "data.ceiling.mixed"
    return DataCeiling(ceiling, low, max(high, optimistic), numbers, code)


def outvoted_rows(dataset: Dataset) -> tuple[int, ...]:
    """Training rows whose text usually carries other labels: no classifier of texts can match their label."""
    labels = dataset.train.labels
    minority: list[int] = []
    for rows in Facts(dataset).rows_of.values():
        if len(rows) > 1:
            (usual, _), *others = Counter(labels[row] for row in rows).most_common()
            minority += [row for row in rows if others and labels[row] != usual]
    return tuple(minority)


def sure_answers(truth: Bools, p: Floats, multi_label: bool) -> tuple[Ints, Ints]:
    """The most confident predictions and the labels given there: (m,) and (m,) states.

    A state is a class; in multi-label data 2c if a row lacks label c and 2c + 1 if it carries it, and the most
    confident predictions of both kinds are taken.
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
    """Positions of the largest values: a share SURE of them, at least one if there are any."""
    count = min(len(sureness), max(1, round(SURE * len(sureness))))
    return np.argsort(-sureness, kind="stable")[:count]


def noise_matrix(predicted: Ints, labelled: Ints, states: int, multi_label: bool, extra: float) -> Floats:
    """(S, S) probability of each given state for each true one.

    A state's rate of change is smoothed towards the rate of all states (in multi-label data of all states that carry,
    or lack, a label). The target of a change is smoothed towards the overall distribution of targets, with one row
    added per class.

    Args:
        extra: rate of change added to every state.
    """
    counts = np.bincount(predicted * states + labelled, minlength=states * states).reshape(states, states)
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
    """(n, C) labels drawn for the true single labels."""
    reached = noise.cumsum(axis=1)[rows.argmax(axis=1)]
    chosen = (reached < rng.random((len(rows), 1))).sum(axis=1)
    drawn = np.zeros_like(rows)
    drawn[np.arange(len(rows)), np.minimum(chosen, rows.shape[1] - 1)] = True
    return drawn


def _relabel_sets(rows: Bools, noise: Floats, rng: np.random.Generator) -> Bools:
    """(n, C) label sets drawn independently per label."""
    lost, gained = np.diag(noise[1::2, 0::2]), np.diag(noise[0::2, 1::2])
    return np.asarray(rows ^ (rng.random(rows.shape) < np.where(rows, lost, gained)))
