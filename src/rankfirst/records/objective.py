"""The training objective. Evaluations report plain log-loss, whatever the objective."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class ClassWeights(StrEnum):
    """Row weights by class, normalised to a mean of 1 over the training rows so that lr keeps its meaning."""

    NONE = "none"
    BALANCED = "balanced"  # 1 / rows of the class
    SQRT = "sqrt"  # square root of that


@dataclass(frozen=True)
class Objective:
    """Cross-entropy (multi-label: binary cross-entropy summed over labels), with optional modifications."""

    class_weights: ClassWeights = ClassWeights.NONE
    focal_gamma: float = 0.0  # 0: off; else rows are weighted by (1 - p of the true class)^gamma (Lin et al. 2017)
    logit_adjustment: float = 0.0  # 0: off; else tau: tau * log prior is added to the logits (Menon et al. 2021)
    label_smoothing: float = 0.0  # share of the target spread evenly over the classes

    @property
    def key(self) -> str:
        """Suffix of the recipe's key; empty for the default, so that keys of older runs stay valid."""
        parts = [f"-w{self.class_weights.value}"] if self.class_weights is not ClassWeights.NONE else []
        numbers = {"focal": self.focal_gamma, "la": self.logit_adjustment, "ls": self.label_smoothing}
        return "".join([*parts, *(f"-{name}{exact(value)}" for name, value in numbers.items() if value)])


PLAIN: Final = Objective()


def exact(value: float) -> str:
    """The shortest decimal form that parses back to the same number."""
    short = f"{value:g}"
    return short if float(short) == value else repr(float(value))
