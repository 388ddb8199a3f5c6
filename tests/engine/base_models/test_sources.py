"""A base model that cannot be used is one clear line, in both languages, and never runs code."""

import importlib.util
import json
import os
import pickle
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from rankfirst.engine.base import Source
from rankfirst.engine.base_models import sources
from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.network.model import TextModel
from rankfirst.errors import ModelError
from tests.engine import tiny

EYE = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
EYE |= {"image_size": 8, "patch_size": 4}
EAR: dict[str, Any] = {**EYE, "conv_dim": (8, 8), "conv_kernel": (3, 3), "conv_stride": (2, 2)}
EAR |= {"num_conv_pos_embeddings": 4, "num_conv_pos_embedding_groups": 2}
T5 = {"vocab_size": 17, "d_model": 16, "d_kv": 8, "d_ff": 24, "num_layers": 2, "num_heads": 2}

DEEP = pytest.param(
    b"[" * 100_000,
)
SHORT_OFFSETS = pytest.param(
    b'{"x": {"data_offsets": [0]}}',
)


def refused(spec: str, code: str) -> None:
    """Loading ends in this error, told in one line of English and one of Chinese."""
    with pytest.raises(ModelError) as caught:
        TextModel(resolve(spec), torch.device("cpu"))
    error = caught.value
    assert error.code == code
    english, chinese = error.sentence("en"), error.sentence("zh")
    assert english != chinese and any("\u4e00" <= c <= "\u9fff" for c in chinese)
    for line in (english, chinese):
        assert line and "\n" not in line and "\r" not in line and len(line) < 700


@pytest.fixture
def base(bert: Source, tmp_path: Path) -> Path:
    """A whole BERT, to be spoilt."""
    return Path(shutil.copytree(bert.folder, tmp_path / "base"))


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


class Bomb:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


def test_a_whole_folder_loads_and_its_hash_follows_the_weights(base: Path) -> None:
    before = resolve(str(base))
    assert TextModel(before, torch.device("cpu")).layers == 3
    save_file({"x": torch.zeros(2)}, base / "more.safetensors")
    assert len(before.sha256) == 64 and resolve(str(base)).sha256 != before.sha256


def test_an_unknown_hub_id_offline() -> None:
    refused("nobody-here/no-such-model", "model.offline")


def test_a_hub_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def unreachable(*_: Any, **__: Any) -> str:
        raise OSError("no route to host\nand a second line")

    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setattr(huggingface_hub, "snapshot_download", unreachable)
    refused("nobody-here/no-such-model", "model.offline")


@pytest.mark.parametrize("spec", ["/no/such/folder", "./no-such", "../no-such", "a/b/c", "https://huggingface.co/a/b"])
def test_a_missing_folder(spec: str) -> None:
    refused(spec, "model.no_folder")


def test_a_file_instead_of_a_folder(base: Path) -> None:
    refused(str(base / "config.json"), "model.no_folder")


@pytest.mark.parametrize(
    "spec", ["a..b/c", "a b/c", "org/na\nme", "-x/y", "x\0y", "ms:../x", "ms:a/../b", "pkg:../x", "pkg:a/b", "C:\\m\\x"]
)
def test_an_id_that_is_none(spec: str) -> None:
    refused(spec, "model.bad_id")


def test_a_climbing_id_reaches_no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_hub", lambda spec: pytest.fail(f"asked the hub for {spec}"))
    for spec in ("../../etc/passwd", "a/../../b", "..x/..y", "a/..", "%2e%2e/x"):
        with pytest.raises(ModelError):
            resolve(spec)


@pytest.mark.parametrize(
    "spec", ["~no-such-user/model", "/" + "long" * 1000, "long" * 1000], ids=["no-user", "long-path", "long-name"]
)
def test_a_path_the_system_refuses(spec: str) -> None:
    with pytest.raises(ModelError):
        resolve(spec)


def test_a_package_that_is_not_installed() -> None:
    refused("pkg:surely-not-installed-anywhere", "model.no_package")


def test_a_package_without_a_model() -> None:
    refused("pkg:numpy", "model.empty_package")


def test_a_package_whose_weights_are_not_the_published_ones(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_package_folder", lambda name: base)
    monkeypatch.setattr(sources, "KNOWN_WEIGHTS", {"known": "0" * 64})
    refused("pkg:known", "model.wrong_hash")


def test_modelscope_without_its_client(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "modelscope" else real(name))
    refused("ms:owner/name", "model.no_modelscope")


def test_a_folder_without_config(base: Path) -> None:
    (base / "config.json").unlink()
    refused(str(base), "model.no_config")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1]", b"null", b"\xff\xfe\x00", b"{}", b'{"model_type": 3}', DEEP], ids=range(8)
)
def test_a_damaged_config(base: Path, content: bytes) -> None:
    (base / "config.json").write_bytes(content)
    refused(str(base), "model.bad_config")


def test_pickled_weights_are_refused_unopened(base: Path, tmp_path: Path) -> None:
    (base / "model.safetensors").unlink()
    (base / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb(tmp_path / "exploded")))
    refused(str(base), "model.no_safetensors")
    assert not (tmp_path / "exploded").exists()


def test_pickled_weights_beside_good_ones_are_not_opened(base: Path, tmp_path: Path) -> None:
    (base / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb(tmp_path / "exploded")))
    TextModel(resolve(str(base)), torch.device("cpu"))
    assert not (tmp_path / "exploded").exists()


