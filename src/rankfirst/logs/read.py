"""One log, whatever wrote it, as a `records.TrainingLog`."""

from dataclasses import replace
from math import isfinite
from pathlib import Path

from rankfirst.errors import DataError
from rankfirst.logs import collect, find, settings
from rankfirst.logs.formats import FORMATS
from rankfirst.records.training_log import TrainingLog


def read(path: Path, adapter: Path | None = None) -> TrainingLog:
    """Read a log and what lies beside it.

    Args:
        path: a file, a checkpoint or output folder that holds one, or a run folder of TensorBoard or MLflow.
        adapter: PEFT's adapter_config.json or its folder; looked for beside the log when None.
    Returns: points and evaluations by increasing step; the peak lr from the log where no setting names it.
    Raises: DataError with one clear line for anything that is no training log; nothing is unpickled on the way.
    """
    log = find.locate(path)
    head = b"" if log.is_dir() else find.head(log)
    known = next((f for f in FORMATS if f.recognise(log, head)), None)
    if known is None:
        raise DataError(_what(head), path=log.name)
    made = collect.log(_name(path, log), known.name, known.rows(log), settings.beside(log, adapter))
    peak = max((p.lr for p in made.points if isfinite(p.lr)), default=0.0)
    return replace(made, recipe=replace(made.recipe, lr=made.recipe.lr or peak or None))


def _name(path: Path, log: Path) -> str:
    """The log's own name after that of the folder it was found in, so that two runs can be told apart."""
    return f"{log.parent.name}/{log.name}" if log.parent.name else log.name


def _what(head: bytes) -> str:
    """Why no format knows these bytes."""
    if b"\0" in head:
        return "logs.binary"
    try:
        head[: find.HEAD - 4].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return "logs.not_utf8" if error.start < len(head) - 4 else "logs.unknown"
    return "logs.unknown"
