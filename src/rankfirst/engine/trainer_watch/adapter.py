"""Read a PEFT model: the recipe it is trained with, the sites of its adapter, and the facts of its base."""

import copy
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from rankfirst.engine.network import sites
from rankfirst.engine.network.lora import update_norm
from rankfirst.engine.training.loop import SAFE_CLIP, SAFE_EPSILON, block_weights
from rankfirst.errors import ModelError
from rankfirst.records import BaseFacts, Head, Recipe, Role, Sites


class UnreadError(Exception):
    """The run cannot be read; `code` is the message code of the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Adapter:
    """The LoRA layers of one adapter by full name in the base model, and the base model without them."""

    name: str
    config: Any  # peft.LoraConfig
    layers: Mapping[str, Any]
    shell: nn.Module
    sites: Sites
    exact: bool  # whether the adapted layers are exactly `sites`, with one rank and one scaling

    def parameters(self) -> int:
        """Number of weights in all A and B."""
        pairs = ((layer.lora_A[self.name], layer.lora_B[self.name]) for layer in self.layers.values())
        return sum(p.numel() for pair in pairs for module in pair for p in module.parameters())

    def update_norm(self) -> float:
        """Frobenius norm of scaling·B·A over all sites together."""
        return update_norm(self.layers.values(), self.name)

    def recipe(self, args: Any) -> Recipe:
        """The recipe in our terms; `args`: the Trainer's. If sites differ in rank or scaling, the most common value."""
        layers = self.layers.values()
        # A task head created by transformers is random; whether the user initialised it cannot be seen here.
        return Recipe(
            rank=int(_usual([layer.r[self.name] for layer in layers])),
            sites=self.sites,
            scaling=float(_usual([layer.scaling[self.name] for layer in layers])),
            lr=float(args.learning_rate),
            dropout=float(self.config.lora_dropout),
            head=Head.RANDOM,
            batch_size=int(args.train_batch_size * args.gradient_accumulation_steps * args.world_size),
            seed=int(args.seed),
            safe_numerics=0 < args.max_grad_norm <= SAFE_CLIP and args.adam_epsilon >= SAFE_EPSILON,
        )

    def facts(self, rows: int, steps: int) -> BaseFacts:
        """The facts of the base model."""
        _, stack = sites.blocks(self.shell)
        config = getattr(self.shell, "config", None)
        return BaseFacts(
            name=type(self.shell).__name__,
            layers=len(stack),
            hidden=int(getattr(config, "hidden_size", 0) or 0),
            shapes=_shapes(stack[0]),
            layer_parameters=block_weights(stack[0]),
            train_tokens=0,
            full_tokens=0,
            val_tokens=0,
            probe_rows=rows,
            probe_steps=steps,
        )


def read(model: Any) -> Adapter:
    """The LoRA adapter in training. Raises: UnreadError if there is none, or if its sites are unknown."""
    configs: Mapping[str, Any] = getattr(model, "peft_config", None) or {}
    active = getattr(model, "active_adapter", None)
    name = active if isinstance(active, str) and active in configs else next(iter(configs), "")
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    layers = {
        path: module
        for path, module in base.named_modules()
        if name in getattr(module, "lora_A", ()) and hasattr(module, "get_base_layer")
    }
    if not layers:
        raise UnreadError("advice.no_lora")
    shell = bare(base)
    try:
        adapter_sites, exact = read_sites(shell, set(layers))
    except ModelError:
        raise UnreadError("advice.no_sites") from None
    alike = len({(layer.r[name], layer.scaling[name]) for layer in layers.values()}) == 1
    elsewhere = any(name in getattr(module, "lora_embedding_A", ()) for module in base.modules())
    return Adapter(name, configs[name], layers, shell, adapter_sites, exact and alike and not elsewhere)


def bare(module: nn.Module) -> nn.Module:
    """A copy of the module tree with the original layers instead of adapted ones; weights are shared."""
    if hasattr(module, "lora_A") and hasattr(module, "get_base_layer"):
        return module.get_base_layer()  # type: ignore[no-any-return, operator]
    shell = copy.copy(module)
    shell._modules = {name: None if child is None else bare(child) for name, child in module._modules.items()}
    return shell


def read_sites(shell: nn.Module, adapted: set[str]) -> tuple[Sites, bool]:
    """The inverse of `sites.target_modules`: the smallest sites with these modules, and whether they match exactly.

    Args: adapted: full names of the adapted modules.
    Raises: UnreadError if none of them is a known layer of a block; ModelError for a model without blocks.
    """
    name, stack = sites.blocks(shell)
    roles_at: dict[int, set[Role]] = {}
    for depth, block in enumerate(stack):
        roles = sites.roles_of(block)
        on = {role for role, paths in roles.items() if any(f"{name}.{depth}.{path}" in adapted for path in paths)}
        if Role.Q in on and sites.fused(block):
            on |= {Role.K, Role.V} if {Role.O, *_ffn(roles)} <= on else {Role.V}
        if on:
            roles_at[depth] = on
    if not roles_at:
        raise UnreadError("advice.no_sites")
    smallest = _smallest(roles_at, len(stack))
    return smallest, set(sites.target_modules(shell, smallest)) == adapted


def _smallest(roles_at: Mapping[int, set[Role]], layers: int) -> Sites:
    """The smallest sites that hold these roles. Args: roles_at: block, counted from the bottom -> its roles."""
    held = set().union(*roles_at.values())
    everywhere = set.intersection(*roles_at.values()) if len(roles_at) == layers else set()
    lowest = min((at for at, roles in roles_at.items() if roles - everywhere), default=min(roles_at))
    return Sites(_in_order(held), layers - lowest, _in_order(everywhere)).within(layers)


def _in_order(roles: set[Role]) -> tuple[Role, ...]:
    return tuple(role for role in Role if role in roles)


def _ffn(roles: Mapping[Role, object]) -> set[Role]:
    return {role for role in (Role.FFN_IN, Role.FFN_OUT) if role in roles}


def _shapes(block: nn.Module) -> Mapping[str, tuple[int, int]]:
    """Role value -> (inputs, outputs), as `sites.shapes`, but from layer attributes: a quantised weight is packed."""
    sizes: dict[str, tuple[int, int]] = {}
    for role, paths in sites.roles_of(block).items():
        for path in paths:
            layer: Any = block.get_submodule(path)
            way_in, way_out = getattr(layer, "in_features", None), getattr(layer, "out_features", None)
            if way_in is None or way_out is None:
                way_in, way_out = layer.weight.shape  # Conv1D
            before = sizes.get(role.value, (0, 0))
            sizes[role.value] = (before[0] + int(way_in), before[1] + int(way_out))
    return sizes


def _usual(values: list[Any]) -> Any:
    return Counter(values).most_common(1)[0][0]
