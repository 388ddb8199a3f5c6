"""How should final training end? Schedules and stopping rules on the pairs of the atlas.

Usage: OMP_NUM_THREADS=1 python -m benchmarks.final_schedules [PAIR ...]   (appends to results/final_schedules.csv)
       python -m benchmarks.final_schedules --told     (what each rule keeps of linear10, from the CSV)

Every recipe (the start, and the one that validation prefers on the grid) is trained to the end of its schedule and
looked at after each epoch; where patience would end it, one more epoch is trained from there while lr falls to nothing
("cooled"). So each stopping rule can be read off the same trainings.
"""

import csv
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from benchmarks.atlas import design, store
from benchmarks.end_results import SHARED
from benchmarks.tables import RESULTS, append
from rankfirst import baselines, data
from rankfirst.engine.base import EngineOptions
from rankfirst.engine.base_models import sources
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.training import checkpoint, corpus
from rankfirst.engine.training.loop import Loop, NotFiniteError, Trace
from rankfirst.engine.training.schedules import Schedule, warm_hold_fall, warm_then_linear
from rankfirst.measure.calibration import probabilities
from rankfirst.measure.scores import log_loss, macro_f1, macro_f1_occurring, predict_labels
from rankfirst.records import Recipe, Split

NAME = "final_schedules"
PATIENCE = 2  # as `fit` stopped in its first edition ...
LEARNT = 0.98  # ... and later, once the training rows were learnt; now it trains to the end
SCHEDULES: dict[str, tuple[int, Callable[[int], Schedule]]] = {
    "linear6": (6, warm_then_linear),
    "linear10": (10, warm_then_linear),
    "hold4": (4, warm_hold_fall),
    "hold6": (6, warm_hold_fall),
    "hold10": (10, warm_hold_fall),
}  # tried and dropped, in the CSV only: until10, lr stands until patience is up and then falls to nothing
ASKED = ("linear10",)  # the others were trained on four pairs


def main(names: list[str]) -> None:
    """Every pair named, or all; what the CSV holds is not trained again."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    torch.set_num_threads(1)
    corpus.SUBSET_ROWS = design.SUBSET_ROWS
    done = {(row["pair"], row["recipe"], row["schedule"]) for row in read()
            if row["epoch"] == row["epochs"] or row["kind"] == "last"}  # fmt: skip
    for pair in design.PAIRS:
        if pair.name in store.names() and (not names or pair.name in names):
            measure(pair, done)


def recipes(name: str) -> list[Recipe]:
    """The start, and the grid's best by validation."""
    atlas = store.load(name)
    best = max(atlas.grid, key=lambda r: atlas.runs[r.key].full.last.judged_f1)
    return list({r.key: r for r in (design.BASE, best)}.values())


def measure(pair: design.Pair, done: set[tuple[str, str, str]]) -> None:
    """Every recipe under every schedule."""
    dataset = design.load(pair)
    assert dataset.test is not None
    n = len(dataset.val)
    both = Split(dataset.val.texts + dataset.test.texts, dataset.val.labels + dataset.test.labels)
    with tempfile.TemporaryDirectory() as work:
        engine = LocalEngine(
            replace(dataset, val=both, test=None),
            sources.resolve(pair.base),
            Path(work),
            EngineOptions(probe_rows=pair.rows, max_tokens=design.TOKENS),
        )
        engine.expect(design.BASE)
        train, told = engine.features("train"), engine.features("val")
        tail = data.profile(dataset).tail_classes
        frozen = baselines.fit_frozen(train, {k: a[:n] for k, a in told.items()}, dataset, tail)
        head = frozen.head
        engine.use_head(frozen.pooling, head.weight.astype(np.float32), head.bias.astype(np.float32))
        for recipe in recipes(pair.name):
            for schedule in ASKED:
                if (pair.name, recipe.key, schedule) not in done:
                    Training(engine, n, pair.name, recipe, schedule).run()
        engine.close()


