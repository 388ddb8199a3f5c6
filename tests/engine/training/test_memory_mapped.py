"""States of very many rows lie in a file without a name; those of few in memory, as they always did."""

import errno
from pathlib import Path

import numpy as np
import pytest

from rankfirst.engine.base import Source
from rankfirst.engine.training import memory_mapped
from tests.engine import tiny


def test_few_rows_stay_in_memory_and_in_full_precision(tmp_path: Path):
    made = memory_mapped.zeros(("mean", "cls"), 10, 4, tmp_path)
    assert set(made) == {"mean", "cls"}
    assert all(a.dtype == np.float32 and not isinstance(a, np.memmap) for a in made.values())


def test_a_file_has_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory_mapped, "MEMORY_MEGABYTES", 0.0)
    made = memory_mapped.zeros(("mean",), 10, 4, tmp_path / "new")["mean"]
    assert isinstance(made, np.memmap)
    assert list((tmp_path / "new").iterdir()) == []
    memory_mapped.put(made, [3, 1], np.array([[1, 2, 3, 1e9], [4, 5, 6, -1e9]], dtype=np.float32))
    assert made[3].tolist() == [1, 2, 3, memory_mapped.HALF_MOST]
    assert made[1].tolist() == [4, 5, 6, -memory_mapped.HALF_MOST]
    assert not made[0].any()


def test_a_full_disk_means_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*a: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(memory_mapped, "MEMORY_MEGABYTES", 0.0)
    monkeypatch.setattr(memory_mapped, "_mapped", full)
    assert memory_mapped.zeros(("mean",), 10, 4, tmp_path)["mean"].dtype == np.float32


def test_an_engine_reads_the_same_into_a_file(bert: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    engine = tiny.engine(bert, tmp_path / "work")
    plain = engine.features("train")
    monkeypatch.setattr(memory_mapped, "MEMORY_MEGABYTES", 0.0)
    for name, array in engine.features("train").items():
        assert array.dtype == np.float16
        assert np.abs(array - plain[name]).max() < 2e-3 * np.abs(plain[name]).max()
