"""A delivery is loaded as it was delivered, or refused in one line that names the file."""

import json
import logging
import math
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import rankfirst
from rankfirst.errors import RunError
from rankfirst.lifecycle.continue_training.parent_run import read as read_parent
from rankfirst.lifecycle.gate import gate
from rankfirst.model import manifest
from rankfirst.model.classifier import Classifier, load
from tests.model import deliveries
from tests.model.deliveries import TEXTS

READ = ("decision.json", "labels.json", "head.safetensors", "scope.safetensors", "adapter/adapter_model.safetensors",
        "adapter/adapter_config.json")  # fmt: skip


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def test_a_delivery_as_it_was_delivered_answers(tmp_path: Path) -> None:
    before, after = deliveries.old(tmp_path / "a"), deliveries.new(tmp_path / "b")
    assert np.array_equal(load(before).predict_proba(TEXTS), load(after).predict_proba(TEXTS))
    verified = manifest.verify(after / "model")
    assert verified.manifest is not None and verified.digest == manifest.digest(after / "model")
    assert set(READ) < set(verified.manifest.files) and "result.json" in verified.manifest.run


@pytest.mark.parametrize("change", [flip, cut, Path.unlink])
def test_a_changed_file_is_named(tmp_path: Path, change: Callable[[Path], None], subtests: pytest.Subtests) -> None:
    run = deliveries.new(tmp_path)
    for name in READ:
        with subtests.test(name):
            path = run / "model" / name
            kept = path.read_bytes()
            change(path)
            with pytest.raises(RunError) as refused:
                load(run)
            assert str(path) in refused.value.sentence("en") and "\n" not in str(refused.value)
            path.write_bytes(kept)
    assert load(run).predict(TEXTS)


def test_files_of_another_run_are_refused(tmp_path: Path) -> None:
    run, other = deliveries.new(tmp_path / "a"), deliveries.new(tmp_path / "b")
    head = load_file(other / "model" / "head.safetensors")
    save_file({name: each[::-1].copy() for name, each in head.items()}, other / "model" / "head.safetensors")
    shutil.copy(other / "model" / "head.safetensors", run / "model")
    with pytest.raises(RunError, match=r"head\.safetensors is not the file that was delivered"):
        load(run)


def test_a_manifest_that_is_gone_or_damaged_is_refused(tmp_path: Path) -> None:
    run = deliveries.new(tmp_path)
    path = run / "model" / manifest.NAME
    content = path.read_text("utf-8")
    path.unlink()
    with pytest.raises(RunError, match=r"manifest\.json is missing"):
        load(run)
    entries = json.loads(content)
    entries["files"]["../result.json"] = entries["files"]["labels.json"]
    for damaged in ("", "{", "[]", "{}", content[:-40], content.replace("9", "8", 1), json.dumps(entries)):
        path.write_text(damaged, encoding="utf-8")
        with pytest.raises(RunError, match=r"manifest\.json is damaged"):
            load(run)


def test_files_that_are_not_listed_are_not_loaded(tmp_path: Path) -> None:
    run, answers = deliveries.new(tmp_path), load(deliveries.new(tmp_path / "b")).predict_proba(TEXTS)
    for name in ("adapter/adapter_model.bin", "model.onnx", "tfidf.json", "notes.txt", "sitecustomize.py"):
        (run / "model" / name).write_bytes(b"something else")
    assert np.array_equal(load(run).predict_proba(TEXTS), answers)
    before = gate(run, 0.01)
    (run / "model" / "check.json").write_text('{"deliverable": false}', encoding="utf-8")
    assert gate(run, 0.01) == before
    deliveries.edit(run, frame={"head": [], "tail": [], "cuts_left": False, "pad": 0})
    manifest.write(run / "model", known=manifest.read(run / "model"), written=["decision.json"])
    with pytest.raises(RunError, match=r"model\.onnx is not part of the delivery"):
        load(run, "onnx").predict(TEXTS)


def test_a_frozen_delivery_ignores_an_adapter_beside_it(tmp_path: Path) -> None:
    run = deliveries.old(tmp_path)
    deliveries.edit(run, kind="frozen")
    with_adapter = load(run).predict_proba(TEXTS)
    shutil.rmtree(run / "model" / "adapter")
    assert np.array_equal(load(run).predict_proba(TEXTS), with_adapter)
    deliveries.edit(run, kind="lora")
    with pytest.raises(RunError, match=r"adapter_config\.json is missing"):
        load(run).predict(TEXTS)


