"""The rows every peer gets: sets and cuts of `benchmarks.outcomes`, and few rows a class in several draws."""

import csv
import random
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.end_results import SHARED
from benchmarks.outcomes import sets
from rankfirst import data
from rankfirst.records import Dataset

DRAWS: Final = 3


@dataclass(frozen=True)
class Few:
    """So many rows of each class, drawn by chance, without validation rows; the test rows of the set stay."""

    set: str
    each: int
    draw: int

    @property
    def name(self) -> str:
        return f"{self.set}-{self.each}each-{self.draw}"

    @property
    def base(self) -> Path | None:
        return sets.Case(self.set).base

    def folder(self, work: Path) -> Path:
        """A folder with train.csv and test.csv."""
        whole, folder = SHARED / "data" / self.set, work / "data" / self.name
        folder.mkdir(parents=True, exist_ok=True)
        with (whole / "train.csv").open(encoding="utf-8", newline="") as file:
            header, *lines = csv.reader(file)
        of = defaultdict(list)
        for line in lines:
            of[line[1]].append(line)
        rng = random.Random(self.draw)
        drawn = [line for name in sorted(of) for line in rng.sample(of[name], min(self.each, len(of[name])))]
        rng.shuffle(drawn)
        with (folder / "train.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *drawn])
        (folder / "test.csv").write_bytes((whole / "test.csv").read_bytes())
        return folder


Case = sets.Case | Few
# Small ones first: what a machine has time for is measured from the top.
FEW: Final = tuple(Few("banking77", each, draw) for each in (5, 10) for draw in range(DRAWS))
SMALL: Final = ("snips-300", "nlupp-400", "banking77-800", "mixatis-500")
CASES: Final[dict[str, Case]] = (
    {case.name: case for case in FEW}
    | {name: sets.CASES[name] for name in SMALL}
    | {name: case for name, case in sets.CASES.items() if name not in SMALL}
)


def load(case: Case) -> Dataset:
    """The rows as `rankfirst` reads them. Of a case without validation rows, `val` is what rankfirst holds out."""
    with tempfile.TemporaryDirectory() as work:
        folder = case.folder(Path(work))
        val = folder / "val.csv"
        return data.load_dataset(folder / "train.csv", val if val.exists() else None, folder / "test.csv")
