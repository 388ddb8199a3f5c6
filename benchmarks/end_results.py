"""`fit` with its defaults on real sets: what it ships, what that scores on test, how long it takes.

Usage: python -m benchmarks.end_results [SET ...]      (sets of RANKFIRST_SHARED/data, default ../shared)
Each set runs in a process of its own (peak memory is per process) and its row is appended to results/end_results.csv.
"""

import csv
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SHARED = Path(os.environ.get("RANKFIRST_SHARED", Path(__file__).parents[2] / "shared"))
RESULTS = Path(__file__).parent / "results" / "end_results.csv"
ENGLISH = {"banking77", "mixatis"}
COLUMNS = ("date", "commit", "machine", "set", "encoder", "seed", "verdict", "test_macro_f1", "test_accuracy",
           "frozen_test_macro_f1", "frozen_test_accuracy", "lora_test_macro_f1", "lora_test_accuracy",
           "tfidf_test_macro_f1", "recipe", "decisions", "seconds", "peak_memory_mb")  # fmt: skip


def measure(name: str) -> dict[str, object]:
    """One `rankfirst fit` from the command line, as a user runs it."""
    data, english = SHARED / "data" / name, name in ENGLISH
    base = [] if english else ["--base-model", str(SHARED / "models" / "e5-small-zh")]
    splits = ["--val", str(data / "val.csv"), "--test", str(data / "test.csv")]
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        command = [Path(sys.executable).parent / "rankfirst", "fit", data / "train.csv", *splits, *base, "-o", run]
        began = time.perf_counter()
        subprocess.run(command, check=True)
        seconds = time.perf_counter() - began
        result = json.loads((run / "result.json").read_text(encoding="utf-8"))
    rungs = {r["name"]: r["test"] or {} for r in result["rungs"]}
    lora, frozen, recipe = rungs.get("lora", {}), rungs["frozen"], result["recipe"]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout
    row = dict.fromkeys(COLUMNS, "")
    return row | {
        "date": time.strftime("%Y-%m-%d"),
        "commit": commit.strip(),
        "machine": f"{platform.machine()} {os.cpu_count()} cores",
        "set": name,
        "encoder": "MiniLM-L6" if english else "e5-small-zh",
        "seed": 0,
        "verdict": result["verdict"],
        "test_macro_f1": result["test"]["macro_f1"],
        "test_accuracy": result["test"]["accuracy"],
        "frozen_test_macro_f1": frozen["macro_f1"],
        "frozen_test_accuracy": frozen["accuracy"],
        "lora_test_macro_f1": lora.get("macro_f1"),
        "lora_test_accuracy": lora.get("accuracy"),
        "tfidf_test_macro_f1": rungs["tfidf"]["macro_f1"],
        "recipe": json.dumps(recipe) if recipe else "",
        "decisions": result["decisions"],
        "seconds": round(seconds, 1),
        "peak_memory_mb": round(result["peak_memory_mb"]),
    }


def main(names: list[str]) -> None:
    """Measure each set and append its row at once, so that a stop loses only the set in flight."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    for name in names or ["tnews", "smp2017", "banking77", "mixatis"]:
        row = measure(name)
        new = not RESULTS.exists()
        with RESULTS.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            if new:
                writer.writeheader()
            writer.writerow(row)


if __name__ == "__main__":
    main(sys.argv[1:])
