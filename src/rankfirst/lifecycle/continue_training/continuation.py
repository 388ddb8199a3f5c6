"""`rankfirst continue`: fit the old and new rows together, starting from the delivered recipe and weights."""

import os
import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rankfirst import api, data, trackers
from rankfirst.data import Grown
from rankfirst.engine.base import Engine, Tick, WarmStart, Watch
from rankfirst.engine.base_models import sources
from rankfirst.engine.factory import make_engine
from rankfirst.errors import ModelError, OptionError, RunError
from rankfirst.execution import FitCall, Job, Listen, Result, Stream, execute, followed
from rankfirst.lifecycle.compare_models import Versus, versus
from rankfirst.lifecycle.continue_training import parent_run as parents
from rankfirst.lifecycle.continue_training.parent_run import Files, Parent
from rankfirst.measure.scores import as_tuples
from rankfirst.messages import Lang
from rankfirst.model.classifier import Classifier
from rankfirst.options.fit_options import FitOptions, restored
from rankfirst.progress.notebook import follow
from rankfirst.records import Dataset, from_json, to_json
from rankfirst.run.folder import JOURNAL
from rankfirst.run.journal import Journal
from rankfirst.run.search import Origin
from rankfirst.run.source_rows import base_of

NEXT = "-next"  # suffix of the default output folder


@dataclass(frozen=True, repr=False)
class Renewed(Result):
    """A finished run that continued another."""

    versus: Versus  # the model in use compared with this one, on the same test rows


def continue_run(run: Path | str, more: Path | str, out: Path | str | None = None, *, train: Iterable[str] = (),
                 val: str | None = None, test: str | None = None, fresh: bool = False, only_new: bool = False,
                 budget: str | None = None, memory: str | None = None, overwrite: bool = False, lang: Lang = "en",
                 track: Iterable[str] = (), listen: Listen | None = None, tick: Tick | None = None,
                 stream: Stream | None = None, watch: Watch | None = None,
                 progress: bool | None = None) -> Renewed:  # fmt: skip
    """Train on the rows of a finished run plus new ones; repeating the call resumes an interrupted run.

    Old rows keep their splits; new rows are split by the same seed. If the run delivered LoRA, its recipe is where the
    search starts and its weights are where final training starts; any other delivery is fitted from scratch. The old
    run is not modified.

    Args:
        run: folder of the finished run. more: a file with the same columns; it may contain new labels. out: default
            RUN-next.
        train, val, test: current paths of the old files, if they were moved; `train` includes files added later.
        fresh: start final training from scratch. only_new: not supported; raises an error that explains why.
        budget, memory, overwrite, track, listen, tick, stream, watch, progress, lang: as for `fit`.
    Raises: RankfirstError with a one-line message if the run or the rows cannot be used, and as `fit`.
    """
    folder, path = Path(run), Path(more)
    to = folder_for(folder, out)
    _check(folder, to, only_new)
    options = FitOptions(budget=budget, memory=memory)
    targets = trackers.parse(track)
    old = parents.read(folder)
    here = [None if given is None else os.path.abspath(given) for given in (val, test)]
    files = old.files.moved([os.path.abspath(given) for given in train], *here)
    before, found = parents.rows_and_files(old, files)
    grown = data.with_more(before, path, text=files.text, label=files.label, encoding=files.encoding, seed=old.seed,
                           how=files.reading, group=files.group)  # fmt: skip
    parent_event = _parent_event(old, found, path.absolute(), before, grown, fresh)
    call = FitCall(grown.dataset, to, **_restored(old) | options.chosen(), overwrite=overwrite, lang=lang,
                   synthetic=bool(old.run.get("synthetic")), listen=listen, tick=tick, stream=stream,
                   watch=watch)  # fmt: skip
    command = _command(folder, path, to, files, old.files, fresh, replace(options, track=tuple(map(str, targets))))

    def after(journal: Journal) -> None:
        journal.remember("versus", "", lambda: to_json(_compare(old, to, grown.dataset, len(before.test or ()))))

    # Rows that it was trained without were counted in the old rows; whether to leave some out is found anew.
    start = None if old.recipe is None else old.recipe.with_(without=())
    origin = Origin(start, str(old.facts["pooling"]) if old.recipe else None)
    job = Job(grown.dataset, command, _engine(old, grown, call, fresh), targets=targets, origin=origin,
              parent=parent_event, after=after)  # fmt: skip
    with follow(progress, lang) as shown:
        result = execute(followed(call, shown), job)
    comparison: Versus = from_json(Versus, Journal(to / JOURNAL).events["versus", ""])
    return Renewed(result.folder, result.summary, comparison, lang=lang)


