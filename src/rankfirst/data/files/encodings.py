"""Tell the encoding of bytes that are not UTF-8: the one in which they are the likeliest text.

Every candidate is scored by how likely the words that it reads are in the languages it was made for; bytes that it
cannot decode count as characters that no text has. It is chosen only if what it reads is plausible text, and clearly
likelier than any other reading.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rankfirst.data.files.word_likelihood import cost_of

_WEST: Final = ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "is", "ca")
_CENTRAL: Final = ("pl", "cs", "sk", "hu", "ro", "hr", "sl", "de")
_BALTIC: Final = ("et", "lv", "lt")
LATIN: Final = frozenset((*_WEST, *_CENTRAL, *_BALTIC, "tr"))
_CYRILLIC: Final = ("ru", "uk", "bg", "be", "sr", "mk")
# Codec -> its languages, and bits against it: what is seldom met has to be clearly likelier.
CANDIDATES: Final[Mapping[str, tuple[tuple[str, ...], float]]] = {
    "gb18030": (("zh", "zh_TW"), 0.0),
    "big5": (("zh_TW",), 0.0),
    "cp950": (("zh_TW",), 1.0),
    "big5hkscs": (("zh_TW",), 2.0),
    "cp949": (("ko",), 0.0),
    "cp932": (("ja",), 0.0),
    "euc_jp": (("ja",), 0.0),
    "cp1252": (_WEST, 0.0),
    "iso8859_15": (_WEST, 1.0),
    "mac_roman": (_WEST, 3.0),
    "cp850": (_WEST, 3.0),
    "cp437": (_WEST, 4.0),
    "cp860": (("pt", "en"), 4.0),
    "cp861": (("is", "en"), 4.0),
    "cp863": (("fr", "en"), 4.0),
    "cp865": (("nb", "da", "en"), 4.0),
    "mac_iceland": (("is", "en"), 4.0),
    "cp1250": (_CENTRAL, 0.0),
    "iso8859_2": (_CENTRAL, 1.0),
    "cp852": (_CENTRAL, 4.0),
    "mac_latin2": (_CENTRAL, 4.0),
    "cp1251": (_CYRILLIC, 0.0),
    "koi8_u": (_CYRILLIC, 1.0),
    "iso8859_5": (_CYRILLIC, 3.0),
    "cp866": (_CYRILLIC, 2.0),
    "cp1125": (("uk", "ru"), 4.0),
    "mac_cyrillic": (_CYRILLIC, 3.0),
    "cp1253": (("el",), 0.0),
    "iso8859_7": (("el",), 3.0),
    "cp737": (("el",), 3.0),
    "mac_greek": (("el",), 4.0),
    "cp1254": (("tr",), 0.0),
    "cp857": (("tr",), 4.0),
    "mac_turkish": (("tr",), 4.0),
    "cp1255": (("he",), 0.0),
    "cp862": (("he",), 4.0),
    "cp1256": (("ar", "fa"), 0.0),
    "iso8859_6": (("ar",), 1.0),
    "cp1257": (_BALTIC, 0.0),
    "iso8859_13": (_BALTIC, 2.0),
    "iso8859_4": (_BALTIC, 4.0),
    "cp775": (_BALTIC, 4.0),
    "cp874": (("th",), 0.0),
}
# Bits. What a word costs more than in the language of most words, if it is of another one.
OTHER_LANGUAGE: Final = 4.0
# Bits by which the chosen reading must be likelier than any different one (measured by benchmarks/encodings.py).
CLEAR: Final = 8.0
# Bits a byte above which even the likeliest reading is not text.
PLAUSIBLE: Final = 7.0
WORDS: Final = 200  # words examined
ASCII_WORDS: Final = 50  # words of ASCII letters examined
WORD: Final = 600  # bytes of a word examined
LONGEST: Final = 1 << 20  # bytes; a longer run without a break is not examined
FEW: Final = 12  # words after which candidates are compared for the first time
HOPELESS: Final = 60.0  # bits behind the likeliest one by then
SHOWN: Final = 3  # characters of a candidate shown


@dataclass(frozen=True)
class DecodedSample:
    """One candidate's reading of a sample."""

    encoding: str  # name of a Python codec
    words: tuple[str, ...]
    bits: float  # of the words and of the ASCII words beside them
    bits_a_byte: float  # of the words alone, each in its likeliest language


