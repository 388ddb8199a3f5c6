"""Nearest rows and what they carry."""

import numpy as np
import pytest

from rankfirst.data.quality import neighbours as room
from rankfirst.data.quality.neighbours import nearest, votes
from rankfirst.measure.scores import indicator


def clusters(rows: int) -> np.ndarray:
    """Rows on two opposite sides, in turn."""
    side = np.where(np.arange(rows) % 2 == 0, 1.0, -1.0)
    return np.column_stack([side, np.linspace(0, 0.5, rows), np.ones(rows)]).astype(np.float32)


def test_neighbours_are_other_rows_of_the_same_cluster_nearest_first():
    found = nearest(clusters(20), k=3)
    assert found.rows.shape == (20, 3)
    assert (found.rows % 2 == np.arange(20)[:, None] % 2).all()
    assert (found.rows != np.arange(20)[:, None]).all()
    assert (np.diff(found.similarity, axis=1) <= 1e-6).all()


def test_equal_texts_are_neighbours_and_no_row_is_its_own():
    features = np.vstack([np.tile([1.0, 0.0], (15, 1)), np.tile([0.0, 1.0], (15, 1))])
    found = nearest(features, k=5)
    assert (found.rows != np.arange(30)[:, None]).all()
    assert ((found.rows < 15) == (np.arange(30)[:, None] < 15)).all()


def test_large_data_search_a_sample_of_references(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(room, "REFERENCES", 10)
    found = nearest(clusters(40), k=4)
    assert len(np.unique(found.rows)) <= 10
    assert (found.rows != np.arange(40)[:, None]).all()


def test_two_rows_are_each_others_neighbour():
    assert nearest(np.array([[1.0, 0.0], [0.0, 1.0]]), k=10).rows.tolist() == [[1], [0]]


def test_votes_count_class_shares_as_one_more_neighbour():
    truth = indicator([[0], [0], [1], [1]], 2)
    near = room.Neighbours(np.array([[1, 2], [0, 2], [3, 0], [2, 1]]), np.ones((4, 2), dtype=np.float32))
    assert votes(near, truth)[0].tolist() == pytest.approx([1.5 / 3, 1.5 / 3])
    assert votes(near, truth).sum(axis=1).tolist() == pytest.approx([1.0] * 4)
