"""The present rules on the whole atlas, in under a minute: judge a change of a rule by this before anything else.

Usage: python -m benchmarks.policy_replay [--check] [--walks] [--work DIR]

Prints what single decisions and whole walks are worth, over all data sets and on the worst one, beside the aims of
docs/decisions.md. `--check` ends with exit code 1 where a figure fell below the ones on record (RECORD), which is what
CI does. `--walks` shows every decision of every walk. `--work` reads what a build of the atlas has so far.
"""

import argparse
import csv
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.atlas import compare, design, judge, replay
from benchmarks.atlas.regret import Yardstick
from benchmarks.atlas.store import Atlas
from benchmarks.tables import RESULTS


@dataclass(frozen=True)
class Figure:
    """One figure of the policy, in percent, points or full runs."""

    name: str
    value: float
    aim: float
    more: bool  # whether more is better
    record: float  # what the rules reached when they were last changed; --check allows no less

    @property
    def fell(self) -> bool:
        slack = 0.05
        return self.value < self.record - slack if self.more else self.value > self.record + slack


# On the packed atlas; written by hand after a change of the rules that is meant to move them. The runs of this atlas
# start from the rung's own head, as fit did at first: its searches begin somewhere else now.
RECORD = {
    "hit@1": 94.3,
    "coverage": 100.0,
    "harmful": 3.1,
    "false alarms": 0.7,
    "hit@1, reading only": 84.9,
    "walk: within half a point": 71.9,
    "walk: not distinguishable": 85.9,
    "walk: median cost": 7.7,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 1: --check, and a figure fell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--walks", action="store_true")
    parser.add_argument("--rules", action="store_true", help="write results/atlas_rules.csv for docs/rules.md")
    parser.add_argument("--every", type=int, default=1, help="walk from every so many starts only")
    parser.add_argument("--work", type=Path)
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    atlases = compare.read(options.work)
    if not atlases:
        print("skipped: no pair of the atlas is here; build one with python -m benchmarks.atlas.build")
        return 0
    found = [*decisions(atlases, options.rules), *walks(atlases, options.every, options.walks)]
    print(f"\n{'':28}{'now':>8}{'aim':>8}{'record':>8}")
    for figure in found:
        mark = "" if (figure.value >= figure.aim) is figure.more or figure.value == figure.aim else "  missed"
        print(f"{figure.name:28}{figure.value:8.1f}{figure.aim:8.1f}{figure.record:8.1f}{mark}")
    print(f"{time.perf_counter() - began:.0f} s")
    whole = options.every == 1  # the record of walks is that of all starts
    fallen = [figure.name for figure in found if figure.fell and (whole or not figure.name.startswith("walk"))]
    if options.check and fallen:
        print(f"below the record: {', '.join(fallen)}")
    return 1 if options.check and fallen else 0


def decisions(atlases: Sequence[Atlas], write: bool = False) -> list[Figure]:
    """Every start of the grid, with experiments and without."""
    told: dict[str, list[tuple[judge.Truth, judge.Answer]]] = {}
    read: list[tuple[judge.Truth, judge.Answer]] = []
    for atlas in atlases:
        for start in compare.starts(atlas, "grid"):
            truth = judge.truth(atlas, start)
            told.setdefault(compare.set_of(atlas), []).append((truth, replay.advise(atlas, start)))
            read.append((truth, replay.read(atlas, start)))
    if write:
        write_rules([case for cases in told.values() for case in cases])
    scores = {name: judge.judge(cases) for name, cases in told.items()}
    for name, score in scores.items():
        print(f"{name:20} hit {100 * score.hit:5.1f}  covered {100 * score.coverage:5.1f}  harmful "
              f"{100 * score.harmful:4.1f}  alarms {100 * score.alarms:4.1f}  captured {100 * score.captured:5.1f}  "
              f"regret {score.regret:4.2f}  runs {score.runs:4.2f}")  # fmt: skip
    whole = judge.judge([case for cases in told.values() for case in cases])
    reading = judge.judge(read)
    return [
        _figure("hit@1", 100 * whole.hit, 85, True),
        _figure("coverage", 100 * whole.coverage, 80, True),
        _figure("harmful", 100 * whole.harmful, 3, False),
        _figure("false alarms", 100 * whole.alarms, 5, False),
        _figure("hit@1, reading only", 100 * reading.hit, 0, True),
    ]


def write_rules(cases: Sequence[tuple[judge.Truth, judge.Answer]]) -> None:
    """What became of the decisions each rule had a part in."""
    found: dict[str, list[int]] = {}
    for truth, answer in cases:
        for rule in answer.rules:
            row = found.setdefault(rule, [0, 0, 0])
            told = answer.move is not None
            row[0] += told
            row[1] += answer.move in truth.right
            row[2] += answer.move in truth.harmful
    with (RESULTS / "atlas_rules.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("stage", "rule", "cases", "right", "harmful"))
        writer.writerows([*rule.split("/"), *row] for rule, row in sorted(found.items()))


def walks(atlases: Sequence[Atlas], every: int = 1, aloud: bool = False) -> list[Figure]:
    """From starts of the grid, the default among them, to the recipe that is settled on."""
    within, indistinct, cost = [], [], []
    for atlas in atlases:
        yard, ended = Yardstick(atlas), []
        for start in dict.fromkeys((design.BASE, *atlas.grid[::every])):
            settled, runs, told = replay.walk(atlas, start)
            ended.append((settled or start, runs))
            if aloud:
                print(f"  {start.key} -> {(settled or start).key} ({runs:.1f} runs): {', '.join(told)}")
        regrets = [yard.smooth_regret(recipe) for recipe, _ in ended]
        within += [yard.smooth_within(recipe) for recipe, _ in ended]
        indistinct += [yard.indistinct(recipe) for recipe, _ in ended]
        cost += [runs for _, runs in ended]
        print(f"{atlas.name:36} walks: regret median {np.median(regrets):.2f}, P90 {np.quantile(regrets, 0.9):.2f}; "
              f"cost median {np.median([runs for _, runs in ended]):.1f}")  # fmt: skip
    return [
        _figure("walk: within half a point", 100 * float(np.mean(within)), 90, True),
        _figure("walk: not distinguishable", 100 * float(np.mean(indistinct)), 90, True),
        _figure("walk: median cost", float(np.median(cost)), 8, False),
    ]


def _figure(name: str, value: float, aim: float, more: bool) -> Figure:
    return Figure(name, value, aim, more, RECORD[name])


if __name__ == "__main__":
    sys.exit(main())
