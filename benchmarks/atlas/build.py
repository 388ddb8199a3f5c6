"""Build the atlas: train what is missing, a line of JSON a run, and pack whole pairs as Parquet.

Usage: OMP_NUM_THREADS=1 python -m benchmarks.atlas.build [PAIR ...]

Resumes: what `runs/atlas/PAIR.jsonl` holds is not trained again. Two processes on two cores, each with its own pairs
and one thread, are faster than one with two threads.
"""

import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.atlas import design, store
from benchmarks.atlas.design import Pair
from benchmarks.atlas.run import Run
from benchmarks.end_results import SHARED
from rankfirst import baselines, data
from rankfirst.engine.base import EngineOptions
from rankfirst.engine.base_models import sources
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.training import corpus
from rankfirst.measure.scores import as_tuples, predict_labels
from rankfirst.policy import noise
from rankfirst.records import ArmResult, Recipe, Split, to_json

WORK = Path("runs/atlas")


def main(names: list[str]) -> None:
    """Every pair named, or all."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    torch.set_num_threads(1)
    corpus.SUBSET_ROWS = design.SUBSET_ROWS
    for pair in design.PAIRS:
        if not names or pair.name in names or pair.set in names:
            Builder(pair).run()
            store.pack(pair.name, WORK)


class Builder:
    """One pair: its frozen rung, then every run of the design."""

    def __init__(self, pair: Pair) -> None:
        self.pair, self.dataset = pair, design.load(pair)
        self.path = WORK / f"{pair.name}.jsonl"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.done: set[str] = set()
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                self.done.add(json.loads(line)["id"])

    def run(self) -> None:
        """Most telling first, so that a part of a pair is already useful."""
        with tempfile.TemporaryDirectory() as work:
            dataset = self.dataset
            assert dataset.test is not None
            both = Split(dataset.val.texts + dataset.test.texts, dataset.val.labels + dataset.test.labels)
            self.engine = LocalEngine(
                replace(dataset, val=both, test=None),
                sources.resolve(self.pair.base),
                Path(work),
                EngineOptions(probe_rows=self.pair.rows, max_tokens=design.TOKENS),
            )
            self.engine.expect(design.BASE)
            self._frozen()
            self.start: Any = None
            branched = design.starts(self.pair)
            for recipe in (*design.grid(), *design.off_grid(self.pair), *design.repeated(self.pair)):
                self._run(recipe, recipe in branched)
            self.engine.close()

    def _frozen(self) -> None:
        """The rungs below, and what the policy is told about the data."""
        dataset, profile, n = self.dataset, data.profile(self.dataset), len(self.dataset.val)
        train, both = self.engine.features("train"), self.engine.features("val")
        frozen = baselines.fit_frozen(train, {k: a[:n] for k, a in both.items()}, dataset, profile.tail_classes)
        head, start = frozen.head, frozen.start  # the packed pairs began at `head`, as `fit` did in version 0.1
        self.engine.use_head(frozen.pooling, start.weight.astype(np.float32), start.bias.astype(np.float32))
        if "facts" in self.done:
            return
        near = data.neighbours_of(dataset, train[frozen.pooling])
        profile = data.with_out_of_fold(profile, dataset, frozen.sober, near)
        tfidf = baselines.fit_tfidf(dataset, profile.tail_classes).rung
        rung = frozen.rung
        floor = noise.floor(dataset.val.labels, rung.val_predicted, rung.val_log_loss, len(dataset.classes))
        test = as_tuples(predict_labels(head.predict_proba(both[frozen.pooling][n:]), dataset.multi_label))
        self._write("facts", facts=to_json(self.engine.facts), profile=to_json(profile), frozen=to_json(rung),
                    tfidf=to_json(tfidf), noise=to_json(floor), multi_label=dataset.multi_label,
                    val=to_json(dataset.val.labels), test=to_json(dataset.test.labels),
                    test_frozen=to_json(test))  # fmt: skip

    def _run(self, recipe: Recipe, branched: bool) -> None:
        name = f"run {recipe.key}"
        if name in self.done:
            return
        began = time.perf_counter()
        run = Run(self.engine, len(self.dataset.val), recipe)
        if self.start is None:
            loop = self.engine._loop(recipe, None)
            self.start = (*run.evaluate(loop, 0.0), run.wrong)
        run.wrong = self.start[3]
        run.train(self.start[:3])
        spent = time.perf_counter() - began
        steps = -(-self.pair.rows // design.BATCH)
        results = self._arms(run, steps, branched) if run.branch is not None else []
        self._write(name, probe=to_json(run.probe), full=to_json(run.full), test=to_json(run.test),
                    cooled=to_json(run.cooled), arms=to_json(tuple(results)), seconds=spent,
                    arm_seconds=time.perf_counter() - began - spent)  # fmt: skip

    def _arms(self, run: Run, steps: int, branched: bool) -> list[ArmResult]:
        """Doing nothing, which cools the probe; if an experiment branches here, also those of one knob."""
        return [run.arm(arm, steps) for arm in design.arms(run.recipe)[: None if branched else 1]]

    def _write(self, name: str, **body: Any) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"id": name} | body) + "\n")
        self.done.add(name)
        print(f"{time.strftime('%H:%M:%S')} {self.pair.name} {len(self.done)} {name} {body.get('seconds', 0):.1f} s "
              f"{body.get('arm_seconds', 0):.1f} s", flush=True)  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
