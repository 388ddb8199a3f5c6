"""Suspect labels, the data ceiling and complexity on real sets with planted mistakes.

Usage: python -m benchmarks.assess_suspects [SET ...]      (sets of RANKFIRST_SHARED/data; features are kept in a
folder under the system's temporary one, because encoding costs most); with `held-out` in place of sets: what the
evidence that is best on the other sets finds on each.
Appends to results/assess_suspects.csv (precision at k, rows flagged; cleanlab's defaults on the same probabilities,
where it is installed), results/assess_ceiling.csv (estimate against truth) and results/assess_complexity.csv.
results/suspects.csv is of an earlier script: 5% planted, probabilities at the C with the best F1, several ratios.
"""

import csv
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.end_results import SHARED
from benchmarks.tables import RESULTS, append
from rankfirst.baselines.cross_validation import best, held_out_logits
from rankfirst.baselines.folds import assign_folds
from rankfirst.baselines.frozen import FOLDS, FOLDS_WHEN_LARGE, LARGE
from rankfirst.baselines.linear_head import Scaler
from rankfirst.data import load_dataset, profile, with_out_of_fold
from rankfirst.data.quality.complexity import points
from rankfirst.data.quality.label_ceiling import data_ceiling
from rankfirst.data.quality.neighbours import NEIGHBOURS, Neighbours, nearest, votes
from rankfirst.data.quality.suspect_labels import RATIO, blended, flagged, suspicions
from rankfirst.engine.base import EngineOptions
from rankfirst.engine.base_models import sources
from rankfirst.engine.local import LocalEngine
from rankfirst.measure.calibration import fit_temperature, probabilities
from rankfirst.measure.scores import accuracy, as_tuples, indicator, log_loss, macro_f1, predict_labels
from rankfirst.options.fit_options import MAX_TOKENS
from rankfirst.records import Dataset, Split

SETS = ("tnews", "smp2017", "crosswoz_acts", "iflytek", "banking77", "online_shopping_zh", "clinc150", "snips",
        "mixatis", "mixsnips")  # fmt: skip
ENGLISH = {"banking77", "clinc150", "snips", "mixatis", "mixsnips"}
MOST_ROWS = 10_000  # training rows of mixsnips, so that a run of all sets stays under an hour
TOKENS = {"iflytek": 128}  # a text at most, where texts are long
PATH = (0.001, 0.01, 0.1)
VIEWS = (5, 10, 20)  # neighbours blended with the encoder's probabilities
PLANTED = (("clean", 0.0), ("random", 0.05), ("random", 0.1), ("random", 0.2), ("confusable", 0.1))


