"""The frozen rung as it is fitted, with class prototypes and without, on test rows.

Usage: python -m benchmarks.frozen_rung [SET ...]    (two lines a set in results/frozen_rung.csv)

SET is a name of `outcomes.sets.CASES` with one label a row. Lines that the CSV holds are not measured again.
"""

import sys
import time

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.frozen_features import encoded
from benchmarks.outcomes.sets import CASES
from benchmarks.tables import append, commit, read
from rankfirst.baselines import fit_frozen
from rankfirst.measure.scores import indicator, log_loss, macro_f1

NAME = "frozen_rung"
SETS = ("banking77-400", "banking77-800", "banking77-2500", "snips-300", "snips-2500", "clinc150-2500", "smp2017-600",
        "smp2017", "tnews", "online_shopping_zh-2500")  # fmt: skip


def measure(name: str) -> None:
    """Both lines of one set."""
    found = encoded(CASES[name])
    data, poolings = found.dataset, ("mean", "cls", "max")
    assert data.test is not None
    train, val, test = ({p: found.states[split][p] for p in poolings} for split in ("train", "val", "test"))
    truth = indicator(data.test.labels, len(data.classes))
    for prototypes in (False, True):
        began = time.process_time()
        fitted = fit_frozen(train, val, data, [], prototypes=prototypes)
        spent = time.process_time() - began
        p = fitted.head.predict_proba(test[fitted.pooling])
        answers = np.eye(len(data.classes), dtype=bool)[p.argmax(axis=1)]
        append(NAME, {
            "set": name,
            "allowed": int(prototypes),
            "share": fitted.rung.details["prototypes"],
            "pooling": fitted.pooling,
            "C": fitted.rung.details["C"],
            "leaky": int(fitted.rung.details["chosen_on"] == "validation"),
            "val_macro_f1": round(fitted.rung.val.macro_f1, 4),
            "val_log_loss": round(fitted.rung.val.log_loss, 4),
            "test_macro_f1": round(macro_f1(truth, answers), 4),
            "test_accuracy": round(float((answers & truth).any(axis=1).mean()), 4),
            "test_log_loss": round(float(log_loss(truth, p, False).mean()), 4),
            "cpu_seconds": round(spent, 1),
            "commit": commit(),
        })  # fmt: skip


if __name__ == "__main__":
    threadpool_limits(1)
    for each in sys.argv[1:] or SETS:
        if all(row["set"] != each for row in read(NAME)):
            measure(each)
