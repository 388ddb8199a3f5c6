"""Execute one run: options, rows and engine in; a finished run folder out."""

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from rankfirst import data, trackers
from rankfirst.engine.base import Engine, Tick, Watch, no_tick, no_watch
from rankfirst.engine.base_models.sources import companions
from rankfirst.engine.storage import mirrored
from rankfirst.errors import RunError
from rankfirst.measure import wall_clock
from rankfirst.messages import Lang
from rankfirst.model.classifier import Classifier, load
from rankfirst.model.package import deliver
from rankfirst.options.field import options_of
from rankfirst.options.fit_options import FitOptions
from rankfirst.policy import user_settings
from rankfirst.policy.final_training import most_work
from rankfirst.progress.notebook import Progress, both
from rankfirst.records import Dataset, to_json
from rankfirst.report import Charts, Event, charts_of, framed, leaderboard, read, result_card, write_html
from rankfirst.report.events import mapping, number
from rankfirst.report.leaderboard import COLUMNS
from rankfirst.run.autopilot import Autopilot
from rankfirst.run.folder import JOURNAL, KEPT, check, open_run
from rankfirst.run.journal import Journal
from rankfirst.run.search import Origin, Wishes

# Values of options in runs that are older than the option.
_BEFORE: Final = {"probes": "constant"} | {o.journal: o.default for o in options_of(FitOptions).values() if o.plain}

# Not compared with an older run: its delivered model was trained without the validation rows, whatever the option says,
# and it knows the base by its weights alone.
_FIXED_BEFORE: Final = frozenset({"hold_out", "base_files"})

RESULT: Final = "result.json"

Listen = Callable[[str, str, Any], None]
"""Called with every event of the journal: (kind, key, payload)."""
Stream = Callable[[Mapping[str, Any]], None]
"""Called with every line of the journal: n, at, seconds, kind, key, payload."""


class Summary(dict[str, Any]):
    """result.json, whose representation names its fields instead of printing 20,000 characters."""

    def __repr__(self) -> str:
        return f"<result.json: {', '.join(self)}>"


