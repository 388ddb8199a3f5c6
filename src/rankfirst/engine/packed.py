"""All arms of an experiment in one forward and backward pass a step.

The rows of a batch stand there once for each arm, arm after arm. Each arm keeps an ordinary `Loop` with its own
optimiser, clipping, dropout and head, so that it goes the way it would go alone, to rounding
(tests/engine/test_packed.py). On a CPU this gains nothing (docs/findings.md). `ArmResult.work` is what the arm costs
alone, even where an arm with more blocks makes the others run theirs too.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from rankfirst.engine.base import Tick
from rankfirst.engine.branch import epochs, falling, lost, new_trace, result
from rankfirst.engine.memory import out_of_memory
from rankfirst.engine.prefix import Replay, replaced_below
from rankfirst.engine.stacked import SharedRowsError, Site
from rankfirst.engine.train import Loop, NotFiniteError, cut_to_fit
from rankfirst.records import Arm, ArmResult


class Member:
    """One arm: its loop, and the layers and the head that are its own."""

    def __init__(self, arm: Arm, loop: Loop, steps: int) -> None:
        """The arm's adapter must be the one on the network."""
        self.arm, self.loop = arm, loop
        self.trace, self.start = new_trace(steps), loop.state.steps
        self.schedule = falling(self.start, steps)
        self.layers: dict[str, Any] = {n: m for n, m in loop.model.encoder.named_modules() if hasattr(m, "lora_A")}
        self.head = loop.model.head
        self.healthy = True

    def put_on(self) -> None:
        """Make the network this arm's."""
        model = self.loop.model
        model.detach()
        for name, layer in self.layers.items():
            model.encoder.set_submodule(name, layer)
        model.head = self.head

    def lay_out(self) -> None:
        """Give Adam's moments the memory layout of the weights, which fused kernels insist on."""
        for p, state in self.loop.optimizer.state.items():
            for name in ("exp_avg", "exp_avg_sq"):
                state[name] = torch.empty_like(p, requires_grad=False).copy_(state[name])

    def result(self) -> ArmResult:
        """Evaluated alone."""
        if not self.healthy:
            return lost(self.loop, self.arm)
        self.put_on()
        return result(self.loop, self.arm, self.trace, self.start, lambda: None)


class Heads(nn.Module):
    """A head an arm, each on its own slice of the rows."""

    def __init__(self, heads: Sequence[nn.Module]) -> None:
        super().__init__()
        self.heads = nn.ModuleList(heads)

    def forward(self, pooled: Tensor) -> Tensor:
        """(m·B, d) -> (m·B, C)."""
        slices = pooled.chunk(len(self.heads))
        return torch.cat([head(part) for head, part in zip(self.heads, slices, strict=True)])


class Pack:
    """Arms that are trained together."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.live = list(members)
        self.corpus, self.model = members[0].loop.corpus, members[0].loop.model
        self.depth = min(m.loop.depth for m in members)
        self.budget = min(m.loop.budget for m in members)  # of each arm: cut where it would be alone
        self.sites: dict[str, Site] = {}

    def epoch(self, rows: Sequence[int], limit: int | None, tick: Tick) -> None:
        """One more epoch (or `limit` steps of it) of the arms that are alive."""
        if self.depth:
            self.corpus.fill("train", self.depth, rows, tick)
        batches: list[list[int]] = []
        for member in self.live:
            member.put_on()
            batches = member.loop.begin_epoch(rows, limit)
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
            member.loop.end_epoch(limit)

    def _put_on(self) -> None:
        """Make the network that of all living arms."""
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
        """An optimiser step of every arm; one whose numbers are not finite leaves."""
        before = [m.loop.begin_step(m.schedule, m.trace, last) for m in self.live]
        losses, self.budget = cut_to_fit(
            rows, self.corpus.lengths["train"], self.budget, lambda cut: self._gradients(cut, len(rows), replay)
        )
        norms = torch.stack([m.loop.clip() for m in self.live])
        numbers = torch.stack([losses, norms]).T.tolist()  # one wait for the device
        tokens = self.corpus.tokens("train", rows)
        for member, (loss, norm), weights in zip(self.live, numbers, before, strict=True):
            member.loop.tokens += tokens
            try:
                member.loop.end_step(loss, norm, member.trace, weights)
            except NotFiniteError:
                member.healthy = False
        if not all(m.healthy for m in self.live):
            self.live = [m for m in self.live if m.healthy]
            self._put_on()

    def _gradients(self, cut: Sequence[Sequence[int]], whole: int, replay: Replay | None) -> Tensor:
        """Leave every arm's gradients of one step; (m,) its losses."""
        for member in self.live:
            member.loop.optimizer.zero_grad(set_to_none=True)
        return torch.stack([self._backward(piece, whole, replay) for piece in cut]).sum(0)

    def _backward(self, rows: Sequence[int], whole: int, replay: Replay | None) -> Tensor:
        arms = len(self.live)
        ids, mask, owner = self.corpus.batch("train", rows, replay, self.depth)
        if owner is not None:
            owner = torch.cat([owner + k * len(rows) for k in range(arms)])
        if replay is not None and replay.states is not None:
            replay.states = replay.states.repeat(arms, 1, 1)  # on the device: from the store they came once
        for site in self.sites.values():
            site.rows = arms * len(ids)
        targets = self.corpus.targets["train"][list(rows)].to(self.model.device)
        logits = self.model.logits(ids.repeat(arms, 1), mask.repeat(arms, 1), owner).chunk(arms)
        pairs = zip(self.live, logits, strict=True)
        losses = torch.stack([member.loop.loss(own, targets) / whole for member, own in pairs])
        losses.sum().backward()  # type: ignore[no-untyped-call]
        return losses.detach()


def run_packed(
    arms: Sequence[Arm], make: Callable[[Arm], Loop], rows: Sequence[int], steps: int, tick: Tick
) -> tuple[ArmResult, ...] | None:
    """Train the arms together; None when they must be run one by one: other batches, one arm, no memory, shared rows.

    Args: make: a new loop for an arm, at the checkpoint.
    """
    if len(arms) < 2 or len({(arm.recipe.batch_size, arm.recipe.seed) for arm in arms}) > 1:
        return None
    try:
        members = [Member(arm, make(arm), steps) for arm in arms]
        if any(m.loop.room is None or m.loop.room.recompute for m in members):
            return None  # memory is short: one after another needs the least
        pack = Pack(members)
        for limit in epochs(members[0].loop.steps_in(rows), steps):
            if pack.live:
                pack.epoch(rows, limit, tick)
        return tuple(member.result() for member in members)
    except SharedRowsError:
        return None
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        return None
