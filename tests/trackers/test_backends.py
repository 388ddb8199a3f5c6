"""Each backend for real, where its library is installed: half a run, then the whole, and every number there once.

MLflow also against a server of its own on loopback: the `mlflow` beside the interpreter or on the path, or the one
that RANKFIRST_MLFLOW names (the client alone brings no server).
"""

import importlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rankfirst import advise, api
from rankfirst.trackers import Entry
from rankfirst.trackers.entries import EntryMaker
from tests import runs
from tests.test_resume import kill_after
from tests.trackers.conftest import Tracked, cut

WITHOUT = {
    name: "" for name in ("WANDB_API_KEY", "WANDB_MODE", "SWANLAB_API_KEY", "SWANLAB_MODE", "MLFLOW_TRACKING_URI")
}


def needs(library: str) -> Any:
    """The library, or the test is skipped."""
    return pytest.importorskip(library, reason=f'{library} is not installed: pip install "rankfirst[{library}]"')


@pytest.fixture(autouse=True)
def nobody_is_logged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    for name in WITHOUT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("WANDB_CONFIG_DIR", str(home))
    monkeypatch.setenv("WANDB_CACHE_DIR", str(home))
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")


def twice(run: Path, half: Path, target: str) -> Path:
    """Half of a run, then all of it; returns its folder."""
    (sending,) = api.track(cut(run, half, 14), [target])
    assert sending.delivered > 3
    for name in ("journal.jsonl", "result.json"):
        shutil.copy(run / name, half / name)
    (sending,) = api.track(half, [target])
    assert sending.delivered > 3
    assert api.track(half, [target])[0].delivered == 0
    return half


def entries(run: Path) -> list[Entry]:
    teller = EntryMaker("en")
    made = [teller.entry(e["kind"], e["key"], e["payload"]) for e in runs.events(run)]
    return [entry for entry in made if entry]


def points(run: Path) -> Counter[tuple[str, int]]:
    """(name, step) of every number."""
    return Counter((f"{entry.group}/{p.name}", p.step) for entry in entries(run) for p in entry.points)


def shown(folder: Path) -> Counter[tuple[str, int]]:
    """(name, step) of every number that TensorBoard finds in a folder."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found: Counter[tuple[str, int]] = Counter()
    for home in [folder, *(path for path in folder.iterdir() if path.is_dir())]:
        read = EventAccumulator(str(home), size_guidance={"scalars": 0})
        read.Reload()
        group = "" if home == folder else home.name.replace("-", "/") + "/"
        found += Counter((group + tag, e.step) for tag in read.Tags()["scalars"] for e in read.Scalars(tag))
    return found


@pytest.mark.slow
def test_a_killed_run_continues_the_same_curves(tracked: Tracked, tmp_path: Path) -> None:
    needs("tensorboard")
    out = tmp_path / "killed"
    words = runs.command(tracked.rows, tracked.base, out, "--track", "tensorboard")
    kill_after(words, out, 13)
    assert not (out / "result.json").exists()
    done = runs.finish(words)
    assert done.returncode == 0, done.stderr
    assert shown(out / "trackers" / "tensorboard") == points(out)


def test_advise_reads_the_tensorboard_files(run: Path, tmp_path: Path) -> None:
    needs("tensorboard")
    folder = twice(run, tmp_path / "half", "tensorboard") / "trackers" / "tensorboard"
    assert shown(folder) == points(run)
    (told,) = [entry for entry in entries(run) if entry.group == "probe/1"]
    losses = sorted(p.value for p in told.points if p.name == "train_loss")
    advised = advise.advise([folder / "probe-1"]).lines("en")
    assert losses and any(f"{len(losses)} " in line for line in advised), advised


def mlflow_is_right(uri: str, run: Path) -> Any:
    """Every number of `run` is there once, with its parameters, sentences and status; returns the run there."""
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name("rankfirst")
    (found,) = client.search_runs([experiment.experiment_id])
    names = {name for name, _ in points(run)}
    assert set(found.data.metrics) == names
    history = [(name, m.step) for name in names for m in client.get_metric_history(found.info.run_id, name)]
    assert Counter(history) == points(run)
    assert found.data.params["seed"] == "0" and found.data.params["start/rank"] == "8"
    assert found.data.tags["decision/capacity-0"].startswith("[Capacity]")
    assert found.info.status == "FINISHED"
    return found


def test_mlflow_in_a_folder(run: Path, tmp_path: Path) -> None:
    needs("mlflow")
    twice(run, tmp_path / "half", f"mlflow={tmp_path / 'mlruns'}")
    found = mlflow_is_right((tmp_path / "mlruns").as_uri(), run)
    kept = next((tmp_path / "mlruns").glob(f"*/{found.info.run_id}/artifacts"))
    assert {path.name for path in kept.iterdir()} == {"report.html", "result.json"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of a real MLflow server with a file store."""
    beside = Path(sys.executable).with_name("mlflow")
    command = os.environ.get("RANKFIRST_MLFLOW") or (str(beside) if beside.exists() else shutil.which("mlflow"))
    if command is None:
        pytest.skip("no MLflow server: pip install mlflow, or name its command in RANKFIRST_MLFLOW")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = [
        "--backend-store-uri",
        f"sqlite:///{tmp_path / 'server.db'}",
        "--artifacts-destination",
        str(tmp_path / "kept"),
    ]
    where = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen([command, "server", *where, *store], stdout=log, stderr=log, cwd=tmp_path)
        try:
            yield answering(f"http://127.0.0.1:{port}", process, tmp_path / "server.log")
        finally:
            process.terminate()
            process.wait(30)


