"""Recipes trained in one pass a step go the way they go one by one."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from rankfirst.engine.base import Source, no_tick, no_watch
from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.training import packed
from rankfirst.engine.training.footprint import Planner, Room
from rankfirst.engine.training.loop import Loop
from rankfirst.engine.training.packed import Pack
from rankfirst.records import ALL_ROLES, ClassWeights, Curve, Health, Objective, Recipe, Sites
from tests.engine import tiny
from tests.engine.contract import check_curve

RECIPE = tiny.recipe()
TOP = Sites(tiny.FFN_TOO.roles, 2)  # more sites in the same blocks
EPOCHS = 2
CLOSE = 1e-4  # relative
SHARED_ROWS = ("deberta-v2", "deberta-v3")


def recipes_of(recipe: Recipe = RECIPE) -> tuple[Recipe, ...]:
    """Every knob once: lr, rank up, sites, scaling, dropout, and rank down."""
    return (
        recipe,
        recipe.with_(lr=2 * recipe.lr),
        recipe.with_(rank=2 * recipe.rank),
        recipe.with_(sites=TOP),
        recipe.with_(scaling=0.5, dropout=0.3),
        recipe.with_(rank=1, dropout=0.0),
    )


def base(kind: str, tmp_path: Path, **options: Any) -> LocalEngine:
    return tiny.engine(resolve(str(tiny.write_base(tmp_path / "base", kind))), tmp_path / "work", **options)


def run_packed(engine: LocalEngine, recipes: Sequence[Recipe]) -> tuple[Curve, ...] | None:
    def keep(recorder: Any, health: Health) -> Curve:
        return engine._kept(recorder, health, EPOCHS)

    rows = engine.corpus.probe_rows
    return packed.run_packed(recipes, lambda r: engine._loop(r, None), rows, EPOCHS, keep, no_watch, no_tick)


def both(engine: LocalEngine, recipes: Sequence[Recipe]) -> tuple[tuple[Curve, ...], tuple[Curve, ...]]:
    """(one by one, packed); the packed way must not have given up."""
    alone, together = tuple(engine.probe(r, EPOCHS) for r in recipes), run_packed(engine, recipes)
    assert together is not None
    return alone, together


def leaves(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every number and word of a record, with its place."""
    if is_dataclass(value):
        for field in fields(value):
            yield from leaves(getattr(value, field.name), f"{name}.{field.name}")
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            yield from leaves(item, f"{name}[{i}]")
    else:
        yield name, value


def same(alone: Sequence[Curve], together: Sequence[Curve]) -> None:
    for one, other in zip(alone, together, strict=True):
        for (name, value), (place, found) in zip(leaves(one, "curve"), leaves(other, "curve"), strict=True):
            rounded = isinstance(value, float)
            assert name == place
            assert found == (pytest.approx(value, rel=CLOSE, abs=1e-6, nan_ok=True) if rounded else value), name


@pytest.mark.parametrize("kind", ["bert", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("qwen2", "gpt2"))])
def test_packed_recipes_go_the_way_they_go_alone(kind: str, tmp_path: Path) -> None:
    alone, together = both(base(kind, tmp_path), recipes_of())
    assert len({r.train_loss[-1] for r in alone}) == len(alone)  # they do differ
    same(alone, together)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [k for k in tiny.ARCHITECTURES if k not in (*SHARED_ROWS, "bert", "qwen2", "gpt2")])
def test_so_it_is_in_every_family(kind: str, tmp_path: Path) -> None:
    same(*both(base(kind, tmp_path), recipes_of(RECIPE.with_(sites=Sites(ALL_ROLES, 2)))[:3]))


@pytest.mark.parametrize("kind", SHARED_ROWS)
def test_rows_that_all_recipes_share_cannot_be_packed(kind: str, tmp_path: Path) -> None:
    """DeBERTa puts its relative positions through the query of a block: once, not once a row."""
    engine = base(kind, tmp_path, pack=True)
    assert run_packed(engine, recipes_of()) is None
    assert all(curve.health is Health.FINE for curve in engine.probes(recipes_of(), 1))


def test_several_labels_a_row(bert: Source, tmp_path: Path) -> None:
    same(*both(tiny.engine(bert, tmp_path, tiny.dataset(multi_label=True)), recipes_of()))


@pytest.mark.slow
def test_long_texts_in_windows(bert: Source, tmp_path: Path) -> None:
    engine = tiny.engine(bert, tmp_path, max_tokens=7, windows=True)
    assert max(engine.corpus.texts["train"].counts(range(40))) > 1
    same(*both(engine, recipes_of()))


@pytest.mark.slow
def test_a_recipe_with_more_blocks_makes_the_others_run_theirs(engine: LocalEngine) -> None:
    deeper = [RECIPE.with_(sites=sites) for sites in (tiny.FFN_TOO, tiny.FFN_ON_TOP)]
    same(*both(engine, (*recipes_of()[:2], *deeper)))


@pytest.mark.slow
def test_a_head_and_an_objective_of_ones_own(engine: LocalEngine) -> None:
    objective = Objective(class_weights=ClassWeights.SQRT, focal_gamma=1.0)
    recipe = RECIPE.with_(head_lr=0.001, objective=objective, safe_numerics=True)
    same(*both(engine, recipes_of(recipe)))


