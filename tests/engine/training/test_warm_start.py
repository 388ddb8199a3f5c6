"""Training that starts from a delivery: the same answers before its first step, whatever classes joined."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rankfirst.engine.base import EngineOptions, FinalPlan, WarmStart
from rankfirst.engine.base_models import sources
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.training import warm_start
from rankfirst.errors import RunError
from rankfirst.records import ALL_ROLES, ATTENTION_QV, Dataset, Head, Objective, Sites, Split
from tests.engine import tiny

PLACE = (0, 2, 3)  # of card, limit and send among card, lost, limit and send


def grown() -> Dataset:
    """The tiny rows with a class in their middle that no row had."""
    old = tiny.dataset()

    def moved(split: Split | None) -> Split:
        assert split is not None
        labels = [tuple(PLACE[c] for c in row) for row in split.labels]
        return Split((*split.texts, "lost lost", "lost"), (*labels, (1,), (1,)))

    return Dataset("tiny", ("card", "lost", "limit", "send"), False, moved(old.train), moved(old.val), moved(old.test))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> sources.Source:
    return sources.resolve(str(tiny.write_base(tmp_path_factory.mktemp("base") / "bert", "bert")))


@pytest.fixture(scope="module")
def delivered(source: sources.Source, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    folder = tmp_path_factory.mktemp("delivered")
    engine = tiny.engine(source, folder / "work")
    curve = engine.finish(tiny.recipe(), FinalPlan(3), "f")
    engine.export(curve.checkpoint, str(folder / "model"))
    return folder / "model", engine.logits(curve.checkpoint, "val")


def engine_of(source: sources.Source, work: Path, model: Path) -> LocalEngine:
    options = EngineOptions(device="cpu", warm=WarmStart(model, tiny.recipe(), PLACE))
    engine = LocalEngine(grown(), source, work, options)
    # A fresh start that says "send" to everything: worse than what was delivered.
    engine.use_head("mean", np.zeros((4, engine.facts.hidden), np.float32), np.array([0, -9, 0, 9], np.float32))
    return engine


@pytest.mark.parametrize("changes", [{}, {"rank": 4}, {"scaling": 1.0}, {"sites": tiny.FFN_TOO},
                                     {"sites": Sites(ALL_ROLES, 2, ATTENTION_QV)}], ids=str)  # fmt: skip
def test_before_the_first_step_it_answers_as_delivered(
    source: sources.Source, delivered: tuple[Path, np.ndarray], tmp_path: Path, changes: dict[str, object]
) -> None:
    model, before = delivered
    engine = engine_of(source, tmp_path, model)
    curve = engine.finish(tiny.recipe(**changes), FinalPlan(0), "f")
    now = engine.logits(curve.checkpoint, "val")[: len(before)]
    assert np.abs(now[:, PLACE] - before).max() < 1e-4
    assert np.abs(now[:, 1]).max() > 0  # the frozen rung's row


def test_a_fresh_start_that_answers_better_is_taken(
    source: sources.Source, delivered: tuple[Path, np.ndarray], tmp_path: Path
) -> None:
    engine = engine_of(source, tmp_path, delivered[0])
    assert engine.warm is not None
    good = engine.warm.state(engine.heads[Head.PROBE]).weights
    engine.use_head("mean", good["head.weight"].numpy(), good["head.bias"].numpy())
    weight, bias = engine.warm.head
    engine.warm = replace(engine.warm, head=(0 * weight, 0 * bias))  # says the same to everything
    with_it = engine.finish(tiny.recipe(), FinalPlan(0), "a").evaluations[0]
    engine.warm = None
    assert engine.finish(tiny.recipe(), FinalPlan(0), "b").evaluations[0] == with_it


def test_a_probe_begins_untrained(source: sources.Source, delivered: tuple[Path, np.ndarray], tmp_path: Path) -> None:
    engine = engine_of(source, tmp_path, delivered[0])
    with_it = engine.probe(tiny.recipe(), 1)
    engine.warm = None
    assert engine.probe(tiny.recipe(), 1).train_loss == with_it.train_loss


def test_rows_of_the_frozen_rung_lose_the_prior_that_training_adds(delivered: tuple[Path, np.ndarray]) -> None:
    import torch

    held = warm_start.read(delivered[0], tiny.recipe(), PLACE)
    head = torch.zeros(4, held.head[0].shape[1]), torch.zeros(4)
    bias = held.state(head, torch.tensor([9.0, 2.0, 9.0, 9.0])).weights["head.bias"]
    assert bias[1] == -2.0 and torch.equal(bias[list(PLACE)], held.head[1])


def test_it_goes_on_after_a_kill_from_where_it_was(
    source: sources.Source, delivered: tuple[Path, np.ndarray], tmp_path: Path
) -> None:
    recipe = tiny.recipe(objective=Objective(logit_adjustment=0.5), head=Head.PROBE)
    whole = engine_of(source, tmp_path / "a", delivered[0]).finish(recipe, FinalPlan(2), "f")
    engine_of(source, tmp_path / "b", delivered[0]).finish(recipe, FinalPlan(1), "f")
    assert len(engine_of(source, tmp_path / "b", delivered[0]).finish(recipe, FinalPlan(2), "f").evaluations) == len(
        whole.evaluations
    )


def test_what_was_not_delivered_so_is_one_line(delivered: tuple[Path, np.ndarray], tmp_path: Path) -> None:
    for folder, recipe, place in (
        (tmp_path, tiny.recipe(), PLACE),
        (delivered[0], tiny.recipe(rank=8), PLACE),
        (delivered[0], tiny.recipe(), (0, 1)),
    ):
        with pytest.raises(RunError):
            warm_start.read(folder, recipe, place)
