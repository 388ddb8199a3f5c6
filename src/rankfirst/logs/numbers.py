"""Numbers as trainers write them: floats, strings, `NaN`, `tensor(0.69)`; and key names in one spelling."""

import re

_TENSOR = re.compile(r"tensor\(\[?\s*([-+.\w]+)")
_NO_NAME = re.compile(r"[^a-z0-9]+")
_LONGEST = 64  # characters of a number written as text


def number(value: object) -> float | None:
    """The value as a float, NaN and infinity included; None for anything that is no number."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        value = value.strip()[:_LONGEST]
        found = _TENSOR.match(value)
        value = found.group(1) if found else value
    elif not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def plain(key: object) -> str:
    """A key in one spelling: "train/Global Step" -> "train_global_step".

    A chart exported by Weights & Biases names its columns "run - key".
    """
    return _NO_NAME.sub("_", str(key)[-200:].rpartition(" - ")[2].lower()).strip("_")
