"""One JSON object a line: LLaMA-Factory's `trainer_log.jsonl`, ms-swift's `logging.jsonl`, wandb's, anybody's."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from rankfirst.errors import DataError
from rankfirst.logs.collect import Row
from rankfirst.logs.text import document, lines, whole
from rankfirst.logs.trainer_state import of_document

# Keys that only one tool writes -> what its log is called.
LLAMA_FACTORY, MS_SWIFT, WANDB = '"current_steps"', '"global_step/max_steps"', '"_step"'


def llama_factory(path: Path, head: str) -> bool:
    """current_steps and total_steps; nulls where a row has nothing to say."""
    return path.name == "trainer_log.jsonl" or (head.startswith("{") and LLAMA_FACTORY in head)


def ms_swift(path: Path, head: str) -> bool:
    """ "global_step/max_steps": "10/100"; the last line repeats the whole log and is left out."""
    return path.name == "logging.jsonl" or (head.startswith("{") and MS_SWIFT in head)


def wandb(path: Path, head: str) -> bool:
    """Weights & Biases: its own step beside the trainer's."""
    return path.name == "wandb-history.jsonl" or (head.startswith("{") and WANDB in head)


def anybody(path: Path, head: str) -> bool:
    """Any object or list a line, or a document of rows."""
    return head.startswith(("{", "["))


def rows(path: Path) -> Iterator[Row]:
    """The objects of a file, whatever their keys; a file that is one document of rows is read as such.

    Lines that are no object are passed over: the last one may be torn. A file of nothing else is an error.
    Raises: DataError.
    """
    found = 0
    for line in lines(path):
        row = document(line) if line.lstrip().startswith("{") else None
        if isinstance(row, Mapping):
            found += 1
            yield row
    if not found:
        read = document(whole(path))
        if read is None:
            raise DataError("logs.bad_json", path=path.name)
        yield from of_document(read, path)