def test_a_delivery_replaced_while_it_is_loaded_is_refused(tmp_path: Path) -> None:
    run = deliveries.new(tmp_path)
    model = load(run)
    head = run / "model" / "head.safetensors"
    shutil.copy(head, tmp_path / "copy")
    (tmp_path / "copy").replace(head)
    with pytest.raises(RunError, match=r"head\.safetensors changed while"):
        model.predict(TEXTS)


def test_what_the_gate_and_continue_read_is_verified_too(tmp_path: Path) -> None:
    run = deliveries.new(tmp_path)
    gate(run, 0.01)
    read_parent(run)
    flip(run / "model" / "README.md")
    with pytest.raises(RunError, match=r"README\.md is not"):
        gate(run, 0.01)
    assert load(run).predict(TEXTS)  # nobody reads it to predict
    manifest.write(run / "model")
    (run / "result.json").write_text((run / "result.json").read_text("utf-8") + " ", encoding="utf-8")
    for use in (lambda: gate(run, 0.01), lambda: read_parent(run)):
        with pytest.raises(RunError, match=r"result\.json is not"):
            use()


def test_an_entry_stays_as_it_was_unless_the_file_is_written_anew(tmp_path: Path) -> None:
    run = deliveries.new(tmp_path)
    flip(run / "model" / "head.safetensors")
    manifest.write(run / "model", known=manifest.read(run / "model"), written=["README.md"])
    with pytest.raises(RunError, match=r"head\.safetensors"):
        load(run)


def test_an_older_delivery_loads_with_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    run = deliveries.old(tmp_path)
    with caplog.at_level(logging.WARNING, "rankfirst.delivery"):
        assert load(run).predict(TEXTS) and load(run).predict(TEXTS)
    (record,) = [each for each in caplog.records if each.name == "rankfirst.delivery"]
    assert "cannot be verified" in record.getMessage() and "无法校验" in record.msg.sentence("zh")


def _calibration(**changed: object) -> Callable[[Path], None]:
    def change(run: Path) -> None:
        facts = json.loads((run / "model" / "decision.json").read_text("utf-8"))
        deliveries.edit(run, calibration=facts["calibration"] | changed)

    return change


def _head(make: Callable[[Any], Any]) -> Callable[[Path], None]:
    def change(run: Path) -> None:
        path = run / "model" / "head.safetensors"
        save_file({name: np.ascontiguousarray(make(each)) for name, each in load_file(path).items()}, path)

    return change


def _labels(names: list[Any]) -> Callable[[Path], None]:
    return lambda run: (run / "model" / "labels.json").write_text(json.dumps(names), encoding="utf-8") and None


def _tensors(run: Path) -> None:
    path = run / "model" / "adapter" / "adapter_model.safetensors"
    save_file({name.replace("layer.2", "layer.7"): each for name, each in load_file(path).items()}, path)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(_calibration(temperature=math.nan), "temperature is nan", id="temperature-nan"),
        pytest.param(_calibration(temperature={"float": "nan"}), "temperature is nan", id="temperature-coded-nan"),
        pytest.param(_calibration(temperature=0), "temperature is 0", id="temperature-zero"),
        pytest.param(_calibration(temperature=-1.5), "temperature is -1.5", id="temperature-negative"),
        pytest.param(_calibration(temperature="1"), "temperature is '1'", id="temperature-text"),
        pytest.param(_calibration(thresholds=[0.5, math.nan, 0.5]), "threshold is nan", id="threshold-nan"),
        pytest.param(_calibration(thresholds=[0.5, 0, 0.5]), "threshold is 0", id="threshold-zero"),
        pytest.param(_calibration(thresholds=[0.5, 0.5]), "made for 2 classes, but the model has 3", id="thresholds"),
        pytest.param(_labels(["limit", "card", "send"]), "list different labels", id="labels-order"),
        pytest.param(_labels(["card", "limit"]), "list different labels", id="labels-fewer"),
        pytest.param(_labels(["card", "limit", 3]), "labels.json is damaged", id="labels-number"),
        pytest.param(_head(lambda each: each[:2]), "head.safetensors is made for 2 classes", id="head-rows"),
        pytest.param(_head(lambda each: each * np.float32("nan")), "head.safetensors is damaged", id="head-nan"),
        pytest.param(_tensors, "8 of 16 LoRA tensors|8 of 24 LoRA tensors", id="adapter-names"),
        pytest.param(lambda run: deliveries.edit(run, kind="LoRA"), "decision.json is damaged", id="kind"),
    ],
)
def test_an_older_delivery_whose_parts_disagree_is_refused(
    tmp_path: Path, change: Callable[[Path], None], told: str
) -> None:
    run = deliveries.old(tmp_path)
    change(run)
    with pytest.raises(RunError, match=told):
        load(run).predict(TEXTS)


