"""Generated bad inputs against every command and the server: no traceback, no hang, nothing written elsewhere.

Usage: python -m benchmarks.bad_inputs FOLDER [SCALE] [SEED] [GROUP]

FOLDER holds a tiny base and a run made from it; SCALE 1 is about 2,100 cases, GROUP is one group's name. A group's line
in results/bad_inputs.csv keeps it from being done again. FOLDER/faults.jsonl names every case that failed: group,
number, command line, what was said.

A case is right when the command answers (exit code 0, or 1 from `gate`) or refuses with exit code 2 and one clear line.
Each runs in a forked process and a folder of its own (hostile/box.py). Needs the extras of the tests.
"""

import csv
import importlib
import json
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

from tests import runs
from tests.engine import tiny

from benchmarks.hostile import box, commands, requests
from benchmarks.tables import RESULTS, append

PRELOADED: Final = (
    "pydantic",
    "typer._adapters",
    "onnxruntime",
    "tokenizers",
    "accelerate",
    "peft",
    "peft.peft_model",
    "pyarrow.parquet",
    "transformers.models.bert.modeling_bert",
    "transformers.modeling_utils",
    "rankfirst.report.narrative",
    "rankfirst.api",
    "rankfirst.cli.main",
    "rankfirst.cli.progress",
    "rankfirst.cli.output",
    "rankfirst.data.quality.cleaning",
    "rankfirst.data.files.write",
    "rankfirst.engine.local",
    "rankfirst.engine.export.predictor",
    "rankfirst.model.export",
    "rankfirst.advise",
    "rankfirst.model.onnx",
)


def main(folder: Path, scale: float = 1.0, seed: int = 0, only: str = "") -> None:
    """All groups, or one."""
    folder = folder.resolve()
    ground = grounds(folder)
    loaded()
    done = _done()
    for name, (count, make) in commands.groups(ground, scale).items():
        if (name, seed) not in done and only in ("", name):
            append("bad_inputs", group(folder, name, count, make, seed))
    for name, (count, ask) in requests.groups(scale).items():
        if (name, seed) not in done and only in ("", name):
            append("bad_inputs", served(folder, ground, name, count, ask, seed))


def grounds(folder: Path) -> commands.Ground:
    """A tiny base and an exported run, made when missing (about a minute)."""
    rows, base, run = folder / "rows.csv", folder / "base", folder / "run"
    if not (run / "model" / "check.json").is_file():
        runs.write_rows(folder)
        tiny.write_base(base, "bert")
        for words in (runs.command(rows, base, run), [sys.executable, "-m", "rankfirst", "export", str(run)]):
            done = runs.finish(words)
            assert done.returncode == 0, done.stderr
    return commands.Ground(run, base, rows)


def loaded() -> None:
    """Load before forking what most commands need; threads do not survive a fork, so there are none."""
    os.environ |= {
        "OMP_NUM_THREADS": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "1",
        "RANKFIRST_LANG": "en",
        "COLUMNS": "200",
        "NO_COLOR": "1",
    }
    for name in PRELOADED:
        importlib.import_module(name)


def group(folder: Path, name: str, count: int, make: commands.Make, seed: int) -> dict[str, object]:
    """Run the cases of a group and count what came of them."""
    found, began, slowest = Counter[str](), time.monotonic(), 0.0
    for n in range(count):
        met = case(folder / f"box-{os.getpid()}", name, n, make, seed)
        found["faults" if met.fault else "answered" if met.code in (0, 1) else "refused"] += 1
        slowest = max(slowest, met.seconds)
        if met.fault:
            _note(
                folder,
                {
                    "group": name,
                    "n": n,
                    "fault": met.fault,
                    "argv": [w[:200] for w in met.argv],
                    "stderr": met.stderr[-1500:],
                    "outside": met.outside,
                },
            )
    return {
        "group": name,
        "seed": seed,
        "cases": count,
        "answered": found["answered"],
        "refused": found["refused"],
        "faults": found["faults"],
        "slowest_s": round(slowest, 1),
        "seconds": round(time.monotonic() - began),
    }


def case(place: Path, name: str, n: int, make: commands.Make, seed: int = 0) -> box.Met:
    """One case, by its number."""
    box.clear(place)
    (place / "in").mkdir(parents=True)
    argv = make(random.Random(f"{seed} {name} {n}"), place, n)
    try:
        return box.run(argv, place)
    finally:
        log = place / "tmp" / "rankfirst-error.log"
        if log.exists():
            log.replace(place.parent / f"error-{name}-{n}.log".replace(" ", "_").replace(":", ""))
        box.clear(place)


def served(folder: Path, ground: commands.Ground, name: str, count: int, ask: Any, seed: int) -> dict[str, object]:
    """The same for requests: any answer below 500 (503 when the server says so) is right, and it lives on."""
    began = time.monotonic()
    found, faults = requests.play(ground.run, name, count, ask, seed)
    for fault in faults:
        _note(folder, {"group": name, **fault})
    return {
        "group": name,
        "seed": seed,
        "cases": count,
        "answered": found["answered"],
        "refused": found["refused"],
        "faults": len(faults),
        "slowest_s": "",
        "seconds": round(time.monotonic() - began),
    }


def _note(folder: Path, fault: dict[str, object]) -> None:
    with (folder / "faults.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(fault, default=str) + "\n")
    print("FAULT", fault["group"], fault["n"], fault["fault"], flush=True)


def _done() -> set[tuple[str, int]]:
    path = RESULTS / "bad_inputs.csv"
    if not path.exists():
        return set()
    with path.open(newline="", encoding="utf-8") as file:
        return {(row["group"], int(row["seed"])) for row in csv.DictReader(file)}


if __name__ == "__main__":
    scale, seed = (float(sys.argv[2]) if len(sys.argv) > 2 else 1.0), int(sys.argv[3]) if len(sys.argv) > 3 else 0
    main(Path(sys.argv[1]), scale, seed, *sys.argv[4:])
