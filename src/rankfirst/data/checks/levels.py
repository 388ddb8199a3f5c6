"""A share against its two limits."""

from rankfirst.records import Level


def level(value: float, note: float, warn: float) -> Level:
    """WARN above `warn`, NOTE above `note`, otherwise OK."""
    if value > warn:
        return Level.WARN
    return Level.NOTE if value > note else Level.OK
