"""What an int8 graph costs without a server around it: CPU time of a batch, by how its session is made.

Usage: python -m benchmarks.serve_graph GRAPH.onnx [OTHER.onnx ...]    (appends to results/serve_graph.csv). In turns;
CPU time of the one thread that computes, which a busy machine disturbs less than a clock.
"""

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from benchmarks.tables import append
from rankfirst.model.onnx.runtime import session

TOKENS = 13  # the middle text of BANKING77
SIZES = {1: 200, 8: 40, 40: 15, 64: 10, 320: 4}  # texts of a batch -> times


def as_usual(path: Path) -> Any:
    """One thread, every fusion of onnxruntime's."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def main(paths: list[Path]) -> None:
    """A line a graph, a way and a size."""
    random = np.random.default_rng(0)
    ways = {(path.stem, name): make(path) for path in paths for name, make in (("usual", as_usual), ("ours", session))}
    for texts, times in SIZES.items():
        ids = random.integers(1000, 20000, (texts, TOKENS))
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        took: dict[tuple[str, str], list[float]] = {way: [] for way in ways}
        for _ in range(times):
            for way, made in ways.items():
                began = time.thread_time()
                made.run(["logits"], feed)
                took[way].append(1000 * (time.thread_time() - began))
        for (graph, way), each in took.items():
            append("serve_graph", {"graph": graph, "session": way, "texts": texts, "tokens": TOKENS,
                                   "cpu_ms_p10": round(float(np.percentile(each, 10)), 2),
                                   "cpu_ms_p50": round(float(np.median(each)), 2)})  # fmt: skip


if __name__ == "__main__":
    main([Path(path) for path in sys.argv[1:]])
