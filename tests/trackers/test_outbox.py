"""A tracker can fail in any way: the run hears one line and goes on."""

import threading
import time
from pathlib import Path

import pytest

from rankfirst.trackers import Entry, outbox
from rankfirst.trackers.outbox import Outbox
from rankfirst.trackers.sent_log import Sent
from tests.trackers.fake import Fake

STEPS = [(f"probe {n}", Entry(f"probe/{n}")) for n in range(5)]


class Box:
    """An outbox and what it warned of."""

    def __init__(self, fake: Fake, file: Path) -> None:
        self.warned: list[str] = []
        self.box = Outbox(lambda: fake, lambda: Sent(file), "fake", "run", lambda code, _: self.warned.append(code))

    def send(self, steps: list[tuple[str, Entry]] = STEPS, finished: bool = True, patience: float = 5.0) -> list[str]:
        for step in steps:
            self.box.offer(*step)
        self.box.close((), finished, patience)
        return self.warned


def test_entries_are_sent_in_order_once_and_the_run_closed(tmp_path: Path) -> None:
    fake = Fake()
    assert Box(fake, tmp_path / "sent.json").send() == []
    assert fake.calls == [("begin", ""), *(("log", entry) for _, entry in STEPS), ("end", ({}, True))]


def test_a_second_session_continues_where_the_first_stopped(tmp_path: Path) -> None:
    fake = Fake()
    Box(fake, tmp_path / "sent.json").send(STEPS[:2], finished=False)
    Box(fake, tmp_path / "sent.json").send(STEPS)
    assert [call for call, _ in fake.calls] == ["begin", "log", "log", "end", "begin", "log", "log", "log", "end"]
    assert fake.entries == [entry for _, entry in STEPS]
    assert fake.calls[4] == ("begin", "id of run")
    Box(fake, tmp_path / "sent.json").send(STEPS)
    assert len(fake.calls) == 9, "a run that was delivered is not opened again"


def test_failed_entries_are_sent_by_the_next_session(tmp_path: Path) -> None:
    fake = Fake(fail_at=lambda entry: entry.group == "probe/3")
    box = Box(fake, tmp_path / "sent.json")
    assert box.send() == ["tracker.failed"]
    assert fake.ends == []
    fake.fail_at = lambda entry: False
    assert Box(fake, tmp_path / "sent.json").send() == []
    assert fake.entries == [entry for _, entry in STEPS]


@pytest.mark.parametrize("error", [OSError(28, "no space"), SystemExit(1), KeyboardInterrupt()])
def test_any_error_of_a_library_is_one_warning(error: BaseException, tmp_path: Path) -> None:
    def explode(entry: Entry) -> bool:
        raise error

    assert Box(Fake(fail_at=explode), tmp_path / "sent.json").send() == ["tracker.failed"]


def test_an_unwritable_folder_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert Box(Fake(), tmp_path / "file" / "sent.json").send() == ["tracker.failed"]


def test_a_damaged_record_resends_everything(tmp_path: Path) -> None:
    (tmp_path / "sent.json").write_text('{"known": ')
    fake = Fake()
    assert Box(fake, tmp_path / "sent.json").send() == []
    assert len(fake.entries) == 5


def test_a_hanging_tracker_delays_the_run_by_the_patience_only(tmp_path: Path) -> None:
    release = threading.Event()
    fake = Fake(fail_at=lambda entry: not release.wait(30))
    box = Box(fake, tmp_path / "sent.json")
    began = time.monotonic()
    assert box.send(patience=0.2) == ["tracker.late"]
    assert time.monotonic() - began < 5
    release.set()


def test_a_full_queue_disables_the_tracker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MOST_WAITING", 2)
    release = threading.Event()
    box = Box(Fake(fail_at=lambda entry: not release.wait(30)), tmp_path / "sent.json")
    for step in STEPS:
        box.box.offer(*step)
    assert box.warned == ["tracker.full"]
    release.set()
    box.box.close((), True, 5.0)
    assert box.warned == ["tracker.full"], "said once"
