"""Very short and elliptical texts: one word, or two ideographs, seldom say what is wanted."""

import re
from typing import Final

from rankfirst.data.checks.levels import level
from rankfirst.data.facts import Facts, example_rows
from rankfirst.records import Check

# Words of an alphabetic text, ideographs of a Chinese one, up to which it counts as very short.
SHORT_WORDS: Final = 1
SHORT_IDEOGRAPHS: Final = 2
# Share of training rows (assumption).
SHORT_NOTE: Final = 0.02
SHORT_WARN: Final = 0.15

_UNITS = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")
# Characters. No very short text is longer, barring one endless word: saves cutting long ones up.
_LOOK_AT = 40


def check(facts: Facts) -> Check:
    """Share of very short training texts."""
    flags = [is_short(text) for text in facts.dataset.train.texts]
    share = sum(flags) / len(flags)
    numbers = {"short": sum(flags), "share": share}
    return Check("data.check.short_texts", level(share, SHORT_NOTE, SHORT_WARN), numbers, example_rows(flags))


def is_short(text: str) -> bool:
    """At most one word, or two ideographs; punctuation and emoji say nothing."""
    if len(text) > _LOOK_AT:
        return False
    units = _UNITS.findall(text)
    chinese = any("\u3400" <= unit[0] <= "\u9fff" for unit in units)
    return len(units) <= (SHORT_IDEOGRAPHS if chinese else SHORT_WORDS)
