"""The user path: assess, plan, fit."""

from collections.abc import Iterable
from dataclasses import KW_ONLY, asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rankfirst import data, policy, trackers
from rankfirst.engine.base import Engine, EngineOptions, Source, Tick, no_tick
from rankfirst.engine.factory import make_engine
from rankfirst.engine.parallel import processes as together
from rankfirst.engine.parallel.processes import Processes
from rankfirst.engine.ray import cluster
from rankfirst.engine.ray.cluster import Pool
from rankfirst.errors import EngineError, OptionError, RunError
from rankfirst.execution import FitCall, Job, Result, execute
from rankfirst.measure.memory import parse_bytes
from rankfirst.messages import Lang
from rankfirst.options import AssessOptions, FitOptions, MachineOptions, RayOptions
from rankfirst.options.calls import takes
from rankfirst.options.field import options_of
from rankfirst.policy import thresholds as t
from rankfirst.policy import user_settings
from rankfirst.records import BaseFacts, Dataset, Recipe, to_json
from rankfirst.run.assessment import Appraisal, Assessed, Wanted
from rankfirst.run.base_selection import Bases, EngineOf, default_base
from rankfirst.run.folder import JOURNAL, hold
from rankfirst.run.forecast import TRAINING, Basis, forecast
from rankfirst.run.search import Wishes


@dataclass(frozen=True)
class PlanCall(FitOptions):
    """The arguments of `plan`."""

    train: Path | str | Dataset


@dataclass(frozen=True)
class AssessCall(AssessOptions):
    """The arguments of `assess`."""

    train: Path | str | Dataset
    _: KW_ONLY
    date: str | None = None
    compare: Path | None = None
    encoder: bool = True
    probe: bool = False
    full: bool = False
    tick: Tick | None = None


@takes(AssessCall)
def assess(call: AssessCall) -> Assessed:
    """What the data allow, and whether LoRA is needed; no weight of the base model is trained unless asked for.

    Args:
        train: a file or folder (see `data.load_dataset`), or rows in memory. val, test: files; held out when missing.
        text, label: column names. date: a column; old and new rows are compared. compare: a newer file.
        base_model: as for `fit`. encoder: without it the n-grams must do, which a million rows may need.
        probe: measure LoRA too, at generous capacity. full: and full fine-tuning.
        prefix, max_tokens, memory, base_bits, seed: as for `fit`.
        tick: told the progress of long steps.
    Returns: the record with its rows. Raises: RankfirstError with one clear line for what cannot be read or used.
    """
    import tempfile

    watch = call.tick or no_tick
    if call.full and call.base_bits:
        raise EngineError("engine.full_bits")
    if not call.encoder and (call.probe or call.full):
        raise OptionError("option.no_encoder", flag="--probe" if call.probe else "--full")
    watch("read", 0, 1)
    dataset = _rows(call, date=call.date)
    newer = data.read_newer(call.compare, dataset, call.text, call.label) if call.compare else None
    watch("read", 1, 1)
    wanted = Wanted(call.seed, call.probe, call.full, newer, dated=call.date is not None)
    if not call.encoder:
        return Appraisal(dataset, None, wanted, watch).run()
    bases = Bases.of(call.base_model or default_base(dataset), dataset)
    options = engine_options(call)

    def engine_of(rows: Dataset, source: Source, folder: Path) -> Engine:
        return make_engine(rows, source, folder, options)

    with tempfile.TemporaryDirectory() as folder:
        choice, source = bases.decided(dataset, engine_of, Path(folder), seed=call.seed, tick=watch)
        told = Appraisal(dataset, engine_of(dataset, source, Path(folder)), wanted, watch).run()
        return replace(told, assessment=replace(told.assessment, base_choice=choice))


