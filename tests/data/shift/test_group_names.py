"""A group is named by what its texts say and others do not, in either script."""

from rankfirst.data.shift.group_names import label, terms

OTHERS = [f"my {word} is lost, what can i do {i}" for i in range(20) for word in ("card", "phone", "key")]
ZH = [f"{word}第{i}个怎么办" for i in range(20) for word in ("银行卡丢了", "手机坏了", "想查余额")]


def test_words_common_to_other_texts_name_nothing() -> None:
    own = [f"where is my parcel today {i}" for i in range(12)] + [f"my parcel is late {i}" for i in range(12)]
    assert "parcel" in terms(own, OTHERS)
    assert not {"my", "is", "what"} & set(terms(own, OTHERS))


def test_terms_are_in_order_of_occurrence() -> None:
    own = [f"cancel the standing order {i}" for i in range(12)]
    assert terms(own, OTHERS) == ("cancel", "standing", "order")


def test_stop_words_are_used_only_as_a_last_resort() -> None:
    own = [f"flight from {a} to {b}" for a in "abcdef" for b in "uvwxyz"]
    assert terms(own, OTHERS) == ("flight",)
    assert terms([f"from {a} to {b}" for a in "abcdef" for b in "uvwxyz"], OTHERS) == ("from", "to")


def test_runs_of_ideographs_do_not_overlap() -> None:
    own = [f"给{who}打电话{i}" for i, who in enumerate(("妈妈", "王伟", "小李", "老师") * 5)]
    found = terms(own, ZH)
    assert any("电话" in term for term in found)
    assert not [(a, b) for a in found for b in found if a != b and a[-1] == b[0]]


def test_few_texts_or_no_distinctive_terms_give_no_name() -> None:
    assert terms(["hello"], OTHERS) == () and terms([], OTHERS) == ()
    assert terms(OTHERS[:30], OTHERS[30:]) == () and label(()) == ""


def test_a_suggested_label_has_letters_and_digits_only() -> None:
    assert label(("=cmd", "don't", "电话")) == "cmd_dont_电话"
