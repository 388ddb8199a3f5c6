"""Scripts: which one the data are written in, texts that mix two, full-width letters and digits."""

import re
from collections import Counter
from typing import Final

from rankfirst.data.checks.levels import level
from rankfirst.data.facts import Facts, example_rows
from rankfirst.records import Check

# Shares of letters. Contract of `Profile.script`.
ZH_SHARE: Final = 0.5
EN_SHARE: Final = 0.05
# Share of training rows. Product names in Latin letters are normal in Chinese; half the rows is code-switching
# (assumption). Full-width letters make "ＡＢＣ" another token than "ABC" (assumption: one row in a hundred matters).
MIXED_NOTE: Final = 0.30
FULL_WIDTH_NOTE: Final = 0.01
FULL_WIDTH_WARN: Final = 0.10

_IDEOGRAPH = re.compile("[\u3400-\u9fff]")
_LATIN_WORD = re.compile("[A-Za-z]{2}")
_FULL_WIDTH = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")


def check(facts: Facts) -> Check:
    """Share of texts with ideographs and Latin words, and with full-width letters or digits."""
    texts = facts.dataset.train.texts
    mixed = [bool(_IDEOGRAPH.search(text) and _LATIN_WORD.search(text)) for text in texts]
    wide = [bool(_FULL_WIDTH.search(text)) for text in texts]
    mixed_share, wide_share = sum(mixed) / len(texts), sum(wide) / len(texts)
    verdicts = (level(wide_share, FULL_WIDTH_NOTE, FULL_WIDTH_WARN), level(mixed_share, MIXED_NOTE, 1.0))
    numbers = {"mixed": sum(mixed), "mixed_share": mixed_share, "full_width": sum(wide), "full_width_share": wide_share}
    verdict = max(verdicts, key=("ok", "note", "warn").index)
    return Check("data.check.scripts", verdict, numbers, example_rows(wide) or example_rows(mixed))


def script_of(texts: tuple[str, ...]) -> str:
    """'zh', 'en', 'mixed' or 'other', by the share of CJK ideographs and of ASCII among all letters."""
    characters: Counter[str] = Counter()
    for text in texts:
        characters.update(text)
    letters = {c: n for c, n in characters.items() if c.isalpha()}
    total = sum(letters.values())
    if not total:
        return "other"
    ideographs = sum(n for c, n in letters.items() if _IDEOGRAPH.match(c) or "\U00020000" <= c <= "\U000323af") / total
    latin = sum(n for c, n in letters.items() if c.isascii()) / total
    if ideographs > ZH_SHARE:
        return "zh"
    if ideographs < EN_SHARE:
        return "en" if latin > 0.5 else "other"
    # Japanese has ideographs too; what tells it from mixed Chinese and English are the other letters.
    return "mixed" if ideographs + latin > 0.5 else "other"
