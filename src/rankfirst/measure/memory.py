"""How much memory this process has used, uses now, and may use."""

import re
import sys
from pathlib import Path
from typing import Any

from rankfirst.errors import OptionError

UNITS = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40}  # letter -> power of two
UNLIMITED = 1 << 60  # cgroup v1 reports a number near 2^63 if there is no limit


def peak_bytes() -> int:
    """Peak resident memory of this process, in bytes."""
    return _of_linux("VmHWM") or _peak()


def held_bytes() -> int:
    """Current resident memory of this process in bytes."""
    return _of_linux("VmRSS") or int(_of_process().rss)


def _of_linux(name: str) -> int:
    """A figure of this process as Linux reports it, in bytes; 0 on another system."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:")), 0)


def _peak() -> int:
    try:
        import resource
    except ImportError:  # Windows
        now = _of_process()
        return int(getattr(now, "peak_wset", now.rss))
    # bytes on macOS, KiB elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _of_process() -> Any:
    import psutil  # here: programs that only predict do without it

    return psutil.Process().memory_info()


def allowed_bytes(root: Path = Path("/")) -> int | None:
    """Bytes this process could use before the machine or its container runs out; None if neither reports a limit.

    The current use plus the smaller of what the machine and the container have left. The page cache counts as free,
    since the system drops it when memory is short.
    """
    rooms = [room for room in (_machine(root), _container(root)) if room is not None]
    return held_bytes() + max(0, min(rooms)) if rooms else None


def parse_bytes(text: str) -> int:
    """Parse `4GiB`, `512MB`, `4g` or `1.5 GiB` into bytes; every unit is a power of 1,024. Raises: OptionError."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*", text.lower())
    size = int(float(match[1]) * 2 ** UNITS[match[2]]) if match else 0
    if size < 1 << 20:
        raise OptionError("option.bad_memory", text=text)
    return size


def format_bytes(size: float) -> str:
    """1536 MiB -> "1.5 GiB"."""
    return f"{size / 2**30:.1f} GiB" if size >= 1 << 30 else f"{size / 2**20:.0f} MiB"


def _machine(root: Path) -> int | None:
    """Bytes that the system can allocate without swapping; None if it does not report them."""
    try:
        lines = (root / "proc/meminfo").read_text().splitlines()
    except OSError:  # not Linux
        return _available() if root == Path("/") else None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)


def _available() -> int:
    import psutil

    return int(psutil.virtual_memory().available)


def _container(root: Path) -> int | None:
    """Bytes left under the control group's limit; None without a limit."""
    two, one = root / "sys/fs/cgroup", root / "sys/fs/cgroup/memory"
    for limit, used, stat, key in (
        (two / "memory.max", two / "memory.current", two / "memory.stat", "inactive_file"),
        (one / "memory.limit_in_bytes", one / "memory.usage_in_bytes", one / "memory.stat", "total_inactive_file"),
    ):
        try:
            most, now = limit.read_text().strip(), int(used.read_text())
            statistics = dict(line.split()[:2] for line in stat.read_text().splitlines() if " " in line)
        except (OSError, ValueError):
            continue
        if most == "max" or int(most) >= UNLIMITED:
            return None
        return int(most) - now + int(statistics.get(key, 0))
    return None
