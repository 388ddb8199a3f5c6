"""Which instruction before each text the frozen encoder reads best with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rankfirst.baselines.cross_validation import best
from rankfirst.baselines.folds import subsample
from rankfirst.baselines.frozen import FloatArray, pooling_trials
from rankfirst.measure.calibration import fit_temperature, probabilities
from rankfirst.measure.scores import indicator, log_loss, macro_f1, predict_labels
from rankfirst.records import Dataset

# Rows every prefix is tried on at most: each costs a forward pass a prefix, and so many tell macro-F1 apart to about
# two points (benchmarks/ladder_choices.py); the own prefix of the base stays unless another is ahead by more than that.
PREFIX_ROWS = 600


@dataclass(frozen=True)
class PrefixChoice:
    """The chosen prefix, and what was held against the others."""

    prefix: str
    rows: int  # training rows it was judged on
    macro_f1: Mapping[str, float]  # prefix -> held out
    log_loss: Mapping[str, float]  # prefix -> held out, nats a row at its own temperature


def prefix_rows(dataset: Dataset, seed: int) -> list[int]:
    """The training rows to try prefixes on."""
    return [int(row) for row in subsample(dataset.train.labels, PREFIX_ROWS, seed)]


def choose_prefix(
    trials: Mapping[str, Mapping[str, FloatArray]], dataset: Dataset, rows: Sequence[int], seed: int = 0
) -> PrefixChoice:
    """By cross-validation on those rows, each prefix with its best pooling; the base's own wins ties.

    Log-loss tells no prefixes apart: CLINC150 with MiniLM, which was trained with none, has less of it after "query: "
    and no better macro-F1 (validation: 0.178 and 0.181 nats, 0.954 and 0.958).

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
