"""Which base model to start from, when several are named: each frozen on the same rows, and the policy decides."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from rankfirst import baselines, data, policy
from rankfirst.engine.base import Engine, Source, Tick, no_tick
from rankfirst.engine.base_models import candidates, sources
from rankfirst.errors import ModelError, RunError
from rankfirst.measure.answers import Decoding
from rankfirst.measure.scores import as_tuples, indicator, log_loss
from rankfirst.records import BaseChoice, BaseTrial, Dataset, MissingBase, Split, from_json, to_json
from rankfirst.run.journal import Journal

# Rows. So many held-out answers tell macro-F1 apart to about a point, and a small encoder reads them in seconds.
TRIAL_ROWS: Final = 4000
TRIAL_VAL_ROWS: Final = 2000

EngineOf = Callable[[Dataset, Source, Path], Engine]
"""(rows, base, folder for its files) -> an `Engine` over that base."""
Remember = Callable[[str, str, Callable[[], Any]], Any]
"""(kind, key, compute) -> the payload of that step, computed once: `Journal.remember`."""


@dataclass(frozen=True)
class Bases:
    """The base models a command named, looked for before anything is written."""

    asked: str
    found: tuple[Source, ...]  # at least one
    missing: tuple[MissingBase, ...] = ()

    @classmethod
    def of(cls, asked: str, dataset: Dataset) -> "Bases":
        """Raises: ModelError when none can be had, OptionError for a list nobody knows."""
        if not candidates.automatic(asked):
            return cls(asked, (sources.resolve(asked),))
        found, missing = candidates.find(candidates.specs(asked, data.script_of(dataset.train.texts)))
        return cls(asked, found, tuple(MissingBase(spec, e.code, _plain(e.fields)) for spec, e in missing))

    @property
    def single(self) -> Source | None:
        """The one that was named; None where there is a choice."""
        return None if candidates.automatic(self.asked) else self.found[0]

    def makers(
        self, dataset: Dataset, engine_of: EngineOf, seed: int, tick: Tick
    ) -> tuple[Callable[[Path], Engine] | None, Callable[[Path, Journal], Engine] | None]:
        """What makes the engine of a run: at once where a base was named, else once the journal can be asked."""
        single = self.single
        if single is not None:
            return lambda folder: engine_of(dataset, single, folder), None

        def later(folder: Path, journal: Journal) -> Engine:
            chosen = self.again(dataset, engine_of, folder, journal, seed, tick)
            return engine_of(dataset, chosen, folder)

        return None, later

    def decided(
        self, dataset: Dataset, engine_of: EngineOf, folder: Path, *, seed: int = 0, tick: Tick = no_tick
    ) -> tuple[BaseChoice | None, Source]:
        """The one that was named, or the one taken (see `choose`) with why."""
        if self.single is not None:
            return None, self.single
        return self.choose(dataset, engine_of, folder, seed=seed, tick=tick)

    def choose(
        self, dataset: Dataset, engine_of: EngineOf, folder: Path, remember: Remember | None = None,
        seed: int = 0, tick: Tick = no_tick,
    ) -> tuple[BaseChoice, Source]:  # fmt: skip
        """Try every candidate, and take one.

        Args:
            folder: for the engines' files. remember: what was tried before is not tried again; None: nothing is kept.
        Raises: ModelError when none of them can be read, or the one that was chosen before is not there any more.
        """
        keep: Remember = remember or (lambda kind, key, compute: compute())

        def choose() -> Any:
            return to_json(self._tried(sample(dataset, seed), engine_of, folder, keep, seed, tick))

        choice: BaseChoice = from_json(BaseChoice, keep("base_choice", "", choose))
        source = next((found for found in self.found if found.sha256 == choice.sha256), None)
        return choice, source or sources.resolve(choice.spec)

    def again(
        self, dataset: Dataset, engine_of: EngineOf, folder: Path, journal: Journal, seed: int, tick: Tick
    ) -> Source:
        """The base of a run that is left to choose it now, or chose it in an earlier session.

        Raises: RunError when the run was made with a base that was named, or with other candidates.
        """
        before = journal.events.get(("base_choice", ""))
        if (before or {}).get("asked", self.asked) != self.asked or (before is None and journal.has("run", "")):
            raise RunError("run.other_data", path=str(journal.path.parent), what="base_model")
        for kind, key in [name for name in journal.events if before is not None and name[0] == "base_trial"]:
            journal.remember(kind, key, dict)  # told again, as every event of an earlier session is
        return self.choose(dataset, engine_of, folder, journal.remember, seed, tick)[1]

    def _tried(
        self, rows: Dataset, engine_of: EngineOf, folder: Path, keep: Remember, seed: int, tick: Tick
    ) -> BaseChoice:
        if len(self.found) == 1 and not self.missing:
            return BaseChoice(self.asked, self.found[0].spec, self.found[0].sha256, "bases.because.same_weights")
        if len(self.found) == 1:
            only = self.found[0]
            return BaseChoice(self.asked, only.spec, only.sha256, "bases.because.only", missing=self.missing)
        trials: list[BaseTrial] = []
        unusable: list[MissingBase] = []
        for at, source in enumerate(self.found):
            tick("bases", at, len(self.found))
            trial = partial(_trial, rows, source, engine_of, folder / f"base-{at}", seed, tick)
            try:
                trials.append(from_json(BaseTrial, keep("base_trial", source.spec, trial)))
            except ModelError as error:  # a folder that looks like a base and is none
                unusable.append(MissingBase(source.spec, error.code, _plain(error.fields)))
        tick("bases", len(self.found), len(self.found))
        if not trials:
            raise ModelError("bases.none", specs=", ".join(source.spec for source in self.found))
        chosen = policy.choose_base(self.asked, trials, rows.train.labels, rows.val.labels, len(rows.classes))
        return replace(chosen, missing=(*self.missing, *unusable))


def default_base(dataset: Dataset) -> str:
    """By script: the packaged English encoder, or the documented Chinese one (which must be on this machine)."""
    if data.script_of(dataset.train.texts) == "en":
        return sources.DEFAULT_EN
    try:
        sources.resolve(sources.DEFAULT_ZH)
    except ModelError:
        raise ModelError("model.zh_default", spec=sources.DEFAULT_ZH) from None
    return sources.DEFAULT_ZH


def sample(dataset: Dataset, seed: int) -> Dataset:
    """The rows that candidates are tried on, classes in proportion; no test rows."""

    def some(split: Split, limit: int) -> Split:
        rows = baselines.subsample(split.labels, limit, seed)
        return Split(tuple(split.texts[row] for row in rows), tuple(split.labels[row] for row in rows))

    return replace(dataset, train=some(dataset.train, TRIAL_ROWS), val=some(dataset.val, TRIAL_VAL_ROWS), test=None)


def _trial(rows: Dataset, source: Source, engine_of: EngineOf, folder: Path, seed: int, tick: Tick) -> Any:
    """One base as the frozen rung reads with it."""
    began = time.perf_counter()
    engine = engine_of(rows, source, folder)
    train, val = engine.features("train", tick), engine.features("val", tick)
    fitted = baselines.fit_frozen(train, val, rows, (), seed)
    facts, multi = engine.facts, rows.multi_label
    truth = indicator(rows.train.labels, len(rows.classes))
    trial = BaseTrial(
        spec=source.spec,
        sha256=source.sha256,
        prefix=engine.info.prefix,
        pooling=fitted.pooling,
        leaky=fitted.rung.details["chosen_on"] == "validation",
        folds=as_tuples(Decoding.of(rows).answers(fitted.out_of_fold)),
        val=fitted.rung.val_predicted,
        folds_loss=float(log_loss(truth, fitted.out_of_fold, multi).mean()),
        val_loss=fitted.rung.val.log_loss,
        gigaflop=2e-9 * facts.layer_parameters * facts.layers * engine.info.tokens_mean,
        megabytes=sum(file.stat().st_size for file in source.folder.glob("*.safetensors")) / 1e6,
        ms_per_text=engine.ms_per_text(),
        seconds=time.perf_counter() - began,
    )
    engine.close()
    return to_json(trial)


def _plain(fields: Mapping[str, object]) -> dict[str, Any]:
    return {name: value if isinstance(value, int | float | str) else str(value) for name, value in fields.items()}
