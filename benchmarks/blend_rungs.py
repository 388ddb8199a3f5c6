"""TF-IDF and the frozen rung as they are fitted, and a calibrated blend of both, on test rows.

Usage: python -m benchmarks.blend_rungs [SET ...]    (a line a set in results/blend_rungs.csv)

The blend is a weighted mean of calibrated log-probabilities (label sets: of log-odds). Its weight has the lowest
log-loss on out-of-fold answers of the training rows, on validation rows if the folds leak, and so has its temperature;
on the same rows the better of the two rungs is picked, and the blend is kept beside it where it is preferred as a C is
(macro-F1 not lower beyond noise). Test rows are only scored. Sets that the CSV holds are not
measured again.
"""

import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.frozen_features import Encoded, encoded
from benchmarks.outcomes.sets import CASES
from benchmarks.tables import append, commit, read
from benchmarks.unit_length import SETS, fitted
from rankfirst.baselines import fit_tfidf, tfidf_out_of_fold
from rankfirst.baselines.cross_validation import best
from rankfirst.measure.calibration import fit_temperature, log_odds, probabilities
from rankfirst.measure.decoding import Decoding
from rankfirst.measure.scores import indicator, log_loss, macro_f1

NAME = "blend_rungs"
WEIGHTS = (0.0, 0.15, 0.3, 0.5, 0.7, 0.85, 1.0)  # of TF-IDF


@dataclass(frozen=True)
class Side:
    """One model: logits of the rows by which it is judged, and of the test rows."""

    judged: Any
    test: Any

    def calibrated(self, truth: Any, multi: bool) -> "Side":
        """Log-probabilities, or log-odds of label sets, at the temperature that suits the judged rows."""
        temperature = fit_temperature(self.judged, truth, multi)
        return Side(*(_sure(probabilities(each, multi, temperature), multi) for each in (self.judged, self.test)))


def _sure(p: Any, multi: bool) -> Any:
    return log_odds(p, multi) if multi else np.log(np.maximum(p, 1e-12))


def sides(found: Encoded) -> tuple[list[Side], Any, bool, float]:
    """(frozen rung and TF-IDF, truth of the judged rows, whether these are validation rows, seconds)."""
    data, began = found.dataset, time.process_time()
    assert data.test is not None
    frozen, _ = fitted(found, normalize=True)
    ngrams = fit_tfidf(data, [])
    leaky = frozen.rung.details["chosen_on"] == "validation"
    test = frozen.head.logits(found.states["test"][frozen.pooling]), ngrams.model.logits(data.test.texts)
    if leaky:
        judged = frozen.val.logits, ngrams.model.logits(data.val.texts)
        labels = data.val.labels
    else:
        rows, p = tfidf_out_of_fold(ngrams.model, data, float(ngrams.rung.details["C"]))
        assert rows == tuple(int(row) for row in frozen.rows)
        judged = _sure(frozen.out_of_fold, data.multi_label), _sure(p, data.multi_label)
        labels = data.train.labels
    truth = indicator(labels, len(data.classes))
    # The head's own logits on test are divided by its temperature, as those that it is judged by are.
    scaled = test[0].astype(np.float64) / frozen.head.temperature, test[1]
    both = [Side(*each).calibrated(truth, data.multi_label) for each in zip(judged, scaled, strict=True)]
    return both, truth, leaky, time.process_time() - began


def measure(name: str) -> None:
    """The line of one set."""
    found = encoded(CASES[name])
    data, multi = found.dataset, found.dataset.multi_label
    assert data.test is not None
    (frozen, ngrams), truth, leaky, seconds = sides(found)
    blends = {w: Side(*((1 - w) * a + w * b for a, b in ((frozen.judged, ngrams.judged), (frozen.test, ngrams.test))))
              .calibrated(truth, multi) for w in WEIGHTS}  # fmt: skip
    losses = {w: log_loss(truth, probabilities(each.judged, multi), multi).mean() for w, each in blends.items()}
    weight = min(losses, key=lambda w: losses[w])
    named = {"frozen": frozen, "tfidf": ngrams}
    picked = list(named)[best([frozen.judged, ngrams.judged], truth, multi, 0)]
    kept = best([named[picked].judged, blends[weight].judged], truth, multi, 0)
    on_test, decoding = indicator(data.test.labels, len(data.classes)), Decoding.of(data)
    row: dict[str, object] = {"set": name, "rows": len(data.train), "classes": len(data.classes), "weight": weight,
                              "picked": picked, "kept": kept,
                              "judged_on": "validation" if leaky else "folds"}  # fmt: skip
    for label, side in (("frozen", frozen), ("tfidf", ngrams), ("blend", blends[weight])):
        p = probabilities(side.test, multi)
        answers = decoding.answers(p)
        row |= {
            f"{label}_macro_f1": round(macro_f1(on_test, answers), 4),
            f"{label}_accuracy": round(float((answers == on_test).all(axis=1).mean()), 4),
            f"{label}_log_loss": round(float(log_loss(on_test, p, multi).mean()), 4),
        }
    append(NAME, row | {"cpu_seconds": round(seconds, 1), "commit": commit()})


if __name__ == "__main__":
    threadpool_limits(1)
    for each in sys.argv[1:] or SETS:
        if all(row["set"] != each for row in read(NAME)):
            measure(each)
