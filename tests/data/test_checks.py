"""Each check against rows made for it: its level, its numbers, its rows."""

import pytest

from rankfirst.data.checks import (
    CHECKS,
    class_sizes,
    conflicts,
    duplicates,
    label_names,
    label_sets,
    leakage,
    lengths,
    markup,
    near_conflicts,
    near_duplicates,
    scripts,
    short_texts,
)
from rankfirst.data.quality.facts import Facts
from rankfirst.messages import say
from rankfirst.records import Level
from tests.data.file_samples import data, split


def facts(*rows, **more):
    return Facts(data([text for text, _ in rows], [labels for _, labels in rows], **more))


def plain(n=100, labels=((0,), (1,))):
    return [(f"a plain sentence number {i}", labels[i % len(labels)]) for i in range(n)]


@pytest.mark.parametrize("check", CHECKS)
def test_clean_rows_pass_every_check(check):
    found = check(facts(*plain()))
    assert found.level is Level.OK
    assert found.code.startswith("data.check.")
    for lang in ("en", "zh"):
        assert say(found.code, lang, **found.numbers)


@pytest.mark.parametrize(
    ("sizes", "level", "tail"),
    [
        pytest.param((50, 50), Level.OK, 0, id="even"),
        pytest.param((300, 25), Level.NOTE, 0, id="steep"),
        pytest.param((200, 10), Level.NOTE, 1, id="small-tail"),
        pytest.param((50, 15), Level.WARN, 1, id="heavy-tail"),
        pytest.param((200, 1), Level.WARN, 1, id="single-row"),
        pytest.param((1100, 20), Level.WARN, 0, id="very-steep"),
    ],
)
def test_class_sizes(sizes, level, tail):
    rows = [(f"t {c} {i}", (c,)) for c, n in enumerate(sizes) for i in range(n)]
    found = class_sizes.check(facts(*rows))
    assert (found.level, found.numbers["tail"]) == (level, tail)
    assert found.numbers["ratio"] == pytest.approx(sizes[0] / sizes[1])
    assert all(row >= sizes[0] for row in found.rows)


def test_where_every_class_is_small_there_is_no_long_tail():
    rows = [(f"t {c} {i}", (c,)) for c, n in enumerate((15, 9, 7)) for i in range(n)]
    found = class_sizes.check(facts(*rows))
    told = say(found.code, "en", **found.numbers)
    assert found.level is Level.WARN and "each with fewer than 20 training rows" in told and "tail" not in told


def test_duplicates_ignore_case_width_and_spacing():
    found = duplicates.check(facts(("Hi there", (0,)), ("hi  THERE", (0,)), ("ｈｉ there", (0,)), ("bye", (1,))))
    assert (found.level, found.numbers["duplicates"], found.rows) == (Level.WARN, 2, (0,))


def test_conflicts_are_equal_texts_with_different_labels():
    rows = [("same", (0,)), ("SAME", (1,)), ("twice", (0,)), ("twice", (0,)), *plain(300)]
    found = conflicts.check(facts(*rows))
    assert (found.level, found.numbers["conflicts"], found.rows) == (Level.NOTE, 2, (0, 1))
    assert conflicts.check(facts(*rows[:4])).level is Level.WARN


def test_conflicts_compare_label_sets():
    rows = [("same", (0, 1)), ("same", (0,)), ("x", (1,))]
    assert conflicts.check(facts(*rows, multi_label=True)).numbers["conflicts"] == 2


def test_leakage_counts_rows_per_split_and_differing_labels():
    val = split(("NEW", (0,)), ("A plain sentence number 1", (1,)))
    test = split(("a plain sentence number 2", (1,)))
    found = leakage.check(facts(*plain(), val=val, test=test))
    assert found.level is Level.WARN
    exact = {"val": 1, "val_share": 0.5, "test": 1, "test_share": 1.0, "other_labels": 1}
    assert found.numbers == exact | {"near_val": 0, "near_val_share": 0.0, "near_test": 0, "near_test_share": 0.0}
    assert (found.rows, found.scores) == ((1, 2), (1.0, 1.0))


def test_near_leaks_are_counted_separately_and_listed_after_exact_ones():
    val = split(("where is my new card", (0,)), ("Where is my card", (0,)), ("wher is my card", (1,)))
    some = facts(("another one", (0,)), ("where is my card", (0,)), ("what is the fee", (1,)), val=val)
    found = leakage.check(some)
    assert (found.numbers["val"], found.numbers["near_val"], found.numbers["near_val_share"]) == (1, 1, 1 / 3)
    assert (found.level, found.rows, found.scores) == (Level.WARN, (1,), (1.0,))
    assert leakage.leaked_rows(some, val) == [(1, 1, 1.0), (2, 1, pytest.approx(12 / 13))]
    assert len(some.near_leaks_test) == 0


