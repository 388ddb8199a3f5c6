"""Rows as every room sees them, whatever their file format."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

# Between the columns of a text that was joined from several; a base reads it as its own separator. It is no letter, so
# checks of language and script do not see it.
JOINT: Final = "␞"

IN_MEMORY: Final = "memory"  # `Split.file` of rows that were passed from Python; their lines are positions from 1


@dataclass(frozen=True)
class Split:
    """Texts with their labels; a single-label row has exactly one."""

    texts: tuple[str, ...]  # (n,)
    labels: tuple[tuple[int, ...], ...]  # (n,) sorted class indexes; may be empty in multi-label data
    lines: Sequence[int] = ()  # (n,) line of the row in `file`, from 1; empty if the rows did not come from a file
    file: str = ""  # file the rows were read from; splits held out from one file share it
    dates: Sequence[float] = ()  # (n,) seconds since 1970, NaN if unknown; empty without a date column
    groups: Sequence[str] = ()  # (n,) keys of the groups that the splits keep apart; empty if they keep none apart

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Dataset:
    """Train, validation and test rows over one list of classes."""

    name: str
    classes: tuple[str, ...]  # (C,) sorted
    multi_label: bool
    train: Split = field(repr=False)
    val: Split = field(repr=False)
    test: Split | None = field(repr=False)
    notes: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()  # (code in messages.data, its numbers as text)
    fingerprint: str = ""  # sha256 over every text and label of every split
    outside: tuple[str, ...] = field(default=(), repr=False)  # out-of-scope texts that choices may be based on
    outside_test: tuple[str, ...] = field(default=(), repr=False)  # the same for evaluation only, like the test rows
    text: str = ""  # the text column, or several joined by commas; empty if the rows came from memory
