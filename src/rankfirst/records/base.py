"""Properties of a base model that policy and cost estimates need."""

from collections.abc import Mapping
from dataclasses import dataclass

from rankfirst.records.recipe import Recipe, Sites


@dataclass(frozen=True)
class BaseFacts:
    """A transformer reduced to its adaptable parts; shapes are (in, out) of the linear layers of one block."""

    name: str
    layers: int
    hidden: int
    shapes: Mapping[
        str, tuple[int, int]
    ]  # Role value -> (in, out); a fused projection appears once, under its first role
    layer_parameters: int  # number of parameters in one block
    train_tokens: int  # tokens without padding in one epoch over the probe rows
    full_tokens: int  # tokens without padding in one epoch over all training rows
    val_tokens: int  # of the validation rows plus the fixed training subset
    probe_rows: int
    probe_steps: int  # optimiser steps of one epoch over the probe rows
    fused: bool = False  # q, k and v are one matrix, adapted and counted as one
    passes: int = 1  # how often each block runs per text; above 1 if layers share weights
    dense: bool = False  # its own files name dense layers after the pooling, which are not applied
    several_labels: bool = True  # rows carry several labels, which takes longer trainings

    @property
    def size(self) -> dict[str, int]:
        """For display: number of blocks, their width, their parameters in total."""
        weights = self.layers * self.layer_parameters // max(1, self.passes)
        return {"layers": self.layers, "hidden": self.hidden, "weights": weights}

    @property
    def remarks(self) -> tuple[str, ...]:
        """Codes of the notes to show before a recipe's sites; `passes` is the only number they take."""
        holds_of = {"base.fused": self.fused, "base.shared": self.passes > 1, "base.dense": self.dense}
        return tuple(code for code, holds in holds_of.items() if holds)

    def adapter_parameters(self, rank: int, sites: Sites) -> int:
        """Number of trainable weights in A and B over all sites."""
        return rank * sum(sum(shape) * sites.blocks_with(role, self.layers) for role, shape in self.shapes.items())

    def epoch_work(self, recipe: Recipe, tokens: int) -> float:
        """TFLOP of one epoch: forward and activation-backward (2 + 2 per weight and token) through the adapted blocks.

        Outputs of the blocks below are cached, so those blocks cost nothing after the first pass.
        """
        return 4e-12 * self.layer_parameters * recipe.sites.depth(self.layers) * tokens

    def features_work(self) -> float:
        """TFLOP of one forward pass through every block over all training and validation rows."""
        return 2e-12 * self.layer_parameters * self.layers * (self.full_tokens + self.val_tokens)

    def evaluation_work(self, recipe: Recipe) -> float:
        """TFLOP of one evaluation (forward only)."""
        return 2e-12 * self.layer_parameters * recipe.sites.depth(self.layers) * self.val_tokens

    def probe_work(self, recipe: Recipe, epochs: float) -> float:
        """TFLOP of a probe: training, one evaluation before the first step and one per epoch."""
        return epochs * self.epoch_work(recipe, self.train_tokens) + (epochs + 1) * self.evaluation_work(recipe)