def words_in(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The runs of bytes between spaces and the ASCII punctuation that no encoding has inside a character."""
    rest = b""
    for block in blocks:
        *whole, rest = (rest + block).translate(_BREAKS).split(b" ")
        yield from filter(None, whole)
        rest = rest if len(rest) <= LONGEST else b""
    if rest:
        yield rest


_BREAKS: Final = bytes(32 if byte < 0x30 or 0x3A <= byte <= 0x3F else byte for byte in range(256))


class Sample:
    """Distinct words of a file: the first ones, and those with a byte that none before had."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        kept: dict[bytes, bytes] = {}
        ascii_words: set[str] = set()
        seen: set[int] = set()
        for word in words_in(blocks):
            if word.isascii():
                if len(ascii_words) < ASCII_WORDS and word.isalpha() and len(word) > 1:
                    ascii_words.add(word.decode())
                continue
            high = {byte for byte in word if byte > 127}
            if len(kept) < WORDS or not high <= seen:
                seen |= high
                kept.setdefault(word.translate(None, b"0123456789"), word)  # words that differ in digits alone are one
        self.words = tuple(kept.values())
        self.ascii = tuple(sorted(ascii_words))  # they tell which language of the Latin script it is


def readings(sample: Sample, encodings: Iterable[str]) -> list[DecodedSample]:
    """What each of these candidates reads in the sample, the likeliest first; equal readings are one.

    Candidates that are far behind after a few words are not read on, and are missing here.
    """
    names = list(encodings)
    for some in (FEW, len(sample.words)):
        found = [_reading(name, sample, some) for name in names]
        best = min((read.bits for read in found), default=0.0)
        names = [read.encoding for read in found if read.bits <= best + HOPELESS]
        if some >= len(sample.words):
            break
    distinct: dict[tuple[str, ...], DecodedSample] = {}
    for read in sorted(found, key=lambda read: read.bits):
        distinct.setdefault(read.words, read)
    return list(distinct.values())


def clear(found: Sequence[DecodedSample]) -> bool:
    """Whether the first reading is plausible text and clearly likelier than the second."""
    if not found or found[0].bits_a_byte > PLAUSIBLE:
        return False
    return len(found) == 1 or found[1].bits - found[0].bits >= CLEAR


def _reading(name: str, sample: Sample, some: int) -> DecodedSample:
    words = sample.words[:some]
    texts = tuple(word.decode(name, "replace") for word in words)
    languages, against = CANDIDATES[name]
    parts = [text[: -(-len(text) * WORD // max(WORD, len(word)))] for word, text in zip(words, texts, strict=True)]
    costs = [[_cost(language, part) for language in languages] for part in parts]
    bits = min(
        sum(min(cost[i], min(cost) + OTHER_LANGUAGE) for cost in costs) + _beside(language, sample.ascii)
        for i, language in enumerate(languages)
    )
    plain = sum(map(min, costs))
    return DecodedSample(name, texts, bits + against, plain / max(1, sum(map(len, words))))


@lru_cache(1 << 16)
def _cost(language: str, word: str) -> float:
    return cost_of(language)(word)


@lru_cache(1024)
def _beside(language: str, words: tuple[str, ...]) -> float:
    """Bits of the ASCII words, less than those in English, which occurs beside every language."""
    english, own = cost_of("en"), cost_of(language)
    return sum(min(0.0, own(word) - english(word) - OTHER_LANGUAGE) for word in words) if language in LATIN else 0.0
