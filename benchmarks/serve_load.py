"""How `rankfirst serve` bears load, beside a transformers pipeline behind the same endpoint.

Usage, of a run that `rankfirst export` wrote in all formats, and a CSV with a column `text`:

    python -m benchmarks.serve_load steady RUN TEXTS.csv [SECONDS 60] [RATE 100]   -> results/serve_load.csv
    python -m benchmarks.serve_load ratio RUN TEXTS.csv [ROUNDS 5] [SECONDS 10]    -> results/serve_ratio.csv
    python -m benchmarks.serve_load soak RUN TEXTS.csv [MINUTES 10] [RATE 100]     -> results/serve_soak.csv

steady: RATE requests of a text a second by a clock, whether or not others were answered, then as many as it answers
over 16 connections. ratio: the latter only, our server and the pipeline's in turns, so that a busy moment of the
machine meets both, with the CPU time that each server took a request, which does not depend on who else is busy.
soak: a line a minute. Client and server share the machine's cores.

The pipeline is `pipeline("text-classification")` on the run's merged encoder with a head of its own (untrained: it
takes the same time), torch with two threads, a text at a time, in our server's own routes.
"""

import contextlib
import csv
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.http_load import Client, Seen, play
from benchmarks.tables import append

CONNECTIONS = 16
WARM = 3.0  # seconds
PIPELINE = "transformers pipeline, a text at a time"
CODE = """
import sys
import numpy as np, torch
from pathlib import Path
from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline
from rankfirst.model.classifier import Reading, load
from rankfirst.server import serve
torch.set_num_threads(2)
run = Path(sys.argv[1])
given, merged = load(run), run / "model" / "merged"
network = AutoModelForSequenceClassification.from_pretrained(merged, num_labels=len(given.classes))
pipe = pipeline("text-classification", model=network, tokenizer=AutoTokenizer.from_pretrained(merged), device=-1)
places = {f"LABEL_{n}": n for n in range(len(given.classes))}
class Piped:
    classes, multi_label, calibration = given.classes, given.multi_label, given.calibration
    answers = staticmethod(given.answers)
    @staticmethod
    def read(texts):
        p = np.zeros((len(texts), len(given.classes)))
        for row, text in zip(p, texts):
            [best] = pipe(text)
            row[places[best["label"]]] = best["score"]
        return Reading(p, p, None)
serve(run, lambda: Piped, port=0, say=lambda at: print(at, flush=True))
"""


@contextlib.contextmanager
def served(kind: str, run: Path, texts: list[str]) -> Iterator[tuple[Client, int]]:
    """A client of such a server, warm, and the server's process id."""
    words = ["-c", CODE, str(run)] if kind == PIPELINE else [
        "-m", "rankfirst", "serve", str(run), "--backend", kind, "--port", "0"]  # fmt: skip
    with subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            line = next((line for line in server.stdout if "http" in line), "")
            address = next(word for word in line.replace(": ", " ").split() if word.startswith("http")).rstrip(":")
            yield Client(address, texts), server.pid
        finally:
            server.terminate()


def steady(run: Path, texts: list[str], seconds: float = 60.0, rate: float = 100.0) -> None:
    """Latency at a rate, the most a second, memory. The pipeline is asked a fifth as often, which it can bear."""
    for kind in ("int8", "onnx", PIPELINE):
        pace = rate if kind != PIPELINE else rate / 5

        async def measured(client: Client, pace: float) -> tuple[Seen, Seen]:
            await client.free(1, WARM)
            return await client.paced(pace, seconds), await client.free(CONNECTIONS, seconds / 2)

        with served(kind, run, texts) as (client, pid):
            paced, free = play(measured(client, pace))
            append("serve_load", {"server": kind, "rate": pace, "seconds": seconds, **paced.told(),
                                  "most_a_second": _rate(free), "memory_mb": _memory(pid),
                                  "load": _load()})  # fmt: skip


def ratio(run: Path, texts: list[str], rounds: float = 5, seconds: float = 10.0) -> None:
    """Requests a second of both, in turns."""

    async def turn(client: Client, pid: int) -> tuple[Seen, float]:
        before = _cpu(pid)
        seen = await client.free(CONNECTIONS, seconds)
        client.close()  # a server ends connections that were idle
        return seen, round((_cpu(pid) - before) / max(1, len(seen.took)), 2)

    async def measured(servers: list[tuple[Client, int]]) -> None:
        for client, _ in servers:
            await client.free(1, WARM)
        found = []
        for n in range(int(rounds)):
            (ours, our_cpu), (theirs, their_cpu) = [await turn(*server) for server in servers]
            found.append(_rate(ours) / _rate(theirs))
            append("serve_ratio", {"round": n, "int8": _rate(ours), "pipeline": _rate(theirs),
                                   "errors": ours.errors + theirs.errors, "ratio": round(found[-1], 2),
                                   "int8_cpu_ms": our_cpu, "pipeline_cpu_ms": their_cpu, "load": _load()})  # fmt: skip
        print("ratio: median", round(statistics.median(found), 2), "least", round(min(found), 2))

    with served("int8", run, texts) as ours, served(PIPELINE, run, texts) as theirs:
        play(measured([ours, theirs]))


def soak(run: Path, texts: list[str], minutes: float = 10, rate: float = 100.0) -> None:
    """int8 for some minutes: errors, times and memory of each."""

    async def measured(client: Client, pid: int) -> None:
        await client.free(CONNECTIONS, WARM)
        for n in range(int(minutes)):
            seen = await client.paced(rate, 60.0)
            append("serve_soak", {"minute": n + 1, **seen.told(), "memory_mb": _memory(pid), "load": _load()})

    with served("int8", run, texts) as (client, pid):
        play(measured(client, pid))


def _rate(seen: Seen) -> float:
    return round((len(seen.took) - seen.errors) / seen.seconds, 1)


def _load() -> float:
    return round(os.getloadavg()[0], 1)


def _cpu(pid: int) -> float:
    """Milliseconds so far."""
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float:
    told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return round(int(told["VmRSS"].split()[0]) / 1024, 1)


if __name__ == "__main__":
    what, run, file, *numbers = sys.argv[1:]
    with Path(file).open(newline="", encoding="utf-8") as rows:
        wanted = [row["text"] for row in csv.DictReader(rows)]
    began = time.monotonic()
    {"steady": steady, "ratio": ratio, "soak": soak}[what](Path(run), wanted, *map(float, numbers))
    print(f"{time.monotonic() - began:.0f} s")
