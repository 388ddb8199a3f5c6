"""Hints of personal data. Counted only: nothing is shown, so a report never repeats an address."""

import re

from rankfirst.data.facts import Facts
from rankfirst.records import Check, Level

# Bounded repeats: a text of 100,000 word characters must not cost its square.
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}\.[A-Za-z]{2}")
_PHONE = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|\d{3,4}[ -]\d{3,4}[ -]?\d{4}|\+\d{8,15})(?!\d)")


def check(facts: Facts) -> Check:
    """Training rows with an e-mail address or a telephone number."""
    texts = facts.dataset.train.texts
    emails = sum("@" in text and bool(_EMAIL.search(text)) for text in texts)
    phones = sum(bool(_PHONE.search(text)) for text in texts)
    verdict = Level.WARN if emails or phones else Level.OK
    return Check("data.check.private", verdict, {"emails": emails, "phones": phones})
