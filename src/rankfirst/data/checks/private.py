"""Signs of personal data. Counts only, without rows or values, so that a report never repeats them."""

import re
from collections.abc import Callable
from typing import Final

import numpy as np

from rankfirst.data.checks.levels import level, most_severe
from rankfirst.data.quality.characters import Mark, Script
from rankfirst.data.quality.facts import Facts
from rankfirst.records import Check, Level

# Share of training rows with long numbers: an order number alone identifies nobody (assumption).
NUMBERS_NOTE: Final = 0.01
# Training rows with an e-mail address or telephone number that make a warning: a company's hotline is only a note. One
# identity card, bank card or account number is enough (assumption).
PRIVATE_ROWS: Final = 5
# Digits of the shortest pattern below, an IP address.
LEAST_DIGITS: Final = 4

# Bounded repeats: a text of 100,000 word characters must not take quadratic time. example.com etc. are placeholders.
_EMAIL = re.compile(r"[\w.+-]{1,64}@(?!example\.)[\w-]{1,64}\.[A-Za-z]{2}")
# The usual placeholder for a mobile number.
_NOBODY: Final = "13800138000"
# Not within a longer series of groups, which is a card or account number.
_PHONE = re.compile(
    rf"(?<!\d)(?<!\d\d[ -])(?!{_NOBODY})"
    r"(?:1[3-9]\d{9}|\(?\d{3,4}\)?[ -]\d{3,4}[ -]?\d{4}|\+\d{1,3}(?:[ ()-]{0,2}\d){7,12})(?![ -]?\d{2})(?!\d)"
)
_IDENTITY = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])"
)
_CARD = re.compile(
    r"(?<!\d)[3-6]\d{3}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?!\d)|(?<!\d)3[47]\d{2}[ -]?\d{6}[ -]?\d{5}(?!\d)"
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
_IP = re.compile(r"(?<![\d.vV])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])")
_NUMBER = re.compile(r"(?<!\d)\d{8,}(?!\d)")

# GB 11643: weights of the first 17 digits, and the check character for each remainder of the sum modulo 11.
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"


def check(facts: Facts) -> Check:
    """Training rows with an e-mail address, or a telephone, identity, bank card, account, IP or other long number."""
    texts, characters = facts.dataset.train.texts, facts.characters
    numbers = dict.fromkeys(("emails", "phones", "identities", "cards", "ibans", "ips", "numbers"), 0)
    numbers["emails"] = sum(bool(_EMAIL.search(texts[row])) for row in np.flatnonzero(characters.has(Mark.AT)))
    for row in np.flatnonzero(characters.count(Script.DIGIT) >= LEAST_DIGITS):
        for kind in kinds_of_numbers(texts[row]):
            numbers[kind] += 1
    worst = Level.WARN if numbers["identities"] + numbers["cards"] + numbers["ibans"] else Level.OK
    named = level(numbers["emails"] + numbers["phones"], 0, PRIVATE_ROWS - 1)
    other = level((numbers["ips"] + numbers["numbers"]) / len(texts), NUMBERS_NOTE, 1.0)
    return Check("data.check.private", most_severe(worst, named, other), numbers)


def kinds_of_numbers(text: str) -> set[str]:
    """Which kinds of personal numbers a text contains; each digit counts for one kind only."""
    kinds = set()
    for kind, pattern, right in _CHECKED:
        numbers = [m.group() for m in pattern.finditer(text) if right(m.group())]
        if numbers:
            kinds.add(kind)
            for number in numbers:
                text = text.replace(number, " ")
    if _PHONE.search(text):
        kinds.add("phones")
    if not kinds and any(m.group() != _NOBODY for m in _NUMBER.finditer(text)):
        kinds.add("numbers")
    return kinds


def has_personal_data(text: str) -> bool:
    """Whether a text contains an e-mail address, telephone number, card number etc.; an order number does not count."""
    return _EMAIL.search(text) is not None or bool(kinds_of_numbers(text) - {"numbers"})


def is_identity(number: str) -> bool:
    """Whether the check character of a Chinese identity card number (18 characters) is valid."""
    return _CHECKS[sum(int(d) * w for d, w in zip(number, _WEIGHTS, strict=False)) % 11] == number[17].upper()


def luhn(number: str) -> bool:
    """Whether the check digit of a bank card is valid, and its digits are not all equal."""
    digits = [int(c) for c in number if c.isdigit()]
    total = sum(digits[-1::-2]) + sum(sum(divmod(2 * d, 10)) for d in digits[-2::-2])
    return total % 10 == 0 and len(set(digits)) > 1


def _mod97(number: str) -> bool:
    """Whether the check digits of an IBAN are valid."""
    bare = number.replace(" ", "")
    return len(bare) >= 15 and int("".join(str(int(c, 36)) for c in bare[4:] + bare[:4])) % 97 == 1


def _address(number: str) -> bool:
    """Whether it is an IP address rather than a version number: one of its four numbers has at least two digits."""
    return max(map(len, number.split("."))) >= 2


# (kind, pattern, validation that excludes other numbers of that form); longest patterns first.
_CHECKED: Final[tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...]] = (
    ("ibans", _IBAN, _mod97),
    ("identities", _IDENTITY, is_identity),
    ("cards", _CARD, luhn),
    ("ips", _IP, _address),
)
