"""Choose between several base models: fit the frozen rung with each on the same rows; the policy decides."""

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
from rankfirst.measure.decoding import Decoding
from rankfirst.measure.scores import as_tuples, indicator, log_loss
from rankfirst.records import BaseChoice, BaseTrial, Dataset, MissingBase, Split, from_json, to_json
from rankfirst.run.journal import Journal

# Rows. This many out-of-fold predictions resolve macro-F1 to about a point, and a small encoder needs seconds for them.
TRIAL_ROWS: Final = 4000
TRIAL_VAL_ROWS: Final = 2000

EngineOf = Callable[[Dataset, Source, Path], Engine]
"""(rows, base, folder for the engine's files) -> an `Engine` over that base."""
Remember = Callable[[str, str, Callable[[], Any]], Any]
"""(kind, key, compute) -> the payload of that step, computed once: `Journal.remember`."""


@dataclass(frozen=True)
class Bases:
    """The base models that an option names, resolved before anything is written."""

    request: str  # the option as the user wrote it
    sources: tuple[Source, ...]  # at least one
    missing: tuple[MissingBase, ...] = ()

    @classmethod
    def of(cls, request: str, dataset: Dataset) -> "Bases":
        """Raises: ModelError if none is available, OptionError for an unknown list."""
        if not candidates.automatic(request):
            return cls(request, (sources.resolve(request),))
        available, missing = candidates.find(candidates.specs(request, data.script_of(dataset.train.texts)))
        return cls(request, available, tuple(MissingBase(spec, e.code, _plain(e.fields)) for spec, e in missing))

    @property
    def single(self) -> Source | None:
        """The base that was named; None if there are several to choose from."""
        return None if candidates.automatic(self.request) else self.sources[0]

    def makers(
        self, dataset: Dataset, engine_of: EngineOf, seed: int, tick: Tick
    ) -> tuple[Callable[[Path], Engine] | None, Callable[[Path, Journal], Engine] | None]:
        """Factories of the engine: (one, None) for a named base, else (None, one that needs the journal)."""
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
        """(None, the base that was named), or (the reasons, the base chosen); see `choose`."""
        if self.single is not None:
            return None, self.single
        return self.choose(dataset, engine_of, folder, seed=seed, tick=tick)

    def choose(
        self, dataset: Dataset, engine_of: EngineOf, folder: Path, remember: Remember | None = None,
        seed: int = 0, tick: Tick = no_tick,
    ) -> tuple[BaseChoice, Source]:  # fmt: skip
        """Try every candidate and choose one.

        Args:
            folder: for the engines' files. remember: keeps finished trials, so that none is repeated; None: keeps none.
        Raises: ModelError if no candidate can be read, or the base that was chosen earlier is gone.
        """
        keep: Remember = remember or (lambda kind, key, compute: compute())

        def choose() -> Any:
            return to_json(self._tried(sample(dataset, seed), engine_of, folder, keep, seed, tick))

        choice: BaseChoice = from_json(BaseChoice, keep("base_choice", "", choose))
        source = next((source for source in self.sources if source.sha256 == choice.sha256), None)
        return choice, source or sources.resolve(choice.spec)

    def again(
        self, dataset: Dataset, engine_of: EngineOf, folder: Path, journal: Journal, seed: int, tick: Tick
    ) -> Source:
        """The base of a run with several candidates: chosen now, or as in an earlier session of the run.

        Raises: RunError if the run began with a named base or with other candidates.
        """
        before = journal.events.get(("base_choice", ""))
        if (before or {}).get("asked", self.request) != self.request or (before is None and journal.has("run", "")):
            raise RunError("run.other_data", path=str(journal.path.parent), what="base_model")
        for kind, key in [name for name in journal.events if before is not None and name[0] == "base_trial"]:
            journal.remember(kind, key, dict)  # sent to listeners again, as every event of an earlier session is
        return self.choose(dataset, engine_of, folder, journal.remember, seed, tick)[1]

    def _tried(
        self, rows: Dataset, engine_of: EngineOf, folder: Path, keep: Remember, seed: int, tick: Tick
    ) -> BaseChoice:
        if len(self.sources) == 1:
            only = self.sources[0]
            code = "bases.because.only" if self.missing else "bases.because.same_weights"
            return BaseChoice(self.request, only.spec, only.sha256, code, missing=self.missing)
        trials: list[BaseTrial] = []
        unusable: list[MissingBase] = []
        for at, source in enumerate(self.sources):
            tick("bases", at, len(self.sources))
            trial = partial(_trial, rows, source, engine_of, folder / f"base-{at}", seed, tick)
            try:
                trials.append(from_json(BaseTrial, keep("base_trial", source.spec, trial)))
            except ModelError as error:  # a folder that looks like a base model but is none
                unusable.append(MissingBase(source.spec, error.code, _plain(error.fields)))
        tick("bases", len(self.sources), len(self.sources))
        if not trials:
            raise ModelError("bases.none", specs=", ".join(source.spec for source in self.sources))
        chosen = policy.choose_base(self.request, trials, rows.train.labels, rows.val.labels, len(rows.classes))
        return replace(chosen, missing=(*self.missing, *unusable))


def default_base(dataset: Dataset) -> tuple[str, Dataset]:
    """The default base for the language of the texts, and the data with a note if it is not the one it should be.

    The packaged English encoder, the Chinese one, or one for about a hundred languages. Where that is out of reach,
    other languages in Latin letters get the English one, which splits their words into pieces that it knows.

    Raises: ModelError if the base is not on this machine and cannot be downloaded.
    """
    language = data.main_language(dataset.train.texts)
    if language == "en":
        return sources.DEFAULT_EN, dataset
    spec, code = (sources.DEFAULT_ZH, "zh") if language == "zh" else (sources.DEFAULT_MANY, "many")
    try:
        sources.resolve(spec)
    except ModelError:
        if language != "latin":
            raise ModelError(f"model.{code}_default", spec=spec) from None
        fields = (("many", sources.DEFAULT_MANY), ("spec", sources.DEFAULT_EN))
        return sources.DEFAULT_EN, replace(dataset, notes=(*dataset.notes, ("data.note.base_not_english", fields)))
    return spec, dataset


def sample(dataset: Dataset, seed: int) -> Dataset:
    """The rows that candidates are tried on, stratified by class; no test rows."""

    def some(split: Split, limit: int) -> Split:
        rows = baselines.subsample(split.labels, limit, seed)
        return Split(tuple(split.texts[row] for row in rows), tuple(split.labels[row] for row in rows))

    return replace(dataset, train=some(dataset.train, TRIAL_ROWS), val=some(dataset.val, TRIAL_VAL_ROWS), test=None)


def _trial(rows: Dataset, source: Source, engine_of: EngineOf, folder: Path, seed: int, tick: Tick) -> Any:
    """The frozen rung with one base, as the JSON of a `BaseTrial`."""
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
