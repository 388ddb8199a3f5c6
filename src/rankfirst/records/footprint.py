"""Predicted memory of training one recipe, by component."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Footprint:
    """Bytes resident on a CPU, or allocated on a GPU; and how a step is run to fit the limit.

    Excludes the n-gram and frozen baselines: their memory is freed before a recipe is trained.
    """

    held: int  # before training: interpreter, libraries, base weights in their dtype, token ids
    states: int  # cached outputs of the frozen blocks that stay in memory
    adapter: int  # A, B and head with Adam's moments and a copy, and the pool of dropout masks
    step: int  # the largest forward and backward pass: activations, gradients, kernel workspace
    evaluation: int  # the largest pass without gradients
    limit: int  # the limit to respect
    tokens: int  # padded tokens per forward pass
    recompute: bool = False  # activations of adapted blocks are recomputed instead of stored

    @property
    def peak(self) -> int:
        """Peak in bytes."""
        return self.held + self.states + self.adapter + max(self.step, self.evaluation)

    @property
    def fits(self) -> bool:
        return self.peak <= self.limit
