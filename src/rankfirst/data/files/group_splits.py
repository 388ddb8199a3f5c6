"""Make the splits by group (no group on two sides) or by time (training rows before the others)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from rankfirst.data.files.columns import has_column, named_column
from rankfirst.data.files.dates import dates_of, day
from rankfirst.data.files.dropped_rows import Rows
from rankfirst.data.files.labels import all_names
from rankfirst.data.files.table import Note, Table, listed, note, shown
from rankfirst.data.files.texts import number_text, text_key
from rankfirst.data.split import hold_out_groups
from rankfirst.errors import DataError, OptionError

_SHOWN: Final = 3  # groups named in an error


@dataclass(frozen=True)
class Apart:
    """The column that keeps the sides apart."""

    column: str
    by_time: bool

    @classmethod
    def of(cls, group: str | None, time: str | None) -> "Apart | None":
        """None if neither is given. Raises: OptionError if both are."""
        if group is not None and time is not None:
            raise OptionError("option.group_and_time")
        column = group if group is not None else time
        return None if column is None else cls(column, time is not None)

    def cells(self, table: Table, first: bool) -> Sequence[object]:
        """(n,) the group, or seconds since 1970, of each row; () if another file than the first lacks the column.

        Raises: DataError if the first one does, or if the column holds no dates.
        """
        if not first and not has_column(table, self.column):
            return ()
        if self.by_time:
            return dates_of(table, self.column)
        cells = table.cells[named_column(table, self.column)]
        names = [number_text(cell) if isinstance(cell, int | float) else str(cell or "") for cell in cells]
        # A row without a group is one of its own.
        return [text_key(name) or f"\0{line}" for name, line in zip(names, table.lines, strict=True)]

    def splits(
        self, tables: Mapping[str, Table], rows: Mapping[str, Rows], multi_label: bool, share: float, seed: int
    ) -> tuple[dict[str, Rows], list[Note]]:
        """Complete the three splits by this column, and leave out held-out rows whose label no training row has.

        Args: rows: at least "train". share: of all rows, for each split that is made.
        Raises: DataError if a group is in two of the given files, or if there are too few groups or dates.
        """
        missing = [split for split in ("test", "val") if split not in rows]
        if self.by_time:
            made, notes = self._by_time(tables, rows, missing, share)
        else:
            made, notes = self._by_group(tables, rows, missing, multi_label, share, seed)
        return _learnable(made, notes, tables, multi_label)

    def _by_group(
        self, tables: Mapping[str, Table], rows: Mapping[str, Rows], missing: Sequence[str], multi_label: bool,
        share: float, seed: int,
    ) -> tuple[dict[str, Rows], list[Note]]:  # fmt: skip
        self._check_given(tables, rows)
        made, path = dict(rows), str(tables["train"].path)
        groups = len(set(rows["train"].sides))
        if groups <= len(missing):
            raise DataError("data.too_few_groups", path=path, column=shown(self.column), groups=groups)
        quota = round(share * len(rows["train"]))
        for later, split in zip(range(len(missing) - 1, -1, -1), missing, strict=True):
            train = made["train"]
            ids = {name: i for i, name in enumerate(all_names(train.names))}
            labels = [[ids[name] for name in names] for names in train.names]
            held = hold_out_groups([str(side) for side in train.sides], labels, quota, seed, later)
            if not held.any():  # every group holds all rows of a class
                raise DataError("data.too_few_groups", path=path, column=shown(self.column), groups=groups)
            made[split], made["train"] = train.where(held.tolist()), train.where((~held).tolist())
        if not missing:
            return made, []
        numbers = {"made": _made(missing), "column": shown(self.column), "groups": groups, **_sizes(made)}
        return made, [note("data.note.split_by_group", **numbers)]

    def _check_given(self, tables: Mapping[str, Table], rows: Mapping[str, Rows]) -> None:
        """Raises: DataError if a group is in two of the given files."""
        given = [split for split in rows if len(rows[split].sides)]
        for i, one in enumerate(given):
            for other in given[i + 1 :]:
                shared = set(rows[one].sides) & set(rows[other].sides)
                if shared:
                    names = listed(sorted(map(str, shared)), _SHOWN)
                    files = {"path": str(tables[one].path), "other": str(tables[other].path)}
                    raise DataError("data.shared_groups", column=shown(self.column), groups=len(shared), names=names,
                                    flag=f"--{other}", **files)  # fmt: skip

    def _by_time(
        self, tables: Mapping[str, Table], rows: Mapping[str, Rows], missing: Sequence[str], share: float
    ) -> tuple[dict[str, Rows], list[Note]]:
        made, notes, path = dict(rows), [], str(tables["train"].path)
        train = rows["train"]
        known = [bool(when == when) for when in train.sides]
        if missing and not all(known):
            made["train"] = train = train.where(known)
            notes.append(note("data.note.undated", file=tables["train"].path.name, column=shown(self.column),
                              rows=known.count(False)))  # fmt: skip
        quota, cuts = max(1, round(share * len(train))), {}
        for later, split in zip(range(len(missing) - 1, -1, -1), missing, strict=True):
            train = made["train"]
            when = np.array(train.sides, dtype=np.float64)
            cut = _cut(when, quota, 1 + later)
            if cut is None:
                dates = len(set(rows["train"].sides))
                raise DataError("data.too_few_dates", path=path, column=shown(self.column), dates=dates)
            cuts[split] = cut
            made[split], made["train"] = train.where((when >= cut).tolist()), train.where((when < cut).tolist())
        last = np.nanmax(np.array(made["train"].sides, dtype=np.float64), initial=-np.inf)
        for split in [split for split in rows if split != "train" and len(rows[split].sides)]:
            early = int((np.array(rows[split].sides, dtype=np.float64) < last).sum())
            if early:
                numbers = {"split": split, "column": shown(self.column), "rows": early, "last": day(float(last))}
                notes.append(note("data.note.early_rows", total=len(rows[split]), **numbers))
        if cuts:
            numbers = {"made": _made(missing), "column": shown(self.column), **_sizes(made)}
            code = "data.note.split_by_time" if len(cuts) > 1 else "data.note.split_by_time_once"
            ends = {"first": day(min(cuts.values())), "second": day(max(cuts.values()))}
            notes.append(note(code, **numbers, **ends))
        return made, notes


def _cut(when: np.ndarray, quota: int, least: int) -> float | None:
    """The date from which on about `quota` rows are held out, `least` distinct dates before it; None: impossible."""
    dates, counts = np.unique(when, return_counts=True)
    after = counts[::-1].cumsum()[::-1]  # rows from each date on
    if len(dates) <= least:
        return None
    return float(dates[least:][np.abs(after[least:] - quota).argmin()])


def _learnable(
    rows: dict[str, Rows], notes: list[Note], tables: Mapping[str, Table], multi_label: bool
) -> tuple[dict[str, Rows], list[Note]]:
    """Without the labels that no training row has; rows keep their other labels if they have several.

    Raises: DataError if a split is left without rows.
    """
    known = {name for names in rows["train"].names for name in names}
    for split in ("val", "test"):
        if split not in rows or split in tables:  # what the user gave is checked with the labels
            continue
        part = rows[split]
        foreign = [not known.issuperset(names) for names in part.names]
        if any(foreign):
            unknown = sorted({name for names in part.names for name in names} - known)
            numbers = {"split": split, "rows": sum(foreign), "labels": listed(unknown)}
            if multi_label:
                kept = [tuple(name for name in names if name in known) for names in part.names]
                part = replace(part, names=kept)
            else:
                part = part.where([not flag for flag in foreign])
            notes.append(note("data.note.new_labels", **numbers))
        if not len(part):
            raise DataError("data.only_new_labels", path=str(tables["train"].path), split=split)
        rows[split] = part
    return rows, notes


def _made(missing: Sequence[str]) -> str:
    return " + ".join(sorted(missing, reverse=True))


def _sizes(rows: Mapping[str, Rows]) -> dict[str, int]:
    return {split: len(part) for split, part in rows.items()}
