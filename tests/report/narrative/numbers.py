"""Every number of a text must stand in the journal lines it cites, as it is or as it is usually written."""

import math
import re
from collections.abc import Iterator
from typing import Any

# Names that hold digits, and the constants of the wording itself.
_NAMES = re.compile(r"F1\b|MiniLM-L\d+|minilm-l\d+-v\d+|9[59]%|bfloat16|float32|--set \S+")
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:,\d{3})*(?:\.\d+)?(?:e-?\d+)?(?![\w])")


def numbers(text: str) -> list[str]:
    """As they are written, signs and thousands' commas included."""
    spaced = re.sub(r"([\u3000-\u9fff\uff00-\uffef–→×±~%])", r" \1 ", _NAMES.sub(" ", text))
    return [found for found in _NUMBER.findall(spaced) if any(c.isdigit() for c in found)]


def leaves(value: Any, key: str = "") -> Iterator[float]:
    """Every number of a payload as it may be written: itself, in percent or points, and what its name allows."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, str):
        for found in numbers(value):
            yield from leaves(float(found.replace(",", "")), key)
    elif isinstance(value, dict):
        for name, inside in value.items():
            yield from leaves(inside, str(name))
    elif isinstance(value, list):
        yield float(len(value))
        for inside in value:
            yield from leaves(inside, key)
    elif math.isfinite(value):
        yield from (value, 100.0 * value)
        if key.endswith("_se") or key == "se":  # half of a 95% interval
            yield from (1.96 * value, 196.0 * value)
        elif key in ("seconds", "limit", "spent", "budget_seconds"):  # hours, minutes and seconds
            whole = round(value)
            yield from (whole // 3600, whole % 3600 // 60, whole // 60, whole % 60)
        elif key == "megabytes":
            yield 1000.0 * value


def holds(written: str, known: set[float]) -> bool:
    """Whether a number is one of the known ones, rounded as it is written; a sign may be told in words."""
    text = written.replace(",", "")
    mantissa, _, power = text.lstrip("+-").partition("e")
    room = 0.5000001 * 10.0 ** (int(power or 0) - len(mantissa.partition(".")[2]))
    value = abs(float(text))
    return any(abs(value - abs(x)) <= room + 1e-9 * abs(x) for x in known)


def untraced(text: str, payloads: list[Any]) -> list[str]:
    """Numbers of a text that stand in none of the payloads."""
    known = {x for payload in payloads for x in leaves(payload)}
    return [written for written in numbers(text) if not holds(written, known)]
