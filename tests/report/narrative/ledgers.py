"""Journals to tell: two recorded demo runs (synthetic rows, per-row figures left out), and small ones from records."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from rankfirst.records import (
    ATTENTION_QV,
    FFN,
    Advance,
    Arm,
    ArmKind,
    ArmResult,
    Change,
    Comparison,
    Decision,
    Experiment,
    ExperimentResult,
    Finding,
    Recipe,
    Sites,
    Stage,
    Verdict,
    to_json,
)
from rankfirst.report import Event, read
from rankfirst.report.narrative import Ledger
from tests.report import journal_example as example

RUNS = Path(__file__).parent / "journals"
NAMES = ("frozen", "lora")  # what each of them delivers
RECIPE = Recipe(rank=8, sites=Sites((*ATTENTION_QV, *FFN), 2), scaling=1.0, lr=4e-4, dropout=0.05)
WIDE = RECIPE.with_(rank=32)
FAST = RECIPE.with_(lr=8e-4)
HOSTILE = "<b>x</b> | `y` *z* [l](javascript:1)\n# h\x1b[31m\u202e &amp; 中"

Told = list[tuple[str, str, dict[str, Any]]]


@cache
def recorded(name: str) -> Ledger:
    """Read once: a test that changes its events changes a copy."""
    return Ledger(read(RUNS / f"{name}.jsonl"))


@cache
def payloads(name: str) -> list[Any]:
    """Payloads by line, the first at 0."""
    lines = (RUNS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["payload"] for line in lines]


def ledger(*told: tuple[str, str, dict[str, Any]]) -> Ledger:
    return Ledger([Event(kind, key, payload, "2026-11-24T05:00:00+00:00") for kind, key, payload in told])


def run(**more: Any) -> tuple[str, str, dict[str, Any]]:
    asked = {"dataset": "tickets", "base_model": "pkg:x", "seed": 0, "device": "cpu", "multi_label": False, "set": {},
             "command": "rankfirst fit tickets.csv -o out", "budget_work": 80.0}  # fmt: skip
    return ("run", "", asked | more)


def start(recipe: Recipe = RECIPE, most: int = 64) -> tuple[str, str, dict[str, Any]]:
    numbers = {"rows": 900, "kbit": 5.0, "per_rank_kbit": 12.0}
    return (
        "start",
        "",
        {"recipe": to_json(recipe), "ceiling": {"max_rank": most, "max_layers": 6, "numbers": numbers}},
    )


def probe(recipe: Recipe = RECIPE) -> tuple[str, str, dict[str, Any]]:
    return ("probe", f"{recipe.key}-e2", to_json(example.curve(recipe)))


def final(recipe: Recipe = RECIPE) -> tuple[str, str, dict[str, Any]]:
    return ("final", "", to_json(example.curve(recipe)))


def found(code: str, verdict: Verdict, **numbers: float | int | str) -> Finding:
    return Finding(f"{code}.{verdict.value}", verdict, numbers)


def decided(key: str, rule: str, move: Any, recipe: Recipe = RECIPE, **more: Any) -> tuple[str, str, dict[str, Any]]:
    """A decision; a recipe as the move is a change to it."""
    stage = Stage(key.partition("-")[0])
    move = Change(move) if isinstance(move, Recipe) else move
    findings = tuple(more.pop("findings", {}).items())
    made = Decision(stage, rule, move, recipe, findings, numbers={"knobs": "", "recipe": recipe.key}, **more)
    return ("decision", key, to_json(made))


def arm(kind: ArmKind, recipe: Recipe, base: Recipe = RECIPE, gain: float = 0.05, beyond: bool = True) -> Told:
    """The plan of an arm, its probe, and how it compares."""

    def result(kind: ArmKind, recipe: Recipe, f1: float) -> ArmResult:
        return ArmResult(kind, recipe, True, (1, 2), (0.5, 0.4), (), f1, 0.3, f1 + 0.04, 1.0, 0.6)

    compared = Comparison(kind, ArmKind.NONE, gain, 0.01, 0.0, 0.0, beyond)
    arms = (result(ArmKind.NONE, base, 0.85), result(kind, recipe, 0.86))
    told = ExperimentResult(base, arms, (compared,), kind.value if beyond else "undecided", "experiment.undecided")
    return [
        probe(recipe),
        ("experiment", f"{base.key} {recipe.key}", to_json(told)),
    ]


def planned(key: str, kind: ArmKind, recipe: Recipe, base: Recipe = RECIPE) -> tuple[str, str, dict[str, Any]]:
    return decided(key, "untested", Experiment((Arm(kind, recipe),)), base)


ON = Advance(Stage.OPTIMISE)
DONE = Advance(Stage.FINAL)
