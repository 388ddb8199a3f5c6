"""All errors that rankfirst raises on purpose.

RankfirstError                one clear line for the user, exit code 2
├── DataError                 the rows, columns or labels cannot be used as they are
├── ModelError                the base model cannot be found, read or trusted
├── RunError                  the output folder, the journal, or the run inside it cannot be used
│   └── RecordError           a record was edited or written by another version
├── OptionError               a flag or argument contradicts itself, the data, or the guard
└── EngineError               training could not be carried out on this machine

Each has the code of a message and its fields: `str(error)` is English, `error.sentence("zh")` Chinese.
"""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from rankfirst.messages import Lang, say

# Errors of the operating system that are no fault of rankfirst: names, permissions, space, too many open files.
REFUSALS: Final = frozenset(
    {errno.ENAMETOOLONG, errno.ELOOP, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
    | {errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENODEV, errno.ENXIO, errno.ESTALE}
)


class RankfirstError(Exception):
    """The base class. Its message says in one line what is wrong, what was expected, and what to do."""

    def __init__(self, code: str, **fields: object) -> None:
        self.code = code
        self.fields = fields
        super().__init__(say(code, "en", **fields))

    def __reduce__(self) -> tuple[object, ...]:
        return partial(type(self), self.code, **self.fields), ()  # lets an error be pickled by a worker process

    def sentence(self, lang: Lang = "en") -> str:
        """The message in `lang`; control characters and line breaks are replaced, so that it is one line."""
        return " ".join(say(self.code, lang, **self.fields).split())


class DataError(RankfirstError, ValueError):
    """The rows, columns or labels cannot be used as they are. Also a ValueError, as scikit-learn expects."""


class ModelError(RankfirstError):
    """The base model cannot be found, read or trusted."""


class RunError(RankfirstError):
    """The output folder, the journal, or the run inside it cannot be used."""


class RecordError(RunError, ValueError):
    """A record was edited or written by another version. Also a ValueError, as for anything that cannot be parsed."""


class OptionError(RankfirstError):
    """A flag or argument contradicts itself, the data, or the guard."""


class EngineError(RankfirstError):
    """Training could not be carried out on this machine."""


def first_line(error: BaseException) -> str:
    """What another library's error says, short enough for a message; its type if it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def system_refused(error: OSError) -> RankfirstError | None:
    """The error for a refusal of the operating system; None if it may be a bug in rankfirst."""
    if error.errno not in REFUSALS:
        return None
    name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes | os.PathLike) else "-"
    short = name if len(name) <= 200 else f"{name[:80]}…{name[-80:]}"
    return RunError("run.refused", path=short, why=os.strerror(error.errno))


@contextmanager
def refusals(code: str) -> Iterator[None]:
    """Raise a refusal of the operating system, such as a missing permission, as what it is.

    Args: code: of the error for a file that cannot be read for another reason; its field is `path`. Raises: RunError.
    """
    try:
        yield
    except OSError as error:
        raise system_refused(error) or RunError(code, path=str(error.filename or "-")) from error


def keep_trace(trace: str) -> str:
    """Write the traceback of a bug to a temporary file. Returns: its path, or "-" if it cannot be written.

    Each call makes a new file, since a link to another file could wait under a known name.
    """
    try:
        handle, name = tempfile.mkstemp(prefix="rankfirst-error-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8") as log:
            log.write(trace)
    except OSError:  # the disk is full, most likely
        return "-"
    return name
