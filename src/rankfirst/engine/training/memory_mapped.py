"""Arrays with one row per text: in memory if small, else in a memory-mapped file.

The operating system keeps the used pages of a mapped file in memory and evicts them under pressure, so a million rows
need no more memory than a hundred thousand.
"""

import errno
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

# MiB over all poolings of one split; above this they go to a file. 115,000 rows x 384 columns x 3 poolings.
MEMORY_MEGABYTES = 512.0
HALF_MOST = float(np.finfo(np.float16).max)

Array = npt.NDArray[np.floating]


def zeros(names: tuple[str, ...], rows: int, columns: int, folder: Path | None = None) -> dict[str, Array]:
    """Name -> (rows, columns) zeros: float32 in memory, or float16 in an unnamed file in `folder`.

    float16 is precise enough for the features of a linear classifier: rounding is at most 1/2048 of a value. If the
    disk is full or not writable, or there is no folder, the arrays stay in memory.
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
    with tempfile.TemporaryFile(dir=folder) as file:  # unnamed: nothing remains after a kill
        if hasattr(os, "posix_fallocate"):  # allocate now: writing to a sparse file on a full disk kills the process
            os.posix_fallocate(file.fileno(), 0, 2 * rows * columns)
        return np.memmap(file, dtype=np.float16, mode="w+", shape=(rows, columns))


def put(into: Array, rows: Any, values: Array) -> None:
    """Write some rows; values beyond the range of float16 are clipped."""
    into[rows] = np.clip(values, -HALF_MOST, HALF_MOST) if into.dtype == np.float16 else values
