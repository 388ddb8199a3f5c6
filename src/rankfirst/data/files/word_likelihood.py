"""How likely a word is in a language, which separates text from text that was decoded with the wrong encoding.

tools/count_letters.py counted the table beside this file over the translations of free software: pairs of letters for
alphabets, single characters for Chinese, Japanese and Korean. Costs are bits, -log2 of a probability.
"""

import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"  # half bits of the table
START: Final = "^"
END: Final = "$"

# Bits (assumptions; benchmarks/encodings.py measures what they decide).
ASCII_LETTER: Final = 6.0  # in a language of another script
ASCII_SIGN: Final = 6.0  # punctuation
DIGIT: Final = 4.0
FOREIGN: Final = 14.0  # a letter that the language lacks
OTHER_SCRIPT: Final = 18.0
NEVER: Final = 30.0  # control characters, unassigned and private ones
SCRIPT_CHANGE: Final = 8.0  # inside a word of letters
BESIDE_DIGIT: Final = 4.0  # a letter that is not ASCII
CAPITAL: Final = 2.0  # at the start of a word
ALL_CAPITALS: Final = 0.3  # after a capital
CAPITAL_INSIDE: Final = 8.0  # after a small letter
SIGNS: Final[Mapping[float, str]] = {
    7.0: "€£",
    8.0: "’“”„«»‘–—…",
    10.0: "°§¿¡ºª·•™®©½×№\u00a0،؛؟`´",
    13.0: "‹›‚²³¼¾±µ¹÷¥†‰",
    15.0: "¦¬¨¸¶¯‡¢",
}
SIGN: Final = 18.0  # any other
SIGN_BESIDE: Final = 3.0  # more for each letter beside it, unless it is a usual sign at one end of a word
USUAL_SIGN: Final = 10.0
INSIDE: Final = frozenset("’'´·-–")  # signs that words contain
_SIGN_COST: Final = {sign: cost for cost, signs in SIGNS.items() for sign in signs}

Cost = Callable[[str], float]


@cache
def cost_of(language: str) -> Cost:
    """The function from a word to its bits in this language of the table."""
    table = _table()[language]
    if "levels" in table:
        return _Ideographs(language, _levels(table["levels"])).cost
    return _Alphabet.read(table["letters"], table["after"]).cost


@cache
def _table() -> Mapping[str, Mapping[str, object]]:
    content = files("rankfirst.data.files").joinpath("letters.json").read_text(encoding="utf-8")
    table: Mapping[str, Mapping[str, object]] = json.loads(content)
    return table


@cache
def small(character: str) -> str:
    """The small letter, always one character."""
    return character.lower()[0]


@cache
def is_letter(character: str) -> bool:
    """Whether it is a letter, or a vowel or tone mark written as one."""
    return character.isalpha() or unicodedata.category(character) in ("Mn", "Mc")


@dataclass(frozen=True)
class _Alphabet:
    after: Mapping[str, Mapping[str, float]]  # letter or START -> next letter or END -> bits
    latin: bool

    @classmethod
    def read(cls, letters: object, after: object) -> "_Alphabet":
        known, rows = str(letters), after if isinstance(after, list) else []
        costs = {
            first: {then: DIGITS.index(cell) / 2 for then, cell in zip(END + known, row, strict=True)}
            for first, row in zip(START + known, rows, strict=True)
        }
        return cls(costs, "a" in known)

    def cost(self, word: str) -> float:
        start = self.after[START]
        bits, row, before = 0.0, start, ""
        for i, character in enumerate(word):
            letter = small(character)
            step = row.get(letter)
            if step is not None and letter != END:
                bits += step if character == letter else step + _capital(character, before)
                if not character.isascii() and (before.isdigit() or word[i + 1 : i + 2].isdigit()):
                    bits += BESIDE_DIGIT
                row = self.after[letter]
            else:
                bits += (0.0 if row is start else row[END]) + self._other(character, word, i)
                row = start
            before = character
        return bits if row is start else bits + row[END]

    def _other(self, character: str, word: str, at: int) -> float:
        around = word[max(0, at - 1) : at] + word[at + 1 : at + 2]
        if not is_letter(character):
            beside = 0 if character in INSIDE and at else sum(map(str.isalpha, around))
            usual = beside < 2 and character not in INSIDE and _SIGN_COST.get(character, SIGN) <= USUAL_SIGN
            return _sign(character) + (0.0 if usual else SIGN_BESIDE * beside)
        if not self.latin and character.isascii():
            return ASCII_LETTER + (SCRIPT_CHANGE if any(is_letter(c) and not c.isascii() for c in around) else 0.0)
        latin = unicodedata.name(character, "").startswith("LATIN")
        return FOREIGN if latin == self.latin else OTHER_SCRIPT


def _capital(character: str, before: str) -> float:
    if not character.isupper():
        return 0.0
    if not before or not before.isalpha():
        return CAPITAL
    return ALL_CAPITALS if before.isupper() else CAPITAL_INSIDE


def _sign(character: str) -> float:
    if character.isascii():
        return DIGIT if character.isdigit() else ASCII_SIGN if character.isprintable() else NEVER
    if character == "\ufffd" or unicodedata.category(character) in ("Cc", "Cn", "Co"):
        return NEVER
    return _SIGN_COST.get(character, SIGN)


# Language -> (codec, first bytes below this one are the common level, bits of that level, bits of the rest of it).
_LEVELS: Final = {
    "zh": ("gb2312", 0xD8, 15.5, 19.0),
    "zh_TW": ("big5", 0xC9, 15.5, 20.0),
    "ja": ("shift_jis", 0x98, 15.5, 20.0),
    "ko": ("euc_kr", 0xC9, 14.5, 18.0),
}
RARE: Final = 24.0  # an ideograph outside that codec
HALF_WIDTH: Final = 10.0  # half-width kana, one byte each


@dataclass(frozen=True)
class _Ideographs:
    language: str
    levels: Mapping[str, float]

    def cost(self, word: str) -> float:
        bits, before = 0.0, ""
        for character in word:
            if character.isascii():
                letter = character.isalpha()
                bits += ASCII_LETTER if letter else _sign(character)
                bits += CAPITAL if letter and before.isalpha() and not before.isascii() else 0.0
            else:
                known = self.levels.get(character)
                bits += _rare(self.language, character) if known is None else known
            before = character
        return bits


@cache
def _rare(language: str, character: str) -> float:
    """Bits of a character that is not among the frequent ones."""
    category = unicodedata.category(character)
    if character == "\ufffd" or category in ("Cc", "Cn", "Co"):
        return NEVER
    if "\uff61" <= character <= "\uff9f" and language == "ja":
        return HALF_WIDTH
    name = unicodedata.name(character, "")
    if not name.startswith(("CJK UNIFIED", "HANGUL SYLLABLE", "HIRAGANA", "KATAKANA")):
        return OTHER_SCRIPT if category.startswith("L") else _sign(character)
    if name.startswith("HANGUL") != (language == "ko") and not (language == "ko" and name.startswith("CJK")):
        return RARE
    codec, common, usual, rare = _LEVELS[language]
    coded = character.encode(codec, "ignore")
    if not coded:
        return RARE
    return usual if coded[0] < common else rare


def _levels(levels: object) -> Mapping[str, float]:
    content = levels if isinstance(levels, dict) else {}
    return {character: float(bits) for bits, characters in content.items() for character in characters}
