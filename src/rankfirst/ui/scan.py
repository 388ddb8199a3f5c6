"""Which folders hold runs. A page names a run by an id made here; no path is ever built from what a browser sends."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rankfirst.runs import JOURNAL

DEPTH: Final = 4  # folders below the one that was given
MOST_FOLDERS: Final = 20_000  # looked into a scan: somebody may point at a home directory
MOST_RUNS: Final = 1_000
_SKIPPED: Final = frozenset({"node_modules", "__pycache__", "site-packages"})


@dataclass(frozen=True)
class Found:
    """A folder with a journal."""

    id: str  # stable for a path
    name: str  # its path below the folder that was given
    folder: Path  # resolved

    @property
    def journal(self) -> Path:
        """Where its events are."""
        return self.folder / JOURNAL


def scan(roots: Sequence[Path], depth: int = DEPTH) -> list[Found]:
    """Every run at or below `roots`, each once, in no order that means anything.

    A link is followed only when what it leads to lies inside the folder that was given. Folders that cannot be read
    are passed over, hidden ones too; nothing is looked for inside a run.
    """
    found: dict[Path, Found] = {}
    for root in dict.fromkeys(path.resolve() for path in roots):
        for folder in _folders(root, depth):
            if _is_run(folder, root) and folder not in found:
                name = folder.name if folder == root else folder.relative_to(root).as_posix()
                found[folder] = Found(_id(folder), name, folder)
            if len(found) >= MOST_RUNS:
                return list(found.values())
    return list(found.values())


def _id(folder: Path) -> str:
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]


def _is_run(folder: Path, root: Path) -> bool:
    journal = folder / JOURNAL
    try:
        return journal.is_file() and journal.resolve().is_relative_to(root)
    except OSError:
        return False


def _folders(root: Path, depth: int) -> Iterator[Path]:
    """The folders at and below `root`, the shallow ones first; a run's own folders are left out."""
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
    """Its folders, resolved, by name."""
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
