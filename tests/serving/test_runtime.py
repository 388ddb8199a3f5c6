"""The runtime reads and cuts texts as training did, and batches them without losing their order."""

from pathlib import Path
from typing import Any

import pytest
import torch

from rankfirst.engine import portable, sources
from rankfirst.engine.model import TextModel
from rankfirst.errors import RunError
from rankfirst.serving import Runtime
from rankfirst.serving.runtime import TOKENS, batches
from tests.engine import tiny

TEXTS = ["send cash", "", "please help my card now the limit rate block", "lost"]


@pytest.fixture(params=["bert", "xlm-roberta", "qwen2"])
def model(request: pytest.FixtureRequest, tmp_path: Path) -> TextModel:
    return TextModel(sources.resolve(str(tiny.write_base(tmp_path / "base", request.param))), torch.device("cpu"))


@pytest.mark.parametrize("prefix", ["", "send "])
@pytest.mark.parametrize("limit", [4, 64])
def test_tokens_are_those_of_training(model: TextModel, tmp_path: Path, prefix: str, limit: int) -> None:
    from tokenizers import Tokenizer

    portable.write_tokenizer(model, tmp_path / "tokenizer")
    runtime = Runtime.__new__(Runtime)  # the tokenizer's half of it
    runtime.facts = {"prefix": prefix, "max_tokens": limit}
    runtime.frame = portable.frame(model, prefix)
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


@pytest.mark.parametrize("facts", [{}, {"frame": {}}])
def test_what_was_not_exported_is_said(tmp_path: Path, facts: dict[str, Any]) -> None:
    with pytest.raises(RunError, match="rankfirst export"):
        Runtime(tmp_path / "run" / "model", facts, "int8")
