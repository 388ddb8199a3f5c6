"""`rankfirst drift`, step by step."""

import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from rankfirst import data
from rankfirst.classifier import load
from rankfirst.data.newer import read_against
from rankfirst.drift.known import known
from rankfirst.drift.look import Judge, New, look
from rankfirst.drift.read import Reader
from rankfirst.errors import OptionError
from rankfirst.policy.drift import retrain
from rankfirst.records import Drift, Split

Tick = Callable[[str, int, int], None]

# Rows of the new file that are read, by chance where there are more: the tests look at 3,000 distinct ones, and the
# intervals of 10,000 are a point wide.
MOST_ROWS: Final = 10_000
LEAST_KNOWN: Final = 0.5  # share of the given labels that must be classes of the model, or they are another task's


def drift(run: Path | str, file: Path | str, *, train: Path | None = None, text: str | None = None,
          label: str | None = None, seed: int = 0, tick: Tick | None = None) -> Drift:  # fmt: skip
    """Has the world moved since a run's model was delivered, and should it be trained again?

    Args:
        run: a finished run. file: rows that came later, with labels or without. train: the training file, where it is
            no longer where the run read it.
        text, label: column names of `file`; default as for `fit`.
    Returns: the answer with its reasons; the rows of candidates hold texts.
    Raises: RunError when there is nothing to compare with; DataError, OptionError for a file that cannot be used.
    """
    began, folder, watch = time.perf_counter(), Path(run), tick or (lambda *a: None)
    model = load(folder)
    split, unknown = read_against(Path(file), model.classes, text, label)
    _check_labels(split, unknown, Path(file), label)
    kept = data.Sketch.load(model.folder, len(model.classes))
    reader = Reader(model, kept.dtype if kept is not None else "float32")
    own = known(folder, reader, kept, train, watch)
    rows = _some(len(split), seed)
    texts = [split.texts[row] for row in rows]
    vectors, p = reader.both(texts, watch)
    abstain = model.calibration.abstain
    new = New(texts, vectors, p, [split.labels[row] for row in rows], [unknown[row] for row in rows],
              [split.lines[row] for row in rows], split.file, len(split))  # fmt: skip
    judge = Judge(model.classes, model.multi_label, model.decide, None if abstain is None else abstain.confidence)
    seen = look(own, new, judge, seed)
    answer, reasons = retrain(seen)
    command = shlex.join(["rankfirst", *sys.argv[1:]])
    return Drift(str(run), str(file), answer, reasons, seen, time.perf_counter() - began, command)


def _some(rows: int, seed: int) -> list[int]:
    if rows <= MOST_ROWS:
        return list(range(rows))
    return [int(row) for row in np.sort(np.random.default_rng((seed, 19)).permutation(rows)[:MOST_ROWS])]


def _check_labels(split: Split, unknown: list[tuple[str, ...]], file: Path, label: str | None) -> None:
    """Raises: OptionError when a label column was asked for and none is there, or most labels are another task's."""
    known, foreign = sum(map(len, split.labels)), sum(map(len, unknown))
    if label is not None and not known + foreign:
        raise OptionError("drift.no_labels", path=str(file), column=label)
    if known < LEAST_KNOWN * (known + foreign):
        name = next(name for names in unknown for name in names)
        raise OptionError("drift.other_labels", path=str(file), known=known, labels=known + foreign, name=name[:60])
