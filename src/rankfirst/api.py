"""The public functions: assess, plan, fit, track."""

import time
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
from rankfirst.execution import FitCall, Job, Result, execute, followed
from rankfirst.measure.memory import parse_bytes
from rankfirst.messages import Lang
from rankfirst.options.field import options_of
from rankfirst.options.fit_options import AssessOptions, FitOptions, MachineOptions, RayOptions
from rankfirst.options.keywords import takes
from rankfirst.policy import thresholds as t
from rankfirst.policy import user_settings
from rankfirst.policy.final_training import SEARCH_WORK, most_work, probe_epochs, trained_again
from rankfirst.progress import run_state
from rankfirst.progress.notebook import both, follow
from rankfirst.records import BaseFacts, Dataset, Recipe, to_json
from rankfirst.run.assessment import Appraisal, Assessed, Wanted
from rankfirst.run.base_selection import Bases, EngineOf, default_base
from rankfirst.run.folder import JOURNAL, hold
from rankfirst.run.forecast import TRAINING, Basis, forecast
from rankfirst.run.search import Wishes
from rankfirst.run.split_effect import with_split_effect


@dataclass(frozen=True)
class PlanCall(FitOptions):
    """The arguments of `plan`."""

    train: Path | str | Dataset | Any  # or rows in Python


@dataclass(frozen=True)
class AssessCall(AssessOptions):
    """The arguments of `assess`."""

    train: Path | str | Dataset | Any  # or rows in Python
    _: KW_ONLY
    date: str | None = None
    compare: Path | None = None
    encoder: bool = True
    probe: bool = False
    full: bool = False
    tick: Tick | None = None
    progress: bool | None = None
    lang: Lang = "en"


@takes(AssessCall)
def assess(call: AssessCall) -> Assessed:
    """Assess what the data allow and whether LoRA is needed; the base model is trained only for `probe` or `full`.

    Args:
        train: a file or folder (see `data.load_dataset`), or rows in memory. val, test: files; default: held out.
        text, label: column names. date: a column, to compare old with new rows. compare: a newer file to compare with.
        base_model: as for `fit`. encoder: False uses n-grams alone, as a million rows may require.
        probe: train LoRA too, with the recipe that `fit` starts from. full: train with full fine-tuning too.
        prefix, max_tokens, memory, base_bits, seed: as for `fit`.
        tick: called with the progress of long steps. progress, lang: as for `fit`.
    Returns: the assessment with its rows; a notebook shows it as a card.
    Raises: RankfirstError, one line, for input or options that cannot be used.
    """
    if call.full and call.base_bits:
        raise EngineError("engine.full_bits")
    if not call.encoder and (call.probe or call.full):
        raise OptionError("option.no_encoder", flag="--probe" if call.probe else "--full")
    with follow(call.progress, call.lang, run_state.Appraisal(call.probe or call.full)) as shown:
        return _assess(call, both(call.tick, shown.tick) if shown else call.tick or no_tick)


def _assess(call: AssessCall, watch: Tick) -> Assessed:
    import tempfile

    watch("read", 0, 1)
    dataset = _rows(call, date=call.date)
    how, newer = data.Reading.of(call.rows), None
    if call.compare:
        newer = data.read_newer(call.compare, dataset, call.text, call.label, how, encoding=call.encoding)
    watch("read", 1, 1)
    wanted = Wanted(call.seed, call.probe, call.full, newer, call.date is not None, call.lang)
    if not call.encoder:
        return Appraisal(dataset, None, wanted, watch).run()
    base_model, dataset = (call.base_model, dataset) if call.base_model else default_base(dataset)
    bases = Bases.of(base_model, dataset)
    options = engine_options(call)

    def engine_of(rows: Dataset, source: Source, folder: Path) -> Engine:
        return make_engine(rows, source, folder, options)

    with tempfile.TemporaryDirectory() as folder:
        choice, source = bases.decided(dataset, engine_of, Path(folder), seed=call.seed, tick=watch)
        assessed = Appraisal(dataset, engine_of(dataset, source, Path(folder)), wanted, watch).run()
        return replace(assessed, assessment=replace(assessed.assessment, base_choice=choice))


