"""A delivered model elsewhere: each format answers alike in a process of its own, or is marked undeliverable."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors import SafetensorError

from rankfirst import api
from rankfirst.errors import EngineError, OptionError, RunError
from rankfirst.lifecycle.gate import gate
from rankfirst.model import canary, manifest, model_card, package, subprocess_check
from rankfirst.model import export as exporting
from rankfirst.model.classifier import load
from tests import runs
from tests.engine import tiny

pytest.importorskip("onnxscript", reason="exporting needs the extra onnx (pip install -e '.[dev]')")
pytestmark = pytest.mark.slow
TEXTS = ["send my card", "cash limit please", "", "block the card now", "rate"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    base = tiny.write_base(folder / "tiny-bert", "bert")
    rows = runs.write_rows(folder)
    return fit(rows, base)


def fit(rows: Path, base: Path) -> Path:
    knobs = ("lr=6.4e-3",)
    return api.fit(rows, rows.parent / "run", base_model=str(base), always_lora=True, knobs=knobs, force=True).folder


@pytest.fixture(scope="module")
def told(finished: Path) -> tuple[exporting.Checked, ...]:
    texts, truth = exporting.labelled(finished, finished.parent / "rows.csv", None, None)
    return exporting.export(finished, ["merged", "onnx"], texts, truth)


def test_every_format_is_tried_out_and_answers_alike(finished: Path, told: tuple[exporting.Checked, ...]) -> None:
    assert [each.kind for each in told] == ["adapter", "merged", "onnx"]
    assert all(each.passed and each.f1 is not None for each in told)
    check = json.loads((finished / "model" / "check.json").read_text())
    assert check["deliverable"] is True and len(check["formats"]) == 3
    assert json.loads((finished / "model" / "labels.json").read_text()) == list(load(finished).classes)


@pytest.mark.skipif(os.name == "nt", reason="no such permissions on Windows")
def test_every_file_has_the_permissions_of_a_new_one(finished: Path, told: object, tmp_path: Path) -> None:
    (tmp_path / "new").touch()
    usual = (tmp_path / "new").stat().st_mode
    assert not [path for path in finished.rglob("*") if path.is_file() and path.stat().st_mode != usual]


def test_a_repeated_fit_keeps_exports_with_their_canary_answers(
    finished: Path, told: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And one that is killed once the model is exchanged leaves a run that the gate reads."""

    def kill(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(manifest, "settle", kill)
        with pytest.raises(KeyboardInterrupt):
            fit(finished.parent / "rows.csv", finished.parent / "tiny-bert")
    assert (finished / "model" / manifest.PENDING).is_dir()
    gate(finished, min_macro_f1=0.0)
    assert not (finished / "model" / manifest.PENDING).exists()
    known = json.loads((finished / "model" / canary.FILE).read_text("utf-8"))
    assert set(known["answers"]) == {"torch", "onnx"}
    canary.check(finished / "model", load(finished, "onnx"))


def test_the_exported_graph_answers_as_torch(finished: Path, told: object) -> None:
    ours, theirs = load(finished).predict_proba(TEXTS), load(finished, "onnx").predict_proba(TEXTS)
    assert np.abs(ours - theirs).max() < 1e-4


def test_texts_of_several_columns_have_the_bases_separator_in_every_format(finished: Path, told: object) -> None:
    pairs = [("send my card", "lost card"), ("", "block"), ("limit", "")]
    ours, theirs = load(finished).predict_proba(pairs), load(finished, "onnx").predict_proba(pairs)
    assert np.abs(ours - theirs).max() < 1e-4
    spelled = load(finished).predict_proba([" [SEP] ".join(pair).strip() for pair in pairs])
    plain = load(finished).predict_proba([" ".join(pair) for pair in pairs])
    assert np.abs(ours - spelled).max() < 1e-6 < np.abs(ours - plain).max()
    assert load(finished).text == "text"


@pytest.mark.parametrize(
    ("same", "f1", "passed"), [(0.96, None, True), (0.94, None, False), (0.9, 0.895, True), (0.99, 0.88, False)]
)
def test_int8_is_judged_by_its_answers(same: float, f1: float | None, passed: bool) -> None:
    reference = None if f1 is None else 0.9
    assert exporting.Checked("int8", 1.0, 0.3, None, same, 100, f1, reference).passed is passed


@pytest.mark.parametrize(
    ("checked", "code", "figures"),
    [
        pytest.param(exporting.Checked("int8", 1.0, 0.3, None, 0.99, 100, 1.0, 1.0, 0.90), "abstains_otherwise",
                     ("90.0% of 100 texts", "95.0% needed"), id="abstains"),
        pytest.param(exporting.Checked("int8", 1.0, 0.3, None, 0.99, 100, 0.9849, 1.0), "lost_f1",
                     ("0.985", "1.000", "1.51 points", "1.0 allowed"), id="f1"),
        pytest.param(exporting.Checked("int8", 1.0, 0.3, None, 0.9, 100), "predicts_otherwise",
                     ("90.0% of 100 texts", "95.0% needed"), id="same"),
        pytest.param(exporting.Checked("onnx", 1.0, 0.002, 1e-3, 1.0, 100, 1.0, 1.0), "far_logits",
                     ("0.002", "0.001 allowed"), id="logits"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_criterion_that_failed(
    checked: exporting.Checked, code: str, figures: tuple[str, ...], tmp_path: Path
) -> None:
    assert not checked.passed
    refused = exporting._refusal(checked, tmp_path, ["adapter", "merged"])
    assert refused.code == f"engine.{code}" and all(each in refused.sentence("en") for each in figures)
    assert "RUN/model" not in refused.sentence("zh") and checked.kind in refused.sentence("zh")


def test_what_int8_loses_is_found(finished: Path, told: object, tmp_path: Path) -> None:
    copy = tmp_path / "run"
    shutil.copytree(finished, copy)
    with contextlib.suppress(EngineError):  # sixteen dimensions may lose too much
        exporting.export(copy, ["int8"])
    check = json.loads((copy / "model" / "check.json").read_text())
    int8 = check["formats"][-1]
    passed = int8["same"] >= exporting.LEAST_SAME["int8"]
    assert int8["kind"] == "int8" and check["deliverable"] is True and int8["passed"] is passed
    assert check["refused"] == ([] if passed else ["int8"])
    int8["passed"] = False  # whatever it was: what failed is not served, and stays failed while other formats are made
    (copy / "model" / "check.json").write_text(json.dumps(check), encoding="utf-8")
    runs.reseal(copy / "model")
    with pytest.raises(RunError, match="failed its self-test"):
        load(copy, "int8").predict(TEXTS)
    exporting.export(copy, ["merged"])
    assert json.loads((copy / "model" / "check.json").read_text())["refused"] == ["int8"]
    check["formats"][-1]["passed"] = True
    (copy / "model" / "check.json").write_text(json.dumps(check), encoding="utf-8")
    runs.reseal(copy / "model")
    assert np.abs(load(copy).predict_proba(TEXTS) - load(copy, "int8").predict_proba(TEXTS)).max() < 0.3
    for damaged in ("", "{", "[]", '{"formats": []}', '{"formats": [{"kind": "int8"}]}'):
        (copy / "model" / "check.json").write_text(damaged, encoding="utf-8")
        runs.reseal(copy / "model")
        with pytest.raises(RunError, match="whether it passed its self-test is unknown"):
            load(copy, "int8").predict(TEXTS)


def test_answers_of_the_graph_need_no_torch(finished: Path, told: object) -> None:
    code = f"""
import sys
from rankfirst.model.classifier import load
load({str(finished)!r}, "onnx").predict(["send my card"])
assert not {{"torch", "transformers", "peft"}} & set(sys.modules)"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=runs.environment())
    assert done.returncode == 0, done.stderr


def test_a_head_that_was_lost_on_the_way_is_found(finished: Path, told: object, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    broken = tmp_path / "run"
    shutil.copytree(finished, broken)
    written = exporting._write

    def lossy(model, run, folder, *more):  # type: ignore[no-untyped-def]
        predictor = written(model, run, folder, *more)
        head = load_file(folder / "head.safetensors")
        save_file({n: np.random.default_rng(0).normal(size=t.shape).astype(np.float32) for n, t in head.items()},
                  folder / "head.safetensors")  # fmt: skip
        return predictor

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exporting, "_write", lossy)
        with pytest.raises(EngineError, match="Do not use"):
            exporting.export(broken, ["merged"])
    assert json.loads((broken / "model" / "check.json").read_text())["deliverable"] is False


@pytest.mark.parametrize("formats", [["gguf"], []])
def test_an_unknown_format_is_one_line(finished: Path, formats: list[str]) -> None:
    with pytest.raises(OptionError, match="merged, onnx, int8, fleet, classifier, vllm"):
        exporting.export(finished, formats)


def test_nothing_delivered_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(RunError):
        exporting.export(tmp_path, ["onnx"])


def test_int8_that_loses_answers_says_how_much(finished: Path, told: object, tmp_path: Path) -> None:
    copy = tmp_path / "run"
    shutil.copytree(finished, copy)
    texts, truth = exporting.labelled(finished, finished.parent / "rows.csv", None, None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exporting, "F1_LOSS", -1.0)
        with pytest.raises(EngineError, match="loses too much: macro-F1"):
            exporting.export(copy, ["int8"], texts, truth)


def test_a_full_disk_is_one_line(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: object) -> None:
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    shutil.copytree(finished, tmp_path / "run")
    monkeypatch.setattr("rankfirst.engine.export.formats.write_merged", full)
    with pytest.raises(RunError) as caught:
        exporting.export(tmp_path / "run", ["merged"])
    assert caught.value.code == "run.no_space"


def test_rows_of_another_task_are_refused(finished: Path, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("text,label\n" + "".join(f"text {i},{'ab'[i % 2]}\n" for i in range(40)), encoding="utf-8")
    with pytest.raises(OptionError, match="is a class of this model"):
        exporting.labelled(finished, rows, None, None)


def test_rows_of_one_class_are_rows_to_judge_by(finished: Path, tmp_path: Path) -> None:
    name = json.loads((finished / "model" / "decision.json").read_text())["classes"][0]
    rows = tmp_path / "rows.csv"
    rows.write_text("text,label\n" + "".join(f"text {i},{name}\n" for i in range(5)), encoding="utf-8")
    texts, truth = exporting.labelled(finished, rows, None, None)
    assert len(texts) == 5 and truth[:, 0].all() and truth.sum() == 5


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_card_tells_scores_limits_and_origin(finished: Path, lang: str) -> None:
    facts = json.loads((finished / "model" / "decision.json").read_text())
    events = {e["kind"]: e["payload"] for e in runs.events(finished)}
    text = model_card.render(facts, events, "apache-2.0", lang)  # type: ignore[arg-type]
    assert (
        facts["base_sha256"] in text and "apache-2.0" in text and ("macro-F1" if lang == "en" else "宏平均 F1") in text
    )
    assert text.count("```") == 2 and "PeftModel.from_pretrained" in text


def test_hostile_class_names_are_no_markdown(finished: Path) -> None:
    facts = json.loads((finished / "model" / "decision.json").read_text())
    facts["classes"] = ["a|b\n# big", "[x](http://evil)", "<script>"]
    text = model_card.render(facts, {}, "", "en")
    assert "a\\|b \\# big" in text and "\\[x\\]" in text and "\\<script\\>" in text


def test_a_run_reads_back_what_it_saved(finished: Path) -> None:
    told = next(e["payload"] for e in runs.events(finished) if e["kind"] == "readback")
    assert told["same"] == 1.0 and told["difference"] < 1e-4 and 0 < told["rows"] <= exporting.SAVED_ROWS


def test_a_delivery_that_answers_otherwise_stops_the_run(finished: Path) -> None:
    texts = ["send my card", "cash limit please", "block the card now"]
    measured = load(finished).predict_proba(texts)
    with pytest.raises(EngineError, match=r"same prediction on 0\.0%"):
        exporting.on_save(load(finished), texts, np.roll(measured, 1, axis=1))


def test_a_base_too_large_for_two_is_not_read_back(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "READ_BACK_MOST", 0)
    base, rows = finished.parent / "tiny-bert", finished.parent / "rows.csv"
    done = api.fit(rows, tmp_path / "run", base_model=str(base), budget="0.001s")
    told = next(e["payload"] for e in runs.events(done.folder) if e["kind"] == "readback")
    assert told == {"rows": 0} and done.summary["test"]["macro_f1"] > 0


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("decoder")
    base = tiny.write_base(folder / "tiny-qwen2", "qwen2")
    rows = runs.write_rows(folder)
    return api.fit(rows, folder / "run", base_model=str(base), always_lora=True, force=True, budget="60s").folder


def test_a_decoder_is_written_for_vllm_and_tried_out(decoder: Path) -> None:
    pooling = json.loads((decoder / "model" / "decision.json").read_text())["pooling"]
    if pooling != "last":
        pytest.skip(f"this run pools by {pooling}")
    told = exporting.export(decoder, ["vllm"])
    assert [each.kind for each in told] == ["adapter", "vllm"] and all(each.passed for each in told)
    assert told[1].limit == 1e-4 and told[1].megabytes > 0


def test_what_a_class_cannot_say_is_refused_before_anything_is_written(decoder: Path, tmp_path: Path) -> None:
    shutil.copytree(decoder, tmp_path / "run")
    before = sorted(path for path in (tmp_path / "run").rglob("*"))
    with pytest.raises(OptionError) as refused:
        exporting.export(tmp_path / "run", ["merged", "classifier"])
    assert refused.value.code in ("export.no_bias", "export.pooling") and "merged" in str(refused.value)
    assert sorted(path for path in (tmp_path / "run").rglob("*")) == before


def test_the_lines_of_the_card_need_no_rankfirst(finished: Path, told: object) -> None:
    """As they stand there, in a process that cannot import it: logits of the trained model."""
    facts = json.loads((finished / "model" / "decision.json").read_text(encoding="utf-8"))
    code = subprocess_check.lines_of((finished / "model" / "README.md").read_text(encoding="utf-8"))
    assert code.count("from_pretrained") == 3  # tokenizer, base, adapter
    script = f"""
import json, sys
sys.modules["rankfirst"] = None
BASE, MODEL, texts = {facts["base_model"]!r}, {str(finished / "model")!r}, {[t for t in TEXTS if t]!r}
{code}
print(json.dumps(logits.tolist()))"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=runs.environment() | {"PYTHONPATH": ""}
    )
    assert done.returncode == 0, done.stderr
    logits = np.array(json.loads(done.stdout.splitlines()[-1])) / facts["temperature"]
    assert np.abs(logits - load(finished).read([t for t in TEXTS if t]).logits).max() < 1e-4 * np.abs(logits).max()


def test_it_is_tried_on_the_runs_own_validation_rows(finished: Path, tmp_path: Path) -> None:
    texts, truth = exporting.held_out(finished)
    assert truth is not None and len(texts) == len(truth) > 10
    journal = finished / "journal.jsonl"
    told = journal.read_text(encoding="utf-8")
    try:
        journal.write_text(told.replace('"fingerprint": "', '"fingerprint": "0'), encoding="utf-8")  # other rows
        assert exporting.held_out(finished) == ((), None)
        journal.unlink()  # only the model is left
        assert exporting.held_out(finished) == ((), None)
    finally:
        journal.write_text(told, encoding="utf-8")
