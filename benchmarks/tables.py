"""Small result files: one CSV a benchmark, a line a run."""

import csv
import subprocess
from collections.abc import Mapping
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


def append(name: str, row: Mapping[str, object]) -> None:
    """Print `row` and add it to `results/NAME.csv`, which is begun when missing."""
    print(row, flush=True)
    path = RESULTS / f"{name}.csv"
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(row))
        if new:
            writer.writeheader()
        writer.writerow(row)


def read(name: str) -> list[dict[str, str]]:
    """The rows of `results/NAME.csv`; empty if nothing was measured."""
    path = RESULTS / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def commit() -> str:
    """The checked-out commit of the code that is measured."""
    ask = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    return subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
