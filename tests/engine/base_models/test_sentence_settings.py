"""What the files beside a base's weights decide: the prompt before a text, and the pooling."""

import json
from pathlib import Path
from typing import Any

import pytest

from rankfirst.engine.base_models import sentence_settings
from rankfirst.engine.base_models.sentence_settings import SentenceSettings
from rankfirst.engine.base_models.sources import resolve
from rankfirst.errors import ModelError
from tests.engine import tiny

KIND = "sentence_transformers.models."


def write(folder: Path, name: str, content: Any) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(content), encoding="utf-8")


def modules(folder: Path, pooling: dict[str, Any], *after: str, kind: str = KIND) -> None:
    """A model that pools so, with further modules."""
    names = ("Transformer", "Pooling", *after)
    paths = ["" if i == 0 else f"{i}_{name}" for i, name in enumerate(names)]
    each = [
        {"idx": i, "name": str(i), "path": p, "type": kind + n}
        for i, (n, p) in enumerate(zip(names, paths, strict=True))
    ]
    write(folder, "modules.json", each)
    write(folder, "1_Pooling/config.json", pooling)


def flags(**on: bool) -> dict[str, Any]:
    names = ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken")
    return {"word_embedding_dimension": 16, **{f"pooling_mode_{name}": on.get(name, False) for name in names}}


def test_a_base_without_such_files_states_nothing(tmp_path: Path):
    assert sentence_settings.read("x", tmp_path) == SentenceSettings()


@pytest.mark.parametrize(
    ("prompts", "default", "prompt", "query"),
    [
        ({"query": "q: ", "document": "d: "}, None, None, "q: "),
        ({"query": "q: ", "document": "d: "}, "document", "d: ", "q: "),
        (
            {"Classification": "task: classification | query: ", "query": "q: "},
            None,
            "task: classification | query: ",
            "q: ",
        ),
        ({"text": "t: "}, "gone", None, ""),
        ({"query": "", "document": ""}, None, None, ""),
        ({"classification": 7, "query": ["q"]}, None, None, ""),
        ({"classification": "a\x00b"}, None, None, ""),
        ({"classification": "x" * 5000}, None, None, ""),
        ({"query": "Instruct: classify\nQuery:"}, "query", "Instruct: classify\nQuery:", "Instruct: classify\nQuery:"),
        (None, "query", None, ""),
        (["query"], 3, None, ""),
    ],
)
def test_the_prompt_is_the_default_else_the_one_for_classification(
    tmp_path: Path, prompts: Any, default: Any, prompt: str | None, query: str
):
    write(tmp_path, "config_sentence_transformers.json", {"prompts": prompts, "default_prompt_name": default})
    found = sentence_settings.read("x", tmp_path)
    assert (found.prompt, found.query_prompt) == (prompt, query)


@pytest.mark.parametrize(
    ("settings", "pooling"),
    [
        (flags(mean_tokens=True), "mean"),
        (flags(cls_token=True), "cls"),
        (flags(max_tokens=True), "max"),
        (flags(lasttoken=True), "last"),
        (flags(weightedmean_tokens=True), ""),
        (flags(cls_token=True, mean_tokens=True), ""),
        ({"pooling_mode": "lasttoken"}, "last"),
        ({"pooling_mode": "weightedmean"}, ""),
        ([], ""),
    ],
)
def test_the_pooling_is_one_of_ours_or_not_stated(tmp_path: Path, settings: Any, pooling: str):
    modules(tmp_path, settings, "Dense", "Normalize")
    assert sentence_settings.read("x", tmp_path) == SentenceSettings(None, "", pooling, ("Dense", "Normalize"))


def test_the_last_word_of_a_module_names_its_kind(tmp_path: Path):
    modules(tmp_path, flags(cls_token=True), kind="sentence_transformers.sentence_transformer.models.")
    assert sentence_settings.read("x", tmp_path).pooling == "cls"


@pytest.mark.parametrize("path", ["../1_Pooling", "/etc"])
def test_a_path_out_of_the_folder_is_not_followed(tmp_path: Path, path: str):
    base = tmp_path / "base"
    modules(base, flags(cls_token=True))
    write(tmp_path, "1_Pooling/config.json", flags(cls_token=True))
    write(base, "modules.json", [{"path": path, "type": f"{KIND}Pooling"}])
    assert sentence_settings.read("x", base).pooling == ""


@pytest.mark.parametrize("name", ["modules.json", "config_sentence_transformers.json", "1_Pooling/config.json"])
def test_a_truncated_file_is_named(tmp_path: Path, name: str):
    modules(tmp_path, flags(cls_token=True))
    (tmp_path / name).write_text('{"prompts": ', encoding="utf-8")
    with pytest.raises(ModelError) as refused:
        sentence_settings.read("x", tmp_path)
    assert refused.value.code == "model.damaged" and refused.value.fields["file"] == name


def test_texts_are_read_after_the_prompt_and_pooled_as_the_base_wants(tmp_path: Path):
    base = tiny.write_base(tmp_path / "base", "bert")
    modules(base, flags(lasttoken=True), "Normalize")
    prompts = {"query": "help ", "classification": "card "}
    write(base, "config_sentence_transformers.json", {"prompts": prompts, "default_prompt_name": None})
    engine = tiny.engine(resolve(str(base)), tmp_path / "work")
    assert engine.prefixes == ("card ", "", "query: ", "help ") and engine.prefix == "card "
    assert set(engine.features("val")) == {"last", "mean", "cls", "max"}
    own = engine.sample_features([0, 1], "card ")["last"]
    assert (own == engine.features("train")["last"][:2]).all()
    assert not (own == engine.sample_features([0, 1], "")["last"]).all()


@pytest.mark.parametrize(("after", "remarks"), [(("Dense", "Normalize"), ("base.dense",)), (("Normalize",), ())])
def test_dense_layers_that_are_not_applied_are_named(tmp_path: Path, after: tuple[str, ...], remarks: tuple[str, ...]):
    base = tiny.write_base(tmp_path / "base", "bert")
    modules(base, flags(mean_tokens=True), *after)
    assert tiny.engine(resolve(str(base)), tmp_path / "work").facts.remarks == remarks


def test_a_prefix_of_the_user_stands_above_the_files(tmp_path: Path):
    base = tiny.write_base(tmp_path / "base", "bert")
    write(base, "config_sentence_transformers.json", {"prompts": {"a": "card "}, "default_prompt_name": "a"})
    engine = tiny.engine(resolve(str(base)), tmp_path / "work", prefix="")
    assert engine.prefixes == ("",) and engine.info.prefix == ""


def test_the_first_token_of_a_decoder_is_never_pooled(tmp_path: Path):
    base = tiny.write_base(tmp_path / "base", "qwen3")
    modules(base, flags(cls_token=True))
    assert tiny.engine(resolve(str(base)), tmp_path / "work").model.poolings == ("last", "mean")
