"""Predict the memory that training a recipe needs, and choose how to run a step so that it fits.

The memory of a pass is measured, not looked up by architecture: three tiny passes (under 200 tokens) through the actual
network, tracked operation by operation, give the fixed part, the part per token and the part per squared length. The
rest is counted. This matters more on a CPU than on a GPU: on a CPU lack of memory cannot be caught, the operating
system kills the process.
"""

import ctypes
import json
import math
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from rankfirst.engine.network import nf4
from rankfirst.engine.network.lora import Dropout
from rankfirst.engine.training.corpus import Corpus
from rankfirst.engine.training.frozen_prefix import Enough, capture_output, replaced_below
from rankfirst.engine.training.frozen_states import MEMORY_MEGABYTES
from rankfirst.engine.training.recompute import recomputed
from rankfirst.engine.training.tensor_memory import LiveBytes
from rankfirst.errors import EngineError
from rankfirst.measure.memory import allowed_bytes, format_bytes, held_bytes
from rankfirst.records import Footprint, Recipe

# Padded tokens that go through the network at once. A step of 32 short texts is one piece; one of 32 long texts is
# several pieces, whose gradients add up to the same step with less memory.
STEP_TOKENS = 8192
LEAST_PIECE = 1024  # tokens; smaller pieces cost more time than recomputing the blocks
EVALUATION_TOKENS, EVALUATION_ROWS = 4096, 128  # defaults of `batches.sorted_batches`
SHORT, LONG = 24, 96  # tokens of the texts in the tiny passes
SPARE = 0.9  # usable share of the free memory: other processes need some, too
# Resident bytes per live byte: the C library keeps freed blocks, and kernels use scratch space. Measured on one base;
# benchmarks/memory_plan.py compares others. The value for GPUs is an assumption.
SLACK = {"cpu": 1.2, "cuda": 1.1}
MOMENTS = 3  # copies of the adapter: Adam's two moments, and the weights before a step for its norm
PLENTY = 0.5  # share of the free memory; if a generous bound stays below it, nothing is measured
# Floats per token and block, relative to the sum of its linear layers' inputs and outputs and its attention weights.
# BERT keeps 26 times its width, and its linear layers sum to 24; a factor of four exceeds every block measured.
GENEROUS = 4
NO_LIMIT = 1 << 62


@dataclass(frozen=True)
class Room:
    """How a training step is run."""

    tokens: int = STEP_TOKENS  # padded tokens through the network at once; more if a single text is longer
    recompute: bool = False  # gradient checkpointing, see `recompute`


@dataclass(frozen=True)
class Growth:
    """Live bytes of a pass over B texts of T tokens: fixed + per_token * B * T + per_square * B * T * T."""

    fixed: float
    per_token: float
    per_square: float

    def at(self, tokens: int, width: int) -> float:
        """Bytes of a pass over `tokens` padded tokens in texts of `width` tokens."""
        return self.fixed + self.per_token * tokens + self.per_square * tokens * width


@dataclass(frozen=True)
class Needs:
    """Measured memory needs of one recipe's passes."""

    adapter: int  # number of trainable weights
    widths: tuple[tuple[int, ...], ...]  # input sizes of each block's adapted layers
    step: Growth
    evaluation: Growth


