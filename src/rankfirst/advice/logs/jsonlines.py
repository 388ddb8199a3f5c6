"""One JSON object per line: LLaMA-Factory's `trainer_log.jsonl`, ms-swift's `logging.jsonl`, wandb's, or generic."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from rankfirst.advice.logs.collect import Row
from rankfirst.advice.logs.text import document, lines, whole
from rankfirst.advice.logs.trainer_state import by_metric, document_rows
from rankfirst.errors import DataError

# Keys that only one tool writes.
LLAMA_FACTORY, MS_SWIFT, WANDB = '"current_steps"', '"global_step/max_steps"', '"_step"'


def llama_factory(path: Path, head: str) -> bool:
    """Has current_steps and total_steps; values missing from a row are null."""
    return path.name == "trainer_log.jsonl" or (head.startswith("{") and LLAMA_FACTORY in head)


def ms_swift(path: Path, head: str) -> bool:
    """ "global_step/max_steps": "10/100"; the last line repeats the whole log and is ignored."""
    return path.name == "logging.jsonl" or (head.startswith("{") and MS_SWIFT in head)


def wandb(path: Path, head: str) -> bool:
    """Weights & Biases: has its own step in addition to the trainer's."""
    return path.name == "wandb-history.jsonl" or (head.startswith("{") and WANDB in head)


def generic(path: Path, head: str) -> bool:
    """One object or list per line, or one document of rows."""
    return head.startswith(("{", "["))


def rows(path: Path) -> Iterator[Row]:
    """The objects of a file, whatever their keys; a file that is a single document of rows is also accepted.

    Lines that are not an object are skipped, since the last one may be incomplete.
    Raises: DataError if no line is an object and the file is not such a document.
    """
    objects = 0
    for line in lines(path):
        row = document(line) if line.lstrip().startswith("{") else None
        if isinstance(row, Mapping):
            objects += 1
            yield from by_metric(row) or (row,)
    if not objects:
        content = document(whole(path))
        if content is None:
            raise DataError("logs.bad_json", path=path.name)
        yield from document_rows(content, path)
