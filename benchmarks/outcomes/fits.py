"""One `rankfirst fit` with its defaults per set: what it ships, what that scores on test, what it cost."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import rankfirst
from benchmarks.outcomes.sets import Case
from benchmarks.tables import append, commit
from rankfirst.records import Recipe, from_json

NAME: Final = "outcomes_fits"
RUNGS: Final = ("tfidf", "frozen", "lora")
FINAL: Final = frozenset({"final", "refit"})  # events of trainings to the end
TRAINED: Final = FINAL | {"probe", "held_out"}  # other events with a `work` repeat that of a probe, or train nothing


def measure(case: Case, runs: Path | None = None) -> None:
    """Run `fit` from the command line, as a user does, and append its row. Args: runs: keeps the run's folder."""
    with tempfile.TemporaryDirectory() as work:
        data, out = case.folder(Path(work)), (runs or Path(work)) / case.name
        words = ["fit", data / "train.csv", "--val", data / "val.csv", "--test", data / "test.csv"]
        words += [] if case.base is None else ["--base-model", case.base]
        environment = os.environ | {"PYTHONPATH": str(Path(rankfirst.__file__).parents[1]), "RANKFIRST_LANG": "en"}
        command = [sys.executable, "-m", "rankfirst", *words, "-o", out, "-q"]
        subprocess.run(command, env=environment, check=True)
        lines = (out / "journal.jsonl").read_text(encoding="utf-8").splitlines()
        result = json.loads((out / "result.json").read_text(encoding="utf-8"))
    append(NAME, row(case.name, result, [json.loads(line) for line in lines]))


def row(name: str, result: Mapping[str, Any], events: Iterable[Mapping[str, Any]]) -> dict[str, object]:
    """A line of the table. Args: result: of result.json. events: lines of the journal."""
    events = list(events)
    probes, finals = (_of(events, kind) for kind in ("probe", "final"))
    longest = whole_run(events)
    trained = sum(e["payload"]["work"] for e in events if trains(e))
    last = sum(e["payload"]["work"] for e in events if trains(e) and e["kind"] in FINAL)
    refit = _of(events, "refit")
    recipe = result["recipe"] or (finals[-1]["recipe"] if finals else None)
    known: Recipe | None = None if recipe is None else from_json(Recipe, recipe)
    rungs = {rung["name"]: rung["test"] for rung in result["rungs"]}
    return {
        "date": time.strftime("%Y-%m-%d"),
        "commit": commit(),
        "set": name,
        "rows": _of(events, "profile")[0]["n_train"],
        "multi_label": int(_of(events, "run")[0]["multi_label"]),
        "verdict": result["verdict"],
        "recipe": "" if known is None else known.key,  # of the last final training, delivered or not
        "sites": "" if known is None else str(known.sites),
        "rank": "" if known is None else known.rank,
        "lr": "" if known is None else known.lr,
        "decisions": result["decisions"],
        "probes": len(probes),
        "seconds": round(result["seconds"]),
        "refit": refit[0]["code"] if refit else "",  # whether the shipped model was trained on validation rows as well
        "search_work": round(trained - last, 3),  # TFLOP
        "final_work": round(last, 3),  # TFLOP
        "full_runs": round(trained / longest, 2) if longest else "",
        "val_macro_f1": score(result["val"], "macro_f1"),
        **scores("test", result["test"]),
        "test_low": round(result["test"]["interval"][0], 5),
        "test_high": round(result["test"]["interval"][1], 5),
        **{key: value for rung in RUNGS for key, value in scores(rung, rungs.get(rung)).items()},
    }


def trains(event: Mapping[str, Any]) -> bool:
    """Whether an event of the journal reports the work of a training."""
    return event["kind"] in TRAINED


def whole_run(events: Iterable[Mapping[str, Any]]) -> float:
    """TFLOP of the largest final training at its plan's length (older ones may have ended early); 0: there was none."""
    events = list(events)
    plans = {e["key"]: e["payload"]["epochs"] for e in events if e["kind"] == "final_plan"}
    longest = 0.0
    for event in events:
        if event["kind"] == "final":
            curve, plan = event["payload"], plans.get(event["key"].rpartition("-E")[0], event["payload"]["epochs"])
            longest = max(longest, curve["work"] * plan / max(1.0, curve["epochs"]))
    return longest


def _of(events: Iterable[Mapping[str, Any]], kind: str) -> list[Any]:
    """Payloads of the events of a kind, oldest first."""
    return [event["payload"] for event in events if event["kind"] == kind]


def scores(name: str, found: Mapping[str, Any] | None) -> dict[str, object]:
    """Macro-F1, exact match and log-loss (nats/row), as columns; empty if the model was not trained."""
    columns = {"macro_f1": "macro_f1", "exact": "accuracy", "log_loss": "log_loss"}
    return {f"{name}_{column}": "" if found is None else score(found, key) for column, key in columns.items()}


def score(found: Mapping[str, Any], key: str) -> float:
    """A figure, rounded for the CSV."""
    return round(float(found[key]), 5)
