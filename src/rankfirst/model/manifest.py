"""model/manifest.json: SHA-256 and size of every delivered file; written last, checked before anything is loaded."""

import contextlib
import hashlib
import json
import logging
import os
import shutil
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from rankfirst.errors import RunError
from rankfirst.measure.disk import write_whole
from rankfirst.model import signature
from rankfirst.model.staging import reopen

NAME: Final = "manifest.json"
VERSION: Final = 1
DECISION: Final = "decision.json"
LABELS: Final = "labels.json"
CLAIM: Final = "manifest"  # key of decision.json: the delivery has a manifest, so one without it is not complete
RUN_FILES: Final = ("result.json", "held_out")  # beside the delivery: figures for the gate, weights for `continue`
PENDING: Final = ".beside"  # folder in a delivery: its RUN_FILES until `settle` puts them into the run's folder

Stamp = tuple[int, ...]
_log: Final = logging.getLogger("rankfirst.delivery")
SETTLED: Final = 2_000_000_000  # ns after which another write of a file shows in its times
_linked: Final[dict[Stamp, str]] = {}  # identity of a file with several names -> SHA-256
_told: set[Path] = set()  # deliveries without a manifest that were already mentioned


@dataclass(frozen=True)
class Entry:
    """One file as it was delivered."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class Manifest:
    """The files of a delivery: path within the folder, with "/" between folders -> entry."""

    files: Mapping[str, Entry]
    run: Mapping[str, Entry] = field(default_factory=dict)  # the same for RUN_FILES of the run's folder

    @property
    def digest(self) -> str:
        """SHA-256 of the whole list: the identity of the delivery, and what a signature signs."""
        return hashlib.sha256(_canonical(self)).hexdigest()


@dataclass(frozen=True)
class Verified:
    """The result of `verify`."""

    folder: Path
    manifest: Manifest | None  # None: an older version delivered the files, so they cannot be verified
    stamps: Mapping[Path, Stamp]  # of the files that were read

    @property
    def digest(self) -> str:
        """The identity of the delivery; "" without a manifest."""
        return "" if self.manifest is None else self.manifest.digest

    def has(self, name: str) -> bool:
        """Whether a file is part of the delivery; a file that lies in the folder without being listed is not."""
        return (self.folder / name).is_file() if self.manifest is None else name in self.manifest.files

    def require(self, name: str) -> Path:
        """The path of a delivered file. Raises: RunError if it is not part of the delivery."""
        path = self.folder / name
        if not self.has(name):
            raise RunError("manifest.not_listed" if path.exists() else "manifest.gone", path=str(path))
        return path

    def check(self, *names: str) -> None:
        """Check files that `verify` skipped. Raises: RunError."""
        for name in names:
            if self.manifest is not None:
                _check(self.require(name), self.manifest.files[name])

    def unchanged(self) -> None:
        """Call after loading. Raises: RunError if a file was replaced since `verify` read it."""
        for path, stamp in self.stamps.items():
            if _stamp(path) != stamp:
                raise RunError("manifest.changed", path=str(path))


def verify(folder: Path, skip: Collection[str] = (), run: bool = False, trusted: bool = False) -> Verified:
    """Check the files of a delivery against its manifest, once, before they are loaded.

    Args:
        folder: RUN/model. skip: files and folders in it that the caller does not read.
        run: check the listed files of the run's folder too. trusted: no signature is needed, even if one is required.
    Returns: what was checked; `manifest` is None for a delivery of an older version, which is logged once.
    Raises: RunError, one line that names the file that is missing, differs or is damaged; OSError if it cannot be read.
    """
    reopen(folder)
    manifest = read(folder)
    if not trusted and (folder / DECISION).is_file():
        signature.check(folder, "" if manifest is None else manifest.digest)
    if manifest is None:
        _tell_unverified(folder)
        return Verified(folder, None, {})
    if not trusted:  # else it may still be in preparation
        settle(folder, manifest)
    stamps = {folder / NAME: _stamp(folder / NAME)}
    wanted = [(folder / name, entry) for name, entry in manifest.files.items() if not under(name, skip)]
    if run:
        wanted += [(folder.parent / name, entry) for name, entry in manifest.run.items()]
    for path, entry in wanted:
        stamps[path] = _check(path, entry)
    return Verified(folder, manifest, stamps)


def settle(folder: Path, manifest: Manifest) -> None:
    """Put the files that were delivered for the run's folder into it.

    They come with the delivery, so that one exchange of folders replaces all; a kill before they are in place is made
    good by the next to open the delivery. Nothing else is moved, and nothing if the run's folder is not writable.
    """
    pending = folder / PENDING
    if not pending.is_dir() or pending.is_symlink():
        return
    with contextlib.suppress(OSError):
        for name, entry in manifest.run.items():
            file, place = pending / name, folder.parent / name
            if under(name, RUN_FILES) and file.is_file() and not file.is_symlink() and _entry(file) == entry:
                place.parent.mkdir(parents=True, exist_ok=True)
                with contextlib.suppress(FileNotFoundError):  # somebody else has just done it
                    file.replace(place)
        shutil.rmtree(pending, ignore_errors=True)


def read(folder: Path) -> Manifest | None:
    """The manifest of a delivery, itself checked; None if an older version delivered it.

    Raises: RunError if it is damaged, or gone although the delivery had one.
    """
    path = folder / NAME
    if not path.is_file():  # a pipe or a device could be read for ever
        if path.exists() or path.is_symlink():
            raise RunError("manifest.damaged", path=str(path))
        if _claimed(folder):
            raise RunError("manifest.gone", path=str(path))
        return None
    try:
        content = path.read_bytes()
        value = json.loads(content)
        manifest = Manifest(_entries(value["files"]), _entries(value["run"]))
        if value["version"] != VERSION or value["sha256"] != manifest.digest or DECISION not in manifest.files:
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise RunError("manifest.damaged", path=str(path)) from None
    return manifest


def digest(folder: Path) -> str:
    """The identity of the delivery in a folder, from its manifest alone; "" without one. Raises: as `read`."""
    manifest = read(folder)
    return "" if manifest is None else manifest.digest


def intact(folder: Path, names: Collection[str]) -> list[str]:
    """The files under `names` that are as they were delivered; for a delivery of an older version those that exist."""
    try:
        manifest = read(folder)
    except RunError:
        return []
    if manifest is None:
        paths = (path for name in names for path in (folder / name, *(folder / name).rglob("*")))
        return [path.relative_to(folder).as_posix() for path in paths if path.is_file()]
    found = []
    for name, entry in manifest.files.items():
        if under(name, names):
            with contextlib.suppress(RunError, OSError):
                _check(folder / name, entry)
                found.append(name)
    return found


def write(folder: Path, run: Path | None = None, known: Manifest | None = None,
          written: Collection[str] | None = None) -> Manifest:  # fmt: skip
    """Write the manifest of the files in `folder`, atomically; call it after all of them.

    Args:
        run: the run's folder; default: the parent of `folder`.
        known: the manifest before. written: files and folders that are new since; the entries of all others stay as
            they were, so that a file which was damaged meanwhile is still found. None: all files are new.
    """
    files = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or name in (NAME, signature.FILE) or "/." in f"/{name}":
            continue
        if known is None or written is None or under(name, written):
            files[name] = _entry(path)
        elif name in known.files:
            files[name] = known.files[name]
    beside = known.run if known is not None and written is not None else _beside(run or folder.parent)
    beside = {**beside, **_beside(folder / PENDING)}
    manifest = Manifest(files, beside)
    value = json.loads(_canonical(manifest)) | {"sha256": manifest.digest}
    write_whole(folder / NAME, json.dumps(value, indent=1))
    return manifest


def sha256(path: Path) -> str:
    """SHA-256 of a file. One that several deliveries have as hard links is read once while nobody writes it."""
    with path.open("rb") as file:
        stat = os.fstat(file.fileno())
        known = stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns
        if known not in _linked:
            found = hashlib.file_digest(file, "sha256").hexdigest()
            # A file that was written just now may be written again at what the file system takes for the same time.
            if stat.st_nlink < 2 or time.time_ns() - max(known[3:]) < SETTLED:
                return found
            _linked[known] = found
        return _linked[known]


def _beside(run: Path) -> dict[str, Entry]:
    paths = [path for name in RUN_FILES for path in (run / name, *sorted((run / name).rglob("*"))) if path.is_file()]
    return {path.relative_to(run).as_posix(): _entry(path) for path in paths}


def _entry(path: Path) -> Entry:
    return Entry(sha256(path), path.stat().st_size)


def _check(path: Path, entry: Entry) -> Stamp:
    """Compare a file with its entry. Returns: its stamp from before it was read. Raises: RunError."""
    stamp = _stamp(path)
    if not path.is_file():
        raise RunError("manifest.gone", path=str(path))
    size = path.stat().st_size
    if size != entry.bytes:
        raise RunError("manifest.differs", path=str(path), found=f"{size:,} bytes", expected=f"{entry.bytes:,}")
    found = sha256(path)
    if found != entry.sha256:
        raise RunError("manifest.differs", path=str(path), found=found[:16], expected=entry.sha256[:16])
    return stamp


def _stamp(path: Path) -> Stamp:
    """What changes when a file is written or replaced, and not when it is linked; () without one."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return ()
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def under(name: str, names: Iterable[str]) -> bool:
    """Whether a file is one of the named files, or lies in one of the named folders."""
    return any(name == each or name.startswith(f"{each}/") for each in names)


