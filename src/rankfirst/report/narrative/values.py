"""Values of knobs: formatting and distances."""

import math
from typing import Any, Final

from rankfirst.records import Role, Sites
from rankfirst.report.narrative.questions import SitesQuery
from rankfirst.report.phrases import Both, lr_words, same, sites_words

_SAME: Final = 1e-6  # relative difference of two settings that are equal


def written(knob: str, value: Any) -> Both:
    """A value in usual notation."""
    if isinstance(value, Sites):
        return sites_words(value)
    return same(lr_words(float(value)) if knob == "lr" else f"{value:g}")


def extent(sites: Sites, layers: int) -> int:
    """Number of adapted layers, each role of a block counted once. Args: layers: number of blocks of the base."""
    return sum(sites.blocks_with(role, max(layers, sites.top_layers)) for role in Role)


def fits(sites: Sites, query: SitesQuery) -> bool:
    named = ((query.roles, sites.roles), (query.top_layers, sites.top_layers), (query.everywhere, sites.everywhere))
    return all(wanted in (None, found) for wanted, found in named)


def equal(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=_SAME, abs_tol=1e-12)


def apart(a: float, b: float) -> float:
    """Distance of two settings, by ratio as on their ladders; infinite to None."""
    if equal(a, b):
        return 0.0
    return abs(math.log(a / b)) if a > 0 and b > 0 else 1e6 + abs(a - b)
