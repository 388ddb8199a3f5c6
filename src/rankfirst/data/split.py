"""Hold rows out: stratified, equal texts on one side, every class kept in training, deterministic for a seed."""

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from iterstrat.ml_stratifiers import MultilabelStratifiedShuffleSplit
from scipy.sparse import csr_array
from sklearn.model_selection import StratifiedShuffleSplit

from rankfirst.measure.scores import Bools, cells

Ints = npt.NDArray[np.int64]

# Random choices of groups; fewer if rows times draws exceed MOST_DRAWN (seconds).
DRAWS: Final = 200
MOST_DRAWN: Final = 40_000_000
# Distinct texts. Iterative stratification processes them one by one in Python: seconds up to here, minutes beyond.
HUGE: Final = 200_000


def hold_out(
    keys: Sequence[str],
    labels: Sequence[Sequence[int]],
    multi_label: bool,
    share: float,
    seed: int,
    owed: Collection[int] = (),
    later: int = 0,
) -> Bools:
    """Choose the rows to hold out.

    Args:
        keys: (n,) rows with equal keys stay on one side. labels: (n,) class indexes from 0.
        share: of distinct keys to hold out, in (0, 1). seed: fully determines the choice.
        owed: classes that get a held-out row even if that takes more than `share`; with several labels per row, as far
            as no other class would be left without. later: splits that will be held out of the remaining rows; a class
            that is owed keeps a row for each.
    Returns: (n,) True for a held-out row. Every class keeps a row that is not held out; all False if that leaves
        nothing to hold out.
    """
    numbers = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    group = np.array([numbers[key] for key in keys])
    classes = 1 + max((label for row in labels for label in row), default=0)
    rows, carries = cells(labels)
    carried = np.zeros((len(numbers), classes), dtype=bool)
    carried[group[rows], carries] = True
    quota = max(1, round(share * len(numbers)))
    rng = np.random.default_rng((seed, 3))
    if multi_label:
        held = _held_multi(carried, quota, seed, rng)
    else:
        held = _held_single(carried, _main_labels(group[rows], carries, classes), quota, seed, rng)
    if owed:
        held = _with_every_class_held(carried, held, np.isin(np.arange(classes), list(owed)), later)
    return np.asarray(_with_every_class_left(carried, held)[group])


