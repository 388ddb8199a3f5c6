"""Does the interval that `rankfirst drift` gives without labels hold the truth, or does it say that it cannot tell?

Usage: python -m benchmarks.watch_without_labels [SET ...]     (sets of RANKFIRST_SHARED/data; minutes of one core)

A frozen head, REFERENCE labelled reference rows, and NEW later rows, CASES times each with a planted shift:
  none     later rows like the others
  mix      class shares drawn anew, a third of the classes gone
  wording  no case, no punctuation, a third of the words (Chinese: characters) missing
  typos    two errors in each row
  new      a tenth of the rows belong to a class that the model was never trained on
A row of the results is a set and a shift: `held` cases in which the interval of macro-F1 held the truth, `cannot` in
which it said that it cannot tell, `wrong` the others; `precision_held` is the share of classes (with ten answers) whose
interval held. With `labels` 100 random rows have labels, and it always answers. Appends to
results/watch_without_labels.csv.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.end_results import SHARED
from benchmarks.label_next import ENGLISH
from benchmarks.stored import Stored, stored
from benchmarks.tables import append
from rankfirst.data import load_dataset
from rankfirst.engine.base import EngineOptions
from rankfirst.engine.base_models import sources
from rankfirst.engine.local import LocalEngine
from rankfirst.lifecycle.drift.without_labels import Watched, estimate, figures_of, judged_classes
from rankfirst.measure.label_free import Rows, unlike
from rankfirst.measure.scores import Matrix, predict_labels
from rankfirst.records import Split

SETS: Final = ("smp2017", "banking77", "tnews", "online_shopping_zh")
SHIFTS: Final = ("none", "mix", "wording", "typos", "new")
CASES, NEW, REFERENCE, LABELS = 10, 800, 800, 100
CHANGED: Final = 600  # rows that are encoded with changed texts


def changed(text: str, shift: str, chinese: bool, rng: np.random.Generator) -> str:
    """A text with other wording or typing errors."""
    if shift == "wording":
        plain = "".join(c for c in text.lower() if c.isalnum() or c.isspace())
        pieces = list(plain) if chinese else plain.split()
        kept = [piece for piece in pieces if rng.random() > 1 / 3] or pieces[:1]
        return ("" if chinese else " ").join(kept)
    letters = list(text)
    for _ in range(2):
        at = int(rng.integers(max(1, len(letters) - 1)))
        if rng.random() < 0.5 and len(letters) > 2:
            del letters[at]
        else:
            letters[at : at + 2] = letters[at : at + 2][::-1]
    return "".join(letters)


def encoded(model: Stored, shift: str) -> tuple[np.ndarray, Matrix]:
    """(rows whose texts were changed, their features)."""
    name, chinese = model.name, model.name not in ENGLISH
    rng = np.random.default_rng(5)
    rows = rng.permutation(len(model.texts))[:CHANGED]
    kept = Path(tempfile.gettempdir()) / "rankfirst-label-next" / f"{name}-{shift}-{CHANGED}.npy"
    if not kept.is_file():
        folder = SHARED / "data" / name
        dataset = load_dataset(folder / "train.csv", folder / "val.csv", folder / "test.csv")
        few = Split(dataset.train.texts[:50], dataset.train.labels[:50])
        texts = [changed(model.texts[row], shift, chinese, rng) for row in rows]
        spec = str(SHARED / "models" / "e5-small-zh") if chinese else sources.DEFAULT_EN
        with tempfile.TemporaryDirectory() as place:
            small = replace(dataset, train=few, val=few, test=few)
            engine = LocalEngine(small, sources.resolve(spec), Path(place), EngineOptions(max_tokens=64))
            np.save(kept, engine.encode(texts)["mean"].astype(np.float32))
    return rows, np.load(kept)


def later(model: Stored, shift: str, free: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, Matrix]:
    """(rows, their features) of one case. Args: free: rows that are no reference rows."""
    if shift in ("wording", "typos"):
        rows, features = encoded(model, shift)
        there = np.flatnonzero(np.isin(rows, free))
        some = rng.choice(there, NEW)
        return rows[some], features[some]
    main = model.truth.argmax(axis=1)
    weight = np.ones(len(free))
    if shift == "mix":
        classes = model.truth.shape[1]
        shares = rng.dirichlet(np.ones(classes)) * (rng.random(classes) > 1 / 3)
        counts = np.bincount(main[free], minlength=classes)
        weight = (shares / np.maximum(counts, 1))[main[free]]
    rows = rng.choice(free, NEW, p=weight / weight.sum())
    return rows, model.features[rows]


def case(model: Stored, shift: str, seed: int, left: int | None) -> dict[str, object]:
    rng = np.random.default_rng((seed, 3))
    everyone = rng.permutation(len(model.p))
    known = everyone if left is None else everyone[~model.truth[everyone, left]]
    reference, free = known[:REFERENCE], np.setdiff1d(everyone, known[:REFERENCE])
    if left is not None:
        own = model.truth[free, left]
        tenth = NEW // 10
        rows = np.concatenate([rng.choice(free[own], tenth), rng.choice(free[~own], NEW - tenth)])
        features = model.features[rows]
    else:
        rows, features = later(model, shift, free, rng)
    p, truth = model.head.answer(features), model.truth[rows]
    if left is not None:  # the model has no such class: no probability, no answer
        p[:, left] = 0.0
        p /= p.sum(axis=1, keepdims=True)
    new, before = rows_of(model, p), rows_of(model, model.p[reference])
    far = unlike(model.features[reference], features, model.train, (before.decided, new.decided))
    told_apart = truth.copy()
    told_apart[:, [] if left is None else left] = False  # a label that the model does not know
    labels = {int(at): told_apart[at] for at in rng.permutation(NEW)[:LABELS]}
    watched = Watched(model.classes, model.multi_label, before, model.truth[reference], new, {}, far, False)
    own_classes = judged_classes(new.p)
    true, _ = figures_of(own_classes, (), model.classes)(truth, new)
    told = {"free": estimate(watched, seed), "labels": estimate(replace(watched, labels=labels), seed)}
    return {"true": true, "told": told, "unlike": far}


def rows_of(model: Stored, p: np.ndarray) -> Rows:
    decided = predict_labels(p, model.multi_label)
    return Rows(p, decided, decided, np.ones(len(p), dtype=bool))


def measure(name: str, shift: str) -> None:
    model, left = stored(name), None
    if shift == "new":
        left = int(np.argsort(model.truth.sum(axis=0))[-3])
        model = stored(name, without=left)
    cases = [case(model, shift, seed, left) for seed in range(CASES)]
    for kind in ("free", "labels"):
        told = [each["told"][kind] for each in cases]  # type: ignore[index]
        pairs = [(each["true"][0], own) for each, own in zip(cases, told, strict=True)]  # type: ignore[index]
        held = [not own.blind and own.f1.low <= true <= own.f1.high for true, own in pairs]
        shares = [
            share.low <= each["true"][1 + model.classes.index(share.name)] <= share.high  # type: ignore[index]
            for each, own in zip(cases, told, strict=True)
            for share in own.precision
            if share.rows >= 10 and not own.blind
        ]  # fmt: skip
        cannot = sum(bool(own.blind) for own in told)
        append("watch_without_labels", {
            "set": name, "shift": shift, "labels": LABELS if kind == "labels" else 0, "cases": CASES,
            "held": int(sum(held)), "cannot": cannot, "wrong": int(CASES - sum(held) - cannot),
            "true": round(float(np.mean([true for true, _ in pairs])), 4),
            "estimate": round(float(np.mean([own.f1.value for own in told])), 4),
            "before": round(float(np.mean([own.f1.before for own in told])), 4),
            "width": round(float(np.mean([own.f1.high - own.f1.low for own in told])), 4),
            "unlike": round(float(np.mean([each["unlike"] for each in cases])), 4),
            "precision_held": round(float(np.mean(shares)), 4) if shares else "",
        })  # fmt: skip


def main() -> None:
    for name in sys.argv[1:] or SETS:
        for shift in SHIFTS:
            measure(name, shift)


if __name__ == "__main__":
    main()
