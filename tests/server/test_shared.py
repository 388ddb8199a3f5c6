"""Real deliveries side by side: frozen ones on the same base share one session, and answer as they do alone."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from rankfirst import api
from rankfirst.errors import OptionError, RunError
from rankfirst.model import export as exporting
from rankfirst.model.classifier import load
from tests import runs
from tests.engine import tiny

onnx = pytest.importorskip("onnx", reason="exporting needs the extra onnx (pip install -e '.[dev]')")
pytest.importorskip("onnxscript", reason="exporting needs the extra onnx (pip install -e '.[dev]')")
pytest.importorskip("fastapi", reason="serving needs the extra serve (pip install -e '.[dev]')")
pytestmark = pytest.mark.slow

from rankfirst.model.onnx.shared import Library  # noqa: E402
from rankfirst.server.shared_sessions import TenantClassifier, loader  # noqa: E402
from rankfirst.server.tenants import Tenants  # noqa: E402

TEXTS = ["send my card", "cash limit please", "block the card now", "rate"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two frozen deliveries on one base with heads of another size, a LoRA on it, and what was never exported."""
    folder = tmp_path_factory.mktemp("tenants")
    base, rows, every = tiny.write_base(folder / "base" / "tiny-bert", "bert"), runs.write_rows(folder), folder / "all"
    runs.fit_frozen(rows, every / "one", base)
    api.fit(rows, every / "lora", base_model=str(base), always_lora=True, budget="30s", knobs=("rank=1",))
    facts = json.loads((every / "one" / "model" / "decision.json").read_text())
    assert facts["kind"] == "frozen"
    shutil.copytree(every / "one", every / "two")
    head = load_file(every / "two" / "model" / "head.safetensors")
    more = {name: np.concatenate([tensor, -tensor[:1]]) for name, tensor in head.items()}
    save_file(more, every / "two" / "model" / "head.safetensors")
    names = ["a", "b", "c", "transfer"]
    (every / "two" / "model" / "decision.json").write_text(json.dumps(facts | {"classes": names}))
    (every / "two" / "model" / "labels.json").write_text(json.dumps(names))
    runs.reseal(every / "two" / "model")
    for name in ("one", "two", "lora"):
        exporting.export(every / name, ["onnx"])
    shutil.copytree(folder / "all" / "one", folder / "all" / "plain", ignore=shutil.ignore_patterns("*.onnx"))
    return folder / "all"


def test_frozen_deliveries_share_the_encoder_and_answer_as_when_alone(root: Path) -> None:
    library = Library()
    held = {name: TenantClassifier(root / name / "model", "onnx", library) for name in ("one", "two", "lora")}
    sizes = []
    for name, model in held.items():
        alone = load(root / name, "onnx").predict_proba(TEXTS)
        assert np.abs(model.predict_proba(TEXTS) - alone).max() < 1e-5
        sizes.append(library.bytes)
    assert "transfer" in held["two"].classes and "transfer" not in held["one"].classes
    assert held["one"].predictor.session.session is held["two"].predictor.session.session
    assert held["one"].predictor.tokenizer is held["lora"].predictor.tokenizer
    assert sizes[0] == sizes[1] < sizes[2]  # the second frozen one cost nothing, the merged LoRA a graph
    del held["one"]
    assert library.bytes == sizes[2]
    held.clear()
    del model
    assert library.bytes == 0


def test_a_delivery_that_claims_the_encoder_of_another_does_not_get_it(root: Path, tmp_path: Path) -> None:
    """Not even with a manifest of its own."""
    shutil.copytree(root / "one", tmp_path / "claims")
    path = tmp_path / "claims" / "model" / "model.onnx"
    model = onnx.load(str(path))
    weight = next(each for each in model.graph.initializer if each.name.endswith("word_embeddings.weight"))
    own = onnx.numpy_helper.to_array(weight) + np.float32(0.25) * np.arange(16, dtype=np.float32)
    weight.CopyFrom(onnx.numpy_helper.from_array(own, weight.name))
    onnx.save(model, str(path))
    runs.reseal(path.parent)
    library = Library()
    false, true = (TenantClassifier(each / "model", "onnx", library) for each in (tmp_path / "claims", root / "one"))
    assert false.facts["graphs"] == true.facts["graphs"]
    apart = np.abs(false.predict_proba(TEXTS) - true.predict_proba(TEXTS)).max()
    assert apart > 1e-3 and false.predictor.session.session is not true.predictor.session.session
    assert np.abs(true.predict_proba(TEXTS) - load(root / "one", "onnx").predict_proba(TEXTS)).max() < 1e-5


def test_a_graph_with_the_head_of_another_delivery_is_refused(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "one", tmp_path / "mixed")
    head = tmp_path / "mixed" / "model" / "head.safetensors"
    save_file({name: tensor[::-1].copy() for name, tensor in load_file(head).items()}, head)
    runs.reseal(head.parent)
    for model in (TenantClassifier(head.parent, "onnx", Library()), load(tmp_path / "mixed", "onnx")):
        with pytest.raises(RunError, match="does not contain the classification head"):
            model.predict(TEXTS)


def test_tenants_of_real_runs(root: Path) -> None:
    held = Tenants(root, loader("onnx"), 2, 1000_000_000)
    assert held.by_name["plain"].problem == "run.not_exported" and held.broken == 1
    for name in ("one", "two", "lora", "one"):
        rows, (_, said) = held.answer(name, TEXTS)
        assert len(rows) == len(TEXTS) and said.startswith(name)
    assert held.loaded == 2


def test_an_old_graph_without_states_has_its_own_session(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "one", tmp_path / "old")
    path = tmp_path / "old" / "model" / "model.onnx"
    model = onnx.load(str(path))
    model.graph.output.pop()
    onnx.save(model, str(path))
    runs.reseal(path.parent)
    library = Library()
    here, there = (
        TenantClassifier(path.parent, "onnx", library),
        TenantClassifier(root / "one" / "model", "onnx", library),
    )
    assert np.abs(here.predict_proba(TEXTS) - there.predict_proba(TEXTS)).max() < 1e-5
    assert here.predictor.session is not there.predictor.session.session


def test_a_failed_self_test_and_torch_are_refused(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "one", tmp_path / "bad")
    check = tmp_path / "bad" / "model" / "check.json"
    check.write_text(json.dumps({"formats": [{"kind": "onnx", "passed": False}]}))
    runs.reseal(check.parent)
    with pytest.raises(RunError):
        _ = TenantClassifier(check.parent, "onnx", Library()).cost
    with pytest.raises(OptionError, match="int8, onnx or fleet"):
        loader("torch")