def hold_out_groups(
    groups: Sequence[str], labels: Sequence[Sequence[int]], quota: int, seed: int, later: int = 0
) -> Bools:
    """Choose whole groups to hold out, about `quota` rows with the shares of every class.

    Of DRAWS random choices the one is taken whose class shares are nearest to those of all rows; then every class of
    enough groups gets one on each side, as in `hold_out`.

    Args: groups: (n,) labels: (n,) class indexes from 0. later: groups that further splits need, and training beside.
    Returns: (n,) True for a held-out row; `later` + 1 groups at least are left.
    """
    numbers = {key: i for i, key in enumerate(dict.fromkeys(groups))}
    group = np.array([numbers[key] for key in groups])
    classes = 1 + max((label for row in labels for label in row), default=0)
    rows, carries = cells(labels)
    table = csr_array((np.ones(len(rows)), (group[rows], carries)), shape=(len(numbers), classes))
    sizes, total = np.bincount(group), np.asarray(table.sum(axis=0)).ravel()
    share, rng = quota / len(group), np.random.default_rng((seed, 5))
    most = len(numbers) - 1 - later
    best, held = np.inf, np.zeros(len(numbers), dtype=bool)
    for _ in range(max(1, min(DRAWS, MOST_DRAWN // len(group)))):
        order = rng.permutation(len(numbers))
        taken = sizes[order].cumsum()
        count = min(most, 1 + int(np.abs(taken - quota).argmin()))
        chosen = np.zeros(len(numbers), dtype=bool)
        chosen[order[:count]] = True
        shares = np.asarray(chosen @ table).ravel()[total > 0] / total[total > 0]
        off = float(np.abs(shares - share).mean()) + abs(taken[count - 1] / len(group) - share)
        off += float((shares == 0).mean() + (shares == 1).mean())  # a class that only one side has
        if off < best:
            best, held = off, chosen
    carried = np.asarray((table > 0).toarray())
    owed = carried.sum(axis=0) >= 2 + later
    return np.asarray(_with_every_class_left(carried, _with_every_class_held(carried, held, owed, later))[group])


def _main_labels(group: Ints, label: Ints, classes: int) -> Ints:
    """(groups,) the label that most rows of a group carry, the first one on a tie; equal texts may disagree.

    Args:
        group, label: (m,) the group and the class of every label carried.
    """
    pairs, first, counts = np.unique(group * classes + label, return_index=True, return_counts=True)
    order = np.lexsort((first, -counts, pairs // classes))
    _, at = np.unique(pairs[order] // classes, return_index=True)
    return np.asarray(pairs[order][at] % classes)


def _held_single(carried: Bools, main: npt.NDArray[np.int_], quota: int, seed: int, rng: np.random.Generator) -> Bools:
    # A class with a single distinct text cannot be on both sides; scikit-learn would reject the whole split for it.
    movable = np.flatnonzero(np.bincount(main)[main] > 1)
    needed = len(np.unique(main[movable]))
    if not needed or quota < needed or len(movable) - quota < needed:
        return _held_greedily(carried, quota, rng)
    splitter = StratifiedShuffleSplit(n_splits=1, test_size=quota, random_state=seed)
    _, chosen = next(splitter.split(np.zeros(len(movable)), main[movable]))
    held = np.zeros(len(carried), dtype=bool)
    held[movable[chosen]] = True
    return held


def _held_multi(carried: Bools, quota: int, seed: int, rng: np.random.Generator) -> Bools:
    if len(carried) > HUGE or carried.shape[1] < 2 or quota >= len(carried):
        return _held_greedily(carried, quota, rng)
    splitter = MultilabelStratifiedShuffleSplit(n_splits=1, test_size=quota, random_state=seed)
    _, chosen = next(splitter.split(np.zeros(len(carried)), carried))
    held = np.zeros(len(carried), dtype=bool)
    held[chosen] = True
    return held


def _held_greedily(carried: Bools, quota: int, rng: np.random.Generator) -> Bools:
    """One pass in random order: hold out a group while its rarest label still needs held-out rows.

    Used if there are too few rows to give each class one, or too many for the exact methods.
    """
    total = carried.sum(axis=0)
    wanted = np.ceil(quota / len(carried) * total).clip(min=1)
    rarest = np.where(carried, total, total.max() + 1).argmin(axis=1)
    taken = np.zeros(carried.shape[1], dtype=int)
    held = np.zeros(len(carried), dtype=bool)
    left = quota
    for g in rng.permutation(len(carried)):
        if not left:
            break
        labels = np.flatnonzero(carried[g])
        lacking = bool(taken[rarest[g]] < wanted[rarest[g]])
        fits = lacking and bool((taken[labels] + 1 < total[labels]).all())
        if not labels.size or fits:
            held[g] = True
            taken[labels] += 1
            left -= 1
    return held


def _with_every_class_held(carried: Bools, held: Bools, owed: Bools, later: int) -> Bools:
    """The same choice, but a group is held out for every owed class without one, in exchange for groups of large ones.

    Args: carried: (groups, C). owed: (C,). later: see `hold_out`.
    """
    held, quota = held.copy(), int(held.sum())
    total = carried.sum(axis=0)
    kept = np.where(owed, np.minimum(total, 1 + later), np.minimum(total, 1))  # that must not be held out
    for label in np.flatnonzero(owed):  # return what the later splits will need
        spare = np.flatnonzero(held & carried[:, label])
        held[spare[: max(0, kept[label] - (total[label] - len(spare)))]] = False
    left, taken = carried[~held].sum(axis=0), carried[held].sum(axis=0)
    for label in np.argsort(total, kind="stable"):  # rare ones first
        if not owed[label] or taken[label] or left[label] <= kept[label]:
            continue
        able = np.flatnonzero(carried[:, label] & ~held)
        able = able[~carried[able][:, left <= kept].any(axis=1)]
        if len(able):
            chosen = able[carried[able].sum(axis=1).argmin()]
            held[chosen] = True
            left, taken = left - carried[chosen], taken + carried[chosen]
    inside = np.flatnonzero(held)
    smallest = np.where(carried[inside], total, total.max(initial=0) + 1).min(axis=1, initial=total.max(initial=0) + 1)
    for group in inside[np.argsort(-smallest, kind="stable")]:
        if held.sum() <= quota:
            break
        if (taken[carried[group]] > 1).all():
            held[group] = False
            taken = taken - carried[group]
    return held


def _with_every_class_left(carried: Bools, held: Bools) -> Bools:
    """The same choice, but one group is returned to training for every class that would otherwise be lost there."""
    kept = held.copy()
    for label in np.flatnonzero(carried.any(axis=0) & ~carried[~held].any(axis=0)):
        if not carried[~kept, label].any():
            kept[np.flatnonzero(carried[:, label])[0]] = False
    return kept
