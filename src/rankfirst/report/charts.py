"""Charts as inline SVG; texts are escaped, colours come from the page.

Horizontal positions are percentages and heights pixels, so that a chart fits any width and text keeps its size.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup
from rich.cells import cell_len

from rankfirst.messages import LANGS, Lang
from rankfirst.report.phrases import Both, percent, phrase
from rankfirst.report.view_model import MatrixView, Plot, Series, Span, Whisker

_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_MOST_POINTS = 120  # a curve in a small chart shows no more
_MOST_BANDS = 12
_MOST_BARS = 200  # narrower bars cannot be distinguished
_MATRIX = 640.0  # pixels of the cells of a matrix, if its classes are few enough
_COUNTED = 16.0  # pixels of a cell from which it shows its number
_LABEL = 24  # characters of the name of a class beside a matrix
_LEFT = 9.0  # percent of the width for the numbers of the axis


def text(across: float, down: float, words: Both, css: str = "", anchor: str = "start") -> Markup:
    """Text at a position; in both languages if they differ."""
    made = Markup('<text x="{:.2f}%" y="{:.1f}" class="{}" text-anchor="{}">{}</text>')
    if words.en == words.zh:
        return made.format(across, down, css, anchor, words.en)
    pairs = ((f"{css} en".strip(), words.en), (f"{css} zh".strip(), words.zh))
    return _join(made.format(across, down, name, anchor, content) for name, content in pairs)


def line(x1: float, y1: float, x2: float, y2: float, css: str) -> Markup:
    """A straight line."""
    made = Markup('<line class="{}" x1="{:.2f}%" y1="{:.1f}" x2="{:.2f}%" y2="{:.1f}"/>')
    return made.format(css, x1, y1, x2, y2)


def rect(x: float, y: float, width: float, height: float, css: str) -> Markup:
    """A box."""
    made = Markup('<rect class="{}" x="{:.2f}%" y="{:.1f}" width="{:.2f}%" height="{:.1f}" rx="2"/>')
    return made.format(css, x, y, max(0.0, width), height)


def dot(x: float, y: float, css: str, radius: float = 3.5) -> Markup:
    """A point."""
    return Markup('<circle class="{}" cx="{:.2f}%" cy="{:.1f}" r="{}"/>').format(css, x, y, radius)


def picture(height: float, title: Both, sentence: Both, parts: Iterable[Markup], css: str = "chart") -> Markup:
    """The frame of a chart, with a title and a description for screen readers."""
    opened = Markup('<svg class="{}" width="100%" height="{:.0f}" role="img"><title>{}</title><desc>{}</desc>')
    return opened.format(css, height, _one(title), _one(sentence)) + _join(parts) + Markup("</svg>")


def _one(words: Both) -> str:
    return words.en if words.en == words.zh else f"{words.en} / {words.zh}"


def _join(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)


def _clip(value: float) -> float:
    return min(1.0, max(0.0, value)) if math.isfinite(value) else 0.0


def _finite(*values: float | None) -> bool:
    return all(value is not None and math.isfinite(value) for value in values)


def rung_bar(name: Both, val: Span, tail: float | None, strong: bool) -> Markup:
    """macro-F1 with its interval, and tail recall as a thin bar below."""
    parts = [line(100 * tick, 0, 100 * tick, 34, "grid") for tick in _TICKS]
    phrases = [f"macro-F1 {percent(val.value)}"]
    if val.value is not None:
        parts.append(rect(0, 4, 100 * _clip(val.value), 14, "bar strong" if strong else "bar"))
    if val.low is not None and val.high is not None and _finite(val.low, val.high):
        low, high = 100 * _clip(val.low), 100 * _clip(val.high)
        ends = (line(low, 7, low, 15, "whisker"), line(high, 7, high, 15, "whisker"))
        parts += [line(low, 11, high, 11, "whisker"), *ends]
        phrases.append(f"95% {percent(val.low)}–{percent(val.high)}")
    if tail is not None:
        parts.append(rect(0, 23, 100 * _clip(tail), 6, "bar tail"))
        phrases.append(f"tail recall {percent(tail)}")
    words = ", ".join(phrases)
    return picture(34, name, Both(words, words), parts, "chart rung")


def scale() -> Markup:
    """0 to 100 below the bars of the ladder."""
    ends = {0.0: "start", 1.0: "end"}
    parts = [text(100 * t, 11, _both(f"{100 * t:.0f}"), "tick", ends.get(t, "middle")) for t in _TICKS]
    return Markup('<svg class="chart" width="100%" height="14" aria-hidden="true">') + _join(parts) + Markup("</svg>")


def _both(words: str) -> Both:
    return Both(words, words)


def share_bar(value: float | None, mark: float | None = None) -> Markup:
    """A thin bar for a share of 1, with a mark for another share; the numbers are shown beside it."""
    parts = [rect(0, 3, 100, 6, "track")]
    if value is not None:
        parts.append(rect(0, 3, 100 * _clip(value), 6, "bar strong"))
    if mark is not None:
        parts.append(line(100 * _clip(mark), 0, 100 * _clip(mark), 12, "mark"))
    return Markup('<svg class="thin" width="100%" height="12" aria-hidden="true">') + _join(parts) + Markup("</svg>")


def class_bars(counts: Sequence[int], tail: Sequence[bool], title: Both, sentence: Both) -> Markup:
    """Class sizes as vertical bars in the given order, tail classes coloured; if there are many, a bar shows a mean."""
    stride = -(-len(counts) // _MOST_BARS) or 1
    bars = [(_mean(counts[i : i + stride]), tail[i]) for i in range(0, len(counts), stride)]
    most = max((height for height, _ in bars), default=0.0) or 1.0
    down = Scale(0.0, 1.05 * most, 150, 6)
    across, parts = (100 - _LEFT) / max(1, len(bars)), []
    for value in _ticks(0.0, most):
        parts.append(line(_LEFT, down(value), 100, down(value), "grid"))
        parts.append(text(_LEFT - 1, down(value) + 4, _both(f"{value:,.0f}"), "tick", "end"))
    for n, (height, low) in enumerate(bars):
        top = min(down(height), 149.0)  # a class of one row stays visible
        css = "bar tail" if low else "bar strong"
        parts.append(rect(_LEFT + (n + 0.1) * across, top, 0.8 * across, 150 - top, css))
    return picture(158, title, sentence, parts)


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values)


@dataclass(frozen=True)
class Scale:
    """Maps values low ... high to positions start ... end, in percent of the width or in pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (self.end - self.start) * (value - self.low) / ((self.high - self.low) or 1.0)


