"""The user path: assess, plan, fit."""

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rankfirst import data, policy, trackers
from rankfirst.appraisal import Appraisal, Assessed, Wanted
from rankfirst.asked import DEFAULT_WORK, MAX_TOKENS, Asked, command_of, packed, several
from rankfirst.autopilot import Autopilot
from rankfirst.bases import Bases, EngineOf, default_base
from rankfirst.delivery import deliver
from rankfirst.engine import processes as together
from rankfirst.engine import ray_cluster
from rankfirst.engine.base import Watch, no_tick, no_watch
from rankfirst.engine.processes import Processes
from rankfirst.engine.ray_cluster import Pool
from rankfirst.engine.sources import Source
from rankfirst.engine.storage import mirrored
from rankfirst.errors import EngineError, OptionError, RunError
from rankfirst.forecast import TRAINING, Basis, forecast
from rankfirst.journal import Journal
from rankfirst.measure.memory import parse_bytes
from rankfirst.policy import answering, held, settings
from rankfirst.policy import thresholds as t
from rankfirst.records import BaseFacts, Dataset, Recipe, to_json
from rankfirst.report import write_html
from rankfirst.runs import JOURNAL, KEPT, check, hold, open_run
from rankfirst.words import Lang

_BEFORE = {
    "windows": False,
    "profile": "measured",
    "probes": "constant",
}  # what a run was made with that is older than the option

Listen = Callable[[str, str, Any], None]
"""Told every event of the journal: (kind, key, payload)."""
Stream = Callable[[Mapping[str, Any]], None]
"""Told every line of the journal as it stands there: n, at, seconds, kind, key, payload."""
Tick = Callable[[str, int, int], None]
"""Told the progress of long steps: (what, done, of how many)."""


@dataclass(frozen=True)
class Result:
    """A finished run; `summary` is result.json."""

    folder: Path
    summary: dict[str, Any]


def assess(train: Path | str | Dataset, *, val: Path | None = None, test: Path | None = None, text: str | None = None,
           label: str | None = None, date: str | None = None, compare: Path | None = None,
           base_model: str | None = None, encoder: bool = True, probe: bool = False, full: bool = False,
           prefix: str | None = None, max_tokens: int = MAX_TOKENS, memory: str | None = None,
           base_bits: int | None = None, seed: int = 0, tick: Tick | None = None) -> Assessed:  # fmt: skip
    """What the data allow, and whether LoRA is needed; no weight of the base model is trained unless asked for.

    Args:
        train: a file or folder (see `data.load_dataset`), or rows in memory. val, test: files; held out when missing.
        text, label: column names. date: a column; old and new rows are compared. compare: a newer file.
        base_model: as for `fit`. encoder: without it the n-grams must do, which a million rows may need.
        probe: measure LoRA too, at generous capacity. full: and full fine-tuning.
        prefix, max_tokens, memory, base_bits: as for `fit`.
    Returns: the record with its rows. Raises: RankfirstError with one clear line for what cannot be read or used.
    """
    import tempfile

    watch = tick or (lambda *a: None)
    allowed, bits = None if memory is None else parse_bytes(memory), packed(base_bits)
    if full and bits:
        raise EngineError("engine.full_bits")
    if not encoder and (probe or full):
        raise OptionError("option.no_encoder", flag="--probe" if probe else "--full")
    watch("read", 0, 1)
    if isinstance(train, Dataset):
        dataset = train
    else:
        dataset = data.load_dataset(Path(train), val, test, text=text, label=label, date=date, seed=seed)
    newer = data.read_newer(compare, dataset, text, label) if compare else None
    watch("read", 1, 1)
    wanted = Wanted(seed, probe, full, newer, dated=date is not None)
    if not encoder:
        return Appraisal(dataset, None, wanted, watch).run()
    from rankfirst.engine.local import LocalEngine

    bases = Bases.of(base_model or default_base(dataset), dataset)

    def engine_of(rows: Dataset, source: Source, folder: Path) -> LocalEngine:
        return LocalEngine(rows, source, folder, seed=seed, prefix=prefix, max_tokens=max_tokens, memory=allowed,
                           base_bits=bits)  # fmt: skip

    with tempfile.TemporaryDirectory() as folder:
        choice, source = bases.decided(dataset, engine_of, Path(folder), seed=seed, tick=watch)
        told = Appraisal(dataset, engine_of(dataset, source, Path(folder)), wanted, watch).run()
        return replace(told, assessment=replace(told.assessment, base_choice=choice))


