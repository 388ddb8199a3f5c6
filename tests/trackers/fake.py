"""A tracker that remembers what it is told, across the sessions of a process."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rankfirst.trackers import Entry, Target, registry


@dataclass
class Fake:
    """One backend; `calls` is everything in order."""

    destination: str = ""
    calls: list[tuple[str, object]] = field(default_factory=list)
    fail_at: Callable[[Entry], bool] = lambda entry: False

    def begin(self, name: str, run_id: str) -> str:
        self.calls.append(("begin", run_id))
        return run_id or f"id of {name}"

    def log(self, entry: Entry) -> None:
        if self.fail_at(entry):
            raise OSError("the server is away")
        self.calls.append(("log", entry))

    def end(self, files: Sequence[Path], finished: bool) -> None:
        self.calls.append(("end", ({f.name: f.read_text(encoding="utf-8") for f in files}, finished)))

    @property
    def entries(self) -> list[Entry]:
        return [told for call, told in self.calls if call == "log" and isinstance(told, Entry)]

    @property
    def ends(self) -> list[tuple[dict[str, str], bool]]:
        return [told for call, told in self.calls if call == "end"]  # type: ignore[misc]


def install(patch: pytest.MonkeyPatch, fake: Fake) -> str:
    """`fake` is what --track trackio means from here on; returns the name."""
    patch.setattr(registry, "_installed", lambda library: True)
    patch.setattr(Target, "open", lambda target, folder: fake)
    return "trackio"
