"""Rows made for one check."""

from collections.abc import Sequence
from typing import Any

from rankfirst.data.quality.facts import Facts
from rankfirst.messages import say
from rankfirst.records import Check
from tests.data.file_samples import data

# Of 630 rows no two are alike in words, and neither openings nor endings repeat much.
OPENINGS = "where is, cancel, tell me about, change, who has, open, why was, send back, pay for, show".split(", ")
THINGS = "order, card, ticket, parcel, refund, account, invoice, phone, voucher".split(", ")
WHEN = "today, again, please, from may, since june, at last, or not".split(", ")


def plain(n: int = 100, classes: int = 2) -> list[tuple[str, tuple[int, ...]]]:
    """(text, labels) of clean English rows, classes in turn."""
    return [(f"{OPENINGS[i % 10]} my {THINGS[i % 9]} {WHEN[i % 7]} {i}", (i % classes,)) for i in range(n)]


def facts(rows: Sequence[tuple[str, Sequence[int]]], classes: int | Sequence[str] = 2, **more: Any) -> Facts:
    """Facts of these rows; so many classes are named class a, class b, ..."""
    names = [f"class {chr(97 + c)}" for c in range(classes)] if isinstance(classes, int) else classes
    return Facts(data([text for text, _ in rows], [labels for _, labels in rows], names, **more))


def spoken(found: Check) -> str:
    """The English sentence, after making sure there is a Chinese one."""
    assert say(found.code, "zh", **found.numbers)
    return say(found.code, "en", **found.numbers)
