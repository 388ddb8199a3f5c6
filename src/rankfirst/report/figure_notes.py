"""Explanations of figures: why two scores of one model differ, and what a score counts."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rankfirst.records import Curve, Profile, Shipping
from rankfirst.report.events import Event, last, listing, mapping, number
from rankfirst.report.phrases import Both, clean, joined, percent, phrase

_ALIKE = 5e-4  # difference below which two shares look equal
_NAMED: Final = 8  # classes listed in one sentence
_PART = 0.95  # of the training rows: a probe on more is on all of them, as a reader counts


def unjudged_words(split: str, scores: Mapping[str, Any]) -> Both | None:
    """Which classes a split has no rows of, so that none of its figures covers them; None if there are none.

    Args: split: "val" or "test". scores: JSON of `Scores`, of an old run too.
    """
    recall = mapping(scores.get("per_class_recall"))
    names = [clean(name) for name in listing(scores.get("unjudged"))]
    names = names or [clean(name) for name, share in recall.items() if number(share) is None]
    if not names:
        return None
    more = f" (+{len(names) - _NAMED})" if len(names) > _NAMED else ""
    figures = {"unjudged": len(names), "class_count": len(recall), "names": ", ".join(names[:_NAMED]) + more}
    return phrase(f"counted.unjudged_{split}", **figures)


def verdict_unjudged_words(shipping: Shipping) -> Both | None:
    """The same for validation, from the numbers of the verdict; None if its sentence says so itself."""
    numbers = shipping.numbers
    if "unjudged" not in numbers or shipping.code.endswith("_unjudged"):
        return None
    figures = {name: numbers.get(name) for name in ("unjudged", "class_count")}
    return phrase("counted.unjudged_val", names=numbers.get("unjudged_names"), **figures)


def gain_words(shipping: Shipping | None) -> Both | None:
    """A note that the gain counts other classes than macro-F1; None if it does not, or if unknown."""
    names = ("gain", "lora", "base", "lora_occurring", "base_occurring")
    gain, lora, base, lora_there, base_there = (
        number(shipping.numbers.get(name)) if shipping else None for name in names
    )
    val, held_out = (number(shipping.numbers.get(name)) if shipping else None for name in ("val_rows", "held_out"))
    if val and held_out and lora_there is not None and base_there is not None:
        return phrase("counted.held_out", val=int(val), rows=int(held_out), lora=percent(lora_there),
                      base=percent(base_there))  # fmt: skip
    if gain is None or lora is None or base is None:
        return None
    if lora_there is None or base_there is None:  # an old run
        return phrase("counted.gain_only") if abs(lora - base - gain / 100) >= _ALIKE else None
    if abs(lora - lora_there) < _ALIKE and abs(base - base_there) < _ALIKE:
        return None
    return phrase("counted.gain", lora=percent(lora_there), base=percent(base_there))


def shipping_notes(shipping: Shipping | None) -> tuple[Both, ...]:
    """What the gain counts and combines, and why LoRA was compared with that baseline."""
    numbers = shipping.numbers if shipping else {}
    notes = [gain_words(shipping)]
    measured, loss = number(numbers.get("measured")), number(numbers.get("loss"))
    if measured is not None and loss is not None and "noise" in numbers:
        notes.append(phrase("counted.expected", measured=measured, loss=loss))
    picked = number(numbers.get("picked"))
    if picked is not None and f"{picked:.1f}" != "0.0":
        notes.append(phrase("counted.picked", picked=picked))
    figures = {name: number(numbers.get(f"frozen_{name}")) for name in ("gain", "noise", "chance", "sure")}
    figures["least"] = number(numbers.get("least"))
    if numbers.get("below") in ("frozen", "tfidf") and None not in figures.values():
        notes.append(phrase(f"counted.below_{numbers['below']}", **figures))
    return tuple(words for words in notes if words is not None)


def moves_words(shipping: Shipping | None) -> Both | None:
    """How many changes of the recipe the search kept, and how many are proven; None without any, or in an old run."""
    names = ("moves", "moves_proven", "moves_bet", "moves_smaller")
    counts = [number(shipping.numbers.get(name)) if shipping else None for name in names]
    made, proven, bets, smaller = (int(count or 0) for count in counts)
    if not made:
        return None
    read = made - proven - bets - smaller
    parts = {"proven": proven, "bet": bets, "smaller": smaller, "read": read}
    parts_words = [phrase(f"counted.moves_{name}", count=count) for name, count in parts.items() if count]
    return phrase("counted.moves", moves=made, parts=joined(parts_words, ", ", "，"))


def delivered_words(events: Sequence[Event]) -> Both | None:
    """Why the delivered model scores differently from its rung: thresholds, or an added label. None: it does not."""
    payload = last(events, "calibration")
    rung = next((e.payload for e in reversed(events) if e.kind == "rung" and e.key == payload.get("rung")), {})
    plain, before, after = (
        number(mapping(rung.get("val")).get("macro_f1")),
        number(payload.get("f1_before")),
        number(payload.get("f1_after")),
    )
    if plain is None or before is None:
        return None
    tuned = payload.get("thresholds") is not None and after is not None and abs(after - before) >= _ALIKE
    filled = bool(payload.get("at_least_one")) and abs(before - plain) >= _ALIKE
    if not (tuned or filled):
        return None
    code = "both" if tuned and filled else "thresholds" if tuned else "at_least_one"
    return phrase(f"counted.{code}", plain=percent(plain), before=percent(before), after=percent(after))


def rows_words(events: Sequence[Event]) -> Both | None:
    """A note that one test figure is of a model trained on more rows than the others; None if it is not."""
    done = last(events, "refit").get("code") in ("refit.done", "refit.done_without", "refit.done_dropped")
    return phrase("counted.rows") if done and last(events, "result").get("test") else None


def probe_words(curve: Curve, profile: Profile | None) -> Both | None:
    """The share of training rows that a probe uses; None if all."""
    rows = curve.steps_per_epoch * curve.recipe.batch_size
    if profile is None or not 0 < rows < _PART * profile.n_train:
        return None
    about = round(rows, -2 if rows >= 1000 else -1)  # whole steps: the last batch may be smaller
    return phrase("counted.probe", rows=f"{about:,}", every=f"{profile.n_train:,}")


def ladder_notes(events: Sequence[Event], shipping: Shipping | None) -> tuple[Both, ...]:
    """Notes that relate the figures of the ladder to those elsewhere."""
    result = last(events, "result")
    unjudged = (unjudged_words(split, mapping(result.get(split))) for split in ("val", "test"))
    found = (*unjudged, *shipping_notes(shipping), delivered_words(events), rows_words(events))
    return tuple(words for words in found if words is not None)


def base_words(run: dict[str, object]) -> Both | None:
    """The size of the base model; None in old runs."""
    payload = mapping(run.get("base"))
    layers, hidden, weights = (number(payload.get(name)) for name in ("layers", "hidden", "weights"))
    if layers is None or hidden is None or weights is None:
        return None
    return phrase("counted.base", layers=int(layers), hidden=int(hidden), millions=f"{weights / 1e6:.1f}")
