"""Folds and samples: even, stratified, and never in the way of a rare class."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rankfirst.baselines.folds import assign_folds, subsample

LABELS = st.lists(st.lists(st.integers(0, 5), max_size=3, unique=True).map(sorted), min_size=1, max_size=60)


@given(LABELS, st.integers(2, 5), st.integers(0, 3))
def test_folds_are_equally_large(labels, folds, seed):
    fold = assign_folds(labels, folds, seed)
    sizes = np.bincount(fold)
    assert len(fold) == len(labels)
    assert len(sizes) == min(folds, len(labels))
    assert sizes.max() - sizes.min() <= 1


@given(st.lists(st.integers(0, 5), min_size=5, max_size=60), st.integers(0, 3))
def test_each_class_is_spread_evenly(classes, seed):
    fold = assign_folds([(c,) for c in classes], 3, seed)
    for c in set(classes):
        sizes = np.bincount(fold[np.array(classes) == c], minlength=3)
        assert sizes.max() - sizes.min() <= 1


def test_a_multi_label_row_counts_as_its_rarest_label():
    labels = [(0,)] * 30 + [(0, 1)] * 3
    assert sorted(assign_folds(labels, 3, 0)[30:]) == [0, 1, 2]


def test_the_seed_decides():
    labels = [(i % 4,) for i in range(100)]
    assert (assign_folds(labels, 5, 0) == assign_folds(labels, 5, 0)).all()
    assert (assign_folds(labels, 5, 0) != assign_folds(labels, 5, 1)).any()


def test_a_sample_keeps_the_proportions():
    labels = [(0,)] * 600 + [(1,)] * 300 + [(2,)] * 100
    picked = subsample(labels, 100, seed=0)
    assert len(set(picked)) == 100
    assert (np.diff(picked) > 0).all()
    assert Counter(labels[i][0] for i in picked) == {0: 60, 1: 30, 2: 10}


def test_few_rows_are_all_taken():
    assert subsample([(0,)] * 7, 10, seed=0).tolist() == list(range(7))
