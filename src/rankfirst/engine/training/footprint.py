"""How much memory a recipe will need, before it is trained, and how to run a step so that it fits.

What the arithmetic of a pass holds is not looked up in a table of architectures: three tiny passes (under 200 tokens)
through the very network, watched operation by operation, say what is fixed, what grows with tokens, and what with their
square. The rest is counted. On a CPU this matters more than on a GPU: there lack of memory is no error that could be
caught, the system ends the process.
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

# Padded tokens that go through the network at once. A step of 32 short texts is one piece; of 32 long ones several,
# whose gradients add up to the same step in a part of the memory.
STEP_TOKENS = 8192
LEAST_PIECE = 1024  # tokens. Smaller pieces waste more time than running the blocks twice
EVALUATION_TOKENS, EVALUATION_ROWS = 4096, 128  # of `batches.sorted_batches`
SHORT, LONG = 24, 96  # tokens of the texts in the tiny passes
SPARE = 0.9  # of what is free: others on the machine move too
# Resident over live bytes. The C library keeps freed blocks for later and the kernels have scratch space of their own;
# measured on one base, benchmarks/memory_plan.py holds it against others. A GPU's allocator is told apart: assumption.
SLACK = {"cpu": 1.2, "cuda": 1.1}
MOMENTS = 3  # Adam's two, and the copy that tells how far a step went: each as large as the adapter
PLENTY = 0.5  # of the room: a generous bound below it needs no measuring
# Floats a token and block, over its linear maps' inputs and outputs, and a head's attention weights if it keeps them.
# BERT keeps 26 times its width where the maps add up to 24; four times as much is more than any block was seen to keep.
GENEROUS = 4
NO_LIMIT = 1 << 62


@dataclass(frozen=True)
class Room:
    """How a step is run."""

    tokens: int = STEP_TOKENS  # padded tokens through the network at once, as far as one text allows
    recompute: bool = False  # see `recompute`


@dataclass(frozen=True)
class Growth:
    """Live bytes of a pass over B texts of T tokens: fixed + per_token * B * T + per_square * B * T * T."""

    fixed: float
    per_token: float
    per_square: float

    def at(self, tokens: int, width: int) -> float:
        """Bytes of a pass over `tokens` padded tokens in texts of `width`."""
        return self.fixed + self.per_token * tokens + self.per_square * tokens * width


@dataclass(frozen=True)
class Needs:
    """What one recipe's passes need, measured."""

    adapter: int  # weights that learn
    widths: tuple[tuple[int, ...], ...]  # inputs of each block's adapted maps
    step: Growth
    evaluation: Growth