def small_memory(limit: int) -> Any:
    """A packed backward pass that fits no more than so many rows a recipe."""
    real = Pack._backward

    def backward(self: Pack, rows: Sequence[int], *rest: Any) -> Tensor:
        if len(rows) > limit:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        return real(self, rows, *rest)

    return backward


@pytest.mark.parametrize("rows", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_a_batch_that_does_not_fit_is_cut(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(Pack, "_backward", small_memory(rows))
    alone, together = both(engine, recipes_of(RECIPE.with_(dropout=0.0))[:4])  # pieces draw other dropout masks
    assert all(curve.pieces for curve in together)
    same(alone, [replace(curve, pieces=None) for curve in together])


@pytest.mark.slow
def test_a_recipe_is_cut_where_it_would_be_alone(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Planner, "room", lambda planner, recipe: Room(30))
    same(*both(engine, recipes_of()))


@pytest.mark.slow
def test_one_row_that_does_not_fit_packed_is_trained_alone(bert: Source, tmp_path: Path) -> None:
    engine = tiny.engine(bert, tmp_path, pack=True)
    whole = engine.probes(recipes_of(), EPOCHS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pack, "_backward", small_memory(0))
        same(engine.probes(recipes_of(), EPOCHS), whole)


@pytest.mark.parametrize("lr", [1e30, pytest.param(float("inf"), marks=pytest.mark.slow)])
def test_a_recipe_that_diverges_leaves_the_others_alone(engine: LocalEngine, lr: float) -> None:
    alone, together = both(engine, (*recipes_of()[:2], RECIPE.with_(lr=lr), *recipes_of()[2:]))
    assert [c.health is Health.FINE for c in alone] == [True, True, False, True, True, True, True]
    same(alone, together)


def test_when_all_diverge_none_is_healthy(engine: LocalEngine) -> None:
    curves = run_packed(engine, [RECIPE.with_(lr=1e30), RECIPE.with_(lr=1e30, rank=4)])
    assert curves is not None and not any(curve.health is Health.FINE for curve in curves)


def test_adam_finds_one_memory_layout(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """CUDA's fused kernels refuse moments or gradients that lie otherwise than the weights."""
    real, seen = Loop.end_step, 0

    def end_step(self: Loop, *rest: Any) -> None:
        nonlocal seen
        real(self, *rest)
        for p in self.parameters.values():
            state = self.optimizer.state[p]
            assert p.grad is not None
            assert p.stride() == p.grad.stride() == state["exp_avg"].stride() == state["exp_avg_sq"].stride()
            seen += 1

    monkeypatch.setattr(Loop, "end_step", end_step)
    assert run_packed(engine, recipes_of()) and seen


def test_an_error_leaves_the_network_as_it_was(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.pack = True
    start = engine.probe(RECIPE, 2)
    with monkeypatch.context() as patch:
        patch.setattr(Loop, "loss", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            engine.probes(recipes_of(), EPOCHS)
    assert engine.probe(RECIPE, 2) == start


@pytest.mark.parametrize("change", [{"batch_size": 4}, {"seed": 1}], ids=str)
def test_recipes_on_other_batches_are_not_packed(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    monkeypatch.setattr(engine, "_loop", lambda *_: pytest.fail("made"))
    assert run_packed(engine, (RECIPE, RECIPE.with_(**change))) is None


def test_a_cpu_trains_recipes_one_by_one_unless_told(bert: Source, tmp_path: Path) -> None:
    assert not tiny.engine(bert, tmp_path / "a").pack
    assert tiny.engine(bert, tmp_path / "b", pack=True).pack


@pytest.fixture
def packing(bert: Source, tmp_path: Path) -> LocalEngine:
    return tiny.engine(bert, tmp_path / "work", pack=True)


def test_probes_answer_recipe_by_recipe(packing: LocalEngine) -> None:
    ticks: list[tuple[str, int, int]] = []
    curves = packing.probes(recipes_of(), EPOCHS, lambda *told: ticks.append(told))
    assert ticks and all(what and 0 <= done <= total for what, done, total in ticks)
    assert [curve.recipe for curve in curves] == list(recipes_of())
    for curve in curves:
        check_curve(curve, 15)
        assert packing.has(curve.checkpoint)


def test_recipes_that_leave_rows_out_are_packed_only_with_their_like(packing: LocalEngine) -> None:
    less = RECIPE.with_(without=(0, 5))
    alone = [packing.probe(recipe, EPOCHS) for recipe in (less, RECIPE)]
    assert packing.probes([less, RECIPE], EPOCHS) == tuple(alone)
    pair = [less, less.with_(lr=0.02)]
    same([packing.probe(recipe, EPOCHS) for recipe in pair], packing.probes(pair, EPOCHS))


def test_packed_recipes_start_from_the_same_weights_and_batch(packing: LocalEngine) -> None:
    plain, lr, rank = packing.probes(recipes_of()[:3], EPOCHS)
    assert lr.train_loss[0] == pytest.approx(plain.train_loss[0], rel=CLOSE, abs=0)
    assert rank.train_loss[0] == pytest.approx(plain.train_loss[0], abs=1e-5)
    assert len({curve.train_loss[1] for curve in (plain, lr, rank)}) == 3


def test_a_packed_checkpoint_answers_as_its_curve_says(packing: LocalEngine) -> None:
    for curve in packing.probes(recipes_of()[:3], EPOCHS):
        predicted = packing.logits(curve.checkpoint, "val").argmax(axis=1)
        assert tuple((int(c),) for c in predicted) == curve.end_predicted
