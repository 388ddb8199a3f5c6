"""The steps of `rankfirst drift`."""

import shlex
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from rankfirst import data
from rankfirst.data.files.second_file import read_against
from rankfirst.data.files.texts import text_key
from rankfirst.errors import OptionError
from rankfirst.lifecycle.drift.measurements import AnswerRule, NewRows, compare
from rankfirst.lifecycle.drift.readings import Reader
from rankfirst.lifecycle.drift.reference_rows import ReferenceRows, labelled_reference, reference_rows
from rankfirst.lifecycle.drift.without_labels import Watched, estimate, random_rows, rows_with_sets, watched_promise
from rankfirst.measure.label_free import unlike
from rankfirst.measure.scores import Bools, indicator
from rankfirst.model.classifier import load
from rankfirst.policy.drift import retrain
from rankfirst.records import Drift, Estimated, Seen, Split, Verdict
from rankfirst.run.source_rows import row_options

Tick = Callable[[str, int, int], None]

# Maximum number of rows read from the new file, sampled at random if it has more: the tests use 3,000 distinct ones,
# and intervals over 10,000 are one point wide.
MOST_ROWS: Final = 10_000
LEAST_KNOWN: Final = 0.5  # minimum share of labels that are classes of the model; else the task is another


def drift(run: Path | str, file: Path | str, *, train: Path | None = None, text: str | None = None,
          label: str | None = None, encoding: str | None = None, seed: int = 0,
          labels: Path | None = None, tick: Tick | None = None) -> Drift:  # fmt: skip
    """Test whether the data has drifted since a run's model was delivered, and whether to retrain it.

    Args:
        run: a finished run. file: rows that came later, with or without labels. train: the training file, if it has
            moved since the run.
        text, label, encoding: of `file`; default as for `fit`.
        labels: labels of some rows of `file`, drawn at random, which correct the estimate for the others.
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
    labelled = _labels_of(new, labels, how, (text, label or "label"), model.classes)
    estimated = _estimated(folder, reader, (reference, new, seen), labelled, train, watch, seed)
    answer, reasons = retrain(seen, estimated)
    rest = [] if estimated is None else random_rows(estimated.to_label, new, rule, labelled, seed)
    command = shlex.join(["rankfirst", *sys.argv[1:]])
    took = time.perf_counter() - began
    return Drift(str(run), str(file), answer, reasons, seen, took, command, estimated, tuple(rest))


def _labels_of(new: NewRows, file: Path | None, how: data.Reading, columns: tuple[str | None, str],
               classes: Sequence[str]) -> dict[int, Bools]:  # fmt: skip
    """Position of a new row -> (C,) its labels, of those that have some, in the file itself or in another."""
    from_file: dict[str, Sequence[int]] = {}
    if file is not None:
        split, unknown = read_against(file, how, *columns)
        rows = zip(split.texts, split.labels, unknown, strict=True)
        from_file = {text_key(text): labels for text, labels, foreign in rows if labels or foreign}
    labelled = {}
    for row, (text, labels, foreign) in enumerate(zip(new.texts, new.labels, new.unknown, strict=True)):
        if labels or foreign or text_key(text) in from_file:
            own = labels if labels or foreign else from_file[text_key(text)]
            labelled[row] = indicator([own], len(classes))[0]
    return labelled


def _estimated(run: Path, reader: Reader, compared: tuple[ReferenceRows, NewRows, Seen], labelled: dict[int, Bools],
               train: Path | None, tick: Tick, seed: int) -> Estimated | None:  # fmt: skip
    """Figures without labels; None without labelled reference rows."""
    reference, new, seen = compared
    model, sketch = reader.model, reference.sketch
    judged = labelled_reference(run, reader, sketch, train, tick)
    if judged is None:
        return None
    p, truth = judged
    rows = rows_with_sets(model, new.probabilities)
    predicted = indicator(sketch.predicted, len(model.classes))
    far = unlike(sketch.held, new.vectors, sketch.vectors, (predicted, rows.decided))
    strange = bool(seen.candidates or seen.unknown)
    # The vectors of n-gram models are their answers, in which a text of unknown words looks like any other.
    moved = not len(sketch.vectors) and seen.shift.verdict is Verdict.PRESENT
    watched = Watched(model.classes, model.multi_label, rows_with_sets(model, p), truth, rows, labelled, far,
                      strange or moved, watched_promise(model))  # fmt: skip
    return estimate(watched, seed)


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
