"""Does the search move where no knob matters? Walks on simulated probes that differ by chance alone.

Usage: python -m benchmarks.null_walks [--walks N] [--rows N]    (appends to results/null_walks.csv)

Every recipe has the same expected margins on the same rows; each gets noise of its own per row, and one shift of all
rows, as two seeds of one recipe have: their paired differences vary SEED_FACTOR times as much as rows alone explain.
Every move is a false one, except to a smaller adapter, which is as good and costs less. Aims: at most 10% of the walks
end elsewhere, and two seeds are "beyond noise" in at most 7% of the pairs.
"""

import argparse
import math
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt

from benchmarks.tables import append, commit
from rankfirst import data, policy
from rankfirst.engine.base import Engine, Tick, no_tick
from rankfirst.measure.scores import indicator, macro_f1, macro_f1_occurring, recall_per_class
from rankfirst.options.fit_options import FitOptions
from rankfirst.policy import experiments, noise
from rankfirst.records import (
    ArmKind,
    BaseFacts,
    Curve,
    Dataset,
    Evaluation,
    Health,
    Profile,
    Recipe,
    Split,
    Stage,
)
from rankfirst.run.journal import Journal
from rankfirst.run.search import Walk, Wishes
from rankfirst.run.time_budget import Clock

Floats = npt.NDArray[np.float64]
CLASSES, TRAIN_ROWS, SUBSET_ROWS, POINTS = 7, 1400, 300, 24  # POINTS: loss points an epoch
# Standard deviation of z over pairs of seeds in benchmarks/atlas, where rows alone would make it 1.
SEED_FACTOR: Final = 1.6
SPREAD, ROW_NOISE = 2.0, 0.5  # standard deviations of margins: over rows, and of one row over recipes
ROLES = {"q": (384, 384), "k": (384, 384), "v": (384, 384), "o": (384, 384), "ffn_in": (384, 1536),
         "ffn_out": (1536, 384)}  # fmt: skip
