"""Where the wall clock of `fit` goes, stage by stage, on four sets, and whether the account agrees with the clock.

    python -m benchmarks.where_time_goes FOLDER [SET ...]    (the runs go to FOLDER; results/where_time_goes.csv)

Each set is fitted by the command line in a process of its own, as a user does it. A row that is there already is not
measured again, and a run that was killed continues, so a stop loses the step in flight. SET may be a cut, such as
`snips-300`: so many training rows. `clock` are the seconds of the whole process, its imports and the report included.
"""

import csv
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.end_results import SHARED
from benchmarks.tables import append
from benchmarks.two_versions import CHINESE_BASE, Cut, write

SETS: Final = (Cut("banking77", 3000, 1000), Cut("nlupp", 10**9, 10**9), Cut("mixsnips", 2000, 700),
               Cut("smp2017", 10**9, 10**9, chinese=True))  # fmt: skip
TABLE: Final = "where_time_goes"
STAGES: Final = ("start", "pace", "checks", "baselines", "encode", "cache", "probes", "evaluation", "decisions",
                 "final", "held_out", "calibration", "refit", "delivery", "other")  # fmt: skip


def named(text: str) -> Cut:
    """`snips-300` -> 300 training rows of snips, and a third of that of validation and test each."""
    found = re.fullmatch(r"(\w+?)(?:-(\d+))?", text)
    assert found, text
    known = next((cut for cut in SETS if cut.name == found[1]), None)
    rows = int(found[2]) if found[2] else None
    if known is not None and rows is None:
        return known
    return Cut(found[1], rows or 10**9, rows // 3 if rows else 10**9, chinese=known is not None and known.chinese)


def fitted(cut: Cut, folder: Path) -> tuple[Path, float]:
    """(the run, seconds of the process): a killed run continues."""
    rows, out = write(cut, folder / "rows" / f"{cut.name}-{cut.train}"), folder / f"{cut.name}-{cut.train}"
    words = ["fit", rows / "train.csv", "--val", rows / "val.csv", "--test", rows / "test.csv", "-o", out, "-q"]
    words += ["--base-model", CHINESE_BASE] if cut.chinese else []
    began = time.monotonic()
    environment = os.environ | {"RANKFIRST_LANG": "en"}
    subprocess.run([sys.executable, "-m", "rankfirst", *map(str, words), "--profile-time"], env=environment, check=True)
    return out, time.monotonic() - began


def row(cut: Cut, result: Mapping[str, Any], pace: Mapping[str, Any], clock: float) -> dict[str, Any]:
    """One line of the table: seconds by stage, and how far their sum is from the run's own seconds."""
    spent, seconds = result["time"], result["seconds"]
    assert set(spent) <= set(STAGES), f"stages of another version: {sorted(set(spent) - set(STAGES))}"
    shown = {stage: round(spent.get(stage, 0.0), 1) for stage in STAGES}
    return {
        "machine": f"{platform.machine()} {os.cpu_count()} cores", "set": cut.name,
        "rows": result["trained_on"]["rows"], "threads": pace["threads"],
        "dtype": pace["dtype"], "verdict": result["verdict"], "clock": round(clock, 1), "seconds": round(seconds, 1),
        "off_percent": round(100 * abs(sum(spent.values()) - seconds) / seconds, 2), **shown,
    }  # fmt: skip


def measured() -> set[str]:
    """Names of the sets, with their training rows asked for, that the table has."""
    path = Path(__file__).parent / "results" / f"{TABLE}.csv"
    if not path.is_file():
        return set()
    with path.open(encoding="utf-8", newline="") as file:
        return {f"{each['set']}-{each['asked']}" for each in csv.DictReader(file)}


def main(folder: Path, names: list[str]) -> None:
    """Measure each set that the table does not have."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    there = measured()
    for cut in [named(name) for name in names] or SETS:
        if f"{cut.name}-{cut.train}" in there:
            print(f"{cut.name}: measured before")
            continue
        run, clock = fitted(cut, folder)
        events = [json.loads(line) for line in (run / "journal.jsonl").read_text("utf-8").splitlines()]
        pace = next(event["payload"] for event in events if event["kind"] == "pace")
        result = json.loads((run / "result.json").read_text("utf-8"))
        append(TABLE, {"asked": cut.train, **row(cut, result, pace, clock)})


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