def folder_for(run: Path | str, out: Path | str | None) -> Path:
    """The folder of the new run; by default next to the old one."""
    place = Path(run).absolute()
    return place.with_name(place.name + NEXT) if out is None else Path(out)


def _check(run: Path, to: Path, only_new: bool) -> None:
    if only_new:
        raise OptionError("renew.only_new")
    if run.resolve() == to.resolve():
        raise RunError("renew.same_folder", path=str(to))


def _parent_event(old: Parent, files: Files, more: Path, before: Dataset, grown: Grown, fresh: bool) -> dict[str, Any]:
    """The `parent` event: the run this one continues, and how the rows grew."""
    kept = "delivered" if old.warm.name == "model" else "held_out"
    weights = "none" if old.recipe is None else "fresh" if fresh else kept
    return {
        "run": str(old.folder), "journal_sha256": old.sha256, "fingerprint": old.run["fingerprint"],
        "ship": old.facts["kind"], "recipe": to_json(old.recipe), "weights": weights, "ceiling": old.ceiling,
        "rows_before": _sizes(before), "rows_after": _sizes(grown.dataset), "added": dict(grown.added),
        "left_out": grown.left_out, "classes_before": len(before.classes),
        "new_classes": list(grown.new_classes),
        "files": asdict(files) | {"more": [*files.more, str(more)]},
    }  # fmt: skip


def _sizes(dataset: Dataset) -> dict[str, int]:
    return {"train": len(dataset.train), "val": len(dataset.val), "test": len(dataset.test or ())}


def _restored(old: Parent) -> dict[str, Any]:
    """The options of the old run, costs by class name; a run stores no out-of-scope texts, so there are none here."""
    names, costs = old.facts["classes"], old.run.get("costs")
    costs_by_name = None if costs is None else {(names[a], names[b]): float(cost) for a, b, cost in costs["cells"]}
    return restored(old.run, old.facts) | {"costs": costs_by_name}


def _engine(old: Parent, grown: Grown, call: FitCall, fresh: bool) -> Callable[[Path], Engine]:
    """Raises: ModelError if the base differs from the one the old run used."""
    source = sources.resolve(base_of(old.folder, str(call.base_model)))
    if source.sha256 != old.run["base_sha256"]:
        raise ModelError("model.wrong_hash", spec=source.spec, found=source.sha256[:16],
                         expected=str(old.run["base_sha256"])[:16])  # fmt: skip
    start = None
    if old.recipe is not None and not fresh:
        place = [grown.dataset.classes.index(name) for name in old.facts["classes"]]
        start = WarmStart(old.warm, old.recipe, tuple(place))
    options = replace(api.engine_options(call), warm=start)
    return lambda folder: make_engine(grown.dataset, source, folder, options)


def _compare(old: Parent, to: Path, dataset: Dataset, before: int) -> Versus:
    """Compare both delivered models on the test rows, loaded from disk as they will be in use."""
    test = dataset.test
    assert test is not None
    answers_in_use, answers_new = (_answers(folder, test.texts, dataset.classes) for folder in (old.folder, to))
    return versus(test.labels, answers_in_use, answers_new, dataset.classes, before)


def _answers(run: Path, texts: Sequence[str], classes: Sequence[str]) -> list[tuple[int, ...]]:
    """(n,) indexes into `classes` of a delivered model's answers, also to texts that it leaves to a person."""
    model, place = Classifier(run / "model"), {name: i for i, name in enumerate(classes)}
    rows = as_tuples(model.decide(model.predict_proba(texts)))
    return [tuple(sorted(place[model.classes[c]] for c in row)) for row in rows]


def _command(run: Path, more: Path, to: Path, files: Files, old: Files, fresh: bool,
             options: FitOptions) -> str:  # fmt: skip
    """The command line that resumes this run. Args: options: those that it may contain."""
    words = ["rankfirst", "continue", str(run), str(more), "-o", str(to)]
    if (files.train, files.more) != (old.train, old.more):
        words += [word for path in (files.train, *files.more) for word in ("--train", path)]
    for flag, here, there in (("--val", files.val, old.val), ("--test", files.test, old.test)):
        words += [flag, str(here)] if here != there else []
    words += ["--fresh"] if fresh else []
    return shlex.join([*words, *options.words()])
