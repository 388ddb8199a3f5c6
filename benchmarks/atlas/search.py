"""What the policy is compared with on whole searches: each is a lookup in the atlas, chosen by validation only.

The unit of cost is the work of the default recipe's whole run: deeper sites cost more. A run that was carried to some
epoch is never paid for twice, and the delivered recipe is always trained to its end, inside the budget. A recipe whose
first epochs were paid for continues from there: a run of the atlas has the same lr up to the end of its probe.
Not here: a learning-rate-free optimiser (Prodigy), which is no recipe of the atlas and would need runs of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf

import numpy as np

from benchmarks.atlas import design
from benchmarks.atlas.store import Atlas
from rankfirst.records import Recipe

RUNGS = (1, design.PROBE_EPOCHS, design.EPOCHS)  # epochs with an evaluation
HALVING = 2  # share of a rung that ASHA lets through: 1 in HALVING
WORST = (-inf, -inf)


@dataclass(frozen=True)
class Found:
    """Where a search ended."""

    recipe: Recipe
    runs: float  # everything paid for, the final training included
    history: tuple[tuple[float, Recipe], ...]  # (runs if it were delivered now, incumbent), whenever it changed


Searcher = Callable[[Atlas, np.random.Generator, float], Found]


@dataclass
class Ledger:
    """What a search has trained and paid for. Whoever runs dry delivers its incumbent."""

    atlas: Atlas
    budget: float = inf
    spent: float = 0.0
    reached: dict[Recipe, int] = field(default_factory=dict)  # recipe -> epochs trained
    history: list[tuple[float, Recipe]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.unit = self.atlas.runs[design.BASE.key].full.work
        self.dearest = max(self.cost(recipe) for recipe in self.atlas.grid)

    def work(self, recipe: Recipe, epochs: float) -> float:
        """Full runs of the default up to the end of an epoch; a diverged run ends, and costs, where it broke off."""
        ran = self.atlas.runs[recipe.key]
        points = (0.0, ran.probe.epochs, ran.full.epochs), (0.0, ran.probe.work, ran.full.work)
        return float(np.interp(epochs, *points)) / self.unit

    def cost(self, recipe: Recipe, epochs: int = design.EPOCHS) -> float:
        """Of what is still missing."""
        paid = self.work(recipe, self.reached[recipe]) if recipe in self.reached else 0.0
        return max(0.0, self.work(recipe, epochs) - paid)

    def affords(self, recipe: Recipe, epochs: int = design.EPOCHS) -> bool:
        """Enough is left, and for some recipe's end as long as none has reached it."""
        ends = epochs == design.EPOCHS or design.EPOCHS in self.reached.values()
        return self.spent + self.cost(recipe, epochs) + (0.0 if ends else self.dearest) <= self.budget

    def train(self, recipe: Recipe, epochs: int = design.EPOCHS) -> tuple[float, float]:
        """Pay for what is missing, and see what validation says there: (macro-F1, -loss), the more the better."""
        self.spent += self.cost(recipe, epochs)
        self.reached[recipe] = max(epochs, self.reached.get(recipe, 0))
        incumbent = self.incumbent()
        if not self.history or self.history[-1][1] != incumbent:
            self.history.append((self.spent + self.cost(incumbent), incumbent))
        return self.shown(recipe, epochs)

    def pay(self, work: float) -> None:
        """TFLOP for anything that is no run of the atlas: arms, other evaluations."""
        self.spent += work / self.unit

    def shown(self, recipe: Recipe, epochs: int) -> tuple[float, float]:
        """Validation at the end of an epoch that was paid for."""
        evaluations = self.atlas.runs[recipe.key].full.evaluations
        told = next((e for e in evaluations if e.epoch == epochs), None)  # None: it diverged before
        return (told.val_macro_f1, -told.val_loss) if told else WORST

    def incumbent(self) -> Recipe:
        """The best of those trained furthest: epochs are not compared with one another."""
        furthest = max(self.reached.values())
        return max((r for r, e in self.reached.items() if e == furthest), key=lambda r: self.shown(r, furthest))

    def deliver(self) -> Found:
        """Train the incumbent to its end, unless it was; the default where nothing could be afforded."""
        if not self.reached:
            self.train(design.BASE)
        if self.reached[self.incumbent()] < design.EPOCHS:
            self.train(self.incumbent())
        return Found(self.incumbent(), self.spent, tuple(self.history))


