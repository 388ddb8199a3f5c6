"""Texts through the untouched base: pooled states of many, and how long one takes."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from rankfirst.engine.base import Floats, Tick
from rankfirst.engine.network.model import TextModel
from rankfirst.engine.network.token_windows import Texts
from rankfirst.engine.training import memory_mapped
from rankfirst.engine.training.batches import sorted_batches
from rankfirst.engine.training.frozen_prefix import capture_output
from rankfirst.engine.training.out_of_memory import out_of_memory
from rankfirst.errors import EngineError

Keep = Callable[[Sequence[int], object], None]
"""(rows, what a block made of them)."""

WARM_UP = 2  # texts before the clock starts: the first ones meet cold caches


@torch.no_grad()
def pooled(
    model: TextModel, texts: Texts, tick: Tick, depth: int = 0, keep: Keep | None = None, folder: Path | None = None
) -> Mapping[str, memory_mapped.Array]:
    """Pooling name -> (n, d) of the texts. `keep` is handed the output of block `depth` (from 1) of every batch.

    Args: folder: for arrays that are too large for memory (see `mapped`); None: they stay there.
    Returns: nothing in other processes than the first. Raises: EngineError when not even one text fits memory.
    """
    model.detach()
    rows = range(len(texts))
    out = memory_mapped.zeros(model.poolings, len(rows), model.hidden, folder) if model.world.first else {}

    def encode(batch: list[int]) -> dict[str, Floats]:
        ids, mask, owner = model.batch(texts, batch)
        with capture_output(model.stack[max(0, depth - 1)]) as seen:
            states = model.hidden_states(ids, mask).float()
        if keep is not None:
            keep(batch, seen[0])
        return {name: model.pool(states, mask, name, owner).float().cpu().numpy() for name in model.poolings}

    def put(batch: list[int], found: dict[str, Floats]) -> None:
        for name, array in out.items():
            memory_mapped.put(array, batch, found[name])

    batches = sorted_batches(*texts.shapes(rows))
    try:
        model.world.spread(batches, encode, put, lambda done: tick("features", done, len(rows)))
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        raise EngineError("engine.no_memory", name=model.source.spec) from error
    return out


@torch.no_grad()
def adapted(model: TextModel, texts: Texts, tick: Tick) -> tuple[Floats, Floats]:
    """(n, d) pooled states and (n, C) logits of the texts, by the model as it stands: adapter and head on."""
    states = np.zeros((len(texts), model.hidden), dtype=np.float32)
    logits = np.zeros((len(texts), model.head.out_features), dtype=np.float32)

    def read(batch: list[int]) -> tuple[Floats, Floats]:
        ids, mask, owner = model.batch(texts, batch)
        pooled = model.pool(model.hidden_states(ids, mask).float(), mask, model.pooling, owner)
        return pooled.cpu().numpy(), model.head(pooled).float().cpu().numpy()

    def put(batch: list[int], found: tuple[Floats, Floats]) -> None:
        states[batch], logits[batch] = found

    batches = sorted_batches(*texts.shapes(range(len(texts))))
    model.world.spread(batches, read, put, lambda done: tick("evaluate", done, len(texts)))
    return states, logits


@torch.no_grad()
def ms_per_text(model: TextModel, texts: Sequence[str], prefix: str, max_tokens: int, windows: bool) -> float:
    """Milliseconds from one text to its pooled state, tokenising included: the median, each text alone."""
    model.detach()
    took = []
    for text in [*texts[:WARM_UP], *texts]:
        began = time.perf_counter()
        ids, mask, owner = model.batch(model.tokenize([text], prefix, max_tokens, windows), [0])
        model.pool(model.hidden_states(ids, mask).float(), mask, model.pooling, owner).cpu()
        took.append(1e3 * (time.perf_counter() - began))
    return float(np.median(took[WARM_UP:])) if texts else 0.0