@takes(FitCall)
def fit(call: FitCall) -> Result:
    """From labelled texts to a tuned classifier in `out`; repeating the call continues a killed run.

    Args:
        train: a file or folder (see `data.load_dataset`), or rows in memory. val, test: files; held out when missing.
        text, label: column names. base_model: a folder, a hub id, `ms:` id or `pkg:` package; default by script.
            `auto:small` or `auto:A,B` compares several.
        budget: a clock limit such as "10m"; without one it is work, and the same seed decides the same.
        knobs: such as "rank=16" or "sites=qv+ffn@4"; one whose stage has not come waits for it.
        force: follow `knobs` even where the guard refuses. always_lora: deliver LoRA even when it is not needed.
        wide_lr: allow lr beyond the usual band. overwrite: begin anew in a folder that holds a run.
        prefix: put before each text; default by base model. max_tokens: longer texts are cut.
        windows: read them in overlapping windows instead, at most eight; their states are averaged.
        memory: what this process may hold, such as "4GiB" (docs/cost.md); default: what the machine has free.
        storage: an address such as "s3://bucket/run" where all that another machine needs is kept too (docs/scale.md).
        base_bits: 4 holds the linear layers of the frozen base in 4 bits (docs/cost.md; extra `bnb`); None: floats.
        head: starts from "probe" (the frozen rung's solution), "zero" or "random". head_lr: of the head alone.
        class_weights: "none", "balanced" or "sqrt". focal: gamma. logit_adjustment: tau. label_smoothing: up to 0.3.
            These six are in every recipe of the run; evaluations stay plain.
        profile: where the walk starts and how far its moves go, "measured" or "seed" (docs/rules.md).
        oos: texts of no class, a file or in memory; oos_label: the label of such rows. By them abstaining is chosen.
        coverage: share of validation rows that are answered rather than left to a person.
        beta: thresholds of several labels a row maximise F-beta; above 1 recall counts more.
        costs: a file (see `data.read_costs`) or (true, predicted) -> cost: the answer with the least expected cost is
            given. abstain_cost: of leaving a row to a person, as the model does where every answer is dearer.
        track: trackers that are told the run, such as "mlflow=./mlruns" (docs/trackers.md); one that fails is left out.
        engine: "local", or "ray" and its kin (docs/scale.md): `workers`, each with `threads` CPUs and some of `gpus`.
        processes: so many of this machine train each recipe together; shard: and hold a part of the base each.
        listen, stream: told every event, those of an earlier session again; tick, watch: what goes on between them.
    Raises: RankfirstError with one clear line for bad data, options, an unusable base model or output folder.
    """
    Wishes.of(call)  # refused before anything is read
    targets = trackers.parse(call.track)
    crew = together.parse(call.processes, call.shard, call.engine)
    pool = crew or cluster.parse(**{name: getattr(call, name) for name in options_of(RayOptions)})
    dataset, bases, engine_of = _prepare(call, pool)
    early, later = bases.makers(dataset, engine_of, call.seed, call.tick or no_tick)
    train = "ROWS" if isinstance(call.train, Dataset) else call.train
    command = _resolved(call, pool, targets).command(train, call.out)
    return execute(call, Job(dataset, command, early, later, crew.spec if crew else call.engine, targets))


def _resolved(call: FitCall, pool: Pool | Processes | None, targets: Iterable[trackers.Target]) -> FitOptions:
    """The options for the command that resumes the run: the machine options in use, trackers without passwords."""
    unused = {name: one.default for name, one in options_of(MachineOptions).items()}
    return replace(call, **unused | (pool.options if pool else {}), track=tuple(map(str, targets)))


def track(run: Path | str, to: Iterable[str], *, lang: Lang = "en") -> list[trackers.Sending]:
    """Tell a run to experiment trackers afterwards; what they know already is not sent again.

    Args:
        to: such as "mlflow=./mlruns" (docs/trackers.md).
    Raises: OptionError for a tracker that is not known or not installed; RunError when there is no run, when it is in
        use, or when not everything was delivered.
    """
    folder = Path(run)
    if not (folder / JOURNAL).is_file():
        raise RunError("run.missing", path=str(folder))
    targets = trackers.parse(to)
    with hold(folder):
        sent = trackers.replay(targets, folder, lang)
    failed = [sending.target for sending in sent if sending.failed]
    if failed:
        raise RunError("tracker.not_delivered", targets=", ".join(failed))
    return sent