def main(names: list[str]) -> None:
    """Measure each set and append its rows."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    if names == ["held-out"]:
        held_out()
        return
    for name in names or SETS:
        measure(name)


def measure(name: str) -> None:
    """All rows of one set."""
    dataset = loaded(name)
    features, multi, classes = encoded(name, dataset), dataset.multi_label, len(dataset.classes)
    began = time.perf_counter()
    neighbours = nearest(features, k=max(VIEWS))
    spent = time.perf_counter() - began
    clean, val = (indicator(split.labels, classes) for split in (dataset.train, dataset.val))
    confused_share = np.empty(0)
    for kind, share in PLANTED:
        confusion = confused_share if kind == "confusable" else None
        truth = flip(clean, multi, share, np.random.default_rng(1), confusion)
        judged = flip(val, multi, share, np.random.default_rng(2), confusion)
        spoiled = replace(dataset, train=relabelled(dataset.train, truth), val=relabelled(dataset.val, judged))
        views = out_of_fold(features, truth, spoiled)
        p = views["log_loss"][1]
        if kind == "clean":
            confused_share = confused(clean, p)
            show_complexity(name, spoiled, p, features)
        base = {"date": time.strftime("%Y-%m-%d"), "set": name, "kind": kind, "planted": share}
        found = spotted(truth, (truth != clean).any(axis=1), views, neighbours, multi)
        append(
            "assess_suspects", base | {"multi": int(multi), "rows": len(truth), "neighbours_s": round(spent, 1)} | found
        )
        ceiling = data_ceiling(spoiled, p)
        true = macro_f1(judged, val)
        figures = {"true": true, "estimate": ceiling.macro_f1, "low": ceiling.low, "high": ceiling.high}
        more = {key: round(float(ceiling.numbers[key]), 4) for key in ("noise", "certain")}
        rounded = {key: round(value, 4) for key, value in figures.items()}
        append("assess_ceiling", base | rounded | more | {"code": ceiling.code})


def spotted(
    truth: np.ndarray,
    wrong: np.ndarray,
    views: Mapping[str, tuple[float, np.ndarray]],
    neighbours: Neighbours,
    multi: bool,
) -> dict[str, object]:
    """Precision at k = rows planted, for several kinds of evidence, and what is flagged."""
    c, p = views["log_loss"]
    scores, _ = suspicions(truth, p, multi, first(neighbours, NEIGHBOURS))
    alone, _ = suspicions(truth, p, multi)
    by_f1, _ = suspicions(truth, views["f1"][1], multi)
    found: dict[str, object] = {"C": c, "C_f1": views["f1"][0]}
    found |= {"precision_at_k": at_k(scores, wrong), "encoder_alone": at_k(alone, wrong)}
    found |= {"encoder_C_f1": at_k(by_f1, wrong), "cleanlab": at_k(-quality(truth, p, multi), wrong)}
    for k in VIEWS:
        found[f"blend_{k}"] = at_k(with_votes(truth, p, multi, first(neighbours, k)), wrong)
    shipped = chosen(flagged(scores, truth.shape[1], multi), wrong)
    for prefix, mask in (("", shipped), ("cl_", issues(truth, p, multi)), ("at_100_", scores >= RATIO)):
        found |= caught(prefix, mask, wrong)
    return found


def first(neighbours: Neighbours, k: int) -> Neighbours:
    """The nearest k."""
    return Neighbours(neighbours.rows[:, :k], neighbours.similarity[:, :k])


def with_votes(truth: np.ndarray, p: np.ndarray, multi: bool, neighbours: Neighbours) -> np.ndarray:
    """(n,) suspicions with neighbours blended in, in label sets too: there every label is a yes-or-no of its own."""
    if not multi:
        return suspicions(truth, p, multi, neighbours)[0]
    yes, one, other = (np.asarray(a, dtype=float).ravel() for a in (truth, p, votes(neighbours, truth)))
    pairs = [np.column_stack([1 - a, a]) for a in (yes, one, other)]
    return suspicions(truth, blended(pairs[0] > 0, *pairs[1:])[:, 1].reshape(p.shape), True)[0]


def held_out() -> None:
    """For each set: the evidence that finds most random mistakes on the other sets of its kind, and what it finds."""
    kinds = ("encoder_alone", *(f"blend_{k}" for k in VIEWS))
    with (RESULTS / "assess_suspects.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if (row["kind"], row["planted"]) == ("random", "0.1")]
    for row in rows:
        others = [r for r in rows if r["set"] != row["set"] and r["multi"] == row["multi"]]
        best_kind = max(kinds, key=lambda kind: sum(float(r[kind]) for r in others))
        print({"set": row["set"], "chosen": best_kind, "found": row[best_kind], "shipped": row["precision_at_k"]})


def chosen(rows: tuple[int, ...], wrong: np.ndarray) -> np.ndarray:
    """Row numbers as a mask."""
    mask = np.zeros(len(wrong), dtype=bool)
    mask[list(rows)] = True
    return mask


def caught(prefix: str, mask: np.ndarray, wrong: np.ndarray) -> dict[str, object]:
    """Share flagged, share of the wrong ones flagged, share of the flagged ones wrong."""
    recall = round(float(mask[wrong].mean()), 3) if wrong.any() and mask.size else ""
    precision = round(float(wrong[mask].mean()), 3) if wrong.any() and mask.any() else ""
    share = round(float(mask.mean()), 4) if mask.size else ""
    return {f"{prefix}flagged": share, f"{prefix}recall": recall, f"{prefix}precision": precision}


def at_k(scores: np.ndarray, wrong: np.ndarray) -> object:
    """Share of wrong rows among the k most suspicious, k = wrong rows; empty where cleanlab is missing."""
    if not wrong.any() or not scores.size:
        return ""
    return round(float(wrong[np.argsort(-scores, kind="stable")[: wrong.sum()]].mean()), 3)


def quality(truth: np.ndarray, p: np.ndarray, multi: bool) -> np.ndarray:
    """(n,) cleanlab's label quality scores with its defaults; empty where it is not installed."""
    if find_spec("cleanlab") is None:
        return np.empty(0)
    if multi:
        from cleanlab.multilabel_classification import get_label_quality_scores

        return np.asarray(get_label_quality_scores([list(row) for row in as_tuples(truth)], p))
    from cleanlab.rank import get_label_quality_scores

    return np.asarray(get_label_quality_scores(truth.argmax(axis=1), p))


