"""An MLflow run folder: `metrics/NAME` holds lines of "timestamp value step", `params/NAME` holds one value."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from rankfirst.advice.logs.collect import Row
from rankfirst.advice.logs.text import lines
from rankfirst.errors import DataError

MOST_FILES = 1000  # maximum number of metrics or params of one run


def is_run(path: Path) -> bool:
    """Whether a folder has metrics and either parameters or MLflow's metadata."""
    return (path / "metrics").is_dir() and ((path / "params").is_dir() or (path / "meta.yaml").is_file())


def rows(path: Path) -> Iterator[Row]:
    """One row per step. Raises: DataError for a folder without metrics."""
    steps: dict[int, dict[str, object]] = {}
    files = _files(path / "metrics")
    if not files:
        raise DataError("logs.no_rows", path=path.name)
    for name, file in files:
        for line in lines(file) if file.stat().st_size else ():
            parts = line.split()
            # A metric logged without a step is a single value for the whole run.
            if len(parts) == 3 and parts[2].isdecimal():
                steps.setdefault(int(parts[2]), {})[name] = parts[1]
    for step in sorted(steps):
        yield {"global_step": step} | steps[step]


def settings(path: Path) -> Mapping[str, object]:
    """The parameters of the run that are short enough to be settings."""
    return {
        name: file.read_text(encoding="utf-8", errors="replace").strip()
        for name, file in _files(path / "params")
        if file.stat().st_size <= 4096
    }


def _files(folder: Path) -> list[tuple[str, Path]]:
    """(name, file); MLflow stores a metric called "train/loss" in a subfolder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())[:MOST_FILES] if folder.is_dir() else []
    return [(path.relative_to(folder).as_posix(), path) for path in paths]
