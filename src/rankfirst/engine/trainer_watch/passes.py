"""Forward passes of somebody else's model: those that happen anyway, seen by a hook, and a few of our own."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rankfirst.engine.trainer_watch.adapter import UnreadError
from rankfirst.engine.training.evaluation import Answers


class Passes:
    """The training loss and the evaluation logits of a model, from the passes its trainer makes.

    Nothing is computed twice and nothing synchronises with the device before it is asked for. An error inside the hook
    would end the user's training, so it is kept in `error` instead.
    """

    def __init__(self, model: nn.Module) -> None:
        self.error: Exception | None = None
        self.paused = False
        self._sums: list[Tensor] = []
        self._rows = 0
        self._pending: tuple[Tensor, Tensor | None] | None = None
        self._answers: list[tuple[Tensor, Tensor | None]] = []
        self._handle = model.register_forward_hook(self._hook, with_kwargs=True)

    def close(self) -> None:
        """Take the hook off."""
        self._handle.remove()

    def loss(self) -> float | None:
        """Mean training loss (nats/example) since the last call; None when no pass carried its labels."""
        if not self._rows:
            return None
        mean = float(torch.stack(self._sums).sum()) / self._rows
        self._sums, self._rows = [], 0
        return mean

    def keep(self) -> None:
        """The last pass belonged to the evaluation in progress."""
        if self._pending is not None:
            logits, labels = self._pending
            self._answers.append((logits.float().cpu(), None if labels is None else labels.cpu()))
            self._pending = None

    def take(self) -> Answers | None:
        """The evaluation that has ended; None when it was not seen, or without labels."""
        found, self._answers, self._pending = self._answers, [], None
        labelled = [(logits, labels) for logits, labels in found if labels is not None]
        return joined(labelled) if labelled and len(labelled) == len(found) else None

    def _hook(self, module: nn.Module, args: Any, kwargs: Mapping[str, Any], output: Any) -> None:
        if self.paused or self.error is not None:
            return
        try:
            with torch.no_grad():
                self._see(module.training, kwargs.get("labels"), output)
        except Exception as error:
            self.error = error

    def _see(self, training: bool, labels: Any, output: Any) -> None:
        labels = labels if isinstance(labels, Tensor) else None
        logits = logits_of(output, labels is not None).detach()
        if not training:
            self._pending = (logits, labels)
        elif labels is not None:
            self._sums.append(summed_loss(logits, labels))
            self._rows += len(logits)


def logits_of(output: Any, with_loss: bool) -> Tensor:
    """(B, C) of a model output: object, mapping or tuple. Raises: UnreadError when it is no classification."""
    if isinstance(output, Mapping):
        logits = output.get("logits")
    else:
        parts = output if isinstance(output, tuple) else (getattr(output, "logits", None),)
        logits = parts[min(int(with_loss), len(parts) - 1)]
    if not isinstance(logits, Tensor) or logits.ndim != 2 or logits.shape[1] < 2:
        raise UnreadError("advice.no_classes")
    return logits


def summed_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy, or binary cross-entropy summed over the labels; summed over rows, nats. On the device."""
    logits = logits.float()
    if labels.ndim == 2:
        return nn.functional.binary_cross_entropy_with_logits(logits, labels.float(), reduction="sum")
    return nn.functional.cross_entropy(logits, labels.long().view(-1), reduction="sum")


def joined(parts: Sequence[tuple[Tensor, Tensor]]) -> Answers:
    """Batches as two matrices; rows without a label (negative) are left out."""
    logits = torch.cat([part.float().cpu() for part, _ in parts]).double().numpy()
    labels = torch.cat([part.cpu() for _, part in parts])
    if labels.ndim == 2:
        return Answers(logits, (labels > 0.5).numpy(), True)
    chosen = labels.view(-1).numpy().astype(int)
    known = chosen >= 0
    truth = np.zeros((int(known.sum()), logits.shape[1]), dtype=bool)
    truth[np.arange(len(truth)), chosen[known]] = True
    return Answers(logits[known], truth, False)


def rows_of(loader: Any) -> int:
    """Rows behind a data loader; 0 when they cannot be counted or picked."""
    dataset = getattr(loader, "dataset", None)
    try:
        return len(dataset) if hasattr(dataset, "__getitem__") else 0  # type: ignore[arg-type]
    except (TypeError, NotImplementedError):
        return 0


def tokens(loader: Any, row: int) -> int:
    """Length of one row; 0 when it is not tokenised yet."""
    example = loader.dataset[row]
    return len(example["input_ids"]) if isinstance(example, Mapping) and "input_ids" in example else 0


def batches(loader: Any, rows: Sequence[int], size: int) -> Iterator[dict[str, Any]]:
    """The chosen rows of a loader's data set, collated as it does; the loader itself, which draws random numbers when
    it is iterated, stays untouched."""
    for start in range(0, len(rows), size):
        yield dict(loader.collate_fn([loader.dataset[int(row)] for row in rows[start : start + size]]))


def answers(model: nn.Module, given: Iterator[dict[str, Any]], weights: Mapping[str, Tensor] | None = None) -> Answers:
    """The model on these batches, without dropout; with `weights` in place of its own where they are given.

    The model, its mode and the random numbers of the training in progress are as before.
    """
    device, was = next(model.parameters()).device, model.training
    parts: list[tuple[Tensor, Tensor]] = []
    model.eval()
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            for batch in given:
                labels = batch.pop("labels")
                inputs = {key: value.to(device) for key, value in batch.items() if isinstance(value, Tensor)}
                output = (
                    model(**inputs) if weights is None else torch.func.functional_call(model, dict(weights), (), inputs)
                )
                parts.append((logits_of(output, False), labels))
    finally:
        model.train(was)
    return joined(parts)
