"""trackio: a database on this machine, read with `trackio show`."""

import secrets
from collections.abc import Sequence
from pathlib import Path

from rankfirst.trackers.base import PROJECT, Entry
from rankfirst.trackers.hush import hushed


class Backend:
    """Destination: a project. Files are not kept there. trackio's own variables say where its database lies."""

    def __init__(self, destination: str, folder: Path) -> None:
        self.project = destination or PROJECT

    def begin(self, name: str, known: str) -> str:
        with hushed():
            import trackio

            # It tells runs apart by name alone, and many a run's folder is called `run`.
            self.name = known or f"{name}-{secrets.token_hex(3)}"
            self.run = trackio.init(project=self.project, name=self.name, resume="allow", embed=False,
                                    auto_log_gpu=False, auto_log_cpu=False)  # fmt: skip
        self.text = trackio.Markdown
        return self.name

    def log(self, entry: Entry) -> None:
        for step, row in entry.rows():
            self.run.log({f"{entry.group}/{name}": value for name, value in row.items()}, step=step)
        told = "\n".join(f"- {name}: {value}" for name, value in entry.params.items())
        if told or entry.line:
            body = "\n\n".join(filter(None, (entry.line.replace("\n", "\n\n"), told)))
            self.run.log({f"{entry.group}/text": self.text(body)}, step=0)

    def end(self, files: Sequence[Path], finished: bool) -> None:
        with hushed():
            self.run.finish()
