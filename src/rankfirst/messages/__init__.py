"""THE SENTENCES: everything a user can read, Chinese and English side by side, keyed by code.

A leaf of the house: standard library only, and everybody may speak. Numbers travel beside the code
(`Finding.numbers`, `RankfirstError.fields`) and meet their sentence here, so one run can be told in either language.
"""

import pkgutil
import string
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Final, Literal

from rankfirst.messages.grammar import agreeing, filled

Lang = Literal["en", "zh"]
LANGS: Final[tuple[Lang, ...]] = ("en", "zh")


@cache
def sentences() -> Mapping[str, tuple[str, str]]:
    """Every sentence of every module here: code -> (English, Chinese). A code defined twice raises ValueError."""
    merged: dict[str, tuple[str, str]] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        table = getattr(import_module(module.name), "SENTENCES", {})
        twice = merged.keys() & table.keys()
        if twice:
            raise ValueError(f"sentence defined twice: {sorted(twice)}")
        merged |= table
    return merged


_ALL: Final = {code: (agreeing(english), chinese) for code, (english, chinese) in sentences().items()}


def say(code: str, lang: Lang = "en", /, **numbers: object) -> str:
    """The sentence for `code` in `lang`, with its numbers filled in as `messages.grammar` tells them.

    Raises: KeyError for an unknown code or a missing number: a sentence is part of the program, so that is a bug.
    """
    return filled(_ALL[code][LANGS.index(lang)], numbers)


@cache
def takes(code: str) -> frozenset[str] | None:
    """The names of the numbers that a sentence takes; None for a code that has no sentence."""
    if code not in _ALL:
        return None
    return frozenset(name for _, name, _, _ in string.Formatter().parse(_ALL[code][1]) if name)
