"""Everything rankfirst raises on purpose.

RankfirstError                one clear line for the user, exit code 2
├── DataError                 the rows, columns or labels cannot be used as they are
├── ModelError                the base model cannot be found, read or trusted
├── RunError                  the output folder, the journal, or the run inside it
│   └── RecordError           a record that somebody edited, or that another version wrote
├── OptionError               a flag or argument that contradicts itself, the data, or the guard
└── EngineError               training could not be carried out on this machine

Each carries a code of `words.errors` and the numbers of its sentence: `str(error)` is English,
`error.sentence("zh")` Chinese.
"""

import errno
import os
import tempfile
from functools import partial
from typing import Final

from rankfirst.messages import Lang, say

# What the system refuses for reasons of its own: names, permissions, room, too much at once.
REFUSALS: Final = frozenset(
    {errno.ENAMETOOLONG, errno.ELOOP, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
    | {errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENODEV, errno.ENXIO, errno.ESTALE}
)


class RankfirstError(Exception):
    """The base: what is wrong, what was found, what to do, in one line."""

    def __init__(self, code: str, **fields: object) -> None:
        self.code = code
        self.fields = fields
        super().__init__(say(code, "en", **fields))

    def __reduce__(self) -> tuple[object, ...]:
        return partial(type(self), self.code, **self.fields), ()  # so that an error crosses from a worker process

    def sentence(self, lang: Lang = "en") -> str:
        """The same line in `lang`, control characters and line breaks replaced so that it stays one line."""
        return " ".join(say(self.code, lang, **self.fields).split())


class DataError(RankfirstError, ValueError):
    """The rows, columns or labels cannot be used as they are; a ValueError too, which scikit-learn's habits expect."""


class ModelError(RankfirstError):
    """The base model cannot be found, read or trusted."""


class RunError(RankfirstError):
    """The output folder, the journal, or the run inside it."""


class RecordError(RunError, ValueError):
    """A record that somebody edited, or that another version wrote; a ValueError as whatever cannot be parsed."""


class OptionError(RankfirstError):
    """A flag or argument that contradicts itself, the data, or the guard."""


class EngineError(RankfirstError):
    """Training could not be carried out on this machine."""


def system_refused(error: OSError) -> RankfirstError | None:
    """One line for what the system refused on its own account; None for an error that may be a fault of ours."""
    if error.errno not in REFUSALS:
        return None
    name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes | os.PathLike) else "-"
    short = name if len(name) <= 200 else f"{name[:80]}…{name[-80:]}"
    return RunError("run.refused", path=short, why=os.strerror(error.errno))


def keep_trace(trace: str) -> str:
    """Write the trace of a fault of our own where it can be found; "-" where nothing can be written.

    A new file each time: under a known name, others could have put a link to something else.
    """
    try:
        handle, name = tempfile.mkstemp(prefix="rankfirst-error-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8") as log:
            log.write(trace)
    except OSError:  # the disk is full, most likely
        return "-"
    return name
