"""Markup, addresses and emoji: what a template or a web page left in the texts."""

import re
from typing import Final

from rankfirst.data.checks.levels import level
from rankfirst.data.facts import Facts, example_rows
from rankfirst.records import Check

# Share of training rows (assumption).
MARKUP_NOTE: Final = 0.01
MARKUP_WARN: Final = 0.20

_TAGS = re.compile(r"</?[A-Za-z][^<>]{0,200}>|&(?:amp|lt|gt|quot|nbsp|#\d{1,6});")
_URLS = re.compile(r"https?:/{0,2}\w|(?<![a-z0-9])www\.\w", re.IGNORECASE)
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")


def check(facts: Facts) -> Check:
    """Share of texts with tags or entities, web addresses, or emoji."""
    texts = facts.dataset.train.texts
    tags = [bool(_TAGS.search(text)) for text in texts]
    urls = [bool(_URLS.search(text)) for text in texts]
    emoji = [bool(_EMOJI.search(text)) for text in texts]
    touched = [a or b or c for a, b, c in zip(tags, urls, emoji, strict=True)]
    share = sum(touched) / len(texts)
    numbers = {"markup": sum(tags), "urls": sum(urls), "emoji": sum(emoji), "share": share}
    return Check("data.check.markup", level(share, MARKUP_NOTE, MARKUP_WARN), numbers, example_rows(touched))
