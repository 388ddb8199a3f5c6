"""Typing noise: typos, dropped capitals, careless punctuation. The meaning is unchanged."""

import re
from random import Random

from rankfirst.sample.bank import Bank

_WORD = re.compile(r"[A-Za-z]{4,}")
_HAN = re.compile(r"[\u4e00-\u9fff]{3,}")
_HALF_WIDTH = str.maketrans("，？！；：", ",?!;:")
_FINAL_MARKS = ".?!。？！"


def typo(rng: Random, text: str, bank: Bank) -> str:
    """`text` with one or two typos or input-method errors; unchanged if no word is long enough."""
    for _ in range(rng.choice((1, 1, 2))):
        text = _swap_word(rng, text, bank) if rng.random() < 0.6 else _slip(rng, text, bank)
    return text


def register(rng: Random, text: str, bank: Bank) -> str:
    """`text` with varying capitals, final marks and punctuation width, as different customers type."""
    if rng.random() < 0.3:
        text = text.rstrip(_FINAL_MARKS)
    if bank.lang == "en":
        return text.lower() if rng.random() < 0.2 else text
    style = rng.random()
    if style < 0.2:
        return text.translate(_HALF_WIDTH)
    return text.replace("，", " ") if style < 0.3 else text


def _swap_word(rng: Random, text: str, bank: Bank) -> str:
    """Replace one word by a common misspelling; falls back to a random typo."""
    misspellable = [word for word in bank.typo_swaps if _position(text, word, bank) >= 0]
    if not misspellable:
        return _slip(rng, text, bank)
    word = rng.choice(misspellable)
    at = _position(text, word, bank)
    return text[:at] + rng.choice(bank.typo_swaps[word]) + text[at + len(word) :]


def _position(text: str, word: str, bank: Bank) -> int:
    """Position of `word`: as a whole word in English, anywhere in Chinese, which has no spaces; -1 if absent."""
    if bank.lang == "zh":
        return text.find(word)
    match = re.search(rf"(?<![\w']){re.escape(word)}(?![\w'])", text)
    return match.start() if match else -1


def _slip(rng: Random, text: str, bank: Bank) -> str:
    """Swap two adjacent characters, or delete or double one, within a word (never in an order number)."""
    spans = [match.span() for match in (_WORD if bank.lang == "en" else _HAN).finditer(text)]
    if not spans:
        return text
    start, end = rng.choice(spans)
    # The first character is kept: people notice a wrong beginning.
    at = rng.randrange(start + 1, end - 1)
    kind = rng.choice(("exchange", "lose", "double"))
    if kind == "exchange":
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == "lose":
        return text[:at] + text[at + 1 :]
    return text[:at] + text[at] + text[at:]