class Planner:
    """Predicts for one corpus; what a recipe's passes need is measured once a recipe."""

    def __init__(self, corpus: Corpus, limit: int | None) -> None:
        """Args: limit: bytes; None: what this machine allows."""
        self.corpus, self.model, self.given = corpus, corpus.model, limit
        self.world = corpus.model.world
        self.known: dict[tuple[str, bool], Needs] = {}

    def limit(self) -> int:
        """Bytes that may be used, those held already among them."""
        if self.given is not None:
            return self.given
        now, shared = self.held(), 1
        if self.model.device.type == "cuda":
            free, _ = torch.cuda.mem_get_info(self.model.device)
            found: int | None = free + torch.cuda.memory_reserved(self.model.device)
        else:
            found, shared = allowed_bytes(), self.world.size  # all of them are on this machine
        return NO_LIMIT if found is None else now + int(self.world.least(SPARE * max(0, found - now) / shared))

    def held(self) -> int:
        """Bytes this process holds; of those that train together, the one that holds the most."""
        return -int(self.world.least(-held(self.model.device)))

    def room(self, recipe: Recipe) -> Room | None:
        """How a step of this recipe fits; None when not even one text does. Nothing is measured where much is free."""
        limit = self.limit()
        if self.bound(recipe) <= PLENTY * (limit - self.held()):
            return Room()
        if self.world.sharded:  # watched, the parts that come and go would count as kept
            return Room(max(LEAST_PIECE, self.longest), recompute=True)
        plan = self.plan(recipe, limit)
        return Room(plan.tokens, plan.recompute) if plan.fits else None

    def bound(self, recipe: Recipe) -> float:
        """Bytes beyond those held that no step of this recipe will reach."""
        block, longest = self.model.stack[-1], self.longest
        heads = int(getattr(self.model.encoder.config, "num_attention_heads", 0) or self.model.hidden // 64)
        linear = [m for m in block.modules() if isinstance(m, nn.Linear)]
        widths = sum(m.in_features + m.out_features for m in linear) or 24 * self.model.hidden
        unpacked = 2 * 4.0 * max((nf4.numbers(m.weight) for m in linear), default=0) if self.model.bits else 0.0
        depth = (min(recipe.sites.top_layers, self.model.layers) + 2) * self.model.passes
        tokens = self.own(self.tokens(recipe, STEP_TOKENS))
        return GENEROUS * 4.0 * depth * tokens * (widths + heads * longest) + unpacked + self._states(recipe)

    @property
    def longest(self) -> int:
        """Tokens of the longest training text, all its windows together."""
        return max(self.corpus.lengths["train"], default=1)

    def tokens(self, recipe: Recipe, most: int) -> int:
        """Padded tokens of the largest piece of a step that holds at most `most` (but one text)."""
        return max(self.longest, min(most, self.longest * recipe.batch_size))

    def own(self, tokens: int) -> int:
        """Of the tokens of a piece, those that go through this process."""
        return max(self.longest, -(-tokens // self.world.size))

    def plan(self, recipe: Recipe, limit: int | None = None) -> Footprint:
        """The first way that fits: the whole step, smaller pieces, blocks run twice, and then smaller pieces again.

        Where none fits it is the last one, and `Footprint.fits` says so.
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
        """What this recipe needs when its steps are run that way."""
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
        depth = max(0, self.model.layers - recipe.sites.top_layers)
        return depth if self.corpus.cacheable(depth) else 0

    def _states(self, recipe: Recipe) -> int:
        """Bytes of states in memory that are not there yet; those in a file can be dropped by the system."""
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
        """Dropout masks that a tiny pass takes as views of the pool, and a large one must put together."""
        if not recipe.dropout or next(self.model.encoder.parameters()).dtype != torch.float32:
            return 0  # in a narrower type they are copies anyhow, and seen
        blocks = [sum(4 * tokens * w for w in widths if tokens * w > Dropout.POOL // 2) for widths in needs.widths]
        return (max(blocks, default=0) if recompute else sum(blocks)) * self.model.passes

    def _needs(self, recipe: Recipe, recompute: bool) -> Needs:
        key = (f"{recipe.rank} {recipe.sites} {recipe.dropout}", recompute)
        if key not in self.known:
            depth, top = self._depth(recipe), recipe.sites.top_layers
            sizes = (min(SHORT, self.model.max_positions), min(LONG, self.model.max_positions))
            with self._on(recipe):
                self.known[key] = Needs(
                    sum(p.numel() for p in self.model.trainable().values()),
                    tuple(map(_widths, self.model.stack)),
                    _grown(lambda b, t: _live(self.corpus, depth, b, t, top, recompute, True), *sizes),
                    _grown(lambda b, t: _live(self.corpus, depth, b, t, top, False, False), *sizes),
                )
        return self.known[key]

    @contextmanager
    def _on(self, recipe: Recipe) -> Iterator[None]:
        """The network with this recipe's adapter; afterwards it is bare again."""
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
    """Inputs of a block's adapted maps."""
    modules: list[Any] = list(block.modules())
    return tuple(int(m.in_features) for m in modules if hasattr(m, "lora_A"))


def held(device: torch.device) -> int:
    """Bytes this process holds now: tensors on a GPU, resident memory elsewhere."""
    if device.type == "cuda":
        return torch.cuda.memory_allocated(device)
    give_back()
    return held_bytes()


def give_back() -> None:
    """Hand what the C library keeps of freed tensors back to the system, or it would be counted twice (glibc only)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _grown(live: Callable[[int, int], int], short: int, long: int) -> Growth:
    """Three equations: one and two short texts, one long one."""
    one, two, far = live(1, short), live(2, short), live(1, long)
    a, square = (two - one) / short, 0.0
    if long > short:
        square = max(0.0, ((far - one) / (long - short) - a) / long)  # (T2^2 - T1^2) / (T2 - T1) - T1 = T2
    token = max(0.0, a - square * short)
    return Growth(max(0.0, one - token * short - square * short * short), token, square)


def _live(corpus: Corpus, depth: int, rows: int, width: int, top: int, recompute: bool, learn: bool) -> int:
    """Bytes that a pass over so many texts of so many tokens holds at most; the last token is padding."""
    model = corpus.model
    config: Any = model.encoder.config
    size = min(int(config.vocab_size), len(model.tokenizer))
    ids = (torch.arange(rows * width, device=model.device) * 7 % size).view(rows, width)
    mask = torch.ones((rows, width), dtype=torch.bool, device=model.device)
    mask[:, -1] = width == 1
    if depth and not corpus.tuple_blocks:
        _look(corpus, depth, ids, mask)
    parameters = [*model.encoder.parameters(), *model.encoder.buffers(), *model.head.parameters()]
    known: list[Tensor] = [ids, mask, *parameters, *model.rate_pools.values()]
    blocks = list(model.stack)[-min(top, len(model.stack)) :]
    with (
        recomputed(blocks) if recompute else nullcontext(),
        replaced_below(model.stack, depth, corpus.tuple_blocks) as replay,
        LiveBytes(known) as live,
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
    """Find out whether blocks return tuples, as the first pass of a run would."""
    with capture_output(corpus.model.stack[depth - 1], stop=True) as seen:
        with suppress(Enough):
            corpus.model.hidden_states(ids, mask)
    corpus.tuple_blocks = len(seen[0]) if isinstance(seen[0], tuple) else 0


def check_base(
    spec: str, folder: Path, device: torch.device, limit: int | None, bits: int | None = None, parts: int = 1
) -> None:
    """Before anything is loaded. Raises: EngineError when the weights alone are more than `limit` bytes allow.

    Args: parts: processes that hold a part of the base each, which on a CPU is whole for a moment in each of them.
    """
    allowed = limit if limit is not None or device.type == "cuda" else allowed_bytes()
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
    """Bytes of a base's weights in float32, from the headers of its files."""
    total = 0
    for path in folder.glob("*.safetensors"):
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length))
        total += sum(math.prod(t["shape"]) for name, t in header.items() if name != "__metadata__")
    return 4 * total
