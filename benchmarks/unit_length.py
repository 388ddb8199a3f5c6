"""The frozen rung on raw states, and as it chooses between raw states and states of unit length, on test rows.

Usage: python -m benchmarks.unit_length [SET ...]    (a line a set in results/unit_length.csv)

SET is a name of `outcomes.sets.CASES`. Nothing is chosen on test rows. Sets that the CSV holds are not measured again.
"""

import sys
import time
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.frozen_features import Encoded, encoded
from benchmarks.outcomes.sets import CASES
from benchmarks.tables import append, commit, read
from rankfirst.baselines import FrozenFit, fit_frozen
from rankfirst.measure.decoding import Decoding
from rankfirst.measure.scores import indicator, log_loss, macro_f1

NAME = "unit_length"
SETS = ("snips-300", "banking77-400", "nlupp-400", "mixatis-500", "smp2017-600", "banking77-800", "tnews", "smp2017",
        "snips-2500", "banking77-2500", "clinc150-2500", "mixatis-2500", "crosswoz_acts-2500",
        "online_shopping_zh-2500", "nlupp", "mixsnips-2500")  # fmt: skip
POOLINGS = ("mean", "cls", "max")


def fitted(found: Encoded, normalize: bool) -> tuple[FrozenFit, float]:
    """The rung and the CPU seconds of its fit."""
    train, val = ({p: found.states[split][p] for p in POOLINGS} for split in ("train", "val"))
    began = time.process_time()
    return fit_frozen(train, val, found.dataset, [], normalize=normalize), time.process_time() - began


def scores(found: Encoded, fit: FrozenFit) -> dict[str, Any]:
    """On test rows; accuracy is exact match for label sets."""
    data = found.dataset
    assert data.test is not None
    truth, p = indicator(data.test.labels, len(data.classes)), fit.head.predict_proba(found.states["test"][fit.pooling])
    answers = Decoding.of(data).answers(p)
    return {
        "test_macro_f1": round(macro_f1(truth, answers), 4),
        "test_accuracy": round(float((answers == truth).all(axis=1).mean()), 4),
        "test_log_loss": round(float(log_loss(truth, p, data.multi_label).mean()), 4),
    }


def measure(name: str) -> None:
    """The line of one set."""
    found = encoded(CASES[name])
    raw, before = fitted(found, normalize=False)
    chosen, after = fitted(found, normalize=True)
    assert np.array_equal(raw.start.weight, chosen.start.weight)  # from which LoRA starts
    row: dict[str, object] = {
        "set": name,
        "rows": len(found.dataset.train),
        "classes": len(found.dataset.classes),
        "pooling": chosen.pooling,
        "normalize": chosen.rung.details["normalize"],
        "judged_on": chosen.rung.details["chosen_on"],
    }
    for label, fit, seconds in (("raw", raw, before), ("chosen", chosen, after)):
        told = {"C": fit.rung.details["C"], "val_macro_f1": round(fit.rung.val.macro_f1, 4), **scores(found, fit),
                "cpu_seconds": round(seconds, 1)}  # fmt: skip
        row |= {f"{label}_{key}": value for key, value in told.items()}
    append(NAME, row | {"commit": commit()})


if __name__ == "__main__":
    threadpool_limits(1)
    for each in sys.argv[1:] or SETS:
        if all(row["set"] != each for row in read(NAME)):
            measure(each)
