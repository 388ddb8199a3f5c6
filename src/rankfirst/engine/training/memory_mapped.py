"""Arrays a row of data each: in memory while they are small, in a mapped file when they are not.

The system keeps what is in use of a mapped file in memory and takes it back when somebody else needs it, so a million
rows need no more memory than a hundred thousand.
"""

import errno
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

# MiB of all poolings of one split; larger ones go to a file. 115,000 rows x 384 columns x 3 poolings.
MEMORY_MEGABYTES = 512.0
HALF_MOST = float(np.finfo(np.float16).max)

Array = npt.NDArray[np.floating]


def zeros(names: tuple[str, ...], rows: int, columns: int, folder: Path | None = None) -> dict[str, Array]:
    """Name -> (rows, columns): float32 in memory, or float16 in a file of `folder` that is gone with the process.

    Half of the digits are enough for what a linear classifier reads: rounding is a two-thousandth of a value. Where the
    disk has no room, or there is no folder, memory has to do.
    """
    if folder is not None and 4 * rows * columns * len(names) > MEMORY_MEGABYTES * 2**20:
        try:
            return {name: _mapped(folder, rows, columns) for name in names}
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT):
                raise
    return {name: np.zeros((rows, columns), dtype=np.float32) for name in names}


def _mapped(folder: Path, rows: int, columns: int) -> Array:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:  # it has no name: a kill leaves nothing behind
        if hasattr(os, "posix_fallocate"):  # claimed first: a sparse file ends the process when the disk fills up
            os.posix_fallocate(file.fileno(), 0, 2 * rows * columns)
        return np.memmap(file, dtype=np.float16, mode="w+", shape=(rows, columns))


def put(into: Array, rows: Any, values: Array) -> None:
    """Write some rows; what half precision cannot hold is cut to the largest it can."""
    into[rows] = np.clip(values, -HALF_MOST, HALF_MOST) if into.dtype == np.float16 else values
