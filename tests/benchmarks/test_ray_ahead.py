"""Training ahead changes when a walk has its answers, never which it asks for."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from benchmarks.atlas import design, replay
from benchmarks.atlas.store import Atlas, load
from benchmarks.ray_ahead import EarlyEngine, Shift

from rankfirst.engine.base import Foresighted, no_tick
from rankfirst.records import Budget
from rankfirst.run.journal import Journal
from rankfirst.run.search import Walk, Wishes
from rankfirst.run.time_budget import Clock


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return load("mixsnips-minilm-300")


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_the_same_decisions_sooner(atlas: Atlas, workers: int) -> None:
    shift = Shift(workers)
    engine = EarlyEngine(atlas, shift)
    assert isinstance(engine, Foresighted)
    assert replay.walk(atlas, engine=engine) == replay.walk(atlas)
    if workers == 1:
        assert (shift.used, shift.wasted, shift.now) == (0, 0, pytest.approx(shift.needed))
    if workers == 4:
        assert shift.used > 0
    assert shift.now == pytest.approx(shift.needed) or (shift.used and shift.now < shift.needed)


def test_the_journal_tells_what_was_trained_ahead_apart(atlas: Atlas, tmp_path: Path) -> None:
    journal, shift = Journal(tmp_path / "journal.jsonl"), Shift(4)
    rows = SimpleNamespace(val=SimpleNamespace(labels=atlas.val))
    wishes = Wishes(Budget(float("inf")), space=replay.SPACE)
    walk = Walk(rows, EarlyEngine(atlas, shift), journal, wishes, Clock(None, lambda: 0.0), no_tick, atlas.profile,
                replay.CEILING, atlas.noise, replay.UNMEASURED)  # type: ignore[arg-type]  # fmt: skip
    walk.through(design.BASE)
    told = [payload for (kind, _), payload in journal.events.items() if kind == "ahead"]
    assert sum(one["used"] for one in told) == shift.used > 0
    wasted = sum(one["seconds"] for one in told if not one["used"])
    assert wasted == pytest.approx(shift.wasted, abs=0.01 * len(told))
    assert walk.work == pytest.approx(shift.needed)  # what nobody asked for is in no budget
