"""Text layout in terminal cells, with two per ideograph: wrapping with a hanging indent, and aligned tables."""

import re
from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len

# A piece that is not broken: a run of narrow characters or one wide one, with punctuation that may not begin a line.
_PIECE: Final = re.compile(
    r"\s+|(?:[(（“‘【《]*)(?:[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef（“‘【《]+|.)[，。；：、！？）”’】》…]*"
)


def wrapped(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """Lines of at most `width` cells; the first begins with `first`, the others with `rest`; longer pieces are cut."""
    lines, now = [], first
    empty = True  # the line holds only its indent
    for piece in _PIECE.findall(text):
        if not piece.strip():
            now += " " if not empty else ""
            continue
        if not empty and cell_len(now + piece) > width:
            lines.append(now.rstrip())
            now, empty = rest, True
        while cell_len(now + piece) > width and cell_len(now) < width:
            fits = _fitting(piece, width - cell_len(now))
            lines.append(now + piece[:fits])
            now, piece = rest, piece[fits:]
        now, empty = now + piece, False
    return [*lines, now.rstrip()] if not empty or not lines else lines


def _fitting(text: str, cells: int) -> int:
    """The number of characters of `text` that fit, at least one."""
    for n in range(1, len(text) + 1):
        if cell_len(text[:n]) > cells:
            return max(1, n - 1)
    return len(text)


def padded(text: str, cells: int, right: bool = False) -> str:
    """`text` in exactly `cells` cells; a longer one is cut and ends in an ellipsis."""
    if cell_len(text) > cells:
        text = text[: _fitting(text, cells - 1)] + "…"
    gap = " " * (cells - cell_len(text))
    return gap + text if right else text + gap


def table(rows: Sequence[Sequence[str]], width: int, indent: str = "  ") -> list[str]:
    """Rows of equal length, the heading first, as aligned lines of at most `width` cells: names left, figures right.

    Columns without figures are left out, then as many of the last columns as necessary to fit.
    """
    there = [n for n in range(len(rows[0])) if n == 0 or any(row[n] not in ("", "–") for row in rows[1:])]
    wide = {n: max(cell_len(row[n]) for row in rows) for n in there}
    while len(there) > 2 and cell_len(indent) + sum(wide[n] + 2 for n in there) - 2 > width:
        there.pop()
    return [
        indent + "  ".join(padded(row[n], wide[n], right=n > 0) for n in there).rstrip()
        for row in rows
    ]  # fmt: skip
