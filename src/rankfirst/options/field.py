"""A dataclass field that is an option: its range, and what flags, keywords and records are derived from."""

import codecs
import math
import operator
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import UnionType
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from rankfirst.errors import OptionError
from rankfirst.measure.memory import parse_bytes

T = TypeVar("T")
Panel = Literal["rows", "model", "decisions", "objective", "answers", "machine", "output"]
"""The panel of `--help` that shows the flag."""
Renewed = Literal["run", "model", "given", ""]
"""Where `continue` reads an option: in the old `run` event, in its model, on the command line, or nowhere."""
Check = Callable[[str, Any], Any]
"""(flag, value) -> checked and converted value. Raises: OptionError."""
UNITS: Final = {"": 60.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}  # seconds


@dataclass(frozen=True)
class Within:
    """A finite number from `low` to `high`."""

    low: float
    high: float = math.inf

    def __call__(self, flag: str, value: Any) -> float:
        try:
            found = float(value)
        except (TypeError, ValueError):
            found = math.nan
        if not self.low <= found <= self.high or math.isinf(found):
            raise OptionError("option.bad_number", flag=flag, value=str(value), low=self.low, high=self.high)
        return found

    def __str__(self) -> str:
        return f"{self.low:g}.." + ("" if math.isinf(self.high) else f"{self.high:g}")


@dataclass(frozen=True)
class Whole:
    """A whole number of at least `low`."""

    low: int

    def __call__(self, flag: str, value: Any) -> int:
        try:
            found = int(value) if isinstance(value, str) else operator.index(value)
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

    def __call__(self, flag: str, value: Any) -> str:
        if value not in self.known:
            raise OptionError("option.bad_choice", flag=flag, value=str(value), known=", ".join(self.known))
        return str(value)

    def __str__(self) -> str:
        return "|".join(self.known)


class Bits:
    """4, as a number or as text."""

    def __call__(self, flag: str, value: Any) -> int:
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


def duration(flag: str, value: Any) -> str:
    parse_budget(str(value))
    return str(value)


def size(flag: str, value: Any) -> str:
    parse_bytes(str(value))
    return str(value)


def text_encoding(flag: str, value: Any) -> str:
    """The name of an encoding of text that Python knows."""
    with suppress(LookupError, ValueError):
        codec = codecs.lookup(str(value))
        if codec.incrementaldecoder is not None and isinstance(codec.decode(b"")[0], str):
            return str(value)
    raise OptionError("option.bad_encoding", flag=flag, value=str(value))


@dataclass(frozen=True)
class Option:
    """What is known of one option."""

    panel: Panel
    check: Check | None  # None: every value of the type is allowed
    flag: str
    journal: str | None  # key in the `run` event; "": not part of the identity of a run
    plain: bool  # the event records a default as it is; for other options it records None
    renewed: Renewed | None
    worth: str  # a value that `explain --why-not` suggests; "": it suggests none
    called: tuple[str, ...]  # other names, for `explain --why-not`
    everyday: bool = False  # `--help` shows it; the others are shown by `--help-all`
    name: str = ""
    kind: type = str  # bool, int, float, str, Path or list
    default: Any = None

    @property
    def names(self) -> tuple[str, ...]:
        """All names, for `explain --why-not`."""
        return *dict.fromkeys(self.name.replace("_", mark) for mark in " _-"), *self.called

    @property
    def help(self) -> str:
        """The key of its sentence after `cli.help.`."""
        return self.flag.removeprefix("--").replace("-", "_")

    def read(self, value: Any) -> Any:
        """Check and convert a value. Raises: OptionError."""
        if value is None and self.default is None:
            return None
        if self.check is not None:
            return self.check(self.flag, value)
        if isinstance(value, str):
            return Path(value) if self.kind is Path else (value,) if self.kind is list else value
        return tuple(value) if self.kind in (Path, list) and not isinstance(value, Path | Mapping) else value

    def takes(self, value: Any) -> bool:
        """Whether a value from a YAML file has the right type; `read` checks the range."""
        if self.kind is list:
            return isinstance(value, list) and all(isinstance(one, str) for one in value)
        if isinstance(value, bool) or self.kind is bool:
            return isinstance(value, bool) and self.kind is bool
        numbers = (int, float) if self.kind is float or self.check is duration else ()
        return isinstance(value, (str if self.kind is Path else self.kind, *numbers))

    def words(self, value: Any) -> list[str]:
        """The flag and the value on a command line, with a placeholder for a value that was given in memory."""
        if self.kind is list:
            return [word for one in value for word in (self.flag, str(one))]
        if self.kind is Path and not isinstance(value, Path):
            value = "IN-MEMORY"
        return [self.flag] if value is True else [self.flag, str(value)]


def option(default: T, panel: Panel, check: Check | None = None, *, flag: str = "", journal: str | None = None,
           plain: bool = False, renewed: Renewed | None = None, worth: str = "", called: tuple[str, ...] = (),
           everyday: bool = False) -> T:  # fmt: skip
    """A dataclass field that is an option; it accepts None if that is its default.

    Args:
        check: checks and converts a value. flag: default: from the name.
        journal: key in the identity of a run; default: the name. "": the option is not part of the identity.
        plain, worth, called, everyday: see `Option`; new options do not need `plain`.
        renewed: default: "run" if it is part of the identity.
    """
    known = Option(panel, check, flag, journal, plain, renewed, worth, called, everyday)
    made: T = field(default=default, metadata={"option": known})
    return made


def options_of(kind: type) -> Mapping[str, Option]:
    """Name -> option, for the fields of a dataclass that are options, in order."""
    hints, found = get_type_hints(kind), {}
    for each in fields(kind):
        known: Option | None = each.metadata.get("option")
        if known is not None:
            key = each.name if known.journal is None else known.journal
            found[each.name] = replace(
                known,
                flag=known.flag or f"--{each.name.replace('_', '-')}",
                journal=key,
                renewed=("run" if key else "") if known.renewed is None else known.renewed,
                name=each.name,
                kind=_kind(hints[each.name]),
                default=each.default,
            )
    return found


def _kind(hint: Any) -> type:
    """`int | None` -> int; the first of several types; `Iterable[str]` -> list."""
    several = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    first: type = next(each for each in several if each is not type(None))
    return list if get_origin(first) else first


class Options:
    """Base class of dataclasses of options; it checks and converts each value."""

    def __post_init__(self) -> None:
        for name, one in options_of(type(self)).items():
            object.__setattr__(self, name, one.read(getattr(self, name)))

    def chosen(self) -> dict[str, Any]:
        """Name -> value, for the options that differ from their defaults."""
        known = options_of(type(self))
        given = {name: getattr(self, name) for name in known}
        return {name: value for name, value in given.items() if value != known[name].default}
