"""Predictions for a file of any size: rows are read, predicted and written in chunks, in constant memory."""

import csv
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Protocol

import pyarrow as pa

from rankfirst.data.files.columns import text_or_only_column
from rankfirst.data.files.formats import chunks
from rankfirst.data.files.joined_columns import with_joined
from rankfirst.data.files.stream_writer import SUFFIXES, Sink, sink
from rankfirst.data.files.table import Bad, Chunk, Note, Table
from rankfirst.data.files.texts import texts_of
from rankfirst.errors import DataError, OptionError, RunError
from rankfirst.measure.calibration import confidence
from rankfirst.measure.disk import require_utf8
from rankfirst.messages import Lang
from rankfirst.model.explanation import columns

ROWS: Final = 2048  # rows per chunk
SHOWN: Final = 8  # line numbers shown of those that could not be read
Tick = Callable[[str, int, int], None]
Why = Callable[[Sequence[str]], Sequence[Any]]  # texts -> an `Explanation` for each


class Model(Protocol):
    """The interface of a delivered classifier."""

    classes: tuple[str, ...]
    multi_label: bool

    def read(self, texts: Sequence[str]) -> Any: ...

    def answers(self, read: Any, abstain: bool = False) -> list[Any]: ...

    def answer_sets(self, read: Any) -> list[list[str]]: ...


@dataclass
class Summary:
    """The result of predicting a file."""

    rows: int = 0  # rows with a prediction
    abstained: int = 0  # of these, rows on which the model abstains
    bad: int = 0  # rows that could not be read
    lines: list[int] = field(default_factory=list)  # line numbers of the first bad rows
    reasons: Path | None = None  # file with line number and reason of every bad row
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Answered:
    """A chunk of rows with their predictions."""

    chunk: Chunk  # its table holds the rows that could be read
    labels: list[Any]  # (n,) class name, list of names, or None if the model abstains and abstaining is on
    confidence: list[float]  # (n,)
    abstained: list[bool]  # (n,) whether the model abstains
    probabilities: Any  # (n, C)
    sets: list[list[str]] | None = None  # (n,) answer sets; None if the model promises nothing
    explanations: Sequence[Any] = ()  # (n,) on request


def answer(model: Model, source: Path, text: str | None = None, abstain: bool = False,
           encoding: str | None = None, why: Why | None = None) -> Iterator[Answered]:  # fmt: skip
    """Predict the rows of a file, ROWS at a time.

    Args: text: column name, or several as in training; default: the column or columns that the model was trained on if
        the file has them, else the first well-known name or the only column. abstain: give no label if the model
        abstains. encoding: of a file that is not UTF-8; default: told from its bytes. why: explains the answers.
    Raises: DataError for a file without readable rows, or one that cannot be read to its end.
    """
    column: str | None = None
    seen, first_bad = False, None
    for chunk in chunks(source, ROWS, encoding):
        if column is None and chunk.table.columns:
            column = _column(chunk.table, text, getattr(model, "text", ""))
        kept, texts = _readable(chunk, column)
        first_bad = first_bad or next((error for _, error in kept.bad), None)
        seen = seen or bool(texts)
        part = _answered(model, kept, texts, abstain)
        yield part if why is None else replace(part, explanations=why(texts))
    if not seen:
        raise first_bad or DataError("predict.no_rows", path=str(source))


def _column(table: Table, text: str | None, trained: str) -> str:
    """The column to read, or the columns joined by commas. Raises: DataError."""
    if text is None and trained and trained in with_joined(table, trained, optional=True).cells:
        return trained
    return text_or_only_column(with_joined(table, text), text)


def _readable(chunk: Chunk, column: str | None) -> tuple[Chunk, list[str]]:
    """The chunk with the rows whose text can be read, and these texts; other rows are listed as bad."""
    table = chunk.table
    cells_by_name = with_joined(table, column, optional=True).cells
    if column is None or column not in cells_by_name:  # JSON rows without that key
        return chunk, [""] * len(table)
    own = Table(table.path, {column: cells_by_name[column]}, table.lines)
    try:
        texts, notes = texts_of(own, column)
        return replace(chunk, table=replace(table, notes=table.notes + (notes if chunk.first else ()))), texts
    except DataError:
        pass  # the loop below finds the row
    kept, texts, bad = list[int](), list[str](), list[Bad]()
    for row, (line, cell) in enumerate(zip(own.lines, own.cells[column], strict=True)):
        try:
            texts += texts_of(Table(table.path, {column: [cell]}, [line]), column)[0]
            kept.append(row)
        except DataError as error:
            bad.append((line, error))
    cells = {name: [cells[i] for i in kept] for name, cells in table.cells.items()}
    objects = None if chunk.objects is None else [chunk.objects[i] for i in kept]
    batch = None if chunk.batch is None else chunk.batch.take(pa.array(kept, pa.int64()))
    some = Table(table.path, cells, [table.lines[i] for i in kept], table.notes)
    return replace(chunk, table=some, bad=(*chunk.bad, *bad), objects=objects, batch=batch), texts


