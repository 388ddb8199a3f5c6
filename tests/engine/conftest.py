"""A machine and a base for tiny runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from rankfirst.engine.base import Source
from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.network.lora import Dropout
from tests.engine import tiny

pytest.register_assert_rewrite("tests.engine.contract")


@pytest.fixture(scope="package", autouse=True)
def small() -> Iterator[None]:
    """One thread, as tiny matrices are slower on more; and few dropout draws, as every engine makes its own."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Dropout, "POOL", 1 << 16)
        yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """A random BERT of three blocks."""
    return resolve(str(tiny.write_base(tmp_path_factory.mktemp("bert"), "bert")))


@pytest.fixture
def engine(bert: Source, tmp_path: Path) -> LocalEngine:
    """A fresh engine on the tiny rows, its head given."""
    return tiny.engine(bert, tmp_path / "work")
