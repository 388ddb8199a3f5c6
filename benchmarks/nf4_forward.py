"""What bitsandbytes' own forward on a CPU does to a packed layer, and what unpacking costs. results/nf4_forward.csv.

    OMP_NUM_THREADS=1 python -m benchmarks.nf4_forward

Why `engine.nf4` does its own arithmetic. The first three rows need a CPU with avx512_bf16; others show no change.
"""

import csv
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import torch
from bitsandbytes.functional import dequantize_4bit
from bitsandbytes.nn import Linear4bit

RESULTS = Path(__file__).parent / "results" / "nf4_forward.csv"
WAY_IN, WAY_OUT, ROWS, TURNS = 384, 1536, 512, 20


def layer(compute: torch.dtype) -> Linear4bit:
    torch.manual_seed(0)
    made = Linear4bit(WAY_IN, WAY_OUT, True, compute_dtype=compute, quant_type="nf4")
    made.requires_grad_(False)
    return made.to("cpu").eval()


def milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(TURNS):
        work()
    return round(1e3 * (time.perf_counter() - began) / TURNS, 3)


def main() -> None:
    torch.set_num_threads(1)
    told: dict[str, object] = {}
    one = layer(torch.float32)
    weight, x = dequantize_4bit(one.weight.data, one.weight.quant_state).clone(), torch.randn(ROWS, WAY_IN)
    exact = x @ weight.t() + one.bias
    told["unpacking, ms"] = milliseconds(lambda: dequantize_4bit(one.weight.data, one.weight.quant_state))
    told["product, ms"] = milliseconds(lambda: x @ weight.t())
    with torch.no_grad():
        answered = one(x)
    told["float32 forward without gradients, relative error"] = float(
        (answered - exact).abs().max() / exact.abs().max()
    )
    again = dequantize_4bit(one.weight.data, one.weight.quant_state).float()
    told["weights after it, relative error"] = float((again - weight).abs().max() / weight.abs().max())
    try:
        one(x.clone().requires_grad_())
        told["forward with gradients after it"] = "works"
    except RuntimeError as error:
        told["forward with gradients after it"] = str(error)[:80]
    narrow = layer(torch.bfloat16)
    bias = narrow.bias.clone()
    narrow(x.clone().requires_grad_())
    told["bias after a bfloat16 forward, type"] = str(narrow.bias.dtype)
    told["bias after a bfloat16 forward, error"] = float((narrow.bias.float() - bias).abs().max())
    with RESULTS.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["bitsandbytes " + version("bitsandbytes"), "found"])
        table.writerows(told.items())
    print(*told.items(), sep="\n")


if __name__ == "__main__":
    main()
