"""Pictures as inline SVG: bars with interval whiskers, curves. Every text is escaped; colours come from the page."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from rankfirst.report.speech import Both

_WIDTH = 480
_ROW = 34
_LABEL = 128
_VALUE = 60


@dataclass(frozen=True)
class Bar:
    """One bar, as shares of 1; the interval may be missing."""

    label: Both
    value: float
    low: float | None = None
    high: float | None = None
    strong: bool = False  # the one that is delivered


@dataclass(frozen=True)
class Line:
    """One curve; `style` is one of a, b (CSS classes)."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    style: str = "a"
    dots: bool = False


def _text(x: float, y: float, words: Both, extra: str = "", anchor: str = "start") -> Markup:
    made = Markup('<text x="{:.1f}" y="{:.1f}" class="{}{}" text-anchor="{}">{}</text>')
    if words.en == words.zh:
        return made.format(x, y, extra, "", anchor, words.en)
    return made.format(x, y, extra, " en", anchor, words.en) + made.format(x, y, extra, " zh", anchor, words.zh)


def _open(width: int, height: int, title: Both) -> Markup:
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
        width, height, f"{title.en} / {title.zh}"
    )


def bars(rows: Sequence[Bar], title: Both) -> Markup:
    """Horizontal bars from 0 to 1 with whiskers over the interval; empty for no rows."""
    if not rows:
        return Markup("")
    room = _WIDTH - _LABEL - _VALUE
    height = _ROW * len(rows) + 22
    parts = [_open(_WIDTH, height, title)]
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = _LABEL + room * tick
        parts.append(
            Markup('<line class="grid" x1="{0:.1f}" x2="{0:.1f}" y1="4" y2="{1}"/>').format(x, _ROW * len(rows) + 2)
        )
        parts.append(
            Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="middle">{:.0f}</text>').format(
                x, height - 4, 100 * tick
            )
        )
    parts += [_bar(row, 4 + _ROW * n, room) for n, row in enumerate(rows)]
    return Markup("").join(parts) + Markup("</svg>")


def _bar(row: Bar, top: float, room: float) -> Markup:
    middle, value = top + _ROW / 2 - 2, _clip(row.value)
    end = _LABEL + room * value
    parts = [
        _text(_LABEL - 10, middle + 4.5, row.label, "name strong" if row.strong else "name", "end"),
        Markup('<rect class="{}" x="{}" y="{:.1f}" width="{:.1f}" height="16" rx="2"/>').format(
            "bar strong" if row.strong else "bar", _LABEL, middle - 8, room * value
        ),
    ]
    right = end
    if row.low is not None and row.high is not None and math.isfinite(row.low + row.high):
        low, high = _LABEL + room * _clip(row.low), _LABEL + room * _clip(row.high)
        right = max(end, high)
        parts.append(
            Markup(
                '<path class="whisker" d="M{0:.1f} {2:.1f}H{1:.1f}M{0:.1f} {3:.1f}V{4:.1f}M{1:.1f} {3:.1f}V{4:.1f}"/>'
            ).format(low, high, middle, middle - 4, middle + 4)
        )
    words = f"{100 * row.value:.1f}"
    parts.append(_text(right + 8, middle + 4.5, Both(words, words), "value strong" if row.strong else "value"))
    return Markup("").join(parts)


def _clip(value: float) -> float:
    return min(1.0, max(0.0, value)) if math.isfinite(value) else 0.0


def curves(lines: Sequence[Line], title: Both, share: bool = False) -> Markup:
    """Curves over optimiser steps. `share` draws shares of 1 as percentages; otherwise the axis starts at 0.

    Points that are not finite are left out; empty when nothing is left.
    """
    finite = [[(x, y) for x, y in zip(line.xs, line.ys, strict=False) if math.isfinite(x + y)] for line in lines]
    every = [point for points in finite for point in points]
    if not every:
        return Markup("")
    right = max(x for x, _ in every) or 1.0
    low, high = _range([y for _, y in every], share)
    frame = _Frame(right, low, high)
    parts = [_open(frame.width, frame.height, title), _axes(frame, share)]
    for line, points in zip(lines, finite, strict=True):
        if points:
            parts.append(_curve(line, [frame.place(x, y) for x, y in points]))
    return Markup("").join(parts) + Markup("</svg>")


@dataclass(frozen=True)
class _Frame:
    """Where a value lands in the picture."""

    right: float
    low: float
    high: float
    width: int = 440
    height: int = 190
    left_edge: int = 44
    bottom: int = 164
    top: int = 10

    def place(self, x: float, y: float) -> tuple[float, float]:
        """The point in the picture."""
        across = (self.width - self.left_edge - 12) * x / self.right
        up = (self.bottom - self.top) * (y - self.low) / (self.high - self.low)
        return self.left_edge + across, self.bottom - up


def _range(values: Sequence[float], share: bool) -> tuple[float, float]:
    low, high = min(values), max(values)
    if share:
        pad = max(0.02, 0.08 * (high - low))
        return max(0.0, low - pad), min(1.0, high + pad) if high <= 1.0 else high + pad
    return min(0.0, low), high * 1.05 if high > 0 else 1.0


def _ticks(low: float, high: float) -> list[float]:
    """Three to six round values within the range."""
    rough = max((high - low) / 4, 1e-9)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(s for s in (power, 2 * power, 2.5 * power, 5 * power, 10 * power) if s >= rough * 0.999)
    return [step * n for n in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _axes(frame: _Frame, share: bool) -> Markup:
    parts = []
    for value in _ticks(frame.low, frame.high):
        _, y = frame.place(0, value)
        words = f"{100 * value if share else value:.4g}"
        parts.append(
            Markup('<line class="grid" x1="{}" x2="{}" y1="{y:.1f}" y2="{y:.1f}"/>').format(
                frame.left_edge, frame.width - 12, y=y
            )
        )
        parts.append(
            Markup('<text class="tick" x="{}" y="{:.1f}" text-anchor="end">{}</text>').format(
                frame.left_edge - 6, y + 4, words
            )
        )
    for value, anchor in ((0.0, "start"), (frame.right / 2, "middle"), (frame.right, "end")):
        x, _ = frame.place(value, frame.low)
        parts.append(
            Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="{}">{:.0f}</text>').format(
                x, frame.bottom + 18, anchor, value
            )
        )
    return Markup("").join(parts)


def _curve(line: Line, points: Sequence[tuple[float, float]]) -> Markup:
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    made = Markup('<path class="curve {}" d="{}"/>').format(line.style, path)
    if line.dots or len(points) == 1:
        dot = Markup('<circle class="dot {}" cx="{:.1f}" cy="{:.1f}" r="3"/>')
        made += Markup("").join(dot.format(line.style, x, y) for x, y in points)
    return made


def share_bar(value: float | None) -> Markup:
    """A thin bar for one share of 1; empty for None."""
    width = 100 * _clip(value) if value is not None else 0.0
    return Markup(
        '<svg class="thin" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="6"/><rect class="bar" width="{}" height="6"/></svg>'
    ).format(escape(f"{width:.1f}"))
