"""Read one log of any format as a `records.TrainingLog`."""

from dataclasses import replace
from math import isfinite
from pathlib import Path

from rankfirst.advice.logs import collect, find, settings
from rankfirst.advice.logs.formats import FORMATS
from rankfirst.errors import DataError
from rankfirst.records.training_log import TrainingLog


def read(path: Path, adapter: Path | None = None) -> TrainingLog:
    """Read a log and the settings stored next to it.

    Args:
        path: a file, a checkpoint or output folder that holds one, or a run folder of TensorBoard or MLflow.
        adapter: PEFT's adapter_config.json or its folder; if None, it is searched for next to the log.
    Returns: points and evaluations by increasing step; the peak lr is taken from the log if no setting names it.
    Raises: DataError with a one-line message for anything that is not a training log. Nothing is unpickled.
    """
    log = find.locate(path)
    head = b"" if log.is_dir() else find.head(log)
    log_format = next((f for f in FORMATS if f.recognise(log, head)), None)
    if log_format is None:
        raise DataError(_unknown_format(head), path=log.name)
    training_log = collect.log(_name(path, log), log_format.name, log_format.rows(log), settings.beside(log, adapter))
    peak = max((p.lr for p in training_log.points if isfinite(p.lr)), default=0.0)
    return replace(training_log, recipe=replace(training_log.recipe, lr=training_log.recipe.lr or peak or None))


def _name(path: Path, log: Path) -> str:
    """The log's name with its parent folder, so that two runs can be distinguished."""
    return f"{log.parent.name}/{log.name}" if log.parent.name else log.name


def _unknown_format(head: bytes) -> str:
    """The error code that explains why no format matches these bytes."""
    if b"\0" in head:
        return "logs.binary"
    try:
        head[: find.HEAD - 4].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return "logs.not_utf8" if error.start < len(head) - 4 else "logs.unknown"
    return "logs.unknown"