FACTS = BaseFacts("simulated", 6, 384, ROLES, 1_770_000, 17_000, 17_000, 8_000, TRAIN_ROWS, -(-TRAIN_ROWS // 32))


@dataclass(frozen=True)
class Shape:
    """Mean margins (log-odds of the true class) that training moves from `start` to `end`, for any recipe."""

    name: str
    val: tuple[float, float]
    train: tuple[float, float]


SHAPES: Final = (
    Shape("learns", val=(1.5, 2.2), train=(2.0, 4.5)),
    Shape("stands still", val=(2.0, 2.05), train=(2.2, 2.3)),
    Shape("memorised at the start", val=(2.0, 2.1), train=(6.0, 7.0)),
    Shape("slow", val=(0.5, 1.0), train=(0.6, 1.2)),
)


@dataclass(frozen=True)
class World:
    """One data set on which no knob matters."""

    shape: Shape
    rows: int  # of validation
    seed: int
    factor: float = SEED_FACTOR

    @cached_property
    def truth(self) -> tuple[tuple[int, ...], ...]:
        return tuple((i % CLASSES,) for i in range(self.rows))

    def margins(self, recipe: Recipe, epochs: float, split: str, rows: int) -> Floats:
        """(n,) margins of a recipe after so many epochs; at 0, all recipes are equal."""
        first, last = self.shape.val if split == "val" else self.shape.train
        done = 1 - math.exp(-epochs)
        common = first + (last - first) * done + SPREAD * self._rng(split).normal(size=rows)
        if not epochs:
            return common
        own = self._rng(split, recipe.key)
        # Of the variance that a paired mean loss has, 1 part is the rows' and factor^2 - 1 parts are the shift's.
        slope = 1 / (1 + np.exp(common))  # of the loss, per unit of margin
        deviation = ROW_NOISE * math.sqrt((self.factor**2 - 1) * float((slope**2).mean()) / rows) / float(slope.mean())
        return np.asarray(common + ROW_NOISE * own.normal(size=rows) + deviation * own.normal())

    def _rng(self, *names: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, crc32(" ".join((self.shape.name, *names)).encode())])

    def evaluation(self, recipe: Recipe, epoch: int, steps: int) -> Evaluation:
        """The figures of one evaluation."""
        val, train = (self.margins(recipe, epoch, s, n) for s, n in (("val", self.rows), ("train", SUBSET_ROWS)))
        truth, said = (indicator(rows, CLASSES) for rows in (self.truth, answers(val)))
        train_truth, train_said = (indicator(rows, CLASSES) for rows in (classes_of(SUBSET_ROWS), answers(train)))
        return Evaluation(
            step=epoch * steps,
            epoch=float(epoch),
            val_loss=float(losses(val).mean()),
            val_macro_f1=macro_f1(truth, said),
            val_accuracy=float((val > 0).mean()),
            recall=tuple(float(r) for r in recall_per_class(truth, said)),
            train_loss=float(losses(train).mean()),
            train_macro_f1=macro_f1(train_truth, train_said),
            val_f1_occurring=macro_f1_occurring(truth, said),
        )

    def curve(self, recipe: Recipe, epochs: int) -> Curve:
        """A finished probe."""
        steps = FACTS.probe_steps
        told = tuple(self.evaluation(recipe, epoch, steps) for epoch in range(epochs + 1))
        at = np.linspace(0, epochs, POINTS * epochs + 1)[1:]
        falling = np.interp(at, range(epochs + 1), [e.train_loss for e in told])
        batches = 1 + 0.1 * self._rng("batches", recipe.key).normal(size=len(at))
        best = max(range(epochs + 1), key=lambda epoch: told[epoch].judged_f1)
        ends, kept = (self.margins(recipe, epoch, "val", self.rows) for epoch in (epochs, best))
        return Curve(
            recipe=recipe,
            health=Health.FINE,
            epochs=float(epochs),
            steps_per_epoch=steps,
            steps=tuple(int(step) for step in np.ceil(at * steps)),
            train_loss=tuple(float(x) for x in falling * batches),
            grad_norm=tuple(float(x) for x in 1 + 0.1 * batches),
            evaluations=told,
            val_log_loss=tuple(float(x) for x in losses(kept)),
            val_predicted=answers(kept),
            train_wrong=tuple(np.flatnonzero(self.margins(recipe, epochs, "train", SUBSET_ROWS) <= 0).tolist()),
            train_seen=SUBSET_ROWS,
            update_norm=1.0,
            adapter_parameters=FACTS.adapter_parameters(recipe.rank, recipe.sites),
            work=FACTS.probe_work(recipe, epochs),
            checkpoint=f"{recipe.key}-e{epochs}",
            end_log_loss=tuple(float(x) for x in losses(ends)),
            end_predicted=answers(ends),
        )


class NullEngine(Engine):
    """As much of an engine as a walk needs."""

    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def facts(self) -> BaseFacts:
        return FACTS

    def probe(self, recipe: Recipe, epochs: int, tick: Tick = no_tick) -> Curve:
        return self.world.curve(recipe, epochs)

    def has(self, checkpoint: str) -> bool:
        return True


@dataclass
class Tally:
    """What became of the walks and pairs of one shape."""

    walks: int = 0
    moves: Counter[str] = field(default_factory=Counter)  # how the settled recipe differs from the start
    arms: list[bool] = field(default_factory=list)  # whether each comparison of a walk was beyond noise
    seeds: list[bool] = field(default_factory=list)  # of two seeds of one recipe
    rules: Counter[str] = field(default_factory=Counter)  # of the decisions
    work: float = 0.0


def losses(margins: Floats) -> Floats:
    """(n,) nats."""
    return np.asarray(np.logaddexp(0, -margins))


def classes_of(rows: int) -> list[tuple[int, ...]]:
    """The truth: classes in turn."""
    return [(i % CLASSES,) for i in range(rows)]


def answers(margins: Floats) -> tuple[tuple[int, ...], ...]:
    """The true class if the margin is positive, else the next one."""
    return tuple(((i + int(margin <= 0)) % CLASSES,) for i, margin in enumerate(margins))


def profile() -> Profile:
    """Of distinct texts with even classes."""
    rng = np.random.default_rng(0)
    texts = tuple(" ".join("".join(rng.choice(list("abcdefghij"), 5)) for _ in range(8)) for _ in range(TRAIN_ROWS))
    rows = Split(texts, tuple(classes_of(TRAIN_ROWS)))
    names = tuple(f"class {i}" for i in range(CLASSES))
    return data.profile(Dataset("simulated", names, False, rows, Split(texts[:70], rows.labels[:70]), None))


def walk(world: World, known: Profile, tally: Tally) -> None:
    """One search from the default start."""
    wishes = Wishes.of(FitOptions())
    start = policy.start(known, FACTS, 0, wishes.space)
    first = world.margins(start, 0, "val", world.rows)
    floor = noise.floor(world.truth, answers(first), losses(first).tolist(), CLASSES)
    rows = SimpleNamespace(val=SimpleNamespace(labels=world.truth), train=range(TRAIN_ROWS), classes=known.classes,
                           multi_label=False)  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "journal.jsonl")
        walked = Walk(rows, NullEngine(world), journal, wishes, Clock(None, lambda: 0.0), no_tick, known,
                      policy.ceiling(known, FACTS), floor)  # type: ignore[arg-type]  # fmt: skip
        settled = walked.through(start)
    tally.walks += 1
    tally.work += walked.work
    tally.moves[moved(start, start if settled is None else settled.recipe)] += 1
    for (kind, _), payload in journal.events.items():
        if kind == "decision":
            tally.rules[payload["rule_id"]] += 1
        elif kind == "experiment":
            tally.arms += [comparison["beyond_noise"] for comparison in payload["comparisons"]]