def test_all_duplicates_and_conflicts_can_be_listed():
    some = facts(("hi", (0,)), ("bye", (0,)), ("Bye", (0,)), ("HI", (1,)), ("hi", (0,)), ("once", (1,)))
    assert duplicates.duplicate_groups(some) == [(0, 3, 4), (1, 2)]
    assert conflicts.conflict_groups(some) == [(0, 3, 4)]


def test_near_duplicates_are_grouped_and_those_in_numbers_counted_separately():
    rows = [
        "cancel my order please",
        "cancel my order, please!",
        "cancel my ordr please",
        "where is order 12",
        "bye bye",
    ]
    some = facts(*[(text, (0,)) for text in [*rows, "where is order 13", "cancel my order please"]])
    found = near_duplicates.check(some)
    assert dict(found.numbers) == {"rows": 7, "near": 4, "share": 4 / 7, "groups": 1, "numbered": 2}
    assert (found.level, found.rows, found.scores) == (Level.WARN, (0,), (4.0,))
    assert near_duplicates.near_duplicate_groups(some) == [(0, 1, 2, 6), (3, 5)]


def test_equal_texts_are_not_near_duplicates():
    assert near_duplicates.check(facts(("same text", (0,)), ("SAME text", (0,)))).numbers["near"] == 0


@pytest.mark.parametrize(
    ("a", "b", "conflict"),
    [
        pytest.param("cancel my order now", "cancel my ordr now", True, id="typo"),
        pytest.param("cancel my order now", "cancel my order, now!", True, id="punctuation"),
        pytest.param("so cancel my order with all items", "cancel my order with all items", True, id="filler"),
        pytest.param("what is restriction ap80", "what is restriction ap 80", True, id="joined"),
        pytest.param("我要查询余额", "我要查寻余额", True, id="homophone"),
        pytest.param("好的，地址在哪？", "好，地址在哪？", True, id="ideograph-filler"),
        pytest.param("cancel order 12", "cancel order 13", False, id="number"),
        pytest.param("打开第二个灯", "打开第三个灯", False, id="ideograph-number"),
        pytest.param("i can change my address", "i can't change my address", False, id="negation"),
        pytest.param("我要这个订单", "我不要这个订单", False, id="ideograph-negation"),
        pytest.param("请打开空调和灯", "请打关空调和灯", False, id="opposite"),
        pytest.param("how do i activate my travel card", "how do i deactivate my travel card", False, id="prefix"),
        pytest.param("how do i change the oil of my car", "how do i change the tire of my car", False, id="other-word"),
        pytest.param("餐馆的周边有哪些景点啊？", "景点的周边有哪些餐馆啊。", False, id="other-order"),
        pytest.param("现在几号", "现在几度", False, id="short"),
    ],
)  # fmt: skip
def test_near_conflicts_are_typos_and_not_changes_of_meaning(a, b, conflict):
    some = facts((a, (0,)), (b, (1,)), ("something else", (0,)))
    found = near_conflicts.check(some)
    assert (found.numbers["pairs"], found.rows) == ((1, (0, 1)) if conflict else (0, ()))
    assert (found.level is Level.OK) is not conflict
    assert [pair[:2] for pair in near_conflicts.near_conflict_pairs(some)] == ([(0, 1)] if conflict else [])
    assert near_conflicts.check(facts((a, (0,)), (b, (0,)), ("something else", (1,)))).level is Level.OK


def test_a_text_with_an_exact_conflict_is_not_a_near_conflict():
    some = facts(("cancel my order now", (0,)), ("cancel my order now", (1,)), ("cancel my ordr now", (1,)))
    assert near_conflicts.near_conflict_pairs(some) == []


def test_a_little_leakage_is_a_note():
    val = split(*[(f"new {i}", (0,)) for i in range(199)], ("a plain sentence number 1", (1,)))
    assert leakage.check(facts(*plain(), val=val)).level is Level.NOTE


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("ok", True),
        ("退款", True),
        ("嗯？", True),
        ("!!!", True),
        ("查订单", False),
        ("pay now", False),
        ("x" * 50, False),
    ],
)
def test_short_texts(text, short):
    assert short_texts.is_short(text) is short
    found = short_texts.check(facts((text, (0,)), ("a longer sentence", (1,))))
    assert found.numbers["short"] == short
    assert found.rows == ((0,) if short else ())
    assert (found.level is Level.WARN) is short


