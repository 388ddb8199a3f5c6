"""Actions: what a rule does, and the recipes it moves to; None if there is no room, and the next rule is asked."""

from collections.abc import Callable

from rankfirst.policy import thresholds as t
from rankfirst.policy.evidence import Evidence
from rankfirst.policy.search_space import step
from rankfirst.records import Advance, ArmKind, Change, Extend, Move, Recipe, Sites, Stage, Stop

Action = Callable[[Evidence], Move | str | None]
"""A move; None if there is no room; or the key of a sentence that says better why not."""


def change(recipe_of: Callable[[Evidence], Recipe | None], edge: str | None = None) -> Action:
    """Train the recipe next, if there is one; at the end of the lr band, say so with `edge`."""

    def act(e: Evidence) -> Move | str | None:
        recipe = recipe_of(e)
        if recipe is None:
            return edge if at_band_edge(e) else None
        return Change(recipe)

    return act


def advance(e: Evidence) -> Move | None:
    """This stage is settled."""
    return Advance(Stage.OPTIMISE if e.stage is Stage.CAPACITY else Stage.FINAL)


def extend(e: Evidence) -> Move | None:
    """One epoch more, at most MAX_PROBE_EPOCHS in all."""
    if e.curve.epochs >= t.MAX_PROBE_EPOCHS:
        return None
    return Extend(min(e.curve.epochs + 1, float(t.MAX_PROBE_EPOCHS)))


def take_back(e: Evidence) -> Move | None:
    """Return to the incumbent, which is not trained again."""
    return None if e.incumbent is None else Change(e.incumbent.recipe)


def stop(reason: str) -> Action:
    """No further training makes sense."""
    return lambda e: Stop(reason)


def _fresh(e: Evidence, recipe: Recipe, move: str) -> Recipe | None:
    """None when the move was taken back before or the recipe was tried: nothing is trained twice."""
    return None if move in e.closed or recipe.key in e.tried else recipe


def rank_up(e: Evidence) -> Recipe | None:
    """Rank x4 under the ceiling, same scaling; x2 where x4 does not fit."""
    recipe = e.curve.recipe
    for rungs in range(e.space.rank_steps, 0, -1):
        rank = step(e.space.ranks, recipe.rank, rungs)
        if rank is not None and rank <= e.ceiling.max_rank:
            return _fresh(e, recipe.with_(rank=int(rank)), "rank+")
    return None


def rank_down(e: Evidence) -> Recipe | None:
    """Rank /4, same scaling."""
    rank = step(e.space.ranks, e.curve.recipe.rank, -e.space.rank_steps)
    return None if rank is None else _fresh(e, e.curve.recipe.with_(rank=int(rank)), "rank-")


def _site_step(e: Evidence, up: bool) -> Sites | None:
    """The next larger (or smaller) set by trainable weights, no deeper than the ceiling."""
    here = e.facts.adapter_parameters(1, e.curve.recipe.sites)
    allowed = [s for s in e.space.sites(e.facts.layers) if s.top_layers <= e.ceiling.max_layers]
    sized = {e.facts.adapter_parameters(1, s): s for s in reversed(allowed)}  # of equals, the first on the ladder
    beyond = [size for size in sized if (size > here if up else size < here)]
    return sized[(min if up else max)(beyond)] if beyond else None


def sites_up(e: Evidence) -> Recipe | None:
    """FFN beside q/v, then twice as deep, then all blocks, then every linear layer."""
    sites = _site_step(e, up=True)
    return None if sites is None else _fresh(e, e.curve.recipe.with_(sites=sites), "sites+")


def sites_down(e: Evidence) -> Recipe | None:
    """Less depth, then no FFN."""
    sites = _site_step(e, up=False)
    return None if sites is None else _fresh(e, e.curve.recipe.with_(sites=sites), "sites-")


def more_capacity(e: Evidence) -> Recipe | None:
    """Whichever is cheaper by evidence: the experiment's winner, else sites (LoRA's own tables: placement moves more
    than rank once two kinds of matrices are adapted), else rank."""
    moves = [("sites", sites_up(e)), ("rank", rank_up(e))]
    won = [(knob, recipe) for knob, recipe in moves if _won(e, knob)]
    if not won:
        return _free(e, *moves)
    named = e.experiment.limit if e.experiment else ""
    return _free(e, *sorted(won, key=lambda move: move[0] != named))


