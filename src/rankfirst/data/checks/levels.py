"""Compare a share with its two limits, and combine several levels."""

from rankfirst.records import Level

_ORDER = (Level.OK, Level.NOTE, Level.WARN)


def level(value: float, note: float, warn: float) -> Level:
    """WARN above `warn`, NOTE above `note`, otherwise OK."""
    if value > warn:
        return Level.WARN
    return Level.NOTE if value > note else Level.OK


def most_severe(*levels: Level) -> Level:
    """The most severe of them."""
    return max(levels, key=_ORDER.index)
