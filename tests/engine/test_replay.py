"""A recording survives its files, refuses what it does not hold, and needs no torch."""

from pathlib import Path

import numpy as np
import pytest

from rankfirst.engine.base import Engine
from rankfirst.engine.sources import Source
from tests.engine import tiny
from tests.engine.contract import PLAN, RECIPE
from tests.engine.replay import NotRecordedError, Recording, RecordingEngine, ReplayEngine


@pytest.fixture(scope="module")
def recording(bert: Source, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """One request of each kind, and a probe that diverged."""
    recorder = RecordingEngine(tiny.engine(bert, tmp_path_factory.mktemp("work")))
    recorder.features("val")
    recorder.probe(RECIPE, 1)
    recorder.probe(RECIPE.with_(lr=1e30), 2)
    recorder.logits(recorder.finish(RECIPE, PLAN, "final").checkpoint, "val")
    return recorder.recording


def test_a_recording_comes_back_as_it_was_saved(recording: Recording, tmp_path: Path) -> None:
    recording.save(tmp_path)
    loaded = Recording.load(tmp_path)
    assert (loaded.facts, loaded.info) == (recording.facts, recording.info)
    assert repr(loaded.probes) == repr(recording.probes)  # a diverged curve holds NaN, which equals nothing
    assert loaded.finals == recording.finals
    for kept, found in ((recording.features, loaded.features), (recording.logits, loaded.logits)):
        assert kept.keys() == found.keys()
        assert all(np.array_equal(kept[k], found[k]) and kept[k].dtype == found[k].dtype for k in kept)


def test_a_recording_with_pickled_arrays_is_refused(recording: Recording, tmp_path: Path) -> None:
    recording.save(tmp_path)
    np.savez(tmp_path / "arrays.npz", **{"logits/a/val": np.array([object()])})
    with pytest.raises(ValueError, match="allow_pickle"):
        Recording.load(tmp_path)


@pytest.mark.parametrize(
    "ask",
    [
        lambda e: e.features("train"),
        lambda e: e.probe(RECIPE, 2),
        lambda e: e.probe(RECIPE.with_(rank=8), 1),
        lambda e: e.finish(RECIPE.with_(rank=8), PLAN, "final"),
        lambda e: e.logits("final-best", "test"),
        lambda e: e.sample_features([0], ""),
        lambda e: e.encode(["another text"]),
        lambda e: e.full(1),
        lambda e: e.adopt_prefix("query: "),
        lambda e: e.export("final-best", "anywhere"),
    ],
)
def test_what_was_not_recorded_is_one_clear_error(recording: Recording, ask: object) -> None:
    with pytest.raises(NotRecordedError) as caught:
        ask(ReplayEngine(recording))  # type: ignore[operator]
    assert "\n" not in str(caught.value)


def test_a_recorder_answers_as_the_engine_it_wraps(bert: Source, tmp_path: Path) -> None:
    plain, recorder = tiny.engine(bert, tmp_path / "a"), RecordingEngine(tiny.engine(bert, tmp_path / "b"))
    curve = recorder.probe(RECIPE, 1)
    assert curve == plain.probe(RECIPE, 1)
    assert recorder.has(curve.checkpoint) and not recorder.has("elsewhere")
    recorder.export(curve.checkpoint, str(tmp_path / "model"))
    assert (tmp_path / "model" / "head.safetensors").is_file()


def test_both_are_engines_to_the_type_checker(recording: Recording) -> None:
    replay: Engine = ReplayEngine(recording)
    again: Engine = RecordingEngine(replay)
    assert again.facts == replay.facts


def test_recipes_that_differ_have_different_names() -> None:
    assert RECIPE.with_(lr=1.04e-4).key != RECIPE.with_(lr=1e-4).key
