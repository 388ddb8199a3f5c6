"""Ctrl-C and SIGTERM: print what is kept and the command that continues; exit code 130 or 143.

The first signal raises `Stopped`, which unwinds the command, releases locks and restores the terminal. Native code (a
tokeniser, a solver) may block the main thread for too long; then a thread that the signal wakes ends the process. This
loses nothing, since a journal may be cut off at any moment. A second signal ends the process at once.
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
TWICE: Final = 0.3  # seconds after the first signal from which another one counts as a second
SHOW_CURSOR: Final = "\x1b[?25h"


class Stopped(BaseException):
    """A signal to stop. Not a KeyboardInterrupt, which the command parser would swallow silently."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


class LastWords:
    """The lines printed if the process is stopped; each command sets its own while it runs."""

    def __init__(self) -> None:
        self.begin(tuple)

    def begin(self, lines: Callable[[], Sequence[str]]) -> None:
        """Set the lines of a command that begins."""
        self.lines, self._printed = lines, threading.Lock()

    def say(self) -> None:
        """Print the lines on stderr, once even if called several times."""
        if not self._printed.acquire(blocking=False):
            return
        with contextlib.suppress(OSError, ValueError):  # stderr may be closed
            sys.stderr.write("".join(f"{line}\n" for line in self.lines()))
            sys.stderr.flush()

    def leave(self, number: int) -> NoReturn:
        """End the process now, whatever its main thread is doing."""
        with contextlib.suppress(OSError, ValueError):
            if sys.stdout.isatty():
                os.write(sys.stdout.fileno(), SHOW_CURSOR.encode())
        self.say()
        os._exit(128 + number)


class _Signals:
    """The signals caught so far, shared by the handler in the main thread and the watching thread."""

    def __init__(self, last: LastWords) -> None:
        self.last, self.raised = last, False
        self.first = 0.0  # monotonic seconds of the first signal

    def caught(self, number: int, frame: object) -> None:
        """The signal handler. Raises: Stopped."""
        if not self.raised:
            self.raised, self.first = True, self.first or time.monotonic()
            raise Stopped(number)
        if self.again():
            self.last.leave(number)

    def again(self) -> bool:
        """Whether this is a second signal and not the first one repeated: some senders signal process and group."""
        return self.first > 0 and time.monotonic() - self.first > TWICE

    def watch(self, heard: socket.socket, numbers: frozenset[int]) -> None:
        """In a thread: end the process `GRACE` seconds after the first signal, if the main thread has not."""
        with heard:
            first = _next(heard, numbers, None)
            if first is None:  # the command is over
                return
            until = time.monotonic() + GRACE
            self.first = self.first or time.monotonic()
            while (left := until - time.monotonic()) > 0:
                if _next(heard, numbers, left) is None:  # the command unwinds, or time is up
                    time.sleep(max(0.0, until - time.monotonic()))
                elif self.again():
                    break
            self.last.leave(first)


def _next(heard: socket.socket, numbers: frozenset[int], wait: float | None) -> int | None:
    """The next of these signals; None after `wait` seconds or if the socket is closed."""
    heard.settimeout(wait)
    with contextlib.suppress(OSError):  # TimeoutError is one
        while data := heard.recv(1):
            if data[0] in numbers:
                return data[0]
    return None


@contextlib.contextmanager
def stoppable(last: LastWords, lines: Callable[[], Sequence[str]]) -> Iterator[None]:
    """In the block, SIGINT and SIGTERM raise `Stopped` and print `lines`; signals that the parent ignored stay ignored.

    For commands without signal handlers of their own, unlike the server.
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
    """End the process after unwinding, without shutting down the interpreter, which takes a second with torch."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def command(words: Sequence[str], without: Sequence[str] = ()) -> str:
    """The command line of this process, quoted for the shell, without the flags in `without`."""
    program, *rest = words
    kept = [*_program(program), *(word for word in rest if word not in without)]
    return subprocess.list2cmdline(kept) if os.name == "nt" else shlex.join(kept)


def _program(path: str) -> list[str]:
    """`rankfirst` if the shell finds this program under that name, else its path."""
    if Path(path).name == "__main__.py":
        return [sys.executable, "-m", "rankfirst"]
    name = Path(path).stem
    on_path = shutil.which(name)
    return [name] if on_path and Path(on_path).resolve() == Path(path).resolve() else [path]


last_words: Final = LastWords()
"""The last words of this process."""
