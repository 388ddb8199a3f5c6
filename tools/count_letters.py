"""Count src/rankfirst/data/files/letters.json over the translations that free software installs.

    python tools/count_letters.py /usr/share/locale [/usr/lib/python3/... more folders of .mo files]

For alphabets: the cost of each letter after each other one, in half bits, as one character a cell. For Chinese,
Japanese and Korean: the frequent characters by their bits. jieba's dictionary of word frequencies (extra `docs`) joins
the simplified Chinese, since interfaces use few of its characters. The counts are facts about languages: no text is
kept.
"""

import gettext
import json
import math
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from rankfirst.data.files.word_likelihood import DIGITS, END, START, is_letter, small

TARGET: Final = Path(__file__).parents[1] / "src" / "rankfirst" / "data" / "files" / "letters.json"
_OWN: Final = "de fr es it nl sv da nb fi is ca pl cs sk hu ro sl tr et lv lt ru uk bg be sr mk el he ar fa th".split()
# Language of the table -> the catalogs that are counted.
ALPHABETS: Final = {"en": "en_GB en_CA", "pt": "pt pt_BR pt_PT", "hr": "hr bs", **{name: name for name in _OWN}}
IDEOGRAPHS: Final = {"zh": "zh_CN", "zh_TW": "zh_TW zh_HK", "ko": "ko", "ja": "ja"}
SCRIPTS: Final = {
    **dict.fromkeys(("ru", "uk", "bg", "be", "sr", "mk"), ("\u0400", "\u04ff")),
    "el": ("\u0370", "\u03ff"), "he": ("\u0590", "\u05ff"), "th": ("\u0e00", "\u0e7f"),
    **dict.fromkeys(("ar", "fa"), ("\u0600", "\u06ff")),
}  # fmt: skip
LATIN: Final = ("a", "\u024f")
# Encodings write the cedilla where Romanian now writes a comma.
COMMAS: Final = str.maketrans("șțȘȚ", "şţŞŢ")
MARKUP: Final = re.compile(r"%[-#0-9.]*[a-zA-Z$]+|\{[^}]*\}|<[^>]*>|&|_|\\.")
RARE: Final = 5e-5  # share of letters below which one is foreign to the language
SMOOTHING: Final = 20  # counts in favour of a letter's own frequency
DEEPEST: Final = 14  # bits; rarer characters are told by the standard that lists them


def main() -> None:
    texts = translations(map(Path, sys.argv[1:]))
    table: dict[str, object] = {name: alphabet(name, texts[name]) for name in ALPHABETS}
    table |= {name: ideographs(name, texts[name]) for name in IDEOGRAPHS}
    lines = (f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False, separators=(',', ':'))}"
             for name, value in table.items())  # fmt: skip
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def translations(folders: Iterable[Path]) -> Mapping[str, set[str]]:
    """Language of the table -> the distinct translations found."""
    names = {code: name for name, codes in (ALPHABETS | IDEOGRAPHS).items() for code in codes.split()}
    found: dict[str, set[str]] = defaultdict(set)
    for path in (path for folder in folders for path in sorted(folder.rglob("*.mo"))):
        code = path.parent.parent.name.removesuffix(".UTF-8")
        if code not in names:
            continue
        try:
            with path.open("rb") as file:
                catalog = gettext.GNUTranslations(file)
        except (OSError, ValueError, UnicodeDecodeError):
            continue
        entries: Mapping[object, object] = getattr(catalog, "_catalog", {})
        found[names[code]] |= {text for key, text in entries.items() if key and isinstance(text, str)}
    return found


def words(text: str) -> Iterator[str]:
    word = ""
    for character in MARKUP.sub("", text).translate(COMMAS) + " ":
        if is_letter(character):
            word += small(character)
        elif word:
            yield word
            word = ""


def alphabet(name: str, texts: Iterable[str]) -> Mapping[str, object]:
    """The letters by frequency, and a row of costs after the start of a word and after each of them."""
    first, last = SCRIPTS.get(name, LATIN)
    counts = Counter(word for text in texts for word in words(text))
    single: Counter[str] = Counter()
    pairs: dict[str, Counter[str]] = defaultdict(Counter)
    ends = 0.0
    for word, times in counts.items():
        if len(word) > 40 or not all(first <= letter <= last for letter in word):
            continue
        weight = math.sqrt(times)  # software repeats its terms
        ends += weight
        before = START
        for letter in word + END:
            pairs[before][letter] += weight
            single[letter] += weight if letter != END else 0
            before = letter
    total = sum(single.values())
    letters = [letter for letter, count in single.most_common() if count > RARE * total][:70]
    share = {letter: (single[letter] + 1) / total for letter in letters} | {END: ends / total}
    share = {letter: each / sum(share.values()) for letter, each in share.items()}
    rows = []
    for before in (START, *letters):
        seen = sum(pairs[before].values()) + SMOOTHING
        costs = ((pairs[before][then] + SMOOTHING * share[then]) / seen for then in (END, *letters))
        rows.append("".join(DIGITS[min(len(DIGITS) - 1, round(-2 * math.log2(cost)))] for cost in costs))
    return {"letters": "".join(letters), "after": rows}


def ideographs(name: str, texts: Iterable[str]) -> Mapping[str, object]:
    """The frequent characters, by their bits."""
    counted = [Counter(c for text in texts for c in text if "\u2000" < c < "\ue000" or "\uf900" <= c <= "\uffef")]
    if name == "zh":
        import jieba

        words_of: Counter[str] = Counter()
        for line in Path(jieba.__file__).with_name("dict.txt").read_text(encoding="utf-8").splitlines():
            word, times, *_ = line.split()
            for character in word:
                words_of[character] += int(times)
        counted += [words_of, words_of]  # twice the weight of interfaces
    share: dict[str, float] = defaultdict(float)
    for counts in counted:
        for character, count in counts.items():
            share[character] += count / counts.total() / len(counted)
    levels: dict[str, str] = defaultdict(str)
    for character, each in sorted(share.items()):
        bits = round(-math.log2(each))
        if bits <= DEEPEST:
            levels[str(bits)] += character
    return {"levels": {bits: levels[bits] for bits in sorted(levels, key=int)}}


if __name__ == "__main__":
    main()
