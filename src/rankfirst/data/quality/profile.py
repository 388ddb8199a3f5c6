"""The data profile: what is known about the data before a model is trained."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rankfirst.data.checks import CHECKS
from rankfirst.data.checks.scripts import script_of
from rankfirst.data.quality.ambiguous_classes import ambiguous_check, ambiguous_pairs, mixed_share
from rankfirst.data.quality.complexity import judge_complexity
from rankfirst.data.quality.facts import SHOWN_ROWS, Facts
from rankfirst.data.quality.neighbours import Neighbours
from rankfirst.data.quality.suspect_labels import flagged, suspects_check, suspicions
from rankfirst.measure.scores import Floats, indicator
from rankfirst.records import Complexity, Dataset, Profile, SizeTier


def profile(dataset: Dataset, facts: Facts | None = None) -> Profile:
    """Compute facts about task and data, the result of every check, and a preliminary complexity.

    Args:
        dataset: as returned by `load_dataset`; at least one training row has a label. facts: of the dataset, to reuse
            what the checks compute.
    Returns: lengths are in characters; row numbers are positions in the training split.
    """
    facts = facts or Facts(dataset)
    lengths = facts.lengths
    labels = dataset.train.labels
    result = Profile(
        n_train=len(dataset.train),
        n_val=len(dataset.val),
        n_test=len(dataset.test) if dataset.test else 0,
        classes=dataset.classes,
        class_counts=tuple(int(n) for n in facts.counts),
        multi_label=dataset.multi_label,
        labels_per_row=float(np.mean([len(row) for row in labels])),
        label_sets=len(set(labels)),
        size_tier=size_tier(len(labels)),
        effective_classes=facts.effective_classes,
        imbalance=facts.imbalance,
        tail_classes=facts.tail,
        tail_share=facts.tail_share,
        script=script_of(dataset.train.texts),
        chars_mean=float(lengths.mean()),
        chars_p95=float(np.quantile(lengths, 0.95)),
        chars_max=int(lengths.max()),
        duplicate_rows=len(facts.keys) - len(facts.rows_of),
        conflict_rows=facts.conflict_rows,
        leaked_val=facts.leaked_val[0],
        leaked_test=facts.leaked_test[0],
        checks=tuple(check(facts) for check in CHECKS),
        complexity=Complexity.LOW,
    )
    return replace(result, complexity=judge_complexity(result))


def with_out_of_fold(
    profile: Profile,
    dataset: Dataset,
    probabilities: Floats,
    neighbours: Neighbours | None = None,
    rows: Sequence[int] | None = None,
) -> Profile:
    """Add suspect labels, ambiguous pairs of classes and their checks to a profile, and update its complexity.

    Args:
        profile: of `dataset`. probabilities: (k, C), each row predicted by a model that was not trained on it.
        neighbours: of the same rows, a second signal for single labels (see `suspicions`).
        rows: (k,) the training rows that the probabilities belong to, ascending; None: all.
    Raises: ValueError if the shape differs or a value is not finite, which is a bug of the caller.
    """
    at = np.arange(len(dataset.train)) if rows is None else np.asarray(rows)
    expected = (len(at), len(dataset.classes))
    if probabilities.shape != expected:
        raise ValueError(f"out-of-fold probabilities are {probabilities.shape}, the rows need {expected}")
    if not np.isfinite(probabilities).all():
        raise ValueError("out-of-fold probabilities hold NaN or infinity")
    truth = indicator([dataset.train.labels[row] for row in at], len(dataset.classes))
    scores, _ = suspicions(truth, probabilities, dataset.multi_label, neighbours)
    suspects = flagged(scores, len(dataset.classes), dataset.multi_label)
    pairs = ambiguous_pairs(truth, probabilities, dataset.multi_label)
    check = suspects_check(suspects, scores, SHOWN_ROWS)
    added = (
        replace(check, rows=tuple(int(at[row]) for row in check.rows)),
        ambiguous_check(pairs, dataset.classes, mixed_share(truth, probabilities, dataset.multi_label)),
    )
    codes = {check.code for check in added}
    checks = tuple(check for check in profile.checks if check.code not in codes) + added
    named = tuple(int(at[row]) for row in suspects)
    result = replace(profile, suspects=named, suspects_known=True, ambiguous_pairs=pairs, checks=checks)
    return replace(result, complexity=judge_complexity(result))


def with_val_suspects(profile: Profile, dataset: Dataset, probabilities: Floats) -> Profile:
    """Add the validation rows whose label is contradicted, by the limit that holds for training rows.

    Args: probabilities: (n_val, C) calibrated, of a model that was not trained on validation rows.
    """
    truth = indicator(dataset.val.labels, len(dataset.classes))
    scores, _ = suspicions(truth, probabilities, dataset.multi_label)
    named = flagged(scores, len(dataset.classes), dataset.multi_label) if len(truth) else ()
    return replace(profile, suspects_val=tuple(sorted(named)))


def size_tier(rows: int) -> SizeTier:
    """The size tier of a number of training rows."""
    if rows < 1_000:
        return SizeTier.UNDER_1K
    if rows < 10_000:
        return SizeTier.THOUSANDS
    return SizeTier.TENS_OF_THOUSANDS if rows < 100_000 else SizeTier.OVER_100K
