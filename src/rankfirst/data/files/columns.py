"""Find the text column and the label column or columns, and say which were guessed and why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from rankfirst.data.files import indicators
from rankfirst.data.files.column_names import LABEL_NAMES, TEXT_NAMES, Ranks, is_plural, label_rank, text_rank
from rankfirst.data.files.table import Note, Table, listed, note, shown
from rankfirst.errors import DataError

SPLITS: Final = ("train", "val", "test")
_SOME: Final = 100  # rows that suggest which column to name
Rank = Callable[[str], int | None]


@dataclass(frozen=True)
class Columns:
    """The text column and the label columns; several label columns hold one label each, as 0 or 1."""

    text: str
    labels: tuple[str, ...]
    notes: tuple[Note, ...] = ()  # which were guessed, and why

    @property
    def by_column(self) -> bool:
        """Whether there is one column per label."""
        return len(self.labels) > 1

    @property
    def plural(self) -> bool:
        """Whether the label column's name implies several labels per row."""
        return not self.by_column and is_plural(self.labels[0])


def choose_columns(
    table: Table, text: str | None = None, label: str | None = None, split: str = "train", classes: Sequence[str] = ()
) -> Columns:
    """The named columns, or else those whose names or cells say so, if no other is about as likely.

    Args:
        text, label: names, or `train=NAME,val=NAME`, of which that of `split` counts.
        classes: of the rows that these join; 0/1 columns of these names are the labels.
    Raises: DataError that lists the table's columns, if a column is missing, if both are the same, or if it is not
        clear which column is meant.
    """
    text, label = named_for(table, split, text), named_for(table, split, label)
    labels = () if label is None else _named_labels(table, label)
    text_column, notes = _text(table, text, labels)
    if not labels:
        labels, more = _labels(table, text_column, classes)
        notes += more
    if text_column in labels:
        raise DataError("data.same_column", path=str(table.path), column=shown(text_column))
    return Columns(text_column, labels, notes)


def same_columns(table: Table, split: str, first: Columns, text: str | None, label: str | None) -> Columns:
    """The columns of another file: those of the training file, or else its own, with a note. Raises: DataError."""
    text, label = named_for(table, split, text, strict=True), named_for(table, split, label, strict=True)
    labels: tuple[str, ...]
    notes: tuple[Note, ...] = ()
    if label is not None:
        labels = _named_labels(table, label)
    elif all(has_column(table, name) for name in first.labels) or first.by_column:
        labels = tuple(named_column(table, name) for name in first.labels)
    else:
        labels, notes = _other(table, first.labels[0], "label", label_rank)
    if text is not None or has_column(table, first.text):
        return Columns(named_column(table, text or first.text), labels, notes)
    (column,), more = _other(table, first.text, "text", text_rank, labels)
    return Columns(column, labels, notes + more)


def text_column_of(table: Table, text: str | None = None) -> str:
    """The text column. Raises: DataError that lists the table's columns, if there is none."""
    return _text(table, named_for(table, "test", text), ())[0]


def text_or_only_column(table: Table, text: str | None) -> str:
    """The same, or the only column of a table that has one. Raises: DataError."""
    return table.columns[0] if text is None and len(table.columns) == 1 else text_column_of(table, text)


def has_column(table: Table, name: str) -> bool:
    """Whether `named_column` would find the column."""
    return name in table.cells or _folded(table, name) is not None


def named_column(table: Table, name: str) -> str:
    """The column called `name`, ignoring case. Raises: DataError if there is none."""
    column = name if name in table.cells else _folded(table, name)
    if column is None:
        raise DataError("data.no_such_column", path=str(table.path), column=shown(name), columns=listed(table.columns))
    return column


def named_for(table: Table, split: str, value: str | None, strict: bool = False) -> str | None:
    """The name that `train=a,val=b` gives for a split, else `value` itself; strict: None unless it is so written."""
    parts = [part.partition("=") for part in (value or "").split(",")]
    by_split = {key.strip(): name.strip() for key, _, name in parts}
    if value and value not in table.cells and by_split.keys() <= set(SPLITS) and all(by_split.values()):
        return by_split.get(split) or (None if strict else by_split.get("train"))
    return None if strict else value


def _text(table: Table, text: str | None, labels: Sequence[str]) -> tuple[str, tuple[Note, ...]]:
    if text is not None:
        return named_column(table, text), ()
    best, rivals, others = _ranked(table, text_rank, labels, constant=True)
    if best is None:
        raise _without(table, "text", TEXT_NAMES, labels)
    if rivals:
        raise DataError("data.ask.texts", path=str(table.path), columns=listed([best, *rivals]), first=shown(best))
    return best, _said(table, "text", best, others, text_rank(best) == 0)


