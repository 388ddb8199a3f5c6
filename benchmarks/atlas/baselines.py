"""What the policy is compared with on single decisions: advisers that read the start's probe, or train other probes.

An adviser sees what a user sees: probes (never the end of a run), the profile, the noise floor, and which moves the
ladders of the design still offer. A move with no rung left becomes the next one of its kind, or nothing.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from zlib import crc32

import numpy as np
import numpy.typing as npt
from sklearn.tree import DecisionTreeClassifier

from benchmarks.atlas import design
from benchmarks.atlas.judge import MOVES, NOTHING, Adviser, Answer, Truth, moves
from benchmarks.atlas.store import Atlas
from rankfirst.policy.noise import paired_mean
from rankfirst.records import Curve, Health, Recipe

Solved = tuple[Atlas, Sequence[Truth]]  # a pair and the truths of its starts
Fit = Callable[[Sequence[Solved]], Adviser]  # learns from the pairs of OTHER data sets


def untrained(adviser: Adviser) -> Fit:
    """An adviser that learns nothing from other data sets."""
    return lambda others: adviser


def first_open(start: Recipe, *wanted: str) -> str:
    """The first of the moves the ladders have room for; nothing without one."""
    there = moves(start)
    return next((move for move in wanted if move in there), NOTHING)


def always(move: str) -> Adviser:
    """The same move whatever the probe shows."""
    return lambda atlas, start: Answer(first_open(start, move))


def random_move(seed: int) -> Adviser:
    """Any of the moves there are, doing nothing included."""

    def advise(atlas: Atlas, start: Recipe) -> Answer:
        rng = np.random.default_rng([seed, crc32(f"{atlas.name} {start.key}".encode())])
        return Answer(str(rng.choice(list(moves(start)))))

    return advise


# macro-F1, epoch to epoch. AutoTrainer's delta.
SLOW = 0.01
# macro-F1. AutoTrainer's zeta.
SWING = 0.03
# macro-F1, train above validation. AutoTrainer: wide, or where training is past 0.9, narrow.
GAP, GAP_HIGH, HIGH = 0.1, 0.07, 0.9


def autotrainer(atlas: Atlas, start: Recipe) -> Answer:
    """AutoTrainer's symptoms in its own order, each with the move nearest to its repair.

    Its oscillation counts pairs of inner maxima and minima over many epochs; three evaluations have none, so here one
    fall of its size between two evaluations is enough. Dying units and vanishing gradients have no counterpart. The
    published code reports no overfitting, the paper does: the gap is read last.
    """
    curve = atlas.runs[start.key].cooled
    if curve.health is not Health.FINE:
        return Answer(first_open(start, "lr-"))
    train = [e.train_macro_f1 for e in curve.evaluations]
    val = [e.val_macro_f1 for e in curve.evaluations]
    changes = [later - earlier for f1 in (train, val) for earlier, later in pairwise(f1)]
    if max(changes) < SLOW:
        return Answer(first_open(start, "lr+"))
    if min(changes) <= -SWING:
        return Answer(first_open(start, "lr-"))
    if train[-1] - val[-1] >= (GAP_HIGH if train[-1] > HIGH else GAP):
        return Answer(first_open(start, "rank-", "sites-"))
    return Answer(NOTHING)


# epochs. BTTackler's window; here that many equal pieces of one epoch stand for them.
WINDOW = 6
# coefficient of variation, and nats an epoch. BTTackler's p_ho2 and p_ho1.
HEAVY, RISING = 0.2, 0.01
# coefficient of variation. BTTackler's p_sc1.
STILL = 1e-4
# mean |gradient| of a weight. BTTackler's p_vg1.
VANISHED = 1e-5


def bttackler(atlas: Atlas, start: Recipe) -> Answer:
    """BTTackler's symptoms, each with the move that treats it; the original only ends the trial.

    It counts in epochs of a long run whose halves it tells apart. A probe has two epochs, so each is one half, cut into
    as many pieces as a window has epochs; where it compares halves of validation loss, three evaluations are too few.
    It knows no order among symptoms: the more particular ones come first here. Left out: dying units, comparisons with
    other trials, and "no more gain", which its own code calls useless.
    """
    curve = atlas.runs[start.key].cooled
    if curve.health is not Health.FINE:
        return Answer(first_open(start, "lr-"))
    pieces = [float(part.mean()) for part in np.array_split(np.asarray(curve.train_loss), 2 * WINDOW)]
    val = [e.val_loss for e in curve.evaluations]
    first = np.asarray(curve.grad_norm[: len(curve.grad_norm) // 2])
    if first.mean() / np.sqrt(curve.adapter_parameters) < VANISHED or _variation(pieces[:WINDOW]) < STILL:
        return Answer(first_open(start, "lr+"))
    if _oscillates(pieces[WINDOW:]) or _oscillates(val):
        return Answer(first_open(start, "lr-"))
    if _variation(pieces[WINDOW:]) > _variation(pieces[:WINDOW]):  # slow convergence, its late form
        return Answer(first_open(start, "lr+"))
    if _slope(val) > 0:  # overfitting
        return Answer(first_open(start, "rank-", "sites-"))
    return Answer(NOTHING)


def _variation(losses: Sequence[float]) -> float:
    return float(np.std(losses) / np.mean(losses))


def _slope(losses: Sequence[float]) -> float:
    return float(np.polyfit(np.arange(len(losses)), losses, 1)[0])


def _oscillates(losses: Sequence[float]) -> bool:
    return _slope(losses) >= RISING and _variation(losses) > HEAVY


# levels and cases. Assumption, fixed before any result was seen: MD-tree's own baseline is as shallow.
TREE_DEPTH, TREE_LEAF = 4, 8


def train_val_tree(recipe: bool = False) -> Fit:
    """A decision tree on errors and losses of training and validation, as MD tree's baseline.

    Args: recipe: show it the rungs of the start as well, which the original does not see.
    """

    def fit(others: Sequence[Solved]) -> Adviser:
        rows, answers, weights = [], [], []
        for atlas, truths in others:
            for truth in truths:
                for move in sorted(truth.right):  # the label is a set: every right move has its share of the case
                    rows.append(_features(atlas, truth.start, recipe))
                    answers.append(MOVES.index(move))
                    weights.append(1 / len(truth.right))
        if not rows:
            return lambda atlas, start: Answer(None)
        tree = DecisionTreeClassifier(max_depth=TREE_DEPTH, min_samples_leaf=TREE_LEAF, random_state=0)
        tree.fit(np.array(rows), answers, sample_weight=weights)

        def advise(atlas: Atlas, start: Recipe) -> Answer:
            chances = tree.predict_proba(np.array([_features(atlas, start, recipe)]))[0]
            told = {MOVES[c]: float(p) for c, p in zip(tree.classes_, chances, strict=True)}
            return Answer(max(moves(start), key=lambda move: told.get(move, 0.0)))

        return advise

    return fit


def _features(atlas: Atlas, start: Recipe, recipe: bool) -> npt.NDArray[np.float64]:
    """Losses as shares of the untrained model's validation loss: nats mean other things with one label or several."""
    curve = atlas.runs[start.key].cooled
    last, scale = curve.last, max(curve.start.val_loss, 1e-6)
    rungs = [design.LRS.index(start.lr), design.RANKS.index(start.rank), design.SITES.index(start.sites)]
    seen = [1 - last.train_macro_f1, 1 - last.val_macro_f1, last.train_loss / scale, last.val_loss / scale]
    return np.array([*seen, *(rungs if recipe else [])], dtype=float)


