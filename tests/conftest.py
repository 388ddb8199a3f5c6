"""One thread for everything that computes, and what many tests read: a tiny base, rows, and a finished run on them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

# Tiny matrices are slower on more threads. Child processes inherit it.
os.environ["OMP_NUM_THREADS"] = "1"  # before anything imports torch


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random BERT of three blocks. Read only, as the two below."""
    from tests.engine import tiny

    return tiny.write_base(tmp_path_factory.mktemp("tiny") / "base", "bert")


@pytest.fixture(scope="session")
def rows(base: Path) -> Path:
    """Ninety rows of three classes, `rows.csv` beside the base."""
    from tests import runs

    return runs.write_rows(base.parent, rows=90)


@pytest.fixture(scope="session")
def lora_run(base: Path, rows: Path) -> Path:
    """A finished run on `rows` that delivers LoRA, `run` beside them. A test that changes it makes a copy."""
    from rankfirst import api
    from tests import runs

    with runs.short_trainings():
        return api.fit(rows, rows.parent / "run", base_model=str(base), always_lora=True).folder


@pytest.fixture(scope="module")
def short_trainings() -> Iterator[None]:
    """For modules whose tests fit whole runs and do not ask how well: a fit takes a third of the time."""
    from tests import runs

    with runs.short_trainings():
        yield
