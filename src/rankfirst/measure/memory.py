"""How much memory this process has needed."""

import resource
import sys


def peak_bytes() -> int:
    """Bytes of memory this process held at most so far; the system counts in bytes on macOS, else in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
