"""Write a trained adapter so that plain transformers + peft can load it, and read it back."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load, save_file

from rankfirst.engine.base import Floats, Source
from rankfirst.engine.network import sites
from rankfirst.engine.network.model import TextModel
from rankfirst.engine.training.checkpoint import State
from rankfirst.errors import RunError
from rankfirst.measure.disk import replaced

ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")
PEFT_PREFIX = "base_model.model."  # prefix of every tensor's name in PEFT's file


def write_adapter(model: TextModel, state: State, source: Source, folder: Path) -> None:
    """Write `adapter/` in PEFT's format (for PeftModel.from_pretrained on AutoModel) and `head.safetensors`."""
    from peft import LoraConfig

    adapter = folder / "adapter"
    # Anew: files of an earlier delivery may be hard links, which PEFT would write through.
    shutil.rmtree(adapter, ignore_errors=True)
    adapter.mkdir(parents=True)
    recipe = state.recipe
    model.detach()
    config = LoraConfig(
        task_type="FEATURE_EXTRACTION",
        base_model_name_or_path=source.spec,
        r=recipe.rank,
        lora_alpha=recipe.scaling * recipe.rank,
        lora_dropout=recipe.dropout,
        target_modules=sites.target_modules(model.encoder, recipe.sites),
        fan_in_fan_out="GPT2" in type(model.encoder).__name__,  # or PEFT sets it itself, with a warning
        inference_mode=True,
    )
    config.save_pretrained(str(adapter))
    _in_order(adapter / "adapter_config.json")
    weights = {
        f"{PEFT_PREFIX}{n.replace('.default.', '.')}": t.detach().cpu().contiguous().clone()
        for n, t in state.weights.items()
        if not n.startswith("head.")
    }
    _save(weights, adapter / "adapter_model.safetensors")
    write_head(state.weights["head.weight"], state.weights["head.bias"], folder)


def _in_order(path: Path) -> None:
    """Sort the target modules, a set in PEFT whose order varies by process, so that runs are reproducible."""
    settings = json.loads(path.read_text(encoding="utf-8"))
    settings["target_modules"] = sorted(settings["target_modules"])
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(settings, indent=2), encoding="utf-8")
    os.replace(temporary, path)


def write_head(weight: torch.Tensor, bias: torch.Tensor, folder: Path) -> None:
    """Write `head.safetensors`: weight (C, d), bias (C,)."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {"weight": weight.detach().cpu().float().contiguous(), "bias": bias.detach().cpu().float().contiguous()}
    _save({n: t.clone() for n, t in tensors.items()}, folder / "head.safetensors")


def write_head_arrays(weight: Floats, bias: Floats, folder: Path) -> None:
    """As `write_head`, from numpy arrays: the frozen rung's head."""
    write_head(torch.from_numpy(np.asarray(weight)), torch.from_numpy(np.asarray(bias)), folder)


def read_head(folder: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """(C, d) weight and (C,) bias from `head.safetensors`."""
    tensors = load((folder / "head.safetensors").read_bytes())  # read, not mapped: see `read_tensors`
    return tensors["weight"], tensors["bias"]


def check_tensors(carrier: Any, adapter: Path) -> None:
    """Check that the network has each LoRA tensor of the file and no other: PEFT skips those that do not fit.

    Args: carrier: the network after PEFT loaded the adapter. Raises: RunError.
    """
    path = adapter / ADAPTER_FILES[1]
    own = {name.replace(".default.", ".") for name, _ in carrier.named_parameters() if ".lora_" in name}
    delivered = set(load(path.read_bytes()))
    if own != delivered:
        raise RunError("delivery.adapter", path=str(path), found=len(own & delivered), expected=len(own | delivered))


def _save(tensors: dict[str, torch.Tensor], path: Path) -> None:
    with replaced(path) as part:
        save_file(tensors, part)
