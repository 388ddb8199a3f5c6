"""The rival of the settled recipe: what probes may have turned down for being short, trained to its end as well.

Probes last about a third of final training. In them a large a looks worse than it ends: its steps need more of the
schedule to calm down. At lr 4e-4, r 16, q/v and FFN of the top four blocks, a 64 ended ahead of a 16 by 1.2 / 4.0 test
macro-F1 / exact match on NLU++ and by 5.2 exact match on MixATIS cut to 500 rows; its probes lost. After whole
trainings, calibrated validation log-loss named the worse of the two on two of eleven sets (benchmarks/lr_scaling.py).

A large a and more sites also look alike, since both make the update of the network larger: so where the search asked
for more sites, the rival has those of the start. It is the cheaper of the two then.

Where no such rival is due, because updates were too large already, the rival is the start itself, if the search left
it: each step of a search is the better bet on the same few hundred validation rows, and several of them may add up to
nothing. On BANKING77 cut to 800 rows r 16 -> 4, lr 4e-4 -> 1e-4 and other sites ended a point below the start on test.
"""

from collections.abc import Iterable, Sequence

from rankfirst.policy import noise
from rankfirst.policy import thresholds as t
from rankfirst.policy.search_space import SearchSpace, step
from rankfirst.policy.shipping import percent_chance
from rankfirst.records import ArmKind, BaseFacts, ExperimentResult, Number, Recipe, Rung


def rival(
    start: Recipe,
    settled: Recipe,
    experiments: Iterable[ExperimentResult],
    facts: BaseFacts,
    space: SearchSpace,
    pinned: frozenset[str] = frozenset(),
) -> Recipe | None:
    """The settled recipe with a one step above the start's, and no more sites and no higher lr than the start.

    The start itself where the search found updates too large: lr was lowered, or such an a lost at these sites and this
    lr by more than noise.

    Args: start: the first recipe. experiments: of the search. pinned: knobs the user set.
    Returns: None if it is the settled recipe, if the space has no rivals, or if the user set a, or any knob where the
        start would be the rival.
    """
    if not space.rivals or "scaling" in pinned:
        return None
    itself = None if pinned or start.key == settled.key else start
    a = step(space.scalings, start.scaling, space.scaling_steps)
    if a is None or settled.lr < start.lr:
        return itself
    sites = min(settled.sites, start.sites, key=lambda s: facts.adapter_parameters(1, s))
    found = settled.with_(sites=sites, lr=start.lr, scaling=a)
    lost = any(
        c.arm is ArmKind.SCALING
        and (arm.recipe.sites, arm.recipe.lr) == (sites, start.lr)
        and c.val_gain < -t.NOISE_SES * c.val_se
        for result in experiments
        for arm, c in zip(result.arms[1:], result.comparisons, strict=False)
    )
    if lost:
        return itself
    return None if found.key == settled.key else found


def contest(truth: Sequence[Sequence[int]], classes: int, settled: Rung, rival: Rung) -> tuple[bool, dict[str, Number]]:
    """Whether the rival is expected to be better, and the numbers of that, in points and percent.

    Both are paid for, so the expectation decides; see `noise.contrast`. Args: truth: of at least LEAST_VAL_ROWS rows.
    """
    seen = noise.contrast(truth, rival, settled, classes, t.SEED_SES)
    numbers: dict[str, Number] = {
        "gain": 100 * seen.gain,
        "noise": 100 * t.NOISE_SES * seen.gain_se,
        "chance": percent_chance(seen.chance),
        "rows": len(truth),
        "f1": settled.val.macro_f1,
        "rival_f1": rival.val.macro_f1,
    }
    return seen.gain > 0, numbers