def default(atlas: Atlas, rng: np.random.Generator, budget: float) -> Found:
    """The default recipe, trained once."""
    ledger = Ledger(atlas, budget)
    ledger.train(design.BASE)
    return ledger.deliver()


def random_search(atlas: Atlas, rng: np.random.Generator, budget: float) -> Found:
    """Whole runs in random order until the budget is spent; with all of it, the dense grid."""
    ledger = Ledger(atlas, budget)
    for recipe in _shuffled(atlas, rng):
        if not ledger.affords(recipe):
            break
        ledger.train(recipe)
    return ledger.deliver()


def one_epoch_topk(kept: int) -> Searcher:
    """One epoch of every recipe (of a random part, with a budget), then the best `kept` to their ends."""

    def search(atlas: Atlas, rng: np.random.Generator, budget: float) -> Found:
        ledger = Ledger(atlas, budget)
        first = {}
        for recipe in _shuffled(atlas, rng):
            # The end of all but one of the kept is set aside here, that of the last one by `affords`.
            if ledger.spent + ledger.cost(recipe, 1) + kept * ledger.dearest > budget:
                break
            first[recipe] = ledger.train(recipe, 1)
        for recipe in sorted(first, key=first.__getitem__, reverse=True)[:kept]:
            ledger.train(recipe)
        return ledger.deliver()

    return search


def asha(atlas: Atlas, rng: np.random.Generator, budget: float) -> Found:
    """Asynchronous successive halving with one worker: promote whoever is in the best part of its rung, else start."""
    ledger, waiting = Ledger(atlas, budget), _shuffled(atlas, rng)
    rungs: list[dict[Recipe, tuple[float, float]]] = [{} for _ in RUNGS]
    while True:
        at, recipe = _promoted(rungs) or (0, waiting[0] if waiting else None)
        if recipe is None or not ledger.affords(recipe, RUNGS[at]):
            break
        rungs[at][recipe] = ledger.train(recipe, RUNGS[at])
        if at == 0:
            waiting.pop(0)
    return ledger.deliver()


def _promoted(rungs: Sequence[dict[Recipe, tuple[float, float]]]) -> tuple[int, Recipe] | None:
    """(rung to train to, recipe), the highest rung first."""
    for at in range(len(rungs) - 2, -1, -1):
        best = sorted(rungs[at], key=rungs[at].__getitem__, reverse=True)[: len(rungs[at]) // HALVING]
        for recipe in best:
            if recipe not in rungs[at + 1] and rungs[at][recipe] > WORST:
                return at + 1, recipe
    return None


def tpe(atlas: Atlas, rng: np.random.Generator, budget: float) -> Found:
    """Optuna's TPE over the three ordered knobs, each trial a whole run.

    On a grid this small it soon asks again for what it has seen; an untried recipe by chance takes that trial's place,
    and is told to it like its own.
    Raises: ModuleNotFoundError without optuna, which only this comparison needs.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    # Its default of ten random trials would be the whole budget.
    sampler = optuna.samplers.TPESampler(seed=int(rng.integers(2**31)), n_startup_trials=4)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    ladders = {"lr": design.LRS, "rank": design.RANKS, "sites": design.SITES}
    space: dict[str, optuna.distributions.BaseDistribution] = {
        knob: optuna.distributions.IntDistribution(0, len(ladder) - 1) for knob, ladder in ladders.items()
    }
    rungs = {r: {knob: ladder.index(getattr(r, knob)) for knob, ladder in ladders.items()} for r in atlas.grid}
    ledger, untried = Ledger(atlas, budget), _shuffled(atlas, rng)
    while untried:
        asked = study.ask(space)
        recipe = next((r for r in untried if rungs[r] == asked.params), untried[-1])
        if not ledger.affords(recipe):
            break
        untried.remove(recipe)
        f1 = max(0.0, ledger.train(recipe)[0])  # a diverged run is worth nothing
        if rungs[recipe] == asked.params:
            study.tell(asked, f1)
        else:
            study.tell(asked, state=optuna.trial.TrialState.FAIL)
            study.add_trial(optuna.trial.create_trial(params=rungs[recipe], distributions=space, value=f1))
    return ledger.deliver()


def _shuffled(atlas: Atlas, rng: np.random.Generator) -> list[Recipe]:
    return [atlas.grid[i] for i in rng.permutation(len(atlas.grid))]
