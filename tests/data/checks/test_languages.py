"""Languages of texts and of classes."""

import numpy as np
import pytest

from rankfirst.data.checks import language_by_label, languages
from rankfirst.data.checks.language_by_label import explained_share
from rankfirst.data.quality.characters import SIMPLIFIED, TRADITIONAL
from rankfirst.data.quality.languages import NAMES
from rankfirst.records import Level
from tests.data.checks.rows import facts, plain, spoken


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("where is my card", "en"),
        ("book a table at the café", "en"),
        ("transfer failed", "en"),
        ("wo ist meine Karte und wie kann ich sie sperren", "latin"),
        ("où est ma commande", "latin"),
        ("quiero cancelar mi pedido", "latin"),
        ("die card is not on the way", "en"),
        ("我的订单在哪里", "zh"),
        ("打开微信APP", "zh"),
        ("where is my 订单", "en"),
        ("カードをなくしました。再発行したい", "other"),
        ("내 주문은 어디에 있나요", "other"),
        ("где мой заказ", "other"),
    ],
)
def test_the_language_of_a_text(text, language):
    found = languages.check(facts([(text, (0,)), ("12", (1,))]))
    assert {name for name in NAMES if found.numbers[name]} == {language}
    assert found.numbers["none"] == 1
    assert spoken(found)


def test_rows_in_another_language_are_shown():
    found = languages.check(facts([*plain(50), ("我的订单在哪里", (0,)), ("怎么退款", (1,))]))
    assert (found.level, found.rows, found.numbers["foreign"]) == (Level.NOTE, (50, 51), 2)


def test_a_class_in_another_language_is_a_warning():
    rows = [*plain(90), *((f"我要查询订单{i}", (2,)) for i in range(30))]
    found = language_by_label.check(facts(rows, classes=3))
    assert (found.level, found.numbers["classes"]) == (Level.WARN, 1)
    assert "class c (zh, 100%)" in spoken(found)
    assert found.numbers["explained"] > 0.9


def test_two_languages_spread_over_the_classes_are_fine():
    rows = [*plain(90), *((f"我要查询订单{i}", (i % 2,)) for i in range(90))]
    found = language_by_label.check(facts(rows))
    assert (found.level, found.numbers["classes"]) == (Level.OK, 0)
    assert found.numbers["explained"] < 0.05


def test_a_few_rows_in_another_language_do_not_flag_a_class():
    assert explained_share(np.array([[100, 0], [80, 19]])) == 0.0
    assert explained_share(np.array([[100, 0], [0, 100]])) == pytest.approx(1.0, abs=0.02)


def test_every_pair_belongs_to_one_variant_only():
    def holds(codec: str, character: str) -> bool:
        return character.encode(codec, "ignore") != b""

    assert len(SIMPLIFIED) == len(TRADITIONAL) == len(set(SIMPLIFIED)) == len(set(TRADITIONAL))
    assert all(holds("gb2312", c) and not holds("big5", c) for c in SIMPLIFIED)
    assert all(holds("big5", c) and not holds("gb2312", c) for c in TRADITIONAL)
