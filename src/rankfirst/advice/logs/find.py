"""Find the log in what the user names: an output folder, a checkpoint, a run folder, or the file itself."""

from pathlib import Path
from typing import Final

from rankfirst.advice.logs import mlflow, tensorboard
from rankfirst.advice.logs.text import unreadable
from rankfirst.errors import DataError

# Log files in an output folder, the most informative first; some names also identify the trainer.
FILES: Final = (
    "trainer_state.json",
    "logging.jsonl",
    "trainer_log.jsonl",
    "wandb-history.jsonl",
    "files/wandb-history.jsonl",
    "metrics.csv",
    "history.csv",
)
TABLE: Final = "metrics.csv"  # Lightning's
# Printed output, and the model card, which has the evaluations if nothing else was kept.
LAST: Final = ("train.log", "training.log", "nohup.out", "output.log", "README.md")
# Pickles and archives of pickles: opening one can execute code, so they are rejected.
PICKLES: Final = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK\x03\x04")
PICKLE_NAMES: Final = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib", ".npy")
WANDB: Final = b":W&B"  # follows the header of its store
HEAD: Final = 65536  # bytes read to identify a file


def locate(path: Path) -> Path:
    """The file or run folder to read. Raises: DataError if there is none, or several to choose from."""
    try:
        if not path.exists():
            raise DataError("logs.missing", path=path.name or ".")
        if path.is_dir():
            return _in_folder(path)
        if not path.is_file():  # a pipe would block, a device never ends
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
        last = next((path / name for name in LAST if (path / name).is_file()), None)
        if last is None:
            raise DataError("logs.no_log", path=path.name or ".")
        return last
    table = runs[0] / TABLE
    return table if table.is_file() else runs[0]


def checkpoints(path: Path) -> list[Path]:
    """The `checkpoint-STEP` folders of an output folder, newest last."""
    folders = [p for p in path.glob("checkpoint-*") if p.is_dir() and p.name[11:].isdecimal()]
    return sorted(folders, key=lambda p: int(p.name[11:]))


def _runs(path: Path) -> list[Path]:
    """Folders of runs, here and up to two levels below (runs/DATE, mlruns/EXPERIMENT/RUN, lightning_logs/version_0)."""
    folders = [path, *(p for level in ("*", "*/*") for p in sorted(path.glob(level)) if p.is_dir())]
    return [p for p in folders if mlflow.is_run(p) or (p / TABLE).is_file() or any(p.glob(tensorboard.FOLDER_GLOB))]


def _refuse_wandb(path: Path) -> None:
    if any(path.glob("*.wandb")) or any(path.glob("*/*.wandb")):
        raise DataError("logs.wandb_binary", path=path.name or ".")


def head(path: Path) -> bytes:
    """The first bytes of a file. Raises: DataError if the file is empty or of a type that must not be opened."""
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
