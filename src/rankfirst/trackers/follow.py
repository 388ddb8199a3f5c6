"""Send a run's events to trackers, while it runs or afterwards."""

import logging
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rankfirst.messages import Lang, say
from rankfirst.report import write_html
from rankfirst.report.events import read
from rankfirst.trackers.base import Entry
from rankfirst.trackers.entries import EntryMaker
from rankfirst.trackers.outbox import PATIENCE, PATIENCE_STOPPED, Outbox
from rankfirst.trackers.registry import Target
from rankfirst.trackers.sent_log import Sent

FOLDER: Final = "trackers"  # in the run's folder: records of what was sent, and files of backends without another place
# Maximum seconds that `rankfirst track` waits: a whole run may be sent over a slow connection. Assumption.
PATIENCE_REPLAY: Final = 300.0

Listen = Callable[[str, str, Any], None]


@dataclass(frozen=True)
class Sending:
    """The outcome for one target."""

    target: str
    delivered: int  # steps sent by this call; earlier ones are not repeated
    failed: bool


class Follower:
    """The targets of one run; `hear` receives the journal's events."""

    def __init__(self, targets: Sequence[Target], run: Path, lang: Lang) -> None:
        self.run, self.lang, self.teller = run, lang, EntryMaker(lang)
        self.boxes = [self._outbox(target) for target in targets]

    def _outbox(self, target: Target) -> Outbox:
        folder = self.run / FOLDER

        def warn(code: str, fields: dict[str, object]) -> None:
            fields |= {"why": target.without_password(str(fields["why"]))} if "why" in fields else {}
            line = say(code, self.lang, target=str(target), run=shlex.quote(str(self.run)), **fields)
            logging.getLogger("rankfirst.trackers").warning(line)

        # Read lazily, at the first event: only then has --overwrite removed the records of an earlier run.
        return Outbox(lambda: target.open(folder), lambda: Sent(folder / target.file), str(target), self.title, warn)

    @property
    def title(self) -> str:
        """The run's name in trackers."""
        return self.run.resolve().name

    def hear(self, kind: str, key: str, payload: Any) -> None:
        """Forward an event; never raises and never blocks."""
        try:
            entry: Entry | None = self.teller.entry(kind, key, payload)
        except Exception:  # an event of another version: it is skipped and the run continues
            logging.getLogger(__name__).debug("event %s %s", kind, key, exc_info=True)
            return
        for box in self.boxes if entry else ():
            box.offer(f"{kind} {key}", entry)  # type: ignore[arg-type]

    def close(self, finished: bool, patience: float) -> list[Sending]:
        """Send what is left, with the report and the result of a finished run."""
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            files = self._files(Path(folder)) if finished else []
            for box in self.boxes:
                box.close(files, finished, patience)
        return [Sending(box.target, box.delivered, box.failed) for box in self.boxes]

    def _files(self, folder: Path) -> list[Path]:
        """result.json, and the report without rows of the data."""
        files = []
        try:
            write_html(self.run / "journal.jsonl", folder / "report.html", self.lang, texts=False)
            files.append(folder / "report.html")
            shutil.copyfile(self.run / "result.json", folder / "result.json")
            files.append(folder / "result.json")
        except Exception:
            logging.getLogger(__name__).debug("files of %s", self.run, exc_info=True)
        return files


@contextmanager
def follow(targets: Sequence[Target], run: Path, lang: Lang, listen: Listen | None) -> Iterator[Listen | None]:
    """Add trackers to `listen` during a run in folder `run`; on exit, send what is left."""
    if not targets:
        yield listen
        return
    follower = Follower(targets, run, lang)

    def hear(kind: str, key: str, payload: Any) -> None:
        if listen:
            listen(kind, key, payload)
        follower.hear(kind, key, payload)

    finished = False
    try:
        yield hear
        finished = True
    finally:
        follower.close(finished, PATIENCE if finished else PATIENCE_STOPPED)


def replay(targets: Sequence[Target], run: Path, lang: Lang) -> list[Sending]:
    """Send the journal of a run to trackers, except what they already received.

    Raises: RunError if there is no journal, or if it is damaged.
    """
    events = read(run / "journal.jsonl")
    follower = Follower(targets, run, lang)
    for event in events:
        follower.hear(event.kind, event.key, event.payload)
    return follower.close(any(event.kind == "result" for event in events), PATIENCE_REPLAY)
