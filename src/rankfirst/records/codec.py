"""Convert records to JSON values and back, so that journal and result files hold JSON only."""

import math
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

from rankfirst.errors import RecordError

T = TypeVar("T")

SPARSE: Final = types.MappingProxyType({"sparse": True})
"""Metadata of a field that is written only if it differs from its default, so that older records stay as they are."""


def to_json(value: Any) -> Any:
    """Encode a record as plain JSON values; each record carries its class name under "is" to resolve unions.

    A field with the metadata SPARSE is left out if it has its default.
    """
    if is_dataclass(value) and not isinstance(value, type):
        held = ((f, getattr(value, f.name)) for f in fields(value))
        return {"is": type(value).__name__} | {
            f.name: to_json(v) for f, v in held if "sparse" not in f.metadata or v != f.default
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(k): to_json(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [to_json(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(value)}  # JSON has no NaN
    return value


@cache
def field_types(cls: type) -> dict[str, Any]:
    """The type of each field of a record."""
    return get_type_hints(cls)


def from_json(cls: type[T] | Any, value: Any) -> T:
    """Decode what `to_json` wrote as type `cls`; fields missing in old files take their defaults.

    Raises: RecordError if `value` is not such a record.
    """
    try:
        return _decode(cls, value)  # type: ignore[no-any-return]
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError) as error:
        raise RecordError("run.bad_record", record=getattr(cls, "__name__", str(cls))) from error


def _decode(hint: Any, value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"float"}:
        return float(value["float"])
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _decode_union(get_args(hint), value)
    if origin is tuple:
        args = get_args(hint)
        if len(args) == 2 and args[1] is ...:
            return tuple(_decode(args[0], v) for v in value)
        return tuple(_decode(a, v) for a, v in zip(args, value, strict=True))
    if origin is not None and isinstance(value, dict):
        return {k: _decode(get_args(hint)[1], v) for k, v in value.items()}
    if is_dataclass(hint) and isinstance(hint, type):
        hints = field_types(hint)
        return hint(**{k: _decode(hints[k], v) for k, v in value.items() if k in hints})
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    return float(value) if hint is float and isinstance(value, int) else value


def _decode_union(options: tuple[Any, ...], value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    for option in options:
        if is_dataclass(option) and getattr(option, "__name__", "") == value.get("is"):
            return _decode(option, value)
    records = [o for o in options if o is not type(None)]
    return _decode(records[0], value)
