"""The engine on a Ray cluster: the contract, and the same numbers as the local engine."""

from collections.abc import Iterator

import pytest

from rankfirst.engine.base import Engine, EngineOptions, Foresighted, Source
from rankfirst.engine.ray.cluster import Pool
from rankfirst.engine.ray.ray_engine import RayEngine
from tests.engine import raylets, tiny
from tests.engine.contract import EngineContract

raylets.needed()


@pytest.fixture(scope="module")
def pooled(bert: Source, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RayEngine]:
    folder = tmp_path_factory.mktemp("pooled")
    with raylets.starting():
        engine = RayEngine(tiny.dataset(), bert, folder / "work", Pool(workers=2), EngineOptions(device="cpu"))
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