def moved(start: Recipe, end: Recipe) -> str:
    """ "stays", "smaller" (fewer weights, all else equal), or the knobs that differ."""
    sizes = [FACTS.adapter_parameters(r.rank, r.sites) for r in (start, end)]
    if end.with_(rank=start.rank, sites=start.sites, seed=start.seed) != start:
        return "dynamics"
    if (end.rank, end.sites) == (start.rank, start.sites):
        return "stays"
    return "smaller" if sizes[1] < sizes[0] else "larger"


def two_seeds(world: World, known: Profile) -> Iterator[bool]:
    """Whether one seed of the first recipe counts as better than another, either way."""
    start = policy.start(known, FACTS)
    one, other = (world.curve(start.with_(seed=seed), 2) for seed in (1, 2))
    floor = noise.floor(world.truth, one.end_predicted, one.end_log_loss, CLASSES)
    evidence = policy.Evidence(Stage.CAPACITY, one, world.truth, known, FACTS, floor, policy.ceiling(known, FACTS))
    arms = [experiments.as_arm(ArmKind.SEED, curve) for curve in (one, other)]
    for arm, against in (arms, arms[::-1]):
        yield experiments.compare(evidence, arm, against).beyond_noise


def main(arguments: Sequence[str] | None = None) -> None:
    """Walks and pairs of every shape."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--walks", type=int, default=40, help="of each shape")
    parser.add_argument("--rows", type=int, default=400, help="of validation")
    options = parser.parse_args(arguments)
    known, total = profile(), Tally()
    for shape in SHAPES:
        tally = Tally()
        for seed in range(options.walks):
            world = World(shape, options.rows, seed)
            walk(world, known, tally)
            tally.seeds.append(any(two_seeds(world, known)))
        append("null_walks", told(shape.name, options.rows, tally))
        print(f"  rules: {dict(tally.rules.most_common())}")
        total = Tally(total.walks + tally.walks, total.moves + tally.moves, total.arms + tally.arms,
                      total.seeds + tally.seeds, total.rules + tally.rules, total.work + tally.work)  # fmt: skip
    append("null_walks", told("all", options.rows, total))


def told(name: str, rows: int, tally: Tally) -> dict[str, object]:
    """A line of the table; shares in percent."""
    share = {kind: round(100 * tally.moves[kind] / tally.walks, 1) for kind in ("smaller", "larger", "dynamics")}
    return {
        "date": time.strftime("%Y-%m-%d"),
        "commit": commit(),
        "shape": name,
        "rows": rows,
        "walks": tally.walks,
        "moves": round(sum(share.values()), 1),
        **share,
        "arms": len(tally.arms),
        "arms_beyond": round(100 * float(np.mean(tally.arms)), 1) if tally.arms else "",
        "seeds_beyond": round(100 * float(np.mean(tally.seeds)), 1),
        "work": round(tally.work / tally.walks, 2),  # TFLOP a walk
    }


if __name__ == "__main__":
    main()
