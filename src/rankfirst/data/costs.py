"""Read the costs of answers, from a file or a mapping, as cells of class indexes."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from rankfirst.data.files.columns import named_column
from rankfirst.data.files.formats import chunks
from rankfirst.data.files.table import Table, listed, shown
from rankfirst.data.files.texts import clean
from rankfirst.errors import DataError
from rankfirst.records import Costs

MOST_ROWS: Final = 1_000_000  # enough for the cells of a thousand classes
LONG: Final = ("true", "predicted", "cost")
Named = tuple[str, str, float | str, int]  # (true class, predicted class, cost, line)


def read_costs(source: Path | str | Mapping[tuple[str, str], float], classes: Sequence[str],
               abstain: float | None = None) -> Costs:  # fmt: skip
    """Read costs from a file or from a mapping (true, predicted) -> cost.

    A file has the columns true, predicted, cost; or it is a matrix: a column of true classes, then one column per
    predicted class. Pairs that are not listed cost 0 if the answer is right and 1 if it is wrong.

    Args: classes: (C,) names. abstain: the cost of abstaining on a row.
    Raises: DataError for an unknown class, a repeated pair, a cost that is not a number >= 0, or if no wrong answer
        has a cost.
    """
    path = "costs" if isinstance(source, Mapping) else str(source)
    cells = _of_mapping(source) if isinstance(source, Mapping) else _of_table(_whole(Path(source)))
    place = {name: i for i, name in enumerate(classes)}
    costs: dict[tuple[int, int], float] = {}
    for true, predicted, cost, line in cells:
        unknown = next((name for name in (true, predicted) if name not in place), None)
        if unknown is not None:
            raise DataError("costs.unknown", path=path, line=line, label=shown(unknown), known=listed(classes))
        pair = place[true], place[predicted]
        if pair in costs:
            raise DataError("costs.twice", path=path, line=line, true=shown(true), predicted=shown(predicted))
        costs[pair] = _number(path, line, cost)
    wrong = len(classes) * (len(classes) - 1)
    if sum(a != b and cost == 0 for (a, b), cost in costs.items()) == wrong:
        raise DataError("costs.nothing", path=path)
    return Costs(tuple((a, b, cost) for (a, b), cost in sorted(costs.items()) if cost != float(a != b)), abstain)


def costs_of(source: Path | str | Mapping[tuple[str, str], float] | None, classes: Sequence[str],
             abstain: float | None) -> Costs | None:  # fmt: skip
    """As `read_costs`; None if the user gave neither costs nor a cost of abstaining."""
    return None if source is None and abstain is None else read_costs(source or {}, classes, abstain)


def _of_mapping(costs: Mapping[tuple[str, str], float]) -> Iterable[Named]:
    for row, (pair, cost) in enumerate(costs.items(), 1):
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise DataError("costs.no_pair", path="costs", found=shown(pair))
        yield clean(str(pair[0])), clean(str(pair[1])), cost, row


def _whole(path: Path) -> Table:
    """Read the file including an unnamed column, which a matrix may start with."""
    chunk = next(chunks(path, MOST_ROWS))
    if chunk.bad:
        raise chunk.bad[0][1]
    return chunk.table


def _of_table(table: Table) -> Iterable[Named]:
    spelled = {name.casefold() for name in table.columns}
    if spelled >= set(LONG):
        columns = [table.cells[named_column(table, name)] for name in LONG]
        for line, true, predicted, cost in zip(table.lines, *columns, strict=True):
            yield clean(str(true)), clean(str(predicted)), str(cost), line
        return
    own, *others = table.columns
    rows = list(zip(table.lines, table.cells[own], strict=True))
    if len(others) < 2:
        raise DataError("costs.shape", path=str(table.path), columns=listed(table.columns))
    for name in others:
        for (line, true), cost in zip(rows, table.cells[name], strict=True):
            if str(cost).strip():  # an empty cell is a cost that is not listed
                yield clean(str(true)), clean(name), str(cost), line


def _number(path: str, line: int, cost: float | str) -> float:
    try:
        value = float(cost)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise DataError("costs.bad", path=path, line=line, found=shown(cost))
    return value