class Training:
    """One recipe under one schedule, to its end."""

    def __init__(self, engine: LocalEngine, val_rows: int, pair: str, recipe: Recipe, schedule: str) -> None:
        self.engine, self.n, self.pair, self.recipe, self.name = engine, val_rows, pair, recipe, schedule
        self.epochs, self.shape = SCHEDULES[schedule]
        self.best, self.best_epoch = -1.0, 0
        self.cooled = False

    def run(self) -> None:
        """Rows of the table, an epoch each, and the cooling epoch where patience ended."""
        rows = list(range(len(self.engine.dataset.train)))
        loop = self.engine._loop(self.recipe, None)
        steps = loop.steps_in(rows)
        trace = Trace(every=steps)
        self.look(loop, 0, "plain")
        try:
            schedule = self.shape(self.epochs * steps)
            for epoch in range(1, self.epochs + 1):
                loop.train(rows, schedule, trace)
                self.look(loop, epoch, "plain")
                if epoch - self.best_epoch >= PATIENCE and not self.cooled and epoch < self.epochs:
                    self.cool(loop, rows, steps, schedule(loop.state.steps))
                    loop = self.engine._loop(self.recipe, self.kept)
        except NotFiniteError:
            print("diverged", self.pair, self.recipe.key, self.name)

    def cool(self, loop: Loop, rows: list[int], steps: int, factor: float) -> None:
        """One epoch from here to nothing; what the loop was before stays in `kept`."""
        self.cooled = True
        now = loop.snapshot()
        self.kept = checkpoint.State(
            now.recipe, {k: w.clone() for k, w in now.weights.items()},
            {k: (m.clone(), v.clone(), s) for k, (m, v, s) in now.moments.items()}, now.epochs, now.steps,
        )  # fmt: skip
        begun, epoch = now.steps, now.epochs
        loop.train(rows, lambda step: factor * max(0.0, 1 - (step - begun) / steps), Trace(every=steps))
        self.look(loop, epoch + 1, "cooled")

    def look(self, loop: Loop, epoch: int, kind: str) -> None:
        """Validation and test rows apart."""
        truth, multi = loop.corpus.truth["val"], loop.corpus.dataset.multi_label
        logits = loop.logits("val")
        if not np.isfinite(logits).all():
            raise NotFiniteError
        p = probabilities(logits, multi)
        predicted, losses = predict_labels(p, multi), log_loss(truth, p, multi)
        val = macro_f1_occurring(truth[: self.n], predicted[: self.n])
        if kind != "cooled" and val > self.best:
            self.best, self.best_epoch = val, epoch
        subset = loop.corpus.subset
        p_train = probabilities(loop.logits("train", subset), multi)
        train = macro_f1(loop.corpus.truth["train"][subset], predict_labels(p_train, multi))
        append(NAME, {
            "pair": self.pair, "recipe": self.recipe.key, "schedule": self.name, "kind": kind, "epoch": epoch,
            "epochs": self.epochs, "val_f1": round(val, 5), "val_loss": round(float(losses[: self.n].mean()), 5),
            "test_f1": round(macro_f1_occurring(truth[self.n :], predicted[self.n :]), 5),
            "test_loss": round(float(losses[self.n :].mean()), 5), "train_f1": round(train, 4),
        })  # fmt: skip


def read() -> list[dict[str, str]]:
    """The table; empty where nothing was measured."""
    path = RESULTS / f"{NAME}.csv"
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def told() -> None:
    """Test macro-F1 of the epoch that validation prefers among those a rule trains; epochs trained in brackets.

    Rows without train_f1 are of an earlier trial; they count as learnt.
    """
    runs: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in read():
        if row["schedule"] == "linear10":
            runs.setdefault((row["pair"], row["recipe"]), []).append(row)
    for (pair, recipe), rows in runs.items():
        plain = [row for row in rows if row["kind"] == "plain"]
        stops = {"patience": stop(plain, 0.0), "to the end": len(plain) - 1, "learnt": stop(plain, LEARNT)}
        line = [f"{pair} {recipe} start {100 * float(plain[0]['test_f1']):.1f}"]
        for name, last in stops.items():
            best = max(plain[: last + 1], key=lambda row: (float(row["val_f1"]), -int(row["epoch"])))
            line.append(f"{name} {100 * float(best['test_f1']):.1f} ({last})")
        print(", ".join(line))


def stop(plain: list[dict[str, str]], learnt: float) -> int:
    """The epoch after which patience ends a training; it counts from a training macro-F1 of `learnt`."""
    best = 0
    for epoch, row in enumerate(plain):
        if float(row["val_f1"]) > float(plain[best]["val_f1"]):
            best = epoch
        elif epoch - best >= PATIENCE and float(row["train_f1"] or 1.0) >= learnt:
            return epoch
    return len(plain) - 1


if __name__ == "__main__":
    told() if sys.argv[1:] == ["--told"] else main(sys.argv[1:])
