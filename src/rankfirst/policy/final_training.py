"""The lengths of trainings, in epochs, and what they may cost."""

import math
from collections.abc import Sequence
from typing import Final

from rankfirst.policy import noise
from rankfirst.policy import thresholds as t
from rankfirst.records import QV_FFN, BaseFacts, Curve, Recipe, Sites

# The share of the work budget that the search may take; the rest is kept for final training.
SEARCH_WORK: Final = 1 - t.FINAL_RUNS / t.FULL_RUNS


def probe_epochs(facts: BaseFacts) -> int:
    """Epochs of a probe: long enough for its steps to reach past warm-up and to cool down, and a part of the plan."""
    wanted = math.ceil(t.PROBE_STEPS / max(1, facts.probe_steps))
    plan = final_epochs(facts.probe_rows, Recipe.batch_size, facts.several_labels)
    return max(t.LEAST_PROBE_EPOCHS, min(t.MOST_PROBE_EPOCHS, wanted, math.ceil(t.PROBE_SHARE * plan)))


def final_epochs(rows: int, batch: int, several: bool = True) -> int:
    """Epochs of final training.

    Args:
        rows, batch: number of training rows, and of rows per step.
        several: whether rows carry several labels; else fewer epochs suffice.
    """
    steps = max(1, math.ceil(rows / batch))
    wanted = max(t.FINAL_EPOCHS, min(t.MOST_FINAL_EPOCHS, math.ceil(t.FINAL_STEPS / steps)))
    enough = max(t.ENOUGH_EPOCHS, math.ceil(t.ENOUGH_STEPS / steps))
    return wanted if several else min(wanted, enough)


def kept(curve: Curve, truth: Sequence[Sequence[int]], classes: int) -> Curve:
    """The curve with the epoch that is delivered: the last, unless that of best macro-F1 is better beyond noise.

    lr has fallen by the last epoch; before, weights hold the noise of their latest steps, and the best macro-F1 of many
    epochs on a few hundred rows is chance. On BANKING77 cut to 400 rows epoch 3 of 20 was best on validation (72.2%,
    log-loss 0.02 lower than at the last) and the last on test (71.5%, epoch 3 69.5%). Where training overfits,
    log-loss has risen beyond noise: on TNEWS by nine standard errors.

    Args: truth: of the validation rows.
    """
    if not curve.end or curve.kept_epoch in (None, curve.last.epoch):
        return curve
    risen, loss_se = noise.paired_mean(curve.val_log_loss, curve.end_log_loss)
    lost, f1_se = noise.paired_f1(truth, curve.val_predicted, curve.end_predicted, classes)
    proven = risen > t.NOISE_SES * loss_se or lost > t.NOISE_SES * f1_se
    return curve if proven else curve.at_end


def full_run(facts: BaseFacts, recipe: Recipe, rows: int) -> float:
    """TFLOP of a final training of this recipe with an evaluation after each epoch: the unit of budgets.

    It has the epochs of a label set, whatever the task: searches cost as many steps on either.
    """
    epochs = final_epochs(rows, recipe.batch_size)
    return epochs * facts.epoch_work(recipe, facts.full_tokens) + (epochs + 1) * facts.evaluation_work(recipe)


def most_work(facts: BaseFacts, rows: int) -> float:
    """TFLOP that a search and its final training may take at most: the budget in full runs, all blocks adapted."""
    deepest = Recipe(t.START_RANK, Sites(QV_FFN, facts.layers), 1.0, t.START_LR, t.START_DROPOUT)
    return t.FULL_RUNS * full_run(facts, deepest, rows)


def trained_again(train: int, val: int) -> bool:
    """Whether a delivered LoRA is trained once more, on training and validation rows. Args: rows of both splits."""
    return val >= t.REFIT_SHARE * train