def fit(train: Path | str | Dataset, out: Path | str = "run", *, val: Path | None = None, test: Path | None = None,
        text: str | None = None, label: str | None = None, base_model: str | None = None, seed: int = 0,
        budget: str | None = None, knobs: Iterable[str] = (), force: bool = False, always_lora: bool = False,
        wide_lr: bool = False, overwrite: bool = False, prefix: str | None = None, max_tokens: int = MAX_TOKENS,
        windows: bool = False, head: str = "probe", head_lr: float | None = None, class_weights: str = "none",
        focal: float = 0.0, logit_adjustment: float = 0.0, label_smoothing: float = 0.0, profile: str = "measured",
        oos: Path | str | Sequence[str] | None = None, oos_label: str | None = None,
        coverage: float = answering.COVERAGE, beta: float = 1.0, costs: answering.CostsGiven | str | None = None,
        abstain_cost: float | None = None, lang: Lang = "en", synthetic: bool = False, track: Iterable[str] = (),
        engine: str = "local", workers: int | None = None, threads: int | None = None, gpus: float = 0.0,
        processes: int | None = None, shard: bool = False, memory: str | None = None, base_bits: int | None = None,
        storage: str | None = None, listen: Listen | None = None, tick: Tick | None = None,
        stream: Stream | None = None, watch: Watch | None = None) -> Result:  # fmt: skip
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
    chosen = held.parse(head, head_lr, class_weights, focal, logit_adjustment, label_smoothing)
    answers = answering.parse(coverage, beta, costs, abstain_cost)
    asked = Asked(base_model, seed, budget, several(knobs), force, always_lora, wide_lr, prefix, max_tokens, chosen,
                  windows, profile, memory=memory, storage=storage, answers=answers, base_bits=packed(base_bits),
                  oos=Path(oos) if isinstance(oos, str) else oos, oos_label=oos_label)  # fmt: skip
    asked.wishes()  # refused before anything is read
    targets = trackers.parse(track)
    crew = together.parse(processes, shard, engine)
    pool = crew or ray_cluster.parse(engine, workers, threads, gpus)
    dataset, bases, engine_of = _prepare(train, val, test, text, label, asked, pool)
    early, later = bases.makers(dataset, engine_of, asked.seed, tick or no_tick)
    files = {"--val": val, "--test": test, "--text": text, "--label": label}
    return carry_out(dataset, early, asked, Path(out), command_of(train, out, files, asked, targets, pool),
                     later=later, engine=crew.spec if crew else engine, overwrite=overwrite, lang=lang,
                     synthetic=synthetic, targets=targets, listen=listen, tick=tick, stream=stream,
                     watch=watch)  # fmt: skip


