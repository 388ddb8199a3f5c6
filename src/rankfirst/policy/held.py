"""What the user chooses beside the knobs: it goes into the first recipe, no rule moves it, so every recipe has it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar

from rankfirst.errors import OptionError
from rankfirst.records import PLAIN, ClassWeights, Head, Objective

E = TypeVar("E", bound=StrEnum)

# Flag: from, to. gamma: Lin et al. (2017) tried up to 5; tau: Menon et al. (2021) up to about 3; 0.1 is the
# usual smoothing; no head lr outside these ends trains. Beyond them a typing error is likelier than a wish.
RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "--head-lr": (1e-6, 1.0),
    "--focal": (0.0, 10.0),
    "--logit-adjustment": (0.0, 4.0),
    "--label-smoothing": (0.0, 0.3),
}


@dataclass(frozen=True)
class Held:
    """The user's choice of head and objective."""

    head: Head = Head.PROBE
    head_lr: float | None = None
    objective: Objective = PLAIN

    @property
    def settings(self) -> dict[str, Any]:
        """Fields of the recipe."""
        return {"head": self.head, "head_lr": self.head_lr, "objective": self.objective}

    @property
    def flags(self) -> dict[str, str | float | None]:
        """Option: value as the command line and the journal write it; None for what is as usual."""
        o = self.objective
        return {
            "head": None if self.head is Head.PROBE else self.head.value,
            "head_lr": self.head_lr,
            "class_weights": None if o.class_weights is ClassWeights.NONE else o.class_weights.value,
            "focal": o.focal_gamma or None,
            "logit_adjustment": o.logit_adjustment or None,
            "label_smoothing": o.label_smoothing or None,
        }


AS_USUAL: Final = Held()


def parse(
    head: str = "probe",
    head_lr: float | None = None,
    class_weights: str = "none",
    focal: float = 0.0,
    logit_adjustment: float = 0.0,
    label_smoothing: float = 0.0,
) -> Held:
    """The options of `fit`, checked. Raises: OptionError with one clear line."""
    return Held(
        _one_of(Head, "--head", head),
        None if head_lr is None else number("--head-lr", head_lr),
        Objective(
            _one_of(ClassWeights, "--class-weights", class_weights),
            number("--focal", focal),
            number("--logit-adjustment", logit_adjustment),
            number("--label-smoothing", label_smoothing),
        ),
    )


def _one_of(kind: type[E], flag: str, text: str) -> E:
    known = [member.value for member in kind]
    if text not in known:
        raise OptionError("option.bad_choice", flag=flag, value=str(text), known=", ".join(known))
    return kind(text)


def number(flag: str, value: object) -> float:
    """A value within the flag's range. Raises: OptionError."""
    low, high = RANGES[flag]
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        found = float("nan")
    if not low <= found <= high:
        raise OptionError("option.bad_number", flag=flag, value=str(value), low=low, high=high)
    return found
