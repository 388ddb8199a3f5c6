"""Actions: a recipe in, another out; None where there is no room, and the next rule is asked."""

from collections.abc import Sequence

from rankfirst.policy import thresholds as t
from rankfirst.policy.evidence import Evidence
from rankfirst.records import ALL_ROLES, ATTENTION_QV, FFN, Recipe, Sites

QV_FFN = (*ATTENTION_QV, *FFN)


def step(ladder: Sequence[float], value: float, rungs: int) -> float | None:
    """The value `rungs` up (or down) the ladder; the end of it when nearer; None when already there."""
    at = min(range(len(ladder)), key=lambda i: abs(ladder[i] - value))
    to = min(max(at + rungs, 0), len(ladder) - 1)
    return None if to == at else ladder[to]


def _fresh(e: Evidence, recipe: Recipe, move: str) -> Recipe | None:
    """None when the move was taken back before or the recipe was tried: nothing is trained twice."""
    return None if move in e.closed or recipe.key in e.tried else recipe


def rank_up(e: Evidence) -> Recipe | None:
    """Rank x4 under the ceiling, same scaling; x2 where x4 does not fit."""
    recipe = e.curve.recipe
    for rungs in (2, 1):
        rank = step(t.RANKS, recipe.rank, rungs)
        if rank is not None and rank <= e.ceiling.max_rank:
            return _fresh(e, recipe.with_(rank=int(rank)), "rank+")
    return None


def rank_down(e: Evidence) -> Recipe | None:
    """Rank /4, same scaling."""
    rank = step(t.RANKS, e.curve.recipe.rank, -2)
    return None if rank is None else _fresh(e, e.curve.recipe.with_(rank=int(rank)), "rank-")


def site_ladder(layers: int, max_layers: int) -> list[Sites]:
    """Site sets from small to large: attention q/v, then FFN beside them, then deeper, then every linear layer."""
    few, more = t.START_TOP_LAYERS
    top = start_layers(layers)
    depths = sorted({1, few, top, more, layers} & set(range(1, max_layers + 1)))
    small = [Sites(ATTENTION_QV, k) for k in depths if k <= top]
    large = [Sites(QV_FFN, k) for k in depths if k >= top]
    return [*small, *large, Sites(ALL_ROLES, max(depths))]


def start_layers(layers: int) -> int:
    """A third of the blocks, inside the seed's 2-4."""
    few, more = t.START_TOP_LAYERS
    return min(layers, max(few, min(more, round(layers / 3))))


def _site_step(e: Evidence, rungs: int) -> Sites | None:
    ladder = site_ladder(e.facts.layers, e.ceiling.max_layers)
    sizes = [e.facts.adapter_parameters(1, s) for s in ladder]
    here = e.facts.adapter_parameters(1, e.curve.recipe.sites)
    larger = [i for i, s in enumerate(sizes) if s > here]
    smaller = [i for i, s in enumerate(sizes) if s < here]
    if rungs > 0:
        return ladder[larger[min(rungs, len(larger)) - 1]] if larger else None
    return ladder[smaller[max(rungs, -len(smaller))]] if smaller else None


def sites_up(e: Evidence) -> Recipe | None:
    """FFN beside q/v, or twice as deep and deeper: two rungs, since single ones drown in noise."""
    sites = _site_step(e, 2)
    if sites is not None and sites.roles == ALL_ROLES and e.curve.recipe.sites.roles != ALL_ROLES:
        sites = _site_step(e, 1)  # all layers before all matrices
    return None if sites is None else _fresh(e, e.curve.recipe.with_(sites=sites), "sites+")


def sites_down(e: Evidence) -> Recipe | None:
    """Drop FFN, then depth."""
    sites = _site_step(e, -1)
    return None if sites is None else _fresh(e, e.curve.recipe.with_(sites=sites), "sites-")


def more_capacity(e: Evidence) -> Recipe | None:
    """Whichever is cheaper by evidence: the experiment's winner, else sites (LoRA's own tables: placement moves more
    than rank once two kinds of matrices are adapted), else rank."""
    rank, sites = ("rank", rank_up(e)), ("sites", sites_up(e))
    return _free(e, rank, sites) if e.experiment and e.experiment.limit == "rank" else _free(e, sites, rank)


def less_capacity(e: Evidence) -> Recipe | None:
    """Rank first: it takes a step of four in one move; then sites."""
    return _free(e, ("rank", rank_down(e)), ("sites", sites_down(e)))


def _free(e: Evidence, *moves: tuple[str, Recipe | None]) -> Recipe | None:
    """The first move with room on a knob the user has not set, and that the budget allows; else the first with room.

    So a pinned or unaffordable knob does not stop the other one, and when neither can move, the refusal names it.
    """
    found = [(knob, recipe) for knob, recipe in moves if recipe is not None]
    epochs = max(t.FIRST_PROBE_EPOCHS, e.curve.epochs)
    affordable = [
        recipe
        for knob, recipe in found
        if knob not in e.pinned and e.facts.probe_work(recipe, epochs) <= max(0.0, e.work_left)
    ]
    return affordable[0] if affordable else found[0][1] if found else None


def lr_up(e: Evidence) -> Recipe | None:
    """x2 along the ladder; at most one step past the band's upper end unless told otherwise."""
    lr = step(t.LRS, e.curve.recipe.lr, 1)
    if lr is None or (lr > 2 * t.BAND[1] and not e.wide_lr):
        return None
    return _fresh(e, e.curve.recipe.with_(lr=lr), "lr+")


def lr_down(e: Evidence) -> Recipe | None:
    """/2 along the ladder; at most one step past the band's lower end unless told otherwise."""
    lr = step(t.LRS, e.curve.recipe.lr, -1)
    if lr is None or (lr < t.BAND[0] / 2 and not e.wide_lr):
        return None
    return _fresh(e, e.curve.recipe.with_(lr=lr), "lr-")


def at_band_edge(e: Evidence) -> bool:
    """Whether lr stands one step past an end of the usual band, from where it may not go on by itself."""
    lr = e.curve.recipe.lr
    return not e.wide_lr and (2 * lr > 2 * t.BAND[1] or lr / 2 < t.BAND[0] / 2)


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
