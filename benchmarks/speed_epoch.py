"""One epoch of LoRA: this engine against transformers' Trainer with PEFT, alternating in one run.

Usage: python -m benchmarks.speed_epoch [ROUNDS]      (needs BANKING77 under RANKFIRST_SHARED/data; default 5 rounds)
2,000 rows, MiniLM-L6, batch 32, r 8 on q/v + FFN, lr 4e-4, no evaluation inside the timed part. Four ways:
Trainer + PEFT at its defaults; the same tuned (length grouping, bf16 autocast); this engine with adapters in every
block; this engine with adapters in the top two blocks over cached states (the cache filled before). Every round also
measures the best float32 matrix product of the machine: "of GEMM" is the rate of 4 x block weights x real tokens
against it. Times and ratios are appended to results/speed_epoch.csv. Ratios are of medians; times on a shared machine
mean little by themselves.
"""

import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from benchmarks.end_results import SHARED
from benchmarks.tables import append
from rankfirst.data import load_dataset
from rankfirst.engine.base_models import sources
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.network import sites
from rankfirst.engine.training import checkpoint
from rankfirst.engine.training.batches import probe_subset
from rankfirst.engine.training.loop import Loop, Trace
from rankfirst.engine.training.schedules import warm_hold_fall
from rankfirst.records import QV_FFN, Dataset, Head, Recipe, Sites, Split

ROWS, LAYERS = 2000, 6
FULL = Recipe(8, Sites(QV_FFN, LAYERS), 1.0, 4e-4, 0.05)


def rows_of(name: str) -> Dataset:
    """A stratified part of a set."""
    folder = SHARED / "data" / name
    whole = load_dataset(folder / "train.csv", folder / "val.csv", folder / "test.csv")
    chosen = probe_subset(whole.train.labels, len(whole.classes), ROWS, 0)
    train = Split(tuple(whole.train.texts[r] for r in chosen), tuple(whole.train.labels[r] for r in chosen))
    return replace(whole, train=train, test=None)


def engine_on(dataset: Dataset, folder: str) -> LocalEngine:
    """MiniLM-L6 with a head of zeros."""
    engine = LocalEngine(dataset, sources.resolve(sources.DEFAULT_EN), Path(folder))
    zeros = np.zeros((len(dataset.classes), engine.model.hidden), dtype=np.float32)
    engine.use_head("mean", zeros, zeros[:, 0])
    return engine


def ours(engine: LocalEngine, top: int) -> Callable[[], float]:
    """One epoch of the engine's loop; returns the last loss."""
    recipe = FULL.with_(sites=Sites(QV_FFN, top))
    rows = list(range(len(engine.dataset.train)))

    def epoch() -> float:
        loop = Loop(engine.corpus, recipe, checkpoint.State(recipe, {}), engine.heads[Head.RANDOM])
        if loop.depth:
            engine.corpus.fill("train", loop.depth, rows)
        trace = Trace(every=10)
        began = time.perf_counter()
        loop.train(rows, warm_hold_fall(10**6), trace)
        epoch.seconds = time.perf_counter() - began  # type: ignore[attr-defined]
        return trace.loss[-1]

    return epoch


def trainer(
    engine: LocalEngine, dataset: Dataset, folder: str, tuned: bool, recipe: Recipe = FULL, steps: int = -1
) -> Callable[[], float]:
    """One epoch (or `steps` steps) of Trainer + PEFT on the same rows and sites."""
    from peft import LoraConfig, TaskType, get_peft_model
    from transformers import (
        AutoModelForSequenceClassification,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
    )

    source, tokenizer = engine.source, engine.model.tokenizer
    engine.model.detach()
    names = sites.target_modules(engine.model.encoder, recipe.sites)
    encoded = tokenizer(list(dataset.train.texts), truncation=True, max_length=256)
    rows = [{"input_ids": ids, "labels": row[0]}
            for ids, row in zip(encoded["input_ids"], dataset.train.labels, strict=True)]  # fmt: skip
    options = {"bf16": True, "train_sampling_strategy": "group_by_length"} if tuned else {}

    def epoch() -> float:
        torch.manual_seed(0)
        model = AutoModelForSequenceClassification.from_pretrained(
            source.folder, num_labels=len(dataset.classes), dtype=torch.float32, use_safetensors=True
        )
        config = LoraConfig(task_type=TaskType.SEQ_CLS, r=recipe.rank, lora_alpha=recipe.scaling * recipe.rank,
                            lora_dropout=recipe.dropout,
                            target_modules=[f"bert.{n}" for n in names])  # fmt: skip
        arguments = TrainingArguments(folder, per_device_train_batch_size=32, num_train_epochs=1, max_steps=steps,
                                      learning_rate=recipe.lr,
                                      report_to=[], save_strategy="no", logging_steps=10, use_cpu=True,
                                      disable_tqdm=True, **options)  # fmt: skip
        job = Trainer(get_peft_model(model, config), arguments, train_dataset=rows,
                      data_collator=DataCollatorWithPadding(tokenizer))  # fmt: skip
        began = time.perf_counter()
        job.train()
        epoch.seconds = time.perf_counter() - began  # type: ignore[attr-defined]
        return float([x["loss"] for x in job.state.log_history if "loss" in x][-1])

    return epoch


def best_gemm() -> float:
    """GFLOP/s of the fastest float32 product among typical and large shapes, now."""
    best = 0.0
    for m, k, n in ((512, 384, 1536), (512, 1536, 384), (1024, 1024, 1024), (2048, 2048, 2048)):
        a, b = torch.randn(m, k), torch.randn(k, n)
        for _ in range(8):
            began = time.perf_counter()
            for _ in range(4):
                torch.mm(a, b)
            best = max(best, 8e-9 * m * k * n / (time.perf_counter() - began))
    return best


def main(rounds: int) -> None:
    """Alternate the ways, once to warm up and `rounds` times measured."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    dataset = rows_of("banking77")
    with tempfile.TemporaryDirectory() as folder:
        engine = engine_on(dataset, folder)
        ways: dict[str, Callable[[], float]] = {
            "trainer": trainer(engine, dataset, folder, tuned=False),
            "trainer tuned": trainer(engine, dataset, folder, tuned=True),
            "ours": ours(engine, LAYERS),
            "ours top 2": ours(engine, 2),
        }
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        gemm = []
        work = 4e-9 * engine.facts.layer_parameters * LAYERS * engine.corpus.tokens("train")
        for turn in range(rounds + 1):
            gemm.append(best_gemm())
            for name, epoch in ways.items():
                loss = epoch()
                if turn:
                    seconds[name].append(epoch.seconds)  # type: ignore[attr-defined]
                print(f"{turn} {name}: {epoch.seconds:.1f} s, loss {loss:.3f}", flush=True)  # type: ignore[attr-defined]
    middle = {name: statistics.median(values) for name, values in seconds.items()}
    row = {"date": time.strftime("%Y-%m-%d"), "machine": f"{platform.machine()} {torch.get_num_threads()} threads",
           "rounds": rounds} | {f"{n} s": round(s, 2) for n, s in middle.items()}  # fmt: skip
    for name in ("ours", "ours top 2"):
        for other in ("trainer", "trainer tuned"):
            row[f"{other} / {name}"] = round(middle[other] / middle[name], 2)
    row |= {"best GEMM GFLOP/s": round(statistics.median(gemm)), "ours of GEMM": round(
        statistics.median(work / s / g for s, g in zip(seconds["ours"], gemm[1:], strict=True)), 2)}  # fmt: skip
    append("speed_epoch", row)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
