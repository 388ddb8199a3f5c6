"""Actions: what a rule does and which recipe it moves to. An action without room returns None; the next rule follows.

A knob has no room if it is at the end of its ladder or its next value was tried or taken back before.
"""

from collections.abc import Callable

from rankfirst.policy import thresholds as t
from rankfirst.policy.evidence import Evidence
from rankfirst.policy.final_training import probe_epochs
from rankfirst.policy.search_space import step
from rankfirst.records import Advance, ArmKind, Change, Extend, Move, Recipe, Sites, Stage, Stop

Action = Callable[[Evidence], Move | str | None]
"""Returns a move; None if there is no room; or the key of a sentence that explains why there is none."""


def change(recipe_of: Callable[[Evidence], Recipe | None], edge: str | None = None) -> Action:
    """An action that trains the recipe of `recipe_of` next; if there is none, `edge` at an end of the lr band."""

    def act(e: Evidence) -> Move | str | None:
        recipe = recipe_of(e)
        if recipe is None:
            return edge if at_band_edge(e) else None
        return Change(recipe)

    return act


def advance(e: Evidence) -> Move | None:
    """End this stage and go on to the next one."""
    return Advance(Stage.OPTIMISE if e.stage is Stage.CAPACITY else Stage.FINAL)


def extend(e: Evidence) -> Move | None:
    """Train the probe for one more epoch, once; not if it was never evaluated, as another epoch would not be either."""
    most = probe_epochs(e.facts) + 1.0
    return None if e.curve.epochs >= most or not e.curve.evaluations else Extend(min(e.curve.epochs + 1, most))


def take_back(e: Evidence) -> Move | None:
    """Return to the incumbent without training it again."""
    return None if e.incumbent is None else Change(e.incumbent.recipe)


def stop(reason: str) -> Action:
    """An action that ends the search, because further training makes no sense."""
    return lambda e: Stop(reason)


def _fresh(e: Evidence, recipe: Recipe, move: str) -> Recipe | None:
    """The recipe, or None if the move was taken back before or the recipe was tried: nothing is trained twice."""
    return None if move in e.closed or recipe.key in e.tried else recipe


def rank_up(e: Evidence) -> Recipe | None:
    """Rank x4 at the same scaling; x2 if x4 exceeds the ceiling."""
    recipe = e.curve.recipe
    for rungs in range(e.space.rank_steps, 0, -1):
        rank = step(e.space.ranks, recipe.rank, rungs)
        if rank is not None and rank <= e.ceiling.max_rank:
            return _fresh(e, recipe.with_(rank=int(rank)), "rank+")
    return None


def rank_down(e: Evidence) -> Recipe | None:
    """Rank /4 at the same scaling."""
    rank = step(e.space.ranks, e.curve.recipe.rank, -e.space.rank_steps)
    return None if rank is None else _fresh(e, e.curve.recipe.with_(rank=int(rank)), "rank-")


def _site_step(e: Evidence, up: bool, far: bool = False) -> Sites | None:
    """The set of sites with the next larger (or smaller) number of trainable weights, no deeper than the ceiling.

    Args: far: the largest (or smallest) set instead of the next one.
    """
    here = e.facts.adapter_parameters(1, e.curve.recipe.sites)
    allowed = [s for s in e.space.sites(e.facts.layers) if s.depth(e.facts.layers) <= e.ceiling.max_layers]
    sized = {e.facts.adapter_parameters(1, s): s for s in reversed(allowed)}  # of equal sizes, the first on the ladder
    beyond = [size for size in sized if (size > here if up else size < here)]
    return sized[(min if up != far else max)(beyond)] if beyond else None


def sites_up(e: Evidence) -> Recipe | None:
    """Add FFN to q/v, then q/v in every block, then FFN in more blocks, then in all, then every linear layer."""
    sites = _site_step(e, up=True)
    return None if sites is None else _fresh(e, e.curve.recipe.with_(sites=sites), "sites+")


def all_sites(e: Evidence) -> Recipe | None:
    """The largest set of sites: every linear layer of every block."""
    sites = _site_step(e, up=True, far=True)
    return None if sites is None else _fresh(e, e.curve.recipe.with_(sites=sites), "sites+")


def sites_down(e: Evidence) -> Recipe | None:
    """Adapt fewer blocks or roles: the way of `sites_up` back, down to q/v in the top block."""
    sites = _site_step(e, up=False)
    return None if sites is None else _fresh(e, e.curve.recipe.with_(sites=sites), "sites-")


def more_capacity(e: Evidence) -> Recipe | None:
    """Sites before rank: once two kinds of matrices are adapted, placement matters more (the LoRA paper's tables)."""
    return _first_possible(e, ("sites", sites_up(e)), ("rank", rank_up(e)))


