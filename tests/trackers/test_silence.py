"""What a library prints from a tracker's thread is dropped; what the run prints meanwhile is not."""

import io
import sys
import threading

import pytest
from rich.console import Console
from rich.progress import Progress

from rankfirst.trackers.silence import hushed


def beside(work) -> None:
    """Print from this thread while another one is hushed and prints by its own means."""
    ready, done = threading.Event(), threading.Event()

    def library() -> None:
        with hushed():
            work()
            ready.set()
            done.wait(10)

    thread = threading.Thread(target=library)
    thread.start()
    ready.wait(10)
    print("of the run")
    done.set()
    thread.join()


def test_only_the_hushed_thread_is_silenced(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout
    beside(lambda: print("of the library"))
    print("afterwards")
    assert capsys.readouterr().out == "of the run\nafterwards\n"
    assert sys.stdout is before


def test_hushing_works_during_a_rich_progress_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(sys, "stdout", screen)
    with Progress(console=Console(force_terminal=True)):
        beside(lambda: Console().print("of the library"))
    assert "of the run" in screen.getvalue()
    assert "of the library" not in screen.getvalue()
