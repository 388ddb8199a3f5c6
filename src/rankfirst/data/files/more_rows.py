"""Add rows to a dataset that already has splits, without moving any existing row to another split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from rankfirst.data.files import indicators
from rankfirst.data.files.columns import Columns, choose_columns, named_for
from rankfirst.data.files.dropped_rows import Rows, without_empty
from rankfirst.data.files.formats import read_table
from rankfirst.data.files.group_splits import Apart
from rankfirst.data.files.joined_columns import with_joined
from rankfirst.data.files.labels import Labelled, all_names, read_labels
from rankfirst.data.files.read import HELD_OUT, as_split, column_named_as_in, fingerprint_of
from rankfirst.data.files.reading import Reading
from rankfirst.data.files.table import Note, Table, note
from rankfirst.data.files.texts import text_key, texts_of
from rankfirst.data.split import hold_out, hold_out_groups
from rankfirst.errors import DataError
from rankfirst.records import Dataset, Split

SPLITS: Final = ("train", "val", "test")
_NONE: Final = Rows((), (), ())
_OUTDATED: Final = ("data.note.split_made", "data.note.single_row_classes")  # outdated once rows are added


@dataclass(frozen=True)
class Grown:
    """A dataset with added rows."""

    dataset: Dataset  # each split has the existing rows first, in their order
    new_classes: tuple[str, ...]  # names that no existing row has
    added: Mapping[str, int]  # split -> number of rows added
    left_out: int  # new rows whose text occurs in the existing validation or test rows


def with_more(
    old: Dataset,
    path: Path,
    *,
    text: str | None = None,
    label: str | None = None,
    how: Reading | None = None,
    seed: int = 0,
    encoding: str | None = None,
    group: str | None = None,
) -> Grown:
    """Add the rows of a file. Existing rows keep their splits, so held-out rows are never trained on.

    New rows are held out as in `load_dataset`, 15% for each of validation and test. A new row with the text of an
    existing training row joins the training rows; one with the text of an existing held-out row is dropped. Rows
    without a label are not annotated yet and left out, unless old rows show that having none is an answer.

    Args:
        path, text, label, encoding: as for `load_dataset`; the first file's columns are used if this file has them.
        how: as the first file was read.
        seed: decides the splits of the new rows. group: the column of the groups that splits keep apart: a row of an
            existing group joins its split, and new groups are held out whole.
    Raises: DataError if the file cannot be read, if its labels have another form, or if it contains nothing new.
    """
    table = with_joined(read_table(path, encoding), text)
    text, label = named_for(table, "train", text), named_for(table, "train", label)
    known = replace(how or Reading(), multi_label=old.multi_label, classes=old.classes)
    columns = choose_columns(table, column_named_as_in(table, text), _label(table, label))
    labelled = _labelled(table, columns, known)
    texts, more = texts_of(table, columns.text)
    (out,), read = labelled.left_out, Rows(texts, labelled.names[0], table.lines, (), _groups(table, group))
    annotated, unlabelled = _annotated(old, path, read.where([i not in out for i in range(len(read))]))
    rows, dropped = without_empty(table, annotated, old.multi_label)
    parts, left_out = _sides(old, rows, seed) if group is None else _by_group(old, rows, seed)
    if not any(len(part) for part in parts.values()):
        raise DataError("data.nothing_new", path=str(path), rows=len(table), left_out=left_out)
    before = {split: _as_rows(old, part) for split in SPLITS if (part := _of(old, split)) is not None}
    union = {split: _joined(before.get(split, _NONE), parts[split]) for split in SPLITS}
    classes = all_names([*(n for part in union.values() for n in part.names), *((name,) for name in old.classes)])
    kept = [each for each in old.notes if each[0] not in _OUTDATED]
    all_notes = [*kept, *table.notes, *labelled.notes, *more, *unlabelled, *dropped]
    if left_out:
        all_notes.append(note("data.note.more_left_out", file=path.name, rows=left_out))
    splits = {split: as_split(part, classes) for split, part in union.items()}
    grown = replace(old, classes=classes, train=splits["train"], val=splits["val"], test=splits["test"],
                    notes=tuple(all_notes), fingerprint=fingerprint_of(union))  # fmt: skip
    new = tuple(name for name in classes if name not in set(old.classes))
    return Grown(grown, new, {split: len(part) for split, part in parts.items()}, left_out)


def _annotated(old: Dataset, path: Path, rows: Rows) -> tuple[Rows, tuple[Note, ...]]:
    """The rows that were annotated: those with a label, or all of them if old rows may have none of the classes."""
    done = [bool(names) or not text for names, text in zip(rows.names, rows.texts, strict=True)]
    if all(done) or not all(old.train.labels):
        return rows, ()
    return rows.where(done), (note("data.note.more_unlabelled", file=path.name, rows=done.count(False)),)


def _label(table: Table, label: str | None) -> str | None:
    """The label columns (several joined by commas) if this file has the first of them, else None."""
    if label is None:
        return None
    first = label.split(",")[0].strip()
    return label if column_named_as_in(table, label) or column_named_as_in(table, first) else None


def _labelled(table: Table, columns: Columns, how: Reading) -> Labelled:
    """The labels as the dataset spells them. Raises: DataError if the rows have another form of label."""
    if columns.by_column and not how.multi_label and not indicators.one_each(table, columns.labels):
        raise DataError("data.more_form", path=str(table.path))
    labelled = read_labels([table], [columns], how)
    if labelled.multi_label and not how.multi_label:
        raise DataError("data.more_form", path=str(table.path))
    return labelled


def _sides(old: Dataset, rows: Rows, seed: int) -> tuple[dict[str, Rows], int]:
    """The new rows of each split, and how many have the text of an existing held-out row."""
    keys = [text_key(text) for text in rows.texts]
    trained = {text_key(text) for text in old.train.texts}
    held = {text_key(text) for split in ("val", "test") for text in getattr(_of(old, split), "texts", ())}
    twins = [key in trained and key not in held for key in keys]
    free = [key not in trained and key not in held for key in keys]
    parts = {"train": rows.where(free)}
    for split in ("test", "val"):
        parts["train"], parts[split] = _held(parts["train"], sum(free), old.multi_label, seed)
    parts["train"] = _joined(rows.where(twins), parts["train"])
    return parts, sum(key in held for key in keys)


def _groups(table: Table, group: str | None) -> Sequence[object]:
    """(n,) the group of each row; one without a group is a group of this file. () without such a column."""
    if group is None:
        return ()
    cells = Apart(group, False).cells(table, True)
    return [f"{cell}\0{table.path.name}" if str(cell).startswith("\0") else cell for cell in cells]


def _by_group(old: Dataset, rows: Rows, seed: int) -> tuple[dict[str, Rows], int]:
    """As `_sides`, with no group on two sides."""
    keys = [text_key(text) for text in rows.texts]
    splits = {name: part for name in SPLITS if (part := _of(old, name)) is not None}
    texts = {text_key(text): name for name, part in splits.items() for text in part.texts}
    texts |= {text_key(text): name for name, part in splits.items() if name != "train" for text in part.texts}
    place = {side: name for name, part in splits.items() for side in part.groups}
    wanted = [place.get(str(side), "") for side in rows.sides]
    known = [texts.get(key, "") for key in keys]
    # A text of a held-out row is never added again; nor is one of a training row to a held-out group.
    out = [has in ("val", "test") or (has == "train" and goes in ("val", "test"))
           for has, goes in zip(known, wanted, strict=True)]  # fmt: skip
    parts = {name: rows.where([goes == name and not gone for goes, gone in zip(wanted, out, strict=True)])
             for name in SPLITS}  # fmt: skip
    free = rows.where([not goes and not gone for goes, gone in zip(wanted, out, strict=True)])
    quota = round(HELD_OUT * len(free))
    for later, split in ((1, "test"), (0, "val")):
        if quota and len(set(free.sides)) > 2:
            ids = {name: i for i, name in enumerate(all_names(free.names))}
            labels = [[ids[name] for name in names] for names in free.names]
            held = hold_out_groups([str(side) for side in free.sides], labels, quota, seed, later)
            parts[split] = _joined(parts[split], free.where(held.tolist()))
            free = free.where((~held).tolist())
    parts["train"] = _joined(parts["train"], free)
    learnt = {old.classes[c] for labels in old.train.labels for c in labels}
    learnt |= {name for names in parts["train"].names for name in names}
    for split in ("val", "test"):
        kept = parts[split].where([learnt.issuperset(names) for names in parts[split].names])
        out += [True] * (len(parts[split]) - len(kept))
        parts[split] = kept
    return parts, sum(out)


def _held(rows: Rows, whole: int, multi_label: bool, seed: int) -> tuple[Rows, Rows]:
    """(remaining rows, held-out rows): a share of `whole`; nothing is held out if there are too few rows."""
    share = round(HELD_OUT * whole) / max(1, len(rows))
    if not 0 < share < 1:
        return rows, rows.where([False] * len(rows))
    ids = {name: i for i, name in enumerate(all_names(rows.names))}
    labels = [[ids[name] for name in names] for names in rows.names]
    chosen = hold_out([text_key(text) for text in rows.texts], labels, multi_label, share, seed).tolist()
    return rows.where([not flag for flag in chosen]), rows.where(chosen)


def _joined(first: Rows, second: Rows) -> Rows:
    """Concatenate, without line numbers, since these refer to two files."""
    whole = all(len(part.sides) == len(part) for part in (first, second))
    sides = [*first.sides, *second.sides] if whole else ()
    return Rows([*first.texts, *second.texts], [*first.names, *second.names], (), (), sides)


def _of(dataset: Dataset, split: str) -> Split | None:
    return {"train": dataset.train, "val": dataset.val, "test": dataset.test}[split]


def _as_rows(dataset: Dataset, split: Split) -> Rows:
    return Rows(split.texts, [tuple(dataset.classes[c] for c in row) for row in split.labels], (), (), split.groups)