def less_capacity(e: Evidence) -> Recipe | None:
    """Rank first, since one move divides it by four; then sites."""
    return _first_possible(e, ("rank", rank_down(e)), ("sites", sites_down(e)))


def _won(e: Evidence, knob: str) -> bool:
    """Whether the arm of that knob, started from this recipe, won."""
    from_here = e.experiment and e.experiment.checkpoint.key == e.curve.recipe.key
    comparisons = e.experiment.comparisons if e.experiment and from_here else ()
    return any(c.wins and c.arm.value == knob and c.against is ArmKind.NONE for c in comparisons)


def _first_possible(e: Evidence, *moves: tuple[str, Recipe | None]) -> Recipe | None:
    """The first move with room that the user has not pinned and the budget allows; else the first with room.

    A pinned or unaffordable knob does not block the other one; if neither can move, the refusal names the first.
    """
    possible = [(knob, recipe) for knob, recipe in moves if recipe is not None]
    epochs = max(probe_epochs(e.facts), e.curve.epochs)
    affordable = [
        recipe
        for knob, recipe in possible
        if knob not in e.pinned
        and (recipe.key in e.tried | e.probed or e.facts.probe_work(recipe, epochs) <= max(0.0, e.work_left))
    ]
    return affordable[0] if affordable else possible[0][1] if possible else None


def lr_up(e: Evidence, anywhere: bool = False, rungs: int | None = None) -> Recipe | None:
    """One move up the lr ladder; past the usual band only if an experiment there confirms it.

    Args:
        anywhere: ignore the band, as that experiment has to. rungs: size of the move; None: that of the search space.
    """
    lr = step(e.space.lrs, e.curve.recipe.lr, rungs or e.space.lr_steps)
    if lr is None or not (anywhere or _may_leave_band(e) or e.curve.recipe.lr <= (1 + t.SAME_LR) * e.space.band[1]):
        return None
    return _fresh(e, e.curve.recipe.with_(lr=lr), "lr+")


def lr_down(e: Evidence, rungs: int | None = None) -> Recipe | None:
    """One move down the lr ladder; at most one step past the usual band, unless the user allows more."""
    lr = step(e.space.lrs, e.curve.recipe.lr, -(rungs or e.space.lr_steps))
    if lr is None or (e.curve.recipe.lr < (1 - t.SAME_LR) * e.space.band[0] and not e.wide_lr):
        return None
    return _fresh(e, e.curve.recipe.with_(lr=lr), "lr-")


def lr_up_a_rung(e: Evidence) -> Recipe | None:
    """The smallest step up: a curve alone justifies no larger one, since no experiment has tried it."""
    return lr_up(e, rungs=1)


def lr_down_a_rung(e: Evidence) -> Recipe | None:
    """The smallest step down, for the same reason as `lr_up_a_rung`."""
    return lr_down(e, rungs=1)


def _may_leave_band(e: Evidence) -> bool:
    """Whether lr may leave the band: the user allows it, or the experiment from this recipe names lr again."""
    return e.wide_lr or (e.experiment is not None and _won(e, "lr"))


def at_band_edge(e: Evidence) -> bool:
    """Whether lr is past an end of the usual band and may go no further without confirmation."""
    lr, (low, high) = e.curve.recipe.lr, e.space.band
    return not _may_leave_band(e) and (lr > (1 + t.SAME_LR) * high or lr < (1 - t.SAME_LR) * low)


def lr_down_after_divergence(e: Evidence) -> Recipe | None:
    """lr /4 with the same safe numerics, down to the low end of the usual band."""
    lr = step(e.space.lrs, e.curve.recipe.lr, -e.space.lr_steps)
    if lr is None or lr < (1 - t.SAME_LR) * e.space.band[0]:
        return None
    return _fresh(e, e.curve.recipe.with_(lr=lr), "lr-")


def scaling_up(e: Evidence) -> Recipe | None:
    """Raise the scaling: 1 -> 4 -> 16 -> 64, never more; in the seed's profile 1 -> 2 -> 4."""
    scaling = step(e.space.scalings, e.curve.recipe.scaling, e.space.scaling_steps)
    return None if scaling is None else _fresh(e, e.curve.recipe.with_(scaling=scaling), "scaling+")


def dropout_up(e: Evidence) -> Recipe | None:
    """Raise dropout: 0 -> 0.05 -> 0.1 -> 0.2."""
    dropout = step(t.DROPOUTS, e.curve.recipe.dropout, 1)
    return None if dropout is None else _fresh(e, e.curve.recipe.with_(dropout=dropout), "dropout+")


def safe_numerics(e: Evidence) -> Recipe | None:
    """Retry the same recipe with tighter gradient clipping, a larger epsilon and smoother second moments."""
    recipe = e.curve.recipe
    return None if recipe.safe_numerics else recipe.with_(safe_numerics=True)
