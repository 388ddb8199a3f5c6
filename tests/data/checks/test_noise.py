"""Typing errors, fillers, broken characters, markup, phrases: found where they are, silent where they are not."""

import pytest

from rankfirst.data.checks import boilerplate, fillers, garbled, markup, scripts, short_texts, typos, variants
from rankfirst.records import Level
from tests.data.checks.rows import facts, plain, spoken


def flagged(check, texts):
    """The rows among these texts that the check shows."""
    found = check.check(facts([(text, (0,)) for text in texts] + [("where is my parcel", (1,))]))
    assert spoken(found)
    return found


@pytest.mark.parametrize(
    ("word", "typo"),
    [
        ("transfr", True),
        ("trnasfer", True),
        ("trransfer", True),
        ("transfers", False),
        ("bransfer", False),
        ("transform", False),
        ("transfer", False),
    ],
)
def test_a_typo_is_one_edit_from_a_frequent_word_except_in_endings(word, typo):
    rows = [(f"please transfer money {i}", (i % 2,)) for i in range(40)]
    found = typos.check(facts([*rows, (f"please {word} money", (0,))]))
    assert found.numbers["typos"] == typo
    assert found.rows == ((40,) if typo else ())


def test_typos_in_a_tenth_of_the_rows_are_a_warning_without_quoting_a_row():
    rows = [(f"please transfer money {i}", (i % 2,)) for i in range(40)]
    found = typos.check(
        facts(rows + [(f"please {w}", (0,)) for w in ("trensfer", "trasfer", "transffer", "tarnsfer", "trnsfer")])
    )
    assert (found.level, found.numbers["typos"]) == (Level.WARN, 5)
    assert "trensfer" not in spoken(found)


def test_rare_characters_are_counted():
    assert flagged(typos, ["我要㐂退款"]).numbers["rare"] == 1


@pytest.mark.parametrize(
    ("text", "filler"),
    [
        ("um where is it", True),
        ("i'm gonna pay", True),
        ("pls help", True),
        ("the sum is wrong", False),
        ("嗯，查一下", True),
        ("亲，在吗", True),
        ("那个，怎么退", True),
        ("那个景点在哪", False),
        ("我的余额和额度", False),
        ("亲子游", False),
        ("哈尔滨的酒店", False),
        ("查一下哈", False),
        ("麻烦了哈", True),
    ],
)
def test_fillers(text, filler):
    assert flagged(fillers, [text]).numbers["fillers"] == filler


def test_fillers_are_never_a_warning():
    assert fillers.check(facts([("um yes", (i % 2,)) for i in range(9)])).level is Level.NOTE


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("cafÃ© in town", "broken"),
        ("itâ€™s gone", "broken"),
        ("ä½\xa0å¥½", "broken"),
        ("锟斤拷退款", "broken"),
        ("浣犲ソ", "broken"),
        ("lost \ufffd here", "broken"),
        ("a\x07b", "broken"),
        ("line\\nbreak \\u4f60", "escapes"),
        ("zero\u200bwidth", "invisible"),
        ("café, naïve, Ångström, à la carte, «été»", None),
        ("C:\\Users\\name", None),
        ("👩\u200d💻", None),
    ],
)
def test_broken_and_invisible_characters(text, kind):
    numbers = flagged(garbled, [text]).numbers
    assert [name for name in ("broken", "escapes", "invisible") if numbers[name]] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("hello {{first_name}}", "placeholders"),
        ("order [ORDER_ID] is late", "placeholders"),
        ("call <name> back", "placeholders"),
        ("您好【姓名】", "placeholders"),
        ("**bold** claim", "markdown"),
        ("see [here](http)", "markdown"),
        ("<div class='x'>hi</div>", "markup"),
        ("a [small] note", None),
        ("5 * 3 * 2 #1", None),
    ],
)
def test_placeholders_markdown_and_tags(text, kind):
    numbers = flagged(markup, [text]).numbers
    kinds = ("markup", "urls", "emoji", "placeholders", "markdown")
    assert [name for name in kinds if numbers[name]] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("text", "elliptical"),
    [
        ("what about that one?", True),
        ("and this?", True),
        ("yes please", True),
        ("那个呢", True),
        ("第二个多少钱", True),
        ("为什么呢？", True),
        ("what about my refund", False),
        ("那个景点的门票多少钱", False),
        ("why was my card declined", False),
    ],
)
def test_elliptical_texts(text, elliptical):
    assert short_texts.is_elliptical(text) is elliptical
    assert flagged(short_texts, [text]).numbers["elliptical"] == elliptical


def test_both_kinds_of_punctuation_in_one_text():
    assert flagged(scripts, ["你好,我要退款", "你好，我要退款。"]).numbers["points"] == 0
    assert flagged(scripts, ["你好,我要退款，谢谢", "价格,贵？"]).numbers["points"] == 2


def test_traditional_rows_among_simplified_ones_are_noted():
    simplified = [(f"我要查询订单{i}", (i % 2,)) for i in range(90)]
    mixed = simplified + [(f"請問訂單在哪裡{i}", (0,)) for i in range(15)]
    found = variants.check(facts(mixed))
    assert (found.level, found.numbers["traditional"], found.numbers["simplified"]) == (Level.WARN, 15, 90)
    assert found.rows[0] == 90
    assert spoken(found)


@pytest.mark.parametrize(
    "texts", [["我要查询订单"] * 50, ["請問訂單在哪裡"] * 50, ["我要查询订单"] * 50 + ["請問"] * 3]
)
def test_one_variant_alone_or_a_few_quotations_are_fine(texts):
    assert variants.check(facts([(text, (i % 2,)) for i, text in enumerate(texts)])).level is Level.OK


@pytest.mark.parametrize(
    ("form", "phrase"),
    [
        ("Dear customer service, {}", "dear customer service,"),
        ("[Ticket #4711] {}", "[ticket #0]"),
        ("您好，{}", "您好，"),
        ("{} - Sent from my phone", "- sent from my phone"),
        ("{}。谢谢您的帮助", "。谢谢您的帮助"),
        (
            "i am writing to you today because i would like to know {}",
            "i am writing to you today because i would like to know",
        ),
    ],
)
def test_phrases_that_many_texts_share(form, phrase):
    rows = plain(200)
    spoilt = [(form.format(text), labels) if i % 5 == 0 else (text, labels) for i, (text, labels) in enumerate(rows)]
    found = boilerplate.check(facts(spoilt))
    assert (found.level, found.numbers["phrases"], found.numbers["texts"]) == (Level.NOTE, 1, 40)
    assert phrase in found.numbers["shown"]
    assert all(row % 5 == 0 for row in found.rows)


def test_a_phrase_of_few_texts_is_not_quoted():
    rows = [(f"Hello this is Jane Roe, {text}", labels) for text, labels in plain(19)] + plain(500)
    found = boilerplate.check(facts(rows))
    assert (found.level, found.numbers["phrases"]) == (Level.OK, 0)
    assert "jane" not in spoken(found).lower()


def test_repeats_of_one_text_are_not_a_phrase():
    assert boilerplate.check(facts([("hello, where is it", (i % 2,)) for i in range(50)])).numbers["phrases"] == 0


def test_ordinary_openings_are_not_a_phrase():
    rows = [(f"i would like to {word} {i}", (i % 2,)) for i in range(50) for word in ("pay", "cancel", "return")]
    assert boilerplate.check(facts(rows)).numbers["phrases"] == 0
