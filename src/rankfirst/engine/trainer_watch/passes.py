"""Forward passes of the user's model: a hook on those of the trainer, and a few additional ones."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rankfirst.engine.trainer_watch.adapter import UnreadError
from rankfirst.engine.training.evaluation import Answers


class Passes:
    """Collects training loss and evaluation logits from the forward passes of the trainer.

    Nothing is computed twice, and the device is synchronised only when a value is read. An error in the hook would end
    the user's training, so it is stored in `error`.
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
        """Remove the hook."""
        self._handle.remove()

    def loss(self) -> float | None:
        """Mean training loss (nats/example) since the last call; None if no pass had labels."""
        if not self._rows:
            return None
        mean = float(torch.stack(self._sums).sum()) / self._rows
        self._sums, self._rows = [], 0
        return mean

    def keep(self) -> None:
        """Keep the last pass as part of the current evaluation."""
        if self._pending is not None:
            logits, labels = self._pending
            self._answers.append((logits.float().cpu(), None if labels is None else labels.cpu()))
            self._pending = None

    def take(self) -> Answers | None:
        """The answers of the finished evaluation; None if it was not seen, or without labels."""
        passes, self._answers, self._pending = self._answers, [], None
        labelled = [(logits, labels) for logits, labels in passes if labels is not None]
        return joined(labelled) if labelled and len(labelled) == len(passes) else None

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
    """(B, C) logits of a model output (object, mapping or tuple). Raises: UnreadError if it is not a classification."""
    if isinstance(output, Mapping):
        logits = output.get("logits")
    else:
        parts = output if isinstance(output, tuple) else (getattr(output, "logits", None),)
        logits = parts[min(int(with_loss), len(parts) - 1)]
    if not isinstance(logits, Tensor) or logits.ndim != 2 or logits.shape[1] < 2:
        raise UnreadError("advice.no_classes")
    return logits


def summed_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy, or binary cross-entropy summed over labels, in nats, summed over rows; stays on the device."""
    logits = logits.float()
    if labels.ndim == 2:
        return nn.functional.binary_cross_entropy_with_logits(logits, labels.float(), reduction="sum")
    return nn.functional.cross_entropy(logits, labels.long().view(-1), reduction="sum")


def joined(parts: Sequence[tuple[Tensor, Tensor]]) -> Answers:
    """Concatenate batches; rows with a negative label (no label) are left out."""
    logits = torch.cat([part.float().cpu() for part, _ in parts]).double().numpy()
    labels = torch.cat([part.cpu() for _, part in parts])
    if labels.ndim == 2:
        return Answers(logits, (labels > 0.5).numpy(), True)
    chosen = labels.view(-1).numpy().astype(int)
    labelled = chosen >= 0
    truth = np.zeros((int(labelled.sum()), logits.shape[1]), dtype=bool)
    truth[np.arange(len(truth)), chosen[labelled]] = True
    return Answers(logits[labelled], truth, False)


def rows_of(loader: Any) -> int:
    """Number of rows of a data loader; 0 if they cannot be counted or indexed."""
    dataset = getattr(loader, "dataset", None)
    try:
        return len(dataset) if hasattr(dataset, "__getitem__") else 0  # type: ignore[arg-type]
    except (TypeError, NotImplementedError):
        return 0


def tokens(loader: Any, row: int) -> int:
    """Tokens of one row; 0 if it is not tokenised yet."""
    example = loader.dataset[row]
    return len(example["input_ids"]) if isinstance(example, Mapping) and "input_ids" in example else 0


def batches(loader: Any, rows: Sequence[int], size: int) -> Iterator[dict[str, Any]]:
    """Batches of the chosen rows of a loader's data set, collated by the loader.

    The loader itself is not iterated, because that draws random numbers.
    """
    for start in range(0, len(rows), size):
        yield dict(loader.collate_fn([loader.dataset[int(row)] for row in rows[start : start + size]]))


def answers(model: nn.Module, rows: Iterator[dict[str, Any]], weights: Mapping[str, Tensor] | None = None) -> Answers:
    """The model's answers on these batches, without dropout; `weights` replace its own if given.

    The model, its mode and the random state of the running training are left unchanged.
    """
    device, was = next(model.parameters()).device, model.training
    parts: list[tuple[Tensor, Tensor]] = []
    model.eval()
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            for batch in rows:
                labels = batch.pop("labels")
                inputs = {key: value.to(device) for key, value in batch.items() if isinstance(value, Tensor)}
                output = (
                    model(**inputs) if weights is None else torch.func.functional_call(model, dict(weights), (), inputs)
                )
                parts.append((logits_of(output, False), labels))
    finally:
        model.train(was)
    return joined(parts)
