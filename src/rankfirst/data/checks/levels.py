"""A share against its two limits, and the louder of several verdicts."""

from rankfirst.records import Level

_ORDER = (Level.OK, Level.NOTE, Level.WARN)


def level(value: float, note: float, warn: float) -> Level:
    """WARN above `warn`, NOTE above `note`, otherwise OK."""
    if value > warn:
        return Level.WARN
    return Level.NOTE if value > note else Level.OK


def loudest(*levels: Level) -> Level:
    """The gravest of them."""
    return max(levels, key=_ORDER.index)
