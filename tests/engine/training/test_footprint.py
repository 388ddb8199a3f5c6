"""Memory is predicted before it is needed, and a step is run so that it fits."""

from pathlib import Path

import pytest
import torch

from rankfirst.engine.base import FinalPlan, Source
from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.training import footprint
from rankfirst.engine.training.footprint import Growth, Planner, Room, weight_bytes
from rankfirst.engine.training.tensor_memory import LiveBytes
from rankfirst.errors import EngineError
from rankfirst.records import Footprint, Health, Sites
from tests.engine import tiny

RECIPE = tiny.recipe()


def test_live_bytes_counts_what_is_there_at_once() -> None:
    known = torch.ones(1000)
    with LiveBytes([known]) as live:
        one = known * 2
        view = one[:10]
        del one, view
        two = known + 1
        three = two.view(10, 100)  # no more memory
        two.mul_(2)
        del two, three
    assert live.peak == 4000 and live.now == 0


def test_three_passes_name_what_grows() -> None:
    told = footprint._grown(lambda rows, width: 700 + 30 * rows * width + 2 * rows * width * width, 24, 96)
    assert told == Growth(pytest.approx(700), pytest.approx(30), pytest.approx(2))
    assert told.at(200, 50) == pytest.approx(700 + 30 * 200 + 2 * 200 * 50)


@pytest.mark.parametrize("kind", ["bert", "deberta-v2", "gpt2", "albert", "gemma2"])
@pytest.mark.parametrize("asked", [RECIPE.sites, tiny.FFN_ON_TOP], ids=str)
def test_what_a_step_holds_is_foretold(kind: str, asked: Sites, tmp_path: Path) -> None:
    """Against the same watch over a real step: of other size, and not the one it was measured at."""
    source = resolve(str(tiny.write_base(tmp_path / kind, kind)))
    engine = tiny.engine(source, tmp_path / "work")
    recipe = tiny.recipe(dropout=0.0, sites=asked)
    planner, top = engine.planner, asked.depth(engine.model.layers)
    needs = planner._needs(recipe, False)
    depth = planner._depth(recipe)
    with planner._on(recipe):
        seen = footprint._live(engine.corpus, depth, 5, 40, top, False, True)
    assert needs.step.at(200, 40) == pytest.approx(seen, rel=0.2)  # relative positions grow otherwise


def test_the_network_is_bare_after_a_prediction(engine: LocalEngine) -> None:
    before, head = torch.get_rng_state(), engine.model.head
    names = [n for n, _ in engine.model.encoder.named_parameters()]
    engine.planner.plan(RECIPE, 1 << 40)
    assert [n for n, _ in engine.model.encoder.named_parameters()] == names
    assert engine.model.head is head
    assert torch.equal(torch.get_rng_state(), before)
    assert not any(p.requires_grad for p in engine.model.encoder.parameters())


def test_nothing_is_measured_where_memory_is_plenty(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Planner, "predict", lambda *a: pytest.fail("measured"))
    assert engine.planner.room(RECIPE) == Room()


def fake(planner: Planner, monkeypatch: pytest.MonkeyPatch, limit: int) -> list[Footprint]:
    """Steps cost a thousand bytes a token, a quarter of it recomputed; nothing else costs anything."""
    tried: list[Footprint] = []

    def predict(recipe: object, room: Room, allowed: int) -> Footprint:
        cost = room.tokens * (250 if room.recompute else 1000)
        tried.append(Footprint(0, 0, 0, cost, 0, allowed, room.tokens, room.recompute))
        return tried[-1]

    monkeypatch.setattr(planner, "predict", predict)
    planner.plan(RECIPE, limit)
    return tried


@pytest.mark.parametrize(
    ("limit", "tokens", "recompute", "fits"),
    [
        (9_000_000, 8192, False, True),
        (5_000_000, 4096, False, True),
        (1_100_000, 1024, False, True),
        (600_000, 2048, True, True),  # larger pieces again, as each needs less
        (60_000, 128, True, True),
        (1_000, 11, True, False),
    ],
)
def test_pieces_first_then_twice_then_no(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch, limit: int,
                                         tokens: int, recompute: bool, fits: bool) -> None:  # fmt: skip
    last = fake(engine.planner, monkeypatch, limit)[-1]
    tokens = engine.planner.longest if not fits else tokens
    assert (last.tokens, last.recompute, last.fits) == (tokens, recompute, fits)


def test_a_recipe_that_cannot_fit_is_refused_before_anything_is_encoded(bert: Source, tmp_path: Path) -> None:
    engine = tiny.engine(bert, tmp_path, memory=footprint.held(torch.device("cpu")) + (1 << 20))
    engine.planner.user_limit = 1 << 20
    with pytest.raises(EngineError) as caught:
        engine.expect(RECIPE)
    assert caught.value.code == "memory.too_little"
    curve = engine.probe(RECIPE, 1)
    assert curve.health is Health.OUT_OF_MEMORY and not curve.train_loss


def test_a_base_that_cannot_fit_is_not_loaded(bert: Source, tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        tiny.engine(bert, tmp_path, memory=1 << 20)
    assert caught.value.code == "memory.base"


def test_weights_are_counted_from_the_headers(bert: Source, engine: LocalEngine) -> None:
    stored = engine.model.encoder.state_dict().values()
    assert weight_bytes(bert.folder) == sum(4 * t.numel() for t in stored)


def test_a_short_memory_changes_no_loss(bert: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = tiny.recipe(dropout=0.0)
    whole = tiny.engine(bert, tmp_path / "whole").probe(recipe, 1)
    monkeypatch.setattr(Planner, "room", lambda planner, recipe: Room(30, True))
    small = tiny.engine(bert, tmp_path / "small").probe(recipe, 1)
    assert small.train_loss == pytest.approx(whole.train_loss, abs=1e-5)


@pytest.mark.parametrize(
    ("room", "pieces", "recomputed"),
    [(Room(), None, False), (Room(20), 20, False), (Room(recompute=True), None, True), (Room(20, True), 20, True)],
)
def test_a_training_says_how_its_steps_were_made_to_fit(
    bert: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: Room, pieces: int | None, recomputed: bool
) -> None:
    recipe = RECIPE.with_(dropout=0.0)  # what dropout draws depends on the pieces
    whole = tiny.engine(bert, tmp_path / "whole").probe(recipe, 1)
    monkeypatch.setattr(Planner, "room", lambda *a: room)
    engine = tiny.engine(bert, tmp_path / "short")
    curve = engine.probe(recipe, 1)
    assert (curve.pieces, curve.recomputed) == (pieces, recomputed)
    assert curve.train_loss == pytest.approx(whole.train_loss, rel=1e-5)
    engine.finish(RECIPE, FinalPlan(1), "final")
    monkeypatch.setattr(Planner, "room", lambda *a: Room())
    again = tiny.engine(bert, tmp_path / "short").finish(RECIPE, FinalPlan(2), "final")  # as after a kill
    assert (again.pieces, again.recomputed) == (pieces, recomputed)
