"""Where the time of a full-depth epoch goes, by torch's profiler (which itself costs about a tenth).

Usage: python -m benchmarks.profile_epoch      (needs BANKING77, see speed_epoch)
Prints the share of padding, products by kind with their rate, and the other operators; docs/findings.md quotes them.
"""

import tempfile
from collections import defaultdict

from torch.profiler import ProfilerActivity, profile

from benchmarks.end_results import SHARED
from benchmarks.speed_epoch import FULL, LAYERS, engine_on, ours, rows_of
from rankfirst.engine.training.batches import epoch_batches, padding_share

PRODUCTS = ("aten::mm", "aten::addmm", "aten::addmm_")
LEAST = 0.05  # seconds; smaller operators are added up


def shape_of(name: str, shapes: list[list[int]]) -> tuple[int, int, int]:
    """(m, k, n) of a product."""
    left, right = shapes[:2] if name == "aten::mm" else shapes[1:3]
    return left[0], left[1], right[1]


def main() -> None:
    """Two epochs to warm up, one profiled."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    with tempfile.TemporaryDirectory() as folder:
        engine = engine_on(rows_of("banking77"), folder)
        lengths = engine.corpus.lengths["train"]
        print(f"padding: {padding_share(lengths, epoch_batches(lengths, FULL.batch_size, FULL.seed, 0)):.1%}")
        epoch = ours(engine, LAYERS)
        epoch()
        epoch()
        with profile(activities=[ProfilerActivity.CPU], record_shapes=True) as seen:
            epoch()
    seconds: dict[str, float] = defaultdict(float)
    work: dict[str, float] = defaultdict(float)
    for event in seen.key_averages(group_by_input_shape=True):
        name, spent = event.key, event.self_cpu_time_total * 1e-6
        if name in PRODUCTS:
            m, k, n = shape_of(name, event.input_shapes)
            name = "low-rank products" if FULL.rank in (m, k, n) else "products with frozen weights and the head"
            work[name] += 2e-9 * m * k * n * event.count
        seconds[name] += spent
    print(f"epoch under the profiler: {epoch.seconds:.1f} s")  # type: ignore[attr-defined]
    for name, spent in sorted(seconds.items(), key=lambda item: -item[1]):
        if spent >= LEAST:
            print(f"{spent:6.2f} s  {name}" + (f", {work[name] / spent:.0f} GFLOP/s" if name in work else ""))
    print(f"{sum(s for s in seconds.values() if s < LEAST):6.2f} s  all smaller ones")


if __name__ == "__main__":
    main()
