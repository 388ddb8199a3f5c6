"""The length of the final training, in epochs."""

from rankfirst.policy import thresholds as t


def most_epochs(rising: bool) -> int:
    """The longest plan in epochs. Args: rising: whether the probe's validation macro-F1 still rose at its end."""
    return t.FINAL_EPOCHS_SLOW if rising else t.FINAL_EPOCHS


def least_epochs(rows: int, batch: int) -> int:
    """Epochs that no work budget cuts: with fewer steps, the delivered model would be half trained."""
    steps = max(1, rows / batch)
    return min(t.FINAL_EPOCHS, max(2, round(t.FINAL_LEAST_STEPS / steps)))


def trained_again(train: int, val: int) -> bool:
    """Whether a delivered LoRA is trained once more, on training and validation rows. Args: rows of both splits."""
    return val >= t.REFIT_SHARE * train