@takes(FitCall)
def fit(call: FitCall) -> Result:
    """Fine-tune a text classifier on labelled texts; calling again with the same arguments continues a killed run.

    Args:
        train: a file or folder (see `data.load_dataset`), or rows in memory. val, test: files; default: held out.
        out: the run's folder. text, label: column names.
        base_model: a folder, a hub id, `ms:` id or `pkg:` package; default: by the script of the texts. `auto:small` or
            `auto:A,B` compares several and takes one.
        budget: a time limit such as "10m"; default: a limit on work, so that equal seeds give equal decisions.
        knobs: settings such as "rank=16" or "sites=qv+ffn@4"; each takes effect in its stage.
        force: apply `knobs` at once, even if the guard refuses. always_lora: deliver LoRA even if it is not needed.
        hold_out: deliver the model trained on the training rows alone; default: it is trained once more on these and
            the validation rows, with the choices already made.
        prefer: what a more expensive model must gain to be delivered: "cheaper" (2 points of macro-F1, and a chance of
            95% to be better), "balanced" (half a point, 80%) or "better" (any expected gain).
        drop_suspects: train LoRA without the rows whose labels are suspect or contradict a copy, if a probe without
            them is the better bet; default: that probe is only reported. A delivered TF-IDF or frozen encoder is
            trained without them if that raises validation macro-F1.
        wide_lr: allow lr beyond the usual band. overwrite: start again in a folder that holds a run.
        prefix: put before each text; default: by base model. max_tokens: longer texts are truncated.
        windows: read longer texts in up to eight overlapping windows and average their states instead.
        memory: memory that this process may use, such as "4GiB" (docs/cost.md); default: the free memory.
        storage: an address such as "s3://bucket/run" that receives a copy of the run, so that another machine can
            continue it (docs/scale.md).
        base_bits: 4 stores the linear layers of the frozen base in 4 bits (docs/cost.md; extra `bnb`); None: floats.
        head: initialised from "probe" (the frozen rung's solution), "zero" or "random". head_lr: lr of the head alone.
        class_weights: "none", "balanced" or "sqrt". focal: gamma. logit_adjustment: tau. label_smoothing: up to 0.3.
            These six apply to every recipe of the run; evaluations use the plain loss.
        profile: search space, "measured" or "seed" (docs/rules.md).
        oos: out-of-scope texts, a file or in memory; oos_label: the label of such rows. They decide how to abstain.
        coverage: share of validation rows to answer; the model abstains on the rest.
        beta: thresholds of multi-label models maximise F-beta; above 1, recall counts more than precision.
        costs: a file (see `data.read_costs`) or (true, predicted) -> cost: predictions minimise the expected cost.
            abstain_cost: cost of leaving a row to a person; the model abstains if every answer costs more.
        track: experiment trackers, such as "mlflow=./mlruns" (docs/trackers.md); the run goes on if one fails.
        engine: "local", or "ray" and its variants (docs/scale.md) with `workers`, each with `threads` CPUs and `gpus`.
        processes: number of processes on this machine that train each recipe together; shard: each holds a part of the
            base.
        listen, stream: called with every event, those of earlier sessions included; tick, watch: progress in between.
        progress: show progress; None: in a notebook only; True: on a terminal too. lang: "en" or "zh".
    Returns: the run's folder and result.json; a notebook shows its verdict as a card.
    Raises: RankfirstError, one line, for unusable data, options, base model or output folder.
    """
    Wishes.of(call)  # raises before anything is read
    with follow(call.progress, call.lang) as shown:
        return _fit(followed(call, shown))


def _fit(call: FitCall) -> Result:
    began = time.monotonic()
    targets = trackers.parse(call.track)
    group = together.parse(call.processes, call.shard, call.engine)
    pool = group or cluster.parse(**{name: getattr(call, name) for name in options_of(RayOptions)})
    dataset, bases, engine_of = _prepare(call, pool)
    early, later = bases.makers(dataset, engine_of, call.seed, call.tick or no_tick)
    train = call.train if isinstance(call.train, str | Path) else "ROWS"
    command = _resolved(call, pool, targets).command(train, call.out)
    return execute(call, Job(dataset, command, early, later, group.spec if group else call.engine, targets,
                             began=began))  # fmt: skip


def _resolved(call: FitCall, pool: Pool | Processes | None, targets: Iterable[trackers.Target]) -> FitOptions:
    """The options for the command that continues the run: the engine as resolved, trackers without passwords."""
    unused = {name: one.default for name, one in options_of(MachineOptions).items()}
    return replace(call, **unused | (pool.options if pool else {}), track=tuple(map(str, targets)))