@pytest.mark.parametrize(
    ("texts", "script"),
    [
        (("我要查询订单", "打开微信APP"), "zh"),
        (("where is my card", "naïve café"), "en"),
        (("打开 spotify playlist 播放", "play 周杰伦"), "mixed"),
        (("где моя карта",), "other"),
        (("カードをなくしました。再発行したい",), "other"),
        (("返金手続方法", "住所変更手続き", "営業時間案内", "解約方法を教えて"), "other"),
        (("카드 분실 信用卡",), "other"),
        (("123 !!", ""), "other"),
    ],
)
def test_script_of(texts, script):
    assert scripts.script_of(texts) == script


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        pytest.param(("lost card", "top up failed", "café closed?", "pin blocked"), "en", id="english"),
        pytest.param(("我的包裹在哪里", "请退款", "iPhone 15 Pro Max 无法开机"), "zh", id="chinese"),
        pytest.param(("打开 spotify playlist 播放", "play 周杰伦"), "zh", id="chinese-and-english"),
        pytest.param(("Где посылка", "Верните деньги"), "other", id="russian"),
        pytest.param(("พัสดุอยู่ที่ไหน", "ขอเงินคืน"), "other", id="thai"),
        pytest.param(("أين الطرد", "أريد استرداد المال"), "other", id="arabic"),
        pytest.param(("荷物はいつ届きますか", "返金手続方法", "東京本店営業時間案内"), "other", id="japanese"),
        pytest.param(("택배 언제 와요", "환불해 주세요", "iPhone 환불"), "other", id="korean"),
        pytest.param(("मेरा पार्सल कहाँ है",), "other", id="hindi"),
        pytest.param(("Wo ist mein Päckchen", "wann kommt die Lieferung", "Rechnung fehlt"), "latin", id="german"),
        pytest.param(("donde esta mi paquete", "quiero un reembolso"), "latin", id="spanish-without-accents"),
        pytest.param(("gdzie jest moja paczka", "proszę o zwrot pieniędzy"), "latin", id="polish"),
        pytest.param(("tôi muốn hoàn tiền", "đơn hàng ở đâu"), "latin", id="vietnamese"),
        pytest.param(("123", "!?"), "en", id="no-letters"),
    ],
)
def test_main_language(texts, language):
    assert scripts.main_language(texts) == language


def test_scripts_count_mixed_and_full_width():
    found = scripts.check(facts(("打开ＡＰＰ", (0,)), ("打开 app", (0,)), ("好，谢谢！", (1,)), ("fine", (1,))))
    assert (found.level, found.numbers["mixed"], found.numbers["full_width"], found.rows) == (Level.WARN, 1, 1, (0,))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<br>hello", "markup"),
        ("fish &amp; chips", "markup"),
        ("see https://example.org/x", "urls"),
        ("官网www.example.org", "urls"),
        ("thanks 😀", "emoji"),
        ("is 3 < 5 and 7 > 2", None),
    ],
)
def test_markup(text, kind):
    found = markup.check(facts((text, (0,)), ("clean", (1,))))
    assert [name for name in ("markup", "urls", "emoji") if found.numbers[name]] == ([kind] if kind else [])
    assert (found.level is Level.OK) is (kind is None)


@pytest.mark.parametrize(("chars", "level"), [(50, Level.OK), (800, Level.NOTE), (3000, Level.WARN)])
def test_lengths(chars, level):
    found = lengths.check(facts(*[("x" * chars, (i % 2,)) for i in range(10)]))
    assert (found.level, found.numbers["max"]) == (level, chars)


@pytest.mark.parametrize(
    ("names", "twins"),
    [
        pytest.param(("lost_card", "lost_cards"), 1, id="plural"),
        pytest.param(("top up", "top_up"), 1, id="punctuation"),
        pytest.param(("transfer_fee_charged", "tranfer_fee_charged"), 1, id="typo"),
        pytest.param(("intent_number_01", "intent_number_02"), 0, id="numbered"),
        pytest.param(("book", "look"), 0, id="short"),
        pytest.param(("查询余额", "查询金额"), 0, id="other-words"),
        pytest.param(("!", "§"), 0, id="no-letters"),
    ],
)
def test_label_names(names, twins):
    found = label_names.check(facts(*plain(4), classes=names))
    assert (found.numbers["twins"], found.level) == (twins, Level.NOTE if twins else Level.OK)


def test_numeric_label_names_are_noted():
    assert label_names.check(facts(*plain(4), classes=("0", "1"))).numbers["numeric"] == 2


def test_label_sets():
    val = split(("x", (0, 1)), ("y", (0,)), ("z", ()), ("w", (1,)))
    found = label_sets.check(facts(*plain(10), ("q", ()), val=val, multi_label=True))
    assert found.level is Level.WARN
    assert found.numbers["per_row"] == pytest.approx(10 / 11)
    assert (found.numbers["sets"], found.numbers["unseen_val"]) == (3, 0.25)