@dataclass(frozen=True, repr=False)
class Result:
    """A finished run; a notebook shows its verdict as a card."""

    folder: Path
    summary: dict[str, Any]  # result.json
    _: KW_ONLY
    lang: Lang = "en"  # of cards and charts

    @classmethod
    def read(cls, folder: Path | str, lang: Lang = "en") -> "Result":
        """The result of a finished run, of any version. Raises: RunError if there is none in `folder`."""
        path = Path(folder)
        if not (path / RESULT).is_file():
            begun = (path / JOURNAL).is_file()
            raise RunError("run.unfinished" if begun else "run.missing", path=str(path))
        try:
            summary = json.loads((path / RESULT).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            summary = None
        if not isinstance(summary, dict):
            raise RunError("run.bad_model", path=str(path / RESULT))
        return Result(path, Summary(summary), lang=lang)

    def load(self, backend: str = "torch") -> Classifier:
        """The delivered model, ready to predict. Raises: as `rankfirst.load`."""
        return load(self.folder, backend)

    def leaderboard(self) -> Any:
        """Every model of the run by validation macro-F1, the baselines and each probe with its recipe.

        Shares are 0 to 1, `val_low` and `val_high` the 95% interval. A probe has the score of its best epoch.
        Returns: a pandas DataFrame; without pandas (extra `pandas`) a table of the same rows.
        """
        return framed(leaderboard(self._events(), self.lang), COLUMNS, self.lang)

    def plot(self, kind: str | None = None) -> Charts:
        """Charts, which a notebook displays: "curves", "recalls" or "confusion"; by default all of them.

        Raises: OptionError for another kind.
        """
        return charts_of(self._events(), kind, self.lang)

    def __repr__(self) -> str:
        scores = [f"{split} macro-F1 {score:.3f}" for split in ("val", "test")
                  if (score := number(mapping(self.summary.get(split)).get("macro_f1"))) is not None]  # fmt: skip
        facts = [f"{self.summary.get('verdict')} delivered", *scores, f"folder {str(self.folder)!r}"]
        return f"<{type(self).__name__}: {', '.join(facts)}>"

    def _repr_html_(self) -> str:
        report = self.folder / "report.html"
        return result_card(self._events(), self.lang, str(report) if report.is_file() else "")

    def _events(self) -> list[Event]:
        """The journal; without its file, result.json alone."""
        path = self.folder / JOURNAL
        return read(path) if path.is_file() else [Event("result", "", self.summary)]


@dataclass(frozen=True, kw_only=True)
class Listeners:
    """Callbacks during a run."""

    listen: Listen | None = None
    tick: Tick | None = None
    stream: Stream | None = None
    watch: Watch | None = None
    progress: bool | None = None  # None: shown in a notebook; True: on a terminal too


@dataclass(frozen=True)
class FitCall(FitOptions, Listeners):
    """The arguments of `fit`."""

    train: Path | str | Dataset | Any  # or rows in Python
    out: Path | str = "run"
    _: KW_ONLY
    overwrite: bool = False
    lang: Lang = "en"
    synthetic: bool = False


def followed(call: FitCall, shown: Progress | None) -> FitCall:
    """The call, whose callbacks also show its progress."""
    if shown is None:
        return call
    return replace(call, tick=both(call.tick, shown.tick), stream=both(call.stream, shown.event),
                   watch=both(call.watch, shown.pulse))  # fmt: skip


@dataclass(frozen=True)
class Job:
    """The input of a run, once its options and rows were read."""

    dataset: Dataset
    command: str  # the command line that continues the run
    early: Callable[[Path], Engine] | None  # makes the engine for a work folder, before the run's folder is opened
    later: Callable[[Path, Journal], Engine] | None = None  # if `early` is None: makes it once the journal is open
    engine: str = "local"
    targets: tuple[trackers.Target, ...] = ()
    origin: Origin | None = None  # what the continued run had delivered
    parent: Mapping[str, Any] | None = None  # payload of the `parent` event of a run that continues another one
    after: Callable[[Journal], None] | None = None  # called after delivery, before the last report is written
    began: float = field(default_factory=time.monotonic)  # the clock limit and the times of the run count from here


def execute(call: FitCall, job: Job) -> Result:
    """Run `fit` on rows that were read already; `call.train` is ignored.

    Raises: RankfirstError, as `api.fit`.
    """
    folder, dataset = Path(call.out), job.dataset
    check(folder)
    wishes, account = Wishes.of(call, job.origin), wall_clock.Account(job.began, "start")
    with contextlib.ExitStack() as ends:
        ends.enter_context(wall_clock.kept(account))
        keep = ends.enter_context(mirrored(folder, call.storage, KEPT, call.overwrite))
        # Before the folder is opened: a base that does not load must not overwrite an earlier run.
        with wall_clock.span("start"):
            trainer = job.early(folder / "work") if job.early else None
        if trainer is not None:
            _ready(ends, trainer, wishes, call.watch)
        listen = ends.enter_context(trackers.follow(job.targets, folder, call.lang, _kept(keep, call.listen)))
        journal = ends.enter_context(open_run(folder, call.overwrite, listen, job.began, account))
        journal.stream = call.stream
        if trainer is None:
            assert job.later is not None
            with wall_clock.span("start"):
                trainer = job.later(folder / "work", journal)
            _ready(ends, trainer, wishes, call.watch)
        _same_run(journal, _identity(call, job, wishes, trainer), _beside(call, job, trainer))
        if job.parent is not None:
            journal.remember("parent", "", lambda: dict(job.parent or {}))
        outcome = Autopilot(dataset, trainer, journal, wishes, call.tick or no_tick).run()
        summary = deliver(outcome, trainer, dataset, journal, call, folder, call.lang, call.tick or no_tick)
        trainer.close()
        if job.after is not None:
            job.after(journal)
            write_html(journal.path, folder / "report.html", call.lang)
        keep()
    return Result(folder, Summary(summary), lang=call.lang)


def _identity(call: FitCall, job: Job, wishes: Wishes, trainer: Engine) -> dict[str, Any]:
    """The identity of the run: a command with the same identity continues it, any other is refused.

    Raises: DataError if the costs do not fit the classes.
    """
    dataset, parent = job.dataset, job.parent
    texts = "\n".join([*dataset.outside, "", *dataset.outside_test])
    return call.identity() | {
        "budget_seconds": wishes.budget.max_seconds,
        "set": {knob: user_settings.written(knob, value) for knob, value in wishes.settings.items()},
        "outside": hashlib.sha256(texts.encode()).hexdigest() if dataset.outside else None,
        "costs": to_json(data.costs_of(call.costs, dataset.classes, call.abstain_cost)),
        "probes": "cooled",
        "parent": None if parent is None else parent["journal_sha256"],
        "fingerprint": dataset.fingerprint,
        "base_sha256": trainer.info.base_sha256,
        "base_files": companions(trainer.source.folder),
    }


def _beside(call: FitCall, job: Job, trainer: Engine) -> dict[str, Any]:
    """The other fields of the `run` event, which may differ between sessions."""
    info, dataset = trainer.info, job.dataset
    return {
        "dataset": dataset.name, "base_model": trainer.source.spec, "versions": to_json(info.versions),
        "device": info.device, "threads": info.threads, "command": job.command, "multi_label": dataset.multi_label,
        "synthetic": call.synthetic, "notes": to_json(dataset.notes), "engine": job.engine,
        "base": trainer.facts.size,
        # Where relative paths of the command start, and the run's folder then: both may be moved.
        "where": {"cwd": os.getcwd(), "run": os.path.abspath(call.out)},
        "budget_work": None if call.budget else most_work(trainer.facts, len(dataset.train))}  # fmt: skip


def _kept(keep: Callable[..., None], listen: Listen | None) -> Listen:
    """A listener that copies the journal to the run's storage before it passes an event on."""

    def keep_and_pass(kind: str, key: str, payload: Any) -> None:
        keep(JOURNAL)
        if listen:
            listen(kind, key, payload)

    return keep_and_pass


def _ready(ends: contextlib.ExitStack, trainer: Engine, wishes: Wishes, watch: Watch | None) -> None:
    """Release the engine at the end and watch it. Raises: OptionError for sites deeper than its base model."""
    ends.callback(trainer.release)
    user_settings.within(wishes.settings, trainer.facts.layers)
    trainer.watch = watch or no_watch


def _same_run(journal: Journal, identity: Mapping[str, Any], beside: Mapping[str, Any]) -> None:
    """Record the `run` event, or compare with the recorded one. Raises: RunError if the identities differ."""
    run = journal.remember("run", "", lambda: {**identity, **beside})
    compared = {k: v for k, v in identity.items() if k in run or k not in _FIXED_BEFORE}
    differing = [k for k, v in compared.items() if run.get(k, _BEFORE.get(k)) != v]
    if differing:
        raise RunError("run.other_data", path=str(journal.path.parent), what=", ".join(differing))
