"""What short requests wait for beside connections that only keep the server waiting: silent ones, and slow ones.

Usage: python -m benchmarks.serve_idle RUN [SECONDS 30] [RATE 20] [SILENT 1000] [SLOW 50] [CORE 0], RUN exported as int8
(appends to results/serve_idle.csv). Silent connections send nothing, slow ones a byte of a request's head or body every
half second; whatever the server cuts is opened again. The server and both clients share one core.
"""

import asyncio
import contextlib
import os
import sys
from pathlib import Path

from benchmarks.http_load import Client, Seen, play
from benchmarks.serve_load import served
from benchmarks.serve_long import SHORT
from benchmarks.tables import append

SPREAD = 9.0  # seconds over which they are opened: the server cuts a silent one after ten, one by one
HEAD = b"POST /v1/classify HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n"


async def annoy(client: Client, begin: bytes, drop: bytes, every: float, cuts: list[int], after: float) -> None:
    """A connection that is opened after some seconds, and again whenever the server closes it."""
    await asyncio.sleep(after)
    while True:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection(client.host, client.port)
            try:
                writer.write(begin)
                while not reader.at_eof():
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(reader.read(1000), every)
                    writer.write(drop)
                cuts.append(1)
            finally:
                writer.close()


async def measured(client: Client, seconds: float, rate: float, silent: int, slow: int) -> tuple[Seen, Seen, int]:
    """Short requests alone, and beside the others."""
    await client.free(1, 3.0)
    alone, cuts = await client.paced(rate, seconds), list[int]()
    tasks = [asyncio.create_task(annoy(client, b"", b"", 60.0, cuts, SPREAD * n / silent)) for n in range(silent)]
    tasks += [
        asyncio.create_task(annoy(client, HEAD + b"\r\n" * (n % 2), b"x", 0.5, cuts, SPREAD * n / slow))
        for n in range(slow)
    ]
    await asyncio.sleep(SPREAD + 1.0)
    beside = await client.paced(rate, seconds)
    for task in tasks:
        task.cancel()
    return alone, beside, len(cuts)


def main(run: Path, seconds: float = 30.0, rate: float = 20.0, silent: float = 1000, slow: float = 50,
         core: float = 0) -> None:  # fmt: skip
    """A line for each."""
    os.sched_setaffinity(0, {int(core)})  # the server inherits it
    with served("int8", run, SHORT) as (client, _):
        alone, beside, cuts = play(measured(client, seconds, rate, int(silent), int(slow)))
    for how, seen in (("alone", alone), ("beside", beside)):
        append("serve_idle", {"short": how, "rate": rate, "seconds": seconds, "silent": silent if seen is beside else 0,
                              "slow": slow if seen is beside else 0, **seen.told(),
                              "cut": cuts if seen is beside else 0, "load": round(os.getloadavg()[0], 1)})  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(float, sys.argv[2:]))
