"""Read one log of any format as a `records.TrainingLog`."""

from dataclasses import replace
from pathlib import Path

from rankfirst.advice.logs import collect, find, schedule, settings, setup
from rankfirst.advice.logs.formats import FORMATS
from rankfirst.errors import DataError
from rankfirst.records.training_log import TrainingLog


def read(path: Path, adapter: Path | None = None) -> TrainingLog:
    """Read a log and the settings stored next to it.

    Args:
        path: a file, a checkpoint or output folder that holds one, or a run folder of TensorBoard or MLflow.
        adapter: PEFT's adapter_config.json or its folder; if None, it is searched for next to the log.
    Returns: points and evaluations by increasing step; if no setting names the peak lr, it follows from the logged
            schedule.
    Raises: DataError with a one-line message for anything that is not a training log. Nothing is unpickled.
    """
    log = find.locate(path)
    head = b"" if log.is_dir() else find.head(log)
    log_format = next((f for f in FORMATS if f.recognise(log, head)), None)
    if log_format is None:
        raise DataError(_unknown_format(head), path=log.name)
    run = collect.log(_name(path, log), log_format.name, log_format.rows(log), settings.beside(log, adapter))
    found = setup.beside(log, adapter, run.setup, run.keys, log_format.name)
    total: float | None = found.planned_epochs
    if run.counts_steps:
        per_epoch = run.last_step / run.epochs if run.epochs > 0 else 0.0
        total = found.planned_steps or (per_epoch * total if total and per_epoch else None)
    return with_peak(replace(run, setup=found, schedule=schedule.fit(run.rates, found, total)))


def with_peak(run: TrainingLog) -> TrainingLog:
    """The log with the peak lr of its schedule, unless a setting names it, and with the bounds of that peak."""
    recipe, fitted = run.recipe, run.schedule
    if recipe.lr is not None or fitted is None or fitted.zero:
        return run
    return replace(run, recipe=replace(recipe, lr=fitted.peak, lr_low=fitted.low, lr_high=fitted.high))


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
