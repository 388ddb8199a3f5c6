"""The rows a run was made from, where they can still be found unchanged."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from rankfirst import data
from rankfirst.errors import DataError, RunError
from rankfirst.records import Dataset
from rankfirst.report import read
from rankfirst.run.folder import JOURNAL

_VALUED: Final = ("--val", "--test", "--text", "--label", "--oos-label", "--seed")


@dataclass(frozen=True)
class Command:
    """The `rankfirst fit` that made a run."""

    train: str
    options: Mapping[str, str]

    @classmethod
    def of(cls, line: str) -> "Command | None":
        """None for a run that was made of rows in memory, or by a line that is none."""
        try:
            words = shlex.split(line)
        except ValueError:
            return None
        if len(words) < 3 or words[1] != "fit" or words[2] == "ROWS":
            return None
        given = {flag: value for flag, value in pairwise(words) if flag in _VALUED}
        return cls(words[2], given)


def rows_of(run: Path, train: Path | None = None) -> Dataset | None:
    """The rows of the run as it read them; None where they are gone or have changed.

    Args: train: where the training file is now. Raises: DataError, RunError when that is given and not theirs.
    """
    told = _run_event(run)
    command = Command.of(str(told.get("command", "")))
    if command is None:
        if train is not None:
            raise RunError("drift.rows_in_memory", path=str(run))
        return None
    options = dict(command.options)
    path = train or Path(command.train)
    if train is not None:  # the other files may have moved with it
        for flag in ("--val", "--test"):
            if flag in options and not Path(options[flag]).exists():
                options[flag] = str(train.parent / Path(options[flag]).name)
    try:
        seed = int(options.get("--seed", "0"))
        dataset = data.load_dataset(path, _path(options, "--val"), _path(options, "--test"),
                                    text=options.get("--text"), label=options.get("--label"),
                                    oos_label=options.get("--oos-label"), seed=seed)  # fmt: skip
    except (DataError, ValueError):
        if train is not None:
            raise
        return None
    if dataset.fingerprint != told.get("fingerprint"):
        if train is not None:
            raise RunError("drift.other_rows", path=str(train), run=str(run))
        return None
    return dataset


def _path(options: Mapping[str, str], flag: str) -> Path | None:
    return Path(options[flag]) if flag in options else None


def _run_event(run: Path) -> Mapping[str, Any]:
    """The `run` event of the journal; nothing where only the model is left."""
    journal = run / JOURNAL
    if not journal.is_file():
        return {}
    return next((event.payload for event in read(journal) if event.kind == "run"), {})
