"""Find folders that hold runs. Pages refer to a run by an id; no path is ever built from a browser's input."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rankfirst.run.folder import JOURNAL

DEPTH: Final = 4  # levels below the given folder
MOST_FOLDERS: Final = 20_000  # limit per scan, in case a home directory is given
MOST_RUNS: Final = 1_000
_SKIPPED: Final = frozenset({"node_modules", "__pycache__", "site-packages"})


@dataclass(frozen=True)
class RunFolder:
    """A folder with a journal."""

    id: str  # stable for a given path
    name: str  # path relative to the given folder
    folder: Path  # resolved

    @property
    def journal(self) -> Path:
        """The journal's path."""
        return self.folder / JOURNAL


def scan(roots: Sequence[Path], depth: int = DEPTH) -> list[RunFolder]:
    """Find every run at or below `roots`, each once, in arbitrary order.

    A symbolic link is followed only if its target lies inside the given folder. Unreadable and hidden folders are
    skipped; nothing inside a run is searched.
    """
    runs: dict[Path, RunFolder] = {}
    for root in dict.fromkeys(path.resolve() for path in roots):
        for folder in folders(root, depth):
            if _is_run(folder, root) and folder not in runs:
                name = folder.name if folder == root else folder.relative_to(root).as_posix()
                runs[folder] = RunFolder(id_of(folder), name, folder)
            if len(runs) >= MOST_RUNS:
                return list(runs.values())
    return list(runs.values())


def id_of(folder: Path) -> str:
    """The id of the run in a resolved folder, whether it has begun or not."""
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]


def _is_run(folder: Path, root: Path) -> bool:
    journal = folder / JOURNAL
    try:
        return journal.is_file() and journal.resolve().is_relative_to(root)
    except OSError:
        return False


def folders(root: Path, depth: int) -> Iterator[Path]:
    """The folders at and below `root`, breadth first, without those inside a run."""
    level, seen = [root], {root}
    for left in range(depth, -1, -1):
        below: list[Path] = []
        for folder in level:
            yield folder
            if left and not (folder / JOURNAL).is_file():
                below += [path for path in _children(folder, root) if path not in seen]
                seen.update(below)
            if len(seen) > MOST_FOLDERS:
                return
        level = below


def _children(folder: Path, root: Path) -> list[Path]:
    """Its subfolders, resolved and sorted by name."""
    try:
        with os.scandir(folder) as entries:
            named = sorted((e for e in entries if not e.name.startswith(".")), key=lambda e: e.name)
            paths = [_inside(e, root) for e in named if e.name not in _SKIPPED and e.is_dir()]
    except OSError:
        return []
    return [path for path in paths if path is not None]


def _inside(entry: "os.DirEntry[str]", root: Path) -> Path | None:
    if not entry.is_symlink():
        return Path(entry.path)
    target = Path(entry.path).resolve()
    return target if target.is_relative_to(root) else None
