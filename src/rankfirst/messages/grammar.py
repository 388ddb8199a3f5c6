"""How numbers enter a sentence: English plurals that agree, signs told in words, standard errors as 95% intervals.

A sentence is a format string with five conversions of its own, and counts before a known noun agree by themselves:

    {rows:,} rows carry              1 row carries, 2 rows carry
    {n!p:one|more}                   chosen by whether n is 1
    {gain!w:better|worse}            chosen by the sign of gain, {gain!m:.3f} is its size
    {f1_se!i:.1f}                    half of the 95% interval of what has this standard error
    {p!q}                            "p = 3.1e-05", never "p = 0.0e+00"
    <<{n} of a||{m} of b>>           the parts whose first number is not shown as zero, joined; perhaps none
"""

import math
import re
import string
from collections.abc import Mapping
from typing import Any, Final

INTERVAL: Final = 1.96  # standard errors on either side of a 95% interval
_LEAST_P: Final = 1e-300  # smaller ones underflow

_NOUNS: Final = (
    "attempt|character|check|class|column|decision|doubling|epoch|escape|evaluation|event|example|experiment|file|finding"
    "|group|label|layer|line|minute|move|name|option|pair|phrase|place|point|probe|request|row|run|second|seed|set|spelling"
    "|step|symptom|test|text|token|update|warning|word"
)
_KINDS: Final = (
    "different|distinct|label|long|loss|mistyped|more|new|optimiser|other|rare|test|trained|training|validation|whole"
)
_VERBS: Final = {
    "are": "is", "carry": "carries", "contradict": "contradicts", "differ": "differs", "do": "does", "have": "has",
    "hold": "holds", "lie": "lies", "mix": "mixes", "nearly repeat": "nearly repeats", "occur": "occurs",
    "repeat": "repeats", "share": "shares", "stand": "stands", "were": "was",
}  # fmt: skip
# a whole number, a noun that counts, perhaps more of it in brackets, perhaps a verb
_COUNTED: Final = re.compile(
    r"(?:\{(?P<part>\w+)(?::[,dg]?)?\} of (?:the )?)?(?P<count>\{(?P<name>\w+)(?::[,dg]?)?\}) (?P<kind>(?:(?:"
    + _KINDS
    + r") )*)"
    r"(?:(?P<noun>" + _NOUNS + r")(?P<many>s|es)|(?P<any>[a-z]+)\((?P<some>s|es)\))(?![\w-])"
    r"(?:(?P<aside> \([^()]*\))?(?P<verb> (?:" + "|".join(_VERBS) + r"))(?!\w))?"
)
_PARTS: Final = re.compile(r"<<(.*?)>>", re.DOTALL)
_NOTHING: Final = re.compile(r"[+-]?0(?:\.0+)?%?")
_IDEOGRAPH: Final = re.compile(r"[\u4e00-\u9fff]")
_ZERO: Final = re.compile(r"[+-](0(?:\.0+)?%?)")


def agreeing(english: str) -> str:
    """A sentence whose counted nouns and their verbs agree with the count."""
    return _COUNTED.sub(_agree, english)


def _agree(found: re.Match[str]) -> str:
    name, noun = found["name"], found["noun"] or found["any"]
    many = found["many"] or found["some"]
    whole = found[0][: found.start("count") - found.start()]  # "{part} of ": the verb goes with the part
    told = f"{whole}{found['count']} {found['kind']}{{{name}!p:{noun}|{noun}{many}}}{found['aside'] or ''}"
    verb = (found["verb"] or "").strip()
    return told + (f" {{{found['part'] or name}!p:{_VERBS[verb]}|{verb}}}" if verb else "")


def filled(sentence: str, numbers: Mapping[str, Any]) -> str:
    """`sentence` with its numbers. Raises: KeyError for a number that is missing, ValueError or TypeError for a wrong one."""
    comma, semicolon = ("，", "；") if _IDEOGRAPH.search(sentence) else (", ", "; ")

    def found(parts: re.Match[str]) -> str:
        told = [part for part in parts[1].split("||") if _tells(part, numbers)]
        return (semicolon if any(comma in part for part in told) else comma).join(told)

    return _FORMATTER.vformat(_PARTS.sub(found, sentence), (), numbers)


def _tells(part: str, numbers: Mapping[str, Any]) -> bool:
    """Whether the first number of a part is shown as something else than zero."""
    for _, name, spec, kind in _FORMATTER.parse(part):
        if name is not None:
            shown = _FORMATTER.vformat(f"{{{name}{f'!{kind}' if kind else ''}:{spec or ''}}}", (), numbers)
            return not _NOTHING.fullmatch(shown)
    return True


class _Choice:
    """Formats as the first or the second half of its spec."""

    def __init__(self, first: bool) -> None:
        self.first = first

    def __format__(self, spec: str) -> str:
        first, _, second = spec.partition("|")
        return first if self.first else second


class _Formatter(string.Formatter):
    def convert_field(self, value: Any, conversion: str | None) -> Any:
        match conversion:
            case "p":
                return _Choice(_is_one(value))
            case "w":
                return _Choice(not value < 0)
            case "m":
                return abs(value)
            case "i":
                return INTERVAL * value
            case "q":
                return (
                    f"p < {_LEAST_P:.0e}"
                    if value < _LEAST_P
                    else f"p = {value:.2g}"
                    if value >= 0.001
                    else f"p = {value:.1e}"
                )
        return super().convert_field(value, conversion)

    def format_field(self, value: Any, format_spec: str) -> str:
        told: str = super().format_field(value, format_spec)
        zero = isinstance(value, float) and _ZERO.fullmatch(told)
        return zero[1] if zero else told  # neither +0.0 nor -0.0 says more


def _is_one(value: object) -> bool:
    if isinstance(value, str):
        return value == "1"
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isclose(value, 1.0)


_FORMATTER: Final = _Formatter()
