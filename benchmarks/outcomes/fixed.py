"""What a user could train instead of `fit`: fixed LoRA recipes and full fine-tuning, each to its end.

All start as `fit` does: its prefix, precision, frozen head and first recipe, of which rank, sites and lr are replaced.
The epoch with the best validation macro-F1 counts.
"""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch

from benchmarks.outcomes.fits import scores
from benchmarks.outcomes.sets import Case
from benchmarks.tables import append, commit, read
from rankfirst import baselines, data
from rankfirst.engine.base import FULL_LR, EngineOptions, FinalPlan, Floats, Tick, no_tick
from rankfirst.engine.base_models import sources
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.training.batches import sorted_batches
from rankfirst.engine.training.full_finetuning import _Run, all_learn
from rankfirst.engine.training.loop import ending
from rankfirst.engine.training.out_of_memory import halving
from rankfirst.measure.decoding import Decoding
from rankfirst.measure.predictions import Predictions
from rankfirst.options.fit_options import FitOptions
from rankfirst.records import ALL_ROLES, QV_FFN, Curve, Dataset, Head, Health, Recipe, Sites, to_json
from rankfirst.run.autopilot import Autopilot
from rankfirst.run.journal import Journal
from rankfirst.run.search import Wishes

NAME: Final = "outcomes_fixed"
RANK, EPOCHS, EPOCHS_WHEN_LARGE = 16, 10, 5
ALL_BLOCKS = 1000  # cut to the blocks there are
ADAPTED: Final = tuple(
    (f"{name}, lr {lr:g}", sites, lr)
    for name, sites in (("q/v+FFN, top 4", Sites(QV_FFN, 4)), ("all linear, all blocks", Sites(ALL_ROLES, ALL_BLOCKS)))
    for lr in (4e-4, 1.6e-3, 6.4e-3)
)
# The usual lr of base-size encoders, and one that small encoders like more.
FULL: Final = {f"full fine-tuning, lr {lr:g}": lr for lr in (FULL_LR, 1e-4)}


