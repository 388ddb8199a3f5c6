"""The queue on tiny rows: what fails stops nothing, what is finished is not repeated, and the page tells both."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rankfirst import api, batch
from rankfirst.batch.single_fit import Done
from tests import runs
from tests.engine import tiny

FIELDS = {"name", "state", "folder", "verdict", "val_macro_f1", "test_macro_f1", "seconds", "earlier", "error"}


@pytest.fixture(scope="module")
def specs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two that can be fitted and one between them that cannot; no time to train LoRA."""
    folder = tmp_path_factory.mktemp("specs")
    tiny.write_base(folder / "base", "bert")
    runs.write_rows(folder / "a", rows=90)
    runs.write_rows(folder / "b", rows=90, noise=0.3)
    path = folder / "specs.yaml"
    path.write_text(
        "defaults: {base_model: base, budget: 0.001s}\nruns:\n- {name: a, train: a/rows.csv}\n"
        "- {name: bad, train: none.csv}\n- {name: b, train: b/rows.csv}\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def out(specs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """After the first time."""
    folder = tmp_path_factory.mktemp("many") / "runs"
    heard: list[str] = []
    ended = batch.fit_many(batch.read(specs, folder), folder, on_done=lambda done: heard.append(done.name))
    assert heard == [done.name for done in ended] == ["a", "bad", "b"]
    assert [done.error for done in ended if done.name != "bad"] == [None, None]
    assert ended[1].error is not None
    return folder


def test_the_summary_lists_finished_and_failed_jobs(out: Path) -> None:
    told = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert all(set(entry) == FIELDS for entry in told)
    assert [entry["state"] for entry in told] == ["finished", "failed", "finished"]
    assert "none.csv" in told[1]["error"] and told[0]["val_macro_f1"] > 0
    page = (out / "summary.html").read_text(encoding="utf-8")
    assert "none.csv" in page and "多数据集训练汇总" in page and "<script src" not in page


@pytest.mark.slow
def test_each_job_equals_a_single_fit(specs: Path, tmp_path: Path) -> None:
    path, out = specs.with_name("lora.yaml"), tmp_path / "many"
    path.write_text("defaults: {base_model: base}\nruns:\n- {name: a, train: a/rows.csv}\n", encoding="utf-8")
    batch.fit_many(batch.read(path, out), out)
    alone = api.fit(specs.parent / "a" / "rows.csv", tmp_path / "a", base_model=str(specs.parent / "base"))
    for kind in ("val", "test", "verdict", "recipe"):
        assert runs.result(out / "a")[kind] == alone.summary[kind], kind


def test_finished_jobs_are_not_repeated_and_failed_ones_are(specs: Path, out: Path) -> None:
    before = {name: (out / name / "journal.jsonl").stat().st_mtime_ns for name in ("a", "b")}
    ended = batch.fit_many(batch.read(specs, out), out)
    assert [(done.earlier, done.error is None) for done in ended] == [(True, True), (False, False), (True, True)]
    assert {name: (out / name / "journal.jsonl").stat().st_mtime_ns for name in ("a", "b")} == before


@pytest.mark.slow
def test_a_job_with_changed_rows_is_repeated(specs: Path, out: Path) -> None:
    job = next(job for job in batch.read(specs, out) if job.name == "a")
    rows = Path(job.options["train"])
    kept = rows.read_bytes()
    try:
        rows.write_bytes(kept + b"send card 99,card\n")
        (done,) = batch.fit_many([job], out)
        assert done.error is not None and "fingerprint" in done.error[0]
    finally:
        rows.write_bytes(kept)


@pytest.mark.slow
def test_the_exit_code_tells_that_a_job_failed(specs: Path, out: Path) -> None:
    words = [sys.executable, "-m", "rankfirst", "fit-many", str(specs), "-o", str(out), "--json"]
    told = runs.finish(words)
    assert told.returncode == 1, told.stderr
    assert [entry["name"] for entry in json.loads(told.stdout)] == ["a", "bad", "b"]


@pytest.mark.slow
def test_no_fit_continues_after_the_command_is_killed(specs: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "rankfirst", "fit-many", str(specs), "-o", str(tmp_path / "out")]
    with subprocess.Popen(words, env=runs.environment(), stdout=subprocess.PIPE) as command:
        children: list[int] = []
        while not children and command.poll() is None:
            time.sleep(0.2)
            children = _children(command.pid)
        os.kill(command.pid, signal.SIGKILL)
    until = time.monotonic() + 60
    while any(_alive(pid) for pid in children) and time.monotonic() < until:
        time.sleep(0.2)
    assert children and not any(_alive(pid) for pid in children)


def test_an_empty_result_does_not_break_the_page() -> None:
    told = batch.document([Done("x", "/y/x", None, {})], 1)
    assert told.sections[0].blocks


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children")
    if not found.exists():
        pytest.skip("children of a process are read from /proc")
    return [int(child) for child in found.read_text().split()]


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
