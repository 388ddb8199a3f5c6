"""The two ceilings as sentences: what the labels allow a score to reach, and how much an adapter may store."""

import math
from collections.abc import Mapping

from rankfirst.records import Assessment, DataCeiling, Number
from rankfirst.report.speech import Both, both, joined, percent, plain_number


def ceiling_words(assessment: Assessment) -> list[Both]:
    """The data ceiling with its derivation."""
    found = assessment.ceiling
    if found is None:
        return [both("assess.ceiling.unknown")]
    return [both("assess.ceiling", {"why": _why(found)})]


def _why(found: DataCeiling) -> Both:
    """The sentence it names, where there is one, else its numbers by name."""
    code = str(getattr(found, "code", ""))
    given = {"macro_f1": found.macro_f1, "low": found.low, "high": found.high, **found.numbers}
    told = both(code, given)
    if told.en and not told.en.startswith(code or "("):
        return told
    span = span_words(found)
    return both("assess.ceiling.plain", {"f1": percent(found.macro_f1), "span": span, "numbers": named(found.numbers)})


def span_words(found: DataCeiling) -> Both:
    """Its 95% interval."""
    return both("assess.ceiling.span", {"low": percent(found.low), "high": percent(found.high)})


def capacity_words(assessment: Assessment) -> list[Both]:
    """The capacity ceiling, then the two steps that lead to it, with every number."""
    given: dict[str, Number] = dict(assessment.capacity)
    if "rank" not in given:
        return [both("assess.capacity.unknown")]
    told = [both("assess.capacity", {"rank": given["rank"]})]
    if {"kbit", "per_rank_kbit", "slack", "rows", "effective", "suspects"} - given.keys():
        return [*told, named(given)]
    kbit, per_rank = float(given["kbit"]), float(given["per_rank_kbit"])
    given["per_row"] = max(1.0, assessment.profile.labels_per_row)
    given["clean"] = 1 - float(given["suspects"])
    given["allowed"] = float(given["slack"]) * kbit / per_rank if per_rank else math.nan
    return [*told, both("assess.capacity.labels", given), both("assess.capacity.adapter", given)]


def named(numbers: Mapping[str, Number]) -> Both:
    """Numbers by name, where no sentence takes them."""
    return joined([both("assess.number", {"name": name, "value": _short(value)}) for name, value in numbers.items()])


def _short(value: Number) -> str:
    return plain_number(value, ".4g") if isinstance(value, float) else str(value)
