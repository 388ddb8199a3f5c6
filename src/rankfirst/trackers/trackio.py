"""trackio: a local database, read with `trackio show`."""

import secrets
from collections.abc import Sequence
from pathlib import Path

from rankfirst.trackers.base import PROJECT, Entry
from rankfirst.trackers.silence import hushed


class Backend:
    """Destination: a project. Files are not stored. trackio's own variables define where its database is."""

    def __init__(self, destination: str, folder: Path) -> None:
        self.project = destination or PROJECT

    def begin(self, name: str, run_id: str) -> str:
        with hushed():
            import trackio

            # trackio identifies runs by name only, and many run folders are called `run`.
            self.name = run_id or f"{name}-{secrets.token_hex(3)}"
            self.run = trackio.init(project=self.project, name=self.name, resume="allow", embed=False,
                                    auto_log_gpu=False, auto_log_cpu=False)  # fmt: skip
        self.text = trackio.Markdown
        return self.name

    def log(self, entry: Entry) -> None:
        for step, row in entry.rows():
            self.run.log({f"{entry.group}/{name}": value for name, value in row.items()}, step=step)
        listed = "\n".join(f"- {name}: {value}" for name, value in entry.params.items())
        if listed or entry.line:
            body = "\n\n".join(filter(None, (entry.line.replace("\n", "\n\n"), listed)))
            self.run.log({f"{entry.group}/text": self.text(body)}, step=0)

    def end(self, files: Sequence[Path], finished: bool) -> None:
        with hushed():
            self.run.finish()
