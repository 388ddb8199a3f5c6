"""Which knob to move next, judged by where every move led (docs/benchmark.md).

Usage: python -m benchmarks.advice score ENTRY [--half open|sealed]
       python -m benchmarks.advice search ENTRY [--half open|sealed]
       python -m benchmarks.advice show CASE [--half open|sealed] [--look MOVE]     (as JSON, for an LLM agent)
       python -m benchmarks.advice baselines       (and rankfirst's rules, on both halves; writes results/advice*.csv)
       python -m benchmarks.advice build [--key KEY]     (the files from benchmarks/atlas)

ENTRY is MODULE:FUNCTION or FILE.py:FUNCTION; of `score` also a file of answers, ANSWERS.jsonl.
"""

import argparse
import importlib
import importlib.util
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.advice import baselines, cases, score

SHARES = ("hit", "coverage", "harm", "alarms", "captured")


def main(arguments: Sequence[str] | None = None) -> None:
    """One of the five steps."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.advice")
    parser.add_argument("step", choices=("score", "search", "show", "baselines", "build"))
    parser.add_argument("entry", nargs="?", default="", help="see above; of show: the id of a case")
    parser.add_argument("--half", choices=cases.HALVES, default="open")
    parser.add_argument("--look", help="of show: the probe that this move leads to, which is to be declared")
    parser.add_argument("--key", help="of build: seal with this key; default: one that the scorer finds")
    options = parser.parse_args(arguments)
    if options.step == "build":
        from benchmarks.advice.build import build

        build(options.key)
    elif options.step == "baselines":
        write()
    elif options.step == "show":
        start = cases.load(options.half).start(options.entry)
        print(json.dumps(start.look(options.look) if options.look else shown(start)))
    elif options.step == "search":
        told = searched(function(options.entry), cases.load(options.half))
        print(json.dumps(told))
    else:
        half = cases.load(options.half)
        print(json.dumps(scored(half, advice(options.entry, half))))


def advice(entry: str, half: cases.Half) -> dict[str, score.Advice]:
    """Of a file of answers or a function."""
    if entry.endswith(".jsonl"):
        return score.read_answers(Path(entry), half)
    return score.ask(function(entry), half)


def shown(start: cases.Start) -> dict[str, Any]:
    """What an adviser sees before it buys anything."""
    return {"id": start.id, "set": start.set, "rows": start.rows, "recipe": start.recipe, "probe": start.probe,
            "moves": start.moves}  # fmt: skip


def function(entry: str) -> Callable[[Any], Any]:
    """MODULE:FUNCTION or FILE.py:FUNCTION. Raises: ImportError, AttributeError."""
    where, _, name = entry.rpartition(":")
    if where.endswith(".py"):
        spec = importlib.util.spec_from_file_location("entry", where)
        if spec is None or spec.loader is None:
            raise ImportError(where)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    else:
        module = importlib.import_module(where)
    found: Callable[[Any], Any] = getattr(module, name)
    return found


def scored(half: cases.Half, told: dict[str, score.Advice]) -> dict[str, Any]:
    """The figures of one entry over a half, in percent and points; of the sealed half no more than these."""
    sets = score.by_set(half, told, score.truths(half.name))
    whole = score.score([pair for pairs in sets.values() for pair in pairs])
    low, high = score.interval(sets, "regret")
    row = {k: _number(100 * v if k in SHARES else v) for k, v in asdict(whole).items()}
    return {"half": half.name} | row | {"regret_low": _number(low), "regret_high": _number(high)}


def searched(searcher: score.Searcher, half: cases.Half) -> dict[str, Any]:
    """Mean and worst regret (points) and mean cost (full trainings of the default) over the sets of a half."""
    found = list(score.search(searcher, half, score.truths(half.name)).values())
    regrets, runs = zip(*found, strict=True)
    return {"half": half.name, "sets": len(found), "regret": _number(sum(regrets) / len(found)),
            "worst": _number(max(regrets)), "runs": _number(sum(runs) / len(found))}  # fmt: skip


def write() -> None:
    """Every baseline on both halves, as results/advice.csv and advice_search.csv."""
    from benchmarks.advice import ours
    from benchmarks.tables import RESULTS, append

    for name in ("advice", "advice_search"):
        (RESULTS / f"{name}.csv").unlink(missing_ok=True)
    for half in map(cases.load, cases.HALVES):
        for adviser in (*ours.ADVISERS, *baselines.ADVISERS):
            append("advice", {"entry": adviser.__name__} | scored(half, score.ask(adviser, half)))
        for searcher in baselines.SEARCHES:
            append("advice_search", {"entry": searcher.__name__} | searched(searcher, half))


def _number(value: float) -> float:
    return round(float(value), 2)


if __name__ == "__main__":
    main()