def one_probe_each(by: str = "f1", errors: float = 0.0, cooled: bool = True) -> Adviser:
    """Train the probe of every move and go where validation is best: no reading, all paid for.

    Args:
        by: "f1": macro-F1, equals by log loss; "loss": log loss, each probe at its own temperature.
        errors: standard errors of the paired difference in log loss a move must be better by; else do nothing.
    """

    def advise(atlas: Atlas, start: Recipe) -> Answer:
        runs = {move: atlas.runs[to.key] for move, to in moves(start).items() if to.key in atlas.runs}
        probes = {move: ran.cooled if cooled else ran.probe for move, ran in runs.items()}
        here, whole = probes[NOTHING], atlas.runs[start.key].full.work
        cost = sum(curve.work for move, curve in probes.items() if move != NOTHING) / whole
        best = max(probes, key=lambda move: _worth(probes[move], by))
        if best != NOTHING and errors and here.health is Health.FINE:
            gain, error = paired_mean(probes[best].end_log_loss, here.end_log_loss)
            best = best if gain > errors * error else NOTHING
        return Answer(best, cost)

    return advise


def _worth(probe: Curve, by: str) -> tuple[float, float]:
    if probe.health is not Health.FINE:
        return -np.inf, -np.inf
    loss = -float(np.mean(probe.end_log_loss))
    return (loss, 0.0) if by == "loss" else (probe.last.val_macro_f1, loss)
