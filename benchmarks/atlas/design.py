"""Which data sets, encoders, recipes and moves the atlas holds. One place, so that every question has one answer.

The grid is a factorial of lr, rank and sites: every run is both a start and where some other start's move leads. The
steps are large (lr x4, rank x8): smaller ones drown in noise. Off-grid runs ask what the grid cannot: lr by x2, scaling
instead of lr, dropout.
"""

from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from benchmarks.end_results import SHARED
from rankfirst.data import load_dataset
from rankfirst.engine.base_models import sources
from rankfirst.records import ATTENTION_QV, FFN, Arm, ArmKind, Dataset, Recipe, Sites, Split

EPOCHS, PROBE_EPOCHS, BATCH = 4, 2, 16
VAL_ROWS, TEST_ROWS, SUBSET_ROWS, TOKENS = 400, 800, 160, 64
QV_FFN = (*ATTENTION_QV, *FFN)
LRS = (1e-4, 4e-4, 1.6e-3, 6.4e-3)
RANKS = (2, 16)
SITES = (Sites(ATTENTION_QV, 2), Sites(QV_FFN, 2), Sites(QV_FFN, 4))
BASE = Recipe(16, SITES[1], 1.0, 4e-4, 0.05, batch_size=BATCH)
STARTS = 5  # recipes an experiment branches from; 2 where nothing is asked off the grid
REPEATED = 5  # recipes trained under a second seed; 3 where nothing is asked off the grid
MINILM, E5 = "minilm", "e5-small-zh"


@dataclass(frozen=True)
class Pair:
    """A data set as cut for the atlas, and the encoder it is read with."""

    set: str
    encoder: str
    rows: int  # of training
    flipped: float = 0.0  # share of train and validation labels put to another class by chance
    off_grid: bool = False

    @property
    def name(self) -> str:
        noise = f"-flip{100 * self.flipped:g}" if self.flipped else ""
        return f"{self.set}-{self.encoder}-{self.rows}{noise}"

    @property
    def base(self) -> str:
        return sources.DEFAULT_EN if self.encoder == MINILM else str(SHARED / "models" / self.encoder)


PAIRS = (
    Pair("mixatis", MINILM, 1000, off_grid=True),  # multi-intent: capacity is worth many points
    Pair("banking77", MINILM, 1200),  # saturated, many classes
    Pair("smp2017", E5, 1200, off_grid=True),  # zh, long tail, nearly saturated
    Pair("tnews", E5, 1185),  # zh, headlines, overfits
    Pair("crosswoz_acts", E5, 1000, off_grid=True),  # zh, multi-label, long tail
    Pair("snips", MINILM, 1000, 0.2),  # every fifth label wrong
    Pair("clinc150", E5, 1500),  # English read by an encoder that was not tuned on sentences
    Pair("online_shopping_zh", E5, 500),  # few rows, long tail, longer texts
    Pair("mixsnips", MINILM, 300),  # very few rows, multi-intent
)


def load(pair: Pair) -> Dataset:
    """The pair's rows: the same ones every time."""
    folder = SHARED / "data" / pair.set
    whole = load_dataset(folder / "train.csv", folder / "val.csv", folder / "test.csv")
    rng = np.random.default_rng(0)
    assert whole.test is not None
    train, val = _cut(whole.train, pair.rows, rng), _cut(whole.val, VAL_ROWS, rng)
    test = _cut(whole.test, TEST_ROWS, rng)
    if pair.flipped:
        train, val = (_flip(s, pair.flipped, len(whole.classes), rng) for s in (train, val))
    return replace(whole, train=train, val=val, test=test)


def _cut(split: Split, rows: int, rng: np.random.Generator) -> Split:
    kept = np.sort(rng.permutation(len(split))[:rows])
    return Split(tuple(split.texts[i] for i in kept), tuple(split.labels[i] for i in kept))


def _flip(split: Split, share: float, classes: int, rng: np.random.Generator) -> Split:
    labels = list(split.labels)
    for i in rng.permutation(len(labels))[: round(share * len(labels))]:
        others = [c for c in range(classes) if c not in labels[i]]
        labels[i] = (int(rng.choice(others)),)
    return Split(split.texts, tuple(labels))


def grid(seed: int = 0) -> list[Recipe]:
    """The factorial."""
    return [BASE.with_(lr=lr, rank=rank, sites=sites, seed=seed) for sites, rank, lr in product(SITES, RANKS, LRS)]


def off_grid(pair: Pair) -> list[Recipe]:
    """lr by x2, scaling in its place, and dropout, on some pairs."""
    if not pair.off_grid:
        return []
    return [
        *(BASE.with_(lr=lr) for lr in (2e-4, 8e-4, 3.2e-3)),
        *(BASE.with_(lr=lr, scaling=a) for lr, a in ((1e-4, 4.0), (4e-4, 4.0), (1.6e-3, 4.0), (4e-4, 2.0))),
        BASE.with_(lr=1.6e-3, sites=SITES[2], dropout=0.2),
    ]


def starts(pair: Pair) -> list[Recipe]:
    """Recipes that experiments branch from: where a user would begin, the known injuries, and some by chance."""
    fixed = [
        BASE,
        BASE.with_(lr=1e-4),  # lr too small
        BASE.with_(lr=1.6e-3),
        BASE.with_(rank=2, sites=SITES[0]),  # little capacity
    ]
    rest = [r for r in grid() if r not in fixed]
    rng = np.random.default_rng(sum(map(ord, pair.name)))
    chosen = fixed + [rest[i] for i in rng.permutation(len(rest))[: STARTS - len(fixed)]]
    return chosen[: STARTS if pair.off_grid else 2]


def repeated(pair: Pair) -> list[Recipe]:
    """Recipes trained again under seed 1: the first half of the starts, and others by chance."""
    first = starts(pair)[: REPEATED // 2]
    rest = [r for r in grid() if r not in first]
    rng = np.random.default_rng(1 + sum(map(ord, pair.name)))
    chosen = first + [rest[i] for i in rng.permutation(len(rest))[: REPEATED - len(first)]]
    return [r.with_(seed=1) for r in chosen[: REPEATED if pair.off_grid else 3]]


def neighbour(recipe: Recipe, knob: str, rungs: int) -> Recipe | None:
    """The recipe on the grid one move away; None at the end of a ladder, and off the grid."""
    ladder: tuple[Any, ...] = {"lr": LRS, "rank": RANKS, "sites": SITES}[knob]
    here = getattr(recipe, knob)
    if here not in ladder:
        return None
    to = ladder.index(here) + rungs
    return recipe.with_(**{knob: ladder[to]}) if 0 <= to < len(ladder) else None


def arms(recipe: Recipe) -> tuple[Arm, ...]:
    """Nothing, lr up and down, rank up, sites up."""
    found = [Arm(ArmKind.NONE, recipe)]
    up = {knob: neighbour(recipe, knob, 1) for knob in ("lr", "rank", "sites")}
    for kind, knob in ((ArmKind.LR, "lr"), (ArmKind.RANK, "rank"), (ArmKind.SITES, "sites")):
        if (to := up[knob]) is not None:
            found.append(Arm(kind, to))
    if (down := neighbour(recipe, "lr", -1)) is not None:
        found.append(Arm(ArmKind.LR_DOWN, down))
    return tuple(found)
