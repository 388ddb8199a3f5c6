"""A synthetic journal with every kind of event, made from records."""

import json
from pathlib import Path
from typing import Any

from rankfirst.records import (
    ATTENTION_QV,
    Advance,
    Arm,
    ArmKind,
    ArmResult,
    Change,
    Check,
    Comparison,
    Complexity,
    Curve,
    Decision,
    Evaluation,
    Experiment,
    ExperimentResult,
    Finding,
    Health,
    Level,
    Profile,
    Recipe,
    Rung,
    Scores,
    Shipping,
    Sites,
    SizeTier,
    Stage,
    Verdict,
    to_json,
)

CLASSES = ("lost_card", "top_up", "transfer_fee", "退款")
RECIPE = Recipe(rank=4, sites=Sites(ATTENTION_QV, 2), scaling=2.0, lr=1e-3, dropout=0.0)
NAN = float("nan")


def scores(f1: float, classes: tuple[str, ...] = CLASSES) -> Scores:
    """Scores around `f1`; the last class has no rows."""
    recall = {name: f1 - 0.05 * n for n, name in enumerate(classes[:-1])} | {classes[-1]: None}
    return Scores(f1, f1 + 0.01, f1 + 0.02, recall, 0.5, (f1 - 0.02, f1 + 0.02), f1 - 0.1)


def profile(classes: tuple[str, ...] = CLASSES) -> Profile:
    """A small data set with a tail class, suspects and a confusable pair."""
    checks = (
        Check("data.check.duplicates", Level.OK, {"duplicates": 3, "rows": 400, "share": 0.0075, "texts": 2}),
        Check("data.check.suspects", Level.WARN, {"suspects": 12, "share": 0.03}, (4, 8, 15)),
    )
    return Profile(
        400, 120, 120, classes, (180, 120, 90, 10), False, 1.0, 4, SizeTier.UNDER_1K, 3.2, 18.0, (3,), 0.025, "mixed",
        42.0, 90.0, 210, 3, (4,), 0, 0, checks, Complexity.MEDIUM, (4, 8, 15), ((1, 2, 0.17),), 12.0, 0.0,
    )  # fmt: skip


def curve(recipe: Recipe = RECIPE, start: float = 0.8, end: float = 0.86, health: Health = Health.FINE) -> Curve:
    """A probe that improves step by step."""
    evaluations = tuple(
        Evaluation(10 * n, n / 2, 0.9 - 0.1 * n, start + (end - start) * n / 4, 0.8, (0.8, NAN), 0.8 - 0.15 * n, 0.9)
        for n in range(5)
    )
    steps = tuple(range(2, 42, 2))
    loss = tuple(0.9 - 0.015 * s for s in steps)
    return Curve(
        recipe, health, 2.0, 20, steps, loss, loss, evaluations, (0.2, NAN), ((0,), (1,)), (4, 8), 64, 1.2, 9000, 3.4
    )


def decisions() -> tuple[Decision, Decision]:
    """An experiment asked for, then a change made of it."""
    present = Finding("slow.present", Verdict.PRESENT, {"rate": 0.4, "train_f1": 0.8, "gain": 6.0})
    absent = Finding("numerics.absent", Verdict.ABSENT, {"steps": 40})
    unknown = Finding("worse.unknown", Verdict.UNKNOWN)
    arms = (Arm(ArmKind.NONE, RECIPE), Arm(ArmKind.RANK_AND_LR, RECIPE.with_(rank=8)))
    findings = (("numerics", absent), ("worse", unknown), ("slow", present))
    first = Decision(Stage.CAPACITY, "slow", Experiment(arms), RECIPE, findings, (), ("refused.dropout",), {"gain": 6})
    move = Change(RECIPE.with_(rank=8))
    second = Decision(Stage.CAPACITY, "limit_rank", move, RECIPE, findings, (("overfit", "no_room.rank"),), (), {})
    return first, second


def experiment() -> ExperimentResult:
    """Two arms, one beyond noise."""
    bigger = RECIPE.with_(rank=8)
    arms = (
        ArmResult(ArmKind.NONE, RECIPE, True, (1, 2), (0.5, 0.4), (0.3, 0.2), 0.85, 0.3, 0.9, 1.0, 1.0),
        ArmResult(ArmKind.RANK_AND_LR, bigger, True, (1, 2), (0.5, 0.3), (0.2, 0.1), 0.88, 0.2, 0.93, 1.4, 1.1),
    )
    told = (Comparison(ArmKind.RANK_AND_LR, ArmKind.NONE, 0.0312, 0.0101, 0.1, 0.03, True),)
    return ExperimentResult(RECIPE, arms, told, "rank", "experiment.rank", {"gain": 0.0312})