def answering(address: str, process: subprocess.Popen[bytes], log: Path) -> str:
    """The address, once it answers."""
    for _ in range(240):
        if process.poll() is not None:
            pytest.skip(f"the MLflow server does not start: {log.read_text(errors='replace')[-200:]!r}")
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                return address
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise TimeoutError(log.read_text(errors="replace"))


@pytest.mark.slow
def test_a_real_mlflow_server(run: Path, tmp_path: Path, server: str) -> None:
    needs("mlflow")
    twice(run, tmp_path / "half", f"mlflow={server}")
    found = mlflow_is_right(server, run)
    assert {path.name for path in (tmp_path / "kept").rglob("*.*") if path.is_file()} == {"report.html", "result.json"}
    assert found.info.run_name == "half"


def test_an_unreachable_mlflow_server_is_one_warning(run: Path, monkeypatch: pytest.MonkeyPatch,
                                                  caplog: pytest.LogCaptureFixture) -> None:  # fmt: skip
    needs("mlflow")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(api.RunError, match="not everything was sent"):
        api.track(run, ["mlflow=http://me:secret@127.0.0.1:9"])
    (line,) = [r.getMessage() for r in caplog.records if r.name == "rankfirst.trackers"]
    assert "can no longer be written to" in line and "secret" not in line


def test_wandb_writes_a_folder_to_sync_later(run: Path, tmp_path: Path) -> None:
    needs("wandb")
    folder = twice(run, tmp_path / "half", "wandb=shop") / "trackers" / "wandb"
    first, second = sorted(folder.glob("offline-run-*"))
    assert first.name.rpartition("-")[2] == second.name.rpartition("-")[2], "two parts of one run"
    raw = b"".join(path.read_bytes() for path in folder.rglob("*.wandb"))
    assert b"probe/1/train_loss" in raw and b"decision/capacity-0" in raw
    assert {path.name for path in (second / "files").iterdir()} == {"report.html", "result.json"}
    assert str(tmp_path).encode() not in raw and b"rows.csv" not in raw


def test_swanlab_writes_a_folder_to_sync_later(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    needs("swanlab")
    folder = twice(run, tmp_path / "half", "swanlab") / "trackers" / "swanlab"
    assert len(list(folder.glob("run-*/*.swanlab"))) == 2
    config = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("config.yaml"))
    assert "start/rank" in config and "probe/1/recipe" in config
    assert capsys.readouterr().out == ""


def test_trackio_writes_to_its_database(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                    capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    needs("trackio")
    for module in map(importlib.import_module, ("trackio.sqlite_storage", "trackio.utils", "trackio")):
        if hasattr(module, "TRACKIO_DIR"):  # read from the environment at import, which may have been earlier
            monkeypatch.setattr(module, "TRACKIO_DIR", tmp_path / "trackio")
    twice(run, tmp_path / "half", "trackio=shop")
    from trackio import SQLiteStorage

    (name,) = SQLiteStorage.get_runs("shop")
    logged = SQLiteStorage.get_logs("shop", name)
    numbers = Counter(
        (k, row["step"]) for row in logged for k, v in row.items() if "/" in k and isinstance(v, float | int)
    )
    assert numbers == points(run)
    assert capsys.readouterr().out == ""
