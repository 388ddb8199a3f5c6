"""The runtime reads and cuts texts as training did, and batches them without losing their order."""

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch

from rankfirst.engine.base_models import sources
from rankfirst.engine.export import formats
from rankfirst.engine.network.model import TextModel
from rankfirst.errors import RunError
from rankfirst.model.onnx import Runtime
from rankfirst.model.onnx.runtime import TOKENS, batches
from tests.engine import tiny

TEXTS = ["send cash", "", "please help my card now the limit rate block", "lost"]


@pytest.fixture(params=["bert", "xlm-roberta", "qwen2"])
def model(request: pytest.FixtureRequest, tmp_path: Path) -> TextModel:
    return TextModel(sources.resolve(str(tiny.write_base(tmp_path / "base", request.param))), torch.device("cpu"))


@pytest.mark.parametrize("prefix", ["", "send "])
@pytest.mark.parametrize("limit", [4, 64])
def test_tokens_equal_those_of_training(model: TextModel, tmp_path: Path, prefix: str, limit: int) -> None:
    from tokenizers import Tokenizer

    formats.write_tokenizer(model, tmp_path / "tokenizer")
    runtime = Runtime.__new__(Runtime)  # the tokenizer's half of it
    runtime.facts = {"prefix": prefix, "max_tokens": limit}
    runtime.frame = formats.frame(model, prefix)
    runtime.tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer" / "tokenizer.json"))
    runtime.tokenizer.no_truncation()
    runtime.tokenizer.no_padding()
    told = model.tokenize(TEXTS, prefix, limit)
    assert runtime.tokens(TEXTS) == [list(told.windows[w]) for w in told.of(range(len(TEXTS)))]


def test_every_row_is_in_one_batch_of_bounded_size() -> None:
    lengths = [5, 300, 7, 2000, 5, 9000, 1] * 40
    made = batches(lengths)
    assert sorted(row for batch in made for row in batch) == list(range(len(lengths)))
    assert all(len(b) == 1 or len(b) * max(lengths[i] for i in b) <= TOKENS for b in made)
    assert batches([]) == []


def test_many_texts_use_every_core_and_a_single_one_is_one_batch() -> None:
    assert batches([13], 8) == [[0]]
    assert len(batches([13] * 4, 8)) == 1  # too little to share
    assert [len(batch) for batch in batches([16] * 64, 2)] == [32, 32]


@pytest.mark.parametrize("cores", [1, 3])
def test_answers_of_all_cores_come_back_in_the_order_of_the_texts(cores: int) -> None:
    threads = set()

    class Session:
        def run(self, outputs: Sequence[str], feed: Mapping[str, Any]) -> list[Any]:
            threads.add(threading.get_ident())
            time.sleep(0.02)
            return [(feed["input_ids"] * feed["attention_mask"]).sum(axis=1, keepdims=True) for _ in outputs]

    runtime = Runtime.__new__(Runtime)
    runtime.facts, runtime.frame, runtime.session = {"classes": ["a"]}, {"pad": 7}, Session()
    runtime.cores, runtime.pool = cores, ThreadPoolExecutor(2) if cores > 1 else None
    lengths = [(n * 37) % 50 + 1 for n in range(100)]
    runtime.tokens = lambda texts: [[1] * int(text) for text in texts]  # type: ignore[method-assign]
    assert runtime.logits([str(n) for n in lengths])[:, 0].tolist() == lengths
    assert len(threads) == cores
    assert runtime.logits([]).shape == (0, 1)


@pytest.mark.parametrize(
    "spoilt", [{"pad": None}, {"head": 3}, {"tail": ["x"]}, {"cuts_left": ...}], ids=lambda each: next(iter(each))
)
def test_a_malformed_frame_is_an_error_before_any_text(spoilt: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"")
    frame = {"head": [2], "tail": [3], "cuts_left": False, "pad": 0} | spoilt
    frame = {name: value for name, value in frame.items() if value is not ...}
    with pytest.raises((KeyError, TypeError, ValueError)):  # `Classifier` tells them as a damaged delivery
        Runtime(tmp_path, {"frame": frame})


@pytest.mark.parametrize("facts", [{}, {"frame": {}}])
def test_a_missing_export_is_a_clear_error(tmp_path: Path, facts: dict[str, Any]) -> None:
    with pytest.raises(RunError, match="rankfirst export"):
        Runtime(tmp_path / "run" / "model", facts, "int8")
