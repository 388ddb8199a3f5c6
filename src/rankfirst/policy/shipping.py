"""Which model to deliver: the best bet at its price. The interval says whether that is proven; it does not decide."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rankfirst.policy import noise
from rankfirst.policy import thresholds as t
from rankfirst.records import HeldOut, Number, Profile, Rung, Shipping


@dataclass(frozen=True)
class Requirement:
    """What a more expensive model must be expected to gain, and how likely it must be to be better."""

    gain: float  # macro-F1
    match: float  # exact match, instead, if rows carry several labels and macro-F1 is not expected to be lower
    chance: float


REQUIREMENTS: Final[Mapping[str, Requirement]] = {  # --prefer
    "cheaper": Requirement(t.CHEAPER_GAIN, t.CHEAPER_MATCH, t.CHEAPER_CHANCE),
    "balanced": Requirement(t.WORTH_A_MODEL, t.WORTH_MATCH, t.SHIP_CHANCE),
    "better": Requirement(0.0, 0.0, t.BETTER_CHANCE),
}
_SUREST: Final = 99.0  # percent: the tails of a bootstrap are not known better


def ship(
    truth: Sequence[Sequence[int]],
    classes: int,
    tfidf: Rung,
    frozen: Rung,
    lora: Rung | None,
    always_lora: bool,
    epochs: Sequence[float] = (),
    prefer: str = "balanced",
    picked: int | None = None,
) -> Shipping:
    """Which rung to deliver: LoRA if its gain over the best cheaper rung is as large and as likely as required.

    If classes lack validation rows, the sentence of a cheaper rung does not call it enough; see `noise.Unjudged`.

    Args:
        truth: of the rows that the rungs are compared on: validation, and training rows that were held out as well.
        lora: None if no LoRA was trained. always_lora: deliver LoRA even if it is not worth it.
        epochs: validation macro-F1 of the epochs that LoRA's was picked from. prefer: key of REQUIREMENTS.
        picked: number of the rows that the epoch was picked on; None: all.
    """
    shipping = _best(truth, classes, tfidf, frozen, lora, always_lora, epochs, REQUIREMENTS[prefer], picked)
    missing = noise.unjudged(truth, classes, tuple(tfidf.val.per_class_recall))
    unproven = missing.one or (not missing.few and shipping.ship != "lora")
    code = f"ship.{shipping.ship}_unjudged" if unproven and not shipping.forced else shipping.code
    return replace(shipping, code=code, numbers={**shipping.numbers, **missing.numbers})


def unless_leaked(shipping: Shipping, profile: Profile) -> Shipping:
    """The same delivery, not called better or enough if too many validation rows are training rows."""
    leaked = leaked_share(profile)
    if shipping.forced or leaked < t.MOST_LEAKED:
        return shipping
    return replace(shipping, code=f"ship.{shipping.ship}_leaked", numbers={**shipping.numbers, "leaked": leaked})


def leaked_share(profile: Profile) -> float:
    """Share of the validation rows whose text is a training row, too."""
    checks = (check.numbers for check in profile.checks if check.code == "data.check.leakage")
    return float(next(checks, {}).get("val_share", 0.0))


def _best(
    truth: Sequence[Sequence[int]],
    classes: int,
    tfidf: Rung,
    frozen: Rung,
    lora: Rung | None,
    always_lora: bool,
    epochs: Sequence[float],
    required: Requirement,
    picked: int | None,
) -> Shipping:
    """As `ship`, by the classes that have rows."""
    base, code, below = _cheaper(truth, classes, tfidf, frozen, required)
    if lora is None:
        return Shipping(code, f"ship.{code}_only", {"f1": base.val.macro_f1, **below})
    seen = noise.contrast(truth, lora, base, classes, t.SEED_SES, epochs, picked)
    numbers = {**_numbers(seen, len(truth)), **_price(lora), **below}
    numbers |= {
        "lora": lora.val.macro_f1,
        "base": base.val.macro_f1,
        "lora_occurring": noise.occurring_f1(truth, lora.val_predicted, classes),  # this pair differs by `measured`
        "base_occurring": noise.occurring_f1(truth, base.val_predicted, classes),
    }
    if picked is not None and picked < len(truth):
        numbers |= {"val_rows": picked, "held_out": len(truth) - picked}
    if lora.val_predicted == base.val_predicted:
        numbers["alike"] = 1
    unchanged = code == "frozen" and lora.val_predicted == base.val_predicted
    if _worth(truth, seen, required):
        return Shipping("lora", _reason(truth, seen, required), numbers)
    if always_lora:
        known = "" if math.isfinite(seen.gain_se) else "_few"
        return Shipping("lora", f"ship.forced{'_same' if unchanged else known}", numbers, forced=True)
    return Shipping(code, f"ship.{code}_{'same' if unchanged else _objection(seen)}", numbers)


def undecided(shipping: Shipping) -> bool:
    """Whether more rows could change which model is delivered: the interval of the gain contains the required gain.

    Models that answer every row alike are left at that, though other rows may differ.
    """
    numbers = shipping.numbers
    if "gain" not in numbers or "alike" in numbers or shipping.forced:
        return False
    gain, required = float(numbers["gain"]), float(numbers.get("least", 0.0))
    return abs(gain - required) < float(numbers.get("noise", math.inf))


def with_rows(rung: Rung, part: HeldOut) -> Rung:
    """The rung as it is compared on a held-out part as well; its scores stay those of validation."""
    return replace(rung, val_predicted=(*rung.val_predicted, *part.predicted[rung.name]),
                   val_log_loss=(*rung.val_log_loss, *part.log_loss[rung.name]))  # fmt: skip


def cheaper(
    truth: Sequence[Sequence[int]], classes: int, tfidf: Rung, frozen: Rung, prefer: str = "balanced"
) -> tuple[Rung, str]:
    """The rung LoRA has to beat, and its name: frozen if it is worth its price over TF-IDF."""
    return _cheaper(truth, classes, tfidf, frozen, REQUIREMENTS[prefer])[:2]


def _cheaper(
    truth: Sequence[Sequence[int]], classes: int, tfidf: Rung, frozen: Rung, required: Requirement
) -> tuple[Rung, str, dict[str, Number]]:
    """As `cheaper`, and the comparison. With too few rows the expectation alone decides.

    Neither rung depends on a seed or trains the encoder, so "balanced" requires the gain, but no chance.
    """
    seen = noise.contrast(truth, frozen, tfidf, classes)
    sure = required.chance if required.gain > t.WORTH_A_MODEL else t.BETTER_CHANCE
    numbers: dict[str, Number] = {
        "least": 100 * required.gain,
        "sure": 100 * required.chance,
        "frozen_sure": 100 * sure,
        "frozen_gain": 100 * seen.gain,
    }
    worth = seen.gain >= required.gain
    if math.isfinite(seen.gain_se):
        numbers |= {"frozen_noise": 100 * t.NOISE_SES * seen.gain_se, "frozen_chance": percent_chance(seen.chance)}
        worth = _worth(truth, seen, replace(required, chance=sure))
    best, code = (frozen, "frozen") if worth else (tfidf, "tfidf")
    return best, code, numbers | {"below": code}


def _worth(truth: Sequence[Sequence[int]], seen: noise.Contrast, required: Requirement) -> bool:
    """Whether a gain is as large and as likely as required; never with too few rows for a chance (NaN)."""
    return (_by_f1(seen, required) or _by_match(truth, seen, required)) and seen.chance >= required.chance


def _by_f1(seen: noise.Contrast, required: Requirement) -> bool:
    return seen.gain > 0 and seen.gain >= required.gain


def _by_match(truth: Sequence[Sequence[int]], seen: noise.Contrast, required: Requirement) -> bool:
    sets = any(len(labels) != 1 for labels in truth)
    return sets and seen.gain >= 0 and seen.exact > 0 and seen.exact >= required.match


def _reason(truth: Sequence[Sequence[int]], seen: noise.Contrast, required: Requirement) -> str:
    """The code of why LoRA is delivered: by what is proven, else by what is "likely": its interval contains zero."""
    by_f1, by_match = _by_f1(seen, required), _by_match(truth, seen, required)
    if by_f1 and seen.gain > t.NOISE_SES * seen.gain_se:
        return "ship.lora_proven"
    if by_match and seen.exact > t.NOISE_SES * seen.exact_se:
        return "ship.lora_match"
    return "ship.lora_likely" if by_f1 else "ship.lora_match_likely"


def _objection(seen: noise.Contrast) -> str:
    """Why LoRA is not delivered, as the end of a code."""
    if not math.isfinite(seen.gain_se):
        return "few"
    if seen.gain >= 0:
        return "enough"
    return "worse" if seen.gain < -t.NOISE_SES * seen.gain_se else "ahead"


def _numbers(seen: noise.Contrast, rows: int) -> dict[str, Number]:
    """Gains, half 95% intervals and chance, in points and percent."""
    numbers: dict[str, Number] = {"gain": 100 * seen.gain, "measured": 100 * seen.measured, "rows": rows,
                               "least_rows": t.LEAST_VAL_ROWS}  # fmt: skip
    if math.isfinite(seen.gain_se):
        numbers |= {"noise": 100 * t.NOISE_SES * seen.gain_se, "picked": 100 * seen.optimism, "right": 100 * seen.exact,
                 "right_noise": 100 * t.NOISE_SES * seen.exact_se, "chance": percent_chance(seen.chance)}  # fmt: skip
    return numbers | ({"loss": seen.loss} if math.isfinite(seen.loss) else {})


def percent_chance(chance: float) -> float:
    """A chance as it is shown: in percent, never surer than a bootstrap can be."""
    return min(_SUREST, max(100 - _SUREST, 100 * chance))


def _price(lora: Rung) -> dict[str, Number]:
    return {"megabytes": lora.megabytes, "ms_per_text": lora.ms_per_text, "minutes": lora.seconds / 60}
