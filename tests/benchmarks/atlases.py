"""An atlas small enough for a test: scores are chosen, and everything else follows from them."""

from collections.abc import Callable, Collection

from benchmarks.atlas import design
from benchmarks.atlas.store import Atlas, Ran, Rows

from rankfirst.policy import Noise
from rankfirst.records import Curve, Evaluation, Health, Recipe, Rung, Scores
from tests.policy.curves import FACTS, PROFILE, curve

SETTLING = tuple(0.5 + 0.5 * 0.8**i for i in range(24))  # train loss
TEST = tuple((i % 2,) for i in range(200))
Level = Callable[[Recipe], float]


def rungs(recipe: Recipe) -> float:
    """Score that rises by two points a rung of lr and by one a rung of rank, whatever the sites."""
    return 0.7 + 0.02 * design.LRS.index(recipe.lr) + 0.01 * design.RANKS.index(recipe.rank)


def predicted(score: float) -> Rows:
    """As many rows wrong, half of each class, as make accuracy and macro-F1 equal to `score`."""
    wrong = round((1 - score) * len(TEST) / 2) * 2
    return tuple((1 - c,) if i < wrong else (c,) for i, (c,) in enumerate(TEST))


def ran(recipe: Recipe, test: float, val: Level, diverged: bool = False) -> Ran:
    """One run of work 4 (8 in deeper sites), its validation F1 the same at every epoch past the start."""
    depth = 2.0 if recipe.sites.top_layers > 2 else 1.0
    last = val(recipe)

    def cut(epochs: tuple[int, ...]) -> Curve:
        told = tuple(_evaluation(e, 0.5 if e == 0 else last) for e in epochs)
        fields = {"epochs": float(epochs[-1]), "evaluations": told, "work": depth * epochs[-1]}
        return curve(SETTLING, [], recipe, **fields)

    probe, full = cut((0, 1, 2)), cut((0, 1, 2, 4))
    if diverged:
        probe = full = curve(
            (1.0,), [], recipe, Health.DIVERGED, epochs=1.0, evaluations=full.evaluations[:1], work=depth
        )
    return Ran(recipe, probe, probe, full, () if diverged else predicted(test), ())


def _evaluation(epoch: int, f1: float) -> Evaluation:
    return Evaluation(10 * epoch, float(epoch), 1 - f1, f1, f1, (f1, f1), 1 - f1, f1)


def atlas(
    test: Level = rungs, val: Level | None = None, diverged: Collection[str] = (), name: str = "toy-x-9"
) -> Atlas:
    """The whole grid; `val`: as `test` where not given."""
    scores = Scores(0.7, 0.7, 0.7, 0.7, (), (0.7, 0.7))
    frozen = Rung("frozen", scores, 1.0, 1.0)
    runs = {r.key: ran(r, test(r), val or test, r.key in diverged) for r in design.grid()}
    return Atlas(name, FACTS, PROFILE, frozen, frozen, Noise(0.01, 0.02, 40), False, (), TEST, predicted(0.7), runs)
