"""A new delivery takes over as a whole or not at all, whatever order its files arrive in and whenever the copy dies."""

import itertools
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

pytest.importorskip("prometheus_client", reason="serving needs the extra serve (pip install -e '.[dev]')")

from rankfirst.baselines.logistic import Weights
from rankfirst.baselines.tfidf_model import NGrams, TfidfModel
from rankfirst.errors import RunError
from rankfirst.model import canary, manifest
from rankfirst.model.classifier import load
from rankfirst.records import Calibration, to_json
from rankfirst.server.reload import Holder

WORDS = ("card", "refund", "pin", "rate")
FITTED = Calibration("tfidf", 1.0, 0.0, 0.0, None, 0, False, 0.5, 0.5, None)
OLD, NEW = ("card", "refund", "pin", "rate"), ("pin", "rate", "card", "refund")


def deliver(run: Path, names: tuple[str, ...], recorded: bool = True) -> Path:
    """A delivery that knows a text by one of WORDS, which has the name in the same place."""
    folder = run / "model"
    folder.mkdir(parents=True)
    grams = tuple(f"\t{word}" for word in WORDS[: len(names)])
    weights = Weights(5 * np.eye(len(grams), dtype=np.float32), np.zeros(len(grams), np.float32))
    TfidfModel(NGrams("char_wb", 2, 2, 1), grams, np.ones(len(grams), np.float32), weights, False).save(folder)
    facts = {"kind": "tfidf", "multi_label": False, "classes": list(names), "calibration": to_json(FITTED),
             "temperature": 1.0, manifest.CLAIM: True}  # fmt: skip
    (folder / "decision.json").write_text(json.dumps(facts), encoding="utf-8")
    (folder / "labels.json").write_text(json.dumps(names), encoding="utf-8")
    if recorded:
        manifest.write(folder)
        given = load(run)
        canary.record(folder, "tfidf", names, given.predict_proba(canary.texts(folder, names)))
    manifest.write(folder)
    return run


def held(run: Path) -> Holder:
    return Holder(lambda: load(run, "int8"), run / "model" / "decision.json")


def answers(holder: Holder) -> tuple[str, ...]:
    read, (model, _) = holder.answer(WORDS)
    return tuple(model.answers(read))


