"""Training on training and validation rows is training on one set of these rows."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rankfirst.engine.base import FinalPlan, Source
from rankfirst.engine.training import checkpoint
from rankfirst.engine.training.corpus import ALL
from rankfirst.records import Dataset, Head, Objective, Split
from tests.engine import tiny
from tests.engine.test_interruption import Killed, at

EPOCHS = 2
PLAN = FinalPlan(epochs=4)
HEAD = np.full((len(tiny.CLASSES), 16), 0.05, np.float32), np.array([0.1, 0.0, -0.1], np.float32)
RECIPES = {
    "plain": tiny.recipe(),
    "no frozen block": tiny.recipe(sites=tiny.FFN_TOO),
    "priors": tiny.recipe(objective=Objective(logit_adjustment=1.0)),
    "zero head": tiny.recipe(head=Head.ZERO),
}


def joined(rows: Dataset) -> Dataset:
    both = Split(rows.train.texts + rows.val.texts, rows.train.labels + rows.val.labels)
    return replace(rows, train=both)


@pytest.mark.parametrize("name", RECIPES)
def test_refit_is_final_training_on_one_set_of_all_rows(bert: Source, tmp_path: Path, name: str) -> None:
    rows, recipe = tiny.dataset(), RECIPES[name]
    apart, whole = tiny.engine(bert, tmp_path / "apart", rows), tiny.engine(bert, tmp_path / "whole", joined(rows))
    whole.use_head("mean", *HEAD)
    curve = apart.refit(recipe, PLAN, EPOCHS, "refit", HEAD)
    with pytest.raises(Killed):  # after two epochs of four
        whole.finish(recipe, PLAN, "final", lambda what, *_: at(1)() if "3/4" in what else None)
    one, other = (
        checkpoint.load(apart.checkpoints.path("refit")),
        checkpoint.load(whole.checkpoints.path("final-state")),
    )
    assert (one.epochs, one.steps) == (other.epochs, other.steps) == (EPOCHS, EPOCHS * curve.steps_per_epoch)
    assert set(one.weights) == set(other.weights)
    for weight in one.weights:
        assert torch.allclose(one.weights[weight], other.weights[weight], atol=1e-5)


def test_no_epoch_leaves_the_start(bert: Source, tmp_path: Path) -> None:
    engine = tiny.engine(bert, tmp_path)
    curve = engine.refit(tiny.recipe(), PLAN, 0, "refit", HEAD)
    assert curve.epochs == 0 and engine.has(curve.checkpoint)
    weights = checkpoint.load(engine.checkpoints.path("refit")).weights
    assert np.array_equal(next(w for n, w in weights.items() if n == "head.weight").numpy(), HEAD[0])


@pytest.mark.parametrize("moment", [2, 9, 17])
def test_a_kill_changes_nothing(bert: Source, tmp_path: Path, moment: int) -> None:
    undisturbed = tiny.engine(bert, tmp_path / "a").refit(tiny.recipe(), PLAN, 3, "refit", HEAD)
    with pytest.raises(Killed):
        tiny.engine(bert, tmp_path / "b").refit(tiny.recipe(), PLAN, 3, "refit", HEAD, tick=at(moment))
    engine = tiny.engine(bert, tmp_path / "b")
    curve = engine.refit(tiny.recipe(), PLAN, 3, "refit", HEAD)
    assert replace(curve, work=0) == replace(undisturbed, work=0)
    assert np.array_equal(engine.logits("refit", "val"), tiny.engine(bert, tmp_path / "a").logits("refit", "val"))


def test_windows_of_both_splits_keep_their_states(bert: Source, tmp_path: Path) -> None:
    engine = tiny.engine(bert, tmp_path, max_tokens=8, windows=True)
    corpus, device = engine.corpus, torch.device("cpu")
    corpus.join()
    rows = [50, 3, 41, 39, 40]
    corpus.fill(ALL, 1, rows)
    texts, border = corpus.texts[ALL], len(corpus.texts["train"])
    read = corpus._states(ALL, 1).get(texts.of(rows), 8, device)
    one_by_one = []
    for row in rows:
        split, at_row = ("train", row) if row < border else ("val", row - border)
        one_by_one.append(corpus.store(split, 1).get(corpus.texts[split].of([at_row]), 8, device))
    assert torch.equal(read, torch.cat(one_by_one))
    assert sum(corpus.lengths[ALL]) == corpus.tokens("train") + corpus.tokens("val")
