"""Scripts: the main script, texts that mix two scripts, and full-width next to half-width characters."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from rankfirst.data.checks.levels import level, most_severe
from rankfirst.data.quality.characters import Mark, Script, characters_of
from rankfirst.data.quality.facts import Facts, example_rows
from rankfirst.data.quality.languages import NAMES, NO_LANGUAGE, languages_of, mostly_english
from rankfirst.data.quality.word_ids import wording_of
from rankfirst.records import Check

# Shares of letters. Definition of `Profile.script`.
ZH_SHARE: Final = 0.5
EN_SHARE: Final = 0.05
# Ideographs for one letter of kana or Hangul. Up to here they are Japanese or Korean: headlines have few kana.
IDEOGRAPHS_PER_KANA: Final = 8
# Texts whose language is detected for the default base; more would not change what most of them are in.
SAMPLED: Final = 5000
# Share of training rows. Product names in Latin letters are normal in Chinese; half the rows means code-switching
# (assumption). Full-width letters make "ＡＢＣ" a different token from "ABC" (assumption: 1% of the rows matters).
MIXED_NOTE: Final = 0.30
FULL_WIDTH_NOTE: Final = 0.01
FULL_WIDTH_WARN: Final = 0.10
# Share of training rows with both kinds of punctuation in one text (assumption: careless typing, never a warning).
POINTS_NOTE: Final = 0.20

_LATIN_WORD = re.compile("[A-Za-z]{2}")


def check(facts: Facts) -> Check:
    """Texts with ideographs and Latin words, with full-width letters or digits, or with both kinds of punctuation."""
    texts, characters = facts.dataset.train.texts, facts.characters
    mixed = (characters.count(Script.IDEOGRAPH) > 0) & (characters.count(Script.LATIN) >= 2)
    for row in np.flatnonzero(mixed):
        mixed[row] = bool(_LATIN_WORD.search(texts[row]))
    wide = characters.has(Mark.WIDE_ALNUM)
    points = characters.has(Mark.WIDE_POINT) & characters.has(Mark.HALF_POINT)
    numbers = {
        "mixed": int(mixed.sum()),
        "mixed_share": float(mixed.mean()),
        "full_width": int(wide.sum()),
        "full_width_share": float(wide.mean()),
        "points": int(points.sum()),
        "points_share": float(points.mean()),
    }
    verdict = most_severe(
        level(float(wide.mean()), FULL_WIDTH_NOTE, FULL_WIDTH_WARN),
        level(float(mixed.mean()), MIXED_NOTE, 1.0),
        level(float(points.mean()), POINTS_NOTE, 1.0),
    )
    rows = example_rows(wide) or example_rows(mixed) or example_rows(points)
    return Check("data.check.scripts", verdict, numbers, rows)


def main_language(texts: Sequence[str]) -> str:
    """What most texts are in: 'zh' (also mixed with English), 'en' (also without letters), 'latin' or 'other'.

    'latin': another language in Latin letters.
    """
    some = tuple(texts[:: max(1, len(texts) // SAMPLED)])
    script = script_of(some)
    if script in ("zh", "mixed"):
        return "zh"
    characters, words = characters_of(some), wording_of(some)
    languages = languages_of(characters, words)
    counts = np.bincount(languages[languages != NO_LANGUAGE], minlength=len(NAMES))
    if not counts.any():
        return "en"
    latin = counts[NAMES.index("en")] + counts[NAMES.index("latin")]
    if latin >= counts[NAMES.index("other")]:
        return "en" if mostly_english(characters, words) else "latin"
    return "other"


def script_of(texts: tuple[str, ...]) -> str:
    """'zh', 'en', 'mixed' or 'other', by the share of CJK ideographs and of ASCII among all letters."""
    letters = characters_of(texts).scripts.sum(axis=0, dtype=np.int64)
    letters[[Script.NONE, Script.DIGIT]] = 0
    total = int(letters.sum())
    if not total:
        return "other"
    ideographs, latin = letters[Script.IDEOGRAPH] / total, letters[Script.LATIN] / total
    # Japanese also has ideographs, Korean may have some; Chinese has neither kana nor Hangul.
    own = (letters[Script.KANA] + letters[Script.HANGUL]) / total
    if own * IDEOGRAPHS_PER_KANA > ideographs and own > EN_SHARE:
        return "other"
    if ideographs > ZH_SHARE:
        return "zh"
    if ideographs < EN_SHARE:
        return "en" if latin > 0.5 else "other"
    return "mixed" if ideographs + latin > 0.5 else "other"
