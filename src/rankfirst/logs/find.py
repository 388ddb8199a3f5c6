"""From what the user names to the log itself: an output folder, a checkpoint, a run folder, or the file."""

from pathlib import Path
from typing import Final

from rankfirst.errors import DataError
from rankfirst.logs import mlflow, tensorboard
from rankfirst.logs.text import unreadable

# In an output folder, the one that tells most first; the second column also tells what wrote it.
FILES: Final = (
    "trainer_state.json",
    "logging.jsonl",
    "trainer_log.jsonl",
    "wandb-history.jsonl",
    "files/wandb-history.jsonl",
    "metrics.csv",
)
# Pickles and archives of pickles: opening one can run code, so none is opened.
PICKLES: Final = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK\x03\x04")
PICKLE_NAMES: Final = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib", ".npy")
WANDB: Final = b":W&B"  # after the header of its store
HEAD: Final = 65536  # bytes looked at to tell what a file is


def locate(path: Path) -> Path:
    """The file or run folder to read. Raises: DataError where there is none, or more than one to choose from."""
    try:
        if not path.exists():
            raise DataError("logs.missing", path=path.name or ".")
        if path.is_dir():
            return _in_folder(path)
        if not path.is_file():  # a pipe would be waited for, a device never ends
            raise DataError("logs.no_file", path=path.name)
        return path
    except OSError as error:
        raise unreadable(path, error) from None


def _in_folder(path: Path) -> Path:
    if mlflow.is_run(path):
        return path
    named = next((path / name for name in FILES if (path / name).is_file()), None)
    if named is not None:
        return named
    states = [p / "trainer_state.json" for p in checkpoints(path) if (p / "trainer_state.json").is_file()]
    if states:
        return states[-1]
    runs = _runs(path)
    if len(runs) > 1:
        raise DataError("logs.several", path=path.name or ".", count=len(runs))
    if not runs:
        _refuse_wandb(path)
        raise DataError("logs.no_log", path=path.name or ".")
    return runs[0]


def checkpoints(path: Path) -> list[Path]:
    """The `checkpoint-STEP` folders of an output folder, the newest last."""
    found = [p for p in path.glob("checkpoint-*") if p.is_dir() and p.name[11:].isdecimal()]
    return sorted(found, key=lambda p: int(p.name[11:]))


def _runs(path: Path) -> list[Path]:
    """Folders of event files and MLflow runs, here and two levels below (runs/DATE, mlruns/EXPERIMENT/RUN)."""
    folders = [path, *(p for level in ("*", "*/*") for p in sorted(path.glob(level)) if p.is_dir())]
    return [p for p in folders if mlflow.is_run(p) or any(p.glob(tensorboard.FOLDER_GLOB))]


def _refuse_wandb(path: Path) -> None:
    if any(path.glob("*.wandb")) or any(path.glob("*/*.wandb")):
        raise DataError("logs.wandb_binary", path=path.name or ".")


def head(path: Path) -> bytes:
    """The first bytes of a file. Raises: DataError for what is never opened further, and for an empty file."""
    try:
        with path.open("rb") as file:
            first = file.read(HEAD)
    except OSError as error:
        raise unreadable(path, error) from None
    if not first:
        raise DataError("logs.empty", path=path.name)
    if first.startswith(PICKLES) or path.suffix.lower() in PICKLE_NAMES:
        raise DataError("logs.pickle", path=path.name)
    if path.suffix == ".wandb" or WANDB in first[:16]:
        raise DataError("logs.wandb_binary", path=path.name)
    return first