def _rungs(classes: tuple[str, ...]) -> list[Rung]:
    given = (("majority", 0.12, 0.01), ("tfidf", 0.74, 3.2), ("frozen", 0.81, 21.0), ("lora", 0.875, 260.0))
    return [Rung(name, scores(f1, classes), seconds, 0.4, {}, (0.1,), ((0,),)) for name, f1, seconds in given]


def _result(classes: tuple[str, ...], text: str) -> dict[str, Any]:
    rungs = [
        {"name": r.name, "val": to_json(r.val), "test": to_json(scores(r.val.macro_f1 - 0.01, classes)),
         "seconds": r.seconds, "megabytes": r.megabytes} for r in _rungs(classes)
    ]  # fmt: skip
    return {
        "verdict": to_json(Shipping("lora", "ship.lora", {"gain": 6.5})),
        "val": to_json(scores(0.875, classes)),
        "test": to_json(scores(0.865, classes)),
        "rungs": rungs,
        "recipe": to_json(RECIPE.with_(rank=8)),
        "decisions": 3,
        "seconds": 431.0,
        "peak_memory_mb": 812.4,
        "versions": {"rankfirst": "0.1.0", "torch": "2.6"},
        "confusions": [{"a": classes[1], "b": classes[2], "count": 9, "examples": [text, "why was I charged"]}],
        "six": [{"code": f"six.{n}", "numbers": {"n": n}} for n in range(1, 7)],
        "costs": {"data": 2.0, "ladder": 24.0, "capacity": 260.0, "final": 145.0},
    }


def events(
    dataset: str = "bank intents", classes: tuple[str, ...] = CLASSES, text: str = "我要退款，谢谢"
) -> list[tuple[str, str, dict[str, Any]]]:
    """(kind, key, payload) of a finished run."""
    asked, changed = decisions()
    run = {
        "dataset": dataset, "fingerprint": "ab12", "base_model": "pkg:tiny", "base_sha256": "cd34",
        "versions": {"torch": "2.6"}, "device": "cpu", "threads": 4, "seed": 0,
        "command": f"rankfirst fit {dataset} -o out", "multi_label": False, "synthetic": True,
    }  # fmt: skip
    final = Decision(Stage.RECHECK, "always", Advance(Stage.FINAL), RECIPE.with_(rank=8), ())
    ceiling = {"max_rank": 16, "max_layers": 4, "numbers": {"rows": 400}}
    refusal = {"knob": "rank", "value": 64, "stage": "capacity", "code": "refusal.over_ceiling", "forced": False}
    return [
        ("run", "", run),
        ("profile", "", to_json(profile(classes))),
        *(("rung", rung.name, to_json(rung)) for rung in _rungs(classes)),
        ("start", "", {"recipe": to_json(RECIPE), "ceiling": ceiling}),
        ("noise", "", {"f1_se": 0.012, "loss_se": 0.03, "rows": 120}),
        ("refusal", "rank", refusal),
        ("probe", RECIPE.key, to_json(curve())),
        ("decision", "1", to_json(asked)),
        ("experiment", "1", to_json(experiment())),
        ("decision", "2", to_json(changed)),
        ("note", "", {"code": "note.text", "numbers": {"text": text}}),
        ("probe", "2", to_json(curve(RECIPE.with_(rank=8), 0.81, 0.875))),
        ("decision", "3", to_json(final)),
        ("final", "", to_json(curve(RECIPE.with_(rank=8), 0.81, 0.875))),
        ("verdict", "", to_json(Shipping("lora", "ship.lora", {"gain": 6.5}))),
        ("result", "", _result(classes, text)),
    ]


def write(folder: Path, told: list[tuple[str, str, dict[str, Any]]]) -> Path:
    """The events as a journal file."""
    path = folder / "journal.jsonl"
    lines = [
        json.dumps({"n": n, "at": "2026-11-24T05:00:00Z", "kind": kind, "key": key, "payload": payload})
        for n, (kind, key, payload) in enumerate(told)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
