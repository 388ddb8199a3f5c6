"""From which head should LoRA start? The rung's own, stronger penalties, calibrated, and zero; trained to their end.

Usage: OMP_NUM_THREADS=2 python -m benchmarks.head_starts [SET ...] [--heads=rung,soft,0.01,zero:0.01] [--lrs=1.6e-3]
       [--rows=800]

Appends to results/head_starts.csv. "soft" is the rung's head divided by its temperature; a number is a C; "zero:0.01"
is a head of zeros that is trained at an lr of its own.

All else is fixed: r 16, q/v and FFN of the top four blocks, linear decay. What the CSV holds is not trained again.
"""

import csv
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.end_results import SHARED
from benchmarks.tables import RESULTS, append
from rankfirst import baselines, data
from rankfirst.baselines.linear_head import LinearHead, Scaler
from rankfirst.baselines.logistic import fit_linear
from rankfirst.data import load_dataset
from rankfirst.engine.base import EngineOptions
from rankfirst.engine.base_models import sources
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.training.loop import NotFiniteError, Trace
from rankfirst.engine.training.schedules import warm_then_linear
from rankfirst.measure.calibration import fit_temperature, probabilities
from rankfirst.measure.decoding import Decoding
from rankfirst.measure.scores import Bools, Floats, indicator, log_loss, macro_f1
from rankfirst.records import QV_FFN, Dataset, Head, Recipe, Sites, Split

NAME = "head_starts"
ROWS, EPOCHS = 2500, 8
ENGLISH = {"nlupp", "mixatis", "banking77", "snips", "mixsnips", "clinc150"}
SETS = ("nlupp", "smp2017", "mixatis", "banking77", "tnews", "crosswoz_acts", "clinc150")
LRS = (1.6e-3, 4e-4)
PENALTIES = (1e-2, 1e-3, 1e-4)


def cut(name: str, rows: int = ROWS, judged: int = 1000) -> Dataset:
    """At most `rows` training rows and `judged` of validation and test each: the same ones every time."""
    folder = SHARED / "data" / name
    whole = load_dataset(folder / "train.csv", folder / "val.csv", folder / "test.csv")
    rng = np.random.default_rng(0)
    assert whole.test is not None

    def some(split: Split, most: int) -> Split:
        kept = np.sort(rng.permutation(len(split))[:most])
        return Split(tuple(split.texts[i] for i in kept), tuple(split.labels[i] for i in kept))

    return replace(whole, train=some(whole.train, rows), val=some(whole.val, judged), test=some(whole.test, judged))


def main(arguments: list[str]) -> None:
    """Every set named, or all."""
    options = dict(each[2:].split("=") for each in arguments if each.startswith("--"))
    names = [each for each in arguments if not each.startswith("--")]
    wanted = options.get("heads", "rung,soft," + ",".join(f"{c:g}" for c in PENALTIES)).split(",")
    lrs = [float(lr) for lr in options["lrs"].split(",")] if "lrs" in options else list(LRS)
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    for name in names or SETS:
        measure(name, wanted, lrs, int(options.get("rows", ROWS)))


def calibrated_log_loss(logits: Floats, truth: Bools, multi_label: bool) -> Floats:
    """(n,) nats at the best temperature for these logits: compares what models know, not how confident they are.

    The temperature is fitted on the rows that are scored; do so for every model in a comparison.
    """
    temperature = fit_temperature(logits, truth, multi_label)
    return log_loss(truth, probabilities(logits, multi_label, temperature), multi_label)


