"""Does `fit --dry-run` foretell how long a fit takes?

Usage: python -m benchmarks.forecasts SET ...    (appends to results/forecasts.csv)

Beside the seconds of the set's newest whole fit (results/outcomes_fits.csv), which has to be of the same machine and
version, with as many cores. SET is a name of `outcomes/sets.py`. Aim: within 30% of the likely seconds.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import rankfirst
from benchmarks.end_results import SHARED
from benchmarks.outcomes.sets import CASES, Case
from benchmarks.tables import append, commit, read

NAME: Final = "forecasts"


def main(arguments: list[str] | None = None) -> None:
    """A line for each set."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecasts")
    parser.add_argument("sets", nargs="+", metavar="SET", choices=sorted(CASES))
    options = parser.parse_args(arguments)
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    took = {row["set"]: row for row in read("outcomes_fits")}  # the newest of a set is its last row
    for name in options.sets:
        whole = forecast(CASES[name])
        seconds = float(took[name]["seconds"])
        append(NAME, {"set": name, "least": round(whole["least"]), "likely": round(whole["likely"]),
                      "most": round(whole["most"]), "took": round(seconds),
                      "off_percent": round(100 * (seconds / whole["likely"] - 1)),
                      "commit": commit(), "fit_commit": took[name]["commit"]})  # fmt: skip


def forecast(case: Case) -> dict[str, float]:
    """The sum of the steps that `fit --dry-run` foretells."""
    with tempfile.TemporaryDirectory() as work:
        data = case.folder(Path(work))
        words = ["fit", data / "train.csv", "--val", data / "val.csv", "--test", data / "test.csv"]
        words += [] if case.base is None else ["--base-model", case.base]
        environment = os.environ | {"PYTHONPATH": str(Path(rankfirst.__file__).parents[1]), "RANKFIRST_LANG": "en"}
        command = [sys.executable, "-m", "rankfirst", *words, "--dry-run", "--json"]
        told = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    whole: dict[str, float] = json.loads(told.splitlines()[-1])["steps"][-1]
    return whole


if __name__ == "__main__":
    main()
