"""What a checkpoint may lack or hold beside the base, in which precision it may be, and which families are refused."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.network.model import TextModel
from rankfirst.engine.training.loop import Loop, Trace
from rankfirst.engine.training.schedules import warm_hold_fall
from rankfirst.errors import ModelError
from rankfirst.messages import LANGS, say
from rankfirst.records import BaseFacts, Head
from tests.engine import tiny
from tests.engine.base_models.test_sources import refused

ENCODERS = ("bert", "roberta", "distilbert", "deberta-v2", "electra", "mpnet", "albert", "ernie", "modernbert")
SPOILT = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}
GEMMA3 = {
    "text_config": tiny.GEMMA,
    "vision_config": {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 24}
    | {"image_size": 8, "patch_size": 4},
    "mm_tokens_per_image": 4,
}


def load(folder: Path) -> TextModel:
    return TextModel(resolve(str(folder)), torch.device("cpu"))


def saved_as(auto: str, kind: str, folder: Path) -> Any:
    """A tiny model of a class for some task, in `folder` with its tokenizer."""
    import transformers

    torch.manual_seed(3)
    tiny.write_tokenizer(folder)
    config = transformers.AutoConfig.for_model(tiny.MODEL_TYPES.get(kind, kind), **tiny.ARCHITECTURES[kind])
    model = getattr(transformers, auto).from_config(config).eval()
    model.save_pretrained(str(folder))
    return model


def rewrite(folder: Path, **changes: Any) -> None:
    """Change some tensors of a checkpoint by name, or all of them with `every`."""
    path = folder / "model.safetensors"
    tensors = load_file(path)
    every = changes.pop("every", None)
    tensors = {name: every(name, t) for name, t in tensors.items()} if every else tensors | changes
    save_file({n: t for n, t in tensors.items() if t is not None}, path, metadata={"format": "pt"})


@pytest.mark.parametrize("kind", ENCODERS)
@pytest.mark.parametrize("auto", ["AutoModelForMaskedLM", "AutoModelForSequenceClassification"])
def test_a_checkpoint_of_a_task_loads_as_its_base(tmp_path: Path, auto: str, kind: str) -> None:
    """Weights of the task's head are left out, a pooler that is in no file is made up, and neither is asked."""
    task = saved_as(auto, kind, tmp_path)
    model = load(tmp_path)
    ids, mask = model.pad([[2, 7, 8, 9, 3], [2, 10, 3]])
    with torch.no_grad():
        base = getattr(task, task.base_model_prefix)
        expected = base(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        assert torch.equal(model.hidden_states(ids, mask)[mask], expected[mask])


def test_weights_of_another_shape_are_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """transformers alone draws a table on stderr and says in which of its own arguments the fault lies."""
    import json

    tiny.write_base(tmp_path, "bert")
    told = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(told | {"intermediate_size": 32}))
    capfd.readouterr()
    with pytest.raises(ModelError, match=r"of another shape, encoder\.layer\.0") as caught:
        load(tmp_path)
    assert caught.value.code == "model.unloadable"
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("kind", tiny.DECODERS)
def test_a_language_model_loads_as_its_base(tmp_path: Path, kind: str) -> None:
    saved_as("AutoModelForCausalLM", kind, tmp_path)
    assert load(tmp_path).causal


@pytest.mark.parametrize("kind", ENCODERS)
def test_no_answer_comes_through_a_pooler(tmp_path: Path, kind: str) -> None:
    """So it does no harm that transformers makes up a pooler which a file lacks."""
    model = load(tiny.write_base(tmp_path, kind))
    before = [model.pool(states(model), torch.ones(1, 5, dtype=torch.bool), p) for p in model.poolings]
    with torch.no_grad():
        for name, p in model.encoder.named_parameters():
            if name.startswith("pooler."):
                p.fill_(float("nan"))
    after = [model.pool(states(model), torch.ones(1, 5, dtype=torch.bool), p) for p in model.poolings]
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


@torch.no_grad()
def states(model: TextModel) -> torch.Tensor:
    return model.hidden_states(*model.pad([[2, 7, 8, 9, 3]]))