class Planner:
    """Predicts memory for one corpus; each recipe's passes are measured once."""

    def __init__(self, corpus: Corpus, limit: int | None) -> None:
        """Args: limit: bytes the process may use; None: what this machine allows."""
        self.corpus, self.model, self.user_limit = corpus, corpus.model, limit
        self.world = corpus.model.world
        self.measured: dict[tuple[str, bool], Needs] = {}

    def limit(self) -> int:
        """Bytes that this process may use in all, including those in use already."""
        if self.user_limit is not None:
            return self.user_limit
        now, shared = self.held(), 1
        if self.model.device.type == "cuda":
            total: int | None = whole_bytes(self.model.device)
        else:
            total, shared = allowed_bytes(), self.world.size  # all processes run on this machine
        return NO_LIMIT if total is None else now + int(self.world.least(SPARE * max(0, total - now) / shared))

    def held(self) -> int:
        """Bytes in use by this process; the largest value over processes that train together."""
        return -int(self.world.least(-held(self.model.device)))

    def room(self, recipe: Recipe) -> Room | None:
        """How to run a step of this recipe; None if not even one text fits. Measures only if memory may be short."""
        limit = self.limit()
        if self.bound(recipe) <= PLENTY * (limit - self.held()):
            return Room()
        if self.world.sharded:  # when tracked, gathered parts of the base would count as kept
            return Room(max(LEAST_PIECE, self.longest), recompute=True)
        plan = self.plan(recipe, limit)
        return Room(plan.tokens, plan.recompute) if plan.fits else None

    def bound(self, recipe: Recipe) -> float:
        """Upper bound on the additional bytes of any step of this recipe."""
        block, longest = self.model.stack[-1], self.longest
        heads = int(getattr(self.model.encoder.config, "num_attention_heads", 0) or self.model.hidden // 64)
        linear = [m for m in block.modules() if isinstance(m, nn.Linear)]
        widths = sum(m.in_features + m.out_features for m in linear) or 24 * self.model.hidden
        unpacked = 2 * 4.0 * max((nf4.numbers(m.weight) for m in linear), default=0) if self.model.bits else 0.0
        depth = (recipe.sites.depth(self.model.layers) + 2) * self.model.passes
        tokens = self.own(self.tokens(recipe, STEP_TOKENS))
        return GENEROUS * 4.0 * depth * tokens * (widths + heads * longest) + unpacked + self._states(recipe)

    @property
    def longest(self) -> int:
        """Tokens of the longest training text, over all its windows."""
        return max(self.corpus.lengths["train"], default=1)

    def tokens(self, recipe: Recipe, most: int) -> int:
        """Padded tokens of the largest piece of a step, with at most `most` tokens (or one text) per piece."""
        return max(self.longest, min(most, self.longest * recipe.batch_size))

    def own(self, tokens: int) -> int:
        """The tokens of a piece that go through this process."""
        return max(self.longest, -(-tokens // self.world.size))

    def plan(self, recipe: Recipe, limit: int | None = None) -> Footprint:
        """The first option that fits: the whole step, smaller pieces, gradient checkpointing, checkpointing in pieces.

        If none fits, it is the last one, and `Footprint.fits` is False.
        """
        limit = self.limit() if limit is None else limit
        plan = self.predict(recipe, Room(), limit)
        for room in self._ways():
            if plan.fits:
                break
            plan = self.predict(recipe, room, limit)
        return plan

    def _ways(self) -> Iterator[Room]:
        for again, least in ((False, max(LEAST_PIECE, self.longest)), (True, self.longest)):
            tokens = max(STEP_TOKENS, least)
            if again:
                yield Room(tokens, again)
            while tokens > least:
                tokens = max(tokens // 2, least)
                yield Room(tokens, again)

    def predict(self, recipe: Recipe, room: Room, limit: int) -> Footprint:
        """Memory that this recipe needs if its steps are run as `room` says."""
        tokens, width = self.own(self.tokens(recipe, room.tokens)), min(self.longest, self.corpus.max_tokens)
        needs = self._needs(recipe, room.recompute)
        step = needs.step.at(tokens, width) + self._masks(recipe, needs, tokens, room.recompute)
        judged = max(width, min(EVALUATION_TOKENS, EVALUATION_ROWS * width))
        slack = SLACK.get(self.model.device.type, SLACK["cpu"])
        return Footprint(
            held=self.held(),
            states=self._states(recipe),
            adapter=4 * needs.adapter * (1 + MOMENTS) + (4 * Dropout.POOL if recipe.dropout else 0),
            step=int(slack * step),
            evaluation=int(slack * needs.evaluation.at(judged, width)),
            limit=limit,
            tokens=tokens,
            recompute=room.recompute,
        )

    def _depth(self, recipe: Recipe) -> int:
        depth = self.model.layers - recipe.sites.depth(self.model.layers)
        return depth if self.corpus.cacheable(depth) else 0

    def _states(self, recipe: Recipe) -> int:
        """Bytes of cached states still to be put into memory; those in a file can be evicted by the system."""
        depth = self._depth(recipe)
        if not depth or self.model.device.type == "cuda":
            return 0
        states, need = self.corpus.states, 0.0
        for split in ("train", "val"):
            size = states.megabytes(self.corpus.tokens(split))
            if (split, depth) not in states.stores and size <= MEMORY_MEGABYTES / 2:
                need += size
        return int(min(need, MEMORY_MEGABYTES) * 2**20)

    def _masks(self, recipe: Recipe, needs: Needs, tokens: int, recompute: bool) -> int:
        """Bytes of dropout masks: views of the pool in a tiny pass (not counted there), but copies in a large pass."""
        if not recipe.dropout or next(self.model.encoder.parameters()).dtype != torch.float32:
            return 0  # in a narrower type they are copies in a tiny pass as well, so they are measured
        blocks = [sum(4 * tokens * w for w in widths if tokens * w > Dropout.POOL // 2) for widths in needs.widths]
        return (max(blocks, default=0) if recompute else sum(blocks)) * self.model.passes

    def _needs(self, recipe: Recipe, recompute: bool) -> Needs:
        key = (f"{recipe.rank} {recipe.sites} {recipe.dropout}", recompute)
        if key not in self.measured:
            depth, top = self._depth(recipe), recipe.sites.depth(self.model.layers)
            sizes = (min(SHORT, self.model.max_positions), min(LONG, self.model.max_positions))
            with self._on(recipe):
                self.measured[key] = Needs(
                    sum(p.numel() for p in self.model.trainable().values()),
                    tuple(map(_widths, self.model.stack)),
                    _grown(lambda b, t: _live(self.corpus, depth, b, t, top, recompute, True), *sizes),
                    _grown(lambda b, t: _live(self.corpus, depth, b, t, top, False, False), *sizes),
                )
        return self.measured[key]

    @contextmanager
    def _on(self, recipe: Recipe) -> Iterator[None]:
        """Attach this recipe's adapter; detach it afterwards."""
        head, classes = self.model.head, self.corpus.classes
        with torch.random.fork_rng(devices=[]):
            self.model.attach(recipe)
            self.model.set_head(torch.zeros(classes, self.model.hidden), torch.zeros(classes))
            try:
                self.model.train_mode(True, recipe.seed)
                yield
            finally:
                self.model.train_mode(False)
                self.model.detach()
                self.model.head = head


def _widths(block: nn.Module) -> tuple[int, ...]:
    """Input sizes of a block's adapted layers."""
    modules: list[Any] = list(block.modules())
    return tuple(int(m.in_features) for m in modules if hasattr(m, "lora_A"))


def held(device: torch.device) -> int:
    """Bytes in use by this process: tensors on a GPU, resident memory elsewhere."""
    if device.type == "cuda":
        return torch.cuda.memory_allocated(device)
    give_back()
    return held_bytes()


def whole_bytes(device: torch.device) -> int:
    """Bytes that this process can use on a GPU in all: what it holds, and what no other process holds."""
    free, _ = torch.cuda.mem_get_info(device)
    return free + torch.cuda.memory_reserved(device)


def give_back() -> None:
    """Return freed memory from the C library to the system, or it would be counted twice (glibc only)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _grown(live: Callable[[int, int], int], short: int, long: int) -> Growth:
    """Solve for `Growth` from three passes: one and two short texts, and one long text."""
    one, two, far = live(1, short), live(2, short), live(1, long)
    a, square = (two - one) / short, 0.0
    if long > short:
        square = max(0.0, ((far - one) / (long - short) - a) / long)  # (T2^2 - T1^2) / (T2 - T1) - T1 = T2
    token = max(0.0, a - square * short)
    return Growth(max(0.0, one - token * short - square * short * short), token, square)


def _live(corpus: Corpus, depth: int, rows: int, width: int, top: int, recompute: bool, learn: bool) -> int:
    """Peak bytes of a pass over `rows` texts of `width` tokens, the last one padding; `learn`: with backward pass."""
    model = corpus.model
    config: Any = model.encoder.config
    size = min(int(config.vocab_size), len(model.tokenizer))
    ids = (torch.arange(rows * width, device=model.device) * 7 % size).view(rows, width)
    mask = torch.ones((rows, width), dtype=torch.bool, device=model.device)
    mask[:, -1] = width == 1
    if depth and not corpus.tuple_blocks:
        _look(corpus, depth, ids, mask)
    parameters = [*model.encoder.parameters(), *model.encoder.buffers(), *model.head.parameters()]
    existing: list[Tensor] = [ids, mask, *parameters, *model.rate_pools.values()]
    blocks = list(model.stack)[-top:]
    with (
        recomputed(blocks) if recompute else nullcontext(),
        replaced_below(model.stack, depth, corpus.tuple_blocks) as replay,
        LiveBytes(existing) as live,
        torch.set_grad_enabled(learn),
    ):
        if replay is not None:
            replay.states = torch.zeros((rows, width, model.hidden), dtype=corpus.states.dtype, device=model.device)
        loss = model.logits(ids, mask).sum()
        if learn:
            loss.backward()  # type: ignore[no-untyped-call]
    for parameter in model.trainable().values():
        parameter.grad = None
    return int(live.peak)


@torch.no_grad()
def _look(corpus: Corpus, depth: int, ids: Tensor, mask: Tensor) -> None:
    """Find out whether blocks return tuples, as the first pass of a run does."""
    with capture_output(corpus.model.stack[depth - 1], stop=True) as seen:
        with suppress(Enough):
            corpus.model.hidden_states(ids, mask)
    corpus.tuple_blocks = len(seen[0]) if isinstance(seen[0], tuple) else 0


def check_base(
    spec: str, folder: Path, device: torch.device, limit: int | None, bits: int | None = None, parts: int = 1
) -> None:
    """Check, before anything is loaded, that the weights fit. Raises: EngineError if they exceed `limit` bytes.

    Args: parts: number of processes that hold a shard of the base each; on a CPU each loads the whole base first.
    """
    allowed = limit
    if allowed is None:
        allowed = whole_bytes(device) if device.type == "cuda" else allowed_bytes()
    weights = weight_bytes(folder) // (parts if device.type == "cuda" else 1)
    need = held(device) + (nf4.base_bytes(folder, weights) if bits else weights)
    if allowed is not None and need > allowed:
        raise EngineError(
            "memory.base_bits" if bits else "memory.base",
            name=spec,
            need=format_bytes(need),
            limit=format_bytes(allowed),
        )


def weight_bytes(folder: Path) -> int:
    """Bytes of a base's weights in float32, from the headers of its safetensors files."""
    total = 0
    for path in folder.glob("*.safetensors"):
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length))
        total += sum(math.prod(t["shape"]) for name, t in header.items() if name != "__metadata__")
    return 4 * total