def less_capacity(e: Evidence) -> Recipe | None:
    """Rank first: it takes a step of four in one move; then sites."""
    return _free(e, ("rank", rank_down(e)), ("sites", sites_down(e)))


def _won(e: Evidence, knob: str) -> bool:
    """Whether that knob's arm from this recipe won."""
    told = e.experiment.comparisons if e.experiment and e.experiment.checkpoint.key == e.curve.recipe.key else ()
    return any(c.beyond_noise and c.arm.value == knob and c.against is ArmKind.NONE for c in told)


def _free(e: Evidence, *moves: tuple[str, Recipe | None]) -> Recipe | None:
    """The first move with room on a knob the user has not set, and that the budget allows; else the first with room.

    So a pinned or unaffordable knob does not stop the other one, and when neither can move, the refusal names it.
    """
    found = [(knob, recipe) for knob, recipe in moves if recipe is not None]
    epochs = max(t.FIRST_PROBE_EPOCHS, e.curve.epochs)
    affordable = [
        recipe
        for knob, recipe in found
        if knob not in e.pinned
        and (recipe.key in e.tried | e.probed or e.facts.probe_work(recipe, epochs) <= max(0.0, e.work_left))
    ]
    return affordable[0] if affordable else found[0][1] if found else None


def lr_up(e: Evidence, anywhere: bool = False, rungs: int | None = None) -> Recipe | None:
    """One move up the ladder; from past the usual band only as an experiment there confirms.

    Args:
        anywhere: for that experiment. rungs: of the move; None: as the search space says.
    """
    lr = step(e.space.lrs, e.curve.recipe.lr, rungs or e.space.lr_steps)
    if lr is None or not (anywhere or _free_lr(e) or e.curve.recipe.lr <= (1 + t.SAME_LR) * e.space.band[1]):
        return None
    return _fresh(e, e.curve.recipe.with_(lr=lr), "lr+")


def lr_down(e: Evidence, rungs: int | None = None) -> Recipe | None:
    """One move down the ladder; past the usual band only one step, unless told otherwise."""
    lr = step(e.space.lrs, e.curve.recipe.lr, -(rungs or e.space.lr_steps))
    if lr is None or (e.curve.recipe.lr < (1 - t.SAME_LR) * e.space.band[0] and not e.wide_lr):
        return None
    return _fresh(e, e.curve.recipe.with_(lr=lr), "lr-")


def lr_up_a_rung(e: Evidence) -> Recipe | None:
    """The smallest step up: all that a reading is worth, since no experiment has tried a larger one."""
    return lr_up(e, rungs=1)


def lr_down_a_rung(e: Evidence) -> Recipe | None:
    """The smallest step down, as above."""
    return lr_down(e, rungs=1)


def _free_lr(e: Evidence) -> bool:
    """Whether lr may leave the band: the user said so, or this very recipe's experiment names lr once more."""
    return e.wide_lr or (e.experiment is not None and _won(e, "lr"))


def at_band_edge(e: Evidence) -> bool:
    """Whether lr stands past an end of the usual band, from where it may not go on by itself."""
    lr, (low, high) = e.curve.recipe.lr, e.space.band
    return not _free_lr(e) and (lr > (1 + t.SAME_LR) * high or lr < (1 - t.SAME_LR) * low)


def scaling_up(e: Evidence) -> Recipe | None:
    """a: 1 -> 2 -> 4, never beyond."""
    scaling = step(t.SCALINGS, e.curve.recipe.scaling, 1)
    return None if scaling is None else _fresh(e, e.curve.recipe.with_(scaling=scaling), "scaling+")


def dropout_up(e: Evidence) -> Recipe | None:
    """0 -> 0.05 -> 0.1 -> 0.2."""
    dropout = step(t.DROPOUTS, e.curve.recipe.dropout, 1)
    return None if dropout is None else _fresh(e, e.curve.recipe.with_(dropout=dropout), "dropout+")


def safe_numerics(e: Evidence) -> Recipe | None:
    """The same recipe once more with tighter clipping, larger epsilon and smoother second moments."""
    recipe = e.curve.recipe
    return None if recipe.safe_numerics else recipe.with_(safe_numerics=True)
