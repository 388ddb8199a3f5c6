"""A whole run on a base in 4 bits: told, delivered, exported, gone on from, and never mixed up with one in floats."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rankfirst import api
from rankfirst.errors import RunError
from rankfirst.lifecycle.continue_training import continue_run
from rankfirst.model import export as exporting
from rankfirst.model.classifier import load
from rankfirst.report import explain
from tests import runs
from tests.engine import tiny
from tests.lifecycle.continue_training.test_continue import write_more

pytest.importorskip("bitsandbytes", reason="a base in 4 bits needs the extra bnb (pip install -e '.[dev]')")
pytestmark = pytest.mark.slow
TEXTS = ["send my card", "cash limit please", "block the card now", "rate"]
ASKED: dict[str, Any] = {"always_lora": True, "knobs": ("lr=6.4e-3",), "force": True}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bits")
    base = tiny.write_base(folder / "tiny-bert", "bert")
    rows = runs.write_rows(folder)
    return api.fit(rows, folder / "run", base_model=str(base), base_bits=4, **ASKED).folder


def test_the_run_says_so_everywhere(finished: Path) -> None:
    told = next(e["payload"] for e in runs.events(finished) if e["kind"] == "run")
    assert told["base_bits"] == 4 and "bitsandbytes" in told["versions"] and "--base-bits 4" in told["command"]
    assert json.loads((finished / "model" / "decision.json").read_text())["base_bits"] == 4
    for lang, words in (("en", "stored in 4 bits (NF4"), ("zh", "以 4 比特存放（NF4")):
        assert words in explain(finished / "journal.jsonl", lang)  # type: ignore[arg-type]
    assert "stored in 4 bits (NF4" in (finished / "report.html").read_text(encoding="utf-8")
    card = (finished / "model" / "README.md").read_text(encoding="utf-8")
    assert "load_in_4bit=True" in card and "trained on a 4-bit base model" in card


def test_it_is_delivered_on_the_base_in_4_bits_and_exported_in_floats(finished: Path) -> None:
    pytest.importorskip("onnxscript")
    before = load(finished).predict_proba(TEXTS)
    told = exporting.export(finished, ["merged", "onnx"])
    assert [each.kind for each in told] == ["adapter", "merged", "onnx"] and all(each.passed for each in told)
    assert "quantization_config" not in json.loads((finished / "model" / "merged" / "config.json").read_text())
    assert np.abs(load(finished).predict_proba(TEXTS) - before).max() == 0
    assert np.abs(load(finished, "onnx").predict_proba(TEXTS) - before).max() < 1e-4


def test_the_float_base_is_no_substitute(finished: Path) -> None:
    """What would be delivered if the bits were forgotten: another model."""
    right, wrong = load(finished), load(finished)
    del wrong.facts["base_bits"]
    assert np.abs(right.predict_proba(TEXTS) - wrong.predict_proba(TEXTS)).max() > 1e-3


def test_the_same_folder_is_not_gone_on_with_in_floats(finished: Path) -> None:
    folder = finished.parent
    with pytest.raises(RunError) as caught:
        api.fit(folder / "rows.csv", finished, base_model=str(folder / "tiny-bert"), **ASKED)
    assert "base_bits" in caught.value.sentence("en")


def test_more_rows_join_on_the_base_in_4_bits(finished: Path) -> None:
    made = continue_run(finished, write_more(finished.parent), finished.parent / "next")
    told = next(e["payload"] for e in runs.events(made.folder) if e["kind"] == "run")
    assert (
        told["base_bits"] == 4 and json.loads((made.folder / "model" / "decision.json").read_text())["base_bits"] == 4
    )


def test_gpt2_whose_weights_lie_turned_is_merged_in_its_own_way(tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")
    base = tiny.write_base(tmp_path / "gpt2", "gpt2")
    rows = runs.write_rows(tmp_path, rows=90)
    run = api.fit(rows, tmp_path / "run", base_model=str(base), base_bits=4, **ASKED).folder
    assert all(each.passed for each in exporting.export(run, ["merged"]))
