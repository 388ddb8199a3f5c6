"""The lengths of trainings, in epochs, and what they may cost."""

import math
from typing import Final

from rankfirst.policy import thresholds as t
from rankfirst.records import QV_FFN, BaseFacts, Recipe, Sites

# The share of the work budget that the search may take; the rest is kept for final training.
SEARCH_WORK: Final = 1 - t.FINAL_RUNS / t.FULL_RUNS


def probe_epochs(facts: BaseFacts) -> int:
    """Epochs of a probe: long enough for its steps to reach past warm-up and to cool down."""
    wanted = math.ceil(t.PROBE_STEPS / max(1, facts.probe_steps))
    return max(t.LEAST_PROBE_EPOCHS, min(t.MOST_PROBE_EPOCHS, wanted))


def final_epochs(rows: int, batch: int) -> int:
    """Epochs of final training on so many rows."""
    wanted = math.ceil(t.FINAL_STEPS / max(1, math.ceil(rows / batch)))
    return max(t.FINAL_EPOCHS, min(t.MOST_FINAL_EPOCHS, wanted))


def patience(epochs: int) -> int:
    """Epochs without a better validation macro-F1 after which final training of so many epochs stops.

    Half of them, so that lr has decayed: the best of the first epochs is often chance where validation rows are few.
    """
    return max(t.FINAL_PATIENCE, math.ceil(epochs / 2))


def full_run(facts: BaseFacts, recipe: Recipe, rows: int) -> float:
    """TFLOP of a final training of this recipe with an evaluation after each epoch: the unit of budgets."""
    epochs = final_epochs(rows, recipe.batch_size)
    return epochs * facts.epoch_work(recipe, facts.full_tokens) + (epochs + 1) * facts.evaluation_work(recipe)


def most_work(facts: BaseFacts, rows: int) -> float:
    """TFLOP that a search and its final training may take at most: the budget in full runs, all blocks adapted."""
    deepest = Recipe(t.START_RANK, Sites(QV_FFN, facts.layers), 1.0, t.START_LR, t.START_DROPOUT)
    return t.FULL_RUNS * full_run(facts, deepest, rows)


def trained_again(train: int, val: int) -> bool:
    """Whether a delivered LoRA is trained once more, on training and validation rows. Args: rows of both splits."""
    return val >= t.REFIT_SHARE * train