def gain(whisker: Whisker, label: Both) -> Markup:
    """A gain in points on a line with 0 in the middle; the band shows the noise."""
    reach = whisker.reach or 0.0
    widest = 1.25 * max(abs(whisker.value), reach, 1.0)
    at = Scale(-widest, widest, 4, 96)
    parts = [rect(at(-reach), 8, at(reach) - at(-reach), 22, "band")] if reach else []
    parts += [line(2, 19, 98, 19, "grid"), line(50, 4, 50, 34, "zero"), text(50, 48, _both("0"), "tick", "middle")]
    if reach:
        parts += [text(at(value), 48, _both(f"{value:+.1f}"), "tick", "middle") for value in (-reach, reach)]
    parts.append(dot(at(whisker.value), 19, "dot good" if whisker.beyond and whisker.value > 0 else "dot none", 7))
    return picture(52, label, whisker.caption, parts)


def whiskers(rows: Sequence[Whisker], title: Both) -> Markup:
    """Gains with their intervals, one row each, against a line at 0."""
    ends = [r.value + side * (r.reach or 0.0) for r in rows for side in (-1, 1) if _finite(r.value, r.reach)]
    if not ends:
        return Markup("")
    at = Scale(min(0.0, *ends), max(0.0, *ends), 3, 96)
    height = 42 * len(rows) + 22
    parts = [line(at(0), 42 * n + 20, at(0), 42 * n + 36, "zero") for n in range(len(rows))]  # not through a name
    for value in _ticks(at.low, at.high):
        words = f"{value:+.3g}" if abs(value) > 1e-12 else "0"
        parts.append(text(at(value), height - 4, _both(words), "tick", "middle"))
    parts += [_whisker(row, 42 * n, at) for n, row in enumerate(rows)]
    description = Both(*("; ".join(f"{r.name[lang]} {r.caption[lang]}" for r in rows) for lang in LANGS))
    return picture(height, title, description, parts)