@takes(PlanCall)
def plan(call: PlanCall) -> dict[str, Any]:
    """What `fit` would begin with and what it may cost at most; nothing is trained or written. Raises: as `fit`.

    Args: as for `fit`; who trains, where it is kept and who is told do not matter.
    """
    import tempfile

    wishes = Wishes.of(call)
    now, later, refusals = user_settings.guarded(wishes.settings, call.force)
    dataset, bases, engine_of = _prepare(replace(call, storage=None))
    with tempfile.TemporaryDirectory() as folder:
        choice, source = bases.decided(dataset, engine_of, Path(folder), seed=call.seed)
        engine = engine_of(dataset, source, Path(folder))
        facts, found = engine.facts, data.profile(dataset)
        user_settings.within({**now, **later}, facts.layers)
        start = policy.start(found, facts, call.seed, wishes.space)
        recipe = user_settings.applied(start, {**now, **wishes.fixed}, facts.layers)
        engine.adopt(engine.calibrate())
        rate, footprint = engine.speed(), engine.footprint(recipe)
    first, ladder = facts.probe_work(recipe, t.FIRST_PROBE_EPOCHS), facts.features_work()
    limit = call.seconds  # about: speed is measured on a forward pass
    most = ladder + t.DEFAULT_WORK if limit is None else limit * rate
    basis = Basis(found.n_train, rate, ladder, first, *_final_work(recipe, facts, "sites" in now),
                  t.DEFAULT_WORK if limit is None else None, limit)  # fmt: skip
    return {
        "rows": found.n_train,
        "classes": len(found.classes),
        "base_model": engine.source.spec,
        "base_choice": to_json(choice),
        "lengths": to_json(engine.info.lengths),
        "recipe": to_json(recipe),
        "ceiling": to_json(policy.ceiling(found, facts)),
        "waiting": {knob: user_settings.written(knob, value) for knob, value in later.items()},
        "refusals": to_json(refusals),
        "probes": min(policy.most_probes(), 1 + int(most / 2 / max(1e-9, first))),  # half of the budget is theirs
        "memory": {"peak": footprint.peak, **to_json(footprint)},
        "first_probe": {"work": first, "seconds": first / (rate * TRAINING[1])},
        "steps": [asdict(step) for step in forecast(basis)],
        "work": most,
        "seconds": most / rate,
    }  # fmt: skip


def _final_work(recipe: Recipe, facts: BaseFacts, pinned: bool) -> tuple[float, float, float]:
    """An epoch of final training and an evaluation, in TFLOP, and how much deeper the policy may go."""
    evaluation = facts.evaluation_work(recipe)
    epoch = facts.epoch_work(recipe, facts.full_tokens) + evaluation
    return epoch, evaluation, 1.0 if pinned else max(1.0, facts.layers / recipe.sites.top_layers)


def _rows(call: FitCall | PlanCall | AssessCall, *, date: str | None = None, oos_label: str | None = None) -> Dataset:
    """The rows in memory, or those of the files. Raises: DataError."""
    if isinstance(call.train, Dataset):
        return call.train
    return data.load_dataset(Path(call.train), **call.rows, date=date, oos_label=oos_label)


def engine_options(call: FitOptions | AssessCall) -> EngineOptions:
    """What the engine of a call is made with, but for its storage."""
    memory = None if call.memory is None else parse_bytes(call.memory)
    windows = isinstance(call, FitOptions) and call.windows
    return EngineOptions(call.seed, call.prefix, call.max_tokens, windows, call.base_bits, memory)


def _prepare(call: FitCall | PlanCall, pool: Pool | Processes | None = None) -> tuple[Dataset, Bases, EngineOf]:
    """Rows and base models, looked for before anything is written; the engine is made once its folder is known."""
    if isinstance(pool, Processes) and pool.sharded and call.base_bits is not None:
        raise OptionError("processes.packed")
    dataset = _with_outside(_rows(call, oos_label=call.oos_label), call)
    call.suit(dataset.multi_label)
    data.costs_of(call.costs, dataset.classes, call.abstain_cost)
    bases = Bases.of(call.base_model or default_base(dataset), dataset)
    options = engine_options(call)

    def engine_of(rows: Dataset, source: Source, folder: Path) -> Engine:
        if rows is not dataset:  # a sample of the rows needs no workers, and leaves nothing to go on from
            return make_engine(rows, source, folder, options)
        return make_engine(rows, source, folder, replace(options, storage=call.storage), pool)

    return dataset, bases, engine_of


def _with_outside(dataset: Dataset, call: FitOptions) -> Dataset:
    """The data with the texts of no class that were given apart from its rows."""
    if call.oos is None:
        return dataset
    if isinstance(call.oos, Path):
        return replace(dataset, outside=data.read_outside(call.oos, dataset, call.text))
    return replace(dataset, outside=data.usable_outside(tuple(call.oos), dataset, "oos"))