def _labels(table: Table, text: str, classes: Sequence[str]) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    known = indicators.named(table, text, classes)
    if known:
        return known, ()
    best, rivals, others = _ranked(table, label_rank, [text])
    if best is None or (label_rank(best) == 2 and indicators.is_zero_one(table.cells[best])):
        found, notes = indicators.guessed(table, text)  # `y` and `type` may be two classes of several
        if best is not None and not found:
            return (best,), _said(table, "label", best, others, False)
        if not found:
            raise _without(table, "label", LABEL_NAMES, [text])
        return found, notes
    apart = [name for name in rivals if not _same_classes(table, best, name)]
    if apart:
        raise DataError("data.ask.labels", path=str(table.path), columns=listed([best, *apart]), first=shown(best))
    best = max([best, *rivals], key=lambda name: (_in_words(table.cells[name]), name == best))
    others = tuple(name for name in (*rivals, *others) if name != best)
    return (best,), _said(table, "label", best, others, label_rank(best) == 0)


def _ranked(table: Table, rank: Rank, without: Sequence[str], constant: bool = False
            ) -> tuple[str | None, list[str], tuple[str, ...]]:  # fmt: skip
    """(the column with the surest name, others as sure, others less sure). constant: also those of a single value."""
    ranks = {name: rank(name) for name in table.columns if name not in without}
    known = {name: found for name, found in ranks.items() if found is not None}
    varied = {name: found for name, found in known.items() if constant or _varies(table.cells[name])} or known
    if not varied:
        return None, [], ()
    surest = min(varied.values())
    first, *rivals = [name for name, found in varied.items() if found == surest]
    return first, rivals, tuple(name for name, found in varied.items() if found > surest)


def _said(table: Table, what: str, column: str, others: Sequence[str], sure: bool) -> tuple[Note, ...]:
    """What was guessed; nothing if the column is simply called text or label and no other could be meant."""
    if sure and not others:
        return ()
    values = {"file": table.path.name, "column": shown(column)}
    if others:
        return (note(f"data.note.{what}_column_over", others=listed(others), **values),)
    return (note(f"data.note.{what}_column", **values),)


def _other(table: Table, missing: str, what: str, rank: Rank, without: Sequence[str] = ()
           ) -> tuple[tuple[str, ...], tuple[Note, ...]]:  # fmt: skip
    """The column of a file that lacks the training file's. Raises: DataError if it is not clear which one it is."""
    best, rivals, _ = _ranked(table, rank, without)
    if best is None or rivals:
        raise DataError(f"data.other_{what}_column", path=str(table.path), column=shown(missing),
                        columns=listed(table.columns))  # fmt: skip
    remark = note(f"data.note.other_{what}_column", file=table.path.name, column=shown(best), missing=shown(missing))
    return (best,), (remark,)


def _without(table: Table, what: str, names: Ranks, without: Sequence[str]) -> DataError:
    """The error for a table without a text or label column: it may have no header at all."""
    values = {"path": str(table.path), "columns": listed(table.columns)}
    if any(isinstance(cell, str) and cell == name for name, cells in table.cells.items() for cell in cells):
        return DataError("data.no_header", path=str(table.path), first=listed(table.columns, 3))
    usual = ", ".join(name for rank in names[:2] for name in rank[:4])
    rest = [name for name in table.columns if name not in without] or list(table.columns)
    likely = [name for name in rest if indicators.looks_like_label(table.cells[name])]
    longest = max(rest, key=lambda name: sum(len(str(cell)) for cell in table.cells[name][:_SOME]))
    first = longest if what == "text" else (likely or rest)[0]
    return DataError(f"data.no_{what}_column", known=usual, first=shown(first), **values)


def _named_labels(table: Table, label: str) -> tuple[str, ...]:
    """One column, or several 0/1 columns joined by commas. Raises: DataError if one is missing or not 0/1."""
    if label in table.cells or "," not in label:
        return (named_column(table, label),)
    columns = tuple(named_column(table, name.strip()) for name in label.split(","))
    for name in columns:
        if not indicators.is_zero_one(table.cells[name]):
            raise DataError("data.not_label_columns", path=str(table.path), column=shown(name))
    return columns


def _varies(cells: Sequence[object]) -> bool:
    """Whether two cells differ; a column of one value or of none is neither the text nor the label."""
    present = (str(cell) for cell in cells if not indicators.is_blank(cell))
    first = next(present, None)
    return any(cell != first for cell in present)


def _same_classes(table: Table, one: str, other: str) -> bool:
    """Whether two columns hold the same classes under two names, such as ids and words."""
    pairs = {(str(a), str(b)) for a, b in zip(table.cells[one], table.cells[other], strict=True)}
    return len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def _in_words(cells: Sequence[object]) -> bool:
    return any(isinstance(cell, str) and not cell.strip().lstrip("-").replace(".", "", 1).isdigit() for cell in cells)


def _folded(table: Table, name: str) -> str | None:
    return next((column for column in table.columns if column.casefold() == name.casefold()), None)