def measure(name: str, wanted: list[str], lrs: list[float], most: int = ROWS) -> None:
    """Every head at every rate. Args: most: training rows."""
    dataset = cut(name, most)
    assert dataset.test is not None
    both = Split(dataset.val.texts + dataset.test.texts, dataset.val.labels + dataset.test.labels)
    n = len(dataset.val)
    with tempfile.TemporaryDirectory() as work:
        base = sources.DEFAULT_EN if name in ENGLISH else str(SHARED / "models" / "e5-small-zh")
        engine = LocalEngine(replace(dataset, val=both, test=None), sources.resolve(base), Path(work),
                             EngineOptions(max_tokens=128))  # fmt: skip
        start = Recipe(16, Sites(QV_FFN, 4), 1.0, LRS[0], 0.05)
        engine.expect(start)
        train, told = engine.features("train"), engine.features("val")
        frozen = baselines.fit_frozen(train, {k: a[:n] for k, a in told.items()}, dataset,
                                      data.profile(dataset).tail_classes)  # fmt: skip
        truth = indicator(dataset.train.labels, len(dataset.classes))
        scaler = Scaler.fit(train[frozen.pooling])
        rows = scaler.apply(train[frozen.pooling])
        softened = replace(frozen.head, weight=frozen.head.weight / frozen.temperature,
                           bias=frozen.head.bias / frozen.temperature)  # fmt: skip
        known = {"rung": (f"rung C={frozen.rung.details['C']}", frozen.head), "soft": ("rung/T", softened)}
        heads: dict[str, LinearHead] = dict(known[each] for each in wanted if each in known)
        zeros = [each for each in wanted if each.startswith("zero:")]
        for c in (float(each) for each in wanted if each not in known and each not in zeros):
            fitted = fit_linear(rows, truth, c, dataset.multi_label)
            heads[f"C={c:g}"] = scaler.fold(fitted, dataset.multi_label)
        name = name if most == ROWS else f"{name}-{most}"
        done = finished()
        for lr in lrs:
            for label, head in heads.items():
                if (name, label, f"{lr:g}") not in done:
                    engine.use_head(frozen.pooling, head.weight.astype(np.float32), head.bias.astype(np.float32))
                    trained(engine, dataset, n, start.with_(lr=lr, head=Head.PROBE), name, label)
            for label in zeros:
                if (name, label, f"{lr:g}") not in done:
                    own = float(label.removeprefix("zero:"))
                    engine.use_head(frozen.pooling, frozen.head.weight, frozen.head.bias)  # for its shape
                    trained(engine, dataset, n, start.with_(lr=lr, head=Head.ZERO, head_lr=own), name, label)
        engine.close()


def trained(engine: LocalEngine, dataset: Dataset, n: int, recipe: Recipe, name: str, label: str) -> None:
    """One training, an epoch a row."""
    rows, multi, decoding = list(range(len(dataset.train))), dataset.multi_label, Decoding.of(dataset)
    loop = engine._loop(recipe, None)
    steps = loop.steps_in(rows)
    schedule, trace = warm_then_linear(EPOCHS * steps), Trace(every=steps)
    for epoch in range(EPOCHS + 1):
        try:
            if epoch:
                loop.train(rows, schedule, trace)
        except NotFiniteError:
            print("diverged", name, label, recipe.lr)
            return
        logits, truth = loop.logits("val"), loop.corpus.truth["val"]
        subset = loop.corpus.subset
        seen = probabilities(loop.logits("train", subset), multi)
        row: dict[str, object] = {"set": name, "head": label, "lr": f"{recipe.lr:g}", "epoch": epoch, "epochs": EPOCHS,
               "train_loss": round(float(log_loss(loop.corpus.truth["train"][subset], seen, multi).mean()), 4),
               "train_f1": round(macro_f1(loop.corpus.truth["train"][subset], decoding.answers(seen)), 4)}  # fmt: skip
        for split, part in (("val", slice(0, n)), ("test", slice(n, None))):
            p = probabilities(logits[part], multi)
            answers = decoding.answers(p)
            calibrated = calibrated_log_loss(logits[part], truth[part], multi)
            row |= {f"{split}_loss": round(float(log_loss(truth[part], p, multi).mean()), 4),
                    f"{split}_calibrated": round(float(calibrated.mean()), 4),
                    f"{split}_f1": round(macro_f1(truth[part], answers), 4),
                    f"{split}_exact": round(float((answers == truth[part]).all(axis=1).mean()), 4)}  # fmt: skip
        append(NAME, row)


def finished() -> set[tuple[str, str, str]]:
    """(set, head, lr) of the trainings that the table holds whole."""
    path = RESULTS / f"{NAME}.csv"
    if not path.exists():
        return set()
    with path.open(newline="", encoding="utf-8") as file:
        return {(r["set"], r["head"], r["lr"]) for r in csv.DictReader(file) if r["epoch"] == r["epochs"]}


if __name__ == "__main__":
    main(sys.argv[1:])
