"""`--set` obeys the same guard as every rule."""

import pytest

from rankfirst.errors import OptionError
from rankfirst.policy import user_settings
from rankfirst.records import QV_FFN, Recipe, Sites

RECIPE = Recipe(8, Sites(QV_FFN, 2), 1.0, 4e-4, 0.05)


def test_settings_are_read_and_written_the_same() -> None:
    texts = ["rank=16", "sites=qv+ffn@4", "lr=0.0008", "scaling=2", "dropout=0.1"]
    found = user_settings.parse(texts)
    assert found == {"rank": 16, "sites": Sites(QV_FFN, 4), "lr": 8e-4, "scaling": 2.0, "dropout": 0.1}
    assert [f"{knob}={user_settings.written(knob, value)}" for knob, value in found.items()] == texts


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
