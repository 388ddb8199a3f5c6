"""Parse numbers as trainers write them (floats, strings, `NaN`, `tensor(0.69)`) and normalise key names."""

import re

_TENSOR = re.compile(r"tensor\(\[?\s*([-+.\w]+)")
_NO_NAME = re.compile(r"[^a-z0-9]+")
_LONGEST = 64  # maximum characters of a number written as text


def number(value: object) -> float | None:
    """The value as a float, including NaN and infinity; None if it is not a number."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        value = value.strip()[:_LONGEST]
        match = _TENSOR.match(value)
        value = match.group(1) if match else value
    elif not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def plain(key: object) -> str:
    """Normalise a key: "train/Global Step" -> "train_global_step".

    A chart exported by Weights & Biases names its columns "run - key".
    """
    return _NO_NAME.sub("_", str(key)[-200:].rpartition(" - ")[2].lower()).strip("_")
