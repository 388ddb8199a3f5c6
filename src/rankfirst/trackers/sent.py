"""What a tracker has been told already: a small file in the run's folder, so that a resumed run tells nothing twice."""

import json
import os
from pathlib import Path


class Sent:
    """The steps one tracker confirmed, and how it knows the run. Damaged files count as empty: then all is sent."""

    def __init__(self, path: Path) -> None:
        self.path, self.known, self.steps = path, "", list[str]()
        self.closed = False  # the run's result and its files were delivered too
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            self.known, self.steps = str(told["known"]), [str(step) for step in told["steps"]]
            self.closed = bool(told["closed"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            pass

    def begun(self, known: str) -> None:
        """Remember how the tracker knows the run. Raises: OSError."""
        self.known = known
        self._write()

    def confirm(self, step: str) -> None:
        """Remember that a step arrived. Raises: OSError."""
        self.steps.append(step)
        self._write()

    def close(self) -> None:
        """Remember that the run was delivered to its end. Raises: OSError."""
        self.closed = True
        self._write()

    def _write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        told = {"known": self.known, "closed": self.closed, "steps": self.steps}
        part.write_text(json.dumps(told, ensure_ascii=False, indent=0), encoding="utf-8")
        os.replace(part, self.path)
