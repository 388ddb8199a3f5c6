"""Each engine passes the contract: the local one, and a recording of it played back."""

from pathlib import Path

import pytest

from rankfirst.engine.base import Engine
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.sources import Source
from rankfirst.errors import EngineError
from tests.engine import tiny
from tests.engine.contract import EngineContract, everything
from tests.engine.replay import Recording, RecordingEngine, ReplayEngine


@pytest.fixture(scope="module")
def local(bert: Source, tmp_path_factory: pytest.TempPathFactory) -> LocalEngine:
    return tiny.engine(bert, tmp_path_factory.mktemp("work"))


@pytest.fixture(scope="module")
def four_bits(bert: Source, tmp_path_factory: pytest.TempPathFactory) -> LocalEngine:
    pytest.importorskip("bitsandbytes")
    return tiny.engine(bert, tmp_path_factory.mktemp("work"), base_bits=4)


@pytest.fixture(scope="module")
def replay(bert: Source, tmp_path_factory: pytest.TempPathFactory) -> ReplayEngine:
    recorder = RecordingEngine(tiny.engine(bert, tmp_path_factory.mktemp("work")))
    everything(recorder)
    folder: Path = tmp_path_factory.mktemp("recording")
    recorder.recording.save(folder)
    return ReplayEngine(Recording.load(folder))


class TestLocal(EngineContract):
    """Trains."""

    @pytest.fixture
    def trained(self, local: LocalEngine) -> Engine:
        return local


class TestReplay(EngineContract):
    """Plays back what a local engine did."""

    @pytest.fixture
    def trained(self, replay: ReplayEngine) -> Engine:
        return replay


class TestFourBits(EngineContract):
    """Trains on a base whose linear layers are packed."""

    def test_full_fine_tuning_learns_and_leaves_no_trace(self, trained: Engine) -> None:
        with pytest.raises(EngineError, match="weights in 4 bits cannot be trained"):
            trained.full(1)

    @pytest.fixture
    def trained(self, four_bits: LocalEngine) -> Engine:
        return four_bits
