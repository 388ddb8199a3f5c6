"""Small files and data sets for the tests of this folder."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

from rankfirst.messages import say
from rankfirst.records import Dataset, Split

Row = Sequence[object]


def csv_file(path: Path, rows: Sequence[Row], header: Sequence[str] = ("text", "label")) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as f:
        csv.writer(f).writerows([header, *rows])
    return path


def jsonl_file(path: Path, rows: Sequence[object]) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", encoding="utf-8")
    return path


def intents(rows: int = 20, classes: Sequence[str] = ("card", "loan", "transfer")) -> list[tuple[str, str]]:
    """`rows` different texts a class, grouped by class like most files."""
    return [(f"{label} question number {i}", label) for label in classes for i in range(rows)]


def data(
    texts: Sequence[str],
    labels: Sequence[Sequence[int]],
    classes: Sequence[str] = ("a", "b"),
    multi_label: bool = False,
    val: Split | None = None,
    test: Split | None = None,
) -> Dataset:
    train = Split(tuple(texts), tuple(tuple(row) for row in labels))
    return Dataset("small", tuple(classes), multi_label, train, val or Split((), ()), test)


def split(*rows: tuple[str, Sequence[int]]) -> Split:
    return Split(tuple(text for text, _ in rows), tuple(tuple(labels) for _, labels in rows))


def note_codes(dataset: Dataset) -> list[str]:
    """Codes of the notes, after making sure both sentences can be said in one line."""
    for code, values in dataset.notes:
        for lang in ("en", "zh"):
            assert "\n" not in say(code, lang, **dict(values))
    return [code for code, _ in dataset.notes]


def note_values(dataset: Dataset, code: str) -> dict[str, str]:
    return next(dict(values) for found, values in dataset.notes if found == code)
