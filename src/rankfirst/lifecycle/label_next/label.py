"""The steps of `rankfirst label`."""

import shlex
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from rankfirst import data
from rankfirst.data.shift import group_names, new_groups
from rankfirst.errors import DataError, OptionError, RunError
from rankfirst.lifecycle.continue_training import parent_run
from rankfirst.lifecycle.drift.readings import Reader, Tick
from rankfirst.lifecycle.drift.reference_rows import reference_rows
from rankfirst.lifecycle.label_next.choice import Choice, choose, runner_up
from rankfirst.lifecycle.label_next.expected_gain import expected_gain
from rankfirst.lifecycle.label_next.pool import Pool, read_pool
from rankfirst.lifecycle.label_next.write import check_target, write_next
from rankfirst.measure.calibration import confidence
from rankfirst.measure.scores import Bools, Floats, Ints, Matrix, indicator
from rankfirst.messages import Lang
from rankfirst.model.classifier import Classifier, load
from rankfirst.records import Dataset, NewGroup, RowToLabel, ToLabel
from rankfirst.run.source_rows import row_options, rows_of

ROWS: Final = 200  # rows to choose by default
# Texts of the run that contrast with a new group when it is named; more make no better names.
CONTRAST: Final = 3_000
LEAST_RIVAL: Final = 0.05  # probability from which a class counts as runner-up


@dataclass(frozen=True)
class Answered:
    """What the model makes of the candidates; every field has k entries."""

    texts: Sequence[str]
    vectors: Matrix  # (k, d)
    p: Floats  # (k, C)
    answers: Bools  # (k, C)
    abstained: Bools  # (k,)
    sure: Floats  # (k,)


def label_next(run: Path | str, pool: Path | str | Any, rows: int = ROWS, *, out: Path | str | None = None,
               to: str | None = None, train: Path | None = None, text: str | None = None,
               encoding: str | None = None, seed: int = 0, overwrite: bool = False, bom: bool = False,
               lang: Lang = "en", tick: Tick | None = None) -> ToLabel:  # fmt: skip
    """Choose rows of an unlabelled pool that are worth labelling, and estimate what labelling them gains.

    Rows with a label, texts of the run's own rows, and repeats are never chosen.

    Args:
        run: a finished run, whatever it delivers. pool: a file or rows in Python as for `fit`, or a list of texts.
        rows: how many to choose. out: a file to write the rows to, by its suffix; default: none is written.
        to: "argilla", "label-studio" or "doccano", which is to import `out`; default: by its name, else a table.
        train: the run's training file, if it has moved. text, encoding: of `pool`; default as for `fit`.
        seed: decides clusters and samples. overwrite: replace `out`. bom: for CSV. lang: of the reasons.
        tick: called with the progress of long steps.
    Returns: the rows with reasons, and the expected gain.
    Raises: RunError without a delivered model; DataError or OptionError if the pool or `out` cannot be used.
    """
    if rows < 1:
        raise OptionError("label.rows", value=rows)
    source, folder, began = Path(pool) if isinstance(pool, str) else pool, Path(run), time.perf_counter()
    if out is not None:
        check_target(source, Path(out), overwrite, to)
    model, watch = load(folder), tick or (lambda *a: None)
    options, known = row_options(folder), _rows(folder, train)
    there = read_pool(source, data.Reading.of(options, model.multi_label, model.classes), _texts(known),
                      (text or options.get("text") or model.text or None, options.get("label")), text,
                      encoding or _encoding(options, source), seed)  # fmt: skip
    found = _found(folder, model, there, known, rows, seed, watch)
    notes = tuple(there.table.notes)
    if known is None:
        notes += (("label.note.no_train", (("run", str(run)),)),)
    chosen_rows = replace(
        found, run=str(run), file=str(there.table.path), notes=notes, command=shlex.join(["rankfirst", *sys.argv[1:]])
    )
    if out is not None:
        chosen_rows = replace(chosen_rows, column=write_next(chosen_rows, there, Path(out), lang, bom, to))
    return replace(chosen_rows, seconds=time.perf_counter() - began)


