"""What short requests wait for beside long ones: 256 long texts a request, one after another, on one core.

Usage: python -m benchmarks.serve_long RUN NAME [SECONDS 30] [RATE 10] [CORE 0], RUN exported as int8 by
`rankfirst export`, NAME for the table (appends to results/serve_long.csv). Short: a text of some 12 words, RATE a
second by a clock, first alone, then beside the long requests of another client. The server runs on one core; the
client, which costs little, on the same one.
"""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.http_load import Client, Connection, Seen, play
from benchmarks.serve_load import served
from benchmarks.tables import append

SHORT = [f"could you tell me when card number {n} is going to reach my home" for n in range(50)]
TEXTS, CHARS = 256, 15_000  # the most that a request may have
WORDS = "my card has not arrived and the payment was taken twice from the account so please send the money back "


@dataclass
class Long:
    """What became of the long requests."""

    answered: int = 0
    refused: int = 0


async def flood(client: Client, long: Long) -> None:
    """Long requests, one after another."""
    body = json.dumps({"texts": [(f"{n} " + WORDS * (CHARS // len(WORDS)))[:CHARS] for n in range(TEXTS)]}).encode()
    head = (f"POST /v1/classify HTTP/1.1\r\nhost: {client.host}:{client.port}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n")  # fmt: skip
    while True:
        _, connection = await asyncio.get_running_loop().create_connection(Connection, client.host, client.port)
        status = await connection.ask(head.encode() + body, 60.0)
        connection.transport.close()
        long.answered, long.refused = long.answered + (status == 200), long.refused + (status != 200)


async def measured(client: Client, seconds: float, rate: float) -> tuple[Seen, Seen, Long]:
    """Short requests alone, and beside long ones."""
    await client.free(1, 3.0)
    alone, long = await client.paced(rate, seconds), Long()
    task = asyncio.create_task(flood(client, long))
    await asyncio.sleep(1.0)
    beside = await client.paced(rate, seconds)
    task.cancel()
    return alone, beside, long


def main(run: Path, name: str, seconds: float = 30.0, rate: float = 10.0, core: float = 0) -> None:
    """A line for each."""
    os.sched_setaffinity(0, {int(core)})  # the server inherits it
    with served("int8", run, SHORT) as (client, _):
        alone, beside, long = play(measured(client, seconds, rate))
    for how, seen in (("alone", alone), ("beside long ones", beside)):
        counted = long if seen is beside else Long()
        append("serve_long", {"server": name, "short": how, "rate": rate, "seconds": seconds, **seen.told(),
                              "long_answered": counted.answered, "long_refused": counted.refused,
                              "load": round(os.getloadavg()[0], 1)})  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], *map(float, sys.argv[3:]))
