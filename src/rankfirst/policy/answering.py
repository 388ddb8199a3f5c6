"""What the user wishes of answers: how many are given, what counts as a good label, what a mistake costs."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rankfirst.errors import OptionError

COVERAGE: Final = 0.95  # share of validation rows that are answered rather than left to a person
# Flag: from, to. Coverage below a half answers too little to be meant; F-beta with other betas is recall or precision.
RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "--coverage": (0.5, 1.0),
    "--beta": (0.1, 10.0),
    "--abstain-cost": (0.0, math.inf),
}
CostsGiven = Path | Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class Answering:
    """The wishes; nothing of it touches training."""

    coverage: float = COVERAGE
    beta: float = 1.0
    costs: CostsGiven | None = None
    abstain_cost: float | None = None

    @property
    def flags(self) -> dict[str, float | None]:
        """Option: value as the command line and the journal write it; None for what is as usual."""
        return {"coverage": None if self.coverage == COVERAGE else self.coverage,
                "beta": None if self.beta == 1 else self.beta, "abstain_cost": self.abstain_cost}  # fmt: skip

    def check(self, multi_label: bool) -> None:
        """Raises: OptionError for a wish that these labels cannot be asked for."""
        if multi_label and (self.costs is not None or self.abstain_cost is not None):
            raise OptionError("option.costs_multi")
        if not multi_label and self.beta != 1:
            raise OptionError("option.beta_single")


AS_USUAL: Final = Answering()


def parse(coverage: float = COVERAGE, beta: float = 1.0, costs: CostsGiven | str | None = None,
          abstain_cost: float | None = None) -> Answering:  # fmt: skip
    """The options of `fit`, checked. Raises: OptionError with one clear line."""
    given = Path(costs) if isinstance(costs, str) else costs
    dear = None if abstain_cost is None else number("--abstain-cost", abstain_cost)
    return Answering(number("--coverage", coverage), number("--beta", beta), given, dear)


def number(flag: str, value: Any) -> float:
    """A value within the flag's range. Raises: OptionError."""
    low, high = RANGES[flag]
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = math.nan
    if not low <= found <= high or math.isinf(found):
        raise OptionError("option.bad_number", flag=flag, value=str(value), low=low, high=high)
    return found
