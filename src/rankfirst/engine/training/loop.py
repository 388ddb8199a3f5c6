"""The training loop: one epoch or a number of steps, and evaluations between them."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from rankfirst.engine.base import Tick, no_tick
from rankfirst.engine.network import losses, nf4
from rankfirst.engine.training import checkpoint, function_preserving
from rankfirst.engine.training.batches import epoch_batches, pieces, sorted_batches
from rankfirst.engine.training.corpus import Corpus
from rankfirst.engine.training.evaluation import Answers, Judged, judge
from rankfirst.engine.training.footprint import STEP_TOKENS, Room
from rankfirst.engine.training.frozen_prefix import Replay, replaced_below
from rankfirst.engine.training.out_of_memory import out_of_memory
from rankfirst.engine.training.recompute import recomputed
from rankfirst.measure.scores import Floats
from rankfirst.records import Head, Health, Recipe

POINTS_PER_EPOCH = 30  # loss points an epoch; 20-50 is what symptoms on 1-3 epochs need
WARMUP_STEPS = 20  # Adam's second moment needs about that many; more would eat a short probe
WEIGHT_DECAY = 0.01  # AdamW's usual value
CLIP, SAFE_CLIP = 1.0, 0.3  # gradient norm
EPSILON, SAFE_EPSILON = 1e-8, 1e-6

PLENTY_OF_ROOM = Room()

T = TypeVar("T")
Schedule = Callable[[int], float]
"""Optimiser step (from 0) -> factor on the peak lr, the head's own too."""


def warm_hold_fall(total: int) -> Schedule:
    """Probes: warm-up, the peak, and down to nothing over the last third of `total` steps.

    They end as final training does. What stands under a constant lr holds the noise of its steps, most of it where lr
    is high: on MixATIS the best of four rates showed the worst validation loss until its lr had fallen
    (docs/findings.md, 2026-11-24).
    """
    fall = max(1, round(total / 3))
    return lambda step: min(1.0, (step + 1) / WARMUP_STEPS) * min(1.0, max(0.0, (total - step) / fall))


def warm_then_linear(total: int, warm: int = WARMUP_STEPS) -> Schedule:
    """Final training: down to a twentieth of the peak at `total` steps."""
    return lambda step: min(1.0, (step + 1) / warm) * max(0.05, 1 - step / max(1, total))


class NotFiniteError(Exception):
    """A loss or gradient that is NaN or infinite; becomes Health.DIVERGED."""


class Ending:
    """How a training ended."""

    health = Health.FINE


@contextmanager
def ending() -> Iterator[Ending]:
    """While inside, divergence and lack of memory end the training as results, not as exceptions."""
    end = Ending()
    try:
        yield end
    except NotFiniteError:
        end.health = Health.DIVERGED
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        end.health = Health.OUT_OF_MEMORY


@dataclass
class Trace:
    """Loss and gradient norm, averaged over a few steps a point; lr and step lengths at its last step."""

    every: int
    on_point: Callable[[int, float], None] | None = None  # called with step and loss of every point that closes
    steps: list[int] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    grad: list[float] = field(default_factory=list)
    lr: list[float] = field(default_factory=list)
    moved: list[tuple[float, float, float]] = field(default_factory=list)  # in A, B and head
    _sums: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])

    def closes(self, step: int) -> bool:
        """Whether a point ends with this step (counted from 1)."""
        return step % self.every == 0

    def add(self, step: int, loss: float, grad: float, lr: float, moved: tuple[float, float, float] | None) -> None:
        """One step; `moved` is None unless the point ends here."""
        self._sums = [self._sums[0] + loss, self._sums[1] + grad, self._sums[2] + 1]
        if moved is not None:
            self.flush(step, lr, moved)

    def flush(self, step: int, lr: float, moved: tuple[float, float, float]) -> None:
        """Close the point in progress."""
        if self._sums[2]:
            self.lr.append(lr)
            self.moved.append(moved)
            self.steps.append(step)
            self.loss.append(self._sums[0] / self._sums[2])
            self.grad.append(self._sums[1] / self._sums[2])
            if self.on_point:
                self.on_point(step, self.loss[-1])
            self._sums = [0.0, 0.0, 0.0]


