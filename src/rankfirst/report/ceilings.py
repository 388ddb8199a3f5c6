"""The two ceilings as sentences: the score that the labels allow, and the capacity that an adapter may have."""

import math

from rankfirst.records import Assessment, DataCeiling, Learning, Number
from rankfirst.report.phrases import Both, both, joined, percent


def ceiling_words(assessment: Assessment) -> list[Both]:
    """The data ceiling with its derivation."""
    found = assessment.ceiling
    if found is None:
        return [both("assess.ceiling.unknown")]
    given = {"macro_f1": found.macro_f1, "low": found.low, "high": found.high, **found.numbers}
    return [both("assess.ceiling", {"why": both(_ceiling_code(found), given)})]


def _ceiling_code(found: DataCeiling) -> str:
    """The sentence that names no finding of zero."""
    wrong, conflicts, certain = (float(found.numbers.get(name, 1)) for name in ("sure_wrong", "conflicts", "certain"))
    if found.code == "data.ceiling.noise" and not wrong and not conflicts:
        return "data.ceiling.clean"
    return "data.ceiling.unclear" if found.code == "data.ceiling.mixed" and not certain else found.code


def span_words(found: DataCeiling) -> Both:
    """The 95% interval of the data ceiling."""
    return both("assess.ceiling.span", {"low": percent(found.low), "high": percent(found.high)})


def capacity_words(assessment: Assessment) -> list[Both]:
    """The capacity ceiling and the two steps of its derivation, with all numbers."""
    given: dict[str, Number] = dict(assessment.capacity)
    if "rank" not in given:
        return [both("assess.capacity.unknown")]
    sentences = [both("assess.capacity", {"rank": given["rank"]})]
    if {"kbit", "per_rank_kbit", "slack", "rows", "effective", "suspects"} - given.keys():
        return sentences
    kbit, per_rank = float(given["kbit"]), float(given["per_rank_kbit"])
    given["per_row"] = max(1.0, assessment.profile.labels_per_row)
    given["clean"] = 1 - float(given["suspects"])
    given["allowed"] = float(given["slack"]) * kbit / per_rank if per_rank else math.nan
    return [*sentences, both("assess.capacity.labels", given), both("assess.capacity.adapter", given)]


def learning_words(found: Learning | None) -> list[Both]:
    """The expected gain from more rows; empty if no learning curve was measured."""
    if found is None:
        return []
    points = [
        both("assess.learning.point", {"rows": f"{rows:,}", "f1": percent(f1)})
        for rows, f1 in zip(found.rows, found.macro_f1, strict=True)
    ]
    numbers = {"curve": joined(points, ", ", "，"), "slope": 100 * found.per_doubling, "error": 100 * found.error}
    return [both("assess.learning", numbers)]
