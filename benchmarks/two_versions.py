"""Do two versions of rankfirst end alike on the same rows? Decisions, figures and delivered bytes, side by side.

    python -m benchmarks.two_versions BEFORE AFTER FOLDER    (two checkouts; the runs go to FOLDER; two_versions.csv)

Four cuts of RANKFIRST_SHARED/data: single- and multi-label, English and Chinese; one delivers LoRA. Both versions run
in this interpreter's environment, one after the other, with one thread. How fast a machine is decides the float type of
a run (the event `pace`), so a busy machine can make two runs of one version differ: the later version therefore goes on
from the first events of the earlier one's journal, up to `pace`. A run that FOLDER holds already is not made again.
"""

import csv
import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.end_results import SHARED
from benchmarks.tables import append

CHINESE_BASE: Final = SHARED / "models" / "e5-small-zh"
# What a clock, a path or a later version's own additions put into an event or a file.
CLOCKS: Final = frozenset({
    "seconds", "time", "ms_per_text", "peak_memory_mb", "costs", "command", "versions", "base_model",
})  # fmt: skip


@dataclass(frozen=True)
class Cut:
    """So many rows of a set, the same ones each time."""

    name: str
    train: int
    judged: int  # of validation and of test each
    chinese: bool = False
    more: tuple[str, ...] = ()  # options


CUTS: Final = (
    Cut("snips", 500, 200, more=("--always-lora",)),
    Cut("smp2017", 800, 250, chinese=True),
    Cut("mixsnips", 300, 150),
    Cut("crosswoz_acts", 300, 150, chinese=True),
)


def main(before: Path, after: Path, folder: Path) -> None:
    """Four cuts, two versions each, and what differs."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    for cut in CUTS:
        rows = write(cut, folder / "data" / cut.name)
        first = fit(before, cut, rows, folder / "before")
        append("two_versions", compared(cut.name, first, fit(after, cut, rows, folder / "after", first)))


def write(cut: Cut, folder: Path) -> Path:
    """The cut as three files."""
    folder.mkdir(parents=True, exist_ok=True)
    for split, count in (("train", cut.train), ("val", cut.judged), ("test", cut.judged)):
        with (SHARED / "data" / cut.name / f"{split}.csv").open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        random.Random(0).shuffle(rows)
        with (folder / f"{split}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows[:count]])
    return folder


def fit(version: Path, cut: Cut, rows: Path, folder: Path, first: Path | None = None) -> Path:
    """One run by one version, unless it is there; at the pace of the first one, if there is one."""
    out = folder / cut.name
    if not (out / "result.json").is_file():
        words = ["fit", str(rows / "train.csv"), "--val", str(rows / "val.csv"), "--test", str(rows / "test.csv")]
        words += ["--base-model", str(CHINESE_BASE)] if cut.chinese else []
        words += cut.more
        if first is not None and not out.exists():
            out.mkdir(parents=True)
            (out / "journal.jsonl").write_text("".join(until_pace(first)), encoding="utf-8")
        environment = os.environ | {"PYTHONPATH": str(version / "src"), "OMP_NUM_THREADS": "1", "RANKFIRST_LANG": "en"}
        subprocess.run([sys.executable, "-m", "rankfirst", *words, "-o", str(out), "-q"], env=environment, check=True)
    return out


def until_pace(run: Path) -> Iterator[str]:
    """The first lines of its journal."""
    for line in (run / "journal.jsonl").read_text("utf-8").splitlines(keepends=True):
        yield line
        if json.loads(line)["kind"] == "pace":
            return


def compared(name: str, before: Path, after: Path) -> dict[str, object]:
    """What is the same in two runs, and the kinds of events that are not."""
    old, new = events(before), events(after)
    differing = sorted({kind for kind, key in old if old[kind, key] != known(new.get((kind, key)), old[kind, key])})
    extra = sorted({kind for kind, key in new if (kind, key) not in old})
    results = [json.loads((run / "result.json").read_text("utf-8")) for run in (before, after)]
    files = [dict(delivered(run / "model")) for run in (before, after)]
    weights = {path for path in files[0] if path.endswith(".safetensors")}
    return {
        "set": name,
        "ships": "/".join(dict.fromkeys(result["verdict"] for result in results)),
        "decisions": sum(kind == "decision" for kind, _ in old),
        "decisions_same": "decision" not in differing + extra,
        "events": len(old),
        "events_differing": " ".join([*differing, *(f"+{kind}" for kind in extra)]) or "none",
        "test_same": known(results[1]["test"], results[0]["test"]) == results[0]["test"],
        "weights_same": all(files[0][path] == files[1].get(path) for path in weights),
        "files_differing": " ".join(sorted(p for p in files[0] if files[0][p] != files[1].get(p))) or "none",
    }


def events(run: Path) -> dict[tuple[str, str], Any]:
    """(kind, key) -> payload without clocks."""
    lines = (run / "journal.jsonl").read_text("utf-8").splitlines()
    return {(e["kind"], e["key"]): timeless(e["payload"]) for e in map(json.loads, lines)}


def timeless(value: Any) -> Any:
    """A payload without what differs between two runs of one version."""
    if isinstance(value, dict):
        return {k: timeless(v) for k, v in value.items() if k not in CLOCKS}
    return [timeless(v) for v in value] if isinstance(value, list) else value


def known(new: Any, old: Any) -> Any:
    """`new` with the keys that `old` has: a later version may say more."""
    if isinstance(new, dict) and isinstance(old, dict):
        return {k: known(new[k], old[k]) for k in old if k in new}
    if isinstance(new, list) and isinstance(old, list) and len(new) == len(old):
        return [known(n, o) for n, o in zip(new, old, strict=True)]
    return new


def delivered(folder: Path) -> Iterator[tuple[str, str]]:
    """Each file of the model and its digest."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main(*(Path(argument).resolve() for argument in sys.argv[1:4]))