def _canonical(manifest: Manifest) -> bytes:
    lists = {"files": manifest.files, "run": manifest.run}
    value: dict[str, Any] = {key: {n: vars(e) for n, e in entries.items()} for key, entries in lists.items()}
    return json.dumps({"version": VERSION, **value}, sort_keys=True, separators=(",", ":")).encode()


def _entries(value: Any) -> dict[str, Entry]:
    """Raises: ValueError, TypeError, KeyError or AttributeError for anything but names within the folder."""
    entries = {str(name): Entry(str(each["sha256"]), int(each["bytes"])) for name, each in value.items()}
    for name in entries:
        name.encode()  # a lone surrogate is a name that no file has
        path = PurePosixPath(name)
        outside = path.is_absolute() or ".." in path.parts or any(c in name for c in "\\:\0")
        if outside or str(path) != name or name == ".":
            raise ValueError(name)
    return entries


def _claimed(folder: Path) -> bool:
    try:
        return (folder / DECISION).is_file() and bool(json.loads((folder / DECISION).read_bytes()).get(CLAIM))
    except (OSError, ValueError, AttributeError, RecursionError):
        return False  # whoever reads decision.json reports it


def _tell_unverified(folder: Path) -> None:
    place = folder.absolute()
    if place not in _told and (folder / DECISION).is_file():
        _told.add(place)
        _log.warning(RunError("manifest.unverified", path=str(folder)))  # its text, in the language of the reader
