"""Runs checks in processes of their own, a process a group: what ends a process ends one check, and the rest go on."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.gpu_check.checks import Check

START: Final = 180.0  # seconds until a process must have begun its first check: the first import reads from disk
POLL: Final = 0.1
GRACE: Final = 5.0  # seconds that a process has to end once it has said all
TAIL: Final = 2000  # characters of what a dead process said

Command = Callable[[Sequence[Check], float], list[str]]
"""The process for some checks, which must end at a time."""


@dataclass
class Run:
    """What is left of a run's time, and what is known of each check."""

    folder: Path
    command: Command
    until: float  # of time.time()
    results: dict[str, dict[str, Any]] = field(default_factory=dict)

    def all(self, checks: Sequence[Check]) -> dict[str, dict[str, Any]]:
        """Run them group by group, in their order. Returns: the result of each by name, in the same order."""
        for group in dict.fromkeys(check.group for check in checks):
            left = [check for check in checks if check.group == group]
            while left:
                done = self._process(left)
                left = [check for check in left if check.name not in done]
        return {check.name: self.results[check.name] for check in checks}

    def _process(self, checks: Sequence[Check]) -> set[str]:
        """Run one process for these. Returns: the names of those that are settled, at least one."""
        settled: set[str] = set()
        for check in checks:  # what does not fit is skipped before anything is started for it
            if time.time() + check.seconds > self.until:
                self._settle(check.name, settled, status="skipped: no time")
        rest = [check for check in checks if check.name not in settled]
        if not rest:
            return settled
        log, said = self.folder / "said.txt", self.folder / "results.jsonl"
        said.unlink(missing_ok=True)
        with log.open("wb") as stream:
            process = subprocess.Popen(self.command(rest, self.until), stdout=stream, stderr=subprocess.STDOUT)
            try:
                why = self._watch(process, rest, said)
            finally:
                process.kill()
                process.wait()
        told = _read(said)
        for name, result in told.items():
            if "status" in result:
                self._settle(name, settled, **result)
        if len(settled) < len(checks):
            broken = next((n for n, result in told.items() if "status" not in result), rest[0].name)
            if broken not in settled:
                tail = log.read_text(encoding="utf-8", errors="replace")[-TAIL:]
                self._settle(broken, settled, status=why, said=tail)
        return settled

    def _settle(self, name: str, settled: set[str], **result: Any) -> None:
        self.results[name] = result
        settled.add(name)
        sys.stderr.write(f"{name}: {result['status']}\n")

    def _watch(self, process: "subprocess.Popen[bytes]", checks: Sequence[Check], said: Path) -> str:
        """Wait until the process ends or a deadline passes. Returns: what becomes of a check that it left open."""
        deadlines = {check.name: check.deadline for check in checks}
        seen, began, now = "", time.time(), ""
        while process.poll() is None:
            told = _read(said)
            if all("status" in told.get(check.name, {}) for check in checks):
                with suppress(subprocess.TimeoutExpired):  # it may hang on its way out
                    process.wait(GRACE)
                return ""
            now = next((name for name, result in told.items() if "status" not in result), "")
            if now != seen or not now:
                began = began if not now and not seen else time.time()
                seen = now
            if time.time() > min(self.until, began + deadlines.get(now, START)):
                return "timed out" if time.time() < self.until else "timed out: the time is up"
            time.sleep(POLL)
        return f"crashed: exit code {process.returncode}"


def _read(path: Path) -> dict[str, dict[str, Any]]:
    """What a process said of its checks; a check that it only began has no status. A half-written line is left out."""
    found: dict[str, dict[str, Any]] = {}
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                told = json.loads(line)
            except ValueError:
                continue
            found[told.pop("name")] = told
    return found
