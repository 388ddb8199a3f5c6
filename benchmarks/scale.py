"""How well `forecast` foretells finished runs, and how independent fits would spread over workers.

    python -m benchmarks.scale [RUN ...]

Reads journals only and trains nothing. The forecast is given what a run knows before its first probe: rows, the pace it
measured, its work, its blocks (results/cost_basis.csv, with what the run then took). Without RUN the arithmetic is done
again on what stands there. results/cost_forecast.csv; results/cost_workers.csv is a simulation, not a measurement.

The first three runs of cost_basis.csv were read back from spans that had been written to a tenth of a second, as their
journals were not kept: work is exact to about 1%, the evaluation before the first step is missing, and the rate of
synthetic-shop-en, whose budget binds nowhere, is that of BANKING77.
"""

import csv
import heapq
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from rankfirst.run.forecast import Basis, forecast

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
    layers, sites = one["run"]["base"]["layers"], first["recipe"]["sites"]
    depth = 1.0 if sites.get("everywhere") else layers / sites["top_layers"]
    return Basis(rows, tokens * weights, one["features"]["work"], first["work"], epoch, 0.0, depth,
                 one["run"]["budget_work"], several=one["run"]["multi_label"])  # fmt: skip


def known(run: Path) -> dict:
    """A row of cost_basis.csv: what the run knew before its first probe, and what it took."""
    events = read(run)
    at = {e["kind"]: e["seconds"] for e in events}
    begun = next(e["seconds"] for e in events if e["kind"] == "start")
    walked = next(e["seconds"] for e in events if e["kind"] == "final_plan")
    name = next(e["payload"]["dataset"] for e in events if e["kind"] == "run")
    took = {"before s": begun, "probes s": walked - begun, "final s": at["final"] - walked, "all s": at["result"]}
    return {"run": name, **asdict(basis(events)), **{step: round(seconds, 1) for step, seconds in took.items()}}


def compare(row: dict) -> list[dict]:
    """The spans beside what was measured."""
    given = {field.name: row[field.name] for field in fields(Basis) if field.name in row}  # older rows know less
    numbers = {name: None if value in ("", None) else float(value) for name, value in given.items()}
    told = {s.step: (s.least, s.likely, s.most) for s in forecast(Basis(**numbers))}
    parts = ("start", "features", "ladder")
    told["before"] = tuple(sum(told[p][i] for p in parts) for i in range(3))
    lines = []
    for step in ("before", "probes", "final", "all"):
        (least, likely, most), seconds = told[step], float(row[f"{step} s"])
        lines.append({"run": row["run"], "step": "before the first probe" if step == "before" else step,
                      "least s": round(least, 1), "likely s": round(likely, 1), "most s": round(most, 1),
                      "measured s": seconds, "inside": least <= seconds <= most})  # fmt: skip
    return lines


@dataclass(frozen=True)
class Job:
    """A run as its parts in seconds; parts follow each other, the arms of one round need not."""

    before: float
    rounds: tuple[tuple[float, ...], ...]  # arms that may be trained side by side, round by round
    after: float


def makespan(jobs: Sequence[Job], workers: int, overhead: float = 0.0) -> float:
    """Seconds until all jobs are done on equal workers, each part going to the first that is free.

    Workers are machines or accelerators of their own: two processes that share cores are not two workers.

    Args:
        overhead: seconds to hand out a part.
    """
    free = [0.0] * workers
    queue = [(0.0, i, 0) for i in range(len(jobs))]  # (ready at, job, next part)
    heapq.heapify(queue)
    done = 0.0
    while queue:
        ready, i, at = heapq.heappop(queue)
        parts = ((jobs[i].before,), *jobs[i].rounds, (jobs[i].after,))
        ends = []
        for seconds in parts[at]:
            begin = max(ready, heapq.heappop(free))
            ends.append(begin + overhead + seconds)
            heapq.heappush(free, ends[-1])
        end = max(ends, default=ready)
        done = max(done, end)
        if at + 1 < len(parts):
            heapq.heappush(queue, (end, i, at + 1))
    return done


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


def stored() -> list[dict]:
    with (RESULTS / "cost_basis.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    runs = [known(Path(run)) for run in sys.argv[1:]]
    names = {row["run"] for row in runs}
    runs = [*(row for row in stored() if row["run"] not in names), *runs]
    write("cost_basis.csv", runs)
    found = [line for row in runs for line in compare(row)]
    for line in found:
        print(line)
    write("cost_forecast.csv", found)
    write("cost_workers.csv", spread())
