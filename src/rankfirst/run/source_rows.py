"""Find the rows that a run was trained on, if the files still exist unchanged."""

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from rankfirst import data
from rankfirst.data.files.hub import PREFIX as HUB
from rankfirst.errors import DataError, OptionError, RunError
from rankfirst.options.field import options_of
from rankfirst.options.fit_options import RowOptions, given_in
from rankfirst.records import Dataset
from rankfirst.report import read
from rankfirst.run.folder import JOURNAL

ABOVE: Final = 4  # folders above a run in which its rows are looked for


@dataclass(frozen=True)
class Place:
    """Where the paths of a run's command may lead now."""

    base: Path  # relative paths start here
    moved: tuple[Path, Path] | None = None  # the run's folder then and now, if absolute paths moved along with it

    def at(self, path: str | Path) -> Path:
        """The place of a path of the command."""
        if self.moved is None or not Path(path).is_absolute():
            return self.base / path
        found = _moved(Path(path), *self.moved)
        return Path(path) if found is None or not found.exists() else found


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
        dataset = _load(command, train, Place(Path()), train.parent)
        if dataset.fingerprint != event.get("fingerprint"):
            raise RunError("drift.other_rows", path=str(train), run=str(run))
        return _as_labelled(dataset, event)
    for place in places(run):
        try:
            dataset = _load(command, Path(command.train) if command.train.startswith(HUB) else place.at(command.train),
                            place)  # fmt: skip
        except (DataError, OptionError):
            continue
        if dataset.fingerprint == event.get("fingerprint"):
            return _as_labelled(dataset, event)
    return None


def places(run: Path) -> list[Place]:
    """Where the paths of a run's command may lead, most likely first: from where the command was given; from the same
    place as seen from the run's folder, as both may have been moved together; from the folders above the run.

    The working directory of this process is none of them: it must not decide what is found.
    """
    where, now = _run_event(run).get("where"), run.absolute()
    found = []
    if isinstance(where, Mapping) and all(isinstance(where.get(name), str) for name in ("cwd", "run")):
        then, base = Path(where["run"]), Path(where["cwd"])
        found = [Place(base), Place(_moved(base, then, now) or base, (then, now))]
    return list(dict.fromkeys([*found, *(Place(above) for above in now.parents[:ABOVE])]))


def _moved(path: Path, then: Path, now: Path) -> Path | None:
    """A path as seen from a folder that was moved; None on another drive, which is not seen from it."""
    if path.anchor != then.anchor:
        return None
    return Path(os.path.normpath(now / os.path.relpath(path, then)))


def base_of(run: Path, spec: str) -> str:
    """The base model of a run as `resolve` finds it from any working directory: a folder where it is now."""
    if ":" in spec.split(os.sep)[0] or (os.path.isabs(spec) and os.path.isdir(spec)):
        return spec
    every = (place.at(os.path.expanduser(spec)) for place in places(run))
    return next((str(found) for found in every if found.is_dir()), spec)


def _load(command: Command, train: Path, place: Place, beside: Path | None = None) -> Dataset:
    """Read the rows of a command. Args: place: where its paths lead. beside: where moved files may be, too.

    Raises: DataError, OptionError.
    """
    known = {n: value for n, value in options_at(place, command.options).items() if n in options_of(RowOptions)}
    if beside is not None:
        known = dict(options_at(Place(beside), known))
    options = RowOptions(**known).rows
    for name, value in options.items():
        if isinstance(value, Path):
            path = place.at(value)
            options[name] = beside / path.name if beside is not None and not path.exists() else path
    return data.load_dataset(train, **options, oos_label=command.options.get("oos_label"))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a list of names may be too long for a path
        return False


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
        return _with_names(run, columns | (dict(options) if isinstance(options, Mapping) else {}))
    command = Command.of(str(_run_event(run).get("command", "")))
    return {} if command is None else _with_names(run, command.options)


def _with_names(run: Path, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options with the file of label names where it is now, if it is a file."""
    if not isinstance(options.get("label_names"), str):
        return options
    every = (options_at(place, options) for place in places(run))
    return next((found for found in every if _is_file(Path(found["label_names"]))), options)


def options_at(place: Place, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options with the file of label names where a place has it, if it is a file."""
    names = options.get("label_names")
    if not isinstance(names, str) or not _is_file(place.at(names)):
        return options
    return {**options, "label_names": str(place.at(names))}


def _run_event(run: Path) -> Mapping[str, Any]:
    """The payload of the `run` event; empty if the journal is gone."""
    return _event(run, "run")


def _event(run: Path, kind: str) -> Mapping[str, Any]:
    journal = run / JOURNAL
    if not journal.is_file():
        return {}
    return next((event.payload for event in read(journal) if event.kind == kind), {})
