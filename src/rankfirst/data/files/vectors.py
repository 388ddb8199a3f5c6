"""Lists of one length, one number per class: 0 and 1 by position; probabilities and votes are refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rankfirst.data.files.reading import Reading
from rankfirst.errors import DataError

Items = tuple[object, ...]
Numbers = tuple[float, ...]

_SUM: Final = 0.02  # how far a sum of rounded probabilities may be from 1 (assumption)
# Share of the rows. Lists of one length that repeat an item more often than this are votes, not labels (assumption).
_REPEATS: Final = 0.1


@dataclass(frozen=True)
class Vectors:
    """Rows of 0 and 1 by position."""

    names: tuple[str, ...]  # (L,) of the positions
    rows: Sequence[tuple[str, ...]]  # (n,) names of the positions that hold 1
    one_each: bool  # every row that is not empty holds exactly one 1


def read_vectors(rows: Sequence[Items], where: Mapping[str, object], how: Reading) -> Vectors | None:
    """The rows as 0/1 vectors; None if they are lists of labels.

    Args: rows: (n,) items of each row, () if it has none. where: path and column, for errors.
    Raises: DataError for probabilities, votes, vectors of several lengths, or too few or too many names.
    """
    lists = [row for row in rows if row]
    lengths = {len(row) for row in lists}
    if not lists or max(lengths) < 2:
        return None
    numbers = [_numbers(row) for row in lists]
    repeats = sum(len({str(item) for item in row}) < len(row) for row in lists)
    if any(row is None for row in numbers):
        if len(lengths) == 1 and repeats > _REPEATS * len(lists):
            raise DataError("data.votes", length=max(lengths), example=_shown(lists), **where)
        return None
    return _vectors(rows, [row for row in numbers if row is not None], repeats, where, how)


def _vectors(rows: Sequence[Items], numbers: Sequence[Numbers], repeats: int, where: Mapping[str, object],
             how: Reading) -> Vectors | None:  # fmt: skip
    lengths = {len(row) for row in numbers}
    zero_one = all(item in (0, 1) for row in numbers for item in row)
    length = max(lengths)
    if len(lengths) > 1:
        if zero_one and repeats:
            raise DataError("data.vector_lengths", least=min(lengths), most=length, **where)
        refuse_scores(numbers, where)
        return None
    if not zero_one:
        refuse_scores(numbers, where)
        if repeats > _REPEATS * len(numbers):
            raise DataError("data.votes", length=length, example=_shown(rows), **where)
        return None
    if not repeats and len({row for row in numbers}) < 2 and not how.label_names:
        return None  # [0, 1] in every row
    names = how.label_names or tuple(f"label_{i}" for i in range(length))
    if len(names) != length:
        raise DataError("data.vector_names", names=len(names), length=length, **where)
    held = iter(numbers)
    named = [tuple(name for name, item in zip(names, next(held), strict=True) if item) if row else () for row in rows]
    return Vectors(names, named, all(len(row) == 1 for row, items in zip(named, rows, strict=True) if items))


def refuse_scores(rows: Sequence[Numbers], where: Mapping[str, object]) -> None:
    """Raises: DataError if the rows hold fractions: probabilities, or scores."""
    fractions = any(item != int(item) for row in rows for item in row)
    if not fractions and not _is_shared_out(rows):
        return
    example = "[" + ", ".join(f"{item:g}" for item in rows[0][:6]) + (", …]" if len(rows[0]) > 6 else "]")
    whole = all(abs(sum(row) - 1) <= _SUM and min(row) >= 0 for row in rows)
    raise DataError("data.soft_labels" if whole else "data.score_labels", example=example, **where)


def _is_shared_out(rows: Sequence[Numbers]) -> bool:
    """Whether whole numbers of one length sum to 100 in every row, as percentages do."""
    return len(rows) > 1 and len({len(row) for row in rows}) == 1 and all(sum(row) == 100 for row in rows)


def _numbers(row: Items) -> Numbers | None:
    """The items as numbers; None if one is not."""
    found = []
    for item in row:
        if isinstance(item, str):
            try:
                item = float(item)
            except ValueError:
                return None
        if not isinstance(item, int | float) or item != item or abs(item) == float("inf"):
            return None
        found.append(float(item))
    return tuple(found)


def _shown(rows: Sequence[Items]) -> str:
    return str(list(next(row for row in rows if row))[:6])
