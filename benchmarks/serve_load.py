"""How fast `rankfirst serve` answers single short texts, beside a transformers pipeline behind the same endpoint.

Usage: python -m benchmarks.serve_load RUN TEXTS.csv [SECONDS] [RATE]    (a run that was exported; appends to
results/serve_load.csv). Requests come by a clock, RATE a second (default 100), whether or not others were answered;
then as fast as they can over 16 connections. Client and server share the machine's cores.
"""

import asyncio
import csv
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from benchmarks.tables import append

CONNECTIONS = 16
PIPELINE = """
import sys
import torch
from pathlib import Path
from rankfirst.classifier import load
from rankfirst.server import serve
torch.set_num_threads(2)
run = Path(sys.argv[1])
model = load(run)
class OneByOne:
    classes, multi_label, calibration = model.classes, model.multi_label, model.calibration
    answers = staticmethod(model.answers)
    @staticmethod
    def read(texts):
        import numpy as np
        from rankfirst.classifier import Reading
        p = np.concatenate([model.predict_proba([text]) for text in texts])
        return Reading(p, p, None)
serve(run, lambda: OneByOne, port=0, say=lambda at: print(at, flush=True))
"""


def main(run: Path, file: Path, seconds: float = 60.0, rate: float = 100.0) -> None:
    """Measure both servers."""
    with file.open(newline="", encoding="utf-8") as rows:
        texts = [row["text"] for row in csv.DictReader(rows)]
    for kind in ("int8", "onnx", "torch, a text at a time"):
        words = ["-m", "rankfirst", "serve", str(run), "--backend", kind, "--port", "0"]
        command = [sys.executable, *(words if kind in ("int8", "onnx") else ["-c", PIPELINE, str(run)])]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            line = server.stdout.readline()
            address = next(word for word in line.replace(": ", " ").split() if word.startswith("http")).rstrip(":")
            try:
                paced = asyncio.run(_paced(address, texts, seconds, rate if kind in ("int8", "onnx") else rate / 5))
                free = asyncio.run(_free(address, texts, seconds / 2))
                memory = _memory(server.pid)
            finally:
                server.terminate()
        append("serve_load", {"server": kind, **paced, **free, "memory_mb": memory,
                              "load": round(os.getloadavg()[0], 1)})  # fmt: skip


async def _paced(address: str, texts: list[str], seconds: float, rate: float) -> dict[str, Any]:
    took: list[float] = []
    errors = 0
    async with httpx.AsyncClient(base_url=address, timeout=30) as client:
        await client.post("/v1/classify", json={"texts": texts[:8]})

        async def one(text: str) -> None:
            nonlocal errors
            began = time.perf_counter()
            try:
                answer = await client.post("/v1/classify", json={"texts": [text]})
                errors += answer.status_code != 200
            except httpx.HTTPError:
                errors += 1
            took.append(1000 * (time.perf_counter() - began))

        began, asked = time.perf_counter(), []
        for n in range(int(seconds * rate)):
            await asyncio.sleep(max(0.0, began + n / rate - time.perf_counter()))
            asked.append(asyncio.create_task(one(texts[n % len(texts)])))
        await asyncio.gather(*asked)
    p50, p99 = np.percentile(took, [50, 99])
    return {"rate": rate, "seconds": seconds, "requests": len(took), "errors": errors, "p50_ms": round(float(p50), 2),
            "p99_ms": round(float(p99), 2), "worst_ms": round(max(took), 1)}  # fmt: skip


async def _free(address: str, texts: list[str], seconds: float) -> dict[str, Any]:
    done, end = 0, time.perf_counter() + seconds
    async with httpx.AsyncClient(base_url=address, timeout=30) as client:

        async def keep() -> None:
            nonlocal done
            while time.perf_counter() < end:
                await client.post("/v1/classify", json={"texts": [texts[done % len(texts)]]})
                done += 1

        await asyncio.gather(*(keep() for _ in range(CONNECTIONS)))
    return {"most_a_second": round(done / seconds, 1)}


def _memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, 1)
    told = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    return round(int(told["VmRSS"].split()[0]) / 1024, 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *map(float, sys.argv[3:]))
