"""The driver's side of the processes that train one recipe together. Torch-free.

The driver is not one of them. It never waits in a collective, so it notices when a process fails, and its own long
steps (n-grams, a frozen classifier) do not stall a collective.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, Final

from rankfirst.engine.base import EngineOptions, Source, Tick, Watch, no_tick, no_watch
from rankfirst.engine.ray.cluster import processors
from rankfirst.errors import EngineError, OptionError, RankfirstError
from rankfirst.records import Dataset

TIMEOUT: Final = 600.0  # seconds that a process waits for the others inside a collective
PARTED: Final = "processes.parted"  # error code of a process that lost its connection to the others
GRACE: Final = 10.0  # seconds that the others have to fail as well, once one has failed


Receive = Callable[[str, Any], None]


def _nothing(kind: str, value: Any) -> None:
    """The default `receive`, for requests that are answered in one message."""


@dataclass(frozen=True)
class Processes:
    """The number of processes that train one recipe together, and whether the base is sharded over them."""

    count: int
    sharded: bool = False

    @property
    def spec(self) -> str:
        """For the journal."""
        return f"{self.count} processes, sharded" if self.sharded else f"{self.count} processes"

    @property
    def options(self) -> dict[str, Any]:
        """The options of `fit` that request these processes."""
        return {"processes": self.count, "shard": self.sharded}


def parse(count: int | None, shard: bool, engine: str) -> Processes | None:
    """Parse the options; None: train in this process. Raises: OptionError."""
    count = 1 if count is None else count
    if count < 1:
        raise OptionError("processes.bad_count", count=count)
    if shard and count == 1:
        raise OptionError("processes.shard_alone")
    if count == 1:
        return None
    if engine != "local":
        raise OptionError("processes.with_ray", engine=engine)
    if os.name == "nt":
        raise OptionError("processes.no_windows")
    if count > processors():
        raise OptionError("processes.small_machine", count=count, found=processors())
    return Processes(count, shard)


@dataclass(frozen=True)
class Begin:
    """The first request to a process."""

    rank: int
    size: int
    sharded: bool
    meeting: str  # the file of the rendezvous
    timeout: float  # seconds of a collective
    device: str  # cpu or cuda
    threads: int
    dataset: Dataset
    source: Source
    folder: str
    options: EngineOptions


@dataclass(frozen=True)
class Member:
    """One of the processes."""

    process: subprocess.Popen[bytes]
    pipe: Any  # Connection


class ProcessPool:
    """The processes. They end together: if one ends, all are ended."""

    def __init__(self, count: int, threads: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="rankfirst-"))
        self.meeting = str(self.folder / "meeting")
        self.members: list[Member] = []
        try:
            for rank in range(count):
                self.members.append(_start(rank, count, threads))
        except BaseException:
            self.end()
            raise

    def ask(
        self,
        name: str,
        args: Sequence[tuple[Any, ...]],
        tick: Tick = no_tick,
        watch: Watch = no_watch,
        receive: Receive = _nothing,
    ) -> list[Any]:
        """Send a request to the first `len(args)` processes and return their answers, one per process.

        Args: receive: called with (kind, value) of further messages.
        Raises: errors of the processes; EngineError if one is lost. All are ended if some would wait for others.
        """
        if not self.members:
            raise EngineError("processes.gone")
        try:
            for rank, own in enumerate(args):
                self._send(rank, (name, own))
            answers, failed = self._answers(len(args), tick, watch, receive)
        except BaseException:
            self.end()
            raise
        if failed:
            parted = [error for error in failed.values() if getattr(error, "code", "") == PARTED]
            if parted or len(answers) + len(failed) < len(args):  # otherwise no process waits for another
                self.end()
            ours = [error for error in failed.values() if isinstance(error, RankfirstError) and error not in parted]
            raise (ours + [error for error in failed.values() if error not in parted] + parted)[0]
        return [answers[rank] for rank in range(len(args))]

    def _answers(
        self, count: int, tick: Tick, watch: Watch, receive: Receive
    ) -> tuple[dict[int, Any], dict[int, Exception]]:
        """(answers, errors) by rank; ranks are missing if their processes wait for one that failed."""
        answers: dict[int, Any] = {}
        failed: dict[int, Exception] = {}
        until: float | None = None
        while len(answers) + len(failed) < count:
            left = None if until is None else max(0.0, until - time.monotonic())
            ready = wait([member.pipe for member in self.members], left)
            if not ready:
                break
            for rank in [rank for rank, member in enumerate(self.members) if member.pipe in ready]:
                kind, value = self._received(rank)
                if kind == "done":
                    answers[rank] = value
                elif kind == "failed":
                    failed[rank] = value
                    until = until or time.monotonic() + GRACE
                elif kind == "tick":
                    tick(*value)
                elif kind == "pulse":
                    watch(value)
                else:
                    receive(kind, value)
        return answers, failed

    def _send(self, rank: int, what: tuple[str, tuple[Any, ...]]) -> None:
        try:
            self.members[rank].pipe.send(what)
        except OSError:
            raise self._died(rank) from None

    def _received(self, rank: int) -> tuple[str, Any]:
        try:
            message: tuple[str, Any] = self.members[rank].pipe.recv()
        except (EOFError, OSError):
            raise self._died(rank) from None
        return message

    def _died(self, rank: int) -> EngineError:
        code: int | None = None
        with suppress(subprocess.TimeoutExpired):
            code = self.members[rank].process.wait(GRACE)
        how = "?" if code is None else signal.Signals(-code).name if code < 0 else str(code)
        return EngineError("processes.died", process=rank + 1, count=len(self.members), how=how)

    def end(self) -> None:
        """Kill all processes. Idempotent."""
        members, self.members = self.members, []
        for member in members:
            member.process.kill()
        for member in members:
            member.pipe.close()
            if member.process.stdin is not None:
                member.process.stdin.close()
            member.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def _start(rank: int, size: int, threads: int) -> Member:
    """Start a process in its own session, so that Ctrl-C at the terminal reaches only the driver."""
    ours, theirs = Pipe()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ACCELERATE_")}
    environment |= {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": str(size),
        "LOCAL_WORLD_SIZE": str(size),
        "OMP_NUM_THREADS": str(threads),
        "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),
    }
    if (loopback := _loopback()) is not None:  # their traffic stays on this machine
        environment |= {"GLOO_SOCKET_IFNAME": loopback, "NCCL_SOCKET_IFNAME": loopback}
    command = [sys.executable, "-P", "-m", "rankfirst.engine.parallel.worker_process", str(theirs.fileno())]
    with theirs:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, pass_fds=[theirs.fileno()],
                                   start_new_session=True)  # fmt: skip
    return Member(process, ours)


def _loopback() -> str | None:
    return next((name for _, name in socket.if_nameindex() if name.startswith("lo")), None)