def _found(
    run: Path, model: Classifier, pool: Pool, known: Dataset | None, rows: int, seed: int, tick: Tick
) -> ToLabel:
    """The chosen rows, the new groups and the expected gain."""
    sketch = model.sketch()
    reader = Reader(model, sketch.dtype if sketch is not None else "float32")
    if sketch is None and known is not None:
        sketch = reference_rows(run, reader, None, None, tick).sketch
    seen = _answered(reader, [pool.texts[row] for row in pool.rows], tick)
    groups = () if sketch is None else _groups(model, sketch, seen, seed)
    labelled = known.train.labels if known is not None else sketch.classes if sketch is not None else ()
    counts = indicator(labelled, len(model.classes)).sum(axis=0) if labelled else None
    chosen = choose(seen.vectors, seen.p, model.multi_label, seen.abstained, [own.rows for own in groups], rows,
                    counts, seed)  # fmt: skip
    names = [_named(own.rows, seen, _texts(known), n) for n, own in enumerate(groups, 1)]
    nearest = [model.classes[int(seen.answers[own.rows].sum(axis=0).argmax())] for own in groups]
    taken = Counter(each.group for each in chosen)
    gain, why = expected_gain(run, reader, known, sketch, len(chosen), tick)
    return ToLabel(
        run="",
        file="",
        rows=_rows_to_label(model, pool, seen, chosen, names),
        classes=model.classes,
        multi_label=model.multi_label,
        pool=len(pool.texts),
        looked=len(pool.rows),
        left_out=pool.left_out,
        groups=tuple(NewGroup(names[n], len(own.rows), taken[n], nearest[n]) for n, own in enumerate(groups)),
        gain=gain,
        why_no_gain=why,
    )


def _rows_to_label(
    model: Classifier, pool: Pool, seen: Answered, chosen: Sequence[Choice], names: Sequence[str]
) -> tuple[RowToLabel, ...]:
    second, rows = runner_up(seen.p, seen.answers, model.multi_label), list[RowToLabel]()
    for each in chosen:
        at, c = int(pool.rows[each.row]), int(second[each.row])
        rival = c >= 0 and seen.p[each.row, c] >= LEAST_RIVAL
        why = "unsure" if each.why in ("between", "whether") and not rival else each.why
        answer = tuple(model.classes[c] for c in np.flatnonzero(seen.answers[each.row]))
        rows.append(
            RowToLabel(
                row=at,
                line=int(pool.table.lines[at]),
                text=pool.texts[at],
                answer=answer,
                confidence=float(seen.sure[each.row]),
                runner_up=model.classes[c] if rival else "",
                why=f"label.why.{why}",
                group=names[each.group] if each.group >= 0 else "",
            )
        )
    return tuple(rows)


def _rows(run: Path, train: Path | None) -> Dataset | None:
    """The run's own rows; None if its files are gone. Raises: DataError or RunError if `train` holds other rows."""
    found = rows_of(run, train)
    if found is not None or train is not None:
        return found
    try:  # a run that continued another
        parent = parent_run.read(run)
        return parent_run.rows(parent, parent.files)
    except (DataError, OptionError, RunError):
        return None


def _texts(dataset: Dataset | None) -> tuple[str, ...]:
    """All texts of the run's own rows."""
    if dataset is None:
        return ()
    return dataset.train.texts + dataset.val.texts + (dataset.test.texts if dataset.test else ())


def _encoding(options: Any, pool: Path | Any) -> str | None:
    """The encoding of the training file is not that of a pool in another format."""
    return (
        options.get("encoding")
        if isinstance(pool, Path) and pool.suffix.lower() in (".csv", ".tsv", ".tab", ".txt")
        else None
    )


def _answered(reader: Reader, texts: Sequence[str], tick: Tick) -> Answered:
    model = reader.model
    vectors, read = reader.outputs(texts, tick)
    p = read.probabilities
    return Answered(texts, vectors, p, model.decide(p), model.abstains(read), confidence(p, model.multi_label))


def _groups(model: Classifier, sketch: data.Sketch, seen: Answered, seed: int) -> tuple[new_groups.Group, ...]:
    territory, classes = sketch.vectors, sketch.classes
    if not len(territory):
        territory, classes = sketch.held, sketch.predicted
    abstain = model.calibration.abstain
    held = new_groups.Rows(sketch.held, sketch.confidence)
    own = new_groups.Rows(seen.vectors, seen.sure)
    return new_groups.groups(held, own, territory, classes, abstain.confidence if abstain else 0.0, seed)


def _named(rows: Ints, seen: Answered, known: Sequence[str], number: int) -> str:
    """A name for a new group from terms that distinguish it, or its number."""
    inside = set(rows.tolist())
    others = [*known[:CONTRAST], *(text for i, text in enumerate(seen.texts) if i not in inside)]
    return group_names.label(group_names.terms([seen.texts[i] for i in rows], others)) or str(number)
