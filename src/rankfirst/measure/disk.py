"""Report a full disk as OSError, whichever library was writing."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def plain_os_errors() -> Iterator[None]:
    """Wrap a `save_file` of safetensors, which hides the system's error inside its own type.

    Raises: OSError if the system refused the write; any other error passes through unchanged.
    """
    from safetensors import SafetensorError

    try:
        yield
    except SafetensorError as error:
        match = re.search(r"\(os error (\d+)\)", str(error))
        if match is None:
            raise
        raise OSError(int(match[1]), os.strerror(int(match[1]))) from error
