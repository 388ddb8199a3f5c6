"""Texts are taken apart into words, or characters of scripts without spaces, and left out in turn."""

import pytest

from rankfirst.model.word_effects import MOST_PIECES, Pieces, effects
from rankfirst.records import JOINT


@pytest.mark.parametrize(("text", "words"), [
    ("my card hasn't arrived!", ("my", "card", "hasn't", "arrived", "!")),
    ("我的卡丢了", ("我", "的", "卡", "丢", "了")),
    ("退款300元 OK", ("退", "款", "300", "元", "OK")),
    ("カードを失くした", tuple("カードを失くした")),
    ("카드를 잃어버렸어요", ("카드를", "잃어버렸어요")),
    ("où est ma carte ?", ("où", "est", "ma", "carte", "?")),
    ("why?! 😀", ("why", "?!", "😀")),
    (f"subject {JOINT} body", ("subject", "body")),
    ("", ()),
    ("…", ("…",)),
])  # fmt: skip
def test_pieces_are_words_or_characters(text: str, words: tuple[str, ...]) -> None:
    assert Pieces.of(text).words == words


def test_each_part_is_left_out_once_and_spaces_stay_single() -> None:
    assert Pieces.of("a b c").without == ("b c", "a c", "a b")
    assert Pieces.of("卡丢了").without == ("丢了", "卡了", "卡丢")
    assert Pieces.of("a").without == ("",)


def test_the_mark_between_columns_is_never_left_out() -> None:
    pieces = Pieces.of(f"one two {JOINT} three", most=1)
    assert pieces.without == (JOINT,) and pieces.words == (f"one two {JOINT} three",)


@pytest.mark.parametrize("count", [MOST_PIECES - 1, MOST_PIECES, MOST_PIECES + 1, 5000])
def test_long_texts_have_no_more_parts_than_the_limit(count: int) -> None:
    pieces = Pieces.of(" ".join(f"w{n}" for n in range(count)))
    assert len(pieces.groups) == min(count, MOST_PIECES)
    assert sum(map(len, pieces.groups)) == count and " ".join(pieces.words) == pieces.text
    sizes = {len(group) for group in pieces.groups}
    assert max(sizes) - min(sizes) <= 1


def test_what_lowers_the_label_when_it_is_gone_speaks_for_it() -> None:
    found = effects(0.9, [0.5, 0.9, 0.99])
    assert found[0] > 0 and found[1] == 0 and found[2] < 0


def test_effects_differ_where_an_answer_is_nearly_certain() -> None:
    found = effects(1.0, [1 - 1e-9, 1 - 1e-6])
    assert 0 < found[0] < found[1] < 20