def spoil(folder: Path, name: str, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change a file of a delivery, and the manifest with it, as somebody might who builds deliveries by hand."""
    path = folder / name
    if name.endswith(".json"):
        path.write_text(json.dumps(change(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")
    else:
        save_file(change(load_file(path)), path)
    manifest.write(folder)


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """(the run that is served, a new delivery elsewhere)"""
    yield deliver(tmp_path / "run", OLD), deliver(tmp_path / "new" / "run", NEW)


def test_a_new_delivery_takes_over_with_its_own_name(runs: tuple[Path, Path]) -> None:
    run, new = runs
    holder = held(run)
    before = holder.name
    assert answers(holder) == OLD and before == f"run@{manifest.digest(run / 'model')[:12]}"
    assert not holder.reload_if_changed()
    shutil.copytree(new / "model", run / "model", dirs_exist_ok=True)
    assert holder.reload_if_changed() and answers(holder) == NEW and holder.name != before
    assert holder.reload_if_changed(anyway=True) and (holder.reloads, holder.failures) == (2, 0)


@pytest.mark.parametrize("half", [False, True], ids=["file by file", "file by file, each in halves"])
def test_a_delivery_that_arrives_file_by_file_is_never_mixed(tmp_path: Path, half: bool) -> None:
    names = sorted(path.name for path in (deliver(tmp_path / "any", OLD) / "model").iterdir())
    orders = [names, names[::-1], *itertools.islice(itertools.permutations(names), 5, 700, 199)]
    for n, order in enumerate(orders):
        run, new = deliver(tmp_path / f"{n}" / "run", OLD), deliver(tmp_path / f"{n}" / "new", NEW)
        holder = held(run)
        for name in order:
            content = (new / "model" / name).read_bytes()
            for piece in (content[: len(content) // 2], content) if half else (content,):
                (run / "model" / name).write_bytes(piece)
                holder.reload_if_changed()
                assert answers(holder) in (OLD, NEW), (order, name)
        assert answers(holder) == NEW and holder.reloads, order
        assert holder.failures <= len(names), order


def test_a_delivery_whose_files_arrive_one_by_one_counts_as_one_failure(runs: tuple[Path, Path]) -> None:
    run, new = runs
    holder = held(run)
    shutil.copy(new / "model" / "manifest.json", run / "model")
    content = (new / "model" / "tfidf.safetensors").read_bytes()
    for size in range(0, len(content), 40):
        (run / "model" / "tfidf.safetensors").write_bytes(content[:size])
        assert not holder.reload_if_changed()
    assert holder.failures == 1


BROKEN: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "fewer classes than labels": ("tfidf.safetensors", lambda t: {n: v[..., :3].copy() if n != "idf" else v
                                                                  for n, v in t.items()}),
    "not a number": ("tfidf.safetensors", lambda t: {n: v * np.float32("nan") for n, v in t.items()}),
    "classes in another order": ("tfidf.safetensors", lambda t: {n: v[..., ::-1].copy() if n != "idf" else v
                                                                 for n, v in t.items()}),
    "labels in another order": ("labels.json", lambda names: names[::-1]),  # type: ignore[dict-item]
    "a vocabulary in another order": ("tfidf.json", lambda facts: facts | {"vocabulary": facts["vocabulary"][::-1]}),
    "a canary of another model": ("canary.json", lambda known: known | {
        "answers": {"tfidf": [[NEW[0], 0.99]] * len(known["texts"])}}),
    "no canary that can be read": ("canary.json", lambda known: {"texts": 3}),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_delivery_that_does_not_answer_as_delivered_does_not_take_over(
    runs: tuple[Path, Path], what: str, caplog: pytest.LogCaptureFixture
) -> None:
    run, new = runs
    holder = held(run)
    spoil(new / "model", *BROKEN[what])
    shutil.copytree(new / "model", run / "model", dirs_exist_ok=True)
    with caplog.at_level(logging.WARNING):
        assert not holder.reload_if_changed()
    assert answers(holder) == OLD and (holder.reloads, holder.failures) == (0, 1)
    [line] = [record.getMessage() for record in caplog.records if record.name == "rankfirst.server"]
    assert "\n" not in line and str(run / "model") in line
    with pytest.raises(RunError):
        held(run)  # neither does a server begin with it


def test_without_a_canary_a_model_needs_a_probability_for_each_class(tmp_path: Path) -> None:
    holder = held(deliver(tmp_path / "run", OLD, recorded=False))
    assert answers(holder) == OLD


def test_a_folder_that_is_just_being_replaced_is_no_failure(runs: tuple[Path, Path]) -> None:
    run, new = runs
    holder = held(run)
    (run / "model").rename(run / "aside")
    assert not holder.reload_if_changed() and holder.failures == 0 and answers(holder) == OLD
    (new / "model").rename(run / "model")
    assert holder.reload_if_changed() and answers(holder) == NEW


COPY = """
import shutil, sys, time
from pathlib import Path
new, old, target = map(Path, sys.argv[1:])
print("begun", flush=True)
while True:
    for source in (new, old):
        for path in source.iterdir():
            with path.open("rb") as file, (target / path.name).open("wb") as to:
                while piece := file.read(100):
                    to.write(piece)
                    to.flush()
        time.sleep(0.01)
"""


@pytest.mark.slow
def test_a_copy_killed_at_any_moment_leaves_the_old_model_or_the_new_one(tmp_path: Path) -> None:
    old = deliver(tmp_path / "old", OLD)
    new = deliver(tmp_path / "new", NEW)
    run = tmp_path / "run"
    shutil.copytree(old, run)
    holder = held(run)
    for n in range(60):
        command = [sys.executable, "-S", "-c", COPY, *(str(each / "model") for each in (new, old, run))]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as copying:
            assert copying.stdout is not None and copying.stdout.readline()
            until = time.monotonic() + 0.002 * n
            while time.monotonic() < until:
                holder.reload_if_changed()
                assert answers(holder) in (OLD, NEW)
            os.kill(copying.pid, signal.SIGKILL)
        holder.reload_if_changed()
        assert answers(holder) in (OLD, NEW)
        try:
            assert answers(held(run)) in (OLD, NEW)  # a server that begins now
        except RunError:
            pass
    shutil.copytree(new / "model", run / "model", dirs_exist_ok=True)
    assert holder.reload_if_changed() or answers(holder) == NEW
