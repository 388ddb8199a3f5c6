"""NAME or NAME=DESTINATION, as it stands after --track, and the backend that it means."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from rankfirst.errors import OptionError
from rankfirst.trackers.base import Tracker

# Name, which is also that of the extra and of the library -> its file.
KINDS: Final = ("mlflow", "swanlab", "tensorboard", "trackio", "wandb")


@dataclass(frozen=True)
class Target:
    """Where a run is told to."""

    name: str  # one of KINDS
    destination: str = ""  # an address, a folder or a project, as the backend understands it; "" for its default

    def __str__(self) -> str:
        """As the user wrote it, without a password in an address."""
        return f"{self.name}={_without_password(self.destination)}" if self.destination else self.name

    @property
    def file(self) -> str:
        """Name of the file that remembers what was sent there."""
        return f"{self.name}-{hashlib.sha256(self.destination.encode()).hexdigest()[:8]}.json"

    def open(self, folder: Path) -> Tracker:
        """The backend, whose own files lie in `folder` when they have no other place. Imports its library."""
        backend: Tracker = import_module(f"rankfirst.trackers.{self.name}").Backend(self.destination, folder)
        return backend

    def without_password(self, text: str) -> str:
        """`text`, which a library wrote, without the password that the destination may hold."""
        told = _userinfo(self.destination)
        return text.replace(told, "***") if told else text


def parse(wanted: Iterable[str] | str) -> tuple[Target, ...]:
    """Each of them once, in order.

    Raises: OptionError for a name that is not known, a destination that is empty, or a library that is not installed.
    """
    return tuple(dict.fromkeys(map(_parse, (wanted,) if isinstance(wanted, str) else wanted)))


def _parse(text: str) -> Target:
    name, equals, destination = text.strip().partition("=")
    if name not in KINDS or (equals and not destination.strip()):
        raise OptionError("tracker.unknown", text=_without_password(text), known=", ".join(KINDS))
    if not _installed(name):
        raise OptionError("tracker.not_installed", name=name)
    return Target(name, destination.strip())


def _installed(library: str) -> bool:
    """Not so for a mere folder of that name, such as the `wandb` that W&B leaves where it ran."""
    found = find_spec(library)
    return found is not None and found.origin is not None


def _without_password(text: str) -> str:
    told = _userinfo(text)
    return text.replace(f"{told}@", "") if told else text


def _userinfo(address: str) -> str:
    """What stands between :// and @ in an address: NAME:PASSWORD."""
    host = address.partition("://")[2].partition("/")[0]
    return host.rpartition("@")[0]
