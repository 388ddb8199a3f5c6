"""What new rows are compared with: the training file where it still is, and what the delivery keeps."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from rankfirst import data
from rankfirst.data.sketch import pick
from rankfirst.drift.read import Reader
from rankfirst.errors import DataError, RunError
from rankfirst.records import Dataset, Split
from rankfirst.report import read

TRAIN_ROWS: Final = 3_000  # distinct training texts that are encoded: the tests look at no more
_VALUED: Final = ("--val", "--test", "--text", "--label", "--seed")
Tick = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Known:
    """A run's own rows."""

    sketch: data.Sketch
    side: data.Side | None = None  # training rows with their texts; None where the file is gone
    train_texts: tuple[str, ...] = ()  # to set the words of a new group apart from

    @property
    def source(self) -> str:
        return "reference" if self.side is None else "file"


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


def known(run: Path, reader: Reader, sketch: data.Sketch | None, train: Path | None, tick: Tick) -> Known:
    """The training file where it can be found unchanged, else what the delivery keeps.

    Args:
        sketch: what the delivery keeps, if anything. train: where the training file is now.
    Raises: RunError when there is neither, or when `train` is another file.
    """
    dataset = _dataset(run, train)
    if dataset is None:
        if sketch is None:
            raise RunError("drift.nothing_to_compare", path=str(run))
        return Known(sketch)
    rows = pick(dataset.train, TRAIN_ROWS)
    texts = tuple(dataset.train.texts[row] for row in rows)
    side = data.Side.of(dataset.train).take(rows)
    vectors = reader.vectors(texts, tick)
    side = data.Side(side.texts, side.labels, vectors, None, side.lines, side.file)
    return Known(sketch or _sketch(dataset, reader, side, rows, tick), side, texts)


def _sketch(dataset: Dataset, reader: Reader, side: data.Side, rows: Any, tick: Tick) -> data.Sketch:
    """What the delivery would keep, for a run that kept nothing."""
    chosen = data.choose(dataset)
    held_texts = [dataset.val.texts[row] for row in chosen.held]
    held, p_held = reader.both(held_texts, tick)
    judged: Split = dataset.test or dataset.val
    _, p_judged = reader.both([judged.texts[row] for row in chosen.judged], tick)
    vectors = held[:0]
    if side.features is not None:  # both are picked in one order
        vectors = np.asarray(side.features[: len(chosen.known)], dtype=np.float32)
    return data.Sketch.of(dataset, chosen, (vectors, held), (p_held, p_judged), reader.model.decide, reader.dtype)


def _dataset(run: Path, train: Path | None) -> Dataset | None:
    """The rows of the run as it read them; None where they are gone or have changed, unless `train` was asked for."""
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
                                    text=options.get("--text"), label=options.get("--label"), seed=seed)  # fmt: skip
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
    journal = run / "journal.jsonl"
    if not journal.is_file():
        return {}
    return next((event.payload for event in read(journal) if event.kind == "run"), {})