class Begun(Exception):
    """`fit` would train this recipe first."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe.key)
        self.recipe = recipe


class Beginning(LocalEngine):
    """An engine that ends a run at its first training, so that whatever `fit` sets before it is set."""

    begun = False

    def probe(self, recipe: Recipe, epochs: int, tick: Tick = no_tick) -> Curve:
        self._stop(recipe)
        return super().probe(recipe, epochs, tick)

    def probes(self, recipes: Sequence[Recipe], epochs: int, tick: Tick = no_tick) -> tuple[Curve, ...]:
        self._stop(recipes[0])
        return super().probes(recipes, epochs, tick)

    def finish(self, recipe: Recipe, plan: FinalPlan, name: str, tick: Tick = no_tick) -> Curve:
        self._stop(recipe)
        return super().finish(recipe, plan, name, tick)

    def _stop(self, recipe: Recipe) -> None:
        if not self.begun:
            self.begun = True
            raise Begun(recipe)


class Tested(_Run):
    """Full fine-tuning that also keeps the test logits of its best validation epoch."""

    test: Floats

    @torch.no_grad()
    def evaluate(self) -> None:
        best = max(self.f1, default=-1.0)
        super().evaluate()
        if self.f1[-1] > best:
            self.test = self._logits("test")

    def _logits(self, split: str) -> Floats:
        rows = range(len(self.corpus.texts[split]))
        logits = np.zeros((len(rows), self.corpus.classes), dtype=np.float32)

        def answer(batch: list[int]) -> None:
            ids, mask, owner = self.corpus.batch(split, batch, None, 0)
            logits[batch] = self.model.logits(ids, mask, owner).float().cpu().numpy()

        for batch in sorted_batches(*self.corpus.shapes(split, rows)):
            halving(batch, answer)
        return logits


def measure(case: Case) -> None:
    """Train what the CSV lacks, and append a row after each training."""
    done = {row["who"] for row in read(NAME) if row["set"] == case.name}
    if done >= {*(name for name, _, _ in ADAPTED), *FULL}:
        return
    with tempfile.TemporaryDirectory() as work:
        folder = case.folder(Path(work))
        dataset = data.load_dataset(*(folder / f"{split}.csv" for split in ("train", "val", "test")))
        source = sources.resolve(sources.DEFAULT_EN if case.base is None else str(case.base))
        engine = Beginning(dataset, source, Path(work) / "engine", EngineOptions())
        trials = Trials(case, dataset, engine, first_recipe(engine, dataset, Path(work)))
        for name, sites, lr in ADAPTED:
            if name not in done:
                trials.adapted(name, sites, lr)
        for name, lr in FULL.items():
            if name not in done:
                trials.full(name, lr)
        engine.close()


def first_recipe(engine: Beginning, dataset: Dataset, work: Path) -> Recipe:
    """The recipe that `fit` trains first; afterwards the engine is as `fit` leaves it until then."""
    try:
        Autopilot(dataset, engine, Journal(work / "journal.jsonl"), Wishes.of(FitOptions())).run()
    except Begun as begun:
        return begun.recipe
    raise RuntimeError("fit trains no LoRA on this set")


@dataclass(frozen=True)
class Trials:
    """The alternatives on one set."""

    case: Case
    dataset: Dataset
    engine: Beginning
    start: Recipe

    @property
    def epochs(self) -> int:
        return EPOCHS_WHEN_LARGE if self.case.full else EPOCHS

    def adapted(self, name: str, sites: Sites, lr: float) -> None:
        """A fixed LoRA recipe."""
        sites = sites.within(self.engine.facts.layers)
        recipe = self.start.with_(rank=RANK, sites=sites, scaling=1.0, lr=lr)
        began = time.perf_counter()
        curve = self.engine.finish(recipe, FinalPlan(self.epochs), f"fixed-{recipe.key}")
        seconds = time.perf_counter() - began
        val, test = (self.engine.logits(curve.checkpoint, split) for split in ("val", "test"))
        f1 = [evaluation.judged_f1 for evaluation in curve.evaluations]
        best = None if curve.kept_epoch is None else int(curve.kept_epoch)
        self._append(name, recipe.key, curve.health, f1, (val, test), seconds, curve.work, best)

    def full(self, name: str, lr: float) -> None:
        """Full fine-tuning."""
        engine, facts, began = self.engine, self.engine.facts, time.perf_counter()
        run = Tested(engine.corpus)
        with all_learn(engine.corpus, engine.heads[Head.PROBE], 0) as parameters, ending() as end:
            run.evaluate()
            run.train(parameters, self.epochs, lr, 0, no_tick)
        # 2 forward and 4 backward a weight and token
        work = 6e-12 * facts.layer_parameters * facts.layers * facts.full_tokens * self.epochs
        self._append(name, "", end.health, run.f1, (run.logits, run.test), time.perf_counter() - began, work)

    def _append(self, name: str, key: str, health: Health, f1: Sequence[float], logits: tuple[Floats, Floats],
                seconds: float, work: float, best: int | None = None) -> None:  # fmt: skip
        """Scores of the epoch that was kept, calibrated and decoded as the rungs of `fit` are.

        Args: f1: of each epoch, the start first. logits: of validation and test. best: None: the highest of `f1`.
        """
        rows, (val, test) = self.dataset, logits
        kept = int(np.argmax(f1)) if best is None else best
        decoding = Decoding.of(rows)
        assert rows.test is not None
        fit = baselines.trained(name, val.astype(np.float64), rows, (), seconds, 0.0, {}, 0.0, decoding=decoding)
        found = to_json(Predictions.of(rows, rows.test, test, fit.temperature, decoding).scores())
        append(NAME, {
            "date": time.strftime("%Y-%m-%d"),
            "commit": commit(),
            "set": self.case.name,
            "rows": len(rows.train),
            "who": name,
            "recipe": key,
            "health": health.value,
            "epochs": len(f1) - 1,
            "best_epoch": kept,
            "seconds": round(seconds),
            "work": round(work, 3),  # TFLOP
            "val_macro_f1": round(f1[kept], 5),
            **scores("test", found),
        })  # fmt: skip
