"""A field that is an option: what its value may be, and how flags, keywords and records see it."""

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import UnionType
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from rankfirst.errors import OptionError
from rankfirst.measure.memory import parse_bytes

T = TypeVar("T")
Panel = Literal["rows", "model", "decisions", "objective", "answers", "machine", "output"]
"""Where `--help` shows a flag."""
Renewed = Literal["run", "model", "given", ""]
"""Where `continue` takes an option from: the old run's event, its delivered model, its own command line, or nowhere."""
Check = Callable[[str, object], Any]
"""(flag, value) -> the value as it is used. Raises: OptionError."""
UNITS: Final = {"": 60.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}  # seconds


@dataclass(frozen=True)
class Within:
    """A finite number from `low` to `high`."""

    low: float
    high: float = math.inf

    def __call__(self, flag: str, value: object) -> float:
        try:
            found = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            found = math.nan
        if not self.low <= found <= self.high or math.isinf(found):
            raise OptionError("option.bad_number", flag=flag, value=str(value), low=self.low, high=self.high)
        return found

    def __str__(self) -> str:
        return f"{self.low:g}.." + ("" if math.isinf(self.high) else f"{self.high:g}")


@dataclass(frozen=True)
class Whole:
    """A whole number from `low` up."""

    low: int

    def __call__(self, flag: str, value: object) -> int:
        try:
            found = int(value) if isinstance(value, str) else operator.index(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            found = self.low - 1
        if found < self.low:
            raise OptionError("option.bad_whole", flag=flag, value=str(value), low=self.low)
        return found

    def __str__(self) -> str:
        return f"{self.low}.."


@dataclass(frozen=True)
class OneOf:
    """One of these words."""

    known: tuple[str, ...]

    def __call__(self, flag: str, value: object) -> str:
        if value not in self.known:
            raise OptionError("option.bad_choice", flag=flag, value=str(value), known=", ".join(self.known))
        return str(value)

    def __str__(self) -> str:
        return "|".join(self.known)


class Bits:
    """4, however it is given."""

    def __call__(self, flag: str, value: object) -> int:
        if str(value).strip() != "4":
            raise OptionError("option.bad_bits", text=str(value))
        return 4

    def __str__(self) -> str:
        return "4"


def parse_budget(text: str) -> float:
    """`10m`, `1.5h`, `90s`, `10` (minutes) -> seconds. Raises: OptionError."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(s|m|min|h|)\s*", text.lower())
    seconds = float(found[1]) * UNITS[found[2]] if found else 0.0
    if seconds <= 0:
        raise OptionError("option.bad_budget", text=text)
    return seconds


def duration(flag: str, value: object) -> str:
    parse_budget(str(value))
    return str(value)


def size(flag: str, value: object) -> str:
    parse_bytes(str(value))
    return str(value)


@dataclass(frozen=True)
class Option:
    """A field as flags, keywords and records see it."""

    panel: Panel
    check: Check | None  # None: any value of its type
    flag: str
    journal: str | None  # its key in the `run` event where it is part of the run's identity, else ""
    plain: bool  # the event has its value also when it is as usual, where it has None for others
    renewed: Renewed | None
    worth: str  # a value to try where somebody asks why it was not set; "": another answer fits better
    called: tuple[str, ...]  # what people call it, beside its name
    name: str = ""
    kind: type = str  # bool, int, float, str, Path or list
    default: Any = None

    @property
    def names(self) -> tuple[str, ...]:
        """What people call it."""
        return *dict.fromkeys(self.name.replace("_", mark) for mark in " _-"), *self.called

    @property
    def help(self) -> str:
        """Key of its sentence, behind `cli.help.`."""
        return self.flag.removeprefix("--").replace("-", "_")

    def read(self, value: Any) -> Any:
        """The value as it is used. Raises: OptionError."""
        if value is None and self.default is None:
            return None
        if self.check is not None:
            return self.check(self.flag, value)
        if isinstance(value, str):
            return Path(value) if self.kind is Path else (value,) if self.kind is list else value
        return tuple(value) if self.kind in (Path, list) and not isinstance(value, Path | Mapping) else value

    def takes(self, value: Any) -> bool:
        """Whether a value of a YAML file is of its type; `read` looks at its range."""
        if self.kind is list:
            return isinstance(value, list) and all(isinstance(one, str) for one in value)
        if isinstance(value, bool) or self.kind is bool:
            return isinstance(value, bool) and self.kind is bool
        numbers = (int, float) if self.kind is float or self.check is duration else ()
        return isinstance(value, (str if self.kind is Path else self.kind, *numbers))

    def words(self, value: Any) -> list[str]:
        """It and its value on a command line; what was given in memory stands as a word for it."""
        if self.kind is list:
            return [word for one in value for word in (self.flag, str(one))]
        if self.kind is Path and not isinstance(value, Path):
            value = "IN-MEMORY"
        return [self.flag] if value is True else [self.flag, str(value)]


def option(default: T, panel: Panel, check: Check | None = None, *, flag: str = "", journal: str | None = None,
           plain: bool = False, renewed: Renewed | None = None, worth: str = "", called: tuple[str, ...] = ()
           ) -> T:  # fmt: skip
    """A field that is an option; None as its default means that it may be left open.

    Args:
        check: what it may be, beside its type. flag: default: its name.
        journal: its key in the run's identity; default: its name. "": another value makes no other run.
        plain: see `Option`; only for options that are older than the rule.
        renewed: default: "run" for a part of the identity.
        worth, called: see `Option`; `explain --why-not` answers for options that have either.
    """
    told = Option(panel, check, flag, journal, plain, renewed, worth, called)
    made: T = field(default=default, metadata={"option": told})
    return made


def options_of(kind: type) -> Mapping[str, Option]:
    """The options among the fields of a dataclass, in order."""
    hints, found = get_type_hints(kind), {}
    for each in fields(kind):
        told: Option | None = each.metadata.get("option")
        if told is not None:
            key = each.name if told.journal is None else told.journal
            found[each.name] = replace(
                told,
                flag=told.flag or f"--{each.name.replace('_', '-')}",
                journal=key,
                renewed=("run" if key else "") if told.renewed is None else told.renewed,
                name=each.name,
                kind=_kind(hints[each.name]),
                default=each.default,
            )
    return found


def _kind(hint: Any) -> type:
    """`int | None` -> int; of several types the first; `Iterable[str]` -> list."""
    several = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    first: type = next(each for each in several if each is not type(None))
    return list if get_origin(first) else first


class Options:
    """What dataclasses of options share: each option is read as it is made."""

    def __post_init__(self) -> None:
        for name, one in options_of(type(self)).items():
            object.__setattr__(self, name, one.read(getattr(self, name)))

    def chosen(self) -> dict[str, Any]:
        """Name: value of those that are not as usual."""
        known = options_of(type(self))
        given = {name: getattr(self, name) for name in known}
        return {name: value for name, value in given.items() if value != known[name].default}
