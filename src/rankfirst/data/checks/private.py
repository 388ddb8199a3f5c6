"""Hints of personal data. Counted only: no rows and no values, so a report never repeats an address."""

import re
from typing import Final

import numpy as np

from rankfirst.data.characters import Mark, Script
from rankfirst.data.checks.levels import level, loudest
from rankfirst.data.facts import Facts
from rankfirst.records import Check, Level

# Share of training rows with long numbers: an order number names nobody by itself (assumption).
NUMBERS_NOTE: Final = 0.01
# Digits of the shortest pattern below: an IP address.
LEAST_DIGITS: Final = 4

# Bounded repeats: a text of 100,000 word characters must not cost its square. example.com and its like are nobody's.
_EMAIL = re.compile(r"[\w.+-]{1,64}@(?!example\.)[\w-]{1,64}\.[A-Za-z]{2}")
# 13800138000 is what people write for "a mobile number".
_PHONE = re.compile(r"(?<!\d)(?!13800138000)(?:1[3-9]\d{9}|\d{3,4}[ -]\d{3,4}[ -]?\d{4}|\+\d{8,15})(?!\d)")
_IDENTITY = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])"
)
_CARD = re.compile(
    r"(?<!\d)[3-6]\d{3}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?!\d)|(?<!\d)3[47]\d{2}[ -]?\d{6}[ -]?\d{5}(?!\d)"
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
_IP = re.compile(r"(?<![\d.vV])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])")
_NUMBER = re.compile(r"(?<!\d)\d{8,}(?!\d)")

# GB 11643: weights of the first 17 digits, and the check character by the sum's remainder of 11.
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"


def check(facts: Facts) -> Check:
    """Training rows with an address, telephone, identity card, bank card, account, IP address or other long number."""
    texts, found = facts.dataset.train.texts, facts.characters
    numbers = dict.fromkeys(("emails", "phones", "identities", "cards", "ibans", "ips", "numbers"), 0)
    numbers["emails"] = sum(bool(_EMAIL.search(texts[row])) for row in np.flatnonzero(found.has(Mark.AT)))
    for row in np.flatnonzero(found.count(Script.DIGIT) >= LEAST_DIGITS):
        for kind in kinds_of_numbers(texts[row]):
            numbers[kind] += 1
    named = sum(numbers[kind] for kind in ("emails", "phones", "identities", "cards", "ibans"))
    other = level((numbers["ips"] + numbers["numbers"]) / len(texts), NUMBERS_NOTE, 1.0)
    return Check("data.check.private", loudest(Level.WARN if named else Level.OK, other), numbers)


def kinds_of_numbers(text: str) -> set[str]:
    """Which of the kinds counted above the digits of a text look like."""
    kinds = set()
    if "." in text and _plausible_ip(text):
        kinds.add("ips")
    if any(c.isupper() for c in text) and any(_mod97(m.group()) for m in _IBAN.finditer(text)):
        kinds.add("ibans")
    if _PHONE.search(text):
        kinds.add("phones")
    if any(is_identity(m.group()) for m in _IDENTITY.finditer(text)):
        kinds.add("identities")
    if "identities" not in kinds and any(luhn(m.group()) for m in _CARD.finditer(text)):
        kinds.add("cards")
    if not kinds and any(m.group() != "13800138000" for m in _NUMBER.finditer(text)):
        kinds.add("numbers")
    return kinds


def is_identity(number: str) -> bool:
    """The check character of a Chinese identity card number (18 characters) is right."""
    return _CHECKS[sum(int(d) * w for d, w in zip(number, _WEIGHTS, strict=False)) % 11] == number[17].upper()


def luhn(number: str) -> bool:
    """The check digit of a bank card is right, and the digits are not all one."""
    digits = [int(c) for c in number if c.isdigit()]
    total = sum(digits[-1::-2]) + sum(sum(divmod(2 * d, 10)) for d in digits[-2::-2])
    return total % 10 == 0 and len(set(digits)) > 2


def _mod97(number: str) -> bool:
    """The check digits of an IBAN are right."""
    bare = number.replace(" ", "")
    return len(bare) >= 15 and int("".join(str(int(c, 36)) for c in bare[4:] + bare[:4])) % 97 == 1


def _plausible_ip(text: str) -> bool:
    """An address rather than a version: one of its four numbers has two digits or more."""
    return any(max(map(len, m.group().split("."))) >= 2 for m in _IP.finditer(text))
