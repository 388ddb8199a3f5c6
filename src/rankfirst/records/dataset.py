"""Rows as every room sees them, whatever file they came from."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Split:
    """Texts with their labels; single-label rows have exactly one."""

    texts: tuple[str, ...]  # (n,)
    labels: tuple[tuple[int, ...], ...]  # (n,) sorted class indexes; may be empty in multi-label data
    lines: Sequence[int] = ()  # (n,) line of the row in `file`, from 1; empty for rows made in memory
    file: str = ""  # the file the rows were read from: splits held out of one file share it
    dates: Sequence[float] = ()  # (n,) seconds since 1970, NaN where unknown; empty when no date column was named

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Dataset:
    """Train, validation and test rows over one list of classes."""

    name: str
    classes: tuple[str, ...]  # (C,) sorted
    multi_label: bool
    train: Split
    val: Split
    test: Split | None
    notes: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()  # (code in words.data, its numbers as text)
    fingerprint: str = ""  # sha256 over every text and label of every split
    outside: tuple[str, ...] = ()  # texts of no class, that choices may be made on
    outside_test: tuple[str, ...] = ()  # texts of no class, looked at once, with the test rows