def issues(truth: np.ndarray, p: np.ndarray, multi: bool) -> np.ndarray:
    """(n,) rows cleanlab flags with its defaults; empty where it is not installed."""
    if find_spec("cleanlab") is None:
        return np.empty(0, dtype=bool)
    from cleanlab.filter import find_label_issues

    labels: Any = [list(row) for row in as_tuples(truth)] if multi else truth.argmax(axis=1)
    return np.asarray(find_label_issues(labels, p, multi_label=multi, n_jobs=1), dtype=bool)


def out_of_fold(features: np.ndarray, truth: np.ndarray, dataset: Dataset) -> dict[str, tuple[float, np.ndarray]]:
    """C and calibrated out-of-fold probabilities: of the least held-out log-loss, and as the frozen rung chooses."""
    rows, multi = Scaler.fit(features).apply(features), dataset.multi_label
    folds = assign_folds(dataset.train.labels, FOLDS if len(truth) <= LARGE else FOLDS_WHEN_LARGE, 0)
    logits = held_out_logits(rows, truth, folds, PATH, multi)
    views = {c: probabilities(held, multi, fit_temperature(held, truth, multi)) for c, held in logits.items()}
    least = min(PATH, key=lambda c: float(log_loss(truth, views[c], multi).mean()))
    f1 = PATH[best([logits[c] for c in PATH], truth, multi, 0)]
    return {"log_loss": (least, views[least]), "f1": (f1, views[f1])}


def confused(truth: np.ndarray, p: np.ndarray) -> np.ndarray:
    """(C, C) probability that out-of-fold predictions give each other class to rows of a class."""
    mass = truth.T.astype(float) @ np.where(truth, 0, p)
    return mass / np.maximum(mass.sum(axis=1, keepdims=True), 1e-12)


def flip(
    truth: np.ndarray, multi: bool, share: float, rng: np.random.Generator, confusion: np.ndarray | None
) -> np.ndarray:
    """Labels with `share` of the rows wrong: another class; in label sets one label replaced, dropped or added."""
    spoiled = truth.copy()
    for row in rng.choice(len(truth), round(share * len(truth)), replace=False):
        has, lacks = np.flatnonzero(truth[row]), np.flatnonzero(~truth[row])
        kind = ("replace", "drop", "add")[rng.integers(3)] if multi and len(has) > 1 else "replace"
        gone = rng.choice(has)
        if kind != "drop":
            weight = np.ones(len(lacks)) if confusion is None else confusion[gone][lacks] + 1e-9
            spoiled[row, rng.choice(lacks, p=weight / weight.sum())] = True
        if kind != "add":
            spoiled[row, gone] = False
    return spoiled


def relabelled(split: Split, truth: np.ndarray) -> Split:
    """The same texts with other labels."""
    return replace(split, labels=as_tuples(truth))


def show_complexity(name: str, dataset: Dataset, p: np.ndarray, features: np.ndarray) -> None:
    """The points behind the verdict on a set as it is."""
    found = with_out_of_fold(profile(dataset), dataset, p, nearest(features))
    truth = indicator(dataset.train.labels, len(dataset.classes))
    right = round(accuracy(truth, predict_labels(p, dataset.multi_label)), 3)
    append("assess_complexity", {"set": name, "right": right} | points(found) | {"verdict": found.complexity.value})


def loaded(name: str) -> Dataset:
    """The set, mixsnips cut to a random sample."""
    folder = SHARED / "data" / name
    dataset = load_dataset(folder / "train.csv", folder / "val.csv", folder / "test.csv")
    if name != "mixsnips":
        return dataset
    split = dataset.train
    some = np.sort(np.random.default_rng(0).permutation(len(split))[:MOST_ROWS])
    few = Split(tuple(split.texts[row] for row in some), tuple(split.labels[row] for row in some))
    return replace(dataset, train=few)


def encoded(name: str, dataset: Dataset) -> np.ndarray:
    """(n, d) mean-pooled features of the training rows, encoded once."""
    kept = Path(tempfile.gettempdir()) / "rankfirst-features" / f"{name}.npy"
    if not kept.exists():
        base = sources.DEFAULT_EN if name in ENGLISH else str(SHARED / "models" / "e5-small-zh")
        with tempfile.TemporaryDirectory() as work:
            engine = LocalEngine(
                dataset, sources.resolve(base), Path(work), EngineOptions(max_tokens=TOKENS.get(name, MAX_TOKENS))
            )
            features = engine.features("train")["mean"]
        kept.parent.mkdir(exist_ok=True)
        np.save(kept, features)
    return np.load(kept)


if __name__ == "__main__":
    main(sys.argv[1:])
