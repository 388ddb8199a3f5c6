"""The first recipe lies inside the seed's ranges; the ceiling follows the data and never passes below the start."""

from dataclasses import replace

import pytest

from rankfirst.policy import ceiling, start
from rankfirst.policy import thresholds as t
from rankfirst.policy.actions import rank_up
from rankfirst.policy.search_space import site_ladder
from rankfirst.policy.user_settings import parse, written
from rankfirst.records import ALL_ROLES, QV_FFN, Head, Sites
from tests.policy import curves as c

# MiniLM-like: enough weights a rank that a ceiling binds somewhere between its ends.
FACTS = replace(c.FACTS, shapes={r: (384, 1536 if "ffn" in r else 384) for r in c.ROLES})


@pytest.mark.parametrize(("layers", "top"), [(1, 1), (2, 2), (3, 2), (6, 4), (12, 4), (24, 4)])
def test_the_start_is_the_seeds_conservative_recipe(layers: int, top: int) -> None:
    recipe = start(c.PROFILE, replace(FACTS, layers=layers), seed=7)
    assert 8 <= recipe.rank <= 16
    assert recipe.sites == Sites(QV_FFN, top)
    assert 0.05 <= recipe.dropout <= 0.1
    assert recipe.scaling == t.START_SCALING
    assert 1e-4 <= recipe.lr <= 5e-4
    assert (recipe.head, recipe.seed, recipe.safe_numerics) == (Head.PROBE, 7, False)


@pytest.mark.parametrize("layers", [1, 2, 6, 12, 24])
def test_the_start_lies_on_every_ladder(layers: int) -> None:
    recipe = start(c.PROFILE, replace(FACTS, layers=layers))
    assert parse([f"{knob}={getattr(recipe, knob):g}" for knob in ("rank", "lr", "scaling", "dropout")])
    assert recipe.sites in site_ladder(layers)


@pytest.mark.parametrize("layers", [1, 2, 6, 12, 24])
@pytest.mark.parametrize("shapes", [FACTS.shapes, {"q": (8, 24), "o": (8, 8), "ffn_in": (8, 32), "ffn_out": (32, 8)}])
def test_the_site_ladder_never_shrinks_and_ends_with_every_linear_layer(layers: int, shapes: dict[str, object]) -> None:
    facts = replace(FACTS, layers=layers, shapes=shapes)
    sizes = [facts.adapter_parameters(1, s) for s in site_ladder(layers)]
    assert sizes == sorted(sizes)
    assert sizes[-1] == facts.adapter_parameters(1, Sites(tuple(c.ROLES), layers))


@pytest.mark.parametrize(("layers", "top", "more"), [(6, 2, 4), (12, 4, 8), (24, 4, 16)])
def test_the_site_ladder_goes_by_the_meaning_of_the_layers(layers: int, top: int, more: int) -> None:
    """q/v reach every block before FFN goes deeper."""
    assert [written("sites", sites) for sites in site_ladder(layers)] == [
        "qv@1", f"qv@{top}", f"qv+ffn@{top}", f"qv+ffn@{top}+qv", f"qv+ffn@{more}", f"qv+ffn@{layers}", f"all@{layers}",
    ]  # fmt: skip


@pytest.mark.parametrize("layers", [1, 2])
def test_a_base_whose_blocks_are_all_top_blocks_has_a_short_ladder(layers: int) -> None:
    ladder = site_ladder(layers)
    assert not any(sites.everywhere for sites in ladder) and len(set(ladder)) == len(ladder)
    assert ladder[-2:] == [Sites(QV_FFN, layers), Sites(ALL_ROLES, layers)]


def max_rank(
    rows: int = 10_000, effective: float = 50.0, suspects: int = 0, labels: float = 1.0, layers: int = 6
) -> int:
    profile = replace(c.PROFILE, n_train=rows, effective_classes=effective, suspects=tuple(range(suspects)),
                      labels_per_row=labels)  # fmt: skip
    found = ceiling(profile, replace(FACTS, layers=layers))
    assert found.max_layers == layers
    assert found.numbers["rank"] == found.max_rank
    return found.max_rank


def rises(values: list[int]) -> bool:
    return values == sorted(values) and values[0] < values[-1]


def test_the_ceiling_grows_with_rows_classes_and_labels_a_row() -> None:
    assert rises([max_rank(rows=n) for n in (100, 300, 1000, 3000, 10_000, 100_000)])
    assert rises([max_rank(effective=k) for k in (2.0, 8.0, 64.0, 1000.0)])
    assert rises([max_rank(labels=k, rows=4000) for k in (1.0, 2.0, 8.0)])


def test_the_ceiling_shrinks_with_suspect_labels_and_deeper_models() -> None:
    assert rises([max_rank(rows=8000, suspects=n) for n in (7800, 5000, 2000, 0)])
    assert rises([max_rank(rows=8000, layers=n) for n in (48, 24, 12, 6, 2)])


@pytest.mark.parametrize("rows", [0, 1, 10])
@pytest.mark.parametrize("suspects", [0, 10])
def test_the_ceiling_is_never_below_the_start_and_stays_on_the_ladder(rows: int, suspects: int) -> None:
    assert max_rank(rows, effective=0.0, suspects=min(rows, suspects)) == t.START_RANK
    assert max_rank(10**9) == t.RANKS[-1]


def test_no_rule_raises_the_rank_past_the_ceiling() -> None:
    high = replace(c.plateau().curve, recipe=c.RECIPE.with_(rank=t.START_RANK))
    e = replace(c.plateau(ceiling=ceiling(replace(c.PROFILE, n_train=10), FACTS)), curve=high)
    assert e.ceiling.max_rank == e.curve.recipe.rank
    assert rank_up(e) is None
