"""The arms of the recommended experiment: unchanged, only lr, only rank."""

from typing import Any

from rankfirst.policy import thresholds as t
from rankfirst.records.training_log import LoggedRecipe
from rankfirst.report.phrases import Both, both, lr_words


def numbers(recipe: LoggedRecipe, smaller: bool) -> dict[str, Any]:
    """The placeholders of the experiment's sentence: the arms, and single steps of lr and dropout.

    Args: smaller: whether the arms lower their knob.
    """
    way = "smaller" if smaller else "larger"
    return {
        "lr": _moved("lr", recipe.lr, t.ARM_FACTOR, smaller) or both(f"logs.arm.lr_{way}", {"factor": t.ARM_FACTOR}),
        "rank": _rank(recipe, smaller),
        "half_lr": _moved("lr", recipe.lr, 2, True) or both("logs.arm.lr_smaller", {"factor": 2}),
        "dropout": _dropout(recipe.dropout),
    }


def _moved(code: str, value: float | None, factor: int, smaller: bool) -> Both | None:
    if value is None:
        return None
    to = value / factor if smaller else value * factor
    return both(f"logs.arm.{code}", {"old": lr_words(value), "new": lr_words(to)})


def _rank(recipe: LoggedRecipe, smaller: bool) -> Both:
    """The rank arm, with the lora_alpha that keeps the scaling: otherwise it would move two knobs."""
    if recipe.rank is None:
        return both(f"logs.arm.rank_{'smaller' if smaller else 'larger'}", {"factor": t.ARM_FACTOR})
    to = max(1, recipe.rank // t.ARM_FACTOR) if smaller else recipe.rank * t.ARM_FACTOR
    if recipe.alpha is None:
        return both("logs.arm.rank_known", {"old": recipe.rank, "new": to})
    alpha = recipe.alpha * (to / recipe.rank) ** (0.5 if recipe.rslora else 1.0)
    values = {"old": recipe.rank, "new": to, "alpha": f"{recipe.alpha:g}", "alpha_to": f"{alpha:g}"}
    return both("logs.arm.rank", values)


def _dropout(dropout: float | None) -> Both:
    higher = [value for value in t.DROPOUTS if value > (dropout or 0.0)]
    if dropout is None or not higher:
        return both("logs.arm.dropout_up")
    return both("logs.arm.dropout", {"old": f"{dropout:g}", "new": f"{higher[0]:g}"})
