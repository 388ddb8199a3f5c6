"""Each engine of this process passes the contract: the local one, and one whose requests are forwarded to it."""

import pytest

from rankfirst.engine.base import Engine, Source
from rankfirst.engine.local import LocalEngine
from rankfirst.errors import EngineError
from tests.engine import tiny
from tests.engine.contract import EngineContract
from tests.engine.forwarding import ForwardingEngine


@pytest.fixture(scope="module")
def local(bert: Source, tmp_path_factory: pytest.TempPathFactory) -> LocalEngine:
    return tiny.engine(bert, tmp_path_factory.mktemp("work"))


@pytest.fixture(scope="module")
def four_bits(bert: Source, tmp_path_factory: pytest.TempPathFactory) -> LocalEngine:
    pytest.importorskip("bitsandbytes")
    return tiny.engine(bert, tmp_path_factory.mktemp("work"), base_bits=4)


@pytest.fixture(scope="module")
def forwarded(bert: Source, tmp_path_factory: pytest.TempPathFactory) -> ForwardingEngine:
    return ForwardingEngine(tiny.engine(bert, tmp_path_factory.mktemp("work")))


class TestLocal(EngineContract):
    """Trains."""

    @pytest.fixture
    def trained(self, local: LocalEngine) -> Engine:
        return local


class TestForwarded(EngineContract):
    """Has a local engine train, as a remote one has others."""

    @pytest.fixture
    def trained(self, forwarded: ForwardingEngine) -> Engine:
        return forwarded


@pytest.mark.slow
class TestFourBits(EngineContract):
    """Trains on a base whose linear layers are packed."""

    def test_full_fine_tuning_learns_and_leaves_no_trace(self, trained: Engine) -> None:
        with pytest.raises(EngineError, match="weights in 4 bits cannot be trained"):
            trained.full(1)

    @pytest.fixture
    def trained(self, four_bits: LocalEngine) -> Engine:
        return four_bits