class Loop:
    """A recipe on the network: its optimiser, its schedule, its place in the epoch order."""

    def __init__(
        self,
        corpus: Corpus,
        recipe: Recipe,
        state: checkpoint.State | None,
        head: tuple[Tensor, Tensor],
        room: Room | None = PLENTY_OF_ROOM,
    ) -> None:
        """Args: room: how a step fits memory; None: it does not, and training says so at once."""
        self.room = room
        self.corpus, self.model, self.recipe = corpus, corpus.model, recipe
        self.world = corpus.model.world
        self.depth = max(0, self.model.layers - recipe.sites.top_layers)
        if not corpus.cacheable(self.depth):
            self.depth = 0
        self.model.attach(recipe)
        self.model.set_head(*head)
        self.state = state or checkpoint.State(recipe, {})
        self._restore(self.state)
        self.parameters = parameters = self.model.trainable()
        self.counts = losses.class_counts(corpus.truth["train"]).to(self.model.device)
        tau = recipe.objective.logit_adjustment
        if state is None and tau and recipe.head is Head.PROBE:
            # The frozen rung's bias holds the prior; training adds it to the logits, so it would count twice.
            self.model.head.bias.data -= tau * losses.log_prior(self.counts)
        self.optimizer = torch.optim.AdamW(
            self._groups(parameters),
            lr=recipe.lr,
            weight_decay=WEIGHT_DECAY,
            eps=SAFE_EPSILON if recipe.safe_numerics else EPSILON,
            fused=True,
        )
        for name, (m, v, step) in self.moments.items():
            self.optimizer.state[parameters[name]] = {
                "step": torch.tensor(step, device=m.device),
                "exp_avg": m,
                "exp_avg_sq": v,
            }
        self.budget = room.tokens if room else 1  # halved when memory is short all the same
        self.pieces: int | None = None  # tokens of the pieces that a step was cut into because memory is short
        self.tokens = 0  # real tokens trained on

    def _groups(self, parameters: dict[str, nn.Parameter]) -> list[dict[str, Any]]:
        """What shares a peak lr: everything, unless the head has its own."""
        lr, head_lr = self.recipe.lr, self.recipe.head_lr
        if head_lr is None:
            return [{"params": list(parameters.values()), "peak": lr}]
        head = [p for name, p in parameters.items() if name.startswith("head.")]
        adapter = [p for name, p in parameters.items() if not name.startswith("head.")]
        return [{"params": adapter, "peak": lr}, {"params": head, "peak": head_lr}]

    def _restore(self, state: checkpoint.State) -> None:
        """Take over weights and moments, as the recipe's rank, scaling and sites want them."""
        parameters = self.model.trainable()
        carried = function_preserving.carry(state, {n: p.detach() for n, p in parameters.items()}, self.recipe.scaling)
        with torch.no_grad():
            for name, weight in carried.weights.items():
                parameters[name].copy_(weight)
        self.moments, self.lost = carried.moments, carried.lost

    def snapshot(self) -> checkpoint.State:
        """Weights and moments as they are now (not copied)."""
        parameters = self.model.trainable()
        moments = {}
        for name, p in parameters.items():
            s: dict[str, Any] = self.optimizer.state.get(p, {})
            if s:
                moments[name] = (s["exp_avg"], s["exp_avg_sq"], float(s["step"]))
        weights = {n: p.detach() for n, p in parameters.items()}
        return checkpoint.State(self.recipe, weights, moments, self.state.epochs, self.state.steps)

    def steps_in(self, rows: Sequence[int]) -> int:
        """Optimiser steps of one epoch over these rows."""
        return math.ceil(len(rows) / self.recipe.batch_size)

    def train(self, rows: Sequence[int], schedule: Schedule, trace: Trace, tick: Tick = no_tick) -> None:
        """One more epoch over `rows`; raises NotFiniteError, or MemoryError without room."""
        if self.room is None:
            raise MemoryError
        if self.depth:
            self.corpus.fill("train", self.depth, rows, tick)
        batches = self.begin_epoch(rows)
        adapted = self.model.stack[max(0, self.model.layers - self.recipe.sites.top_layers) :]
        again = recomputed(adapted) if self.room.recompute else nullcontext()
        with replaced_below(self.model.stack, self.depth, self.corpus.tuple_blocks) as replay, again:
            for i, batch in enumerate(batches):
                before = self.begin_step(schedule, trace, i + 1 == len(batches))
                loss = self._gradients(batch, replay)
                self.end_step(loss, float(self.clip()), trace, before)
                tick("train", i + 1, len(batches))
        self.end_epoch()

    def begin_epoch(self, rows: Sequence[int]) -> list[list[int]]:
        """The batches of the next epoch, with dropout on. The recipe's adapter must be attached."""
        lengths = [self.corpus.lengths["train"][r] for r in rows]
        batches = epoch_batches(lengths, self.recipe.batch_size, self.recipe.seed, self.state.epochs)
        self.model.train_mode(True, self.recipe.seed * 9973 + self.state.epochs)
        return [[rows[b] for b in batch] for batch in batches]

    def end_epoch(self) -> None:
        """Dropout off."""
        self.model.train_mode(False)
        self.state.epochs += 1

    def begin_step(self, schedule: Schedule, trace: Trace, last: bool) -> dict[str, Tensor]:
        """Set the lr. Returns the weights where a point of the trace ends with this step (the epoch's `last` does)."""
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * schedule(self.state.steps)
        watched = last or trace.closes(self.state.steps + 1)
        return {n: p.detach().clone() for n, p in self.parameters.items()} if watched else {}

    def clip(self) -> Tensor:
        """Clip the gradient; its norm before that, still on the device."""
        clip = SAFE_CLIP if self.recipe.safe_numerics else CLIP
        return nn.utils.clip_grad_norm_(self.parameters.values(), clip)

    def end_step(self, loss: float, norm: float, trace: Trace, before: dict[str, Tensor]) -> None:
        """The optimiser step and its place in the trace. `before`: from `begin_step`. Raises: NotFiniteError."""
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise NotFiniteError
        self.optimizer.step()
        self.state.steps += 1
        lr = self.optimizer.param_groups[0]["lr"]
        trace.add(self.state.steps, loss, norm, lr, self._moved(before) if before else None)

    def _moved(self, before: dict[str, Tensor]) -> tuple[float, float, float]:
        """Length of the last step in A, B and head: Adam's update size, which lr and scaling control."""
        squares: dict[str, list[Tensor]] = {"lora_A": [], "lora_B": [], "head": []}
        for name, p in self.parameters.items():
            group = next(g for g in squares if g in name)
            squares[group].append((p.detach() - before[name]).square().sum())
        a, b, head = torch.stack([torch.stack(parts).sum() for parts in squares.values()]).sqrt().tolist()  # one wait
        return a, b, head

    def _gradients(self, rows: Sequence[int], replay: Replay | None) -> float:
        """Leave the gradients of one step; its loss."""
        parts = 1

        def run(cut: list[list[int]]) -> float:
            nonlocal parts
            parts = len(cut)
            self.optimizer.zero_grad(set_to_none=True)
            losses = self.world.exchange(lambda: [sum(self._backward(piece, len(rows), replay) for piece in cut)])
            self.world.add_up(self.parameters.values())
            return sum(losses)

        loss, self.budget = cut_to_fit(rows, self.corpus.lengths["train"], self.budget, run)
        self.count(self.corpus.tokens("train", rows), parts, self.budget)
        return loss

    def count(self, tokens: int, parts: int, budget: int) -> None:
        """One step more was trained: its tokens, in how many pieces, and the tokens a piece might have."""
        self.tokens += tokens
        if parts > 1 and budget < STEP_TOKENS:
            self.pieces = budget

    def _backward(self, rows: Sequence[int], whole: int, replay: Replay | None) -> float:
        rows, width, counts = self.corpus.own("train", rows)
        ids, mask, owner = self.corpus.batch("train", rows, replay, self.depth, width)
        targets = self.corpus.targets["train"][list(rows)].to(self.model.device)
        loss = self.loss(self.model.logits(ids, mask, owner), targets) * counts / whole
        loss.backward()  # type: ignore[no-untyped-call]
        return float(loss.detach())

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Summed over rows (and labels), nats, of the recipe's objective."""
        return losses.loss(logits, targets, self.recipe.objective, self.counts, self.corpus.dataset.multi_label)

    @torch.no_grad()
    def logits(self, split: str, rows: Sequence[int] | None = None, tick: Tick = no_tick) -> Floats:
        """(n, C) logits of some rows of a split, in their order."""
        chosen = list(range(len(self.corpus.texts[split]))) if rows is None else list(rows)
        depth = self.depth if split != "test" else 0
        if depth:
            self.corpus.fill(split, depth, chosen)
        out = np.zeros((len(chosen), self.corpus.classes), dtype=np.float64)
        with replaced_below(self.model.stack, depth, self.corpus.tuple_blocks) as replay:

            def answer(batch: list[int]) -> Floats:
                ids, mask, owner = self.corpus.batch(split, [chosen[i] for i in batch], replay, depth)
                found: Floats = self.model.logits(ids, mask, owner).double().cpu().numpy()
                return found

            def put(batch: list[int], found: Floats) -> None:
                out[batch] = found

            batches = sorted_batches(*self.corpus.shapes(split, chosen))
            self.world.spread(batches, answer, put, lambda done: tick("evaluate", done, len(chosen)))
        return out

    def evaluate(self, epoch: float) -> Judged:
        """On the validation rows and the fixed training subset. Raises: NotFiniteError."""
        corpus, val = self.corpus, self.logits("val")
        if not np.isfinite(val).all():
            raise NotFiniteError
        multi, subset = corpus.dataset.multi_label, corpus.subset
        train = Answers(self.logits("train", subset), corpus.truth["train"][subset], multi)
        return judge(self.state.steps, epoch, Answers(val, corpus.truth["val"], multi), train)

    def work(self) -> float:
        """TFLOP of the training done by this loop; cached blocks cost nothing, uncached frozen ones a forward."""
        adapted = min(self.recipe.sites.top_layers, self.model.layers)
        frozen = 0 if self.depth else self.model.layers - adapted
        per_token = 4 * adapted + 2 * frozen
        return per_token * self.tokens * block_weights(self.model.stack[-1]) * self.model.passes * 1e-12


def cut_to_fit(
    rows: Sequence[int], lengths: Sequence[int], budget: int, run: Callable[[list[list[int]]], T]
) -> tuple[T, int]:
    """`run` on a step's rows in pieces of at most `budget` tokens; halves the budget until they fit memory.

    Args: lengths: (n,) tokens of every row of the split.
    Returns: what `run` returns, and the budget that was small enough.
    """
    while True:
        cut = pieces(rows, lengths, budget)
        try:
            return run(cut), budget
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error) or max(map(len, cut)) == 1:
                raise
        # Outside the handler: inside it, the traceback would keep the tensors of the failed attempt alive.
        budget = min(budget, max(len(p) * max(lengths[r] for r in p) for p in cut)) // 2


def block_weights(block: nn.Module) -> int:
    """Weights of one untouched transformer block (adapters not counted)."""
    return sum(nf4.numbers(p) for n, p in block.named_parameters() if "lora_" not in n)
