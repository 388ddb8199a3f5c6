"""What new rows are compared with: the training file if it still exists, else what the delivery stores."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from rankfirst import data
from rankfirst.data.shift.sketch import sample_distinct
from rankfirst.errors import RunError
from rankfirst.lifecycle.drift.readings import Reader
from rankfirst.measure.scores import Bools, Floats, indicator
from rankfirst.records import Dataset, Split
from rankfirst.run.source_rows import rows_of

TRAIN_ROWS: Final = 3_000  # distinct training texts that are encoded; the tests use no more
Tick = Callable[[str, int, int], None]


@dataclass(frozen=True)
class ReferenceRows:
    """The run's own rows."""

    sketch: data.Sketch
    side: data.Side | None = None  # training rows with their texts; None if the file is gone
    train_texts: tuple[str, ...] = ()  # contrast texts for naming a new cluster

    @property
    def source(self) -> str:
        return "reference" if self.side is None else "file"


def reference_rows(
    run: Path, reader: Reader, sketch: data.Sketch | None, train: Path | None, tick: Tick
) -> ReferenceRows:
    """Load the training file if it can be found unchanged, else what the delivery stores.

    Args:
        sketch: what the delivery stores, if anything. train: current path of the training file.
    Raises: RunError if there is neither, or if `train` has other content.
    """
    dataset = rows_of(run, train)
    if dataset is not None and sketch is None and reader.model.trained_on("val"):
        # Answers to rows that the model was trained on are more confident than those to new rows.
        dataset = replace(dataset, val=dataset.test) if dataset.test else None
    if dataset is None:
        if sketch is None:
            raise RunError("drift.nothing_to_compare", path=str(run))
        return ReferenceRows(sketch)
    rows = sample_distinct(dataset.train, TRAIN_ROWS)
    texts = tuple(dataset.train.texts[row] for row in rows)
    side = data.Side.of(dataset.train).take(rows)
    vectors = reader.vectors(texts, tick)
    side = data.Side(side.texts, side.labels, vectors, None, side.lines, side.file)
    return ReferenceRows(sketch or _sketch(dataset, reader, side, rows, tick), side, texts)


def labelled_reference(
    run: Path, reader: Reader, sketch: data.Sketch, train: Path | None, tick: Tick
) -> tuple[Floats, Bools] | None:
    """((m, C) probabilities, (m, C) labels) of rows that the model was not trained on; None if they are gone."""
    classes = len(reader.model.classes)
    if sketch.judged_p is not None and not reader.model.trained_on("test"):
        rows = data.estimated_rows(len(sketch.judged[0]))
        return sketch.judged_p, indicator([sketch.judged[0][row] for row in rows], classes)
    dataset = rows_of(run, train)
    judged = None if dataset is None else dataset.test or (None if reader.model.trained_on("val") else dataset.val)
    if not judged:
        return None
    rows = data.estimated_rows(len(judged))
    p = reader.both([judged.texts[row] for row in rows], tick)[1]
    return p, indicator([judged.labels[row] for row in rows], classes)


def _sketch(dataset: Dataset, reader: Reader, side: data.Side, rows: Any, tick: Tick) -> data.Sketch:
    """Build the sketch that a delivery would store, for a run without one."""
    chosen = data.choose_rows(dataset)
    held_texts = [dataset.val.texts[row] for row in chosen.held]
    held, p_held = reader.both(held_texts, tick)
    judged: Split = dataset.test or dataset.val
    _, p_judged = reader.both([judged.texts[row] for row in chosen.judged], tick)
    vectors = held[:0]
    if side.features is not None:  # the sketch's rows are a prefix of the same random order
        vectors = np.asarray(side.features[: len(chosen.known)], dtype=np.float32)
    answers = reader.model.decide(p_held), reader.model.decide(p_judged)
    return data.Sketch.of(dataset, chosen, (vectors, held), p_held, answers, reader.dtype, p_judged)
