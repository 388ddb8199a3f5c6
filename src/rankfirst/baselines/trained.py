"""A network trained above the ladder's lower rungs (LoRA, full fine-tuning), judged as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rankfirst.baselines.rung import Fit, rung
from rankfirst.measure.answers import Decoding
from rankfirst.measure.calibration import fit_temperature, held_out_log_loss
from rankfirst.measure.predictions import Predictions
from rankfirst.measure.scores import Floats, indicator
from rankfirst.records import Dataset, Number


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
    decoding: Decoding | None = None,
) -> Fit:
    """The rung of (n_val, C) validation logits, which are not calibrated yet.

    Its log-loss a row is at the temperature of the other half of the rows, so that it compares fairly with rungs that
    were calibrated elsewhere.

    Args: decoding: that of the rungs it is compared with; None: as all of them are decoded today.
    """
    truth = indicator(dataset.val.labels, len(dataset.classes))
    temperature = fit_temperature(logits, truth, dataset.multi_label)
    val = Predictions.of(dataset, dataset.val, logits, temperature, decoding)
    made = rung(name, val, tail, seconds, megabytes, {**details, "temperature": temperature}, ms_per_text)
    losses = held_out_log_loss(logits, truth, dataset.multi_label, seed)
    return Fit(replace(made, val_log_loss=tuple(float(v) for v in losses)), val, temperature)
