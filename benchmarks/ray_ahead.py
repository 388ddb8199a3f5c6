"""What training ahead is worth to one fit: walks played on the atlas, with idle workers that train guesses.

    python -m benchmarks.ray_ahead [EVERY]      # every so-manyth start; default 4. Writes results/ray_ahead.csv

A simulation: a probe takes as long as its work, workers are equally fast, nothing else takes time, and the final
training is left out. Decisions are compared with those of the same walk on one worker.
"""

import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.atlas import design, replay
from benchmarks.atlas.store import DATA, Atlas, load
from rankfirst.engine.base import Ahead, Tick, no_tick
from rankfirst.records import Curve, Recipe

OUT = Path(__file__).parent / "results" / "ray_ahead.csv"
WORKERS = (1, 2, 3, 4)
Key = tuple[Recipe, int]


@dataclass
class Shift:
    """The clock of one walk on so many workers; every time is in TFLOP."""

    workers: int
    now: float = 0.0
    going: dict[Key, tuple[float, float]] = field(default_factory=dict)  # early probes: begun, over
    done: dict[Key, float] = field(default_factory=dict)  # early probes that are over, not yet asked for
    asked: int = 0
    used: int = 0
    needed: float = 0.0
    told: list[Ahead] = field(default_factory=list)
    wasted: float = 0.0


class EarlyEngine(replay.AtlasEngine):
    """The atlas with workers to spare."""

    def __init__(self, atlas: Atlas, shift: Shift) -> None:
        super().__init__(atlas)
        self.shift = shift

    def foresee(self, wanted: Sequence[Key], requested: Key | None = None) -> None:
        s = self.shift
        wanted = [(recipe, 0) for recipe, _ in wanted]  # the atlas knows one length of probes
        requested = requested and (requested[0], 0)
        for key, (begun, over) in list(s.going.items()):
            if over <= s.now:
                s.done[key] = over - begun
                del s.going[key]
            elif requested is None or (key != requested and key not in wanted):
                s.wasted += s.now - begun
                s.told.append(Ahead(*key, False, None, s.now - begun))
                del s.going[key]
        if requested is None:
            s.wasted += sum(s.done.values())
            s.told += [Ahead(*key, False, spent, spent) for key, spent in s.done.items()]
            s.done.clear()
            return
        free = s.workers - len(s.going) - (requested not in s.going and requested not in s.done)
        for key in wanted:
            known = key in s.going or key in s.done or key[0].key not in self.atlas.runs
            if free > 0 and not known:
                s.going[key] = (s.now, s.now + self.work(key[0]))
                free -= 1

    def settled(self) -> list[Ahead]:
        told, self.shift.told = self.shift.told, []
        return told

    def work(self, recipe: Recipe) -> float:
        return self.atlas.runs[recipe.key].cooled.work

    def probe(self, recipe: Recipe, epochs: int, tick: Tick = no_tick) -> Curve:
        s, key = self.shift, (recipe, 0)
        s.asked, s.needed = s.asked + 1, s.needed + self.work(recipe)
        if key in s.done or key in s.going:
            s.used += 1
            s.told.append(Ahead(*key, True, self.work(recipe), self.work(recipe)))
        if key in s.done:
            del s.done[key]
        elif key in s.going:
            s.now = max(s.now, s.going.pop(key)[1])
        else:
            s.now += self.work(recipe)
        return super().probe(recipe, epochs, tick)


def main() -> None:
    every = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    with OUT.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("pair", "workers", "walks", "probes", "foreseen", "probe_time", "wasted", "same_decisions"))
        for path in sorted(DATA.glob("*.parquet")):
            atlas = load(path.stem)
            starts = list(dict.fromkeys((design.BASE, *atlas.grid[::every])))
            plain = [replay.walk(atlas, start)[2] for start in starts]
            for workers in WORKERS:
                shifts = [Shift(workers) for _ in starts]
                told = [
                    replay.walk(atlas, start, EarlyEngine(atlas, shift))[2]
                    for start, shift in zip(starts, shifts, strict=True)
                ]
                asked, used = sum(s.asked for s in shifts), sum(s.used for s in shifts)
                needed = sum(s.needed for s in shifts)
                row = (atlas.name, workers, len(starts), asked, f"{used / asked:.3f}",
                       f"{sum(s.now for s in shifts) / needed:.3f}", f"{sum(s.wasted for s in shifts) / needed:.3f}",
                       told == plain)  # fmt: skip
                writer.writerow(row)
                file.flush()
                print(*row, flush=True)


if __name__ == "__main__":
    main()
