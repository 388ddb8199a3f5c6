"""How far a recipe ends behind the best of the grid, in points of test macro-F1: raw, smoothed, and against the noise.

The raw best is the largest of some two dozen noisy scores, so it lies above what any recipe is worth: the largest of
24 normal draws is two standard deviations up. Raw regret therefore has a floor that no search can reach. The smoothed
surface borrows strength from neighbours: levels of lr, rank and sites and their two-way interactions (ridge, its
strength by leave-one-out). What they leave over is dropped only as far as it can be noise: scores are drawn to the
surface as James and Stein would, by the noise that was measured. Without that step a surface too jagged for the model
comes out flat, and every recipe looks best. On made-up grids it misses true regret by less than the raw scores do
(tests/benchmarks/test_regret.py). A claim should hold on both.
"""

from functools import cached_property
from itertools import combinations

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import RidgeCV

from benchmarks.atlas import design
from benchmarks.atlas.judge import POINT, SES
from benchmarks.atlas.store import Atlas
from rankfirst.records import Recipe

# macro-F1 below the best at which scores are clipped before smoothing: a collapse must not bend the top.
FAR = 0.1
STRENGTHS = tuple(np.logspace(-2, 2, 9))


class Yardstick:
    """The outcomes of one pair's grid."""

    def __init__(self, atlas: Atlas) -> None:
        self.atlas = atlas
        self.best = max(atlas.grid, key=atlas.score)
        self._indistinct: dict[Recipe, bool] = {}

    def regret(self, recipe: Recipe) -> float:
        """Points behind the largest score of the grid."""
        return 100 * (self.atlas.score(self.best) - self.atlas.score(recipe))

    def smooth_regret(self, recipe: Recipe) -> float:
        """Points behind the top of the smoothed surface, both smoothed."""
        return 100 * (max(self.surface.values()) - self.surface[recipe])

    def within(self, recipe: Recipe, points: float = 100 * POINT) -> bool:
        """Raw."""
        return self.regret(recipe) <= points

    def smooth_within(self, recipe: Recipe, points: float = 100 * POINT) -> bool:
        """On the smoothed surface."""
        return self.smooth_regret(recipe) <= points

    def indistinct(self, recipe: Recipe) -> bool:
        """The raw best is not better by more than two standard errors of the paired difference."""
        if recipe not in self._indistinct:
            ahead, error = self.atlas.gain(self.best, recipe)
            self._indistinct[recipe] = recipe == self.best or ahead <= SES * error
        return self._indistinct[recipe]

    @cached_property
    def surface(self) -> dict[Recipe, float]:
        """Recipe -> smoothed test macro-F1; a diverged run keeps its nothing and teaches the surface nothing."""
        grid = self.atlas.grid
        scores = np.array([self.atlas.score(recipe) for recipe in grid])
        ran = scores > 0
        known = np.maximum(scores, scores.max() - FAR)
        columns = np.array([_levels(recipe) for recipe in grid])
        fitted = RidgeCV(alphas=STRENGTHS).fit(columns[ran], known[ran]).predict(columns)
        left = known - fitted
        kept = max(0.0, 1 - self.noise / max(float(np.mean(left[ran] ** 2)), 1e-12))
        smooth = fitted + kept * left
        return {recipe: float(f) if ok else 0.0 for recipe, f, ok in zip(grid, smooth, ran, strict=True)}

    @cached_property
    def noise(self) -> float:
        """Variance of one score that is not shared with the others: half that of a difference, rows and seeds."""
        errors = [self.atlas.gain(self.best, recipe)[1] for recipe in self.atlas.grid if recipe != self.best]
        return float(np.median(np.square(errors))) / 2 if errors else 0.0


def _levels(recipe: Recipe) -> npt.NDArray[np.float64]:
    """Main effects and two-way interactions, each level against the mean of its knob's levels."""
    ladders = ((design.LRS, recipe.lr), (design.RANKS, recipe.rank), (design.SITES, recipe.sites))
    main = [np.array([float(rung == at) for rung in ladder]) - 1 / len(ladder) for ladder, at in ladders]
    return np.concatenate([*main, *(np.outer(a, b).ravel() for a, b in combinations(main, 2))])
