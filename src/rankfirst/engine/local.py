"""The engine for one machine: torch on CPU, CUDA or MPS."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from rankfirst.engine.base import (
    DEFAULTS,
    FULL_LR,
    EngineInfo,
    EngineOptions,
    Features,
    FinalPlan,
    Floats,
    FullRun,
    Pulse,
    Source,
    Tick,
    Watch,
    no_tick,
    no_watch,
)
from rankfirst.engine.device import be_deterministic, best_device, now, versions
from rankfirst.engine.export import adapter as export
from rankfirst.engine.network import encode, losses, sites
from rankfirst.engine.network.float_types import exact, exactly
from rankfirst.engine.network.model import TextModel
from rankfirst.engine.parallel.world import ALONE, World
from rankfirst.engine.storage import Storage
from rankfirst.engine.training import checkpoint, footprint, warm_start
from rankfirst.engine.training import pace as calibrate
from rankfirst.engine.training.batches import epoch_batches, padding_share, sorted_batches, trained_rows
from rankfirst.engine.training.checkpoint_store import CheckpointStore
from rankfirst.engine.training.corpus import ALL, Corpus
from rankfirst.engine.training.full_finetuning import train_full
from rankfirst.engine.training.loop import Loop, block_weights, ending
from rankfirst.engine.training.packed import run_packed
from rankfirst.engine.training.recorder import Recorder
from rankfirst.engine.training.schedules import Schedule, warm_hold_fall, warm_then_linear
from rankfirst.errors import EngineError
from rankfirst.measure.lengths import lengths
from rankfirst.measure.memory import format_bytes
from rankfirst.measure.wall_clock import span
from rankfirst.records import BaseFacts, Curve, Dataset, Footprint, Head, Health, Pace, Recipe

SPEED_ROWS = 256  # training texts over which speed is measured
LATENCY_ROWS = 32  # validation texts over which ms per text is measured
PREFIXES = ("", "query: ")  # tried in addition to the base's default: none, and the most common instruction


class LocalEngine:
    """Implements `engine.base.Engine` in this process; one adapter in memory at a time, checkpoints in `folder`."""

    def __init__(
        self,
        dataset: Dataset,
        source: Source,
        folder: Path,
        options: EngineOptions = DEFAULTS,
        world: World = ALONE,
    ) -> None:
        """Load the base and tokenise the rows.

        Args: world: the processes that train with this one; all get the same requests, and the first one answers.
        Raises: ModelError, also for a base that cannot read the texts; OptionError; EngineError if the base alone does
            not fit into memory; RunError if the warm start cannot be read.
        """
        self.world, self.source, self.dataset, self.folder = world, source, dataset, folder
        self.seed, self.windows = options.seed, options.windows
        start = options.warm
        self.warm = None if start is None else warm_start.read(start.folder, start.recipe, start.place)
        storage = None if options.storage is None else Storage(options.storage)
        self.checkpoints = CheckpointStore(folder, storage, writes=world.first)
        self.device = torch.device(options.device or best_device())
        parts = world.size if world.sharded else 1
        footprint.check_base(source.spec, source.folder, self.device, options.memory, options.base_bits, parts)
        be_deterministic(self.device)
        self.pack = world.alone and (self.device.type == "cuda" if options.pack is None else options.pack)
        self.model = TextModel(source, self.device, options.base_bits, world)
        self.model.check_reads(dataset.train.texts)
        self.chosen_prefix = options.prefix  # None: not chosen by the user, may still change
        self.prefix = self.model.prefix if options.prefix is None else options.prefix
        self.max_tokens = min(options.max_tokens, self.model.max_positions)
        self.corpus = Corpus(dataset, self.model, folder / "states", self.prefix, self.max_tokens, options.probe_rows,
                             self.seed, self.windows, options.share_states or not world.alone)  # fmt: skip
        self.planner = footprint.Planner(self.corpus, options.memory)
        self.threads = calibrate.Threads(self.model, self._sample)
        self.capture_depth = 0
        self.watch: Watch = no_watch
        self.heads: dict[Head, tuple[Tensor, Tensor]] = {}

    @cached_property
    def facts(self) -> BaseFacts:
        corpus = self.corpus
        return BaseFacts(
            name=self.source.spec,
            layers=self.model.layers,
            hidden=self.model.hidden,
            shapes=sites.shapes(self.model.stack[0]),
            layer_parameters=block_weights(self.model.stack[0]) * self.model.passes,
            train_tokens=corpus.tokens("train", corpus.probe_rows),
            full_tokens=corpus.tokens("train"),
            val_tokens=corpus.tokens("val") + corpus.tokens("train", corpus.subset),
            probe_rows=len(corpus.probe_rows),
            probe_steps=-(-len(corpus.probe_rows) // 32),
            fused=sites.fused(self.model.stack[0]),
            passes=self.model.passes,
            dense="Dense" in self.model.settings.after,
            several_labels=self.dataset.multi_label,
        )

    @cached_property
    def info(self) -> EngineInfo:
        read = self.corpus.texts["train"]
        reach = read.frame.reach(self.max_tokens, self.windows)
        measured = lengths(read.full, self.max_tokens, self.model.max_positions, reach, self.windows)
        return EngineInfo(
            device=str(self.device),
            dtype=self.model.dtype,
            threads=torch.get_num_threads(),
            base_sha256=self.source.sha256,
            prefix=self.prefix,
            max_tokens=self.max_tokens,
            truncated_share=measured.cut,
            tokens_mean=self.corpus.tokens("train") / max(1, len(self.dataset.train)),
            versions=versions(bool(self.model.bits)),
            windows=self.windows,
            lengths=measured,
            figures="float32" if self.model.exact is not None else "",
            base_bits=self.model.bits,
        )

    def calibrate(self) -> Pace:
        self.model.detach()
        pace = calibrate.measure(self.model, self._sample())
        lengths = [self.corpus.lengths["train"][r] for r in self.corpus.probe_rows]
        return replace(pace, padding=padding_share(lengths, epoch_batches(lengths, Recipe.batch_size, self.seed, 0)))

    def _sample(self) -> list[list[int]]:
        """Token ids of some training texts, over which speed is measured."""
        rows = self.corpus.texts["train"].windows
        return rows[:: max(1, len(rows) // (4 * calibrate.ROWS))]

    def adopt(self, pace: Pace) -> None:
        self.threads.adopt(pace, 2e-12 * self.facts.layer_parameters * self.model.layers)
        if pace.dtype != self.info.dtype:
            self.model.narrow(pace.dtype, keep=bool(pace.figures))
            self.corpus.states.stores.clear()  # not the files: their names contain a hash of the dtype
            if not self.model.bits:  # a 4-bit base keeps float32 states between its layers
                self.corpus.states.dtype = getattr(torch, pace.dtype)
        self.__dict__.pop("info", None)  # recompute it with the new values

    @span("pace")
    def expect(self, recipe: Recipe) -> None:
        self.capture_depth = self.model.layers - recipe.sites.depth(self.model.layers)
        if self.planner.room(recipe) is None:
            plan = self.planner.plan(recipe)
            raise EngineError("memory.too_little", need=format_bytes(plan.peak), limit=format_bytes(plan.limit),
                              tokens=self.max_tokens)  # fmt: skip

    def footprint(self, recipe: Recipe) -> Footprint:
        return self.planner.plan(recipe)

    @property
    def prefixes(self) -> tuple[str, ...]:
        if self.chosen_prefix is not None:
            return (self.chosen_prefix,)
        candidates = dict.fromkeys((self.model.prefix, *PREFIXES, self.model.settings.query_prompt))
        return tuple(p for i, p in enumerate(candidates) if i == 0 or self.model.has_room(p, self.max_tokens))

    def sample_features(self, rows: Sequence[int], prefix: str, tick: Tick = no_tick) -> Mapping[str, Features]:
        return self._pooled([self.dataset.train.texts[r] for r in rows], prefix, tick)

    @exact
    def encode(self, texts: Sequence[str], tick: Tick = no_tick) -> Mapping[str, Features]:
        return self._pooled(texts, self.prefix, tick)

    def _pooled(self, texts: Sequence[str], prefix: str, tick: Tick) -> Mapping[str, Features]:
        read = self.model.tokenize(texts, prefix, self.max_tokens, self.windows)
        return encode.pooled(self.model, read, tick, folder=self.folder)

    def adopt_prefix(self, prefix: str) -> None:
        if prefix != self.prefix:
            self.prefix = prefix
            self.corpus.read(prefix)
        for name in ("info", "facts"):  # recompute their token counts
            self.__dict__.pop(name, None)

    @span("pace")
    @exact
    def ms_per_text(self) -> float:
        texts = self.dataset.val.texts[:: max(1, len(self.dataset.val) // LATENCY_ROWS)][:LATENCY_ROWS]
        return encode.ms_per_text(self.model, texts, self.prefix, self.max_tokens, self.windows)

    def features(self, split: str, tick: Tick = no_tick) -> Mapping[str, Features]:
        corpus, depth = self.corpus, self.capture_depth
        with exactly(self.model, split != "train"):  # others are judged by, so computed as delivered
            if split == "test" or not corpus.cacheable(depth):
                return encode.pooled(self.model, corpus.texts[split], tick, folder=self.folder)

        def keep(rows: Sequence[int], output: object) -> None:
            corpus.keep(split, depth, rows, output)

        corpus.store(split, depth)
        return encode.pooled(self.model, corpus.texts[split], tick, depth, keep, self.folder)

    def catch_up(self, tick: Tick = no_tick) -> None:
        """Cache the states that `features` caches, if another process ran it; bit-identical."""
        corpus, depth = self.corpus, self.capture_depth
        if not corpus.cacheable(depth):
            return
        for split in ("train", "val") if self.model.exact is None else ("train",):
            with corpus.states.filling(split, depth):
                if corpus.store(split, depth).missing(corpus.texts[split].of(range(len(corpus.texts[split])))):
                    self.features(split, tick)

    @torch.no_grad()
    def speed(self) -> float:
        rows = self.corpus.texts["train"].windows[:SPEED_ROWS]
        batches = sorted_batches([len(r) for r in rows])
        self.model.hidden_states(*self.model.pad([rows[r] for r in batches[0]]))  # warm-up
        began = now(self.device)
        for batch in batches:
            self.model.hidden_states(*self.model.pad([rows[r] for r in batch]))
        spent = now(self.device) - began
        return 2e-12 * self.facts.layer_parameters * self.model.layers * sum(map(len, rows)) / max(1e-9, spent)

    def use_head(self, pooling: str, weight: Floats, bias: Floats) -> None:
        self.model.pooling = pooling
        probe = _tensors(weight, bias)
        random = torch.nn.Linear(probe[0].shape[1], probe[0].shape[0])
        with torch.no_grad():
            random.weight.normal_(0, 0.02, generator=torch.Generator().manual_seed(self.seed))
            random.bias.zero_()
        self.heads = {
            Head.PROBE: probe,
            Head.ZERO: (torch.zeros_like(probe[0]), torch.zeros_like(probe[1])),
            Head.RANDOM: (random.weight.detach(), random.bias.detach()),
        }

    def probe(self, recipe: Recipe, epochs: int, tick: Tick = no_tick) -> Curve:
        loop = self._loop(recipe, None)
        rows = trained_rows(recipe, self.corpus.probe_rows)
        recorder = Recorder(loop, len(rows), watch=self.watch)
        schedule = warm_hold_fall(epochs * loop.steps_in(rows))
        with ending() as end:
            recorder.evaluate(0.0)
            while loop.state.epochs < epochs:
                self._epoch(loop, rows, schedule, recorder, epochs, tick)
                recorder.evaluate(float(loop.state.epochs))
        return self._kept(recorder, end.health, epochs)

    def probes(self, recipes: Sequence[Recipe], epochs: int, tick: Tick = no_tick) -> tuple[Curve, ...]:
        """As `probe` for each recipe. With `pack`, all in one pass per step if possible; then equal up to rounding."""
        curves = None
        if self.pack and len({recipe.without for recipe in recipes}) == 1:  # they share their batches
            rows = trained_rows(recipes[0], self.corpus.probe_rows)
            curves = run_packed(recipes, lambda recipe: self._loop(recipe, None), rows, epochs,
                                lambda recorder, health: self._kept(recorder, health, epochs), self.watch,
                                tick)  # fmt: skip
        if curves is None:
            curves = tuple(self.probe(recipe, epochs, tick) for recipe in recipes)
        return curves

    def _epoch(self, loop: Loop, rows: list[int], schedule: Schedule, recorder: Recorder, epochs: int,
               tick: Tick) -> None:  # fmt: skip
        """Train one of `epochs` epochs, and adapt the number of threads if the machine has become busier or freer."""
        stage = f"{loop.state.epochs + 1}/{epochs}"
        loop.train(rows, schedule, recorder.trace, lambda what, done, total: tick(f"{what} {stage}", done, total))
        if self.world.alone:  # else all processes must run the same passes
            self.threads.heed(*loop.latest)

    def _kept(self, recorder: Recorder, health: Health, epochs: int) -> Curve:
        """The curve of a finished probe; curve and checkpoint are saved if its health is FINE."""
        name = f"{recorder.loop.recipe.key}-e{epochs}"
        curve = recorder.curve(health, name)
        if health is Health.FINE:
            self.checkpoints.write_curve(name, curve)
            self.checkpoints.save(name, recorder.loop.snapshot())
        return curve

    def finish(self, recipe: Recipe, plan: FinalPlan, name: str, tick: Tick = no_tick) -> Curve:
        state_name, best_name = f"{name}-state", f"{name}-best"
        state = self.checkpoints.load(state_name) if self.has(state_name) else None
        # One curve per epoch: after a kill between the two writes, the checkpoint's own curve still exists.
        before = self.checkpoints.curve(f"{state_name}-{state.epochs}") if state is not None else None
        loop = self._loop(recipe, self._better_start(recipe) if state is None else state)
        rows = trained_rows(recipe, range(len(self.dataset.train)))
        recorder = Recorder(loop, len(rows), before, plan, self.watch, fresh=self.warm is None)
        schedule = warm_then_linear(plan.epochs * loop.steps_in(rows))
        with ending() as end:
            if state is None:
                recorder.evaluate(0.0)
                self.checkpoints.save(best_name, loop.snapshot())
            while loop.state.epochs < plan.epochs:
                self._epoch(loop, rows, schedule, recorder, plan.epochs, tick)
                if recorder.evaluate(float(loop.state.epochs), plan):
                    self.checkpoints.save(best_name, loop.snapshot())
                self.checkpoints.write_curve(f"{state_name}-{loop.state.epochs}", recorder.curve(end.health, best_name))
                self.checkpoints.save(state_name, loop.snapshot())
        return replace(recorder.curve(end.health, best_name), end=state_name if end.health is Health.FINE else "")

    def refit(self, recipe: Recipe, plan: FinalPlan, epochs: int, name: str, head: tuple[Floats, Floats],
              rows: Sequence[int] | None = None, tick: Tick = no_tick) -> Curve:  # fmt: skip
        state_name = f"{name}-state"
        state = self.checkpoints.load(state_name) if self.has(state_name) else None
        before = self.checkpoints.curve(f"{state_name}-{state.epochs}") if state is not None else None
        start = self._better_start(recipe) if state is None else state  # with the head that `finish` had
        self.corpus.join()
        given = _tensors(*head) if recipe.head is Head.PROBE else self.heads[recipe.head]
        loop = Loop(self.corpus, recipe, start, given, self.planner.room(recipe), ALL)
        used = trained_rows(recipe, range(len(self.corpus.texts[ALL])) if rows is None else rows)
        recorder = Recorder(loop, len(used), before, watch=self._losses)
        schedule = warm_then_linear(plan.epochs * loop.steps_in(used))
        with ending() as end:
            if state is None:
                recorder.evaluate(0.0)
                self.checkpoints.save(name, loop.snapshot())
            while loop.state.epochs < epochs:
                self._epoch(loop, used, schedule, recorder, epochs, tick)
                if loop.state.epochs == epochs:
                    recorder.evaluate(float(epochs))
                    self.checkpoints.save(name, loop.snapshot())
                self.checkpoints.write_curve(f"{state_name}-{loop.state.epochs}", recorder.curve(end.health, name))
                self.checkpoints.save(state_name, loop.snapshot())
        return recorder.curve(end.health, name)

    def _losses(self, pulse: Pulse) -> None:
        """Pass on training losses, but not the figures of validation rows that are trained on."""
        if pulse.train_loss is not None:
            self.watch(pulse)

    def full(self, epochs: int, lr: float = FULL_LR, seed: int = 0, tick: Tick = no_tick) -> FullRun:
        if not self.heads:
            raise EngineError("engine.no_head")
        if self.world.sharded:
            raise EngineError("processes.no_full")
        return train_full(self.corpus, self.heads[Head.PROBE], epochs, lr, seed, tick)

    @exact
    def logits(
        self, checkpoint_name: str, split: str, rows: Sequence[int] | None = None, tick: Tick = no_tick
    ) -> Floats:
        state = self.checkpoints.load(checkpoint_name)
        return self._loop(state.recipe, state).logits(split, rows, tick).astype(np.float32)

    @exact
    def read(self, checkpoint_name: str, texts: Sequence[str], tick: Tick = no_tick) -> tuple[Floats, Floats]:
        state = self.checkpoints.load(checkpoint_name)
        self._loop(state.recipe, state)  # attaches the adapter
        read = self.model.tokenize(texts, self.prefix, self.max_tokens, self.windows)
        return encode.adapted(self.model, read, tick)

    def has(self, checkpoint_name: str) -> bool:
        return self.checkpoints.has(checkpoint_name)

    def export(self, checkpoint_name: str, folder: str) -> None:
        export.write_adapter(self.model, self.checkpoints.load(checkpoint_name), self.source, Path(folder))

    def release(self) -> None:
        self.threads.restore()

    def close(self) -> None:
        self.corpus.states.clear()

    def _loop(self, recipe: Recipe, state: checkpoint.State | None) -> Loop:
        if not self.heads:
            raise EngineError("engine.no_head")
        return Loop(self.corpus, recipe, state, self.heads[recipe.head], self.planner.room(recipe))

    def _better_start(self, recipe: Recipe) -> checkpoint.State | None:
        """The delivered weights if their validation F1 is at least that of a fresh start; else None.

        With more rows the frozen rung may be better than the delivered model, and training does not always catch up
        (benchmarks/continue_warm.py).
        """
        delivered = self._delivered(recipe)
        if delivered is None:
            return None
        fresh, before = (self._loop(recipe, state).evaluate(0.0).evaluation.judged_f1 for state in (None, delivered))
        return delivered if before >= fresh else None

    def _delivered(self, recipe: Recipe) -> checkpoint.State | None:
        """The delivered weights as a start for this recipe, which may have another rank or other sites."""
        if self.warm is None or not self.heads:
            return None
        tau = recipe.objective.logit_adjustment
        adjusted = bool(tau) and recipe.head is Head.PROBE
        counts = losses.class_counts(self.corpus.truth["train"])
        return self.warm.state(self.heads[recipe.head], tau * losses.log_prior(counts) if adjusted else None)


def _tensors(weight: Floats, bias: Floats) -> tuple[Tensor, Tensor]:
    return torch.tensor(weight, dtype=torch.float32), torch.tensor(bias, dtype=torch.float32)
