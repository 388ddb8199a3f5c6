"""A network trained above the ladder's lower rungs (LoRA, full fine-tuning), judged as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rankfirst.ladder.rungs import rung
from rankfirst.measure.calibration import fit_temperature, held_out_log_loss, probabilities
from rankfirst.measure.scores import Floats, indicator
from rankfirst.records import Dataset, Number, Rung


def trained(
    name: str,
    logits: Floats,
    dataset: Dataset,
    tail: Sequence[int],
    seconds: float,
    megabytes: float,
    details: Mapping[str, Number],
    ms_per_text: float,
    seed: int = 0,
) -> tuple[Rung, float]:
    """The rung of (n_val, C) validation logits, and the temperature that it was calibrated with.

    Its log-loss a row is at the temperature of the other half of the rows, so that it compares fairly with rungs that
    were calibrated elsewhere.
    """
    truth = indicator(dataset.val.labels, len(dataset.classes))
    temperature = fit_temperature(logits, truth, dataset.multi_label)
    probs = probabilities(logits, dataset.multi_label, temperature)
    told = {**details, "temperature": temperature}
    made = rung(name, dataset, tail, probs, seconds, megabytes, told, ms_per_text=ms_per_text)
    losses = held_out_log_loss(logits, truth, dataset.multi_label, seed)
    return replace(made, val_log_loss=tuple(float(v) for v in losses)), temperature
