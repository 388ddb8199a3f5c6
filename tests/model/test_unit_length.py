"""A frozen delivery whose head reads states of unit length: every form of it divides by the norm."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from rankfirst.data import load_dataset
from rankfirst.engine.base import Source
from rankfirst.errors import RunError
from rankfirst.lifecycle.drift.readings import Reader
from rankfirst.measure.unit_length import unit_length
from rankfirst.model import export as exporting
from rankfirst.model.classifier import load
from tests import runs
from tests.engine import tiny
from tests.model import deliveries

pytest.importorskip("onnxscript", reason="exporting needs the extra onnx (pip install -e '.[dev]')")
pytest.importorskip("fastapi", reason="serving needs the extra serve (pip install -e '.[dev]')")
pytestmark = pytest.mark.slow

from rankfirst.model.onnx.shared import Library  # noqa: E402
from rankfirst.server.shared_sessions import TenantClassifier  # noqa: E402

TEXTS = [*deliveries.TEXTS, "", "card " * 30, "send my limit to the bank"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, base: Path, rows: Path) -> Path:
    """Delivered and exported."""
    run = tmp_path_factory.mktemp("unit") / "run"
    runs.fit_frozen(rows, run, base, normalize=True)
    exporting.export(run, ["merged", "onnx", "int8", "fleet"])
    return run


@pytest.fixture(scope="module")
def read(run: Path, base: Path, rows: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[np.ndarray, np.ndarray]:
    """(raw states, logits as they must be) of TEXTS, from the engine and the delivered head alone."""
    facts = json.loads((run / "model" / "decision.json").read_text("utf-8"))
    engine = tiny.engine(Source(str(base), base, ""), tmp_path_factory.mktemp("work"), load_dataset(rows),
                         prefix=facts["prefix"])  # fmt: skip
    states, head = engine.encode(TEXTS)[facts["pooling"]], load_file(run / "model" / "head.safetensors")
    return states, (unit_length(states) @ head["weight"].T + head["bias"]) / facts["temperature"]


def test_what_was_chosen_is_recorded_and_said(run: Path) -> None:
    facts = json.loads((run / "model" / "decision.json").read_text("utf-8"))
    details = next(e["payload"]["details"] for e in runs.events(run) if (e["kind"], e["key"]) == ("rung", "frozen"))
    assert facts["normalize"] is True and details["normalize"] == 1
    card = (run / "model" / "README.md").read_text("utf-8")
    assert "unit length" in card and "torch.nn.functional.normalize(pooled)" in card
    assert "states of unit length" in (run / "report.html").read_text("utf-8")
    modules = json.loads((run / "model" / "merged" / "modules.json").read_text("utf-8"))
    assert [each["type"].rpartition(".")[2] for each in modules] == ["Transformer", "Pooling", "Normalize"]
    assert (run / "model" / "merged" / "2_Normalize").is_dir()


@pytest.mark.parametrize("backend", ["torch", "onnx", "fleet"])
def test_every_backend_answers_as_training_did(run: Path, read: tuple[np.ndarray, np.ndarray], backend: str) -> None:
    states, logits = read
    found = load(run, backend).read(TEXTS)
    assert np.abs(found.logits - logits).max() < 1e-4 * np.abs(logits).max()
    assert np.abs(found.states - states).max() < 1e-4 * np.abs(states).max()  # raw: what abstention, drift and nearest


def test_int8_is_the_same_model_but_for_its_rounding(run: Path, read: tuple[np.ndarray, np.ndarray]) -> None:
    logits = read[1]
    assert np.abs(load(run, "int8").read(TEXTS).logits - logits).max() < 0.1 * np.abs(logits).max()


@pytest.mark.parametrize("kind", ["onnx", "int8", "fleet"])
def test_tenants_of_a_server_answer_as_it_does_alone(run: Path, kind: str) -> None:
    shared = TenantClassifier(run / "model", kind, Library())
    assert np.abs(shared.read(TEXTS).logits - load(run, kind).read(TEXTS).logits).max() < 1e-4


def test_a_neighbour_on_the_same_base_that_reads_raw_states_is_not_touched(
    run: Path, base: Path, rows: Path, tmp_path: Path
) -> None:
    runs.fit_frozen(rows, tmp_path / "raw", base, normalize=False)
    exporting.export(tmp_path / "raw", ["onnx", "fleet"])
    assert "normalize" not in json.loads((tmp_path / "raw" / "model" / "decision.json").read_text("utf-8"))
    for kind in ("onnx", "fleet"):
        library = Library()
        for folder in (run, tmp_path / "raw", run):
            shared = TenantClassifier(folder / "model", kind, library)
            assert np.abs(shared.read(TEXTS).logits - load(folder).read(TEXTS).logits).max() < 1e-3


def test_drift_and_explain_read_it_as_it_answers(run: Path, read: tuple[np.ndarray, np.ndarray]) -> None:
    model = load(run)
    vectors, found = Reader(model).outputs(TEXTS, lambda *_: None)
    assert np.abs(found.logits - read[1]).max() < 1e-4 * np.abs(read[1]).max()
    assert np.abs(vectors - read[0]).max() < 1e-4 * np.abs(read[0]).max()
    told = model.explain(TEXTS[:2])
    assert len(told) == 2


def test_without_the_fact_the_head_reads_raw_states(run: Path, tmp_path: Path) -> None:
    """As deliveries of older versions, which do not have it."""
    shutil.copytree(run, tmp_path / "run")
    path = tmp_path / "run" / "model" / "decision.json"
    facts = json.loads(path.read_text("utf-8"))
    del facts["normalize"]
    path.write_text(json.dumps(facts), encoding="utf-8")
    runs.reseal(path.parent)
    model, head = load(tmp_path / "run"), load_file(path.parent / "head.safetensors")
    found = model.read(TEXTS)
    expected = (found.states @ head["weight"].T + head["bias"]) / facts["temperature"]
    assert np.abs(found.logits - expected).max() < 1e-4 * np.abs(expected).max()
    path.write_text(json.dumps(facts | {"normalize": "yes"}), encoding="utf-8")
    runs.reseal(path.parent)
    with pytest.raises(RunError):
        load(tmp_path / "run")
