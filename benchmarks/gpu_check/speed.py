"""How fast: matrix products, steps of one recipe and of several at once, a sweep, attention, torch.compile."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention

from benchmarks.gpu_check.box import Box, MissingError, remember, remembered, rows
from rankfirst.engine.base import no_watch
from rankfirst.engine.device import be_deterministic
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.network import attention
from rankfirst.engine.training.frozen_prefix import replaced_below
from rankfirst.engine.training.loop import block_weights
from rankfirst.engine.training.packed import Member, Pack
from rankfirst.records import ALL_ROLES, ATTENTION_QV, Pace, Recipe, Sites

GEMM_SHARE, AT_ONCE = 0.5, 4.0  # what is aimed at: of the bf16 matrix product's rate; a sweep at once against in turn


def seconds(box: Box, work: Callable[[], Any], rounds: int = 5) -> float:
    """The fastest of several rounds, after one to warm up."""
    work()
    best = float("inf")
    for _ in range(rounds):
        box.wait()
        began = time.perf_counter()
        work()
        box.wait()
        best = min(best, time.perf_counter() - began)
    return best


def products(box: Box) -> None:
    """TFLOP/s of a square matrix product in each type."""
    n = box.size.products
    for name, dtype, precision in (("bfloat16", torch.bfloat16, "highest"), ("float32", torch.float32, "highest"),
                                   ("tf32", torch.float32, "high")):  # fmt: skip
        torch.set_float32_matmul_precision(precision)
        a, b = (torch.randn(n, n, device=box.device, dtype=dtype) for _ in range(2))
        spent = seconds(box, lambda a=a, b=b: [a @ b for _ in range(5)])
        box.note(**{name: 5 * 2e-12 * n**3 / spent})
    torch.set_float32_matmul_precision("highest")
    remember(box, "gemm", box.figures)


def _recipes(made: LocalEngine, count: int, sites: Sites | None = None) -> list[Recipe]:
    wide = Sites(ALL_ROLES, made.model.layers)
    return [Recipe(8, sites or wide, 2.0, 1e-4 * (n + 1), 0.1) for n in range(count)]


def _in_type(box: Box, made: LocalEngine, dtype: str) -> LocalEngine:
    made.adopt(Pace(str(box.device), dtype, torch.get_num_threads(), ()))
    return made


def steps(box: Box, made: LocalEngine, recipes: Sequence[Recipe], warm: int = 3) -> tuple[float, int, int]:
    """(seconds, real tokens, padded tokens) of an epoch's packed steps without the first ones, of one recipe's rows."""
    chosen = list(range(len(made.dataset.train)))
    members = [Member(made._loop(recipe, None), chosen, 1, no_watch) for recipe in recipes]
    pack = Pack(members)
    batches: list[list[int]] = []
    for member in members:
        member.put_on()
        batches = member.loop.begin_epoch(chosen)
    lengths = made.corpus.lengths["train"]
    with replaced_below(made.model.stack, pack.depth, made.corpus.tuple_blocks) as replay:
        pack._put_on()
        for batch in batches[:warm]:
            pack._step(batch, replay, False)
        box.wait()
        began = time.perf_counter()
        for batch in batches[warm:]:
            pack._step(batch, replay, False)
        box.wait()
        spent = time.perf_counter() - began
        pack._take_off()
    made.model.detach()
    real = sum(lengths[r] for batch in batches[warm:] for r in batch)
    return spent, real, sum(len(batch) * max(lengths[r] for r in batch) for batch in batches[warm:])


def step_rates(box: Box) -> None:
    """Steps of a base-size encoder with all layers adapted, as a share of the matrix product's rate."""
    gemm = (remembered(box, "gemm") or {}).get("bfloat16")
    made = _in_type(box, box.engine(box.source("bert"), rows(box.size.rows // 2, 24, 16), "rates"), "bfloat16")
    block = block_weights(made.model.stack[0]) * made.model.layers
    for count in (1, 4, 8, 16) if box.size.name == "real" else (1, 2):
        spent, real, padded = steps(box, made, _recipes(made, count), 3 if box.size.name == "real" else 0)
        rate = 4e-12 * block * real * count / spent
        told = {"tokens_per_second": real * count / spent, "tflops": rate, "padding": 1 - real / padded}
        box.note(**{f"{count} recipes": told | {"share": rate / gemm if gemm else None}})
    if gemm:
        best = max(value["share"] for value in box.figures.values())
        box.target("share of the bfloat16 matrix product", best, least=GEMM_SHARE)


def sweep(box: Box) -> None:
    """Probes of a whole sweep, evaluation and all: at once against in turn, with the top blocks or all of them."""
    data = rows(box.size.rows // 2, 24, 128)
    for dtype in ("bfloat16", "float32"):
        for name, top in {"top": True, "all": False}.items():
            made = _in_type(box, box.engine(box.source("bert"), data, f"sweep-{dtype}-{name}"), dtype)
            sites = Sites(ATTENTION_QV, max(1, made.model.layers // 3)) if top else None
            asked = _recipes(made, box.size.recipes, sites)
            made.expect(asked[0])
            made.features("train")
            spent = {}
            for pack in (True, False):
                made.pack = pack
                made.probes(asked[:2], 1)
                with box.timed(f"{dtype} {name} {'at once' if pack else 'in turn'} s"):
                    made.probes(asked, 1)
                spent[pack] = box.figures[f"{dtype} {name} {'at once' if pack else 'in turn'} s"]
            box.target(f"{dtype} {name}: in turn / at once", spent[False] / spent[True], least=AT_ONCE)


def attend(box: Box) -> None:
    """Attention forward and backward by kernel, with and without a mask, and with our care for its backward pass."""
    be_deterministic(box.device)
    wide = (32, 12, 256, 64) if box.size.name == "real" else (2, 2, 8, 16)
    kernels = {"flash": SDPBackend.FLASH_ATTENTION, "efficient": SDPBackend.EFFICIENT_ATTENTION,
               "cudnn": SDPBackend.CUDNN_ATTENTION, "plain": SDPBackend.MATH}  # fmt: skip
    for dtype in (torch.bfloat16, torch.float32):
        inputs = [torch.randn(wide, device=box.device, dtype=dtype, requires_grad=True) for _ in range(3)]
        mask = torch.ones(wide[0], 1, wide[2], wide[2], dtype=torch.bool, device=box.device)
        mask[..., wide[2] // 2 :] = False
        for masked in (None, mask):
            told = f"{str(dtype).removeprefix('torch.')}{' masked' if masked is not None else ''}"

            def once(masked: torch.Tensor | None = masked, inputs: list[torch.Tensor] = inputs) -> None:
                scaled_dot_product_attention(*inputs, attn_mask=masked).sum().backward()

            for kernel, backend in kernels.items():
                try:
                    with sdpa_kernel(backend):
                        box.note(**{f"{told} {kernel} ms": 1e3 * seconds(box, once)})
                except RuntimeError as error:
                    box.note(**{f"{told} {kernel} ms": str(error).splitlines()[0][:120]})
            box.note(**{f"{told} chosen ms": 1e3 * seconds(box, once)})

            def careful(masked: torch.Tensor | None = masked, inputs: list[torch.Tensor] = inputs) -> None:
                attention.deterministic(scaled_dot_product_attention, *inputs, attn_mask=masked).sum().backward()

            box.note(**{f"{told} deterministic ms": 1e3 * seconds(box, careful)})


def varlen(box: Box) -> None:
    """Attention over packed texts without padding against padded ones, in values and in time."""
    if not box.gpu:
        raise MissingError("a GPU: torch's attention over packed texts has no kernel for a CPU")
    from torch.nn.attention.varlen import varlen_attn

    lengths = [16 + 16 * (n % 16) for n in range(32)]
    heads, width, longest = 12, 64, max(lengths)
    ends = torch.tensor([0, *lengths], device=box.device).cumsum(0).to(torch.int32)
    flat = [torch.randn(sum(lengths), heads, width, device=box.device, dtype=torch.bfloat16, requires_grad=True)
            for _ in range(3)]  # fmt: skip
    index = torch.cat([torch.arange(n) + row * longest for row, n in enumerate(lengths)]).to(box.device)
    mask = (torch.arange(longest)[None] < torch.tensor(lengths)[:, None])[:, None, None].to(box.device)

    def spread(x: torch.Tensor) -> torch.Tensor:
        """(real tokens, heads, width) -> (texts, heads, tokens, width) with zeros as padding."""
        wide = x.detach().new_zeros(len(lengths) * longest, heads, width).index_copy(0, index, x.detach())
        return wide.view(len(lengths), longest, heads, width).transpose(1, 2).contiguous().requires_grad_()

    padded = [spread(x) for x in flat]

    def packed() -> torch.Tensor:
        return varlen_attn(*flat, ends, ends, longest, longest)  # type: ignore[no-any-return]

    def plain() -> torch.Tensor:
        return scaled_dot_product_attention(*padded, attn_mask=mask)

    mine = packed().detach()
    theirs = plain().detach().transpose(1, 2).reshape(-1, heads, width)[index]
    box.close("values", mine.float().cpu(), theirs.float().cpu(), 0.02)
    box.note(
        real=sum(lengths),
        padded=longest * len(lengths),
        packed_ms=1e3 * seconds(box, lambda: packed().sum().backward()),
        padded_ms=1e3 * seconds(box, lambda: plain().sum().backward()),
    )


def compiled(box: Box) -> None:
    """torch.compile of the frozen base: does it run here, how exact and how fast is it, and what does it cost first?"""
    made = _in_type(box, box.engine(box.source("bert"), rows(64, 48, 16, vary=False), "compiled"), "bfloat16")
    model, windows = made.model, made.corpus.texts["train"].windows
    ids, mask = model.pad([windows[r] for r in range(32)])
    mask[:, -2:] = False
    faster = torch.compile(model.encoder, backend="inductor" if box.gpu else "eager")
    with torch.no_grad():
        box.note(eager_ms=1e3 * seconds(box, lambda: model.encoder(input_ids=ids, attention_mask=mask.long())))
        exact = model.hidden_states(ids, mask).float()
        with box.timed("first call s"):
            states = faster(input_ids=ids, attention_mask=mask.long()).last_hidden_state.float()
        box.close("states", states[:, :-2].cpu(), exact[:, :-2].cpu(), 0.05)
        box.note(compiled_ms=1e3 * seconds(box, lambda: faster(input_ids=ids, attention_mask=mask.long())))
