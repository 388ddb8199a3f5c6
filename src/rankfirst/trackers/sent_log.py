"""Records what a tracker has received, in a small file in the run's folder, so that resuming sends nothing twice."""

import json
from pathlib import Path

from rankfirst.measure.disk import write_whole


class Sent:
    """The steps that one tracker confirmed, and its identifier of the run. A damaged file counts as empty."""

    def __init__(self, path: Path) -> None:
        self.path, self.run_id, self.steps = path, "", list[str]()
        self.closed = False  # the run's result and files were also delivered
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            self.run_id, self.steps = str(record["known"]), [str(step) for step in record["steps"]]
            self.closed = bool(record["closed"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            pass

    def record_run_id(self, run_id: str) -> None:
        """Record the tracker's identifier of the run. Raises: OSError."""
        self.run_id = run_id
        self._write()

    def confirm(self, step: str) -> None:
        """Record that a step was received. Raises: OSError."""
        self.steps.append(step)
        self._write()

    def close(self) -> None:
        """Record that the run was delivered completely. Raises: OSError."""
        self.closed = True
        self._write()

    def _write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        record = {"known": self.run_id, "closed": self.closed, "steps": self.steps}
        write_whole(self.path, json.dumps(record, ensure_ascii=False, indent=0))