def _answered(model: Model, chunk: Chunk, texts: Sequence[str], abstain: bool) -> Answered:
    read = model.read(texts)
    p = read.probabilities
    labels, careful = model.answers(read), model.answers(read, abstain=True)
    unsure = [answer is None for answer in careful]
    sure = [round(float(share), 6) for share in confidence(p, model.multi_label)] if len(texts) else []
    sets = model.answer_sets(read) if getattr(model, "promise", None) is not None else None
    return Answered(chunk, careful if abstain else labels, sure, unsure, p, sets)


def predict_file(model: Model, source: Path, out: Path, *, text: str | None = None, probabilities: bool = False,
                 abstain: bool = False, encoding: str | None = None, overwrite: bool = False, lang: Lang = "en",
                 why: Why | None = None, tick: Tick = lambda *a: None) -> Summary:  # fmt: skip
    """Write `out`: the rows of `source` with label, confidence, abstained and, on request, all probabilities.

    Rows that cannot be read are left out and listed in OUT.bad.csv with line number and reason. `out` is written
    completely or not at all: until the end there is only OUT.part.

    Args:
        out: CSV, TSV, JSON Lines or Parquet by its suffix. overwrite: replace it; never the source.
        why: explains the answers, in the columns because, nearest and margin.
    Raises: OptionError for an invalid output path; DataError as `answer`; RunError if it cannot be written.
    """
    check_out(source, out, overwrite)
    summary, reasons = Summary(), out.with_name(f"{out.name}.bad.csv")
    joined = not any("|" in name for name in model.classes)
    done = False
    try:
        reasons.unlink(missing_ok=True)
        with sink(out, lists=joined) as writer:
            for part in answer(model, source, text, abstain, encoding, why):
                _write(writer, part, model.classes if probabilities else ())
                summary.rows += len(part.labels)
                summary.abstained += sum(part.abstained)
                summary.notes += part.chunk.table.notes
                _list_bad(summary, part.chunk.bad, reasons, lang)
                tick("predict", part.chunk.done, part.chunk.total)
        done = True
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RunError("predict.unwritable", path=str(out), reason=reason) from error
    finally:
        if not done:
            reasons.unlink(missing_ok=True)
    return summary


def check_out(source: Path, out: Path, overwrite: bool, suffixes: Sequence[str] = SUFFIXES) -> None:
    """Raises: OptionError if `out` has another suffix, no UTF-8 name or no folder, is `source`, or exists."""
    require_utf8(out)
    if out.suffix.lower() not in suffixes:
        raise OptionError("predict.bad_out", path=str(out), known=", ".join(suffixes))
    if out.exists():
        if source.exists() and out.samefile(source):
            raise OptionError("predict.over_input", path=str(out))
        if not overwrite or not out.is_file():
            raise OptionError("predict.exists", path=str(out))
    if not out.absolute().parent.is_dir():
        raise OptionError("predict.no_folder", path=str(out.absolute().parent))


def _write(writer: Sink, part: Answered, classes: Sequence[str]) -> None:
    if not part.labels and not part.chunk.first:
        return
    taken = set(part.chunk.table.columns)
    added: dict[str, Sequence[object]] = {
        "label": part.labels, "confidence": part.confidence, "abstained": part.abstained,
    }  # fmt: skip
    if part.sets is not None:
        added["answer_set"] = part.sets
    if part.explanations:
        added |= columns(part.explanations)
    added |= {f"p:{name}": [round(float(p), 6) for p in part.probabilities[:, i]] for i, name in enumerate(classes)}
    writer.write(part.chunk, {free_name(name, taken): cells for name, cells in added.items()})


def free_name(name: str, taken: Collection[str]) -> str:
    """The name of a new column: `predicted_label` if the file already has a `label`."""
    return name if name not in taken else free_name(f"predicted_{name}", taken)


def _list_bad(summary: Summary, bad: Sequence[Bad], reasons: Path, lang: Lang) -> None:
    if not bad:
        return
    begun = summary.reasons is not None
    with reasons.open("a" if begun else "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([] if begun else [("line", "reason")])
        writer.writerows((line, error.sentence(lang)) for line, error in bad)
    summary.reasons = reasons
    summary.bad += len(bad)
    summary.lines += [line for line, _ in bad][: SHOWN - len(summary.lines)]


def as_line(part: Answered, row: int, classes: Sequence[str], probabilities: bool) -> object:
    """The prediction for a row, in the form that `predict` prints; with the answer set if a promise is kept."""
    line: dict[str, object] = {"label": part.labels[row]}
    if part.sets is not None:
        line["answer_set"] = part.sets[row]
    if probabilities:
        line["probabilities"] = {
            name: round(float(p), 6) for name, p in zip(classes, part.probabilities[row], strict=True)
        }
    if part.explanations:
        line["explanation"] = part.explanations[row].as_dict()
    return line if len(line) > 1 else part.labels[row]
