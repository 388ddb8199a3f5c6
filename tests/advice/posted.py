"""Logs of the kinds that people post when a training goes wrong: each from a few numbers, with the noise of batches.

`run` writes an output folder of transformers' Trainer; what an expert would say of it is in `test_posted_logs`.
"""

import json
import math
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.advice.logs import written as w

Curve = Callable[[float], float]  # share of the planned run -> value


def linear(peak: float, warmup: float = 0.0) -> Curve:
    """lr of transformers' default schedule; `warmup` is a share of the run."""
    return lambda x: peak * (x / warmup if x < warmup else (1 - x) / (1 - warmup))


def cosine(peak: float, warmup: float = 0.0) -> Curve:
    def rate(x: float) -> float:
        return peak * (x / warmup if x < warmup else (1 + math.cos(math.pi * (x - warmup) / (1 - warmup))) / 2)

    return rate


def constant(value: float) -> Curve:
    return lambda x: value


def decay(start: float, end: float, speed: float = 4.0) -> Curve:
    """A loss that falls fast at first."""
    return lambda x: end + (start - end) * math.exp(-speed * x)


def history(
    loss: Curve,
    lr: Curve,
    evaluations: Sequence[Mapping[str, float]] = (),
    steps: int = 600,
    every: int = 10,
    epochs: float = 3.0,
    noise: float = 0.02,
    until: float = 1.0,
    **columns: Curve,
) -> w.Rows:
    """Rows of a run of `steps` steps that ends at the share `until`, evaluated at equal distances.

    Args: noise: relative, of the loss at each point. columns: further values at each point.
    """
    draw = random.Random(7)
    rows: w.Rows = []
    last = round(until * steps)
    for step in range(every, last + 1, every):
        x = step / steps
        row = {"loss": round(loss(x) * (1 + noise * draw.uniform(-1, 1)), 4), "learning_rate": lr(x)}
        row |= {name: value(x) for name, value in columns.items()}
        rows.append(row | {"epoch": epochs * x, "step": step})
    for at, evaluation in enumerate(evaluations, 1):
        step = round(at * last / len(evaluations))
        rows.append({**evaluation, "eval_runtime": 2.1, "epoch": epochs * step / steps, "step": step})
    return sorted(rows, key=lambda row: row["step"])


def run(
    folder: Path,
    rows: w.Rows,
    steps: int = 600,
    state: Mapping[str, Any] | None = None,
    adapter: Mapping[str, Any] | None = None,
    **files: Mapping[str, Any] | str,
) -> Path:
    """The output folder: trainer_state.json, adapter_config.json unless `adapter` is None, and other files by name.

    Args: files: content by name, with `__` for the dot; a mapping is written as JSON.
    """
    last = max((int(row["step"]) for row in rows), default=0)
    epoch = max((row["epoch"] for row in rows), default=0.0)
    told = {"max_steps": steps, "global_step": last, "num_train_epochs": 3, "epoch": epoch, "train_batch_size": 16}
    w.trainer_state(folder, rows, **{**told, **(state or {})})
    if adapter is not None:
        w.adapter(folder, **adapter)
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return folder


def scores(losses: Sequence[float], f1: Sequence[float] = (), accuracy: Sequence[float] = ()) -> w.Rows:
    """Evaluation rows."""
    rows: w.Rows = [{"eval_loss": loss} for loss in losses]
    for row, value in zip(rows, f1, strict=False):
        row["eval_macro_f1"] = value
    for row, value in zip(rows, accuracy, strict=False):
        row["eval_accuracy"] = value
    return rows
