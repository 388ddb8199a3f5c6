"""Vectors of training rows: small on disk, without their texts, and as near as the states they were made of."""

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import random as sparse
from sklearn.preprocessing import normalize

from rankfirst.model.nearest_rows import BYTES, SHARES, SKETCHED, NearestRows, sketch

DRAW = np.random.default_rng(0)
STATES = DRAW.normal(size=(200, 24)).astype(np.float32) + 5


def stored(place: Path, states: np.ndarray = STATES, lines: tuple[int, ...] = ()) -> NearestRows:
    labels = [(row % 3,) if row % 2 else (0, row % 3) for row in range(3 * len(states))]
    rows = range(1, 3 * len(states), 3)
    made = NearestRows.of(states, list(rows), lines, labels, np.arange(1000.0))
    made.save(place / "nearest.safetensors")
    return NearestRows.load(place / "nearest.safetensors", 3)


def test_a_row_is_nearest_to_itself_with_its_label_and_place(tmp_path: Path) -> None:
    known = stored(tmp_path, lines=tuple(range(2, 602)))
    found, likeness = known.find(STATES, 3)
    assert (found[:, 0] == np.arange(200)).all() and (likeness[:, 0] > 0.99).all()
    assert (known.rows[7], known.lines[7], known.labels[7]) == (22, 24, (0, 1))
    true = STATES - STATES.mean(axis=0)
    true /= np.linalg.norm(true, axis=1, keepdims=True)
    assert np.abs(np.take_along_axis(true @ true.T, found, axis=1) - likeness).max() < 0.02


def test_the_file_is_bounded(tmp_path: Path) -> None:
    known = stored(tmp_path, DRAW.normal(size=(5000, 1024)).astype(np.float32))
    assert len(known.rows) == 2500 and (tmp_path / "nearest.safetensors").stat().st_size < BYTES
    assert known.rows[1] == 7 and known.lines.max() == 0


def test_the_share_below_is_that_of_the_validation_rows(tmp_path: Path) -> None:
    known = stored(tmp_path)
    shares = [known.share_below(value) for value in (-1.0, 499.5, 2000.0)]
    assert shares == [0.0, pytest.approx(0.5, abs=1 / SHARES), 1.0]
    empty = NearestRows.of(STATES, range(200), (), [(0,)] * 200, np.zeros(0))
    assert empty.share_below(0.0) is None


def test_a_label_that_the_model_does_not_have_is_damage(tmp_path: Path) -> None:
    stored(tmp_path)
    with pytest.raises(ValueError, match="nearest"):
        NearestRows.load(tmp_path / "nearest.safetensors", 1)


def test_a_sketch_keeps_likeness_and_not_the_ngrams() -> None:
    counts = normalize(sparse(60, 20_000, 0.004, "csr", np.float32, random_state=0))
    near = normalize(counts[:1] + 0.3 * counts[1:2])
    found = sketch(counts)
    unit = found / np.linalg.norm(found, axis=1, keepdims=True)
    true = (counts @ counts.T).toarray()
    assert found.shape == (60, SKETCHED) and np.abs(unit @ unit.T - true).std() < 0.08
    assert (unit @ sketch(near)[0]).argmax() == 0
    assert sketch(counts[:1])[0].tolist() == found[0].tolist()  # of that text alone, whatever comes with it
