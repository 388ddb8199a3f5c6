"""Ctrl-C and SIGTERM: one line that says what is kept, the command that goes on, exit code 130 or 143.

The first signal is raised as `Stopped` and unwinds the command, so that locks are released and the terminal is put
back. Native code (a tokeniser, a solver) may hold the main thread for longer than anybody waits; then a thread that the
signal wakes ends the process in its place. Nothing is lost by that: a journal may be cut off at any moment. A second
signal ends at once.
"""

import contextlib
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NoReturn

GRACE: Final = 1.5  # seconds for the main thread to end by itself
TWICE: Final = 0.3  # seconds after the first from which a signal is a second one
SHOW_CURSOR: Final = "\x1b[?25h"


class Stopped(BaseException):
    """A signal asked to stop. Not a KeyboardInterrupt: the command parser would swallow that without a word."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


class LastWords:
    """What is said when the process is stopped; a command sets it to its own while it runs."""

    def __init__(self) -> None:
        self.begin(tuple)

    def begin(self, lines: Callable[[], Sequence[str]]) -> None:
        """A command begins, and nothing was said yet."""
        self.lines, self._said = lines, threading.Lock()

    def say(self) -> None:
        """Print them on stderr, once however often asked."""
        if not self._said.acquire(blocking=False):
            return
        with contextlib.suppress(OSError, ValueError):  # nobody reads stderr any more
            sys.stderr.write("".join(f"{line}\n" for line in self.lines()))
            sys.stderr.flush()

    def leave(self, number: int) -> NoReturn:
        """End the process now, whatever its main thread is at."""
        with contextlib.suppress(OSError, ValueError):
            if sys.stdout.isatty():
                os.write(sys.stdout.fileno(), SHOW_CURSOR.encode())
        self.say()
        os._exit(128 + number)


class _Signals:
    """What was caught so far, as the handler in the main thread and the thread beside it see it."""

    def __init__(self, last: LastWords) -> None:
        self.last, self.raised = last, False
        self.first = 0.0  # monotonic seconds of the first signal

    def caught(self, number: int, frame: object) -> None:
        """The handler. Raises: Stopped."""
        if not self.raised:
            self.raised, self.first = True, self.first or time.monotonic()
            raise Stopped(number)
        if self.again():
            self.last.leave(number)

    def again(self) -> bool:
        """Whether this is a second signal, not the first one once more: some senders tell the process and its group."""
        return self.first > 0 and time.monotonic() - self.first > TWICE

    def watch(self, heard: socket.socket, numbers: frozenset[int]) -> None:
        """In a thread: end the process where the main thread does not, `GRACE` seconds after the first signal."""
        with heard:
            first = _next(heard, numbers, None)
            if first is None:  # the command is over
                return
            until = time.monotonic() + GRACE
            self.first = self.first or time.monotonic()
            while (left := until - time.monotonic()) > 0:
                if _next(heard, numbers, left) is None:  # it unwinds, or time is up
                    time.sleep(max(0.0, until - time.monotonic()))
                elif self.again():
                    break
            self.last.leave(first)


def _next(heard: socket.socket, numbers: frozenset[int], wait: float | None) -> int | None:
    """The next of these signals; None when `wait` seconds passed or nobody sends any more."""
    heard.settimeout(wait)
    with contextlib.suppress(OSError):  # TimeoutError is one
        while data := heard.recv(1):
            if data[0] in numbers:
                return data[0]
    return None


@contextlib.contextmanager
def stoppable(last: LastWords, lines: Callable[[], Sequence[str]]) -> Iterator[None]:
    """SIGINT and SIGTERM raise `Stopped` in the block, and `lines` are said; one the parent had ignored stays ignored.

    A server that puts up handlers of its own does without.
    """
    last.begin(lines)
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = frozenset(n for n in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(n) is not signal.SIG_IGN)
    signals = _Signals(last)
    heard, rung = socket.socketpair()
    rung.setblocking(False)
    with contextlib.ExitStack() as undo:
        undo.callback(rung.close)  # which ends the thread
        undo.callback(signal.set_wakeup_fd, signal.set_wakeup_fd(rung.fileno(), warn_on_full_buffer=False))
        threading.Thread(target=signals.watch, args=(heard, numbers), daemon=True).start()
        for number in numbers:
            undo.callback(signal.signal, number, signal.signal(number, signals.caught))
        yield


def end(code: int) -> NoReturn:
    """End the process once everything is unwound; taking the interpreter with torch apart would take a second more."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def command(words: Sequence[str], without: Sequence[str] = ()) -> str:
    """The command line of this process, to be pasted into the same shell again; flags `without` are left out."""
    program, *rest = words
    kept = [*_program(program), *(word for word in rest if word not in without)]
    return subprocess.list2cmdline(kept) if os.name == "nt" else shlex.join(kept)


def _program(path: str) -> list[str]:
    """`rankfirst` where the shell finds it under that name, else what was started."""
    if Path(path).name == "__main__.py":
        return [sys.executable, "-m", "rankfirst"]
    name = Path(path).stem
    found = shutil.which(name)
    return [name] if found and Path(found).resolve() == Path(path).resolve() else [path]


last_words: Final = LastWords()
"""Of this process, as its signals are."""
