"""Function-preserving moves: convert a checkpoint to another rank, scaling or set of sites.

Adam's moments are converted too: they estimate the gradient, and the gradient of a changed factor follows from the
chain rule. If a move must lose part of the update (lower rank, dropped site), `Carried.lost` is the lost share.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from rankfirst.engine.training.checkpoint import State

Moments = tuple[Tensor, Tensor, float]  # Adam's m, v and step


@dataclass
class Carried:
    """Weights and moments for the new recipe, and the share of the update that was lost."""

    weights: dict[str, Tensor] = field(default_factory=dict)
    moments: dict[str, Moments] = field(default_factory=dict)
    lost: float = 0.0  # relative Frobenius norm of the lost part of scaling·B·A, over all sites together


@dataclass
class _Pair:
    """A (r, d) and B (o, r) of one site, each with its moments if there are any."""

    a: Tensor
    b: Tensor
    of_a: Moments | None
    of_b: Moments | None

    def scaled(self, factor: float) -> None:
        """Compensate for a scaling multiplied by `factor`: divide B by it; B's gradient is then multiplied by it."""
        self.b = self.b / factor
        if self.of_b:
            m, v, step = self.of_b
            self.of_b = (m * factor, v * factor**2, step)


def carry(state: State, fresh: Mapping[str, Tensor], scaling: float) -> Carried:
    """Convert `state` to a recipe whose fresh parameters are `fresh` (B = 0 for new sites).

    Args:
        fresh: the new recipe's parameters by name; rows of A beyond the old rank keep their random values.
        scaling: of the new recipe.
    """
    out, total, lost = Carried(), 0.0, 0.0
    factor = scaling / state.recipe.scaling
    for name, old in state.weights.items():
        if ".lora_B." in name:
            continue
        if ".lora_A." not in name:
            if name in fresh and fresh[name].shape == old.shape:
                _put(out, name, old, state.moments.get(name), fresh[name])
            continue
        name_b = name.replace(".lora_A.", ".lora_B.")
        pair = _Pair(old, state.weights[name_b], state.moments.get(name), state.moments.get(name_b))
        size = _square(pair)
        total += size
        if name not in fresh:
            lost += size
            continue
        like = fresh[name]
        if like.shape[0] < old.shape[0]:
            _shrink(pair, like.shape[0])
            lost += max(0.0, size - _square(pair))  # the truncated part is orthogonal to the rest
        elif like.shape[0] > old.shape[0]:
            _grow(pair, like)
        if factor != 1:
            pair.scaled(factor)
        _put(out, name, pair.a, pair.of_a, like)
        _put(out, name_b, pair.b, pair.of_b, fresh[name_b])
    out.lost = (lost / total) ** 0.5 if total else 0.0
    return out


def _put(out: Carried, name: str, weight: Tensor, moments: Moments | None, like: Tensor) -> None:
    out.weights[name] = weight.to(like.device)
    if moments is not None:
        m, v, step = moments
        out.moments[name] = (m.to(like.device).clone(), v.to(like.device).clone(), step)


def _square(pair: _Pair) -> float:
    """||B·A||_F^2 = trace(B'B AA'): r x r products instead of the full matrix."""
    return float(((pair.b.T @ pair.b) * (pair.a @ pair.a.T)).sum())


def _grow(pair: _Pair, like: Tensor) -> None:
    """Raise the rank: take the new rows of A from `like`, set the new columns of B to zero; B·A does not change.

    Second moments of new entries start at the mean of the old ones: with zeros, late in training, the first updates
    would be three times too large.
    """
    more = like.shape[0] - pair.a.shape[0]
    extra = pair.b.new_zeros(pair.b.shape[0], more)
    pair.a = torch.cat([pair.a, like[pair.a.shape[0] :].to(pair.a)])
    pair.b = torch.cat([pair.b, extra], dim=1)
    if pair.of_a:
        m, v, step = pair.of_a
        rows = m.new_zeros(more, m.shape[1])
        pair.of_a = (torch.cat([m, rows]), torch.cat([v, rows + v.mean()]), step)
    if pair.of_b:
        m, v, step = pair.of_b
        pair.of_b = (torch.cat([m, extra], dim=1), torch.cat([v, extra + v.mean()], dim=1), step)


def _shrink(pair: _Pair, rank: int) -> None:
    """Lower the rank: the nearest B·A of that rank (Eckart-Young), by the SVD of an r x r matrix.

    A's new rows are orthogonal, with the mean norm of the old ones, even if B is still zero: with both factors zero a
    site would never learn again. With A' = C·A and B' = B·D the gradients are D'·g_A and g_B·C'.
    """
    length = pair.a.norm() / pair.a.shape[0] ** 0.5
    _, r_b = torch.linalg.qr(pair.b)
    q_a, r_a = torch.linalg.qr(pair.a.T)
    _, _, vh = torch.linalg.svd(r_b @ r_a.T)
    v = vh[:rank].T
    c, d = length * v.T @ torch.linalg.pinv(r_a.T), r_a.T @ v / length
    pair.a, pair.b = length * (q_a @ v).T, pair.b @ d
    if pair.of_a:
        m, s, step = pair.of_a
        pair.of_a = (d.T @ m, d.T.square() @ s, step)  # second moments as if entries were uncorrelated
    if pair.of_b:
        m, s, step = pair.of_b
        pair.of_b = (m @ c.T, s @ c.T.square(), step)
