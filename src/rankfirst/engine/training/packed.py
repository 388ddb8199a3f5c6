"""Train several recipes as probes with one forward and backward pass per step.

A batch contains its rows once per recipe, one recipe after the other. Each recipe keeps an ordinary `Loop` with its own
optimiser, clipping, dropout and head, so that its curve equals the one it has alone, up to rounding
(tests/engine/training/test_packed.py). On a CPU this gains nothing (docs/findings.md). `Curve.work` is the cost of the
recipe alone, even if a recipe with more adapted blocks makes the others run those blocks too.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from rankfirst.engine.base import Tick, Watch
from rankfirst.engine.training.frozen_prefix import Replay, replaced_below
from rankfirst.engine.training.loop import Loop, NotFiniteError, cut_to_fit
from rankfirst.engine.training.out_of_memory import out_of_memory
from rankfirst.engine.training.recorder import Recorder
from rankfirst.engine.training.schedules import warm_hold_fall
from rankfirst.engine.training.stacked import SharedRowsError, Site
from rankfirst.records import Curve, Health, Recipe


class Member:
    """One recipe: its loop, its curve so far, its LoRA layers and its head."""

    def __init__(self, loop: Loop, rows: Sequence[int], epochs: int, watch: Watch) -> None:
        """The recipe's adapter must be attached to the network."""
        self.loop, self.health = loop, Health.FINE
        self.recorder = Recorder(loop, len(rows), watch=watch)
        self.schedule = warm_hold_fall(epochs * loop.steps_in(rows))
        self.layers: dict[str, Any] = {n: m for n, m in loop.model.encoder.named_modules() if hasattr(m, "lora_A")}
        self.head = loop.model.head

    @property
    def healthy(self) -> bool:
        return self.health is Health.FINE

    def put_on(self) -> None:
        """Attach this recipe's layers and head to the network."""
        model = self.loop.model
        model.detach()
        for name, layer in self.layers.items():
            model.encoder.set_submodule(name, layer)
        model.head = self.head

    def lay_out(self) -> None:
        """Give Adam's moments the memory layout of the weights, as fused kernels require."""
        for p, state in self.loop.optimizer.state.items():
            for name in ("exp_avg", "exp_avg_sq"):
                state[name] = torch.empty_like(p, requires_grad=False).copy_(state[name])

    def evaluate(self) -> None:
        """Evaluate this recipe alone on the network; non-finite logits end its training."""
        self.put_on()
        try:
            self.recorder.evaluate(float(self.loop.state.epochs))
        except NotFiniteError:
            self.health = Health.DIVERGED


class Heads(nn.Module):
    """One head per recipe, each for its own slice of the rows."""

    def __init__(self, heads: Sequence[nn.Module]) -> None:
        super().__init__()
        self.heads = nn.ModuleList(heads)

    def forward(self, pooled: Tensor) -> Tensor:
        """(m·B, d) -> (m·B, C)."""
        slices = pooled.chunk(len(self.heads))
        return torch.cat([head(part) for head, part in zip(self.heads, slices, strict=True)])


