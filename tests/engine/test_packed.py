"""Arms trained in one pass a step go the way they go one by one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from rankfirst.engine import packed
from rankfirst.engine.base import no_tick
from rankfirst.engine.footprint import Planner, Room
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.packed import Pack
from rankfirst.engine.sources import Source, resolve
from rankfirst.engine.train import Loop
from rankfirst.records import ALL_ROLES, Arm, ArmKind, ArmResult, ClassWeights, Objective, Recipe, Sites
from tests.engine import tiny

RECIPE = tiny.recipe()
TOP = Sites(tiny.FFN_TOO.roles, 2)  # more sites in the same blocks
STEPS = 7  # more than one epoch of five
CLOSE = 1e-4  # relative
SHARED_ROWS = ("deberta-v2", "deberta-v3")


def arms_of(recipe: Recipe = RECIPE) -> tuple[Arm, ...]:
    """Every knob once: lr, rank up, sites, scaling, dropout, and rank down."""
    return (
        Arm(ArmKind.NONE, recipe),
        Arm(ArmKind.LR, recipe.with_(lr=2 * recipe.lr)),
        Arm(ArmKind.RANK, recipe.with_(rank=2 * recipe.rank)),
        Arm(ArmKind.SITES, recipe.with_(sites=TOP)),
        Arm(ArmKind.LR, recipe.with_(scaling=0.5, dropout=0.3)),
        Arm(ArmKind.RANK, recipe.with_(rank=1, dropout=0.0)),
    )


def base(kind: str, tmp_path: Path, **options: Any) -> LocalEngine:
    return tiny.engine(resolve(str(tiny.write_base(tmp_path / "base", kind))), tmp_path / "work", **options)


def run_packed(engine: LocalEngine, start: str, arms: Sequence[Arm]) -> tuple[ArmResult, ...] | None:
    def make(arm: Arm) -> Loop:
        return engine._loop(arm.recipe, engine.shelf.load(start))

    return packed.run_packed(arms, make, engine.corpus.probe_rows, STEPS, no_tick)


def both(engine: LocalEngine, arms: Sequence[Arm]) -> tuple[tuple[ArmResult, ...], tuple[ArmResult, ...]]:
    """(one by one, packed); the packed way must not have given up."""
    start = engine.probe(arms[0].recipe, 2).checkpoint
    alone, together = engine.experiment(start, tuple(arms), STEPS), run_packed(engine, start, arms)
    assert together is not None
    return alone, together


def same(alone: Sequence[ArmResult], together: Sequence[ArmResult]) -> None:
    for one, other in zip(alone, together, strict=True):
        assert (one.kind, one.recipe, one.healthy, one.steps) == (other.kind, other.recipe, other.healthy, other.steps)
        assert one.train_loss == pytest.approx(other.train_loss, rel=CLOSE)
        assert one.val_log_loss == pytest.approx(other.val_log_loss, rel=CLOSE, abs=1e-6)
        for name in ("update_norm", "train_subset_loss", "val_macro_f1", "train_macro_f1", "work", "function_lost"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), rel=CLOSE, nan_ok=True), name


@pytest.mark.parametrize("kind", ["bert", "qwen2", "gpt2"])
def test_packed_arms_go_the_way_they_go_alone(kind: str, tmp_path: Path) -> None:
    alone, together = both(base(kind, tmp_path), arms_of())
    assert len({r.train_loss[-1] for r in alone}) == len(alone)  # they do differ
    same(alone, together)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [k for k in tiny.ARCHITECTURES if k not in (*SHARED_ROWS, "bert", "qwen2", "gpt2")])
def test_so_it_is_in_every_family(kind: str, tmp_path: Path) -> None:
    same(*both(base(kind, tmp_path), arms_of(RECIPE.with_(sites=Sites(ALL_ROLES, 2)))[:3]))


@pytest.mark.parametrize("kind", SHARED_ROWS)
def test_rows_that_all_arms_share_cannot_be_packed(kind: str, tmp_path: Path) -> None:
    """DeBERTa puts its relative positions through the query of a block: once, not once a row."""
    engine = base(kind, tmp_path, pack=True)
    start = engine.probe(RECIPE, 1).checkpoint
    assert run_packed(engine, start, arms_of()) is None
    assert all(r.healthy for r in engine.experiment(start, arms_of(), 2))


def test_several_labels_a_row(bert: Source, tmp_path: Path) -> None:
    same(*both(tiny.engine(bert, tmp_path, tiny.dataset(multi_label=True)), arms_of()))


def test_long_texts_in_windows(bert: Source, tmp_path: Path) -> None:
    engine = tiny.engine(bert, tmp_path, max_tokens=7, windows=True)
    assert max(engine.corpus.texts["train"].counts(range(40))) > 1
    same(*both(engine, arms_of()))


def test_an_arm_with_more_blocks_makes_the_others_run_theirs(engine: LocalEngine) -> None:
    same(*both(engine, (*arms_of()[:2], Arm(ArmKind.SITES, RECIPE.with_(sites=tiny.FFN_TOO)))))


def test_a_head_and_an_objective_of_ones_own(engine: LocalEngine) -> None:
    objective = Objective(class_weights=ClassWeights.SQRT, focal_gamma=1.0)
    recipe = RECIPE.with_(head_lr=0.001, objective=objective, safe_numerics=True)
    same(*both(engine, arms_of(recipe)))


def small_memory(limit: int) -> Any:
    """A packed backward pass that fits no more than so many rows an arm."""
    real = Pack._backward

    def backward(self: Pack, rows: Sequence[int], *rest: Any) -> Tensor:
        if len(rows) > limit:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        return real(self, rows, *rest)

    return backward


@pytest.mark.parametrize("rows", [1, 3])
def test_a_batch_that_does_not_fit_is_cut(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(Pack, "_backward", small_memory(rows))
    same(*both(engine, arms_of(RECIPE.with_(dropout=0.0))[:4]))  # pieces draw other dropout masks


def test_an_arm_is_cut_where_it_would_be_alone(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Planner, "room", lambda planner, recipe: Room(30))
    same(*both(engine, arms_of()))


def test_one_row_that_does_not_fit_packed_is_trained_alone(bert: Source, tmp_path: Path) -> None:
    engine = tiny.engine(bert, tmp_path, pack=True)
    start = engine.probe(RECIPE, 2).checkpoint
    whole = engine.experiment(start, arms_of(), STEPS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pack, "_backward", small_memory(0))
        same(engine.experiment(start, arms_of(), STEPS), whole)


@pytest.mark.parametrize("lr", [1e30, float("inf")])
def test_an_arm_that_diverges_leaves_the_others_alone(engine: LocalEngine, lr: float) -> None:
    wild = Arm(ArmKind.LR, RECIPE.with_(lr=lr))
    alone, together = both(engine, (*arms_of()[:2], wild, *arms_of()[2:]))
    assert [r.healthy for r in alone] == [True, True, False, True, True, True, True]
    same(alone, together)


def test_when_all_diverge_none_is_healthy(engine: LocalEngine) -> None:
    wild = [Arm(ArmKind.LR, RECIPE.with_(lr=1e30)), Arm(ArmKind.RANK, RECIPE.with_(lr=1e30, rank=4))]
    start = engine.probe(RECIPE, 2).checkpoint
    results = run_packed(engine, start, wild)
    assert results is not None and not any(r.healthy for r in results)


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

    start = engine.probe(RECIPE, 2).checkpoint
    monkeypatch.setattr(Loop, "end_step", end_step)
    assert run_packed(engine, start, arms_of()) and seen


def test_an_error_leaves_the_network_as_it_was(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.pack = True
    start = engine.probe(RECIPE, 2)
    with monkeypatch.context() as patch:
        patch.setattr(Loop, "loss", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            engine.experiment(start.checkpoint, arms_of(), STEPS)
    assert engine.probe(RECIPE, 2) == start


@pytest.mark.parametrize("change", [{"batch_size": 4}, {"seed": 1}], ids=str)
def test_arms_on_other_batches_are_not_packed(engine: LocalEngine, change: dict[str, Any]) -> None:
    arms = (Arm(ArmKind.NONE, RECIPE), Arm(ArmKind.LR, RECIPE.with_(**change)))
    assert packed.run_packed(arms, lambda arm: pytest.fail("made"), [], STEPS, no_tick) is None


def test_a_cpu_runs_arms_one_by_one_unless_told(bert: Source, tmp_path: Path) -> None:
    assert not tiny.engine(bert, tmp_path / "a").pack
    assert tiny.engine(bert, tmp_path / "b", pack=True).pack
