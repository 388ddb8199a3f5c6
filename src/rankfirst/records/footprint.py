"""What training one recipe needs of memory, part by part, predicted before it begins."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Footprint:
    """Bytes of the process on a CPU (resident), of the device on a GPU; and how a step is run so that it fits.

    The n-grams and the frozen rung's own arithmetic are not in it: they are over before a recipe is trained.
    """

    held: int  # before: interpreter, libraries, base weights in their type, token ids
    states: int  # cached states of the frozen blocks that stay in memory
    adapter: int  # A, B and head with Adam's moments and a copy, and the pool of dropout masks
    step: int  # the largest forward and backward pass: activations, gradients, what kernels need beside
    evaluation: int  # the largest pass without gradients
    limit: int  # what may be used
    tokens: int  # padded tokens that go through the network at once
    recompute: bool = False  # activations of adapted blocks are computed again instead of kept

    @property
    def peak(self) -> int:
        """Bytes at the worst moment."""
        return self.held + self.states + self.adapter + max(self.step, self.evaluation)

    @property
    def fits(self) -> bool:
        return self.peak <= self.limit
