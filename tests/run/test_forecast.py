"""What a run is likely to take, and how independent runs spread."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from rankfirst.api import _final_work
from rankfirst.policy.final_training import final_epochs, full_run, most_work
from rankfirst.policy.thresholds import FINAL_EPOCHS, FULL_RUNS, MOST_FINAL_EPOCHS
from rankfirst.records import QV_FFN, BaseFacts, Recipe, Sites
from rankfirst.run.autopilot import Autopilot
from rankfirst.run.forecast import TRAINING, Basis, forecast

BASIS = Basis(rows=9000, rate=0.23, features=3.6, probe=1.9, epoch=2.9, evaluation=0.2, depth=3.0, budget=80.0)


def test_every_step_is_a_span_and_all_is_their_sum() -> None:
    *steps, whole = forecast(BASIS)
    assert [s.step for s in steps] == ["start", "features", "ladder", "probes", "final", "delivery"]
    assert all(0 < s.least <= s.likely <= s.most for s in (*steps, whole))
    for name in ("least", "likely", "most"):
        assert getattr(whole, name) == pytest.approx(sum(getattr(s, name) for s in steps))


def test_lora_may_be_trained_again_on_all_rows() -> None:
    """Not if the frozen encoder is delivered; so the span begins at nothing."""
    plain, again = forecast(BASIS), forecast(BASIS, more=0.25)
    final, (step,) = plain[4], [s for s in again if s.step == "refit"]
    assert (step.least, step.most) == (0.0, pytest.approx(1.25 * final.most / 2))  # of one recipe, not of its rival too
    assert again[-1].most == pytest.approx(plain[-1].most + step.most)


def test_a_clock_limit_is_the_most() -> None:
    whole = forecast(replace(BASIS, budget=None, seconds=100.0))[-1]
    assert (whole.most, whole.basis) == (100.0, "limit")
    assert forecast(replace(BASIS, budget=None, seconds=1e6))[-1].basis == "runs"


def test_rows_with_one_label_are_likely_done_sooner() -> None:
    several, one = (forecast(replace(BASIS, rows=800, several=each))[4] for each in (True, False))
    assert one.likely == pytest.approx(several.likely * (10 * 2.9 + 0.2) / (24 * 2.9 + 0.2))


def test_probes_leave_three_of_eight_full_runs_for_final_training_and_its_rival() -> None:
    probes = forecast(replace(BASIS, probe=30.0))[3]
    assert probes.most == pytest.approx(5 / 8 * 80.0 / (0.23 * 0.45))


def test_final_training_takes_what_its_plan_takes_whatever_the_budget() -> None:
    """At least it is the whole plan of the first recipe; at most that of the most blocks, twice.

    Once for the recipe of the search, once for its rival.
    """
    final = forecast(BASIS)[4]
    assert final.least == pytest.approx((FINAL_EPOCHS * 2.9 + 0.2) / (0.23 * 0.62))
    assert final.most == pytest.approx(2 * 3 * (FINAL_EPOCHS * 2.9 + 0.2) / (0.23 * 0.45))
    assert forecast(replace(BASIS, depth=1.0))[4].most < final.most  # sites that the user pinned
    assert forecast(replace(BASIS, budget=None))[4] == forecast(replace(BASIS, budget=20.0))[4] == final


@pytest.mark.parametrize(
    ("rows", "epochs"),
    [(90, MOST_FINAL_EPOCHS), (1000, 19), (2500, 8), (4000, FINAL_EPOCHS), (60_000, FINAL_EPOCHS)],
)
def test_few_rows_are_trained_for_more_epochs_to_reach_as_many_steps(rows: int, epochs: int) -> None:
    assert final_epochs(rows, Recipe.batch_size) == epochs


@pytest.mark.parametrize(
    ("rows", "epochs"), [(90, MOST_FINAL_EPOCHS), (300, 25), (800, 10), (1500, 10), (2500, 8), (60_000, FINAL_EPOCHS)]
)
def test_rows_with_one_label_are_trained_for_fewer(rows: int, epochs: int) -> None:
    assert final_epochs(rows, Recipe.batch_size, several=False) == epochs


def facts(full_tokens: int) -> BaseFacts:
    return BaseFacts("base", 6, 384, {}, 1_774_464, full_tokens // 4, full_tokens, full_tokens // 8, 3000, 94)


@pytest.mark.parametrize("rows", [500, 3000, 13_162, 60_000])
@pytest.mark.parametrize("tokens", [100_000, 1_000_000, 4_000_000])
def test_no_plan_of_a_run_is_longer_than_the_forecast(rows: int, tokens: int) -> None:
    """Whatever depth the walk settles on."""
    told = facts(tokens)
    first = Recipe(8, Sites(QV_FFN, 2), 1.0, 4e-4, 0.05)
    basis = Basis(rows, 0.2, 1.0, told.probe_work(first, 2), *_final_work(first, told, False),
                  budget=most_work(told, rows))  # fmt: skip
    most = forecast(basis)[4].most * basis.rate * TRAINING[1]
    story: Any = SimpleNamespace(
        engine=SimpleNamespace(facts=told),
        dataset=SimpleNamespace(train=range(rows), multi_label=True),
        clock=SimpleNamespace(room=lambda epoch, kept: float("inf")),
        journal=SimpleNamespace(took={}),
    )
    for layers in (2, 4, 6):
        recipe = first.with_(sites=Sites(first.sites.roles, layers))
        epochs = Autopilot.final_epochs(story, recipe)
        work = epochs * (told.epoch_work(recipe, told.full_tokens) + told.evaluation_work(recipe))
        assert work + told.evaluation_work(recipe) <= most * 1.0001


@pytest.mark.parametrize("rows", [90, 3000, 60_000])
def test_the_budget_is_a_number_of_full_runs_whatever_the_base_and_the_rows(rows: int) -> None:
    for tokens in (100_000, 4_000_000):
        told = facts(tokens)
        deepest = Recipe(16, Sites(QV_FFN, told.layers), 1.0, 4e-4, 0.05)
        assert most_work(told, rows) == pytest.approx(FULL_RUNS * full_run(told, deepest, rows))
    story: Any = SimpleNamespace(
        engine=SimpleNamespace(facts=facts(100_000)),
        dataset=SimpleNamespace(train=range(rows), multi_label=True),
        clock=SimpleNamespace(room=lambda epoch, kept: 3.4),
        journal=SimpleNamespace(took={}),
    )
    settled = Recipe(16, Sites(QV_FFN, 4), 1.0, 4e-4, 0.05)
    assert Autopilot.final_epochs(story, settled) == 3  # a clock may cut it
