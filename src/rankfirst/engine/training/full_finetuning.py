"""Full fine-tuning of every weight, as a reference for what adapters do not reach. The weights are not kept.

Training is in float32 and starts from the frozen rung's head. The base is copied first and always restored bit for bit.
"""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from rankfirst.engine.base import Floats, FullRun, Tick
from rankfirst.engine.network import losses
from rankfirst.engine.network.float_types import round_weights
from rankfirst.engine.training.batches import epoch_batches, sorted_batches
from rankfirst.engine.training.corpus import Corpus
from rankfirst.engine.training.footprint import STEP_TOKENS
from rankfirst.engine.training.loop import CLIP, WEIGHT_DECAY, NotFiniteError, cut_to_fit, ending
from rankfirst.engine.training.out_of_memory import halving
from rankfirst.engine.training.schedules import warm_then_linear
from rankfirst.errors import EngineError
from rankfirst.measure.calibration import fit_temperature, probabilities
from rankfirst.measure.decoding import Decoding
from rankfirst.measure.scores import macro_f1_occurring
from rankfirst.records import PLAIN, Recipe

WARMUP_SHARE = 0.06  # of the steps, as in RoBERTa's fine-tuning (Liu et al. 2019, appendix)
BATCH = Recipe.batch_size


def train_full(corpus: Corpus, head: tuple[Tensor, Tensor], epochs: int, lr: float, seed: int, tick: Tick) -> FullRun:
    """Train with AdamW, warm-up and linear decay from `lr`; keep the logits of the epoch with the best macro-F1.

    The start (the head on the frozen base) counts as an epoch. Divergence and lack of memory are results; the best
    evaluation until then counts.

    Raises: EngineError for a base in 4 bits.
    """
    if corpus.model.bits:
        raise EngineError("engine.full_bits")
    began = time.perf_counter()
    run = _Run(corpus)
    with all_learn(corpus, head, seed) as parameters, ending() as end:
        size = sum(p.numel() for p in parameters)
        run.evaluate()
        run.train(parameters, epochs, lr, seed, tick)
    return FullRun(end.health, tuple(run.f1), tuple(run.loss), run.logits, size, time.perf_counter() - began)


@contextmanager
def all_learn(corpus: Corpus, head: tuple[Tensor, Tensor], seed: int) -> Iterator[list[nn.Parameter]]:
    """Yield the model's parameters in float32 with gradients on; afterwards the base is restored, dtype included."""
    model = corpus.model
    model.detach()
    dtype = next(model.encoder.parameters()).dtype
    kept = {name: tensor.detach().to("cpu", copy=True) for name, tensor in model.encoder.state_dict().items()}
    devices = [model.device] if model.device.type == "cuda" else []
    try:
        with torch.random.fork_rng(devices=devices):  # the base's dropout draws from the global generator
            torch.manual_seed(seed)
            model.encoder.float().requires_grad_(True)
            model.set_head(*head)
            yield [*model.encoder.parameters(), *model.head.parameters()]
    finally:
        model.encoder.zero_grad(set_to_none=True)
        round_weights(model.encoder.requires_grad_(False).eval(), dtype)
        with torch.no_grad():
            for name, tensor in model.encoder.state_dict().items():
                tensor.copy_(kept[name])


class _Run:
    """One training and its results after every epoch."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus, self.model = corpus, corpus.model
        self.counts = losses.class_counts(corpus.truth["train"]).to(self.model.device)
        self.f1: list[float] = []
        self.loss: list[float] = []
        self.logits: Floats = np.zeros((len(corpus.truth["val"]), corpus.classes), dtype=np.float32)
        self.budget = STEP_TOKENS

    def train(self, parameters: list[nn.Parameter], epochs: int, lr: float, seed: int, tick: Tick) -> None:
        """Raises: NotFiniteError."""
        lengths = self.corpus.lengths["train"]
        total = epochs * math.ceil(len(lengths) / BATCH)
        schedule = warm_then_linear(total, max(1, round(WARMUP_SHARE * total)))
        optimizer = torch.optim.AdamW(parameters, lr=lr, weight_decay=WEIGHT_DECAY, fused=True)
        step = 0
        for epoch in range(epochs):
            batches = epoch_batches(lengths, BATCH, seed, epoch)
            self.model.encoder.train()
            losses_seen = []
            for i, batch in enumerate(batches):
                optimizer.param_groups[0]["lr"] = lr * schedule(step)
                losses_seen.append(self._step(batch, optimizer, parameters))
                step += 1
                tick(f"full {epoch + 1}/{epochs}", i + 1, len(batches))
            self.model.encoder.eval()
            self.loss.append(float(np.mean(losses_seen)))
            self.evaluate()

    def _step(self, rows: Sequence[int], optimizer: torch.optim.Optimizer, parameters: list[nn.Parameter]) -> float:
        def run(cut: list[list[int]]) -> float:
            optimizer.zero_grad(set_to_none=True)
            return sum(self._backward(piece, len(rows)) for piece in cut)

        loss, self.budget = cut_to_fit(rows, self.corpus.lengths["train"], self.budget, run)
        norm = float(nn.utils.clip_grad_norm_(parameters, CLIP))
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise NotFiniteError
        optimizer.step()
        return loss

    def _backward(self, rows: Sequence[int], whole: int) -> float:
        ids, mask, owner = self.corpus.batch("train", rows, None, 0)
        targets = self.corpus.targets["train"][list(rows)].to(self.model.device)
        multi = self.corpus.dataset.multi_label
        loss = losses.loss(self.model.logits(ids, mask, owner), targets, PLAIN, self.counts, multi) / whole
        loss.backward()  # type: ignore[no-untyped-call]
        return float(loss.detach())

    @torch.no_grad()
    def evaluate(self) -> None:
        """Append the current macro-F1, and keep the logits if it is the best so far. Raises: NotFiniteError."""
        rows = range(len(self.corpus.texts["val"]))
        logits = np.zeros((len(rows), self.corpus.classes), dtype=np.float32)

        def answer(batch: list[int]) -> None:
            ids, mask, owner = self.corpus.batch("val", batch, None, 0)
            logits[batch] = self.model.logits(ids, mask, owner).float().cpu().numpy()

        for batch in sorted_batches(*self.corpus.shapes("val", rows)):
            halving(batch, answer)
        if not np.isfinite(logits).all():
            raise NotFiniteError
        multi = self.corpus.dataset.multi_label
        truth, wide = self.corpus.truth["val"], logits.astype(float)
        calibrated = probabilities(wide, multi, fit_temperature(wide, truth, multi))
        f1 = macro_f1_occurring(truth, Decoding.of(self.corpus.dataset).answers(calibrated))
        if not self.f1 or f1 > max(self.f1):
            self.logits = logits
        self.f1.append(f1)
