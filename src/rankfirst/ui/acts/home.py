"""Where the page reads and writes files: below the given folders, by names that a scan has found."""

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import BinaryIO, Final

from rankfirst.data.files.formats import READERS
from rankfirst.measure.disk import replaced
from rankfirst.report.assessment import RECORD
from rankfirst.run.folder import JOURNAL
from rankfirst.ui.scan import DEPTH, folders

MOST_FILES: Final = 500
_STATE: Final = ".rankfirst-ui"  # hidden, so that no scan shows it
_NAME: Final = 80  # characters


@dataclass(frozen=True)
class Home:
    """The given folders, and the one of them that uploads, assessments and runs of the page go to."""

    folder: Path
    roots: tuple[Path, ...]

    @classmethod
    def of(cls, roots: Sequence[Path]) -> "Home | None":
        """The first folder that is no run and can be written; None if there is none."""
        for root in roots:
            if not (root / JOURNAL).exists() and os.access(root, os.W_OK):
                return cls(root, tuple(roots))
        return None

    @property
    def uploads(self) -> Path:
        """Files that came from a browser, and cleaned copies."""
        return self.folder / "uploads"

    @property
    def assessments(self) -> Path:
        """A folder for each assessment."""
        return self.folder / "assessments"

    @property
    def jobs(self) -> Path:
        """The queue."""
        return self.folder / _STATE / "jobs"

    def files(self) -> dict[str, Path]:
        """Name -> file with rows that can be read, newest first; files of runs and assessments are left out."""
        files: dict[str, Path] = {}
        for root in self.roots:
            for folder in folders(root, DEPTH):
                if not (folder / JOURNAL).exists() and not (folder / RECORD).exists():
                    files |= {_shown(path, root, files): path for path in _tables(folder, root)}
                if len(files) >= MOST_FILES:
                    break
        return dict(sorted(files.items(), key=lambda item: _time(item[1]), reverse=True)[:MOST_FILES])

    def holds(self, path: Path) -> bool:
        """Whether a path lies below the given folders, links followed."""
        return any(path.resolve().is_relative_to(root) for root in self.roots)

    def keep(self, name: str, source: BinaryIO) -> Path:
        """Store an upload under its own name, or the next free one. Raises: ValueError for an unknown suffix."""
        stem, suffix = split_name(name)
        self.uploads.mkdir(parents=True, exist_ok=True)
        path = free(self.uploads, stem, suffix)
        with replaced(path) as part, part.open("wb") as file:
            shutil.copyfileobj(source, file)
        return path

    def made(self, parent: Path, name: str) -> Path:
        """A new empty folder in `parent`, under that name or the next free one."""
        parent.mkdir(parents=True, exist_ok=True)
        for path in _names(parent, plain(name), ""):
            try:
                path.mkdir()
            except FileExistsError:
                continue
            return path
        raise AssertionError  # `_names` never ends


def split_name(name: str) -> tuple[str, str]:
    """A name from a browser -> (safe stem, its suffixes). Raises: ValueError if no reader knows the suffix."""
    base = re.split(r"[/\\]", name)[-1]
    stem, suffix = os.path.splitext(base)
    inner, before = os.path.splitext(stem)
    if before.lower() in READERS and suffix.lower() in READERS:  # rows.csv.gz
        stem, suffix = inner, before + suffix
    if suffix.lower().rpartition(".")[2] not in {known.removeprefix(".") for known in READERS}:
        raise ValueError(suffix)
    return plain(stem), suffix.lower()


def plain(name: str) -> str:
    """A name of letters, digits, dots, dashes and underscores, never hidden and never empty."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")[:_NAME].strip("-.") or "data"


def free(folder: Path, stem: str, suffix: str) -> Path:
    """The first name that is not taken: stem, stem-2, stem-3 ..."""
    return next(path for path in _names(folder, stem, suffix) if not os.path.lexists(path))


def _names(folder: Path, stem: str, suffix: str) -> "map[Path]":
    return map(lambda n: folder / (f"{stem}{suffix}" if n == 1 else f"{stem}-{n}{suffix}"), count(1))


def _tables(folder: Path, root: Path) -> list[Path]:
    """The files in a folder that a reader knows, without hidden ones and links that lead out of the root."""
    try:
        paths = [path for path in folder.iterdir() if path.suffix.lower() in READERS]
        return [path for path in paths if not path.name.startswith(".") and path.is_file()
                and path.resolve().is_relative_to(root)]  # fmt: skip
    except OSError:
        return []


def _shown(path: Path, root: Path, taken: dict[str, Path]) -> str:
    name = path.relative_to(root).as_posix()
    return f"{root.name}/{name}" if name in taken else name


def _time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
