"""A full disk, told the same way by whoever writes."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def plain_os_errors() -> Iterator[None]:
    """Around a `save_file` of safetensors, which wraps the system's error into one of its own.

    Raises: OSError where the system refused; whatever else went wrong as it was.
    """
    from safetensors import SafetensorError

    try:
        yield
    except SafetensorError as error:
        told = re.search(r"\(os error (\d+)\)", str(error))
        if told is None:
            raise
        raise OSError(int(told[1]), os.strerror(int(told[1]))) from error
