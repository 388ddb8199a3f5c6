"""What hurried fingers do to a sentence: typos, dropped capitals, careless punctuation. Meaning is left alone."""

import re
from random import Random

from rankfirst.sample.bank import Bank

_WORD = re.compile(r"[A-Za-z]{4,}")
_HAN = re.compile(r"[\u4e00-\u9fff]{3,}")
_HALF_WIDTH = str.maketrans("，？！；：", ",?!;:")
_FINAL_MARKS = ".?!。？！"


def typo(rng: Random, text: str, bank: Bank) -> str:
    """`text` with one or two slips of spelling or input method; unchanged where no word is long enough for one."""
    for _ in range(rng.choice((1, 1, 2))):
        text = _swap_word(rng, text, bank) if rng.random() < 0.6 else _slip(rng, text, bank)
    return text


def register(rng: Random, text: str, bank: Bank) -> str:
    """`text` as typed in a hurry or not: capitals, final marks and punctuation width vary from customer to customer."""
    if rng.random() < 0.3:
        text = text.rstrip(_FINAL_MARKS)
    if bank.lang == "en":
        return text.lower() if rng.random() < 0.2 else text
    style = rng.random()
    if style < 0.2:
        return text.translate(_HALF_WIDTH)
    return text.replace("，", " ") if style < 0.3 else text


def _swap_word(rng: Random, text: str, bank: Bank) -> str:
    """One word replaced by a misspelling people really make; falls back to a slip of the finger."""
    known = [word for word in bank.typo_swaps if _position(text, word, bank) >= 0]
    if not known:
        return _slip(rng, text, bank)
    word = rng.choice(known)
    at = _position(text, word, bank)
    return text[:at] + rng.choice(bank.typo_swaps[word]) + text[at + len(word) :]


def _position(text: str, word: str, bank: Bank) -> int:
    """Where `word` stands: as a whole word in English, anywhere in Chinese, which has no spaces; -1 for nowhere."""
    if bank.lang == "zh":
        return text.find(word)
    found = re.search(rf"(?<![\w']){re.escape(word)}(?![\w'])", text)
    return found.start() if found else -1


def _slip(rng: Random, text: str, bank: Bank) -> str:
    """Two neighbours exchanged, one character lost or one doubled, inside one word (never in an order number)."""
    spans = [match.span() for match in (_WORD if bank.lang == "en" else _HAN).finditer(text)]
    if not spans:
        return text
    start, end = rng.choice(spans)
    # The first character stays: people catch a wrong start.
    at = rng.randrange(start + 1, end - 1)
    kind = rng.choice(("exchange", "lose", "double"))
    if kind == "exchange":
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == "lose":
        return text[:at] + text[at + 1 :]
    return text[:at] + text[at] + text[at:]