def track(run: Path | str, to: Iterable[str], *, lang: Lang = "en") -> list[trackers.Sending]:
    """Send an existing run to experiment trackers; events that were sent before are skipped.

    Args:
        to: trackers such as "mlflow=./mlruns" (docs/trackers.md).
    Returns: one record per tracker.
    Raises: OptionError for a tracker that is unknown or not installed; RunError if there is no run, if it is in use, or
        if some events could not be sent.
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
    """The first recipe of `fit`, its memory, and a forecast of its duration; nothing is trained or written.

    Args: as for `fit`; engine, storage and trackers are ignored.
    Raises: as `fit`.
    """
    import tempfile

    wishes = Wishes.of(call)
    now, later, refusals = user_settings.guarded(wishes.settings, call.force)
    dataset, bases, engine_of = _prepare(replace(call, storage=None))
    with tempfile.TemporaryDirectory() as folder:
        choice, source = bases.decided(dataset, engine_of, Path(folder), seed=call.seed)
        engine = engine_of(dataset, source, Path(folder))
        facts, profile = engine.facts, data.profile(dataset)
        user_settings.within({**now, **later}, facts.layers)
        start = policy.start(profile, facts, call.seed, wishes.space)
        recipe = user_settings.applied(start, {**now, **wishes.fixed}, facts.layers)
        engine.adopt(engine.calibrate())
        rate, footprint = engine.speed(), engine.footprint(recipe)
    first, ladder = facts.probe_work(recipe, probe_epochs(facts)), facts.features_work()
    limit = call.seconds  # `most` is approximate: speed is that of a forward pass
    allowed = most_work(facts, profile.n_train)
    most = ladder + allowed if limit is None else min(ladder + allowed, limit * rate)  # a clock only cuts
    share = SEARCH_WORK if limit is None else t.SEARCH_SHARE  # of the budget, for probes
    basis = Basis(profile.n_train, rate, ladder, first, *_final_work(recipe, facts, "sites" in now),
                  allowed if limit is None else None, limit, dataset.multi_label)  # fmt: skip
    return {
        "rows": profile.n_train,
        "classes": len(profile.classes),
        "base_model": engine.source.spec,
        "base_choice": to_json(choice),
        "lengths": to_json(engine.info.lengths),
        "recipe": to_json(recipe),
        "ceiling": to_json(policy.ceiling(profile, facts)),
        "waiting": {knob: user_settings.written(knob, value) for knob, value in later.items()},
        "refusals": to_json(refusals),
        "probes": min(policy.most_probes(), 1 + int(share * most / max(1e-9, first))),
        "memory": {"peak": footprint.peak, **to_json(footprint)},
        "first_probe": {"work": first, "seconds": first / (rate * TRAINING[1])},
        "steps": [asdict(step) for step in forecast(basis, _more(dataset, call.hold_out))],
        "work": most,
        "seconds": most / rate,
    }  # fmt: skip


def _more(dataset: Dataset, hold_out: bool) -> float:
    """Validation rows over training rows, if a delivered LoRA is trained once more with them; else 0."""
    train, val = len(dataset.train), len(dataset.val)
    return val / train if trained_again(train, val) and not hold_out else 0.0


def _final_work(recipe: Recipe, facts: BaseFacts, pinned: bool) -> tuple[float, float, float]:
    """(TFLOP of an epoch of final training, of an evaluation, factor by which the policy may adapt more blocks)."""
    evaluation = facts.evaluation_work(recipe)
    epoch = facts.epoch_work(recipe, facts.full_tokens) + evaluation
    return epoch, evaluation, 1.0 if pinned else max(1.0, facts.layers / recipe.sites.depth(facts.layers))


def _rows(call: FitCall | PlanCall | AssessCall, *, date: str | None = None, oos_label: str | None = None) -> Dataset:
    """The rows given in memory, or read from files. Raises: DataError."""
    if isinstance(call.train, Dataset):
        return call.train

    path = Path(call.train) if isinstance(call.train, str) else call.train

    def read(**rows: Any) -> Dataset:
        return data.load_dataset(path, **{**call.rows, **rows}, date=date, oos_label=oos_label)

    if isinstance(call, PlanCall) or (call.group is None and call.time is None):
        return read()
    return with_split_effect(read(), lambda: read(group=None, time=None), call.seed)


def engine_options(call: FitOptions | AssessCall) -> EngineOptions:
    """The engine options of a call, without its storage."""
    memory = None if call.memory is None else parse_bytes(call.memory)
    windows = isinstance(call, FitOptions) and call.windows
    return EngineOptions(call.seed, call.prefix, call.max_tokens, windows, call.base_bits, memory)


def _prepare(call: FitCall | PlanCall, pool: Pool | Processes | None = None) -> tuple[Dataset, Bases, EngineOf]:
    """(rows, base models, factory of engines), all checked before anything is written."""
    if isinstance(pool, Processes) and pool.sharded and call.base_bits is not None:
        raise OptionError("processes.packed")
    dataset = _with_outside(_rows(call, oos_label=call.oos_label), call)
    call.suit(dataset.multi_label)
    data.costs_of(call.costs, dataset.classes, call.abstain_cost)
    base_model, dataset = (call.base_model, dataset) if call.base_model else default_base(dataset)
    bases = Bases.of(base_model, dataset)
    options = engine_options(call)

    def engine_of(rows: Dataset, source: Source, folder: Path) -> Engine:
        if rows is not dataset:  # a sample of the rows needs neither workers nor storage
            return make_engine(rows, source, folder, options)
        return make_engine(rows, source, folder, replace(options, storage=call.storage), pool)

    return dataset, bases, engine_of


def _with_outside(dataset: Dataset, call: FitOptions) -> Dataset:
    """The data with the out-of-scope texts of `oos`."""
    if call.oos is None:
        return dataset
    if isinstance(call.oos, Path):
        return replace(dataset, outside=data.read_outside(call.oos, dataset, call.text, call.encoding))
    return replace(dataset, outside=data.usable_outside(tuple(call.oos), dataset, "oos"))
