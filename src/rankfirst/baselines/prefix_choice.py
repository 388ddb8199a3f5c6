"""Choose the instruction prefix with which the frozen encoder's features classify best."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rankfirst.baselines.cross_validation import best
from rankfirst.baselines.folds import subsample
from rankfirst.baselines.pooling_choice import pooling_trials
from rankfirst.baselines.prototypes import FloatArray
from rankfirst.measure.calibration import fit_temperature, probabilities
from rankfirst.measure.scores import indicator, log_loss, macro_f1, predict_labels
from rankfirst.records import Dataset

# Maximum rows on which each prefix is tried: each row costs one forward pass per prefix, and this number resolves
# macro-F1 to about two points (benchmarks/ladder_choices.py). The base's own prefix stays unless another leads by more.
PREFIX_ROWS = 600


@dataclass(frozen=True)
class PrefixChoice:
    """The chosen prefix, and the scores of all candidates."""

    prefix: str
    rows: int  # training rows on which the prefixes were compared
    macro_f1: Mapping[str, float]  # prefix -> out-of-fold macro-F1
    log_loss: Mapping[str, float]  # prefix -> out-of-fold log-loss, nats per row, each prefix calibrated


def prefix_rows(dataset: Dataset, seed: int) -> list[int]:
    """The training rows on which to compare prefixes."""
    return [int(row) for row in subsample(dataset.train.labels, PREFIX_ROWS, seed)]


def choose_prefix(
    trials: Mapping[str, Mapping[str, FloatArray]], dataset: Dataset, rows: Sequence[int], seed: int = 0
) -> PrefixChoice:
    """Choose by cross-validation on those rows, each prefix with its best pooling; the base's own prefix wins ties.

    Log-loss is no guide between prefixes: with "query: ", MiniLM (trained without a prefix) has a lower log-loss on
    CLINC150 but no better macro-F1 (validation: 0.178 against 0.181 nats, 0.954 against 0.958).

    Args:
        trials: prefix -> pooling -> (len(rows), d) raw features; the base's own prefix first.
    """
    labels, multi = [dataset.train.labels[r] for r in rows], dataset.multi_label
    truth = indicator(labels, len(dataset.classes))
    held_out = {}
    for prefix, features in trials.items():
        poolings = list(pooling_trials(features, truth, labels, multi, seed).values())
        held_out[prefix] = poolings[best(poolings, truth, multi, seed)]
    chosen = list(held_out)[best(list(held_out.values()), truth, multi, seed, prefer=0)]
    f1, loss = {}, {}
    for prefix, logits in held_out.items():
        p = probabilities(logits, multi, fit_temperature(logits, truth, multi))
        f1[prefix] = macro_f1(truth, predict_labels(p, multi))
        loss[prefix] = float(log_loss(truth, p, multi).mean())
    return PrefixChoice(chosen, len(rows), f1, loss)
