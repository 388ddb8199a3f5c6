"""Forward and backward through fused attention on one CPU thread: bfloat16, plain products, and float32.

Usage: OMP_NUM_THREADS=1 python -m benchmarks.attention_backward      (writes results/attention_backward.csv)

Why engine/network/attention.py computes attention in float32 where the base is in bfloat16. Needs no data.
"""

import time
from typing import Final

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention

from benchmarks.tables import RESULTS, append

NAME: Final = "attention_backward"
ROUNDS: Final = 6  # the fastest one counts
SHAPES: Final = ((32, 12, 32, 32), (32, 12, 64, 32), (16, 12, 128, 32), (8, 12, 256, 32), (32, 12, 32, 64))
WAYS: Final = (
    ("fused", SDPBackend.FLASH_ATTENTION, torch.bfloat16),
    ("products", SDPBackend.MATH, torch.bfloat16),
    ("fused", SDPBackend.FLASH_ATTENTION, torch.float32),
)


def main() -> None:
    """Every shape in every way, alternating."""
    torch.set_num_threads(1)
    (RESULTS / f"{NAME}.csv").unlink(missing_ok=True)
    for shape in SHAPES:
        for learns in (True, False):
            best = dict.fromkeys(range(len(WAYS)), float("inf"))
            for _ in range(ROUNDS):
                for i, (_, backend, dtype) in enumerate(WAYS):
                    best[i] = min(best[i], once(shape, backend, dtype, learns))
            told = {f"{way}_{str(dtype).removeprefix('torch.')}_ms": round(1e3 * best[i], 1)
                    for i, (way, _, dtype) in enumerate(WAYS)}  # fmt: skip
            append(NAME, {"texts": shape[0], "heads": shape[1], "tokens": shape[2], "width": shape[3],
                          "backward": int(learns), **told})  # fmt: skip


def once(shape: tuple[int, ...], backend: SDPBackend, dtype: torch.dtype, learns: bool) -> float:
    """Seconds. Args: shape: texts, heads, tokens, width of a head. learns: backward as well."""
    query, key, value = (torch.randn(shape, dtype=dtype, requires_grad=learns) for _ in range(3))
    mask = torch.zeros(shape[0], 1, shape[2], shape[2], dtype=dtype)
    began = time.perf_counter()
    with sdpa_kernel(backend):
        answer = scaled_dot_product_attention(query, key, value, attn_mask=mask)
    if learns:
        answer.backward(torch.ones_like(answer))
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