def _whisker(row: Whisker, top: float, at: Scale) -> Markup:
    css = "good" if row.beyond else "none"
    about = Markup("<title>{}</title>").format(_one(row.about)) if row.about else Markup("")
    return Markup("<g>") + about + _join(_marks(row, top, at, css)) + Markup("</g>")


def _marks(row: Whisker, top: float, at: Scale, css: str) -> list[Markup]:
    parts = [text(3, top + 14, row.name, "name"), text(97, top + 14, row.caption, f"value {css}", "end")]
    if not _finite(row.value):
        return parts
    if row.reach is not None and math.isfinite(row.reach):
        parts.append(line(at(row.value - row.reach), top + 27, at(row.value + row.reach), top + 27, f"reach {css}"))
    return [*parts, dot(at(row.value), top + 27, f"dot {css}", 5)]


def plot(drawn: Plot, height: int = 190) -> Markup:
    """Curves over steps with axes; non-finite points are left out; "" if none is left."""
    curves = [_points(series) for series in drawn.series]
    every = [point for points in curves for point in points]
    if not every:
        return Markup("")
    far = 1.0 if drawn.across_share else _round_end(max(x for x, _ in every) or 1.0)
    across = Scale(0.5, len(drawn.labels) + 0.5, _LEFT, 97) if drawn.labels else Scale(0.0, far, _LEFT, 97)
    bands = [_band(series) for series in drawn.series]
    ys = [y for _, y in every] + ([drawn.level] if drawn.level is not None else [])
    ys += [y for band in bands for _, *ends in band for y in ends] + ([0.0, 1.0] if drawn.diagonal else [])
    down = Scale(*_range(ys, drawn.share), height - 24, 8)
    parts = [_grid(down, drawn.share), _feet(across, height, drawn.labels, drawn.across_share)]
    if drawn.diagonal:
        parts.append(line(across(0.0), down(0.0), across(1.0), down(1.0), "level"))
    parts += [line(across(x), down(low), across(x), down(high), "noise") for band in bands for x, low, high in band]
    if drawn.level is not None:
        parts.append(line(_LEFT, down(drawn.level), 97, down(drawn.level), "level"))
    for series, points in zip(drawn.series, curves, strict=True):
        parts.append(_curve(series, [(across(x), down(y)) for x, y in points]))
    shown = [(series, points) for series, points in zip(drawn.series, curves, strict=True) if points]
    description = Both(*("; ".join(_first_to_last(*curve, drawn.share, lang) for curve in shown) for lang in LANGS))
    return picture(height, drawn.title, description, parts)


