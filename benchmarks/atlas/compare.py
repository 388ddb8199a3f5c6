"""Every adviser and every searcher over every pair of the atlas, judged by outcomes.

Usage: python -m benchmarks.atlas.compare [--work DIR] [--starts branched|grid] [--csv]
`--work` reads what a build has so far instead of the packed pairs. Another method is one line more in ADVISERS or
SEARCHERS.
"""

import argparse
import csv
import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import inf, isnan, nan
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.atlas import baselines, design, judge, replay, search, store
from benchmarks.atlas.baselines import Fit, untrained
from benchmarks.atlas.judge import Answer, Score, Truth
from benchmarks.atlas.regret import Yardstick
from benchmarks.atlas.search import Found, Searcher
from benchmarks.atlas.store import Atlas
from benchmarks.tables import RESULTS
from rankfirst.records import Recipe

DRAWS = 10  # of what depends on chance, among advisers
REPLAYS = 20  # of what depends on chance, among searchers
RESAMPLED = 300  # data sets drawn again behind an interval


@dataclass(frozen=True)
class Contest:
    """A searcher, what it may spend, and how often it is asked."""

    search: Searcher
    budget: float = inf  # full runs of the default recipe
    replays: int = REPLAYS


# Several fits of one name are one method under several seeds.
ADVISERS: dict[str, Sequence[Fit]] = {
    "ours": [untrained(replay.advise)],
    "ours, reading only": [untrained(replay.read)],
    "do nothing": [untrained(baselines.always("none"))],
    "random move": [untrained(baselines.random_move(seed)) for seed in range(DRAWS)],
    "always lr+": [untrained(baselines.always("lr+"))],
    "always rank+": [untrained(baselines.always("rank+"))],
    "always sites+": [untrained(baselines.always("sites+"))],
    "train/val tree": [baselines.train_val_tree()],
    "train/val tree, sees recipe": [baselines.train_val_tree(recipe=True)],
    "AutoTrainer": [untrained(baselines.autotrainer)],
    "BTTackler": [untrained(baselines.bttackler)],
    "one probe each, constant lr": [untrained(baselines.one_probe_each("loss", cooled=False))],
    "one cooled probe each, F1": [untrained(baselines.one_probe_each("f1"))],
    "one cooled probe each, log loss": [untrained(baselines.one_probe_each("loss"))],
    "one cooled probe each, 2 SE": [untrained(baselines.one_probe_each("loss", errors=2.0))],
}
SEARCHERS: dict[str, Contest] = {
    "ours": Contest(replay.search, replays=1),
    "ours, from any start": Contest(replay.search_from_any),
    "default": Contest(search.default, replays=1),
    "dense grid": Contest(search.random_search, replays=1),
    "random, 4 runs": Contest(search.random_search, 4),
    "random, 8 runs": Contest(search.random_search, 8),
    "one epoch, top 1": Contest(search.one_epoch_topk(1), replays=1),
    "one epoch, top 3": Contest(search.one_epoch_topk(3), replays=1),
    "one epoch, top 1, 4 runs": Contest(search.one_epoch_topk(1), 4),
    "ASHA, 4 runs": Contest(search.asha, 4),
    "ASHA, 8 runs": Contest(search.asha, 8),
    "TPE, 4 runs": Contest(search.tpe, 4),
    "TPE, 8 runs": Contest(search.tpe, 8),
}
Cases = dict[str, list[tuple[Truth, Answer]]]  # data set -> cases: one cluster each, whatever the encoder or the noise


def main(arguments: Sequence[str] | None = None) -> None:
    """Print both tables, and write them when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--work", type=Path, help="folder of JSONL files a build is writing")
    parser.add_argument("--starts", choices=("branched", "grid"), default="branched")
    parser.add_argument("--csv", action="store_true", help="write benchmarks/results/atlas_baselines.csv, _search.csv")
    options = parser.parse_args(arguments)
    atlases = read(options.work)
    if not atlases:
        print("skipped: no pair of the atlas is here; build one, or name a build's folder with --work")
        return
    advice = advised(atlases, options.starts)
    print(f"\nAdvice, {options.starts} starts; % of cases, regret in points of test macro-F1, cost in full runs")
    show(advice)
    found = searched(atlases)
    print("\nSearch, all choosing by validation; regret in points of test macro-F1, cost in full runs of the default")
    show(found)
    print("Not compared: a learning-rate-free optimiser; the atlas holds no run of one.")
    if options.csv:
        write("atlas_baselines", advice)
        write("atlas_search", found)


def read(work: Path | None) -> list[Atlas]:
    """Packed pairs, or those of a build's folder, said one by one."""
    names = store.names() if work is None else sorted(path.stem for path in work.glob("*.jsonl"))
    found = []
    for name in names:
        try:
            atlas = store.load(name, work)
        except (json.JSONDecodeError, StopIteration):
            print(f"skipped: {name} is being written")
            continue
        if not atlas.grid:
            print(f"skipped: {name} has no run of the present design")
            continue
        print(f"{name}: {len(atlas.grid)} of {len(design.grid())} recipes, seed sd {100 * atlas.seed_sd:.2f}")
        found.append(atlas)
    return found


def starts(atlas: Atlas, which: str) -> list[Recipe]:
    """Starts all of whose moves were run: those experiments branch from, or all of the grid."""
    pair = next((p for p in design.PAIRS if p.name == atlas.name), None)
    wanted = design.starts(pair) if which == "branched" and pair else design.grid()
    return [r for r in wanted if all(to.key in atlas.runs for to in judge.moves(r).values())]


def set_of(atlas: Atlas) -> str:
    return atlas.name.split("-")[0]


