"""Validate the lines of a journal: records must decode, and every field must have its declared type.

Decoding alone does not check types, so a file that was edited or written by another version would fail later.
"""

import math
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Final, Union, get_args, get_origin

from rankfirst.records import Curve, Decision, ExperimentResult, Lengths, Profile, Recipe, Rung, Shipping
from rankfirst.records.codec import field_types
from rankfirst.report.events import Event, decode

_RECORDS: Final[Mapping[str, type]] = {
    "lengths": Lengths,
    "profile": Profile,
    "rung": Rung,
    "start": Recipe,
    "probe": Curve,
    "decision": Decision,
    "experiment": ExperimentResult,
    "final": Curve,
    "verdict": Shipping,
}
_INSIDE: Final = {
    "start": "recipe",
    "final": "curve",
}  # key of the record inside the payload, if it is not the payload itself
_PARTIAL: Final = ("rung",)  # read field by field, so that a rung without some still has its score


def readable(event: Event) -> bool:
    """Whether an event holds no record, or a valid one."""
    cls = _RECORDS.get(event.kind)
    if cls is None:
        return True
    inside = event.payload.get(_INSIDE.get(event.kind, ""))
    record = decode(cls, inside if isinstance(inside, dict) else event.payload)
    return event.kind in _PARTIAL if record is None else fits(record, cls)


def fits(value: Any, hint: Any) -> bool:
    """Whether a value matches its type hint, records field by field; NaN is a float but no integer."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return any(fits(value, option) for option in args)
    if origin is tuple:
        every = len(args) == 2 and args[1] is ...
        if not isinstance(value, tuple) or (not every and len(value) != len(args)):
            return False
        return all(fits(v, args[0] if every else a) for v, a in zip(value, [args[0]] * len(value) if every else args,
                                                                    strict=True))  # fmt: skip
    if origin is not None:  # a mapping
        return isinstance(value, dict) and all(isinstance(k, str) and fits(v, args[1]) for k, v in value.items())
    if is_dataclass(hint) and isinstance(hint, type):
        known = field_types(hint)
        return type(value) is hint and all(fits(getattr(value, f.name), known[f.name]) for f in fields(hint))
    return _plain(value, hint)


def _plain(value: Any, hint: Any) -> bool:
    if hint is None or hint is type(None):
        return value is None
    if hint in (int, float) and isinstance(value, int | float) and not isinstance(value, bool):
        return hint is float or math.isfinite(value)
    return isinstance(hint, type) and isinstance(value, hint) and (hint is bool or issubclass(hint, str | Enum))
