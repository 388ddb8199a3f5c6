"""The training loop: epochs of optimiser steps, with evaluations between them."""

import math
import time
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
from rankfirst.engine.training.schedules import Schedule
from rankfirst.measure.decoding import Decoding
from rankfirst.measure.scores import Floats
from rankfirst.measure.wall_clock import span
from rankfirst.records import Head, Health, Recipe

POINTS_PER_EPOCH = 30  # loss points per epoch; symptoms over 1-3 epochs need 20-50
WEIGHT_DECAY = 0.01  # AdamW's usual value
CLIP, SAFE_CLIP = 1.0, 0.3  # gradient norm
EPSILON, SAFE_EPSILON = 1e-8, 1e-6

PLENTY_OF_ROOM = Room()

T = TypeVar("T")


class NotFiniteError(Exception):
    """The loss or gradient is NaN or infinite; reported as Health.DIVERGED."""


class Ending:
    """How a training ended."""

    health = Health.FINE


@contextmanager
def ending() -> Iterator[Ending]:
    """Within this context, divergence and lack of memory end the training as `Ending.health`, not as errors."""
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
    """Points of the training curve: loss and gradient norm averaged over `every` steps; last lr and step norms."""

    every: int
    on_point: Callable[[int, float], None] | None = None  # called with step and loss of each completed point
    steps: list[int] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    grad: list[float] = field(default_factory=list)
    lr: list[float] = field(default_factory=list)
    moved: list[tuple[float, float, float]] = field(default_factory=list)  # norm of the last step in A, B and head
    _sums: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])

    def closes(self, step: int) -> bool:
        """Whether this step (counted from 1) completes a point."""
        return step % self.every == 0

    def add(self, step: int, loss: float, grad: float, lr: float, moved: tuple[float, float, float] | None) -> None:
        """Add one step; `moved` is None unless the step completes a point."""
        self._sums = [self._sums[0] + loss, self._sums[1] + grad, self._sums[2] + 1]
        if moved is not None:
            self.flush(step, lr, moved)

    def flush(self, step: int, lr: float, moved: tuple[float, float, float]) -> None:
        """Complete the current point."""
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
    """One recipe in training: its adapter on the network, its optimiser, and its position in the epoch order."""

    def __init__(
        self,
        corpus: Corpus,
        recipe: Recipe,
        state: checkpoint.State | None,
        head: tuple[Tensor, Tensor],
        room: Room | None = PLENTY_OF_ROOM,
        split: str = "train",
    ) -> None:
        """Args:
        room: how a step fits into memory; None: it does not, and `train` raises MemoryError at once.
        split: of the rows to train on.
        """
        self.room, self.split = room, split
        self.corpus, self.model, self.recipe = corpus, corpus.model, recipe
        self.world = corpus.model.world
        self.depth = self.model.layers - recipe.sites.depth(self.model.layers)
        if not corpus.cacheable(self.depth):
            self.depth = 0
        self.model.attach(recipe)
        self.model.set_head(*head)
        self.head, self.fresh = head[0], state is None
        self.state = state or checkpoint.State(recipe, {})
        self._restore(self.state)
        self.parameters = parameters = self.model.trainable()
        self.counts = losses.class_counts(corpus.truth[split]).to(self.model.device)
        tau = recipe.objective.logit_adjustment
        if state is None and tau and recipe.head is Head.PROBE:
            # The frozen rung's bias contains the class prior, and training adds it to the logits: it would count twice.
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
        self.budget = room.tokens if room else 1  # tokens per piece; halved if memory runs out nevertheless
        self.pieces: int | None = None  # tokens per piece, if lack of memory made steps run in pieces
        self.tokens = 0  # real tokens trained on
        self.latest = 0.0, 0.0  # TFLOP and seconds of the steps of the latest epoch

    def _groups(self, parameters: dict[str, nn.Parameter]) -> list[dict[str, Any]]:
        """Parameter groups by peak lr: one group, or two if the head has its own lr."""
        lr, head_lr = self.recipe.lr, self.recipe.head_lr
        if head_lr is None:
            return [{"params": list(parameters.values()), "peak": lr}]
        head = [p for name, p in parameters.items() if name.startswith("head.")]
        adapter = [p for name, p in parameters.items() if not name.startswith("head.")]
        return [{"params": adapter, "peak": lr}, {"params": head, "peak": head_lr}]

    def _restore(self, state: checkpoint.State) -> None:
        """Load weights and moments, converted to the recipe's rank, scaling and sites."""
        parameters = self.model.trainable()
        carried = function_preserving.carry(state, {n: p.detach() for n, p in parameters.items()}, self.recipe.scaling)
        with torch.no_grad():
            for name, weight in carried.weights.items():
                parameters[name].copy_(weight)
        self.moments, self.lost = carried.moments, carried.lost

    def snapshot(self) -> checkpoint.State:
        """The current weights and moments (not copied)."""
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
        """Train one epoch over `rows`. Raises: NotFiniteError; MemoryError if `room` is None."""
        if self.room is None:
            raise MemoryError
        if self.depth:
            self.corpus.fill(self.split, self.depth, rows, tick)
        batches = self.begin_epoch(rows)
        began, before_work = time.perf_counter(), self.work()
        adapted = self.model.stack[-self.recipe.sites.depth(self.model.layers) :]
        checkpointing = recomputed(adapted) if self.room.recompute else nullcontext()
        with replaced_below(self.model.stack, self.depth, self.corpus.tuple_blocks) as replay, checkpointing:
            for i, batch in enumerate(batches):
                before = self.begin_step(schedule, trace, i + 1 == len(batches))
                loss = self._gradients(batch, replay)
                self.end_step(loss, float(self.clip()), trace, before)
                tick("train", i + 1, len(batches))
        self.latest = self.work() - before_work, time.perf_counter() - began
        self.end_epoch()

    def begin_epoch(self, rows: Sequence[int]) -> list[list[int]]:
        """Switch dropout on and return the batches of the next epoch. The recipe's adapter must be attached."""
        lengths = [self.corpus.lengths[self.split][r] for r in rows]
        batches = epoch_batches(lengths, self.recipe.batch_size, self.recipe.seed, self.state.epochs)
        self.model.train_mode(True, self.recipe.seed * 9973 + self.state.epochs)
        return [[rows[b] for b in batch] for batch in batches]

    def end_epoch(self) -> None:
        """Switch dropout off and count the epoch."""
        self.model.train_mode(False)
        self.state.epochs += 1

    def begin_step(self, schedule: Schedule, trace: Trace, last: bool) -> dict[str, Tensor]:
        """Set the lr. Returns: copies of the weights if this step completes a point (as the epoch's `last` does)."""
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * schedule(self.state.steps)
        watched = last or trace.closes(self.state.steps + 1)
        return {n: p.detach().clone() for n, p in self.parameters.items()} if watched else {}

    def clip(self) -> Tensor:
        """Clip the gradient. Returns: its norm before clipping, as a tensor on the device."""
        clip = SAFE_CLIP if self.recipe.safe_numerics else CLIP
        return nn.utils.clip_grad_norm_(self.parameters.values(), clip)

    def end_step(self, loss: float, norm: float, trace: Trace, before: dict[str, Tensor]) -> None:
        """Make the optimiser step and add it to the trace. `before`: from `begin_step`. Raises: NotFiniteError."""
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise NotFiniteError
        self.optimizer.step()
        self.state.steps += 1
        lr = self.optimizer.param_groups[0]["lr"]
        trace.add(self.state.steps, loss, norm, lr, self._moved(before) if before else None)

    def _moved(self, before: dict[str, Tensor]) -> tuple[float, float, float]:
        """Norm of the last step in A, B and head: the size of Adam's update, which lr and scaling control."""
        squares: dict[str, list[Tensor]] = {"lora_A": [], "lora_B": [], "head": []}
        for name, p in self.parameters.items():
            group = next(g for g in squares if g in name)
            squares[group].append((p.detach() - before[name]).square().sum())
        a, b, head = torch.stack([torch.stack(parts).sum() for parts in squares.values()]).sqrt().tolist()  # one sync
        return a, b, head

    def _gradients(self, rows: Sequence[int], replay: Replay | None) -> float:
        """Compute the gradients of one step. Returns: its loss."""
        parts = 1

        def run(cut: list[list[int]]) -> float:
            nonlocal parts
            parts = len(cut)
            self.optimizer.zero_grad(set_to_none=True)
            losses = self.world.exchange(lambda: [sum(self._backward(piece, len(rows), replay) for piece in cut)])
            self.world.add_up(self.parameters.values())
            return sum(losses)

        loss, self.budget = cut_to_fit(rows, self.corpus.lengths[self.split], self.budget, run)
        self.count(self.corpus.tokens(self.split, rows), parts, self.budget)
        return loss

    def count(self, tokens: int, parts: int, budget: int) -> None:
        """Record one step: its tokens, the number of pieces it ran in, and the token budget per piece."""
        self.tokens += tokens
        if parts > 1 and budget < STEP_TOKENS:
            self.pieces = budget

    def _backward(self, rows: Sequence[int], whole: int, replay: Replay | None) -> float:
        rows, width, counts = self.corpus.own(self.split, rows)
        ids, mask, owner = self.corpus.batch(self.split, rows, replay, self.depth, width)
        targets = self.corpus.targets[self.split][list(rows)].to(self.model.device)
        loss = self.loss(self.model.logits(ids, mask, owner), targets) * counts / whole
        loss.backward()  # type: ignore[no-untyped-call]
        return float(loss.detach())

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """The loss of the recipe's objective in nats, summed over rows (and labels)."""
        return losses.loss(logits, targets, self.recipe.objective, self.counts, self.corpus.dataset.multi_label)

    @span("evaluation")
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
                batch_logits: Floats = self.model.logits(ids, mask, owner).cpu().double().numpy()
                return batch_logits

            def put(batch: list[int], batch_logits: Floats) -> None:
                out[batch] = batch_logits

            batches = sorted_batches(*self.corpus.shapes(split, chosen))
            self.world.spread(batches, answer, put, lambda done: tick("evaluate", done, len(chosen)))
        return out

    @span("evaluation")
    def evaluate(self, epoch: float) -> Judged:
        """Evaluate on the validation rows and the fixed training subset. Raises: NotFiniteError.

        Before its first step a new adapter adds exactly zero, so recipes with the same sites and head share the result.
        """
        if not self.fresh or self.state.steps:
            return self._evaluate(epoch)
        tau = self.recipe.objective.logit_adjustment
        name = self.recipe.sites, self.depth, self.model.dtype, tau, self.split
        head, known = self.corpus.starts.get(name, (None, None))
        if known is None or head is not self.head:
            known = self._evaluate(epoch)
            self.corpus.starts[name] = self.head, known
        elif self.depth:  # states are cached in the same order, since their last bits depend on it
            self.corpus.fill("val", self.depth, range(len(self.corpus.texts["val"])))
            self.corpus.fill("train", self.depth, self.corpus.subset)
        return known

    def _evaluate(self, epoch: float) -> Judged:
        corpus, val = self.corpus, self.logits("val")
        if not np.isfinite(val).all():
            raise NotFiniteError
        decoding, subset = Decoding.of(corpus.dataset), corpus.subset
        how = decoding.multi_label, decoding.at_least_one
        train = Answers(self.logits("train", subset), corpus.truth["train"][subset], *how)
        return judge(self.state.steps, epoch, Answers(val, corpus.truth["val"], *how), train)

    def work(self) -> float:
        """TFLOP of training by this loop; cached blocks cost nothing, frozen blocks without cache one forward pass."""
        adapted = self.recipe.sites.depth(self.model.layers)
        frozen = 0 if self.depth else self.model.layers - adapted
        per_token = 4 * adapted + 2 * frozen
        return per_token * self.tokens * block_weights(self.model.stack[-1]) * self.model.passes * 1e-12


def cut_to_fit(
    rows: Sequence[int], lengths: Sequence[int], budget: int, run: Callable[[list[list[int]]], T]
) -> tuple[T, int]:
    """Call `run` with a step's rows in pieces of at most `budget` tokens; halve the budget until they fit into memory.

    Args: lengths: (n,) tokens of every row of the split.
    Returns: the result of `run`, and the budget that fitted.
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
    """Number of weights of one transformer block, without adapters."""
    return sum(nf4.numbers(p) for n, p in block.named_parameters() if "lora_" not in n)
