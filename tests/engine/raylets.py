"""Ray for tests: skipped with one line where it is not installed, or where no cluster starts."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import pytest

from rankfirst.errors import EngineError


def needed() -> None:
    """At the top of a module. Skips it without the extra."""
    if find_spec("ray") is None:
        pytest.skip('needs the extra: pip install "rankfirst[ray]"', allow_module_level=True)
    # Before ray is imported: loopback only, nothing told to anybody, workers as important as the tests.
    os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_worker_niceness", "0")


@contextmanager
def starting() -> Iterator[None]:
    """Skips where no cluster starts: Ray gives each of its processes 30 seconds, which a busy machine may not."""
    try:
        yield
    except EngineError as error:
        if error.code != "ray.no_cluster":
            raise
        pytest.skip(str(error))
    except Exception as error:
        if "timed out during startup" not in str(error):
            raise
        pytest.skip(f"no Ray cluster starts here: {error}")
