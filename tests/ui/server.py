"""`rankfirst ui` as a process of its own."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": "1", "RANKFIRST_LANG": "en"}


@contextmanager
def served(*given: str, cwd: Path | None = None) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """(address, process) of `rankfirst ui` on a free port."""
    command = [sys.executable, "-m", "rankfirst", "ui", *given, "--port", "0"]
    process = subprocess.Popen(command, env=environment(), cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True)  # fmt: skip
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        address = re.search(r"http://\S+", first)
        assert address is not None, first + (process.stderr.read() if process.stderr else "")
        yield address[0], process
    finally:
        process.terminate()
        process.communicate(timeout=20)
