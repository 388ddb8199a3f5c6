"""The sets that are measured: whole ones, and cuts of the larger ones."""

import csv
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.end_results import SHARED

CHINESE: Final = frozenset({"smp2017", "tnews", "iflytek", "crosswoz_acts", "online_shopping_zh"})
CUT_ROWS: Final = 2500
LEAST_VAL_ROWS: Final = 250  # a cut keeps the same share of validation and training rows, but not fewer than this


@dataclass(frozen=True)
class Case:
    """A set, or a cut of one, that `fit` and its alternatives are trained on."""

    set: str
    cut: bool = False  # to CUT_ROWS training rows
    full: bool = False  # a large set, whole

    @property
    def name(self) -> str:
        return f"{self.set}-{CUT_ROWS}" if self.cut else self.set

    @property
    def base(self) -> Path | None:
        """The base model; None: the default."""
        return SHARED / "models" / "e5-small-zh" if self.set in CHINESE else None

    def folder(self, work: Path) -> Path:
        """The folder with train.csv, val.csv and test.csv; a cut is written to `work`."""
        whole = SHARED / "data" / self.set
        return cut(whole, work / "data" / self.name) if self.cut else whole


CASES: Final = {
    case.name: case
    for case in (
        Case("nlupp"),
        Case("smp2017"),
        Case("tnews"),
        *(Case(name, cut=True) for name in ("banking77", "mixatis", "mixsnips", "clinc150", "crosswoz_acts", "snips",
                                            "online_shopping_zh")),
        Case("iflytek"),
        *(Case(name, full=True) for name in ("crosswoz_acts", "banking77", "mixatis")),
    )
}  # fmt: skip


def cut(whole: Path, folder: Path, rows: int = CUT_ROWS) -> Path:
    """Write a random part of a set to `folder`, the same one each time; all test rows stay, for precision."""
    folder.mkdir(parents=True, exist_ok=True)
    train = _read(whole / "train.csv")
    val = _read(whole / "val.csv")
    share = min(1.0, rows / (len(train) - 1))
    kept = max(LEAST_VAL_ROWS, round(share * (len(val) - 1)))
    for name, lines, count in (("train", train, rows), ("val", val, kept)):
        header, body = lines[0], lines[1:]
        random.Random(0).shuffle(body)
        _write(folder / f"{name}.csv", [header, *body[:count]])
    _write(folder / "test.csv", _read(whole / "test.csv"))
    return folder


def _read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _write(path: Path, lines: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)
