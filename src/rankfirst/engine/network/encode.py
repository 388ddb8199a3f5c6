"""Encode texts: pooled states by the frozen base, states and logits with an adapter, and the latency of one text."""

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
from rankfirst.measure.wall_clock import span

Keep = Callable[[Sequence[int], object], None]
"""Called with (rows, output of a block for them)."""

WARM_UP = 2  # texts before timing starts, to warm the caches


@span("encode")
@torch.no_grad()
def pooled(
    model: TextModel, texts: Texts, tick: Tick, depth: int = 0, keep: Keep | None = None, folder: Path | None = None
) -> Mapping[str, memory_mapped.Array]:
    """Pooled states of the texts by the frozen base: pooling name -> (n, d).

    Args:
        depth, keep: `keep` is called with the output of block `depth` (counted from 1) for every batch.
        folder: for arrays too large for memory (see `memory_mapped`); None: all stay in memory.
    Returns: an empty mapping in all processes but the first.
    Raises: EngineError if not even one text fits into memory.
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

    def put(batch: list[int], pooled_states: dict[str, Floats]) -> None:
        for name, array in out.items():
            memory_mapped.put(array, batch, pooled_states[name])

    batches = sorted_batches(*texts.shapes(rows))
    try:
        model.world.spread(batches, encode, put, lambda done: tick("features", done, len(rows)))
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        raise EngineError("engine.no_memory", name=model.source.spec) from error
    return out


@span("evaluation")
@torch.no_grad()
def adapted(model: TextModel, texts: Texts, tick: Tick) -> tuple[Floats, Floats]:
    """(n, d) pooled states and (n, C) logits of the texts, with the attached adapter and head."""
    states = np.zeros((len(texts), model.hidden), dtype=np.float32)
    logits = np.zeros((len(texts), model.head.out_features), dtype=np.float32)

    def read(batch: list[int]) -> tuple[Floats, Floats]:
        ids, mask, owner = model.batch(texts, batch)
        pooled = model.pool(model.hidden_states(ids, mask).float(), mask, model.pooling, owner)
        return pooled.cpu().numpy(), model.classify(pooled).float().cpu().numpy()

    def put(batch: list[int], outputs: tuple[Floats, Floats]) -> None:
        states[batch], logits[batch] = outputs

    batches = sorted_batches(*texts.shapes(range(len(texts))))
    model.world.spread(batches, read, put, lambda done: tick("evaluate", done, len(texts)))
    return states, logits


@torch.no_grad()
def ms_per_text(model: TextModel, texts: Sequence[str], prefix: str, max_tokens: int, windows: bool) -> float:
    """Median milliseconds from one text to its pooled state, with tokenisation, one text at a time."""
    model.detach()
    durations = []
    for text in [*texts[:WARM_UP], *texts]:
        began = time.perf_counter()
        ids, mask, owner = model.batch(model.tokenize([text], prefix, max_tokens, windows), [0])
        model.pool(model.hidden_states(ids, mask).float(), mask, model.pooling, owner).cpu()
        durations.append(1e3 * (time.perf_counter() - began))
    return float(np.median(durations[WARM_UP:])) if texts else 0.0
