"""The run to continue from: its delivery, its options, and the rows it was trained on."""

import hashlib
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

from rankfirst import data, report
from rankfirst.errors import DataError, RunError
from rankfirst.model.classifier import EXPORTS, UNREAD, Classifier
from rankfirst.model.manifest import verify
from rankfirst.options.fit_options import given_in
from rankfirst.records import Dataset, Recipe, from_json
from rankfirst.run.folder import JOURNAL
from rankfirst.run.source_rows import Place, cell_options, options_at, places

LIKELY: Final = (
    2  # places in which files of these names are said to hold other rows; elsewhere they are none of the run's
)
IN_MEMORY: Final = "ROWS"  # placeholder in the command of a run whose rows came from memory


@dataclass(frozen=True)
class Files:
    """The files that the rows came from; `more` were added later, in this order."""

    train: str
    val: str | None = None
    test: str | None = None
    text: str | None = None
    label: str | None = None
    encoding: str | None = None
    more: tuple[str, ...] = ()
    group: str | None = None
    time: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)  # how their cells are read: name -> value

    @property
    def reading(self) -> data.Reading:
        """How label cells are read."""
        return data.Reading.of(self.options)

    @property
    def paths(self) -> list[str]:
        """All files, in the order in which they are read."""
        return [path for path in (self.train, self.val, self.test, *self.more) if path]

    def at(self, place: Place) -> "Files":
        """Replace every path by where it leads from a place."""
        val, test = (None if path is None else str(place.at(path)) for path in (self.val, self.test))
        more = tuple(str(place.at(path)) for path in self.more)
        options = options_at(place, self.options)
        return replace(self, train=str(place.at(self.train)), val=val, test=test, more=more, options=options)

    def moved(self, train: Sequence[str], val: str | None, test: str | None) -> "Files":
        """Replace paths that the user gives; several for `train`: the first file, then those added later, in order."""
        here = replace(self, val=val or self.val, test=test or self.test)
        return here if not train else replace(here, train=train[0], more=(*train[1:], *self.more[len(train) - 1 :]))


@dataclass(frozen=True)
class Parent:
    """A finished run."""

    folder: Path
    run: Mapping[str, Any]  # its `run` event
    facts: Mapping[str, Any]  # its decision.json
    recipe: Recipe | None  # recipe of the delivered LoRA; None if another model was delivered
    ceiling: int | None  # maximum rank
    files: Files
    sha256: str  # of its journal

    @property
    def seed(self) -> int:
        return int(self.run["seed"])

    @property
    def warm(self) -> Path:
        """The folder of the weights to start from. They have not seen the validation rows, by which they are judged."""
        held_out = "val" in self.facts.get("trained_on", {}).get("splits", ())
        return self.folder / ("held_out" if held_out else "model")


def read(folder: Path) -> Parent:
    """Raises: RunError if the folder holds no finished run, or one that cannot be read."""
    journal = folder / JOURNAL
    if not journal.is_file():
        raise RunError("run.missing", path=str(folder))
    whole = journal.read_bytes()
    events = {event.kind: event.payload for event in report.read(journal)}
    facts = Classifier(folder / "model").facts
    verify(folder / "model", skip=(*EXPORTS, *UNREAD), run=True)  # with the weights of held_out/
    if "result" not in events:
        raise RunError("run.unfinished", path=str(folder))
    try:
        recipe = events["result"].get("recipe")
        lora = facts["kind"] == "lora"
        ceiling = events.get("start", {}).get("ceiling", {}).get("max_rank")
        return Parent(
            folder, events["run"], facts, from_json(Recipe, recipe) if lora else None, ceiling,
            _files(events), hashlib.sha256(whole).hexdigest(),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise RunError("run.bad_model", path=str(journal)) from None


def rows(parent: Parent, files: Files) -> Dataset:
    """The rows of the parent run, in their original splits. Raises: DataError, as `rows_and_files`."""
    return rows_and_files(parent, files)[0]


def rows_and_files(parent: Parent, files: Files) -> tuple[Dataset, Files]:
    """Load the rows of the parent run, in their original splits. Returns: the rows, and where its files are now.

    Raises: DataError if a file is missing, or contains other rows than the run was trained on.
    """
    if files.train == IN_MEMORY:
        raise DataError("renew.in_memory", path=str(parent.folder))
    if files.time:  # later rows may train only if all held-out rows are later still
        raise DataError("renew.apart", flag="--time", column=files.time, run=str(parent.folder))
    refused: DataError | None = None
    for n, found in enumerate(map(files.at, places(parent.folder))):
        if not all(Path(path).exists() for path in found.paths):
            continue
        try:
            return _same_rows(parent, found), found
        except DataError as error:  # other files of these names; those of the run may be in another place
            refused = refused or (error if n < LIKELY else None)
    if refused is not None:
        raise refused
    every = [files.at(place).paths for place in places(parent.folder)]
    gone = next((path for n, path in enumerate(files.paths) if not any(Path(each[n]).exists() for each in every)),
                files.train)  # fmt: skip
    raise DataError("renew.gone", path=gone, run=str(parent.folder))


def _same_rows(parent: Parent, files: Files) -> Dataset:
    """Raises: DataError if the files hold other rows than the run was trained on."""
    dataset = data.load_dataset(Path(files.train), _path(files.val), _path(files.test), text=files.text,
                              label=files.label, encoding=files.encoding, group=files.group, time=files.time,
                              seed=parent.seed, **files.options)  # fmt: skip
    for path in files.more:
        dataset = data.with_more(dataset, Path(path), text=files.text, label=files.label, encoding=files.encoding,
                                 seed=parent.seed, how=files.reading, group=files.group).dataset  # fmt: skip
    if dataset.fingerprint != parent.run["fingerprint"]:
        raise DataError("renew.other_rows", path=files.train, run=str(parent.folder), rows=len(dataset.train),
                        found=dataset.fingerprint[:12], expected=str(parent.run["fingerprint"])[:12])  # fmt: skip
    # Runs of older versions read one label per row in lists or in 0/1 columns as several.
    return replace(dataset, multi_label=bool(parent.run.get("multi_label", dataset.multi_label)))


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


def _files(events: Mapping[str, Mapping[str, Any]]) -> Files:
    """Read the files from the command of a first run, or from the `parent` event of a continued one."""
    if "parent" in events:
        recorded = dict(events["parent"]["files"])
        return Files(**recorded | {"more": tuple(recorded["more"])})
    words = shlex.split(str(events["run"]["command"]))
    field_names = {each.name for each in fields(Files)}
    given = given_in(words)
    recorded_options: dict[str, Any] = {name: value for name, value in given.items() if name in field_names}
    return Files(words[2], **recorded_options, options=cell_options(given))
