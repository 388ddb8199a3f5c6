"""Regret, raw and smoothed."""

from types import SimpleNamespace

import numpy as np
import pytest
from benchmarks.atlas import design
from benchmarks.atlas.regret import Yardstick

from rankfirst.records import Recipe
from tests.benchmarks.atlases import atlas
from tests.benchmarks.test_judge import TOP

OTHER = design.BASE.with_(sites=design.SITES[2])


def test_regret_is_in_points_and_smoothing_keeps_an_additive_surface():
    yard = Yardstick(atlas())
    assert yard.regret(design.BASE) == pytest.approx(4.0, abs=0.1)  # two rungs of lr below the top
    assert yard.smooth_regret(design.BASE) == pytest.approx(4.0, abs=0.3)
    assert yard.within(TOP) and yard.smooth_within(TOP) and yard.indistinct(TOP)
    assert not yard.within(design.BASE) and not yard.smooth_within(design.BASE)


def test_a_diverged_run_scores_nothing_and_bends_no_surface():
    calm, broken = Yardstick(atlas()), Yardstick(atlas(diverged={OTHER.key}))
    assert broken.regret(OTHER) > 50 and broken.smooth_regret(OTHER) > 50
    assert broken.smooth_regret(design.BASE) == pytest.approx(calm.smooth_regret(design.BASE), abs=0.3)


def noisy(seen: dict[Recipe, float]) -> SimpleNamespace:
    """What a yardstick needs of an atlas whose scores have a noise of 0.7 points each."""
    return SimpleNamespace(
        grid=tuple(seen), score=seen.__getitem__, gain=lambda new, old: (seen[new] - seen[old], 0.007 * 2**0.5)
    )


def test_differences_too_large_for_noise_are_not_smoothed_away():
    rng = np.random.default_rng(0)
    jagged = {r: 0.7 + 0.08 * float(rng.integers(2)) for r in design.grid()}  # no knob explains it
    yard = Yardstick(noisy(jagged))
    worst = min(jagged, key=jagged.__getitem__)
    assert yard.smooth_regret(worst) > 6


@pytest.mark.parametrize("effect", [0.0, 0.01, 0.03])  # sd of the knobs' effects, macro-F1
def test_smoothing_misses_true_regret_by_less_than_the_raw_scores(effect):
    rng, grid, raw, smooth = np.random.default_rng(0), tuple(design.grid()), [], []
    for _ in range(20):
        knobs = [(lambda r: r.lr), (lambda r: r.rank), (lambda r: r.sites), (lambda r: (r.lr, r.sites))]
        sizes = [{knob(r): rng.normal(0, effect) for r in grid} for knob in knobs]
        true = {r: 0.8 + sum(size[knob(r)] for knob, size in zip(knobs, sizes, strict=True)) for r in grid}
        seen = {r: f1 + rng.normal(0, 0.007) for r, f1 in true.items()}
        yard = Yardstick(noisy(seen))
        for r in grid:
            if (behind := 100 * (max(true.values()) - true[r])) < 5:  # further down nobody asks by how much
                raw.append(yard.regret(r) - behind)
                smooth.append(yard.smooth_regret(r) - behind)
    assert np.std(smooth) < np.std(raw) and abs(np.mean(smooth)) < abs(np.mean(raw))
    assert np.sqrt(np.mean(np.square(smooth))) < 0.9 * np.sqrt(np.mean(np.square(raw)))
