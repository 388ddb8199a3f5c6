"""The registry: every format, in the order in which a log is held against it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rankfirst.logs import delimited, jsonlines, mlflow, tensorboard, trainer_state
from rankfirst.logs.collect import Row


@dataclass(frozen=True)
class Format:
    """One kind of log."""

    name: str  # "logs.format.<name>" is what people call it
    recognise: Callable[[Path, bytes], bool]  # the file or folder, and the first bytes of a file
    rows: Callable[[Path], Iterator[Row]]


def _text(recognise: Callable[[Path, str], bool]) -> Callable[[Path, bytes], bool]:
    """A recogniser of text, asked about what looks like text only."""

    def of_bytes(path: Path, head: bytes) -> bool:
        text = head.decode("utf-8-sig", errors="ignore").lstrip()
        return path.is_file() and bool(head) and b"\0" not in head and recognise(path, text)

    return of_bytes


def _run_folder(path: Path, head: bytes) -> bool:
    return path.is_dir() and mlflow.is_run(path)


def _events(path: Path, head: bytes) -> bool:
    return tensorboard.recognise(path, head) or (path.is_dir() and any(path.glob(tensorboard.FOLDER_GLOB)))


FORMATS: Final[tuple[Format, ...]] = (
    Format("mlflow", _run_folder, mlflow.rows),
    Format("tensorboard", _events, tensorboard.rows),
    Format("trainer_state", _text(trainer_state.recognise), trainer_state.rows),
    Format("llama_factory", _text(jsonlines.llama_factory), jsonlines.rows),
    Format("ms_swift", _text(jsonlines.ms_swift), jsonlines.rows),
    Format("wandb", _text(jsonlines.wandb), jsonlines.rows),
    Format("jsonl", _text(jsonlines.anybody), jsonlines.rows),
    Format("csv", _text(delimited.recognise), delimited.rows),
)
