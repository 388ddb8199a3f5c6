"""Near-duplicates: which edits are seen, which texts are left apart, and that clusters do not blow up."""

import numpy as np
import pytest
from rapidfuzz.distance import OSA

from rankfirst.data.files.texts import text_key
from rankfirst.data.quality.near_duplicates import near_pairs


def found(*texts):
    pairs = near_pairs([text_key(text) for text in texts])[0]
    return {(int(a), int(b)): float(s) for a, b, s in zip(pairs.first, pairs.second, pairs.similarity, strict=True)}


@pytest.mark.parametrize(
    ("a", "b", "similarity"),
    [
        pytest.param("Where's my card?", "wheres my card", 1.0, id="punctuation"),
        pytest.param("top-up failed", "topup failed", 1.0, id="joined"),
        pytest.param("cancel my order", "cancel my ordre", 12 / 13, id="swapped-letters"),
        pytest.param("cancel my order", "cancl my order", 12 / 13, id="dropped"),
        pytest.param("cancel my order", "cancel my orrder", 13 / 14, id="doubled"),
        pytest.param("cancel my order", "cancel my irder", 12 / 13, id="replaced"),
        pytest.param("rejected, why was my top up", "why was my top up rejected", 20 / 21, id="clauses"),
        pytest.param("我要查询余额", "我要查寻余额", 5 / 6, id="homophone"),
        pytest.param("我要退款", "我要退款。", 1.0, id="full-stop"),
        pytest.param("查询余额怎么办", "怎么办查询余额", 6 / 7, id="ideograph-clauses"),
        pytest.param("订单没收到", "订单没到", 4 / 5, id="five-ideographs"),
        pytest.param("打开微信APP", "打开微信ａｐ", 6 / 7, id="mixed-scripts"),
    ],
)
def test_small_edits_are_near(a, b, similarity):
    assert found(a, b) == {(0, 1): pytest.approx(similarity)}


@pytest.mark.parametrize(
    ("a", "b"),
    [
        pytest.param("退款", "退货", id="two-ideographs"),
        pytest.param("查余额", "查金额", id="three-ideographs"),
        pytest.param("order 123 status", "order 987 status", id="three-digits"),
        pytest.param("cancel my order", "cancel my card", id="other-word"),
        pytest.param("!!!", "???", id="no-letters"),
        pytest.param("", "", id="empty"),
    ],
)
def test_different_texts_are_not_near(a, b):
    assert found(a, b) == {}


def test_several_edits_in_a_long_text_are_near():
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice([*"abcdefghijklmnop"], size=6)) for _ in range(40)]
    text = " ".join(words)
    spoilt = text.replace(words[3], "xxx").replace(words[20], "yyy").replace(words[33], "zzz")
    assert set(found(text, " ".join(reversed(words[:20])), spoilt)) == {(0, 2)}


def test_text_beyond_the_compared_part_must_agree_in_length():
    start = "the same long beginning of a text " * 70
    assert found(start + "and an end", start + "and other end")
    assert not found(start + "and an end", start * 2)


def test_against_another_split():
    texts = ["how do i cancel", "where is my card", "bye"]
    pairs = near_pairs(texts, ["wher is my card", "hello", "how do i cancel"])[1]
    assert [*zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)] == [(0, 2), (1, 0)]
    assert pairs.similarity.tolist() == [1.0, pytest.approx(12 / 13)]


def test_no_texts_give_no_pairs():
    given: list[tuple[list[str], list[str]]] = [([], []), (["a text"], []), ([], ["a text"])]
    assert all(len(pairs) == 0 for texts, against in given for pairs in near_pairs(texts, against))


def test_a_cluster_is_connected_without_all_its_pairs():
    texts = [f"where is order {a}{b}{c} of mine" for a in range(10) for b in range(10) for c in range(10)]
    pairs = near_pairs(texts)[0]
    assert set(pairs.first.tolist()) | set(pairs.second.tolist()) == set(range(1000))
    assert len(pairs) < 15 * len(texts)


def test_near_pairs_equal_an_exhaustive_search():
    rng = np.random.default_rng(1)
    texts = list(dict.fromkeys("".join(rng.choice([*"开关查询余额订单"], size=rng.integers(4, 9))) for _ in range(400)))
    every = {
        (a, b)
        for b in range(len(texts))
        for a in range(b)
        if OSA.distance(texts[a], texts[b]) <= 1 or sorted(texts[a]) == sorted(texts[b])
    }
    assert set(found(*texts)) == every
