"""Small deliveries for tests, made from the runs of version 0.1.0 in the repository; nothing is trained."""

import json
import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from rankfirst.model import manifest

KEPT = Path(__file__).parents[1] / "first_edition"
TEXTS = ["send my card", "cash limit please", "block the card now", "rate", "help the lost cash"]


def old(place: Path, name: str = "single") -> Path:
    """A run as version 0.1.0 left it, without a manifest. Args: name: "single" (LoRA) or "multi" (n-grams)."""
    shutil.copytree(KEPT / name / "run", place / "run")
    if not (place / "base").is_dir():
        shutil.copytree(KEPT / "base", place / "base")
    adapter = place / "run" / "model" / "adapter" / "adapter_model.safetensors"
    if adapter.is_file():  # that run's adapter is zero: it gets weights, so that a damaged one shows
        draw = np.random.default_rng(0)
        tensors = {n: draw.normal(0, 0.2, t.shape).astype(t.dtype) for n, t in sorted(load_file(adapter).items())}
        save_file(tensors, adapter)
    path = place / "run" / "model" / "decision.json"
    decision = json.loads(path.read_text("utf-8")) | {"base_model": str(place / "base")}
    path.write_text(json.dumps(decision), encoding="utf-8")
    return place / "run"


def new(place: Path, name: str = "single") -> Path:
    """The same run as it is delivered now."""
    run = old(place, name)
    edit(run, manifest=True)
    manifest.write(run / "model")
    return run


def edit(run: Path, **facts: object) -> None:
    """Change keys of decision.json, and nothing else."""
    path = run / "model" / "decision.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | facts), encoding="utf-8")