def _points(series: Series) -> list[tuple[float, float]]:
    kept = [(x, y) for x, y in zip(series.xs, series.ys, strict=False) if math.isfinite(x + y)]
    stride = -(-len(kept) // _MOST_POINTS) or 1
    return kept[::stride] if not kept or kept[::stride][-1] == kept[-1] else [*kept[::stride], kept[-1]]


def _band(series: Series) -> list[tuple[float, float, float]]:
    """(x, lowest, highest) of some points of the noise band."""
    ends = zip(series.xs, series.low, series.high, strict=False)
    kept = [point for point in ends if math.isfinite(sum(point))]
    return kept[:: -(-len(kept) // _MOST_BANDS) or 1]


def _first_to_last(series: Series, points: Sequence[tuple[float, float]], share: bool, lang: Lang) -> str:
    first, last = (percent(y) if share else f"{y:.3g}" for y in (points[0][1], points[-1][1]))
    return f"{series.name[lang]} {first} → {last}"


def _range(values: Sequence[float], share: bool) -> tuple[float, float]:
    low, high = min(values), max(values)
    if share:
        pad = max(0.01, 0.12 * (high - low))
        return min(low, max(0.0, low - pad)), max(high, min(1.0, high + pad))
    return min(0.0, low), 1.05 * high if high > 0 else 1.0


def _ticks(low: float, high: float) -> list[float]:
    """Three to six round values inside the range."""
    step = _step(low, high)
    first = math.ceil(low / step - 1e-9)
    return [step * n for n in range(first, math.floor(high / step + 1e-9) + 1)]


def _step(low: float, high: float) -> float:
    """The round distance of about four ticks in the range."""
    rough = (high - low) / 4
    power = 10 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    return next(power * n for n in (1, 2, 2.5, 5, 10) if power * n >= rough)


def _round_end(most: float) -> float:
    """Where an axis from 0 ends: a count at its last value, a measured quantity at the next round value."""
    return most if most == int(most) else _step(0.0, most) * math.ceil(most / _step(0.0, most))


def _grid(down: Scale, share: bool) -> Markup:
    parts = []
    for value in _ticks(down.low, down.high):
        words = f"{100 * value:.3g}" if share else f"{value:.3g}"
        parts.append(line(_LEFT, down(value), 97, down(value), "grid"))
        parts.append(text(_LEFT - 1.5, down(value) + 4, _both(words), "tick", "end"))
    return _join(parts)


def _feet(across: Scale, height: int, labels: Sequence[Both], share: bool) -> Markup:
    """The labels below the chart: names, three shares, or round numbers."""
    if labels:
        return _join(text(across(n), height - 6, name, "tick", "middle") for n, name in enumerate(labels, 1))
    places = (0.0, 0.5, 1.0) if share else _ticks(0.0, across.high)
    numbers = [f"{100 * x:.0f}" if share else f"{x:,.5g}" for x in places]
    ends = {places[0]: "start", across.high: "end"}
    at = zip(places, numbers, strict=True)
    return _join(text(across(x), height - 6, _both(word), "tick", ends.get(x, "middle")) for x, word in at)


def _curve(series: Series, points: Sequence[tuple[float, float]]) -> Markup:
    parts = [line(*a, *b, f"curve {series.style}") for a, b in pairwise(points)]
    if series.dots or len(points) == 1:
        parts += [dot(x, y, f"dot {series.style}") for x, y in points]
    return _join(parts)


def matrix(view: MatrixView) -> Markup:
    """A confusion matrix in pixels: true classes down, predicted ones across; each cell names its rows."""
    n, left = len(view.classes), 10 + 7.0 * max(cell_len(_short(name)) for name in view.classes)
    side, top = max(9.0, min(28.0, _MATRIX / n)), 0.84 * left + 14
    width, height = left + n * side + 0.62 * left, top + n * side + 4
    opened = Markup('<svg class="matrix{2}" width="{0:.0f}" height="{1:.0f}" viewBox="0 0 {0:.0f} {1:.0f}" role="img">')
    parts = [
        opened.format(width, height, "" if side >= _COUNTED else " dense"),
        Markup("<title>{}</title>").format(_one(phrase("matrix.title"))),
    ]
    name_at = Markup('<text class="tick" x="{:.1f}" y="{:.1f}" text-anchor="end">{}<title>{}</title></text>')
    turned = Markup('<text class="tick" transform="translate({:.1f} {:.1f}) rotate(-55)">{}<title>{}</title></text>')
    for place, name in enumerate(view.classes):
        middle = (place + 0.5) * side
        parts.append(name_at.format(left - 6, top + middle + 4, _short(name), name))
        parts.append(turned.format(left + middle + 4, top - 6, _short(name), name))
    box = Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill-opacity="{:.2f}">'
                 "<title>{} → {}: {} / {}</title></rect>")  # fmt: skip
    count = Markup('<text class="count" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>')
    parts.append(Markup('<rect class="track" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
        left, top, n * side, n * side))  # fmt: skip
    for cell in view.cells:
        x, y, css = left + cell.across * side, top + cell.down * side, "right" if cell.down == cell.across else "wrong"
        facts = view.classes[cell.down], view.classes[cell.across], cell.count, view.rows[cell.down]
        parts.append(box.format(css, x + 0.5, y + 0.5, side - 1, side - 1, 0.3 + 0.7 * cell.share, *facts))
        if side >= _COUNTED and cell.count < 1000:
            parts.append(count.format(x + side / 2, y + side / 2 + 4, cell.count))
    return _join(parts) + Markup("</svg>")


def _short(name: str) -> str:
    return name if len(name) <= _LABEL else name[: _LABEL - 1] + "…"
