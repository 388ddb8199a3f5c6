"""The steps of `rankfirst drift`."""

import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from rankfirst import data
from rankfirst.data.files.second_file import read_against
from rankfirst.errors import OptionError
from rankfirst.lifecycle.drift.measurements import AnswerRule, NewRows, compare
from rankfirst.lifecycle.drift.readings import Reader
from rankfirst.lifecycle.drift.reference_rows import reference_rows
from rankfirst.model.classifier import load
from rankfirst.policy.drift import retrain
from rankfirst.records import Drift, Split
from rankfirst.run.source_rows import row_options

Tick = Callable[[str, int, int], None]

# Maximum number of rows read from the new file, sampled at random if it has more: the tests use 3,000 distinct ones,
# and intervals over 10,000 are one point wide.
MOST_ROWS: Final = 10_000
LEAST_KNOWN: Final = 0.5  # minimum share of labels that are classes of the model; else the task is another


def drift(run: Path | str, file: Path | str, *, train: Path | None = None, text: str | None = None,
          label: str | None = None, encoding: str | None = None, seed: int = 0,
          tick: Tick | None = None) -> Drift:  # fmt: skip
    """Test whether the data has drifted since a run's model was delivered, and whether to retrain it.

    Args:
        run: a finished run. file: rows that came later, with or without labels. train: the training file, if it has
            moved since the run.
        text, label, encoding: of `file`; default as for `fit`.
    Returns: the answer with its reasons; the rows of candidates contain texts.
    Raises: RunError if there is nothing to compare with; DataError or OptionError if the file cannot be used.
    """
    began, folder, watch = time.perf_counter(), Path(run), tick or (lambda *a: None)
    model = load(folder)
    options = row_options(folder)
    how = data.Reading.of(options, model.multi_label, model.classes)
    text, named = text or options.get("text"), label or options.get("label")
    split, unknown = read_against(Path(file), how, text, named, encoding or options.get("encoding"))
    _check_labels(split, unknown, Path(file), label)
    kept = model.sketch()
    reader = Reader(model, kept.dtype if kept is not None else "float32")
    reference = reference_rows(folder, reader, kept, train, watch)
    rows = _sample(len(split), seed)
    texts = [split.texts[row] for row in rows]
    vectors, p = reader.both(texts, watch)
    abstain = model.calibration.abstain
    new = NewRows(texts, vectors, p, [split.labels[row] for row in rows], [unknown[row] for row in rows],
              [split.lines[row] for row in rows], split.file, len(split))  # fmt: skip
    rule = AnswerRule(model.classes, model.multi_label, model.decide, None if abstain is None else abstain.confidence)
    seen = compare(reference, new, rule, seed)
    answer, reasons = retrain(seen)
    command = shlex.join(["rankfirst", *sys.argv[1:]])
    return Drift(str(run), str(file), answer, reasons, seen, time.perf_counter() - began, command)


def _sample(rows: int, seed: int) -> list[int]:
    if rows <= MOST_ROWS:
        return list(range(rows))
    return [int(row) for row in np.sort(np.random.default_rng((seed, 19)).permutation(rows)[:MOST_ROWS])]


def _check_labels(split: Split, unknown: list[tuple[str, ...]], file: Path, label: str | None) -> None:
    """Raises: OptionError if the requested label column is missing, or if most labels belong to another task."""
    of_model, foreign = sum(map(len, split.labels)), sum(map(len, unknown))
    if label is not None and not of_model + foreign:
        raise OptionError("drift.no_labels", path=str(file), column=label)
    if of_model < LEAST_KNOWN * (of_model + foreign):
        name = next(name for names in unknown for name in names)
        raise OptionError(
            "drift.other_labels", path=str(file), known=of_model, labels=of_model + foreign, name=name[:60]
        )
