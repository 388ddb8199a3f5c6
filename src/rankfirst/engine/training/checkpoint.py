"""Checkpoints: weights, Adam's moments and progress in one safetensors file, written atomically."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from rankfirst.measure.disk import replaced
from rankfirst.records import Recipe, from_json, to_json


@dataclass
class State:
    """Everything a training needs to continue."""

    recipe: Recipe
    weights: dict[str, Tensor]  # adapter and head, by full name
    moments: dict[str, tuple[Tensor, Tensor, float]] = field(default_factory=dict)  # name -> (m, v, Adam's step count)
    epochs: int = 0  # completed
    steps: int = 0


def save(state: State, path: Path) -> None:
    """Write `path` atomically: a kill at any moment leaves the old file or the new one."""
    tensors = {f"w:{n}": t.detach().cpu().contiguous().clone() for n, t in state.weights.items()}
    for name, (m, v, _) in state.moments.items():
        tensors |= {f"m:{name}": m.cpu().contiguous().clone(), f"v:{name}": v.cpu().contiguous().clone()}
    facts = {
        "recipe": to_json(state.recipe),
        "adam_steps": {n: s for n, (_, _, s) in state.moments.items()},
        "epochs": state.epochs,
        "steps": state.steps,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path, path.with_suffix(".tmp")) as temporary:
        save_file(tensors, temporary, metadata={"rankfirst": json.dumps(facts)})


def load(path: Path) -> State:
    """Read what `save` wrote. Raises: OSError or SafetensorError if the file is missing or damaged."""
    with safe_open(path, framework="pt") as file:
        facts = json.loads(file.metadata()["rankfirst"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    steps = facts["adam_steps"]
    return State(
        recipe=from_json(Recipe, facts["recipe"]),
        weights={n[2:]: t for n, t in tensors.items() if n.startswith("w:")},
        moments={n: (tensors[f"m:{n}"], tensors[f"v:{n}"], float(s)) for n, s in steps.items()},
        epochs=int(facts["epochs"]),
        steps=int(facts["steps"]),
    )


def readable(path: Path) -> bool:
    """Whether `load` would succeed."""
    try:
        with safe_open(path, framework="pt") as file:
            return "rankfirst" in (file.metadata() or {})
    except (OSError, SafetensorError):
        return False
