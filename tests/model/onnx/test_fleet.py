"""Tenants of one base in one graph: each answers as its own model does, whatever else is in the batch."""

import json
import shutil
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from rankfirst.errors import OptionError, RunError
from rankfirst.model import export as exporting
from rankfirst.model import manifest
from rankfirst.model.classifier import load
from rankfirst.model.onnx.fleet import FACTORS, Fleet, OneTenant, Tenant
from tests.model import deliveries

pytest.importorskip("onnxscript", reason="exporting needs the extra onnx (pip install -e '.[dev]')")
pytest.importorskip("fastapi", reason="serving needs the extra serve (pip install -e '.[dev]')")

from rankfirst.model.onnx.shared import Library
from rankfirst.server.shared_sessions import TenantClassifier, loader
from rankfirst.server.tenants import Tenants

pytestmark = pytest.mark.slow
TEXTS = [*deliveries.TEXTS, "", "card " * 30, "send my limit to the bank"]
BLOCK = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
         "intermediate.dense", "output.dense")  # fmt: skip
# Rank, scaling, sites and number of classes of each tenant.
MIXED: dict[str, tuple[int, float, Sequence[str], int]] = {
    "wide": (8, 2.0, [f"encoder.layer.{n}.{path}" for n in range(3) for path in BLOCK], 3),
    "one": (1, 16.0, ["encoder.layer.2.attention.self.query"], 5),
    "top": (3, 1.0, [f"encoder.layer.2.{path}" for path in BLOCK], 2),
    "frozen": (0, 1.0, [], 4),
}


