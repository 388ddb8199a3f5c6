"""States of the frozen encoder for benchmarks: every layer, encoded once a machine."""

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.outcomes.sets import Case
from rankfirst.data import load_dataset
from rankfirst.engine.base_models import sources
from rankfirst.engine.network.model import TextModel, text_prefix
from rankfirst.engine.training.batches import sorted_batches
from rankfirst.engine.training.frozen_prefix import capture_output
from rankfirst.records import Dataset

KEPT = Path(tempfile.gettempdir()) / "rankfirst-features"
MOST_TOKENS = 128
Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Encoded:
    """A set and its states by split."""

    dataset: Dataset
    states: Mapping[str, Mapping[str, Matrix]]  # split -> key -> (n, d); keys: mean, cls, max, mean1 .. meanL-1


def encoded(case: Case) -> Encoded:
    """The set with the states of its texts, computed for those that no earlier call has encoded."""
    with tempfile.TemporaryDirectory() as work:
        folder = case.folder(Path(work))
        dataset = load_dataset(folder / "train.csv", folder / "val.csv", folder / "test.csv")
    assert dataset.test is not None
    splits = {"train": dataset.train.texts, "val": dataset.val.texts, "test": dataset.test.texts}
    known = _states(case, [text for texts in splits.values() for text in texts])
    at = {text: row for row, text in enumerate(known.pop("texts"))}
    rows = {split: [at[_key(text)] for text in texts] for split, texts in splits.items()}
    return Encoded(dataset, {s: {key: a[some] for key, a in known.items()} for s, some in rows.items()})


def _key(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()


def _states(case: Case, texts: Sequence[str]) -> dict[str, npt.NDArray]:  # type: ignore[type-arg]
    path = KEPT / f"layers-{case.set}.npz"
    known: dict[str, npt.NDArray] = {}  # type: ignore[type-arg]
    if path.exists():
        with np.load(path) as arrays:
            known = {key: arrays[key] for key in arrays.files}
    there = set(known["texts"]) if known else set()
    new = [text for text in dict.fromkeys(texts) if _key(text) not in there]
    if new:
        found = {"texts": np.array([_key(text) for text in new]), **_encode(case, new)}
        known = {key: np.concatenate([known[key], a]) for key, a in found.items()} if known else found
        KEPT.mkdir(exist_ok=True)
        np.savez(path, **known)
    return known


@torch.no_grad()
def _encode(case: Case, texts: Sequence[str]) -> dict[str, Matrix]:
    source = sources.resolve(str(case.base or sources.DEFAULT_EN))
    model = TextModel(source, torch.device("cpu"))
    read = model.tokenize(texts, text_prefix(source.spec), MOST_TOKENS)
    inner = model.layers - 1
    keys = ("mean", "cls", "max", *(f"mean{layer}" for layer in range(1, inner + 1)))
    out = {key: np.zeros((len(texts), model.hidden), dtype=np.float32) for key in keys}
    for batch in sorted_batches(*read.shapes(range(len(texts)))):
        ids, mask, owner = model.batch(read, batch)
        with ExitStack() as hooks:
            seen = [hooks.enter_context(capture_output(block)) for block in list(model.stack)[:inner]]
            states = model.hidden_states(ids, mask).float()
        for pooling in ("mean", "cls", "max"):
            out[pooling][batch] = model.pool(states, mask, pooling, owner).numpy()
        for layer, (output,) in enumerate(seen, start=1):
            each = output[0] if isinstance(output, tuple) else output
            out[f"mean{layer}"][batch] = model.pool(each.float(), mask, "mean", owner).numpy()
    return out
