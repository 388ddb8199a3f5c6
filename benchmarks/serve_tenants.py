"""Many tenants for half an hour: errors, times and memory of each minute, beside silent and slow connections.

Usage: python -m benchmarks.serve_tenants RUNS [MINUTES 30] [RATE 25] [SILENT 1000] [SLOW 50] [CORE 1] [BACKEND int8]
(Linux; RUNS as for `serve --tenants`; appends to results/serve_tenants.csv)

RATE requests of a text a second by a clock, each to the next tenant. Every fifth minute there are no other connections;
else SILENT ones send nothing and SLOW ones a byte of a request's head or body every half second, from a process of
their own, opened again when the server cuts them. /healthz is asked ten times a minute. All share one core with
whatever else runs there: `load` is that of the machine, so times are upper limits.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

from benchmarks.http_load import Client, play
from benchmarks.serve_idle import HEAD, annoy
from benchmarks.serve_load import _load, _memory
from benchmarks.tables import append
from rankfirst.sample import generate

SPREAD = 9.0  # seconds over which connections are opened
HEALTH = 6.0  # seconds between questions to /healthz


async def annoyed(address: str, silent: int, slow: int) -> None:
    """Keep these connections open for ever."""
    client, cuts = Client(address, ["x"]), list[int]()
    quiet = [annoy(client, b"", b"", 60.0, cuts, SPREAD * n / silent) for n in range(silent)]
    dripping = [annoy(client, HEAD + b"\r\n" * (n % 2), b"x", 0.5, cuts, SPREAD * n / slow) for n in range(slow)]
    await asyncio.gather(*quiet, *dripping)


@contextlib.contextmanager
def beside(address: str, silent: int, slow: int) -> Iterator[None]:
    """The other connections, in a process of their own."""
    code = f"asyncio.run(annoyed({address!r}, {silent}, {slow}))"
    code = f"import asyncio; from benchmarks.serve_tenants import annoyed; {code}"
    with subprocess.Popen(["nice", "-n", "5", sys.executable, "-c", code]) as process:
        try:
            time.sleep(SPREAD + 6.0)
            yield
        finally:
            process.send_signal(signal.SIGKILL)


def _healthy(address: str) -> float:
    """Milliseconds until /healthz answered; infinite if it did not."""
    began = time.perf_counter()
    try:
        with urlopen(f"{address}/healthz", timeout=10) as answer:
            answer.read()
    except OSError:
        return float("inf")
    return 1000 * (time.perf_counter() - began)


async def _minute(client: Client, address: str, rate: float) -> dict[str, object]:
    waits = list[float]()

    async def health() -> None:
        while True:
            waits.append(await asyncio.to_thread(_healthy, address))
            await asyncio.sleep(HEALTH)

    asking = asyncio.create_task(health())
    seen = await client.paced(rate, 60.0)
    asking.cancel()
    return {**seen.told(), "healthz_worst_ms": round(max(waits), 1)}


def main(runs: Path, minutes: int = 30, rate: float = 25, silent: int = 1000, slow: int = 50, core: int = 1,
         backend: str = "int8") -> None:  # fmt: skip
    """A line a minute."""
    os.sched_setaffinity(0, {core})
    names = sorted(path.parent.name for path in runs.glob("*/model"))
    shown = [row.text for row in generate("en", 400)]
    command = [sys.executable, "-m", "rankfirst", "serve", "--tenants", str(runs), "--backend", backend, "--port", "0",
               "--max-models", str(len(names))]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            line = next((line for line in server.stdout if "http" in line), "")
            address = next(word for word in line.split() if word.startswith("http")).rstrip(":")
            client = Client(address, shown, [f"/v1/{name}/classify" for name in names])
            play(client.free(2, 2.0 * len(names)))  # so that all are loaded
            for n in range(minutes):
                client.idle.clear()  # connections of a loop that has ended
                alone = n % 5 == 4
                with contextlib.nullcontext() if alone else beside(address, silent, slow):
                    told = play(_minute(client, address, rate))
                append("serve_tenants", {"minute": n + 1, "backend": backend, "tenants": len(names), "rate": rate,
                                         "silent": 0 if alone else silent, "slow": 0 if alone else slow, **told,
                                         "memory_mb": _memory(server.pid), "load": _load()})  # fmt: skip
        finally:
            server.terminate()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:7]), *sys.argv[7:8])
