"""Does `fit-many` on a Ray cluster end as single fits do? Six real sets, the same options, a thread a fit.

    python -m benchmarks.many_same FOLDER [ROWS]   (400 training rows a set; results/many_same.csv, a line a set)

Rows are cut from RANKFIRST_SHARED/data with their classes in proportion. Every event but those that hold clocks is
compared, and every byte of the delivered weights. What FOLDER holds already is not fitted again.
"""

import csv
import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

from benchmarks.end_results import SHARED
from benchmarks.tables import append
from rankfirst import data
from rankfirst.engine.training.batches import probe_subset

ENGLISH: Final = ("snips", "banking77", "mixsnips")
CHINESE: Final = ("smp2017", "tnews", "crosswoz_acts")
KINDS: Final = ("prefix", "profile", "noise", "start", "decision", "experiment", "verdict", "calibration")
ENVIRONMENT: Final = os.environ | {"OMP_NUM_THREADS": "1", "RANKFIRST_LANG": "en", "HF_HUB_OFFLINE": "1"}


def main(folder: Path, rows: int) -> None:
    """Six fits, then the same six as one queue on two workers."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    names = (*ENGLISH, *CHINESE)
    entries = [entry(folder, name, rows) for name in names]
    single = {}
    for one in entries:
        words = [
            "fit",
            one["train"],
            "--val",
            one["val"],
            "--test",
            one["test"],
            "-o",
            str(folder / "single" / one["name"]),
        ]
        words += ["--base-model", one["base_model"]] if "base_model" in one else []
        began = time.monotonic()
        subprocess.run([sys.executable, "-m", "rankfirst", *words, "-q"], env=ENVIRONMENT, check=True)
        single[one["name"]] = time.monotonic() - began
    specs = folder / "specs.yaml"
    specs.write_text(json.dumps({"runs": entries}), encoding="utf-8")  # YAML reads JSON
    queue = ["fit-many", str(specs), "-o", str(folder / "many"), "--engine", "ray", "--workers", "2", "--threads", "1"]
    began = time.monotonic()
    subprocess.run([sys.executable, "-m", "rankfirst", *queue], env=ENVIRONMENT, check=True)
    spent = time.monotonic() - began
    for name in names:
        here, there = folder / "single" / name, folder / "many" / name
        outcome = result(here)
        append("many_same", {
            "set": name, "rows": rows, "events": len(told(here)), "same_events": told(here) == told(there),
            "same_weights": weights(here) == weights(there), "same_test": outcome["test"] == result(there)["test"],
            "verdict": outcome["verdict"], "test_macro_f1": round(outcome["test"]["macro_f1"], 4),
            "single_s": round(single[name]), "all_single_s": round(sum(single.values())), "queue_s": round(spent),
        })  # fmt: skip


def entry(folder: Path, name: str, rows: int) -> dict[str, str]:
    """A set's files, cut, and what `fit` is told of it."""
    source, made = SHARED / "data" / name, folder / "rows" / name
    whole = data.load_dataset(source / "train.csv", source / "val.csv", source / "test.csv")
    made.mkdir(parents=True, exist_ok=True)
    files = {}
    for split, most in (("train", rows), ("val", rows), ("test", rows)):
        part: Any = getattr(whole, split)
        path = made / f"{split}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["text", "labels" if whole.multi_label else "label"])
            for row in probe_subset(part.labels, len(whole.classes), most, 3):
                writer.writerow([part.texts[row], "|".join(whole.classes[c] for c in part.labels[row])])
        files[split] = str(path)
    base = {} if name in ENGLISH else {"base_model": str(SHARED / "models" / "e5-small-zh")}
    return {"name": name, **files, **base}


def told(run: Path) -> list[Any]:
    """What was decided, and on what evidence."""
    lines = [json.loads(line) for line in (run / "journal.jsonl").read_text(encoding="utf-8").splitlines()]
    return [(e["kind"], e["key"], e["payload"]) for e in lines if e["kind"] in KINDS]


def weights(run: Path) -> dict[str, str]:
    """Of everything that is delivered as numbers."""
    files = sorted((run / "model").rglob("*.safetensors"))
    return {str(f.relative_to(run)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def result(run: Path) -> dict[str, Any]:
    """result.json."""
    found: dict[str, Any] = json.loads((run / "result.json").read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 400)
