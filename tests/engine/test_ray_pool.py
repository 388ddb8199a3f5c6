"""The engine on a Ray cluster: the contract, and the same numbers as the local engine."""

from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from rankfirst.engine.base import Engine, Foresighted
from rankfirst.engine.ray_cluster import Pool
from rankfirst.engine.ray_pool import RayEngine
from rankfirst.engine.sources import Source
from tests.engine import tiny
from tests.engine.contract import EngineContract

if find_spec("ray") is None:
    pytest.skip('the engine on Ray needs the extra: pip install "rankfirst[ray]"', allow_module_level=True)


@pytest.fixture(scope="module")
def pooled(bert: Source, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RayEngine]:
    folder = tmp_path_factory.mktemp("pooled")
    engine = RayEngine(tiny.dataset(), bert, folder / "work", Pool(workers=2), device="cpu")
    tiny.give_head(engine)
    yield engine
    engine.close()


class TestRay(EngineContract):
    """Has workers train."""

    @pytest.fixture
    def trained(self, pooled: RayEngine) -> Engine:
        return pooled


def test_it_can_train_ahead(pooled: RayEngine) -> None:
    assert isinstance(pooled, Foresighted)
