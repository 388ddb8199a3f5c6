"""Cached states: packed, kept on disk when large, found again, never another's."""

from pathlib import Path

import pytest
import torch

from rankfirst.engine.base import Source
from rankfirst.engine.training import frozen_states
from rankfirst.engine.training.frozen_states import StateCache, StateStore
from tests.engine import tiny

IDS = [[1, 2, 3], [4], [5, 6]]


def cache(folder: Path, weights: str = "w") -> StateCache:
    return StateCache(folder / "states", weights, hidden=2)


def test_rows_come_back_padded_by_their_last_token() -> None:
    store = StateStore([3, 1], 2, torch.float32)
    put = torch.arange(12.0).view(2, 3, 2)
    store.put([0, 1], put)
    got = store.get([1, 0], 3, torch.device("cpu"))
    assert torch.equal(got[1], put[0]) and torch.equal(got[0], put[1, :1].expand(3, 2))
    assert store.missing([0, 1]) == []


def test_a_large_store_is_a_file_that_the_next_process_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frozen_states, "MEMORY_MEGABYTES", 0.0)
    first = cache(tmp_path).store("train", 1, IDS)
    first.put([0, 2], torch.ones(2, 3, 2))
    del first
    again = cache(tmp_path).store("train", 1, IDS)
    assert not again.in_memory and again.missing(range(3)) == [1]
    assert torch.equal(again.get([2], 2, torch.device("cpu")), torch.ones(1, 2, 2))
    assert cache(tmp_path, "other weights").store("train", 1, IDS).missing([0]) == [0]
    assert cache(tmp_path).store("train", 2, IDS).missing([0]) == [0]
    assert cache(tmp_path).store("train", 1, [[1, 2, 9], *IDS[1:]]).missing([0]) == [0]


def test_clear_leaves_nothing_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frozen_states, "MEMORY_MEGABYTES", 0.0)
    made = cache(tmp_path)
    made.store("train", 1, IDS)
    made.clear()
    assert not (tmp_path / "states").exists()


def test_the_oldest_in_memory_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = cache(tmp_path)
    need = made.megabytes(6)
    monkeypatch.setattr(frozen_states, "MEMORY_MEGABYTES", 2.5 * need)
    for depth in (1, 2, 3):
        made.store("train", depth, IDS)
    assert set(made.stores) == {("train", 2), ("train", 3)}


def test_what_fits_nowhere_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frozen_states, "MEMORY_MEGABYTES", 0.0)
    monkeypatch.setattr(frozen_states, "DISK_MEGABYTES", 0.0)
    assert not cache(tmp_path).room(6)


def test_a_probe_over_a_file_is_a_probe_over_memory(
    bert: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = tiny.engine(bert, tmp_path / "a").probe(tiny.recipe(), 1)
    monkeypatch.setattr(frozen_states, "MEMORY_MEGABYTES", 0.0)
    engine = tiny.engine(bert, tmp_path / "b")
    assert engine.probe(tiny.recipe(), 1).train_loss == plain.train_loss
    assert list((tmp_path / "b").rglob("*.states"))
    engine.close()
    assert not list((tmp_path / "b").rglob("*.states"))
