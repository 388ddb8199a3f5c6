"""What policy and cost estimates need to know about a base model."""

from collections.abc import Mapping
from dataclasses import dataclass

from rankfirst.records.recipe import Recipe, Sites


@dataclass(frozen=True)
class BaseFacts:
    """A transformer as its adaptable parts; shapes are (in, out) of one block's linear layers."""

    name: str
    layers: int
    hidden: int
    shapes: Mapping[
        str, tuple[int, int]
    ]  # Role value -> (in, out); a fused projection appears once, under its first role
    layer_parameters: int  # weights of one block
    train_tokens: int  # real tokens of one epoch over the probe rows
    full_tokens: int  # real tokens of one epoch over all training rows
    val_tokens: int  # validation rows and the fixed training subset together
    probe_rows: int
    probe_steps: int  # optimiser steps of one epoch over the probe rows
    fused: bool = False  # q, k and v are one matrix, adapted and counted as one
    passes: int = 1  # how often each block runs for one text: more than once where layers share a block

    @property
    def size(self) -> dict[str, int]:
        """For people: blocks, their width, the weights in them."""
        weights = self.layers * self.layer_parameters // max(1, self.passes)
        return {"layers": self.layers, "hidden": self.hidden, "weights": weights}

    @property
    def remarks(self) -> tuple[str, ...]:
        """Codes of the sentences a user should read before the sites of a recipe; `passes` is their only number."""
        return (("base.fused",) if self.fused else ()) + (("base.shared",) if self.passes > 1 else ())

    def adapter_parameters(self, rank: int, sites: Sites) -> int:
        """Trainable weights of A and B over all sites."""
        per_layer = sum(sum(self.shapes[role]) for role in sites.roles if role in self.shapes)
        return rank * per_layer * min(sites.top_layers, self.layers)

    def epoch_work(self, recipe: Recipe, tokens: int) -> float:
        """TFLOP of one epoch: forward and activation-backward (2 + 2 a weight and token) through the adapted blocks.

        The blocks below are cached, so they cost nothing after the first pass.
        """
        depth = min(recipe.sites.top_layers, self.layers)
        return 4e-12 * self.layer_parameters * depth * tokens

    def features_work(self) -> float:
        """TFLOP of one forward pass through every block, for all training and validation rows."""
        return 2e-12 * self.layer_parameters * self.layers * (self.full_tokens + self.val_tokens)

    def evaluation_work(self, recipe: Recipe) -> float:
        """TFLOP of one evaluation (forward only)."""
        return 2e-12 * self.layer_parameters * min(recipe.sites.top_layers, self.layers) * self.val_tokens

    def probe_work(self, recipe: Recipe, epochs: float) -> float:
        """TFLOP of a probe with one evaluation an epoch and one before the first step."""
        return epochs * self.epoch_work(recipe, self.train_tokens) + (epochs + 1) * self.evaluation_work(recipe)
