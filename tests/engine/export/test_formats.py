"""Graphs and merged weights answer as the engine's own network, whatever the base, the pooling and the batch."""

from pathlib import Path

import numpy as np
import pytest
import torch

from rankfirst.engine.base_models import sources
from rankfirst.engine.export import formats
from rankfirst.engine.network.model import TextModel
from rankfirst.errors import OptionError
from tests.engine import tiny

onnxruntime = pytest.importorskip("onnxruntime", reason="exporting needs the extra onnx (pip install -e '.[dev]')")
pytest.importorskip("onnxscript", reason="exporting needs the extra onnx (pip install -e '.[dev]')")
TEXTS = ("send cash", "card", "please help my card now the limit", "lost lost lost")


@pytest.fixture
def made(request: pytest.FixtureRequest, tmp_path: Path) -> TextModel:
    kind, pooling = request.param
    model = TextModel(sources.resolve(str(tiny.write_base(tmp_path / "base", kind))), torch.device("cpu"))
    random = torch.Generator().manual_seed(0)
    model.pooling = pooling
    model.set_head(torch.randn(3, model.hidden, generator=random), torch.randn(3, generator=random))
    return model


def expected(model: TextModel, rows: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    ids, mask, _ = model.batch(model.tokenize(TEXTS, "", 16), rows)
    with torch.no_grad():
        return ids.numpy(), mask.long().numpy(), model.logits(ids, mask).numpy()


@pytest.mark.parametrize("pooling", ["mean", "cls", "max", "last"])
def test_pooling_inside_the_graph_is_the_engines(pooling: str) -> None:
    states = torch.randn(3, 5, 4, generator=torch.Generator().manual_seed(1))
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [1, 0, 0, 0, 0]])
    told = TextModel.pool(None, states, mask.bool(), pooling)  # type: ignore[arg-type]
    assert torch.allclose(formats.pooled(states, mask, pooling), told, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(
    "made", [("bert", "mean"), ("xlm-roberta", "cls"), ("qwen2", "last"), ("distilbert", "max")], indirect=True, ids=str
)
def test_a_graph_for_any_number_of_texts_and_tokens(made: TextModel, tmp_path: Path) -> None:
    formats.write_onnx(made, tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"))
    for rows in ([1], [0, 2], [0, 1, 2, 3]):
        ids, mask, logits = expected(made, rows)
        got = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        assert np.abs(got - logits).max() < 1e-4
    assert made.encoder.config._attn_implementation == "sdpa"  # as it was


@pytest.mark.slow
@pytest.mark.parametrize("made", [("bert", "mean")], indirect=True, ids=str)
def test_a_runtime_knows_the_gelu_of_a_graph(made: TextModel, tmp_path: Path) -> None:
    import onnx

    formats.write_onnx(made, tmp_path / "model.onnx")
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "fused.onnx")
    onnxruntime.InferenceSession(str(tmp_path / "model.onnx"), options)
    kinds = [node.op_type for node in onnx.load(str(tmp_path / "fused.onnx")).graph.node]
    assert "Erf" not in kinds and sum("Gelu" in kind for kind in kinds) == made.encoder.config.num_hidden_layers


@pytest.mark.slow
@pytest.mark.parametrize("made", [("bert", "mean")], indirect=True, ids=str)
def test_int8_is_smaller_and_leaves_the_head_alone(made: TextModel, tmp_path: Path) -> None:
    import onnx

    formats.write_onnx(made, tmp_path / "model.onnx")
    formats.write_int8(tmp_path / "model.onnx", tmp_path / "small.onnx")
    kinds = {node.name: node.op_type for node in onnx.load(str(tmp_path / "small.onnx")).graph.node
             if formats.HEAD in node.input}  # fmt: skip
    assert list(kinds.values()) == ["MatMul"]
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("made", [("bert", "cls")], indirect=True, ids=str)
def test_merged_weights_load_plainly_and_name_their_pooling(made: TextModel, tmp_path: Path) -> None:
    import json

    from transformers import AutoModel, AutoTokenizer

    formats.write_merged(made, tmp_path / "merged", 16)
    model, tokenizer = (each.from_pretrained(tmp_path / "merged") for each in (AutoModel, AutoTokenizer))
    ids, mask, _ = expected(made, [0, 2])
    with torch.no_grad():
        states = model(torch.tensor(ids), attention_mask=torch.tensor(mask)).last_hidden_state
        assert torch.allclose(states, made.hidden_states(torch.tensor(ids), torch.tensor(mask).bool()), atol=1e-5)
    assert tokenizer(TEXTS[0])["input_ids"] == made.tokenizer(TEXTS[0])["input_ids"]
    told = json.loads((tmp_path / "merged" / "1_Pooling" / "config.json").read_text())
    assert told["pooling_mode_cls_token"] and not told["pooling_mode_mean_tokens"]


@pytest.mark.parametrize("made", [("bert", "mean")], indirect=True, ids=str)
def test_a_missing_library_is_one_line(made: TextModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(OptionError, match=r'pip install "rankfirst\[onnx\]"'):
        formats.write_onnx(made, tmp_path / "model.onnx")


@pytest.mark.parametrize(
    "made", [("bert", "mean"), ("xlm-roberta", "cls"), ("distilbert", "max"), ("qwen2", "last")], indirect=True, ids=str
)
@pytest.mark.parametrize("prefix", ["", "help : "])
def test_sentence_transformers_reads_the_same_states(made: TextModel, tmp_path: Path, prefix: str) -> None:
    """With its pooling, its limit and its prefix; the head makes logits of what `encode` returns."""
    transformers = pytest.importorskip("sentence_transformers", reason="pip install sentence-transformers")
    texts = (*TEXTS, "send my card " * 20)
    formats.write_merged(made, tmp_path / "merged", 12, prefix)
    read = made.tokenize(texts, prefix, 12)
    with torch.no_grad():
        logits = torch.cat([made.logits(*made.batch(read, [row])[:2]) for row in range(len(texts))]).numpy()
    encoder = transformers.SentenceTransformer(str(tmp_path / "merged"), device="cpu")
    told = encoder.encode(list(texts)) @ made.head.weight.detach().numpy().T + made.head.bias.detach().numpy()
    assert np.abs(told - logits).max() < 1e-4
