"""Write files atomically, and report a full disk as OSError, whichever library was writing."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def write_json(path: Path, value: Any) -> None:
    """Write atomically: readers see the old file or the new one."""
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(temporary, path)


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
