"""A model's validation probabilities -> the rung everyone compares."""

from collections.abc import Mapping, Sequence

from rankfirst.measure.scores import Floats, as_tuples, indicator, log_loss, predict_labels, score
from rankfirst.records import Dataset, Number, Rung


def rung(
    name: str,
    dataset: Dataset,
    tail: Sequence[int],
    probs: Floats,
    seconds: float,
    megabytes: float,
    details: Mapping[str, Number],
    thresholds: Floats | None = None,
) -> Rung:
    """Judge (n_val, C) probabilities on the validation rows.

    Args:
        tail: class indexes whose mean recall is reported. seconds: to build the model, wall clock.
        megabytes: 10^6 bytes that ship beside the base model. thresholds: (C,), multi-label only, default 0.5.
    """
    truth = indicator(dataset.val.labels, len(dataset.classes))
    return Rung(
        name=name,
        val=score(truth, probs, dataset.classes, dataset.multi_label, tail, thresholds),
        seconds=seconds,
        megabytes=megabytes,
        details=details,
        val_log_loss=tuple(float(x) for x in log_loss(truth, probs, dataset.multi_label)),
        val_predicted=as_tuples(predict_labels(probs, dataset.multi_label, thresholds)),
    )
