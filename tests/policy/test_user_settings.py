"""`--set` obeys the same guard as every rule."""

import pytest

from rankfirst.errors import OptionError
from rankfirst.policy import user_settings
from rankfirst.records import ALL_ROLES, ATTENTION_QV, QV_FFN, Recipe, Sites

RECIPE = Recipe(8, Sites(QV_FFN, 2), 1.0, 4e-4, 0.05)


def test_settings_are_read_and_written_the_same() -> None:
    texts = ["rank=16", "sites=qv+ffn@4", "lr=0.0008", "scaling=2", "dropout=0.1"]
    found = user_settings.parse(texts)
    assert found == {"rank": 16, "sites": Sites(QV_FFN, 4), "lr": 8e-4, "scaling": 2.0, "dropout": 0.1}
    assert [f"{knob}={user_settings.written(knob, value)}" for knob, value in found.items()] == texts


def test_roles_of_every_block_follow_a_plus() -> None:
    found = user_settings.parse(["sites=qv+ffn@4+qv"])
    assert found == {"sites": Sites(QV_FFN, 4, ATTENTION_QV)}
    assert user_settings.written("sites", found["sites"]) == "qv+ffn@4+qv"
    assert user_settings.parse(["sites=ALL@2+qv+ffn"]) == {"sites": Sites(ALL_ROLES, 2, QV_FFN)}
    assert user_settings.applied(RECIPE, found, layers=6).sites == found["sites"]
    assert user_settings.applied(RECIPE, found, layers=4).sites == Sites(QV_FFN, 4)  # every block is a top block
    with pytest.raises(OptionError, match=r"Use sites=qv\+ffn@3 or fewer"):
        user_settings.within(found, layers=3)


@pytest.mark.parametrize("text", ["qv@4+qv", "qv@4+all", "qv+ffn@4+", "qv+ffn@4+k", "@4+qv", "qv+ffn@+qv", "qv+ffn@²"])
def test_only_a_part_of_the_roles_can_be_in_every_block(text: str) -> None:
    with pytest.raises(OptionError, match=r"qv\+ffn@K\+qv"):
        user_settings.parse([f"sites={text}"])


@pytest.mark.parametrize(
    "text", ["rank", "rank=3", "rank=nan", "lr=1", "lr=fast", "sites=qv", "sites=qv@0", "sites=mlp@2", "alpha=16", "=1"]
)
def test_what_is_off_its_ladder_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(OptionError) as refused:
        user_settings.parse([text])
    assert "\n" not in refused.value.sentence("zh")


def test_capacity_knobs_are_followed_and_dynamics_knobs_wait() -> None:
    now, later, refusals = user_settings.guarded(user_settings.parse(["rank=16", "lr=8e-4"]), force=False)
    assert (now, later) == ({"rank": 16}, {"lr": 8e-4})
    assert [(r.knob, r.code, r.forced) for r in refusals] == [("lr", "no_lr_underfit", False)]


def test_force_is_followed_and_still_recorded() -> None:
    now, later, refusals = user_settings.guarded(user_settings.parse(["lr=8e-4"]), force=True)
    assert (now, later) == ({"lr": 8e-4}, {})
    assert refusals[0].forced


def test_more_layers_than_the_base_model_has_are_told() -> None:
    user_settings.within(user_settings.parse(["sites=all@6", "rank=4"]), layers=6)
    with pytest.raises(OptionError, match=r"sites=all@24 .* \(6\)\. Use sites=all@6"):
        user_settings.within(user_settings.parse(["sites=all@24"]), layers=6)


def test_sites_reach_no_deeper_than_the_base_model() -> None:
    changed = user_settings.applied(RECIPE, user_settings.parse(["sites=all@24", "rank=4"]), layers=6)
    assert (changed.sites.top_layers, changed.rank, changed.lr) == (6, 4, RECIPE.lr)
