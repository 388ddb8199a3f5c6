"""Hints of personal data: counted by kind, never shown, and not cried out for a hotline."""

import pytest

from rankfirst.data.checks import private
from rankfirst.records import Level
from tests.data.checks.rows import facts, plain, spoken

CARD = "4111 1111 1111 1111"  # the usual test number
IDENTITY = "11010519491231002X"  # the example of the standard


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("write to a.b@mail.test", "emails"),
        ("我的手机13812345678", "phones"),
        ("call +4915112345678 now", "phones"),
        ("call 555-123-4567", "phones"),
        ("call +1 (555) 123-4567", "phones"),
        ("call (555) 123-4567 twice", "phones"),
        ("电话021-60543447", "phones"),
        (f"身份证{IDENTITY}", "identities"),
        ("身份证110105194912310021", "numbers"),
        (f"card {CARD} declined", "cards"),
        ("card 4111111111111112 declined", "numbers"),
        ("pay DE89 3704 0044 0532 0130 00", "ibans"),
        ("pay DE88 3704 0044 0532 0130 00", None),
        ("from 192.168.10.4", "ips"),
        ("version 1.2.3.4", None),
        ("order 138123456789012 of 2024", "numbers"),
        ("write to name@example.com or 13800138000", None),
        ("me @ home", None),
        ("a" * 50_000 + "@", None),
        ("1" * 50_000, "numbers"),
    ],
)
def test_kinds_are_counted_and_never_shown(text, kind):
    found = private.check(facts([(text, (0,)), ("fine", (1,))]))
    assert {name for name, count in found.numbers.items() if count} == ({kind} if kind else set())
    assert found.rows == ()
    assert text not in spoken(found)


@pytest.mark.parametrize(
    ("texts", "level"),
    [
        pytest.param(["call 555-123-4567"], Level.NOTE, id="one-hotline"),
        pytest.param([f"call 1381234567{i}" for i in range(5)], Level.WARN, id="five-people"),
        pytest.param([f"my card {CARD}"], Level.WARN, id="one-card"),
        pytest.param([f"order 4711000{i}" for i in range(9)], Level.NOTE, id="order-numbers"),
        pytest.param([], Level.OK, id="nothing"),
    ],
)
def test_levels(texts, level):
    assert private.check(facts([(text, (0,)) for text in texts] + plain(200))).level is level


@pytest.mark.parametrize(
    ("text", "named"),
    [("write to a.b@mail.net", True), ("call 13912345678", True), (f"card {CARD}", True), ("order 471100012345", False),
     ("where is my parcel", False)],
)  # fmt: skip
def test_personal_data(text, named):
    assert private.has_personal_data(text) is named