def advised(atlases: Sequence[Atlas], which: str) -> list[dict[str, Any]]:
    """A row a method for all data sets together, and one for each."""
    solved = [(atlas, [judge.truth(atlas, s) for s in starts(atlas, "grid")]) for atlas in atlases]
    judged = {atlas.name: {s.key for s in starts(atlas, which)} for atlas in atlases}
    rows = []
    for name, fits in ADVISERS.items():
        cases: Cases = {}
        for atlas, truths in solved:
            others = [(a, t) for a, t in solved if set_of(a) != set_of(atlas)]
            advisers = [fit(others) for fit in fits]
            for truth in truths:
                if truth.start.key in judged[atlas.name]:
                    told = [(truth, adviser(atlas, truth.start)) for adviser in advisers]
                    cases.setdefault(set_of(atlas), []).extend(told)
        rows += _adviser_rows(name, cases)
    return rows


def _adviser_rows(name: str, cases: Cases) -> list[dict[str, Any]]:
    if not cases:
        return []
    each = {one: judge.judge(told) for one, told in cases.items()}
    whole = judge.judge([case for told in cases.values() for case in told])
    low, high = judge.clustered(cases, lambda score: score.hit, RESAMPLED)
    least, most = judge.clustered(cases, lambda score: score.regret, RESAMPLED)
    first = {"method": name, "set": "all"} | _rounded(whole) | {
        "hit_low": round(100 * low, 1), "hit_high": round(100 * high, 1),
        "worst_hit": round(100 * min((s.hit for s in each.values() if not isnan(s.hit)), default=nan), 1),
        "regret_low": round(least, 2), "regret_high": round(most, 2),
        "worst_regret": round(max(s.regret for s in each.values()), 2),
    }  # fmt: skip
    return [first, *({"method": name, "set": one} | _rounded(score) for one, score in each.items())]


def _rounded(score: Score) -> dict[str, Any]:
    shares = ("hit", "coverage", "harmful", "surely", "alarms", "captured")
    return {k: round(100 * v, 1) if k in shares else round(v, 2) for k, v in asdict(score).items()}


def searched(atlases: Sequence[Atlas]) -> list[dict[str, Any]]:
    """A row a method for all pairs together, and one for each, over all replays."""
    ready = [(a, Yardstick(a)) for a in atlases if design.BASE.key in a.runs]
    rows: list[dict[str, Any]] = []
    for name, contest in SEARCHERS.items():
        ended: dict[str, list[tuple[Yardstick, Found]]] = {}
        try:
            for atlas, yard in ready:
                seeds = [np.random.default_rng(i) for i in range(contest.replays)]
                ended[atlas.name] = [(yard, contest.search(atlas, rng, contest.budget)) for rng in seeds]
        except ModuleNotFoundError as error:
            print(f"skipped: {name} needs {error.name}")
            continue
        if ended:
            rows.append({"method": name, "pair": "all"} | _figures([e for part in ended.values() for e in part]))
            rows += [{"method": name, "pair": pair} | _figures(part) for pair, part in ended.items()]
    return rows


def _figures(ended: Sequence[tuple[Yardstick, Found]]) -> dict[str, Any]:
    raw, smooth = ([f(y)(e.recipe) for y, e in ended] for f in _REGRETS)
    reached = [_runs_to(yard, found) for yard, found in ended]

    def share(kept: Callable[[Yardstick, Recipe], bool]) -> float:
        return round(100 * float(np.mean([kept(yard, found.recipe) for yard, found in ended])), 1)

    def part(values: Sequence[float], quantile: float) -> float:
        return round(float(np.quantile(values, quantile, method="higher")), 2)

    return {
        "replays": len(ended),
        "median": part(raw, 0.5), "p90": part(raw, 0.9), "mean": round(float(np.mean(raw)), 2),
        "smooth_median": part(smooth, 0.5), "smooth_p90": part(smooth, 0.9),
        "within": share(Yardstick.within), "smooth_within": share(Yardstick.smooth_within),
        "indistinct": share(Yardstick.indistinct),
        "runs": part([found.runs for _, found in ended], 0.5),
        "reach_median": part(reached, 0.5), "reach_p90": part(reached, 0.9),
    }  # fmt: skip


_REGRETS: tuple[Callable[[Yardstick], Callable[[Recipe], float]], ...] = (
    lambda yard: yard.regret,
    lambda yard: yard.smooth_regret,
)


def _runs_to(yard: Yardstick, found: Found) -> float:
    """Full runs after which the incumbent was, and stayed, within half a point of the smoothed best; inf: never."""
    reached = inf
    for runs, recipe in found.history:
        inside = yard.smooth_within(recipe)
        reached = min(reached, runs) if inside else inf
    return reached


def show(rows: Sequence[dict[str, Any]]) -> None:
    """What holds over all data sets; the single ones go to the CSV."""
    whole = [row for row in rows if row.get("set", row.get("pair")) == "all"]
    if not whole:
        print("(no case is complete yet)")
        return
    columns = [c for c in whole[0] if c not in ("set", "pair")]
    widths = [max(len(c), *(len(str(row.get(c, ""))) for row in whole)) for c in columns]
    for line in (dict(zip(columns, columns, strict=True)), *whole):
        print("  ".join(str(line.get(c, "")).rjust(w) for c, w in zip(columns, widths, strict=True)))


def write(name: str, rows: Sequence[dict[str, Any]]) -> None:
    """`results/NAME.csv` anew, with the commit it was printed at."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with (RESULTS / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*columns, "commit"], restval="")
        writer.writeheader()
        writer.writerows(row | {"commit": commit.strip()} for row in rows)


if __name__ == "__main__":
    main()
