"""THE SENTENCES: everything a user can read, Chinese and English side by side, keyed by code.

A leaf of the house: standard library only, and everybody may speak. Numbers travel beside the code
(`Finding.numbers`, `RankfirstError.fields`) and meet their sentence here, so one run can be told in either language.
"""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Final, Literal

from rankfirst.words.grammar import agreeing, filled

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
    """The sentence for `code` in `lang`, with its numbers filled in as `words.grammar` tells them.

    Raises: KeyError for an unknown code or a missing number: a sentence is part of the program, so that is a bug.
    """
    return filled(_ALL[code][LANGS.index(lang)], numbers)


def quotes_numbers(code: str) -> bool:
    """Whether the sentence for `code` quotes a number. True for a code of another version, whose sentence is unknown."""
    return code not in _ALL or "{" in _ALL[code][0]
