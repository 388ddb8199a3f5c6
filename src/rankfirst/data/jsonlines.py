"""JSON Lines, and a .json file that holds one list of objects."""

import json
from collections.abc import Sequence
from pathlib import Path

from rankfirst.data.decode import read_text
from rankfirst.data.table import Table, checked, column_names, shown
from rankfirst.errors import DataError


def read_json(path: Path) -> Table:
    """One object a line, or a list of objects.

    Raises: DataError for an empty file, no rows, a line that is no JSON, or JSON that is no object.
    """
    text, notes = read_text(path)
    rows = _list(path, text) if text.lstrip().startswith("[") else _lines(path, text)
    keys: dict[str, None] = {}
    for _, row in rows:
        keys.update(dict.fromkeys(row))
    names = column_names(path, list(keys))
    cells = {name: [row.get(key) for _, row in rows] for name, key in zip(names, keys, strict=True) if name}
    return checked(Table(path, cells, [line for line, _ in rows], notes))


def _lines(path: Path, text: str) -> list[tuple[int, dict[str, object]]]:
    rows = []
    # Not splitlines(): U+2028 and friends are legal inside a JSON string.
    for line, content in enumerate(text.split("\n"), 1):
        if content.strip():
            rows.append((line, json_object(path, line, parsed(path, content, line - 1))))
    return rows


def _list(path: Path, text: str) -> list[tuple[int, dict[str, object]]]:
    content = parsed(path, text, 0)
    items: Sequence[object] = content if isinstance(content, list) else [content]
    # The parser keeps no positions, so rows of a list are numbered instead of lines.
    return [(row, json_object(path, row, item)) for row, item in enumerate(items, 1)]


def parsed(path: Path, text: str, lines_before: int) -> object:
    """JSON. Raises: DataError with the line, counted from `lines_before`."""
    try:
        content: object = json.loads(text)
    except json.JSONDecodeError as error:
        line = lines_before + error.lineno
        raise DataError("data.bad_json", path=str(path), line=line, reason=shown(error.msg)) from error
    except (RecursionError, ValueError) as error:
        reason = shown(error) or type(error).__name__
        raise DataError("data.bad_json", path=str(path), line=lines_before + 1, reason=reason) from error
    return content


def json_object(path: Path, line: int, value: object) -> dict[str, object]:
    """The same, if it is an object. Raises: DataError."""
    if not isinstance(value, dict):
        raise DataError("data.json_not_object", path=str(path), line=line, found=shown(json.dumps(value)))
    return value
