"""A plot as JSON for the page's script, which draws an interactive version."""

import json
import math
from collections.abc import Sequence

from rankfirst.report.phrases import Both
from rankfirst.report.view_model import Plot, Series

_DIGITS = 5  # significant digits: more are invisible and make the page larger


def payload(plot: Plot) -> str:
    """JSON of a plot; the template escapes it into an attribute, so no text in it can become markup."""
    data = {
        "title": _words(plot.title),
        "series": [_series(series) for series in plot.series],
        "share": plot.share,
        "level": plot.level,
        "levelName": _words(plot.level_name),
        "labels": [_words(label) for label in plot.labels],
        "across": _words(plot.across),
        "acrossShare": plot.across_share,
        "diagonal": plot.diagonal,
        "notes": [_words(note) for note in plot.notes],
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _words(words: Both | None) -> list[str] | None:
    return None if words is None else [words.en, words.zh]


def _series(series: Series) -> dict[str, object]:
    banded = bool(series.low) and len(series.low) == len(series.high) == len(series.ys)
    return {
        "name": _words(series.name),
        "style": series.style,
        "dots": series.dots,
        "xs": _numbers(series.xs),
        "ys": _numbers(series.ys),
        "low": _numbers(series.low) if banded else [],
        "high": _numbers(series.high) if banded else [],
    }


def _numbers(values: Sequence[float]) -> list[float | None]:
    return [float(f"{v:.{_DIGITS}g}") if math.isfinite(v) else None for v in values]
