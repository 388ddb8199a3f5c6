"""SwanLab: in the cloud if a key is configured, else a folder to upload later with `swanlab sync`."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rankfirst.trackers.base import PROJECT, Entry
from rankfirst.trackers.silence import hushed

# Disable everything rankfirst does not send: machine, command line, packages, git state and console output.
PROBES: Final = ("hardware", "runtime", "requirements", "conda", "git", "monitor")


class Backend:
    """Destination: a project, or WORKSPACE/PROJECT. Files are not stored.

    Offline, a run cannot be reopened: a resumed run continues in a second folder.
    """

    def __init__(self, destination: str, folder: Path) -> None:
        workspace, _, project = destination.rpartition("/")
        self.workspace, self.project, self.folder = workspace or None, project or PROJECT, folder / "swanlab"

    def begin(self, name: str, run_id: str) -> str:
        import swanlab

        self.folder.mkdir(parents=True, exist_ok=True)
        settings = swanlab.Settings(interactive=False, probe=dict.fromkeys(PROBES, False),
                                    terminal={"proxy_type": "none"})  # fmt: skip
        online, again = configured(), {"id": run_id, "resume": "allow"}
        mode = {} if os.environ.get("SWANLAB_MODE") else {"mode": "online" if online else "offline"}
        with hushed():
            self.run = swanlab.init(project=self.project, workspace=self.workspace, name=name, settings=settings,
                                    log_dir=str(self.folder), **mode, **(again if run_id else {}))  # fmt: skip
        self.text = swanlab.Text
        return str(self.run.id) if online else ""

    def log(self, entry: Entry) -> None:
        self.run.config.update(dict(entry.params))
        for step, row in entry.rows():
            self.run.log({f"{entry.group}/{name}": value for name, value in row.items()}, step=step)
        if entry.line:
            self.run.log({entry.group: self.text(entry.line)}, step=0)

    def end(self, files: Sequence[Path], finished: bool) -> None:
        with hushed():
            self.run.finish(state="success" if finished else "aborted")


def configured() -> bool:
    """Whether the user has logged in to SwanLab; otherwise it would prompt for a key in the middle of a run."""
    if os.environ.get("SWANLAB_API_KEY"):
        return True
    home = os.environ.get("SWANLAB_SAVE_DIR")
    return ((Path(home) if home else Path.home() / ".swanlab") / ".netrc").is_file()