def carry_out(dataset: Dataset, engine_of: Callable[[Path], Any] | None, asked: Asked, folder: Path, command: str, *,
              later: Callable[[Path, Journal], Any] | None = None,
              engine: str = "local", overwrite: bool = False, lang: Lang = "en", synthetic: bool = False,
              targets: Sequence[trackers.Target] = (), listen: Listen | None = None, tick: Tick | None = None,
              stream: Stream | None = None, watch: Watch | None = None,
              after: Callable[[Journal], None] | None = None) -> Result:  # fmt: skip
    """What `fit` does once its options and rows were read.

    Args:
        engine_of: makes the engine that works in a folder; None: `later` does, which may ask the journal for the base.
        command: the line that continues this run.
        after: is told the journal once the model is delivered, before the report is written for the last time.
    """
    check(folder)
    with contextlib.ExitStack() as ends:
        keep = ends.enter_context(mirrored(folder, asked.storage, KEPT, overwrite))
        # Before the folder is opened: a base that does not load must not cost a run.
        trainer: Any = _ready(engine_of(folder / "work"), asked, watch) if engine_of else None
        ends.callback(lambda: _release(trainer))
        heard = ends.enter_context(trackers.follow(targets, folder, lang, _kept(keep, listen)))
        journal = ends.enter_context(open_run(folder, overwrite, heard))
        journal.stream = stream
        if trainer is None and later is not None:
            trainer = _ready(later(folder / "work", journal), asked, watch)
        info = trainer.info
        identity = asked.identity(dataset) | {"fingerprint": dataset.fingerprint, "base_sha256": info.base_sha256}
        _same_run(journal, identity, {
            "dataset": dataset.name, "base_model": trainer.source.spec, "versions": to_json(info.versions),
            "device": info.device, "threads": info.threads, "command": command, "multi_label": dataset.multi_label,
            "synthetic": synthetic, "notes": to_json(dataset.notes), "engine": engine,
            "base": trainer.facts.size,
            "budget_work": None if asked.budget else DEFAULT_WORK})  # fmt: skip
        if asked.parent is not None:
            journal.remember("parent", "", lambda: dict(asked.parent or {}))
        outcome = Autopilot(dataset, trainer, journal, asked.wishes(), tick or (lambda *a: None)).run()
        summary = deliver(outcome, trainer, dataset, journal, asked.answers, asked.seed, folder, lang)
        trainer.close()
        if after is not None:
            after(journal)
            write_html(journal.path, folder / "report.html", lang)
        keep()
    return Result(folder, summary)


def _kept(keep: Callable[..., None], listen: Listen | None) -> Listen:
    """Every event is at the run's storage, too, before anybody hears of it."""

    def told(kind: str, key: str, payload: Any) -> None:
        keep(JOURNAL)
        if listen:
            listen(kind, key, payload)

    return told


def _ready(trainer: Any, asked: "Asked", watch: Watch | None) -> Any:
    """The engine, watched. Raises: OptionError for settings that its base has no room for."""
    try:
        settings.within(asked.wishes().settings, trainer.facts.layers)
    except BaseException:
        _release(trainer)
        raise
    trainer.watch = watch or no_watch
    return trainer


def _release(trainer: Any) -> None:
    """Let go of those who train for it; a local engine has none."""
    getattr(trainer, "release", lambda: None)()


def _same_run(journal: Journal, identity: Mapping[str, Any], beside: Mapping[str, Any]) -> None:
    """Begin the journal, or see that it is this run's. Raises: RunError."""
    run = journal.remember("run", "", lambda: {**identity, **beside})
    differing = [k for k, v in identity.items() if run.get(k, _BEFORE.get(k)) != v]
    if differing:
        raise RunError("run.other_data", path=str(journal.path.parent), what=", ".join(differing))


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


