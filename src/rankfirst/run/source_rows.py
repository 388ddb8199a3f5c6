"""Find the rows that a run was trained on, if the files still exist unchanged."""

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rankfirst import data
from rankfirst.errors import DataError, OptionError, RunError
from rankfirst.options.field import options_of
from rankfirst.options.fit_options import RowOptions, given_in
from rankfirst.records import Dataset
from rankfirst.report import read
from rankfirst.run.folder import JOURNAL


@dataclass(frozen=True)
class Command:
    """The `rankfirst fit` command of a run."""

    train: str
    options: Mapping[str, Any]  # name -> value as written, for options that take one value; True for a switch

    @classmethod
    def of(cls, line: str) -> "Command | None":
        """Parse a command line; None if it is no `rankfirst fit` or its rows were in memory."""
        try:
            words = shlex.split(line)
        except ValueError:
            return None
        if len(words) < 3 or words[1] != "fit" or words[2] in ("ROWS", "-"):  # standard input is gone
            return None
        return cls(words[2], given_in(words))


def rows_of(run: Path, train: Path | None = None) -> Dataset | None:
    """The rows of the run as it read them; None if they are gone or have changed. The working directory plays no part.

    Args: train: where the training file is now. Raises: DataError or RunError if that file does not hold the same rows.
    """
    event = _run_event(run)
    command = Command.of(str(event.get("command", "")))
    if command is None:
        if train is not None:
            raise RunError("drift.rows_in_memory", path=str(run))
        return None
    if train is not None:
        dataset = _load(command, train, Path(), train.parent)
        if dataset.fingerprint != event.get("fingerprint"):
            raise RunError("drift.other_rows", path=str(train), run=str(run))
        return _as_labelled(dataset, event)
    for base in bases(run):
        path = base / command.train
        try:
            dataset = _load(command, path if path.exists() else Path(command.train), base)
        except (DataError, OptionError):
            continue
        if dataset.fingerprint == event.get("fingerprint"):
            return _as_labelled(dataset, event)
    return None


def bases(run: Path) -> list[Path]:
    """Folders in which relative paths of a run's command may start, most likely first: where the command was given,
    the same as seen from the run's folder (both may have been moved together), the folder around the run, and here."""
    where, place = _run_event(run).get("where"), run.absolute()
    found = []
    if isinstance(where, Mapping) and all(isinstance(where.get(name), str) for name in ("cwd", "run")):
        found = [Path(where["cwd"])]
        if Path(where["cwd"]).anchor == Path(where["run"]).anchor:  # of two drives, neither is seen from the other
            found.append(Path(os.path.normpath(place / os.path.relpath(where["cwd"], where["run"]))))
    return list(dict.fromkeys([*found, place.parent, Path().absolute()]))


def located(path: str, folders: Sequence[Path]) -> str:
    """The path in the first of these folders that has it; as it is if none has."""
    return next((str(base / path) for base in folders if (base / path).exists()), path)


def _load(command: Command, train: Path, base: Path, beside: Path | None = None) -> Dataset:
    """Read the rows of a command. Args: base: where its relative paths start. beside: where moved files may be, too.

    Raises: DataError, OptionError.
    """
    known: dict[str, Any] = {n: value for n, value in command.options.items() if n in options_of(RowOptions)}
    options = RowOptions(**known).rows
    for name, value in options.items():
        file = name == "label_names" and isinstance(value, str) and (base / value).is_file()
        if isinstance(value, Path) or file:
            path = base / value
            if beside is not None and not path.exists():
                path = beside / path.name
            options[name] = path if isinstance(value, Path) else str(path)
    return data.load_dataset(train, **options, oos_label=command.options.get("oos_label"))


def _as_labelled(dataset: Dataset, event: Mapping[str, Any]) -> Dataset:
    """Runs of older versions read one label per row in lists or in 0/1 columns as several."""
    return replace(dataset, multi_label=bool(event.get("multi_label", dataset.multi_label)))


def cell_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options that say how cells are read, without files, encoding, columns, groups or times, and the seed."""
    apart = {"val", "test", "text", "label", "encoding", "seed", "group", "time"}
    return {name: value for name, value in given.items() if name in options_of(RowOptions) and name not in apart}


def row_options(run: Path) -> Mapping[str, Any]:
    """Columns of a run's rows and how their cells were read: name -> value; empty if the journal is gone."""
    parent = _event(run, "parent").get("files")
    if isinstance(parent, Mapping):
        options = parent.get("options")
        columns = {name: parent.get(name) for name in ("text", "label")}
        return columns | (dict(options) if isinstance(options, Mapping) else {})
    command = Command.of(str(_run_event(run).get("command", "")))
    return {} if command is None else command.options


def _run_event(run: Path) -> Mapping[str, Any]:
    """The payload of the `run` event; empty if the journal is gone."""
    return _event(run, "run")


def _event(run: Path, kind: str) -> Mapping[str, Any]:
    journal = run / JOURNAL
    if not journal.is_file():
        return {}
    return next((event.payload for event in read(journal) if event.kind == kind), {})
