"""What a training prints: dictionaries of the Trainer among progress bars, or lines such as `Epoch 2, val loss: 0.41`.

The Trainer prints no step, but the progress bar that is redrawn after a dictionary counts it; without one, epochs are
left.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rankfirst.advice.logs.collect import Row
from rankfirst.advice.logs.numbers import plain
from rankfirst.advice.logs.text import lines
from rankfirst.errors import DataError

LONGEST: Final = 20_000  # characters of a line that are searched
LEAST_LINES: Final = 2  # lines of `name: value` with a loss before a text counts as a log

_DICTIONARY = re.compile(r"\{[^{}]*\}")
_PAIR = re.compile(r"""['"]([^'"{}]{1,80})['"]\s*:\s*(?:np\.\w+\()?['"]?((?:tensor\()?[-+]?[.\w][-+./\w]*)""")
_BAR = re.compile(r"(\d+)/(\d+) \[\d")
_NAMED = re.compile(r"([A-Za-z][A-Za-z_ /\-]{0,40}?)\s*[:=]\s*([-+]?(?:\d[\d.]*(?:[eE][-+]?\d+)?|nan|inf))(?![\w.])")
_EPOCH = re.compile(r"\bepoch\s*[:=\[#]?\s*(\d+(?:\.\d+)?)(?:\s*/\s*\d+)?", re.IGNORECASE)
_METRIC = re.compile(r"loss|accuracy|_acc\b|\bacc\b|f1", re.IGNORECASE)
_LOSS = re.compile(r"loss\s*[:=]\s*[-+]?(?:\d|nan|inf)", re.IGNORECASE)
_PRINTED = re.compile(r"\{'[^{}]*(?:loss|eval_)[^{}]*\}")


def recognise(path: Path, head: str) -> bool:
    """Whether the text prints dictionaries with a loss, or several lines that name one; much else may come first."""
    if _PRINTED.search(head):
        return True
    if head.startswith(("{", "[")) or path.suffix.lower() in (".csv", ".tsv", ".json", ".jsonl"):
        return False
    return len(_LOSS.findall(head)) >= LEAST_LINES or path.suffix.lower() in (".log", ".out")


def rows(path: Path) -> Iterator[Row]:
    """One row per dictionary or line with a metric. Raises: DataError if there is none."""
    found = 0
    for row in _counted(_printed(path)):
        found += 1
        yield row
    if not found:
        raise DataError("logs.no_printed", path=path.name)


def _printed(path: Path) -> Iterator[tuple[int, int] | dict[str, object]]:
    """Progress (step, total) and rows, in the order of the text."""
    epoch: str | None = None
    named = True  # until a dictionary is printed: text beside those repeats them
    for line in lines(path):
        text = line[:LONGEST]
        yield from ((int(at), int(total)) for at, total in _BAR.findall(text)[-1:])
        dictionaries = [dict(_PAIR.findall(part)) for part in _DICTIONARY.findall(text)]
        for pairs in dictionaries:
            if any(_METRIC.search(key) for key in pairs):
                named = False
                yield dict(pairs)
        if not named or dictionaries:
            continue
        if epochs := _EPOCH.search(text):
            epoch = epochs.group(1)
        row: dict[str, object] = {} if epoch is None else {"epoch": epoch}
        row |= {plain(key): value for key, value in _NAMED.findall(text)}
        if any(_METRIC.search(key) for key in row):
            yield row


def _counted(printed: Iterator[tuple[int, int] | dict[str, object]]) -> Iterator[Row]:
    """The rows, each with the step of the training's bar that is drawn after it; bars of an evaluation count batches.

    The training's bar is the first one that follows a row; its steps must grow, otherwise they are not used.
    """
    waiting: list[dict[str, object]] = []
    total, last = 0, 0
    for item in printed:
        if isinstance(item, dict):
            waiting.append(item)
            continue
        at, of = item
        if not waiting or (total and of != total):
            continue
        total = of
        if at < last:
            continue
        yield from _between(waiting, last, at, total)
        last = at
        waiting.clear()
    yield from (row | {"global_step": last, "total_steps": total} if total else row for row in waiting)


def _between(rows: list[dict[str, object]], last: int, at: int, total: int) -> Iterator[Row]:
    """Rows that were printed between the steps `last` and `at`, losses at equal distances, evaluations at theirs."""
    losses = sum("loss" in row for row in rows)
    done, step = 0, last if losses else at
    for row in rows:
        if "loss" in row:
            done += 1
            step = last + round((at - last) * done / losses)
        yield row | {"global_step": step, "total_steps": total}