@pytest.mark.parametrize("kind", ENCODERS)
def test_a_weight_that_is_in_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    tiny.write_base(tmp_path, kind)
    lost = [
        n for n in load_file(tmp_path / "model.safetensors") if not n.startswith("pooler.") and n.endswith("weight")
    ]
    rewrite(tmp_path, every=lambda name, t: None if name == lost[-1] else t)
    refused(str(tmp_path), "model.unloadable")


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=["float16", "bfloat16"])
@pytest.mark.parametrize("kind", ["bert", "modernbert", "gpt2", "qwen2"])
def test_half_precision_trains_in_float32(tmp_path: Path, kind: str, dtype: torch.dtype) -> None:
    import transformers

    folder = tiny.write_base(tmp_path / "base", kind)
    transformers.AutoModel.from_pretrained(folder).to(dtype).save_pretrained(folder)
    assert {t.dtype for t in load_file(folder / "model.safetensors").values()} == {dtype}
    engine = tiny.engine(resolve(str(folder)), tmp_path / "work")
    recipe = tiny.recipe()
    loop, trace = Loop(engine.corpus, recipe, None, engine.heads[Head.PROBE]), Trace(1)
    loop.train(range(8), warm_hold_fall(10**6), trace)
    tensors = [*engine.model.encoder.parameters(), *engine.model.head.parameters()]
    assert {t.dtype for t in tensors} == {torch.float32}
    assert all(t.isfinite().all() for t in tensors) and trace.loss[0] > 0


@pytest.mark.parametrize("value", SPOILT.values(), ids=SPOILT)
def test_weights_that_are_not_finite_are_refused(tmp_path: Path, value: float) -> None:
    folder = tiny.write_base(tmp_path, "bert")
    name = "encoder.layer.1.output.dense.weight"
    spoilt = load_file(folder / "model.safetensors")[name].clone()
    spoilt[0, 0] = value
    rewrite(folder, **{name: spoilt})
    refused(str(folder), "model.not_finite")


def test_weights_that_overflow_in_float16_are_refused(tmp_path: Path) -> None:
    folder = tiny.write_base(tmp_path, "qwen2")
    rewrite(
        folder, every=lambda name, t: (t * 1e6).half() if name.endswith("layers.0.mlp.up_proj.weight") else t.half()
    )
    refused(str(folder), "model.not_finite")


@pytest.mark.parametrize(
    ("kind", "sizes", "code"),
    [
        pytest.param("convbert", tiny.BERT | {"embedding_size": 16}, "model.padding", id="convolutions-see-padding"),
        pytest.param("fnet", tiny.SIZES | {"intermediate_size": 24}, "model.padding", id="fourier-sees-padding"),
        pytest.param("mamba", tiny.SIZES, "model.no_blocks", id="no-attention"),
        pytest.param("gemma3", GEMMA3, "model.not_text", id="text-and-images"),
        pytest.param(
            "opt", tiny.BERT | {"ffn_dim": 24, "word_embed_proj_dim": 8}, "model.no_states", id="states-of-another-size"
        ),
    ],
)
def test_families_that_cannot_work_are_refused(tmp_path: Path, kind: str, sizes: dict[str, Any], code: str) -> None:
    refused(str(tiny.write_base(tmp_path, kind, **sizes)), code)


@pytest.mark.parametrize("kind", ["opt", "gpt_neox", "olmo2", "starcoder2"])
def test_a_decoder_is_known_by_what_it_does(tmp_path: Path, kind: str) -> None:
    sizes = tiny.DECODER | ({"ffn_dim": 24, "word_embed_proj_dim": 16} if kind == "opt" else {})
    model = load(tiny.write_base(tmp_path, kind, **sizes))
    assert model.causal and model.pooling == "last"


@pytest.mark.parametrize(("fused", "passes"), [(False, 1), (True, 1), (False, 12)])
def test_what_is_odd_about_a_base_is_told_in_a_sentence(fused: bool, passes: int) -> None:
    facts = BaseFacts("tiny", 1, 8, {}, 512, 100, 100, 10, 9, 1, fused=fused, passes=passes)
    told = [say(code, lang, passes=passes) for code in facts.remarks for lang in LANGS]
    assert len(told) == 2 * (fused + (passes > 1)) and all(told)
