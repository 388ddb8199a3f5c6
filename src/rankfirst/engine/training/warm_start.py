"""Start a training from a delivered adapter, on more rows and possibly more classes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from rankfirst.engine.export.adapter import PEFT_PREFIX, read_head
from rankfirst.engine.training.checkpoint import State
from rankfirst.errors import RunError, system_refused
from rankfirst.records import Recipe


@dataclass(frozen=True)
class Warm:
    """The delivered adapter, and the head with one row per old class."""

    recipe: Recipe
    weights: dict[str, Tensor]  # of the adapter, by their names in a checkpoint
    head: tuple[Tensor, Tensor]  # (C_old, d), (C_old,)
    place: tuple[int, ...]  # (C_old,) new index of each old class

    def state(self, head: tuple[Tensor, Tensor], prior: Tensor | None = None) -> State:
        """A checkpoint before the first step: old classes keep their head rows, new classes get those of `head`.

        Args:
            head: (C, d) and (C,) of the frozen rung, for the current classes.
            prior: (C,) what training adds to each class's logits, if anything. The frozen rung's bias contains it
                already, so it is subtracted.
        """
        weight, bias = head[0].clone(), head[1].clone()
        if prior is not None:
            bias -= prior.to(bias)
        at = torch.tensor(self.place, dtype=torch.long)
        weight[at], bias[at] = self.head[0].to(weight), self.head[1].to(bias)
        return State(self.recipe, {**self.weights, "head.weight": weight, "head.bias": bias})


def read(folder: Path, recipe: Recipe, place: Sequence[int]) -> Warm:
    """Read what `export.adapter.write_adapter` wrote to `folder`.

    Raises: RunError if adapter or head is missing or damaged, or does not match this recipe and these classes.
    """
    try:
        settings: dict[str, Any] = json.loads((folder / "adapter" / "adapter_config.json").read_text(encoding="utf-8"))
        tensors = load_file(folder / "adapter" / "adapter_model.safetensors")
        head = read_head(folder)
        rank = int(settings["r"])
    except OSError as error:
        raise system_refused(error) or RunError("run.bad_model", path=str(folder)) from None
    except (SafetensorError, ValueError, KeyError, TypeError):
        raise RunError("run.bad_model", path=str(folder)) from None
    if rank != recipe.rank or head[0].shape[0] != len(place):
        raise RunError("run.bad_model", path=str(folder))
    return Warm(recipe, {_inner(name): tensor for name, tensor in tensors.items()}, head, tuple(place))


def _inner(name: str) -> str:
    """The checkpoint's name for a tensor of PEFT's file."""
    inner = name.removeprefix(PEFT_PREFIX)
    return inner.replace(".lora_A.", ".lora_A.default.").replace(".lora_B.", ".lora_B.default.")
