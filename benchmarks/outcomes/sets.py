"""The sets that are measured: whole ones, and cuts of the larger ones."""

import csv
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.end_results import SHARED

CHINESE: Final = frozenset({"smp2017", "tnews", "iflytek", "crosswoz_acts", "online_shopping_zh"})
CUT_ROWS: Final = 2500
VAL_SHARE: Final = 10  # a cut keeps the set's share of validation rows, but at least one for so many training rows
VAL_SHARE_OF_FEW: Final = 4  # the same, where a set is cut to fewer rows than CUT_ROWS


@dataclass(frozen=True)
class Case:
    """A set, or a cut of one, that `fit` and its alternatives are trained on."""

    set: str
    rows: int | None = None  # training rows it is cut to; None: all
    full: bool = False  # a large set, whole

    @property
    def name(self) -> str:
        return self.set if self.rows is None else f"{self.set}-{self.rows}"

    @property
    def base(self) -> Path | None:
        """The base model; None: the default."""
        return SHARED / "models" / "e5-small-zh" if self.set in CHINESE else None

    def folder(self, work: Path) -> Path:
        """The folder with train.csv, val.csv and test.csv; a cut is written to `work`."""
        whole = SHARED / "data" / self.set
        return whole if self.rows is None else cut(whole, work / "data" / self.name, self.rows)


CASES: Final = {
    case.name: case
    for case in (
        Case("nlupp"),
        Case("smp2017"),
        Case("tnews"),
        *(Case(name, CUT_ROWS) for name in ("banking77", "mixatis", "mixsnips", "clinc150", "crosswoz_acts", "snips",
                                            "online_shopping_zh")),
        *(Case(name, rows) for name, rows in (("banking77", 400), ("banking77", 800), ("mixatis", 500), ("nlupp", 400),
                                              ("smp2017", 600), ("snips", 300))),
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
    least = rows // (VAL_SHARE if rows >= CUT_ROWS else VAL_SHARE_OF_FEW)
    kept = max(least, round(share * (len(val) - 1)))
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
