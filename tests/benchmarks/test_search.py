"""Searchers of the comparison: what they choose, and that nothing is paid for twice."""

from math import inf

import numpy as np
import pytest
from benchmarks.atlas import design, search
from benchmarks.atlas.search import Ledger

from tests.benchmarks.atlases import atlas, rungs
from tests.benchmarks.test_judge import TOP

OTHER = design.BASE.with_(sites=design.SITES[2])  # the deeper sites: twice the work
ALL = 16 + 8 * 2.0  # runs of the whole grid


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_a_run_carried_on_costs_only_what_is_missing():
    ledger = Ledger(atlas())
    for epochs in (1, 1, 2, 4, 4):
        ledger.train(design.BASE, epochs)
    assert ledger.spent == pytest.approx(1.0)
    ledger.train(OTHER, 1)
    assert ledger.spent == pytest.approx(1.5)


def test_delivering_trains_the_incumbent_once():
    ledger = Ledger(atlas())
    ledger.train(design.BASE, 1)
    assert ledger.deliver().runs == pytest.approx(1.0)
    assert ledger.deliver().runs == pytest.approx(1.0)


def test_the_dense_grid_finds_the_best_by_validation_not_by_test():
    found = search.random_search(atlas(val=lambda r: 1.5 - rungs(r)), rng(), inf)
    assert (found.recipe.lr, found.recipe.rank) == (design.LRS[0], design.RANKS[0])
    assert found.runs == pytest.approx(ALL)


def test_one_epoch_of_all_and_the_rest_of_the_best():
    found = search.one_epoch_topk(1)(atlas(), rng(), inf)
    assert (found.recipe.lr, found.recipe.rank) == (TOP.lr, TOP.rank)
    rest = 0.75 * (2.0 if found.recipe.sites == design.SITES[2] else 1.0)
    assert found.runs == pytest.approx(ALL / 4 + rest)


@pytest.mark.parametrize("searcher", [search.random_search, search.asha, search.one_epoch_topk(2), search.tpe])
@pytest.mark.parametrize("budget", [2.0, 4.5, inf])
def test_no_search_spends_more_than_it_has_and_all_end_with_a_trained_recipe(searcher, budget):
    if searcher is search.tpe:
        pytest.importorskip("optuna")
    table = atlas()
    found = searcher(table, rng(), budget)
    assert found.runs <= budget
    assert found.recipe in table.grid
    assert found.history[-1][1] == found.recipe


def test_a_diverged_run_is_never_delivered_by_a_search_that_saw_another():
    best = {r.key for r in design.grid() if (r.lr, r.rank) == (TOP.lr, TOP.rank)}
    found = search.random_search(atlas(diverged=best), rng(), inf)
    assert found.recipe.key not in best
