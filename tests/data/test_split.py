"""Held-out rows: the right share, stratified, equal texts together, every class left in training."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rankfirst.data import load_dataset, split
from rankfirst.data.split import hold_out
from tests.data.file_samples import csv_file, intents, note_values


def names(n: int) -> list[str]:
    return [f"text {i}" for i in range(n)]


def check_promises(keys, labels, held) -> None:
    for key in set(keys):
        assert len({bool(h) for k, h in zip(keys, held, strict=True) if k == key}) == 1, "equal texts on both sides"
    left = {label for row, h in zip(labels, held, strict=True) if not h for label in row}
    assert left == {label for row in labels for label in row}, "a class left training"


def test_single_label_shares_are_kept():
    labels = [[0]] * 600 + [[1]] * 300 + [[2]] * 100
    held = hold_out(names(1000), labels, False, 0.15, seed=0)
    assert Counter(label for (label,), h in zip(labels, held, strict=True) if h) == {0: 90, 1: 45, 2: 15}


def test_multi_label_shares_are_kept():
    rng = np.random.default_rng(0)
    labels = [[c for c in range(5) if rng.random() < (0.5, 0.3, 0.2, 0.1, 0.03)[c]] for _ in range(2000)]
    held = hold_out(names(2000), labels, True, 0.15, seed=0)
    check_promises(names(2000), labels, held)
    for c in range(5):
        carried = np.array([c in row for row in labels])
        assert held[carried].mean() == pytest.approx(0.15, abs=0.02)


@pytest.mark.parametrize(
    ("labels", "multi"),
    [
        pytest.param([[c] for c in range(50) for _ in range(2)], False, id="fewer-places-than-classes"),
        pytest.param([[0], [0], [1], [1]], False, id="four-rows"),
        pytest.param([[0, 1], [0], [1], [], [0, 1], []], True, id="six-multi-label-rows"),
        pytest.param([[0]] * 5 + [[]] * 5, True, id="one-column"),
    ],
)
def test_small_data_are_split_too(labels, multi):
    keys = names(len(labels))
    held = hold_out(keys, labels, multi, 0.15, seed=0)
    assert 1 <= held.sum() <= max(1, round(0.3 * len(labels)))
    check_promises(keys, labels, held)


def test_huge_data_use_the_greedy_split(monkeypatch):
    monkeypatch.setattr(split, "HUGE", 100)
    rng = np.random.default_rng(0)
    labels = [[c for c in range(5) if rng.random() < 0.3] for _ in range(2000)]
    held = hold_out(names(2000), labels, True, 0.15, seed=0)
    assert held.sum() == 300
    check_promises(names(2000), labels, held)
    for c in range(5):
        assert held[np.array([c in row for row in labels])].mean() == pytest.approx(0.15, abs=0.03)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 12), st.sets(st.integers(0, 3), max_size=3)), min_size=4, max_size=40),
    multi=st.booleans(),
    share=st.floats(0.05, 0.5),
    seed=st.integers(0, 3),
)
def test_the_guarantees_of_hold_out_hold_for_any_rows(rows, multi, share, seed):
    keys = [f"text {key}" for key, _ in rows]
    labels = [sorted(carried) if multi else [min(carried, default=0)] for _, carried in rows]
    held = hold_out(keys, labels, multi, share, seed)
    check_promises(keys, labels, held)
    assert (held == hold_out(keys, labels, multi, share, seed)).all()


def test_another_seed_gives_another_split():
    labels = [[i % 3] for i in range(90)]
    a, b = (hold_out(names(90), labels, False, 0.15, seed) for seed in (0, 1))
    assert (a != b).any()


@pytest.mark.parametrize(
    ("given_val", "given_test", "sizes"),
    [
        pytest.param(False, False, (140, 30, 30), id="neither"),
        pytest.param(True, False, (170, 6, 30), id="val-given"),
        pytest.param(False, True, (170, 30, 6), id="test-given"),
        pytest.param(True, True, (200, 6, 6), id="both-given"),
    ],
)
def test_missing_splits_are_created(tmp_path, given_val, given_test, sizes):
    train = csv_file(tmp_path / "train.csv", intents(100, ("card", "loan")))
    other = csv_file(tmp_path / "other.csv", [(f"new {t}", n) for t, n in intents(3, ("card", "loan"))])
    dataset = load_dataset(train, other if given_val else None, other if given_test else None)
    assert (len(dataset.train), len(dataset.val), len(dataset.test)) == sizes
    if not (given_val and given_test):
        assert note_values(dataset, "data.note.split_made")["train"] == str(sizes[0])


def test_sixty_rows_of_three_classes(tmp_path):
    dataset = load_dataset(csv_file(tmp_path / "a.csv", intents(20)))
    assert (len(dataset.train), len(dataset.val), len(dataset.test)) == (42, 9, 9)
    assert set(dataset.val.labels) == set(dataset.test.labels) == {(0,), (1,), (2,)}


def test_repeated_texts_stay_in_one_split(tmp_path):
    rows = [(t.upper() if i % 2 else t, n) for i in range(3) for t, n in intents(20)]
    dataset = load_dataset(csv_file(tmp_path / "a.csv", rows))
    sides = [{text.casefold() for text in part.texts} for part in (dataset.train, dataset.val, dataset.test)]
    assert not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2])
    assert len(dataset.train) + len(dataset.val) + len(dataset.test) == 180


def test_rows_keep_their_order_and_the_seed_decides(tmp_path):
    path = csv_file(tmp_path / "a.csv", intents(20))
    first, again, other = (load_dataset(path, seed=seed) for seed in (0, 0, 1))
    assert first.fingerprint == again.fingerprint != other.fingerprint
    order = {t: i for i, (t, _) in enumerate(intents(20))}
    assert [order[t] for t in first.train.texts] == sorted(order[t] for t in first.train.texts)


def counted(dataset, part: str) -> Counter:
    split = getattr(dataset, part)
    return Counter(dataset.classes[c] for row in split.labels for c in row)


@pytest.mark.parametrize("rare", [3, 4, 7])
@pytest.mark.parametrize("multi", [False, True])
def test_a_class_of_three_rows_is_in_every_split(tmp_path, rare, multi):
    rows = [(f"my parcel {i} is late", "ok|late" if multi and i % 3 else "ok") for i in range(297)]
    rows += [(f"please refund {i}", "fraud") for i in range(rare)]
    for seed in range(4):
        dataset = load_dataset(csv_file(tmp_path / "a.csv", rows, ("text", "labels" if multi else "label")), seed=seed)
        assert all(counted(dataset, part)["fraud"] for part in ("train", "val", "test"))
        assert len(dataset.val) == len(dataset.test) == round(0.15 * (297 + rare))


def test_many_small_classes_are_in_every_split(tmp_path):
    rows = [(f"text {c} {i}", f"class {c}") for c in range(40) for i in range(3)]
    dataset = load_dataset(csv_file(tmp_path / "a.csv", rows))
    assert [len(getattr(dataset, part)) for part in ("train", "val", "test")] == [40, 40, 40]
    given = load_dataset(tmp_path / "a.csv", csv_file(tmp_path / "val.csv", rows))
    assert len(counted(given, "test")) == 40 == len(counted(given, "train"))


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 8), min_size=2, max_size=12),
    more=st.lists(st.sets(st.integers(0, 11), max_size=3), max_size=20),
    multi=st.booleans(),
    seed=st.integers(0, 3),
)
def test_owed_classes_are_held_out_wherever_there_is_a_row_for_each_split(sizes, more, multi, seed):
    labels = [[c] for c, n in enumerate(sizes) for _ in range(n)]
    labels += [sorted(c for c in row if c < len(sizes)) for row in more] if multi else []
    owed = [c for c in range(len(sizes)) if sum(row == [c] for row in labels) >= 3]
    held = hold_out(names(len(labels)), labels, multi, 0.15, seed, owed, later=1)
    check_promises(names(len(labels)), labels, held)
    for c in owed:
        own = held[np.array([c in row for row in labels])]
        assert own.any() and (~own).sum() >= 2
