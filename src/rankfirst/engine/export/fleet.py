"""Export one graph for every adapter of a base: the low-rank factors are inputs, gathered row by row inside it.

The graph is that of the base with its pooling. It does not depend on rank, sites or classes of any tenant, so tenants
on the same base have the same graph, and a batch may mix them.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load, save_file
from torch import Tensor, nn

from rankfirst.engine.export.adapter import ADAPTER_FILES, PEFT_PREFIX
from rankfirst.engine.export.formats import limit_of, pooled, save_graph
from rankfirst.engine.network import sites
from rankfirst.engine.network.model import TextModel
from rankfirst.errors import OptionError
from rankfirst.measure.disk import replaced

# What PEFT can do and this graph cannot; values that mean "not used".
_PLAIN: Mapping[str, tuple[Any, ...]] = {
    "use_dora": (None, False), "use_rslora": (None, False), "rank_pattern": (None, {}), "alpha_pattern": (None, {}),
    "modules_to_save": (None, []), "bias": ("none",), "lora_bias": (None, False), "layer_replication": (None,),
}  # fmt: skip


class _Given:
    """The gathered factors of the batch that is computed; no module, so that no tensor becomes a buffer."""

    def __init__(self) -> None:
        self.factors: dict[str, tuple[Tensor, Tensor]] = {}
        self.texts: tuple[int, int] | None = None  # set: rows and tokens that every site must see


class _Site(nn.Module):
    """A linear layer, plus the low-rank update of each row's tenant."""

    def __init__(self, layer: nn.Module, name: str, given: _Given) -> None:
        super().__init__()
        self.layer, self.name, self.given = layer, name, given

    def forward(self, x: Tensor) -> Tensor:
        if self.given.texts is not None and tuple(x.shape[:-1]) != self.given.texts:
            raise OptionError("export.fleet", kind="fleet", name=self.name)
        a, b = self.given.factors[self.name]
        result: Tensor = self.layer(x) + torch.bmm(torch.bmm(x, a), b)
        return result


class Fleet(nn.Module):
    """Token ids, mask, whose a row is, and the factors of the tenants -> pooled states."""

    def __init__(self, encoder: nn.Module, pooling: str, given: _Given, names: tuple[str, ...]) -> None:
        super().__init__()
        self.encoder, self.pooling, self.given, self.names = encoder, pooling, given, names

    def forward(self, input_ids: Tensor, attention_mask: Tensor, tenant: Tensor, factors: list[Tensor]) -> Tensor:
        """(B, T), (B, T), (B,) int64, [(u, d, r), (u, r, out), ...] -> (B, d)."""
        pairs = zip(self.names, factors[::2], factors[1::2], strict=True)
        self.given.factors = {name: (a.index_select(0, tenant), b.index_select(0, tenant)) for name, a, b in pairs}
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return pooled(states.float(), attention_mask, self.pooling)


def write_fleet(model: TextModel, path: Path) -> None:
    """Write the graph of a base without an adapter.

    Raises: OptionError if a layer does not read one row per token, as for relative positions, or the extra is missing.
    """
    ids = torch.full((2, 8), 5, dtype=torch.long)
    mask = torch.ones_like(ids)
    mask[1, 5:] = 0
    tenant, given = torch.tensor([1, 0]), _Given()
    with _adapted(model, given) as shapes:
        names, factors = tuple(shapes), list[Tensor]()
        for d, out in shapes.values():
            factors += [torch.zeros(3, d, 2), torch.zeros(3, 2, out)]
        graph = Fleet(model.encoder, model.pooling, given, names).eval()
        given.texts = 2, 8
        with torch.no_grad():
            graph(ids, mask, tenant, factors)
        given.texts = None
        texts, tenants = (torch.export.Dim(name, min=1, max=4096) for name in ("texts", "tenants"))
        both = {0: texts, 1: torch.export.Dim("tokens", min=1, max=limit_of(model))}
        dims: list[dict[int, Any]] = []
        for n in range(len(names)):
            rank = torch.export.Dim(f"rank{n}", min=1, max=4096)
            dims += [{0: tenants, 2: rank}, {0: tenants, 1: rank}]
        inputs = [f"{side}:{name}" for name in names for side in "AB"]
        save_graph(graph, (ids, mask, tenant, factors), path, model.encoder,
                   ["input_ids", "attention_mask", "tenant", *inputs], ["states"],
                   {"input_ids": both, "attention_mask": both, "tenant": {0: texts}, "factors": dims})  # fmt: skip


@contextmanager
def _adapted(model: TextModel, given: _Given) -> Iterator[dict[str, tuple[int, int]]]:
    """Replace every layer that LoRA can adapt. Yields: its name -> (d, out)."""
    encoder: Any = model.encoder
    prefix, stack = sites.blocks(encoder)
    names = [f"{prefix}.{n}.{path}" for n, block in enumerate(stack)
             for paths in sites.roles_of(block).values() for path in paths]  # fmt: skip
    layers = {name: encoder.get_submodule(name) for name in names}
    shapes = {}
    try:
        for name, layer in layers.items():
            d, out = layer.weight.shape if type(layer).__name__ == "Conv1D" else layer.weight.shape[::-1]
            shapes[name] = (int(d), int(out))
            encoder.set_submodule(name, _Site(layer, name, given))
        yield shapes
    finally:
        for name, layer in layers.items():
            encoder.set_submodule(name, layer)


def write_factors(adapter: Path | None, path: Path) -> None:
    """Write the factors of an adapter by the names of the graph's inputs: A (d, r), and B (r, out) with its scaling.

    Args: adapter: PEFT's folder; None: the base is not adapted.
    Raises: OptionError for an adapter that is not plain LoRA.
    """
    tensors: dict[str, Tensor] = {}
    if adapter is not None:
        config = json.loads((adapter / ADAPTER_FILES[0]).read_text(encoding="utf-8"))
        odd = next((name for name, plain in _PLAIN.items() if config.get(name) not in plain), None)
        if odd is not None:
            raise OptionError("export.fleet", kind="fleet", name=odd)
        scaling = float(config["lora_alpha"]) / int(config["r"])
        for name, tensor in load((adapter / ADAPTER_FILES[1]).read_bytes()).items():
            place, _, side = name.removeprefix(PEFT_PREFIX).removesuffix(".weight").rpartition(".lora_")
            if side not in ("A", "B"):
                raise OptionError("export.fleet", kind="fleet", name=name)
            tensors[f"{side}:{place}"] = (tensor.float().T * (scaling if side == "B" else 1.0)).contiguous()
    with replaced(path) as part:
        save_file(tensors or {"none": torch.from_numpy(np.zeros(1, dtype=np.float32))}, part)
