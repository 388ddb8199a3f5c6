"""The registry of log formats, in the order in which they are tried."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rankfirst.advice.logs import card, console, delimited, jsonlines, mlflow, tensorboard, trainer_state
from rankfirst.advice.logs.collect import Row


@dataclass(frozen=True)
class LogFormat:
    """One log format."""

    name: str  # "logs.format.<name>" is its display name
    recognise: Callable[[Path, bytes], bool]  # (file or folder, first bytes of a file) -> whether it has this format
    rows: Callable[[Path], Iterator[Row]]


def _text(recognise: Callable[[Path, str], bool]) -> Callable[[Path, bytes], bool]:
    """Adapt a recogniser of text; it is called for text files only."""

    def recognise_bytes(path: Path, head: bytes) -> bool:
        text = head.decode("utf-8-sig", errors="ignore").lstrip()
        return path.is_file() and bool(head) and b"\0" not in head and recognise(path, text)

    return recognise_bytes


def _run_folder(path: Path, head: bytes) -> bool:
    return path.is_dir() and mlflow.is_run(path)


def _events(path: Path, head: bytes) -> bool:
    return tensorboard.recognise(path, head) or (path.is_dir() and any(path.glob(tensorboard.FOLDER_GLOB)))


FORMATS: Final[tuple[LogFormat, ...]] = (
    LogFormat("mlflow", _run_folder, mlflow.rows),
    LogFormat("tensorboard", _events, tensorboard.rows),
    LogFormat("trainer_state", _text(trainer_state.recognise), trainer_state.rows),
    LogFormat("llama_factory", _text(jsonlines.llama_factory), jsonlines.rows),
    LogFormat("ms_swift", _text(jsonlines.ms_swift), jsonlines.rows),
    LogFormat("wandb", _text(jsonlines.wandb), jsonlines.rows),
    LogFormat("card", _text(card.recognise), card.rows),
    LogFormat("console", _text(console.recognise), console.rows),
    LogFormat("jsonl", _text(jsonlines.generic), jsonlines.rows),
    LogFormat("csv", _text(delimited.recognise), delimited.rows),
)
