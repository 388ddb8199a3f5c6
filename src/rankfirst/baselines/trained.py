"""Score a trained network (LoRA, full fine-tuning) in the same way as the rungs below it."""

from collections.abc import Mapping, Sequence

from rankfirst.baselines.rung import Fit, rung
from rankfirst.measure.calibration import fit_temperature
from rankfirst.measure.decoding import Decoding
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
    decoding: Decoding | None = None,
) -> Fit:
    """The rung of a network with (n_val, C) uncalibrated validation logits.

    Args: decoding: that of the rungs it is compared with; None: the current default.
    """
    truth = indicator(dataset.val.labels, len(dataset.classes))
    temperature = fit_temperature(logits, truth, dataset.multi_label)
    val = Predictions.of(dataset, dataset.val, logits, temperature, decoding)
    scored = rung(name, val, tail, seconds, megabytes, {**details, "temperature": temperature}, ms_per_text)
    return Fit(scored, val, temperature)
