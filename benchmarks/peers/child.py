"""One peer in a process of its own: train, save, answer the test texts, and say what it took.

Usage: python -m benchmarks.peers.child ADAPTER FOLDER      (FOLDER holds job.json and test.json; writes answers there)
"""

import json
import os
import resource
import sys
import time
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.peers import protocol


def main(adapter: str, folder: Path) -> None:
    """Write answers.npz and told.json."""
    job = protocol.read(folder / "job.json")
    peer: protocol.Peer = import_module(f"benchmarks.peers.adapters.{adapter}").Peer()
    saved = folder / "saved"
    saved.mkdir()
    peer.fit(job)
    peer.save(saved)
    trained = _cpu(), time.time() - _started()
    texts = json.loads((folder / "test.json").read_text(encoding="utf-8"))
    peer.predict(texts[:8])  # what is loaded at the first answer
    began = _cpu()
    answers = peer.predict(texts)
    told = {
        "cpu_seconds": trained[0],
        "seconds": trained[1],
        "ms_a_text": 1000 * (_cpu() - began) / len(texts),
        "peak_mb": max(resource.getrusage(who).ru_maxrss for who in _WHO) / 1024,
        "mb": sum(file.stat().st_size for file in saved.rglob("*") if file.is_file()) / 1e6,
        "base_mb": _weights(Path(job.encoder)) / 1e6 if peer.needs_base else 0.0,
        "versions": " ".join(f"{name}={version(name)}" for name in peer.packages),
        "note": getattr(peer, "note", ""),
    }
    probabilities = {} if answers.probabilities is None else {"probabilities": answers.probabilities}
    np.savez_compressed(folder / "answers.npz", labels=answers.labels, **probabilities)
    (folder / "told.json").write_text(json.dumps(told), encoding="utf-8")


_WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def _cpu() -> float:
    """Seconds of CPU of this process and of children that ended."""
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, _WHO))


def _started() -> float:
    """When this process began, as `time.time`. The parent says it, so that starting Python counts."""
    return float(os.environ["PEER_STARTED"])


def _weights(encoder: Path) -> int:
    """Bytes of the base model's folder."""
    return sum(file.stat().st_size for file in encoder.iterdir() if file.is_file())


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