def test_code_of_the_model_is_not_run(base: Path, tmp_path: Path) -> None:
    (base / "evil.py").write_text(f"import os; os.mkdir({str(tmp_path / 'exploded')!r})", encoding="utf-8")
    config = {"model_type": "evil", "auto_map": {"AutoConfig": "evil.Config", "AutoModel": "evil.Model"}}
    (base / "config.json").write_text(json.dumps(config), encoding="utf-8")
    refused(str(base), "model.unloadable")
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize("kept", [0, 4, 8, 500, -1])
def test_weights_that_are_cut_off(base: Path, kept: int) -> None:
    path = base / "model.safetensors"
    path.write_bytes(path.read_bytes()[:kept])
    refused(str(base), "model.damaged")


@pytest.mark.parametrize("header", [b"\xff", b"[1]", b'{"x": 1}', b'{"x": {}}', SHORT_OFFSETS, DEEP], ids=range(6))
def test_weights_with_a_corrupted_header(base: Path, header: bytes) -> None:
    (base / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    refused(str(base), "model.damaged")


@pytest.mark.parametrize("side", ['"x"', "-1", "1.5", "[]", "null"])
def test_weights_of_a_shape_that_is_none(base: Path, side: str) -> None:
    header = f'{{"x": {{"dtype": "F32", "shape": [{side}], "data_offsets": [0, 4]}}}}'.encode()
    (base / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"0000")
    refused(str(base), "model.damaged")


def test_a_tokenizer_with_a_setting_of_another_type(base: Path) -> None:
    path = base / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"model_max_length": "x"}))
    refused(str(base), "model.unloadable")


def test_a_tokenizer_of_another_model(base: Path) -> None:
    """It loads, and no text is read with tokens that have no vector."""
    path = base / "tokenizer.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    told["model"]["vocab"]["card"] = 5000
    path.write_text(json.dumps(told), encoding="utf-8")
    model = TextModel(resolve(str(base)), torch.device("cpu"))
    with pytest.raises(ModelError) as caught:
        model.tokenize(["send", "my card"], "", 16)
    assert caught.value.code == "model.token" and caught.value.fields["token"] == 5000


def test_weights_of_an_unknown_number_type(base: Path) -> None:
    path = base / "model.safetensors"
    path.write_bytes(path.read_bytes().replace(b'"F32"', b'"F99"', 1))
    refused(str(base), "model.unloadable")


def test_weights_of_other_sizes(base: Path) -> None:
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    (base / "config.json").write_text(json.dumps(config | {"hidden_size": 32}), encoding="utf-8")
    refused(str(base), "model.unloadable")


def spoil_nothing_fits(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {"something.else": torch.zeros(3)}


def spoil_one_block(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: t for name, t in tensors.items() if "layer.1." not in name}


@pytest.mark.parametrize("spoil", [spoil_nothing_fits, spoil_one_block])
def test_weights_that_lack_blocks_are_not_made_up(base: Path, spoil: Callable[..., dict[str, torch.Tensor]]) -> None:
    path = base / "model.safetensors"
    save_file(spoil(load_file(path)), path, metadata={"format": "pt"})
    refused(str(base), "model.unloadable")


def test_weights_without_a_pooler_are_whole(base: Path) -> None:
    path = base / "model.safetensors"
    save_file({n: t for n, t in load_file(path).items() if "pooler" not in n}, path, metadata={"format": "pt"})
    assert TextModel(resolve(str(base)), torch.device("cpu")).layers == 3


@pytest.mark.parametrize("kind", ["bert", "roberta", "electra", "qwen2"])
def test_weights_saved_with_their_language_head_are_whole(tmp_path: Path, kind: str) -> None:
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForMaskedLM

    tiny.write_tokenizer(tmp_path)
    auto = AutoModelForCausalLM if kind == "qwen2" else AutoModelForMaskedLM
    auto.from_config(AutoConfig.for_model(kind, **tiny.ARCHITECTURES[kind])).save_pretrained(str(tmp_path))
    assert TextModel(resolve(str(tmp_path)), torch.device("cpu")).layers == 3


def test_a_lost_shard(tmp_path: Path) -> None:
    from transformers import AutoConfig, AutoModel

    tiny.write_tokenizer(tmp_path)
    model = AutoModel.from_config(AutoConfig.for_model("bert", **tiny.BERT))
    model.save_pretrained(str(tmp_path), max_shard_size="10KB")
    sorted(tmp_path.glob("*.safetensors"))[1].unlink()
    refused(str(tmp_path), "model.unloadable")


def test_a_model_type_nobody_knows(base: Path) -> None:
    (base / "config.json").write_text('{"model_type": "nobody-knows"}', encoding="utf-8")
    refused(str(base), "model.unloadable")


def test_a_folder_without_tokenizer(base: Path) -> None:
    for path in base.glob("token*"):
        path.unlink()
    refused(str(base), "model.unloadable")


@pytest.mark.parametrize(
    ("kind", "sizes", "tokenizer"),
    [
        pytest.param("vit", EYE, True, id="vit"),
        pytest.param("vit", EYE, False, id="vit-no-tokenizer"),
        pytest.param("wav2vec2", EAR, True, id="wav2vec2"),
        pytest.param("wav2vec2", EAR, False, id="wav2vec2-no-tokenizer"),
    ],
)
def test_a_model_that_does_not_read_text(tmp_path: Path, kind: str, sizes: dict[str, Any], tokenizer: bool) -> None:
    tiny.write_base(tmp_path, kind, **sizes)
    for path in [] if tokenizer else tmp_path.glob("token*"):
        path.unlink()
    refused(str(tmp_path), "model.not_text")


def test_an_encoder_decoder(tmp_path: Path) -> None:
    refused(str(tiny.write_base(tmp_path, "t5", **T5)), "model.not_text")
