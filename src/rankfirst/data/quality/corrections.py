"""Labels that people corrected outside: read from a table or an export of an annotation tool, matched by text."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from rankfirst.data.files.argilla import argilla_votes
from rankfirst.data.files.column_names import label_rank
from rankfirst.data.files.columns import choose_columns, text_or_only_column
from rankfirst.data.files.formats import read_cells, read_table
from rankfirst.data.files.joined_columns import with_joined
from rankfirst.data.files.label_studio import task_votes
from rankfirst.data.files.labels import Labelled, Names, read_labels
from rankfirst.data.files.read import column_named_as_in
from rankfirst.data.files.reading import Reading
from rankfirst.data.files.table import Table, shown
from rankfirst.data.files.texts import clean, text_key, texts_of
from rankfirst.data.files.votes import Counts, agreed
from rankfirst.errors import DataError
from rankfirst.records.finding import Number

_SHOWN: Final = 4  # answers named if annotators disagree


@dataclass(frozen=True)
class Ignored:
    """A correction that was not applied."""

    code: str  # key of its sentence
    numbers: Mapping[str, Number | str]


@dataclass(frozen=True)
class Corrections:
    """What people say about texts of one training file."""

    labels: Mapping[str, Names] = field(default_factory=dict)  # text key -> labels as the training file spells them
    ignored: tuple[Ignored, ...] = ()


@dataclass(frozen=True)
class _Given:
    """A row of a file with corrections."""

    file: str
    line: int
    text: str
    votes: Counts


def read_corrections(
    paths: Iterable[Path],
    texts: Sequence[str],
    labelled: Labelled,
    how: Reading,
    columns: tuple[str | None, str | None] = (None, None),
    encoding: str | None = None,
) -> Corrections:
    """Read corrected rows, and match them with the training rows by their text.

    Rows without a label are not reviewed. Where a text has several answers, most annotators decide.

    Args:
        paths: tables with a text and a label column, or exports of Argilla, Label Studio or doccano.
        texts: (n,) of the training rows. labelled: their labels. how: how these were read.
        columns: text and label column of the training file, used if a table has them. encoding: of the tables.
    Raises: DataError if a file cannot be read.
    """
    names = {how.key(name): name for row in labelled.names[0] for name in row}
    there = {text_key(text) for text in texts if text}
    known = replace(how, multi_label=labelled.multi_label or None, classes=tuple(names.values()))
    given = [each for path in paths for each in _read(path, known, columns, encoding)]
    by_text: dict[str, list[_Given]] = {}
    ignored: list[Ignored] = []
    for each in given:
        key = _key(each.text, there)
        if key is None:
            ignored.append(_ignored("gone", each))
        else:
            by_text.setdefault(key, []).append(each)
    labels: dict[str, Names] = {}
    for key, several in by_text.items():
        found, why = _decided(several, names, labelled.multi_label, how)
        if why is not None:
            ignored.append(why)
        elif found:
            labels[key] = found
    return Corrections(labels, tuple(ignored))


def _key(text: str, there: set[str]) -> str | None:
    """The key of a text of the training file; lists for spreadsheets begin formulas with an apostrophe."""
    keys = [text_key(text), *([text_key(text[1:])] if text.startswith("'") else [])]
    return next((key for key in keys if key in there), None)


def _decided(
    rows: Sequence[_Given], names: Mapping[str, str], multi_label: bool, how: Reading
) -> tuple[Names, Ignored | None]:
    """(the labels that a text gets, () if there are none; why they cannot be used)."""
    counts: Counts = Counter()
    for row in rows:
        for answer, annotators in row.votes.items():
            unknown = [name for name in answer if how.key(name) not in names]
            if unknown:
                return (), _ignored("unknown", row, label=shown(unknown[0]))
            counts[tuple(dict.fromkeys(names[how.key(name)] for name in answer))] += annotators
    if not counts:
        return (), None
    best = agreed(counts)
    if best is None:
        answers = " / ".join("|".join(answer) for answer in list(counts)[:_SHOWN])
        return (), _ignored("torn", rows[0], answers=answers)
    if not multi_label and len(best) != 1:
        return (), _ignored("several", rows[0], answers="|".join(best))
    return best, None


def _ignored(code: str, row: _Given, **numbers: str) -> Ignored:
    return Ignored(f"fix.correction.{code}", {"file": row.file, "line": row.line, **numbers})


def _read(path: Path, how: Reading, columns: tuple[str | None, str | None], encoding: str | None) -> Iterable[_Given]:
    raw = read_cells(path, encoding)
    found = argilla_votes(raw) or _tasks(raw)
    if found is None:
        return _plain_rows(read_table(path, encoding), how, columns)
    fields, votes = found
    table = replace(raw, cells=fields)
    texts = _texts(table, columns[0])
    return [_Given(path.name, int(line), text, counts)
            for line, text, counts in zip(raw.lines, texts, votes, strict=True) if counts]  # fmt: skip


def _tasks(raw: Table) -> tuple[Mapping[str, Sequence[object]], list[Counts]] | None:
    """(data of Label Studio's tasks by column, answers of each with their annotators); None: another format."""
    data = raw.cells.get("data")
    if data is None or "annotations" not in raw.cells or not all(isinstance(cell, dict) for cell in data):
        return None
    votes = [task_votes(raw, cell) for cell in raw.cells["annotations"]]
    controls = list(dict.fromkeys(name for each in votes for name in each))
    if len(controls) > 1:
        raise DataError("fix.controls", path=str(raw.path), names=", ".join(map(shown, controls)))
    rows = [cell for cell in data if isinstance(cell, dict)]
    names = list(dict.fromkeys(key for row in rows for key in row))
    fields = {name: [row.get(name) for row in rows] for name in names}
    return fields, [each.get(controls[0], Counter()) if controls else Counter() for each in votes]


def _plain_rows(table: Table, how: Reading, columns: tuple[str | None, str | None]) -> list[_Given]:
    """Rows of a table with a text and a label column."""
    joined = with_joined(table, columns[0], optional=True)
    text, label = (column_named_as_in(joined, name) for name in columns)
    # By its name alone: a column that is called so may hold a single correction, and others may look more like labels.
    label = label or next((name for name in joined.columns if label_rank(name) == 0), None)
    if label is None and len(joined.columns) == 2:
        column = text_or_only_column(joined, text)
        label = next(name for name in joined.columns if name != column)
    chosen = choose_columns(joined, text, label, classes=how.classes)
    texts, _ = texts_of(joined, chosen.text)
    if not any(str(cell).strip() for name in chosen.labels for cell in joined.cells[name] if cell is not None):
        return []
    read = read_labels([joined], [chosen], how)
    out = read.left_out[0] if read.left_out else frozenset()
    rows = zip(joined.lines, texts, read.names[0], strict=True)
    return [_Given(table.path.name, int(line), text, Counter({names: 1}))
            for i, (line, text, names) in enumerate(rows) if names and i not in out]  # fmt: skip


def _texts(table: Table, text: str | None) -> list[str]:
    joined = with_joined(table, text, optional=True)
    named = column_named_as_in(joined, text)
    if named is None and "text" in joined.cells:
        named = "text"
    column = text_or_only_column(joined, named)
    return [clean(str(cell)) if cell is not None else "" for cell in joined.cells[column]]
