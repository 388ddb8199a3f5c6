"""Parse a date column, and split rows into old and new at a date."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np

from rankfirst.data.files.columns import named_column
from rankfirst.data.files.table import Table, listed, shown
from rankfirst.errors import DataError
from rankfirst.measure.scores import Ints

# Share of a file's rows. Below it the column is not a date column, or its format would be misread (assumption).
LEAST_PARSED: Final = 0.95
# Unparsed cells quoted in the error.
SHOWN_CELLS: Final = 3
# (smallest number that can only be an epoch in this unit, seconds per unit): 1e8 s is 1973, 1e11 ms is 1973, and so on.
_EPOCHS: Final = ((1e17, 1e-9), (1e14, 1e-6), (1e11, 1e-3), (1e8, 1.0))
# Range of numbers that are read as a day in the form 20240131; smaller than any epoch.
_DAYS: Final = (19_000_101, 21_001_231)

_WRITTEN: Final = re.compile(
    r"(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})\s?日?"
    r"(?:[T\s]*(\d{1,2})[:时点](\d{1,2})分?(?::?(\d{1,2})(?:[.,]\d{1,9})?秒?)?)?"
    r"\s?(Z|UTC|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)

_NUMBER: Final = re.compile(r"\d{1,25}(\.\d{1,9})?", re.ASCII)


def dates_of(table: Table, column: str) -> list[float]:
    """(n,) seconds since 1970 per row, NaN if a cell is empty or not a date.

    Raises: DataError if the column is missing or fewer than 95% of its cells are dates.
    """
    name = named_column(table, column)
    seconds_by_row = [seconds_of(cell) for cell in table.cells[name]]
    wrong = [cell for cell, seconds in zip(table.cells[name], seconds_by_row, strict=True) if seconds != seconds]
    if len(wrong) > (1 - LEAST_PARSED) * len(seconds_by_row):
        counts = {"rows": len(wrong), "total": len(seconds_by_row), "limit": f"{LEAST_PARSED:.0%}"}
        cells = listed(wrong, SHOWN_CELLS)
        raise DataError("data.not_dates", path=str(table.path), column=shown(name), found=cells, **counts)
    return seconds_by_row


def split_by_date(dates: Sequence[float]) -> tuple[Ints, Ints, float]:
    """Split rows at the median date, or at the next later date if no row is before the median.

    Args: dates: (n,) seconds since 1970; NaN rows are on neither side.
    Returns: indexes of the rows before the cut and of those from it on, and the cut in seconds; one side is empty if
        all dates are equal.
    """
    seconds = np.asarray(dates, dtype=np.float64)
    finite = seconds[~np.isnan(seconds)]
    cut = float(np.quantile(finite, 0.5, method="higher")) if len(finite) else 0.0
    later = finite[finite > cut]
    if len(later) and not (finite < cut).any():
        cut = float(later.min())
    return np.flatnonzero(seconds < cut), np.flatnonzero(seconds >= cut), cut


def day(seconds: float) -> str:
    """Format as 2024-01-31, with the time of day if there is one. UTC, as dates without a time zone are parsed."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%d}" if seconds % 86_400 == 0 else f"{moment:%Y-%m-%d %H:%M}"


def seconds_of(cell: object) -> float:
    """Seconds since 1970; NaN if the cell is not a date. A date without a time zone is taken as UTC."""
    if isinstance(cell, datetime):
        return (cell if cell.tzinfo else cell.replace(tzinfo=UTC)).timestamp()
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day, tzinfo=UTC).timestamp()
    if isinstance(cell, bool) or not isinstance(cell, (int, float, str)):
        return float("nan")
    if isinstance(cell, str):
        text = unicodedata.normalize("NFKC", cell).strip()
        return _number(float(text)) if _NUMBER.fullmatch(text) else _written(text)
    return _number(float(cell))


def _number(value: float) -> float:
    if _DAYS[0] <= value <= _DAYS[1] and value.is_integer():
        digits = f"{int(value)}"
        return _moment(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    return next((value * unit for least, unit in _EPOCHS if least <= value < 1e20), float("nan"))


def _written(text: str) -> float:
    match = _WRITTEN.fullmatch(text)
    if not match:
        return float("nan")
    *parts, zone = match.groups()
    return _moment(*(int(part or 0) for part in parts)) - _offset(zone or "Z")


def _moment(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> float:
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
    except ValueError:
        return float("nan")


def _offset(zone: str) -> float:
    """UTC offset in seconds, positive to the east."""
    if not zone[1:2].isdigit():
        return 0.0
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    return (-1 if zone[0] == "-" else 1) * (3600.0 * hours + 60.0 * minutes)
