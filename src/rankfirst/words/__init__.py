"""THE SENTENCES: everything a user can read, Chinese and English side by side, keyed by code.

A leaf of the house: standard library only, and everybody may speak. Numbers travel beside the code
(`Finding.numbers`, `RankfirstError.fields`) and meet their sentence here, so one run can be told in either language.
"""

from collections.abc import Mapping
from typing import Final, Literal

from rankfirst.words import (
    account,
    advice,
    assess,
    bases,
    checks,
    chrome,
    cli,
    counted,
    data,
    decide,
    deciding,
    drift,
    errors,
    export,
    gate,
    help,
    live,
    log_advice,
    logs,
    many,
    memory,
    page,
    policy,
    predict,
    processes,
    proposal,
    ray,
    renew,
    report,
    serve,
    shift,
    tenants,
    trackers,
    ui,
    why_not,
)
from rankfirst.words.grammar import agreeing, filled

Lang = Literal["en", "zh"]
LANGS: Final[tuple[Lang, ...]] = ("en", "zh")

_TABLES: Final = (
    errors,
    export,
    gate,
    help,
    data,
    decide,
    deciding,
    drift,
    checks,
    policy,
    predict,
    processes,
    proposal,
    ray,
    renew,
    report,
    serve,
    page,
    shift,
    tenants,
    assess,
    bases,
    advice,
    logs,
    memory,
    log_advice,
    many,
    account,
    chrome,
    cli,
    counted,
    live,
    trackers,
    ui,
    why_not,
)


def sentences() -> Mapping[str, tuple[str, str]]:
    """Every sentence: code -> (English, Chinese). A code defined twice raises ValueError."""
    merged: dict[str, tuple[str, str]] = {}
    for table in _TABLES:
        twice = merged.keys() & table.SENTENCES.keys()
        if twice:
            raise ValueError(f"sentence defined twice: {sorted(twice)}")
        merged |= table.SENTENCES
    return merged


_ALL: Final = {code: (agreeing(english), chinese) for code, (english, chinese) in sentences().items()}


def say(code: str, lang: Lang = "en", /, **numbers: object) -> str:
    """The sentence for `code` in `lang`, with its numbers filled in as `words.grammar` tells them.

    Raises: KeyError for an unknown code or a missing number: a sentence is part of the program, so that is a bug.
    """
    return filled(_ALL[code][LANGS.index(lang)], numbers)
