"""Is LoRA needed? Expected from the rungs below it; answered once LoRA stood on the same validation rows."""

import math
from collections.abc import Sequence

from rankfirst.policy import noise
from rankfirst.policy import thresholds as t
from rankfirst.policy.shipping import cheaper, ship
from rankfirst.records import Answer, DataCeiling, Learning, Need, Number, Rung


def expected(
    truth: Sequence[Sequence[int]],
    classes: int,
    tfidf: Rung,
    frozen: Rung,
    ceiling: DataCeiling,
    learning: Learning | None,
) -> Need:
    """What can be said before any weight of the base was trained; never YES or NO.

    LoRA changes the features. So it is worth its minutes where the labels leave room above the best rung and more rows
    would not fill it: features that no number of rows helps are the limit themselves. Where the rung still climbs with
    every row, its distance to the ceiling is the data's, and an adapter of more parameters than the head overfits it.
    Without a learning curve (`learning` None: no encoder was used) only a rung at its ceiling says anything.
    """
    best, code = cheaper(truth, classes, tfidf, frozen)
    room = ceiling.macro_f1 - best.val.macro_f1
    error = noise.floor(truth, best.val_predicted, best.val_log_loss, classes).f1_se
    numbers: dict[str, Number] = {
        "f1": best.val.macro_f1,
        "ceiling": ceiling.macro_f1,
        "room": 100 * room,
        "noise": 100 * t.NOISE_SES * error,
    }
    if room <= t.WORTH_A_MODEL:
        return Need(Answer.UNLIKELY, f"need.{code}_at_ceiling", numbers)
    if learning is None:
        return Need(Answer.UNKNOWN, "need.no_curve", numbers)
    numbers |= {"slope": 100 * learning.per_doubling, "slope_noise": 100 * t.NOISE_SES * learning.error}
    fastest = learning.per_doubling + t.NOISE_SES * learning.error
    doublings = room / max(1e-9, fastest)
    numbers["doublings"] = min(doublings, t.ENDLESS_DOUBLINGS)
    if room > t.NOISE_SES * error and doublings >= t.FLAT_DOUBLINGS:
        return Need(Answer.LIKELY, "need.features_limit", numbers)
    return Need(Answer.UNKNOWN, "need.rows_limit", numbers)


def measured(
    truth: Sequence[Sequence[int]], classes: int, tfidf: Rung, frozen: Rung, lora: Rung, looks: int = 1
) -> Need:
    """The answer by paired predictions on validation: yes, no, or that these rows cannot tell.

    Args:
        looks: evaluations LoRA's best epoch was picked from.
    """
    base, _ = cheaper(truth, classes, tfidf, frozen)
    gain, error = noise.paired_f1(truth, lora.val_predicted, base.val_predicted, classes)
    ses = noise.for_looks(t.NOISE_SES, looks)
    low, high = gain - ses * error, gain + ses * error
    numbers: dict[str, Number] = {
        "gain": 100 * gain,
        "low": 100 * low,
        "high": 100 * high,
        "worth": 100 * t.WORTH_A_MODEL,
        # Over the classes with validation rows, as the gain is: scikit-learn's could fall where the gain is positive.
        "base": noise.occurring_f1(truth, base.val_predicted, classes),
        "lora": noise.occurring_f1(truth, lora.val_predicted, classes),
        "rows": len(truth),
    }
    told = ship(truth, classes, tfidf, frozen, lora, always_lora=False, looks=looks)
    if told.ship == "lora":
        # Where log-loss or exact match decided, its sentence says so: an interval around 0 would be no reason.
        code = "need.yes" if told.code == "ship.lora" else told.code
        return Need(Answer.YES, code, {**told.numbers, **numbers})
    if not error:  # the very same answers: its best epoch is the start, which is the frozen rung
        return Need(Answer.NO, "need.never_better", numbers)
    if high < t.WORTH_A_MODEL:
        return Need(Answer.NO, "need.no", numbers)
    # The error shrinks with the root of the rows; a gain below what a model is worth need not be proven.
    telling = (ses * error / max(gain, t.WORTH_A_MODEL)) ** 2 if math.isfinite(error) else math.inf
    numbers["rows_to_tell"] = round(len(truth) * telling) if math.isfinite(telling) else t.LEAST_ROWS_TO_TELL
    return Need(Answer.UNKNOWN, "need.cannot_tell", numbers)
