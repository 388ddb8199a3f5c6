"""The table of training results in a model card (README.md) that transformers' Trainer writes."""

from collections.abc import Iterator
from pathlib import Path

from rankfirst.advice.logs.collect import Row
from rankfirst.advice.logs.numbers import plain
from rankfirst.advice.logs.text import lines
from rankfirst.errors import DataError

LOSSES = ("training_loss", "validation_loss")


def recognise(path: Path, head: str) -> bool:
    """Whether the text has a table with a column for a loss."""
    return path.suffix.lower() == ".md" or any(_is_header(line) for line in head.splitlines())


def _is_header(line: str) -> bool:
    return line.lstrip().startswith("|") and any(plain(cell) in LOSSES for cell in line.split("|"))


def rows(path: Path) -> Iterator[Row]:
    """One row per evaluation. Raises: DataError if there is no such table.

    The card repeats the last logged training loss at every evaluation, so a value that stays the same was not logged.
    """
    columns: list[str] = []
    before = ""
    for line in lines(path):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not columns:
            columns = [plain(cell) for cell in cells] if _is_header(line) else []
        elif not line.lstrip().startswith("|"):
            return
        elif not set(line) <= set("|:- \n"):
            row = dict(zip(columns, cells, strict=False))
            if row.get("training_loss") == before:
                row.pop("training_loss", None)
            before = row.get("training_loss", before)
            yield row
    if not columns:
        raise DataError("logs.no_table", path=path.name)
