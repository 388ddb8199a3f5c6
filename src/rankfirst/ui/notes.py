"""What people write about a run: a note, tags, whether it is archived. A small file beside the journal, never in it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from rankfirst.measure.disk import write_whole
from rankfirst.report.phrases import clean

FILE: Final = "notes.json"
MOST_NOTE: Final = 4_000  # characters
MOST_TAGS: Final = 20
_TAG: Final = 40  # characters


@dataclass(frozen=True)
class Notes:
    """Of one run."""

    note: str = ""
    tags: tuple[str, ...] = ()
    archived: bool = False  # the list does not show it unless asked to


def read(run: Path) -> Notes:
    """The notes of a run; empty if there are none or they cannot be read."""
    try:
        written = json.loads((run / FILE).read_text(encoding="utf-8"))
        return notes(str(written.get("note", "")), map(str, written.get("tags", ())), written.get("archived") is True)
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return Notes()


def notes(note: str, tags: "map[str] | list[str]", archived: bool) -> Notes:
    """Notes within their limits; equal and empty tags are left out."""
    cleaned = dict.fromkeys(clean(tag).strip()[:_TAG].strip() for tag in tags)
    return Notes(note.strip()[:MOST_NOTE], tuple(tag for tag in cleaned if tag)[:MOST_TAGS], archived)


def write(run: Path, given: Notes) -> None:
    """Write the notes of a run atomically, or remove the file if there is nothing to say. Raises: OSError."""
    if given == Notes():
        (run / FILE).unlink(missing_ok=True)
    else:
        write_whole(run / FILE, json.dumps(asdict(given), ensure_ascii=False))


def stamp(run: Path) -> int:
    """When the notes of a run were last written, in ns; 0: never."""
    try:
        return (run / FILE).stat().st_mtime_ns
    except OSError:
        return 0
