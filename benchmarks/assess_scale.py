"""`assess` on many rows: seconds and peak memory, each size in a process of its own.

Usage: python -m benchmarks.assess_scale [encoder] ROWS ...    (appends to results/assess_scale.csv)

Without `encoder` the rows are assessed with --no-encoder. Rows are synthetic: short requests of a shop's customers, 400
classes of which a fifth of the rows carry a random one, so that nothing is learnt too easily.
"""

import csv
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.tables import append

VERBS = (
    "cancel change track return refund check update find open close delete add move pay send stop start renew".split()
)
NOUNS = "order card account flight ticket password address invoice payment transfer plan phone parcel room loan".split()
OPENINGS = ("i want to", "can you", "please", "how to", "need to", "")
ENDS = ("please", "now", "for me", "today", "since yesterday", "it does not work", "thanks", "from my phone")


def write_rows(path: Path, count: int, seed: int = 0) -> None:
    """Synthetic requests, `text,label`."""
    draw = random.Random(seed)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        for _ in range(count):
            verb, noun = draw.choice(VERBS), draw.choice(NOUNS)
            end = f"number {draw.randrange(100_000)}" if draw.random() < 0.2 else draw.choice(ENDS)
            told = draw.choice(VERBS) if draw.random() < 0.2 else verb
            writer.writerow([f"{draw.choice(OPENINGS)} {verb} my {noun} {end} {draw.choice(NOUNS)}", f"{told}_{noun}"])


def measure(count: int, encoder: bool) -> dict[str, object]:
    """One `rankfirst assess` from the command line."""
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.csv"
        write_rows(rows, count)
        command = [Path(sys.executable).parent / "rankfirst", "assess", rows, "-o", Path(folder) / "out", "--json"]
        began = time.perf_counter()
        said = subprocess.run(
            command + ([] if encoder else ["--no-encoder"]), check=True, capture_output=True, text=True
        )
        seconds = time.perf_counter() - began
    told = json.loads(said.stdout)
    return {
        "date": time.strftime("%Y-%m-%d"),
        "machine": f"{platform.machine()} {os.cpu_count()} cores",
        "rows": count,
        "encoder": "MiniLM-L6" if encoder else "",
        "seconds": round(seconds, 1),
        "peak_mb": round(told["peak_megabytes"]),
        **{f"{step}_s": round(told["seconds"].get(step, 0.0), 1) for step in
           ("checks", "tfidf", "folds", "prefix", "features", "frozen", "suspects", "ceiling", "shift", "rows")},
    }  # fmt: skip


if __name__ == "__main__":
    asked = sys.argv[1:]
    for size in [int(word) for word in asked if word != "encoder"] or [10_000, 100_000, 1_000_000]:
        append("assess_scale", measure(size, "encoder" in asked))
