"""How well `forecast` foretells finished runs, and how independent fits would spread over workers.

    python -m benchmarks.scale RUN [RUN ...]

Reads journals only and trains nothing. The forecast is given what a run knows before its first probe: rows, the pace it
measured, its work. results/cost_forecast.csv; results/cost_workers.csv is a simulation, not a measurement.
"""

import csv
import json
import sys
from pathlib import Path

from rankfirst.forecast import Basis, Job, forecast, makespan

RESULTS = Path(__file__).parent / "results"
WORKERS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)


def read(run: Path) -> list[dict]:
    return [json.loads(line) for line in (run / "journal.jsonl").read_text(encoding="utf-8").splitlines()]


def basis(events: list[dict]) -> Basis:
    one = {e["kind"]: e["payload"] for e in reversed(events)}
    pace, rows = one["pace"], one["profile"]["n_train"]
    tokens = max(t["tokens_per_second"] for t in pace["trials"]
                 if (t["dtype"], t["threads"]) == (pace["dtype"], pace["threads"]))  # fmt: skip
    first = one["probe"]
    share = min(1.0, 3000 / rows)  # rows of a probe
    weights = 2e-12 * 6 * 1774464  # TFLOP a token through MiniLM-L6, the base of all runs here
    epoch = first["work"] / first["epochs"] / share
    return Basis(rows, tokens * weights, one["features"]["work"], first["work"], epoch, one["run"]["budget_work"])


def compare(run: Path) -> list[dict]:
    events = read(run)
    at = {e["kind"]: e["seconds"] for e in events}
    begun = next(e["seconds"] for e in events if e["kind"] == "start")
    walked = next(e["seconds"] for e in events if e["kind"] == "final_plan")
    measured = {"before the first probe": begun, "probes": walked - begun, "final": at["final"] - walked,
                "all": at["result"]}  # fmt: skip
    name = next(e["payload"]["dataset"] for e in events if e["kind"] == "run")
    told = {s.step: (s.least, s.most) for s in forecast(basis(events))}
    parts = ("start", "features", "ladder")
    told["before the first probe"] = (sum(told[p][0] for p in parts), sum(told[p][1] for p in parts))
    return [{"run": name, "step": step, "least s": round(told[step][0], 1), "most s": round(told[step][1], 1),
             "measured s": round(seconds, 1), "inside": told[step][0] <= seconds <= told[step][1]}
            for step, seconds in measured.items()]  # fmt: skip


def spread() -> list[dict]:
    """BANKING77's measured parts: 34 s before, eight probes of about 20 s, 58 s after; 0.1 s to hand out a part."""
    chain = Job(34, tuple((20.0,) for _ in range(8)), 58)
    side = Job(34, ((20.0,), (20.0,) * 4, (20.0,) * 3), 58)  # if every arm of a stage were trained at once
    cases = {"one fit": [chain], "one fit, arms side by side": [side], "20 fits": [chain] * 20}
    cases["500 fits"] = [chain] * 500
    alone = {name: makespan(jobs, 1, 0.1) for name, jobs in cases.items()}
    return [{"case": name, "workers": m, "hours": round(makespan(jobs, m, 0.1) / 3600, 4),
             "speedup": round(alone[name] / makespan(jobs, m, 0.1), 2)}
            for name, jobs in cases.items() for m in WORKERS]  # fmt: skip


def write(name: str, rows: list[dict]) -> None:
    with (RESULTS / name).open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    found = [row for run in sys.argv[1:] for row in compare(Path(run))]
    for row in found:
        print(row)
    write("cost_forecast.csv", found)
    write("cost_workers.csv", spread())