def test_scores_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    run = deliveries.old(tmp_path, "multi")
    path = run / "model" / "tfidf.safetensors"
    tensors = load_file(path)
    save_file(tensors | {"coef": tensors["coef"] * np.float32("nan")}, path)
    with pytest.raises(RunError, match="damaged"):
        load(run).predict(TEXTS)


def test_the_estimator_keeps_the_manifest_in_its_pickle(tmp_path: Path) -> None:
    assert rankfirst.Classifier(deliveries.new(tmp_path) / "model").verified.has("labels.json")
    assert isinstance(Classifier(tmp_path / "run" / "model"), rankfirst.Classifier)


def test_an_adapter_of_zeros_is_told_on_the_card(tmp_path: Path) -> None:
    from rankfirst.model.model_card import write_card

    run = deliveries.old(tmp_path)
    facts, path = load(run).facts, run / "model" / "adapter" / "adapter_model.safetensors"
    tensors = load_file(path)
    for matrix, told in (("none", False), ("lora_A", True), ("lora_B", True)):
        save_file({name: each * (matrix not in name) for name, each in tensors.items()}, path)
        for lang, words in (("en", "The adapter changes nothing"), ("zh", "适配器不起作用")):
            write_card(run, facts, "", lang, run / "model")  # type: ignore[arg-type]
            assert (words in (run / "model" / "README.md").read_text("utf-8")) is told


def test_a_file_that_deliveries_share_is_hashed_once_until_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, settled = tmp_path / "graph", 50_000_000
    monkeypatch.setattr(manifest, "SETTLED", settled)
    path.write_bytes(b"one")
    os.link(path, tmp_path / "other")
    first = manifest.sha256(path)
    hashed = []
    digest = manifest.hashlib.file_digest
    monkeypatch.setattr(manifest.hashlib, "file_digest", lambda *a: hashed.append(1) or digest(*a))
    assert manifest.sha256(path) == first and hashed == [1]  # written a moment ago: it may be written again
    time.sleep(2 * settled / 1e9)
    assert [manifest.sha256(each) for each in (path, tmp_path / "other", path)] == [first] * 3 and hashed == [1, 1]
    times = path.stat()
    with path.open("r+b") as file:  # in place, and with the time of before
        file.write(b"two")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert manifest.sha256(tmp_path / "other") != first


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes in a folder are POSIX's")
def test_a_pipe_or_a_device_in_the_place_of_a_file_is_refused_at_once(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    run = deliveries.new(tmp_path, "multi")
    for name in (manifest.NAME, manifest.DECISION, "labels.json", "tfidf.safetensors"):
        path = run / "model" / name
        aside = path.rename(tmp_path / "aside")
        for made in (os.mkfifo, os.mkdir, lambda place: place.symlink_to("/dev/zero")):
            with subtests.test(name):
                made(path)
                with pytest.raises(RunError, match=name):
                    load(run).predict(TEXTS)
                path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        aside.rename(path)
    assert load(run).predict(TEXTS)


@pytest.mark.parametrize(
    ("key", "value"), [("bytes", math.inf), ("bytes", math.nan), ("bytes", None), ("bytes", "1" * 5000), ("sha256", [])]
)
def test_an_entry_that_no_writer_makes_is_refused(tmp_path: Path, key: str, value: object) -> None:
    run = deliveries.new(tmp_path, "multi")
    path = run / "model" / manifest.NAME
    listed = json.loads(path.read_text("utf-8"))
    listed["files"]["labels.json"][key] = value
    path.write_text(json.dumps(listed), encoding="utf-8")
    with pytest.raises(RunError, match=r"manifest\.json"):
        load(run)


def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path) -> None:
    run = deliveries.new(tmp_path, "multi")
    path = run / "model" / manifest.NAME
    listed = json.loads(path.read_text("utf-8"))
    listed["files"]["\ud800"] = {"sha256": "0", "bytes": 0}
    files, beside = ({n: manifest.Entry(**e) for n, e in listed[key].items()} for key in ("files", "run"))
    path.write_text(json.dumps(listed | {"sha256": manifest.Manifest(files, beside).digest}), encoding="utf-8")
    with pytest.raises(RunError, match=r"manifest\.json"):
        load(run)
