"""The run that is gone on from: what it delivered, how it was asked for, and the rows it was made from."""

import hashlib
import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from rankfirst import data, report
from rankfirst.errors import DataError, RunError
from rankfirst.policy import held
from rankfirst.records import Dataset, Recipe, from_json
from rankfirst.runs import JOURNAL

IN_MEMORY: Final = "ROWS"  # how a command calls rows that came from no file
_FLAGS: Final = {"--val": "val", "--test": "test", "--text": "text", "--label": "label"}


@dataclass(frozen=True)
class Files:
    """Where rows come from; `more` joined the others later, in this order."""

    train: str
    val: str | None = None
    test: str | None = None
    text: str | None = None
    label: str | None = None
    more: tuple[str, ...] = ()

    def moved(self, train: Sequence[str], val: str | None, test: str | None) -> "Files":
        """With the paths the user gives; several for `train`: the first file and those that joined it, in order."""
        here = replace(self, val=val or self.val, test=test or self.test)
        return here if not train else replace(here, train=train[0], more=(*train[1:], *self.more[len(train) - 1 :]))


@dataclass(frozen=True)
class Parent:
    """A finished run."""

    folder: Path
    run: Mapping[str, Any]  # its `run` event
    facts: Mapping[str, Any]  # its decision.json
    recipe: Recipe | None  # of the LoRA it delivered; None: it delivered none
    ceiling: int | None  # rank
    files: Files
    sha256: str  # of its journal

    @property
    def seed(self) -> int:
        return int(self.run["seed"])

    @property
    def held(self) -> held.Held:
        """Head and objective, as it was asked for."""
        given = {name: self.run.get(name) for name in held.AS_USUAL.flags}
        return held.parse(**{name: value for name, value in given.items() if value is not None})


def read(folder: Path) -> Parent:
    """Raises: RunError for a folder without a finished run, or one that cannot be read."""
    journal = folder / JOURNAL
    if not journal.is_file():
        raise RunError("run.missing", path=str(folder))
    whole = journal.read_bytes()
    events = {event.kind: event.payload for event in report.read(journal)}
    try:
        facts = json.loads((folder / "model" / "decision.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError("run.unfinished", path=str(folder)) from None
    except (OSError, ValueError, RecursionError):
        raise RunError("run.bad_model", path=str(folder / "model" / "decision.json")) from None
    if "result" not in events:
        raise RunError("run.unfinished", path=str(folder))
    try:
        told = events["result"].get("recipe")
        lora = facts["kind"] == "lora"
        ceiling = events.get("start", {}).get("ceiling", {}).get("max_rank")
        return Parent(
            folder, events["run"], facts, from_json(Recipe, told) if lora else None, ceiling,
            _files(events), hashlib.sha256(whole).hexdigest(),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise RunError("run.bad_model", path=str(journal)) from None


def rows(parent: Parent, files: Files) -> Dataset:
    """The rows of before, in the splits of before.

    Raises: DataError where the files are gone, or hold other rows than the run was made from.
    """
    if files.train == IN_MEMORY:
        raise DataError("renew.in_memory", path=str(parent.folder))
    gone = [path for path in (files.train, files.val, files.test, *files.more) if path and not Path(path).exists()]
    if gone:
        raise DataError("renew.gone", path=gone[0], run=str(parent.folder))
    found = data.load_dataset(Path(files.train), _path(files.val), _path(files.test), text=files.text,
                              label=files.label, seed=parent.seed)  # fmt: skip
    for path in files.more:
        found = data.with_more(found, Path(path), text=files.text, label=files.label, seed=parent.seed).dataset
    if found.fingerprint != parent.run["fingerprint"]:
        raise DataError("renew.other_rows", path=files.train, run=str(parent.folder), rows=len(found.train),
                        found=found.fingerprint[:12], expected=str(parent.run["fingerprint"])[:12])  # fmt: skip
    return found


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


def _files(events: Mapping[str, Mapping[str, Any]]) -> Files:
    """From the command of a first run, or from what one that went on from another wrote down."""
    if "parent" in events:
        told = dict(events["parent"]["files"])
        return Files(**told | {"more": tuple(told["more"])})
    words = shlex.split(str(events["run"]["command"]))
    given = {_FLAGS[flag]: value for flag, value in pairwise(words) if flag in _FLAGS}
    return Files(words[2], given.get("val"), given.get("test"), given.get("text"), given.get("label"))