class Pack:
    """Recipes that are trained together. A recipe that diverges leaves the pack."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.live = list(members)
        self.corpus, self.model = members[0].loop.corpus, members[0].loop.model
        self.depth = min(m.loop.depth for m in members)
        # Tokens per recipe, so that steps are cut as they would be alone.
        self.budget = min(m.loop.budget for m in members)
        self.sites: dict[str, Site] = {}

    def epoch(self, rows: Sequence[int], tick: Tick) -> None:
        """Train and evaluate one more epoch of the live recipes."""
        if self.depth:
            self.corpus.fill("train", self.depth, rows, tick)
        batches: list[list[int]] = []
        for member in self.live:
            member.put_on()
            batches = member.loop.begin_epoch(rows)
        with replaced_below(self.model.stack, self.depth, self.corpus.tuple_blocks) as replay:
            try:
                self._put_on()
                for i, batch in enumerate(batches):
                    if self.live:
                        self._step(batch, replay, i + 1 == len(batches))
                    tick("train", i + 1, len(batches))
            finally:
                self._take_off()
        for member in self.live:
            member.put_on()
            member.loop.end_epoch()
            member.evaluate()
        self.live = [m for m in self.live if m.healthy]

    def _put_on(self) -> None:
        """Attach the stacked layers and the heads of all live recipes."""
        self._take_off()
        self.model.detach()
        encoder = self.model.encoder
        for name in dict.fromkeys(name for member in self.live for name in member.layers):
            layers = [member.layers.get(name) for member in self.live]
            self.sites[name] = Site(encoder.get_submodule(name), layers)
            encoder.set_submodule(name, self.sites[name])
        for member in self.live:
            member.lay_out()
        self.model.head = Heads([member.head for member in self.live])  # type: ignore[assignment]

    def _take_off(self) -> None:
        for name, site in self.sites.items():
            self.model.encoder.set_submodule(name, site.base)
        self.sites.clear()

    def _step(self, rows: Sequence[int], replay: Replay | None, last: bool) -> None:
        """One optimiser step of every recipe; a recipe with a non-finite loss or gradient leaves the pack."""
        before = [m.loop.begin_step(m.schedule, m.recorder.trace, last) for m in self.live]
        parts = 1

        def run(cut: list[list[int]]) -> Tensor:
            nonlocal parts
            parts = len(cut)
            return self._gradients(cut, len(rows), replay)

        losses, self.budget = cut_to_fit(rows, self.corpus.lengths["train"], self.budget, run)
        norms = torch.stack([m.loop.clip() for m in self.live])
        numbers = torch.stack([losses, norms]).T.tolist()  # one device sync
        tokens = self.corpus.tokens("train", rows)
        for member, (loss, norm), weights in zip(self.live, numbers, before, strict=True):
            member.loop.count(tokens, parts, self.budget)
            try:
                member.loop.end_step(loss, norm, member.recorder.trace, weights)
            except NotFiniteError:
                member.health = Health.DIVERGED
        if not all(m.healthy for m in self.live):
            self.live = [m for m in self.live if m.healthy]
            self._put_on()

    def _gradients(self, cut: Sequence[Sequence[int]], whole: int, replay: Replay | None) -> Tensor:
        """Compute every recipe's gradients of one step. Returns: (m,) losses."""
        for member in self.live:
            member.loop.optimizer.zero_grad(set_to_none=True)
        return torch.stack([self._backward(piece, whole, replay) for piece in cut]).sum(0)

    def _backward(self, rows: Sequence[int], whole: int, replay: Replay | None) -> Tensor:
        count = len(self.live)
        ids, mask, owner = self.corpus.batch("train", rows, replay, self.depth)
        if owner is not None:
            owner = torch.cat([owner + k * len(rows) for k in range(count)])
        if replay is not None and replay.states is not None:
            # Repeated on the device: the store delivers each row once.
            replay.states = replay.states.repeat(count, 1, 1)
        for site in self.sites.values():
            site.rows = count * len(ids)
        targets = self.corpus.targets["train"][list(rows)].to(self.model.device)
        logits = self.model.logits(ids.repeat(count, 1), mask.repeat(count, 1), owner).chunk(count)
        pairs = zip(self.live, logits, strict=True)
        losses = torch.stack([member.loop.loss(own, targets) / whole for member, own in pairs])
        losses.sum().backward()  # type: ignore[no-untyped-call]
        return losses.detach()


def run_packed(
    recipes: Sequence[Recipe],
    make: Callable[[Recipe], Loop],
    rows: Sequence[int],
    epochs: int,
    keep: Callable[[Recorder, Health], Curve],
    watch: Watch,
    tick: Tick,
) -> tuple[Curve, ...] | None:
    """Train the recipes together.

    Args: make: a new loop for a recipe. keep: the curve of a finished recipe, whose adapter is then on the network.
    Returns: None if they must be trained one by one: different batches, too little memory, or `SharedRowsError`.
    """
    if len(recipes) < 2 or len({(recipe.batch_size, recipe.seed) for recipe in recipes}) > 1:
        return None
    try:
        members = []
        for recipe in recipes:
            members.append(Member(make(recipe), rows, epochs, watch))
            members[-1].evaluate()
        if any(m.loop.room is None or m.loop.room.recompute for m in members):
            return None  # memory is short: one by one needs the least
        pack = Pack(members)
        for _ in range(epochs):
            if pack.live:
                pack.epoch(rows, tick)
    except SharedRowsError:
        return None
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        return None
    return tuple(_finished(member, keep) for member in members)


def _finished(member: Member, keep: Callable[[Recorder, Health], Curve]) -> Curve:
    member.put_on()
    return keep(member.recorder, member.health)
