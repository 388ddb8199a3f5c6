"""What bars, sparklines and short texts are drawn with; ASCII where the terminal's encoding has nothing better."""

import codecs
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TextIO

# Typographic signs of our sentences -> the same in ASCII.
PLAIN: Final = {"→": "->", "·": "|", "–": "-", "—": "-", "−": "-", "…": "...", "±": "+/-", "×": "x", "›": ">", "’": "'"}
HANDLER: Final = "rankfirst.plain"


@dataclass(frozen=True)
class Glyphs:
    """One set of signs, each one cell wide."""

    full: str
    empty: str
    levels: str  # low to high
    rule: str
    then: str  # between stages
    more: str  # where a line was cut; may be wider
    ascii_only: bool = False

    def words(self, text: str) -> str:
        """A sentence in what can be shown."""
        return text.translate(_TABLE) if self.ascii_only else text


_TABLE: Final = str.maketrans(PLAIN)
UNICODE: Final = Glyphs("█", "░", "▁▂▃▄▅▆▇█", "─", "›", "…")
ASCII: Final = Glyphs("#", "-", "_.,:-=+*#", "-", ">", "..", ascii_only=True)


def for_encoding(encoding: str | None) -> Glyphs:
    """The best set that `encoding` can write."""
    signs = (UNICODE.full, UNICODE.empty, UNICODE.levels, UNICODE.rule, UNICODE.then, UNICODE.more, *PLAIN)
    try:
        "".join(signs).encode(encoding or "")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE


def bar(share: float, width: int, glyphs: Glyphs) -> str:
    """`share` of `width` cells filled."""
    filled = round(width * min(1.0, max(0.0, share)))
    return glyphs.full * filled + glyphs.empty * (width - filled)


def sparkline(values: Sequence[float], width: int, glyphs: Glyphs) -> str:
    """At most `width` cells, from the lowest value to the highest; what is not finite is left blank."""
    if not values or width < 1:
        return ""
    cells = min(width, len(values))
    means = [_mean(values[i * len(values) // cells : (i + 1) * len(values) // cells]) for i in range(cells)]
    known = [m for m in means if m is not None]
    low, span = min(known, default=0.0), max(known, default=0.0) - min(known, default=0.0)
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
    """What the encoding of `stream` does not know becomes ASCII instead of an error."""
    if not isinstance(stream, io.TextIOWrapper):
        return
    if not stream.encoding.lower().startswith("utf"):
        stream.reconfigure(errors=HANDLER)
    elif stream.errors == "strict":  # a file name that is no UTF-8
        stream.reconfigure(errors="backslashreplace")


codecs.register_error(HANDLER, _replace)
