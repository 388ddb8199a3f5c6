"""Is LoRA needed? An estimate from the cheaper models, and the answer once LoRA was scored on the same rows."""

import math
from collections.abc import Sequence

from rankfirst.policy import noise
from rankfirst.policy import thresholds as t
from rankfirst.policy.shipping import cheaper, leaked_share, ship
from rankfirst.records import Answer, DataCeiling, Learning, Need, Number, Profile, Rung


def expected(
    truth: Sequence[Sequence[int]],
    classes: int,
    tfidf: Rung,
    frozen: Rung,
    ceiling: DataCeiling,
    learning: Learning | None,
) -> Need:
    """An estimate before any weight of the base is trained: UNLIKELY, LIKELY or UNKNOWN, never YES or NO.

    LoRA changes the features. It pays if the labels leave room above the best cheaper model and more rows would not
    fill that room: then the features are the limit. If the model still improves with every row, the data are the limit,
    and an adapter, which has more parameters than the head, would overfit them.

    Args:
        tfidf, frozen: the cheaper models on validation. ceiling: the best macro-F1 that the labels allow.
        learning: macro-F1 by number of rows; None if no encoder was used, and then only UNLIKELY can be concluded.
    """
    best, code = cheaper(truth, classes, tfidf, frozen)
    room = ceiling.macro_f1 - best.val.macro_f1
    error = noise.floor(truth, best.val_predicted, best.val_log_loss, classes).f1_se
    missing = noise.unjudged(truth, classes, tuple(best.val.per_class_recall))
    numbers: dict[str, Number] = {
        "f1": best.val.macro_f1,
        "ceiling": ceiling.macro_f1,
        "room": 100 * room,
        "noise": 100 * t.NOISE_SES * error,
        **missing.numbers,
    }
    if not missing.few:
        return Need(Answer.UNKNOWN, "need.unjudged", numbers)
    if len(truth) < t.LEAST_VAL_ROWS:
        return Need(Answer.UNKNOWN, "need.few_rows", numbers | {"rows": len(truth), "least_rows": t.LEAST_VAL_ROWS})
    below = best.val.macro_f1 - best.val.interval[0]  # NaN: not measured
    if room <= t.WORTH_A_MODEL and max(t.NOISE_SES * error, below) > t.WIDEST_NEED:
        rarest = min(((rows, name) for name, rows in best.val.class_rows.items() if rows), default=(0, ""))
        bound: dict[str, Number] = {"low": best.val.macro_f1 - max(t.NOISE_SES * error, below), "rows": len(truth)}
        return Need(Answer.UNKNOWN, "need.wide", numbers | bound | {"fewest": rarest[0], "rarest": rarest[1]})
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


def unless_leaked(need: Need, profile: Profile) -> Need:
    """The same, or UNKNOWN if too many validation rows are training rows: their scores measure memory."""
    leaked = leaked_share(profile)
    return need if leaked < t.MOST_LEAKED else Need(Answer.UNKNOWN, "need.leaked", {**need.numbers, "leaked": leaked})


def measured(
    truth: Sequence[Sequence[int]],
    classes: int,
    tfidf: Rung,
    frozen: Rung,
    lora: Rung,
    epochs: Sequence[float] = (),
) -> Need:
    """The answer from paired predictions on validation: YES, NO, or UNKNOWN if these rows cannot tell.

    Args:
        epochs: validation macro-F1 of the epochs that LoRA's was picked from.
    """
    base, _ = cheaper(truth, classes, tfidf, frozen)
    seen = noise.contrast(truth, lora, base, classes, t.SEED_SES, epochs)
    missing = noise.unjudged(truth, classes, tuple(base.val.per_class_recall))
    gain, error = seen.gain, seen.gain_se
    low, high = gain - t.NOISE_SES * error, gain + t.NOISE_SES * error
    numbers: dict[str, Number] = {
        "gain": 100 * gain,
        "low": 100 * low,
        "high": 100 * high,
        "worth": 100 * t.WORTH_A_MODEL,
        # Over the classes with validation rows, as the gain is: over all classes it could fall despite a gain.
        "base": noise.occurring_f1(truth, base.val_predicted, classes),
        "lora": noise.occurring_f1(truth, lora.val_predicted, classes),
        "rows": len(truth),
        **missing.numbers,
    }
    shipping = ship(truth, classes, tfidf, frozen, lora, always_lora=False, epochs=epochs)
    if shipping.ship == "lora" and not missing.one:
        # If the interval contains 0, the sentence of the delivery says why LoRA is the better bet.
        code = "need.yes" if shipping.code == "ship.lora_proven" else shipping.code
        return Need(Answer.YES, code, {**shipping.numbers, **numbers})
    if not missing.few:
        return Need(Answer.UNKNOWN, "need.unjudged", numbers)
    if base is frozen and lora.val_predicted == base.val_predicted:
        return Need(Answer.NO, "need.never_better", numbers)
    if high < t.WORTH_A_MODEL:
        return Need(Answer.NO, "need.no", numbers)
    # The error shrinks with the square root of the rows; gains below WORTH_A_MODEL need no proof.
    telling = (t.NOISE_SES * error / max(gain, t.WORTH_A_MODEL)) ** 2 if math.isfinite(error) else math.inf
    numbers["rows_to_tell"] = round(len(truth) * telling) if math.isfinite(telling) else t.LEAST_ROWS_TO_TELL
    return Need(Answer.UNKNOWN, "need.cannot_tell", numbers)
