"""Training losses: cross-entropy with the changes of an objective. Pure functions without a device sync."""

import torch
from torch import Tensor
from torch.nn import functional

from rankfirst.errors import OptionError
from rankfirst.measure.scores import Bools
from rankfirst.records import ClassWeights, Objective


def class_counts(truth: Bools) -> Tensor:
    """(2, C): number of rows without and with each class, from an (n, C) indicator."""
    present = torch.from_numpy(truth.sum(axis=0)).float()
    return torch.stack([len(truth) - present, present])


def loss(logits: Tensor, targets: Tensor, objective: Objective, counts: Tensor, multi_label: bool) -> Tensor:
    """The loss in nats, summed over rows (and labels); bit-identical to plain cross-entropy for the default objective.

    Args:
        logits: (B, C). targets: (B,) class indexes; multi-label: (B, C) of 0 and 1.
        counts: (2, C) of the training rows, from `class_counts`.
    Raises: OptionError for logit adjustment with multi-label rows, for which there is no single prior.
    """
    if not multi_label:
        return _classes(logits, targets, objective, counts)
    if objective.logit_adjustment:
        raise OptionError("option.adjusted_multi")
    return _labels(logits, targets, objective, counts)


def _classes(logits: Tensor, targets: Tensor, objective: Objective, counts: Tensor) -> Tensor:
    if objective.logit_adjustment:
        logits = logits + objective.logit_adjustment * log_prior(counts)
    smoothing, gamma = objective.label_smoothing, objective.focal_gamma
    if not gamma and objective.class_weights is ClassWeights.NONE:
        return functional.cross_entropy(logits, targets, reduction="sum", label_smoothing=smoothing)
    rows = functional.cross_entropy(logits, targets, reduction="none", label_smoothing=smoothing)
    if gamma:
        # log(1 - p) from the other classes' logits: computed from p, its gradient is NaN if p rounds to 1.
        others = logits.scatter(1, targets[:, None], float("-inf")).logsumexp(1)
        rows = rows * (gamma * (others - logits.logsumexp(1))).exp()
    if objective.class_weights is not ClassWeights.NONE:
        rows = rows * weights(counts, objective.class_weights, False)[1][targets]
    return rows.sum()


def _labels(logits: Tensor, targets: Tensor, objective: Objective, counts: Tensor) -> Tensor:
    smoothing, gamma = objective.label_smoothing, objective.focal_gamma
    soft = targets * (1 - smoothing) + smoothing / 2 if smoothing else targets
    if not gamma and objective.class_weights is ClassWeights.NONE:
        return functional.binary_cross_entropy_with_logits(logits, soft, reduction="sum")
    cells = functional.binary_cross_entropy_with_logits(logits, soft, reduction="none")
    if gamma:
        cells = cells * (gamma * functional.logsigmoid((1 - 2 * targets) * logits)).exp()
    if objective.class_weights is not ClassWeights.NONE:
        absent, present = weights(counts, objective.class_weights, True)
        cells = cells * torch.where(targets > 0, present, absent)
    return cells.sum()


def weights(counts: Tensor, kind: ClassWeights, multi_label: bool) -> Tensor:
    """(2, C): weights of rows without and with a class, with mean 1 over the training rows.

    Single-label: a row is weighted by its class, so only the second line is used. Multi-label: each label is a binary
    problem of its own, with mean weight 1. A class without rows is treated as if it had one.
    """
    if kind is ClassWeights.NONE:
        return torch.ones_like(counts)
    raw = 1 / counts.clamp(min=1)
    raw = raw.sqrt() if kind is ClassWeights.SQRT else raw
    if multi_label:
        return raw * counts.sum(0) / (raw * counts).sum(0)
    return raw * counts[1].sum() / (raw[1] * counts[1]).sum()


def log_prior(counts: Tensor) -> Tensor:
    """(C,) log share of each class among the training rows; a class without rows is treated as if it had one."""
    present = counts[1].clamp(min=1)
    return (present / present.sum()).log()