def tenant(root: Path, name: str) -> Path:
    """A delivery with a random adapter and head."""
    rank, scaling, sites, classes = MIXED[name]
    run = deliveries.old(root / f".{name}").rename(root / name)
    folder, draw = run / "model", np.random.default_rng(len(name))
    weights = load_file(root / f".{name}" / "base" / "model.safetensors")
    tensors = {}
    for site in sites:
        out, d = next(tensor for key, tensor in weights.items() if key.endswith(f"{site}.weight")).shape
        for side, shape in (("A", (rank, d)), ("B", (out, rank))):
            tensors[f"base_model.model.{site}.lora_{side}.weight"] = draw.normal(0, 0.2, shape).astype(np.float32)
    if sites:
        save_file(tensors, folder / "adapter" / "adapter_model.safetensors")
        config = json.loads((folder / "adapter" / "adapter_config.json").read_text("utf-8"))
        config |= {"r": rank, "lora_alpha": scaling * rank, "target_modules": list(sites)}
        (folder / "adapter" / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
    hidden = load_file(folder / "head.safetensors")["weight"].shape[1]
    head = {"weight": draw.normal(0, 0.5, (classes, hidden)), "bias": draw.normal(0, 0.5, classes)}
    save_file({key: each.astype(np.float32) for key, each in head.items()}, folder / "head.safetensors")
    names = [f"{name}-{c}" for c in range(classes)]
    (folder / "labels.json").write_text(json.dumps(names), encoding="utf-8")
    calibration = json.loads((folder / "decision.json").read_text("utf-8"))["calibration"] | {"abstain": None}
    deliveries.edit(run, classes=names, calibration=calibration, manifest=True, kind="lora" if sites else "frozen")
    manifest.write(folder)
    return run


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One tenant exported by the command; the others with its graph and tokenizer, and factors of their own."""
    from rankfirst.engine.export.fleet import write_factors

    place = tmp_path_factory.mktemp("fleet")
    runs = {name: tenant(place, name) for name in MIXED}
    exporting.export(runs["wide"], ["fleet"])
    facts = json.loads((runs["wide"] / "model" / "decision.json").read_text("utf-8"))
    for name, run in runs.items():
        if name != "wide":
            shutil.copytree(runs["wide"] / "model" / "tokenizer", run / "model" / "tokenizer")
            for file in ("fleet.onnx", "check.json"):
                shutil.copy(runs["wide"] / "model" / file, run / "model" / file)
            write_factors(run / "model" / "adapter" if MIXED[name][2] else None, run / "model" / FACTORS)
            deliveries.edit(run, frame=facts["frame"], graphs=facts["graphs"])
            manifest.write(run / "model")
    return place


def test_each_tenant_answers_as_its_own_model(root: Path, subtests: pytest.Subtests) -> None:
    library, sizes = Library(), []
    for name in MIXED:
        with subtests.test(name):
            own, shared = load(root / name), TenantClassifier(root / name / "model", "fleet", library)
            read = shared.read(TEXTS)
            assert np.abs(own.read(TEXTS).logits - read.logits).max() < 1e-5 * max(1.0, np.abs(read.logits).max())
            assert np.abs(own.predict_proba(TEXTS) - load(root / name, "fleet").predict_proba(TEXTS)).max() < 1e-5
            assert own.predict(TEXTS) == shared.predict(TEXTS)
            sizes.append((library.bytes, shared))
    added = np.diff([size for size, _ in sizes])
    adapters = [shared.predictor.session.tenant.bytes for _, shared in sizes[1:]]
    assert added.tolist() == adapters  # a further tenant costs its adapter and head


def fleet_of(root: Path) -> tuple[Fleet, dict[str, tuple[Tenant, Any]]]:
    """The fleet, and each tenant with its runtime."""
    library = Library()
    models = {name: TenantClassifier(root / name / "model", "fleet", library) for name in MIXED}
    runtimes = {name: model.predictor for name, model in models.items()}
    fleets = {id(runtime.session.fleet) for runtime in runtimes.values()}
    assert len(fleets) == 1
    fleet = next(iter(runtimes.values())).session.fleet
    return fleet, {name: (runtime.session.tenant, runtime) for name, runtime in runtimes.items()}


class Counting:
    """A session that says how many rows and tenants each batch has; the first waits until it may go on."""

    def __init__(self, session: Any) -> None:
        self.session, self.batches, self.go = session, list[tuple[int, int]](), threading.Event()

    def run(self, outputs: Any, feed: Any) -> Any:
        self.batches.append((len(feed["tenant"]), len(set(feed["tenant"].tolist()))))
        self.go.wait(30)
        return self.session.run(outputs, feed)


def test_calls_that_wait_are_one_batch_of_many_tenants(root: Path) -> None:
    fleet, tenants = fleet_of(root)
    fleet.session = counting = Counting(fleet.session)
    fleet._turns = threading.Semaphore(1)
    with ThreadPoolExecutor(8) as pool:
        asked = [(name, text) for text in TEXTS[:2] for name in MIXED]
        answers = [pool.submit(lambda name, text: tenants[name][1].logits([text]), *each) for each in asked]
        while len(fleet._queue) < len(asked) - 1:
            pass
        counting.go.set()
        found = [answer.result(30) for answer in answers]
    assert [n for n, _ in counting.batches] == [1, len(asked) - 1] and counting.batches[1][1] == len(MIXED)
    for (name, text), logits in zip(asked, found, strict=True):
        alone = load(root / name).read([text]).logits[0] * load(root / name).calibration.temperature
        assert np.abs(logits[0] - alone).max() < 1e-5 * max(1.0, np.abs(alone).max())


def test_a_failure_reaches_every_caller_and_the_next_batch_is_fine(root: Path) -> None:
    fleet, tenants = fleet_of(root)
    own = tenants["one"][0]
    bad = Tenant({name: np.zeros((7, 7), np.float32) for name in own.factors}, own.weight, own.bias)
    rows = {name: np.ones((1, 3), np.int64) for name in ("input_ids", "attention_mask")}
    with pytest.raises(Exception, match=r"dimension|INVALID"):
        OneTenant(fleet, bad).run(None, rows)
    assert tenants["one"][1].logits(["card"]).shape == (1, MIXED["one"][3])


def test_factors_of_another_base_are_refused(root: Path, tmp_path: Path) -> None:
    for n, change in enumerate((lambda name: name[:2] + "encoder.layer.9" + name[17:], lambda name: name)):
        run = Path(shutil.copytree(root / "top", tmp_path / f"{n}" / "top"))
        factors = load_file(run / "model" / FACTORS)
        cut = {change(name): np.ascontiguousarray(tensor[:, :2]) for name, tensor in factors.items()}
        save_file(cut, run / "model" / FACTORS)
        manifest.write(run / "model")
        with pytest.raises(RunError) as refused:
            load(run, "fleet").predict(["card"])
        assert refused.value.code == "delivery.fleet"


def test_a_tenant_comes_and_goes_without_reading_the_base_again(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(root / "wide", tmp_path / "wide")
    tenants = Tenants(tmp_path, loader("fleet"), 9, 10**9)
    session = tenants.model("wide").predictor.session.fleet  # type: ignore[attr-defined]
    monkeypatch.setattr("rankfirst.model.onnx.shared.Graph", None)
    shutil.copytree(root / "one", tmp_path / "one")
    tenants.refresh()
    assert tenants.model("one").predictor.session.fleet is session  # type: ignore[attr-defined]
    shutil.rmtree(tmp_path / "wide")
    tenants.refresh()
    read, _ = tenants.answer("one", ["card"])
    assert len(tenants.by_name) == 1 and read.probabilities.shape == (1, MIXED["one"][3])


def test_a_run_that_was_not_exported_for_a_fleet_has_a_session_of_its_own(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "wide", tmp_path / "wide")
    deliveries.new(tmp_path / "old", "multi").rename(tmp_path / "ngrams")  # n-grams need no export
    shutil.rmtree(tmp_path / "old")
    run = Path(shutil.copytree(root / "frozen", tmp_path / "float"))
    (run / "model" / "fleet.onnx").rename(run / "model" / "model.onnx")
    (run / "model" / FACTORS).unlink()
    manifest.write(run / "model")
    tenants = Tenants(tmp_path, loader("fleet"), 9, 10**9)
    assert {name: tenant.problem for name, tenant in tenants.by_name.items()}["float"] == "delivery.untested"
    assert len(tenants.answer("ngrams", ["card"])[0]) == len(tenants.answer("wide", ["card"])[0]) == 1


@pytest.mark.parametrize("setting", [{"use_dora": True}, {"rank_pattern": {"query": 2}}, {"bias": "all"}])
def test_an_adapter_that_is_not_plain_lora_is_refused(root: Path, tmp_path: Path, setting: dict[str, Any]) -> None:
    from rankfirst.engine.export.fleet import write_factors

    adapter = Path(shutil.copytree(root / "one" / "model" / "adapter", tmp_path / "adapter"))
    config = json.loads((adapter / "adapter_config.json").read_text("utf-8")) | setting
    (adapter / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(OptionError) as refused:
        write_factors(adapter, tmp_path / FACTORS)
    assert refused.value.fields["name"] == next(iter(setting))
