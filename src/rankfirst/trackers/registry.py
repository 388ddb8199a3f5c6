"""Parse NAME or NAME=DESTINATION of --track, and load the backend."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from rankfirst.errors import OptionError
from rankfirst.trackers.base import Tracker

# Names of backends; also of the extra, the library and the file.
KINDS: Final = ("mlflow", "swanlab", "tensorboard", "trackio", "wandb")


@dataclass(frozen=True)
class Target:
    """Where a run is reported."""

    name: str  # one of KINDS
    destination: str = ""  # an address, folder or project, as the backend interprets it; "" for its default

    def __str__(self) -> str:
        """As the user wrote it, without the password in an address."""
        return f"{self.name}={_without_password(self.destination)}" if self.destination else self.name

    @property
    def file(self) -> str:
        """Name of the file that records what was sent."""
        return f"{self.name}-{hashlib.sha256(self.destination.encode()).hexdigest()[:8]}.json"

    def open(self, folder: Path) -> Tracker:
        """The backend; `folder` is for its files if it has no other place. Imports its library."""
        backend: Tracker = import_module(f"rankfirst.trackers.{self.name}").Backend(self.destination, folder)
        return backend

    def without_password(self, text: str) -> str:
        """Remove the destination's password from `text`, e.g. a library's message."""
        userinfo = _userinfo(self.destination)
        return text.replace(userinfo, "***") if userinfo else text


def parse(targets: Iterable[str] | str) -> tuple[Target, ...]:
    """Parse targets, without duplicates, in order.

    Raises: OptionError for an unknown name, an empty destination, or a library that is not installed.
    """
    return tuple(dict.fromkeys(map(_parse, (targets,) if isinstance(targets, str) else targets)))


def _parse(text: str) -> Target:
    name, equals, destination = text.strip().partition("=")
    if name not in KINDS or (equals and not destination.strip()):
        raise OptionError("tracker.unknown", text=_without_password(text), known=", ".join(KINDS))
    if not _installed(name):
        raise OptionError("tracker.not_installed", name=name)
    return Target(name, destination.strip())


def _installed(library: str) -> bool:
    """Whether the library is installed; a folder of that name, such as W&B's `wandb`, does not count."""
    spec = find_spec(library)
    return spec is not None and spec.origin is not None


def _without_password(text: str) -> str:
    userinfo = _userinfo(text)
    return text.replace(f"{userinfo}@", "") if userinfo else text


def _userinfo(address: str) -> str:
    """The NAME:PASSWORD between :// and @ in an address."""
    host = address.partition("://")[2].partition("/")[0]
    return host.rpartition("@")[0]
