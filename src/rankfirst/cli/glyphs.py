"""Characters for bars, sparklines and short texts; ASCII if the terminal's encoding has no others."""

import codecs
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TextIO

# Typographic characters in messages -> ASCII.
PLAIN: Final = {"→": "->", "·": "|", "–": "-", "—": "-", "−": "-", "…": "...", "±": "+/-", "×": "x", "›": ">", "’": "'"}
HANDLER: Final = "rankfirst.plain"


@dataclass(frozen=True)
class Glyphs:
    """One set of characters, each one cell wide."""

    full: str
    empty: str
    levels: str  # of a sparkline, low to high
    rule: str
    then: str  # between stages
    more: str  # marks a truncated line; may be wider
    ascii_only: bool = False

    def words(self, text: str) -> str:
        """The text in characters that can be shown."""
        return text.translate(_TABLE) if self.ascii_only else text


_TABLE: Final = str.maketrans(PLAIN)
UNICODE: Final = Glyphs("█", "░", "▁▂▃▄▅▆▇█", "─", "›", "…")
ASCII: Final = Glyphs("#", "-", "_.,:-=+*#", "-", ">", "..", ascii_only=True)


def for_encoding(encoding: str | None) -> Glyphs:
    """The best set that `encoding` can represent."""
    signs = (UNICODE.full, UNICODE.empty, UNICODE.levels, UNICODE.rule, UNICODE.then, UNICODE.more, *PLAIN)
    try:
        "".join(signs).encode(encoding or "")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE


def bar(share: float, width: int, glyphs: Glyphs) -> str:
    """A bar of `width` cells, with `share` of them filled."""
    filled = round(width * min(1.0, max(0.0, share)))
    return glyphs.full * filled + glyphs.empty * (width - filled)


def sparkline(values: Sequence[float], width: int, glyphs: Glyphs) -> str:
    """A sparkline of at most `width` cells, scaled from lowest to highest value; NaN and infinity are blank."""
    if not values or width < 1:
        return ""
    cells = min(width, len(values))
    means = [_mean(values[i * len(values) // cells : (i + 1) * len(values) // cells]) for i in range(cells)]
    finite = [m for m in means if m is not None]
    low, span = min(finite, default=0.0), max(finite, default=0.0) - min(finite, default=0.0)
    top = len(glyphs.levels) - 1
    return "".join(" " if m is None else glyphs.levels[round(top * (m - low) / span) if span > 0 else 0] for m in means)


def _mean(values: Sequence[float]) -> float | None:
    finite = [v for v in values if math.isfinite(v)]
    return sum(finite) / len(finite) if finite else None


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(c, "?") for c in error.object[error.start : error.end]), error.end


def write_plainly(stream: TextIO) -> None:
    """Replace characters that the encoding of `stream` lacks by ASCII, instead of raising an error."""
    if not isinstance(stream, io.TextIOWrapper):
        return
    if not stream.encoding.lower().startswith("utf"):
        stream.reconfigure(errors=HANDLER)
    elif stream.errors == "strict":  # file names may not be valid UTF-8
        stream.reconfigure(errors="backslashreplace")


codecs.register_error(HANDLER, _replace)
