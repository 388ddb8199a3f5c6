"""A PEFT model read back: which recipe it is trained with, where its adapter sits, what its blocks look like."""

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
    """A run that cannot be read; `code` is its sentence in words.advice."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Adapter:
    """The LoRA layers of one adapter by their full name in the base model, and that model without them."""

    name: str
    config: Any  # peft.LoraConfig
    layers: Mapping[str, Any]
    shell: nn.Module
    sites: Sites
    exact: bool  # whether it is `sites`, nothing else, and of one rank and scaling

    def parameters(self) -> int:
        """Weights of A and B."""
        pairs = ((layer.lora_A[self.name], layer.lora_B[self.name]) for layer in self.layers.values())
        return sum(p.numel() for pair in pairs for module in pair for p in module.parameters())

    def update_norm(self) -> float:
        """Frobenius norm of scaling·B·A over all sites together."""
        return update_norm(self.layers.values(), self.name)

    def recipe(self, args: Any) -> Recipe:
        """The recipe in our terms; `args` are the Trainer's. Where sites differ in rank or scaling, the usual one."""
        layers = self.layers.values()
        # A task head made by transformers is random, and nobody can tell from outside that it was given.
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
        """The base model in numbers."""
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
    """The LoRA adapter in training. Raises: UnreadError for anything else."""
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
        found, exact = read_sites(shell, set(layers))
    except ModelError:
        raise UnreadError("advice.no_sites") from None
    alike = len({(layer.r[name], layer.scaling[name]) for layer in layers.values()}) == 1
    elsewhere = any(name in getattr(module, "lora_embedding_A", ()) for module in base.modules())
    return Adapter(name, configs[name], layers, shell, found, exact and alike and not elsewhere)


def bare(module: nn.Module) -> nn.Module:
    """The module tree with every adapted layer in its original place: containers are copied, weights are shared."""
    if hasattr(module, "lora_A") and hasattr(module, "get_base_layer"):
        return module.get_base_layer()  # type: ignore[no-any-return, operator]
    shell = copy.copy(module)
    shell._modules = {name: None if child is None else bare(child) for name, child in module._modules.items()}
    return shell


def read_sites(shell: nn.Module, adapted: set[str]) -> tuple[Sites, bool]:
    """The inverse of `sites.target_modules`: module names -> the smallest set of sites that holds them, and whether it
    holds nothing else.

    Raises: UnreadError when none of them is a known layer of a block; ModelError for a model without blocks.
    """
    name, stack = sites.blocks(shell)
    held: dict[int, set[Role]] = {}
    for depth, block in enumerate(stack):
        roles = sites.roles_of(block)
        on = {role for role, paths in roles.items() if any(f"{name}.{depth}.{path}" in adapted for path in paths)}
        if Role.Q in on and sites.fused(block):
            on |= {Role.K, Role.V} if {Role.O, *_ffn(roles)} <= on else {Role.V}
        if on:
            held[depth] = on
    if not held:
        raise UnreadError("advice.no_sites")
    roles_held = set().union(*held.values())
    found = Sites(tuple(role for role in Role if role in roles_held), len(stack) - min(held))
    return found, set(sites.target_modules(shell, found)) == adapted


def _ffn(roles: Mapping[Role, object]) -> set[Role]:
    return {role for role in (Role.FFN_IN, Role.FFN_OUT) if role in roles}


def _shapes(block: nn.Module) -> Mapping[str, tuple[int, int]]:
    """Role value -> (in, out). As `sites.shapes`, but from the layers' own figures: a quantised weight is packed."""
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
