"""What more training rows are expected to gain: the learning curve of the run's frozen encoder, or of its n-grams."""

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from rankfirst import baselines, report
from rankfirst.baselines.folds import subsample
from rankfirst.data.shift.sketch import Sketch
from rankfirst.lifecycle.drift.readings import Reader, Tick
from rankfirst.measure.scores import Z
from rankfirst.records import Dataset, Gain, Learning, Split
from rankfirst.run.folder import JOURNAL

# Training rows on which the curve is measured: encoding more takes minutes, and the slope is that of a doubling.
CURVE_ROWS: Final = 6_000
DRAWS: Final = 3  # of the smaller parts of the training rows; their spread is part of the error
DEFAULT_C: Final = {"frozen": 0.01, "tfidf": 100.0}  # of runs whose journal lacks it
HELD: Final = 0.25  # of the stored rows, if the training file is gone


def expected_gain(
    run: Path, reader: Reader, dataset: Dataset | None, sketch: Sketch | None, added: int, tick: Tick
) -> tuple[Gain | None, str]:
    """(the gain of `added` more training rows, "") or (None, the key of a sentence that says why there is none).

    Args: dataset: the run's rows, if their files are still there. sketch: what the delivery stores of them.
    """
    kind = "tfidf" if reader.kind == "tfidf" else "frozen"
    details = _details(run, kind)
    c = _penalty(details, kind)
    unit = details.get("normalize") == 1
    if dataset is not None:
        curves = _of_rows(reader, dataset, kind, c, unit, tick)
    elif kind == "frozen" and sketch is not None and len(sketch.vectors) >= 8:
        curves = _of_sketch(reader, sketch, c, unit)
    else:
        return None, "label.no_gain.rows"
    doublings = math.log2(1 + added / max(1, _trained(reader, dataset, sketch)))
    slopes = np.array([each.per_doubling for each in curves])
    error = math.hypot(max(each.error for each in curves), float(slopes.std(ddof=1)) if len(slopes) > 1 else 0.0)
    points, reach = 100 * float(slopes.mean()) * doublings, 100 * Z * error * doublings
    measured = tuple((rows, 100 * float(np.mean([each.macro_f1[i] for each in curves])))
                     for i, rows in enumerate(curves[0].rows))  # fmt: skip
    trained = _trained(reader, dataset, sketch)
    return Gain(kind, points, points - reach, points + reach, trained, measured), ""


def _trained(reader: Reader, dataset: Dataset | None, sketch: Sketch | None) -> int:
    """The number of rows that the delivered model was trained on."""
    known = reader.model.facts.get("trained_on", {}).get("rows")
    if known:
        return int(known)
    return len(dataset.train) if dataset is not None else sketch.texts if sketch is not None else 1


def _of_rows(reader: Reader, dataset: Dataset, kind: str, c: float, unit: bool, tick: Tick) -> list[Learning]:
    rows = subsample(dataset.train.labels, CURVE_ROWS, 0)
    train = Split(tuple(dataset.train.texts[i] for i in rows), tuple(dataset.train.labels[i] for i in rows))
    some = replace(dataset, train=train)
    if kind == "tfidf":
        model = reader.model.ngrams
        counted = model.count(train.texts), model.count(dataset.val.texts)
        return [baselines.tfidf_learning_curve(*counted, some, c, seed) for seed in range(DRAWS)]
    features, val = (reader.vectors(texts, tick) for texts in (train.texts, dataset.val.texts))
    assert features is not None and val is not None
    return [baselines.learning_curve(features, val, some, c, seed, normalize=unit) for seed in range(DRAWS)]


def _of_sketch(reader: Reader, sketch: Sketch, c: float, unit: bool) -> list[Learning]:
    """The curve on the rows whose vectors are stored, a quarter of them held out."""
    model, curves = reader.model, list[Learning]()
    for seed in range(DRAWS):
        held = np.zeros(len(sketch.vectors), dtype=bool)
        held[subsample(sketch.classes, max(1, round(HELD * len(held))), seed)] = True
        parts = [Split(("",) * int(part.sum()), tuple(sketch.classes[i] for i in np.flatnonzero(part)))
                 for part in (~held, held)]  # fmt: skip
        rows = Dataset("", model.classes, model.multi_label, parts[0], parts[1], None)
        known, unseen = sketch.vectors[~held], sketch.vectors[held]
        curves.append(baselines.learning_curve(known, unseen, rows, c, seed, normalize=unit))
    return curves


def _details(run: Path, kind: str) -> Mapping[str, Any]:
    """What the run chose for this baseline; empty if its journal does not say."""
    journal = run / JOURNAL
    events = report.read(journal) if journal.is_file() else []
    details = next((e.payload.get("details") for e in events if (e.kind, e.key) == ("rung", kind)), None)
    return details if isinstance(details, Mapping) else {}


def _penalty(details: Mapping[str, Any], kind: str) -> float:
    """Its C."""
    try:
        return float(details["C"])
    except (KeyError, TypeError, ValueError):
        return DEFAULT_C[kind]
