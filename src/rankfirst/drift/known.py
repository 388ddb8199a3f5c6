"""What new rows are compared with: the training file where it still is, and what the delivery keeps."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from rankfirst import data
from rankfirst.data.sketch import pick
from rankfirst.drift.read import Reader
from rankfirst.errors import RunError
from rankfirst.origin import rows_of
from rankfirst.records import Dataset, Split

TRAIN_ROWS: Final = 3_000  # distinct training texts that are encoded: the tests look at no more
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


def known(run: Path, reader: Reader, sketch: data.Sketch | None, train: Path | None, tick: Tick) -> Known:
    """The training file where it can be found unchanged, else what the delivery keeps.

    Args:
        sketch: what the delivery keeps, if anything. train: where the training file is now.
    Raises: RunError when there is neither, or when `train` is another file.
    """
    dataset = rows_of(run, train)
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
