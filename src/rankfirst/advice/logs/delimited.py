"""CSV and TSV with a header: generic files, Lightning's `metrics.csv`, a Weights & Biases export."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rankfirst.advice.logs.collect import NAMES, Row
from rankfirst.advice.logs.numbers import plain
from rankfirst.advice.logs.text import lines
from rankfirst.errors import DataError

DELIMITERS = ",\t;|"


def recognise(path: Path, head: str) -> bool:
    """Whether the first line has several columns, one of which is a known column of a training log."""
    return path.suffix.lower() in (".csv", ".tsv") or bool(_known_columns(_header(head)))


def rows(path: Path) -> Iterator[Row]:
    """Raises: DataError if no column is known, if the table is damaged, or if it holds several runs."""
    text_lines = (line for line in lines(path) if line.strip())
    header = next(text_lines, "")
    columns = next(csv.reader([header], delimiter=_delimiter(header)), [])
    if not _known_columns(columns):
        raise DataError("logs.no_columns", path=path.name, columns=len(columns))
    twice = [name for name, n in Counter(_known_columns(columns)).items() if n > 1 and name not in ("", "step")]
    if twice:
        raise DataError("logs.several_runs", path=path.name)
    try:
        yield from csv.DictReader(text_lines, columns, delimiter=_delimiter(header))
    except csv.Error:
        raise DataError("logs.bad_csv", path=path.name) from None


def _header(head: str) -> list[str]:
    first = head.lstrip().splitlines()[:1]
    try:
        return next(csv.reader(first, delimiter=_delimiter(first[0])), []) if first else []
    except csv.Error:
        return []


def _delimiter(header: str) -> str:
    return max(DELIMITERS, key=header.count)


def _known_columns(columns: list[str]) -> list[str]:
    spelled = {name for names in NAMES.values() for name in names}
    return [name for name in map(plain, columns) if name in spelled]
