"""Whole runs on rows and a base model small enough for a test."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from rankfirst.policy import thresholds as t
from tests.engine import tiny

# Full runs, of short final trainings, that leave the search as much work as FULL_RUNS of the usual length.
FULL_SHORT_RUNS = t.FINAL_RUNS + (t.FULL_RUNS - t.FINAL_RUNS) * t.MOST_FINAL_EPOCHS / t.FINAL_EPOCHS


def pinned(lr: str = "6.4e-3") -> dict[str, Any]:
    """Options of `fit` that leave nothing to search for: one probe, then final training without a rival."""
    return {"knobs": ("rank=16", "sites=qv+ffn@2", f"lr={lr}", "scaling=16", "dropout=0.05"), "force": True}


@contextmanager
def short_trainings() -> Iterator[None]:
    """Final trainings of FINAL_EPOCHS, not of MOST_FINAL_EPOCHS, which few rows ask for; this process only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(t, "MOST_FINAL_EPOCHS", t.FINAL_EPOCHS)
        patch.setattr(t, "FULL_RUNS", FULL_SHORT_RUNS)
        yield


def write_rows(folder: Path, rows: int = 150, multi_label: bool = False, noise: float = 0.1) -> Path:
    """`train.csv` of the tiny rows; validation and test rows are held out by whoever reads it."""
    made = tiny.dataset(train=rows, multi_label=multi_label, noise=noise)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "rows.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "labels" if multi_label else "label"])
        for i, (text, labels) in enumerate(zip(made.train.texts, made.train.labels, strict=True)):
            # A number in each text: equal texts are kept on one side, and there are few different ones.
            writer.writerow([f"{text} {i}", "|".join(made.classes[c] for c in labels)])
    return path


def command(rows: Path, base: Path, out: Path, *more: str) -> list[str]:
    """`rankfirst fit` as a process of its own."""
    words = ["fit", str(rows), "-o", str(out), "--base-model", str(base), "--always-lora", *more]
    return [sys.executable, "-m", "rankfirst", *words]


def environment() -> dict[str, str]:
    """One thread, English, no hub."""
    return os.environ | {"OMP_NUM_THREADS": "1", "RANKFIRST_LANG": "en", "HF_HUB_OFFLINE": "1"}


def finish(words: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, env=environment(), capture_output=True, text=True, timeout=240)


def reseal(model: Path) -> None:
    """Write the manifest anew after a test changed files of a delivery, as if they had been delivered so."""
    from rankfirst.model import manifest

    manifest.write(model)


def result(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "result.json").read_text(encoding="utf-8"))
    return found


def events(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "journal.jsonl").read_text(encoding="utf-8").splitlines()]


def fit_frozen(rows: Path, out: Path, base: Path, normalize: bool | None = None) -> None:
    """A run that delivers the frozen encoder, whatever scores better on these rows; nothing is trained.

    Args: normalize: whether its head reads states of unit length; None: as the run chooses.
    """
    from rankfirst import api, policy
    from rankfirst.baselines import frozen
    from rankfirst.records import Shipping

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(policy, "ship", lambda *a, **k: Shipping("frozen", "ship.frozen_only", {"f1": 0.5}))
        if normalize is not None:
            patch.setattr(frozen, "LEVEL", ())
            patch.setattr(frozen, "unit_length_is_better", lambda *a: normalize)
        api.fit(rows, out, base_model=str(base), budget="0.001s")