def plan(train: Path | str, *, val: Path | None = None, test: Path | None = None, text: str | None = None,
         label: str | None = None, base_model: str | None = None, seed: int = 0, budget: str | None = None,
         knobs: Iterable[str] = (), force: bool = False, prefix: str | None = None, max_tokens: int = MAX_TOKENS,
         windows: bool = False, profile: str = "measured", memory: str | None = None, base_bits: int | None = None,
         **choices: Any) -> dict[str, Any]:  # fmt: skip
    """What `fit` would begin with and what it may cost at most; nothing is trained or written. Raises: as `fit`.

    Args:
        choices: `head` to `label_smoothing`, as for `fit`.
    """
    import tempfile

    chosen = held.parse(**choices)
    asked = Asked(base_model, seed, budget, several(knobs), force, False, False, prefix, max_tokens, chosen, windows,
                  profile, memory=memory, base_bits=packed(base_bits))  # fmt: skip
    now, later, refusals = settings.guarded(asked.wishes().settings, force)
    dataset, bases, engine_of = _prepare(train, val, test, text, label, asked)
    with tempfile.TemporaryDirectory() as folder:
        choice, source = bases.decided(dataset, engine_of, Path(folder), seed=seed)
        engine = engine_of(dataset, source, Path(folder))
        facts, found = engine.facts, data.profile(dataset)
        settings.within({**now, **later}, facts.layers)
        recipe = settings.applied(
            policy.start(found, facts, seed, asked.wishes().ladders), {**now, **chosen.settings}, facts.layers
        )
        engine.adopt(engine.calibrate())
        rate, footprint = engine.speed(), engine.planner.plan(recipe)
    first, ladder = facts.probe_work(recipe, t.FIRST_PROBE_EPOCHS), facts.features_work()
    limit = asked.seconds()  # about: speed is measured on a forward pass
    most = ladder + DEFAULT_WORK if limit is None else limit * rate
    basis = Basis(found.n_train, rate, ladder, first, *_final_work(recipe, facts, "sites" in now),
                  DEFAULT_WORK if limit is None else None, limit)  # fmt: skip
    return {
        "rows": found.n_train,
        "classes": len(found.classes),
        "base_model": engine.source.spec,
        "base_choice": to_json(choice),
        "lengths": to_json(engine.info.lengths),
        "recipe": to_json(recipe),
        "ceiling": to_json(policy.ceiling(found, facts)),
        "waiting": {knob: settings.written(knob, value) for knob, value in later.items()},
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


def _prepare(train: Path | str | Dataset, val: Path | None, test: Path | None, text: str | None, label: str | None,
             asked: Asked, pool: Pool | Processes | None = None) -> tuple[Dataset, Bases, EngineOf]:  # fmt: skip
    """Rows and base models, looked for before anything is written; the engine is made once its folder is known."""
    from rankfirst.engine.local import LocalEngine

    if asked.oos is not None and asked.oos_label is not None:
        raise OptionError("option.oos_twice")
    if isinstance(pool, Processes) and pool.sharded and asked.base_bits is not None:
        raise OptionError("processes.packed")
    if isinstance(train, Dataset):
        dataset = train
    else:
        dataset = data.load_dataset(Path(train), val, test, text=text, label=label, oos_label=asked.oos_label,
                                    seed=asked.seed)  # fmt: skip
    dataset = _with_outside(dataset, asked, text)
    asked.answers.check(dataset.multi_label)
    asked.costs(dataset)
    if dataset.multi_label and asked.held.objective.logit_adjustment:
        raise OptionError("option.adjusted_multi")
    bases = Bases.of(asked.base_model or default_base(dataset), dataset)
    same: dict[str, Any] = {"seed": asked.seed, "prefix": asked.prefix, "max_tokens": asked.max_tokens,
                            "windows": asked.windows, "base_bits": asked.base_bits}  # fmt: skip
    memory = None if asked.memory is None else parse_bytes(asked.memory)

    def engine_of(rows: Dataset, source: Source, folder: Path) -> Any:
        if rows is not dataset:  # a sample of the rows needs no others, and leaves nothing to go on from
            return LocalEngine(rows, source, folder, memory=memory, **same)
        if pool is None:
            return LocalEngine(rows, source, folder, memory=memory, storage=asked.storage, **same)
        if isinstance(pool, Processes):
            from rankfirst.engine.distributed import DistributedEngine

            return DistributedEngine(rows, source, folder, pool, memory=memory, storage=asked.storage, **same)
        from rankfirst.engine.ray_pool import RayEngine

        return RayEngine(rows, source, folder, pool, storage=asked.storage, **same)

    return dataset, bases, engine_of


def _with_outside(dataset: Dataset, asked: Asked, text: str | None) -> Dataset:
    """The data with the texts of no class that were given apart from its rows."""
    if asked.oos is None:
        return dataset
    if isinstance(asked.oos, Path):
        return replace(dataset, outside=data.read_outside(asked.oos, dataset, text))
    return replace(dataset, outside=data.usable(asked.oos, dataset, "oos"))
