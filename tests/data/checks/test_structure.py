"""What labels give away: lengths, names, and other labels."""

import pytest

from rankfirst.data.checks import label_names, label_pairs, label_sets, label_words, length_by_class, lengths
from rankfirst.records import Level
from tests.data.checks.rows import facts, plain, spoken


def test_a_class_of_long_texts_is_recognisable():
    rows = [*plain(80), *((f"{text} and a lot more {'words ' * 20}", (2,)) for text, _ in plain(20))]
    found = length_by_class.check(facts(rows, classes=3))
    assert (found.level, found.numbers["classes"]) == (Level.NOTE, 1)
    assert found.numbers["auc"] == pytest.approx(1.0)
    assert "class c (" in spoken(found)


def test_equal_lengths_are_fine():
    found = length_by_class.check(facts([("same size", (i % 2,)) for i in range(60)]))
    assert (found.level, found.numbers["auc"]) == (Level.OK, 0.5)


def test_one_class_for_all_rows_has_no_length_effect():
    assert length_by_class.check(facts([("a" * (1 + i), (0,)) for i in range(60)])).level is Level.OK


def test_pasted_documents_among_questions_are_shown():
    found = lengths.check(facts([*plain(100), ("x" * 5000, (0,))]))
    assert (found.level, found.numbers["far"], found.rows, found.scores) == (Level.NOTE, 1, (100,), (5000.0,))


@pytest.mark.parametrize(
    ("names", "number"),
    [
        (("card", "N/A"), "empty"),
        (("退款", "未知"), "empty"),
        (("card", "x" * 70), "long"),
        (("card", "退款"), "mixed"),
        (("card", "my card was not sent and i want to know where it is now"), "long"),
        (("Request-酒店", "General-bye"), None),
        (("card", "other stuff"), None),
    ],
)
def test_uninformative_label_names(names, number):
    found = label_names.check(facts(plain(), classes=names))
    assert [key for key in ("empty", "long", "mixed") if found.numbers[key]] == ([number] if number else [])
    assert (found.level is Level.NOTE) is bool(number)
    assert spoken(found)


@pytest.mark.parametrize(("rest", "level"), [(5, Level.OK), (30, Level.NOTE)])
def test_catch_all_names_matter_if_they_have_many_rows(rest, level):
    rows = [(f"text {i}", (int(i < rest),)) for i in range(100)]
    found = label_names.check(facts(rows, classes=("card", "Other")))
    assert (found.level, found.numbers["catch_all_share"]) == (level, rest / 100)


@pytest.mark.parametrize(
    ("form", "level"),
    [
        ("{text} card_arrival", Level.WARN),
        ("Card_Arrival: {text}", Level.WARN),
        ("[card_arrival] {text}", Level.WARN),
        ("my card arrival is late {text}", Level.NOTE),
        ("{text}", Level.OK),
    ],
)
def test_a_label_written_into_its_text(form, level):
    rows = [(form.format(text=text) if labels == (0,) else text, labels) for text, labels in plain(100)]
    rows = [row for row in rows if row[1] == (0,)] + [row for row in rows if row[1] == (1,)][:40]
    found = label_words.check(facts(rows, classes=("card_arrival", "refund")))
    assert found.level is level
    assert spoken(found)


def test_a_class_named_in_its_texts_is_listed_but_not_a_fault():
    rows = [*plain(200), *((f"{text} alarm", (2,)) for text, _ in plain(40))]
    found = label_words.check(facts(rows, classes=("card", "refund", "alarm")))
    assert (found.level, found.numbers["classes"]) == (Level.OK, 1)
    assert "alarm (100%)" in spoken(found)


def multi(*rows):
    return facts([(f"text {i}", labels) for i, labels in enumerate(rows)], classes=4, multi_label=True)


def test_a_label_that_implies_another():
    found = label_pairs.check(multi(*[(0, 1)] * 30, *[(1,)] * 30, *[(2,)] * 30))
    assert (found.level, found.numbers["implied"], found.numbers["twins"]) == (Level.NOTE, 1, 0)
    assert "class a → class b (30/30, lift 1.5)" in spoken(found)
    assert (found.numbers["never_alone"], found.numbers["never_names"]) == (1, "class a")
    assert found.numbers["one"] == pytest.approx(2 / 3)


def test_two_labels_that_imply_each_other():
    found = label_pairs.check(multi(*[(0, 1)] * 30, *[(2,)] * 30))
    assert (found.numbers["implied"], found.numbers["twins"]) == (2, 1)


def test_a_label_that_nearly_all_rows_carry_is_not_implied():
    found = label_pairs.check(multi(*[(0, 1)] * 30, *[(1,)] * 970, *[(0,)] * 1))
    assert found.numbers["implied"] == 0


def test_single_label_data_have_no_pairs():
    found = label_pairs.check(facts(plain()))
    assert (found.level, found.numbers["implied"], found.numbers["one"]) == (Level.OK, 0, 1.0)


def test_label_sets_of_a_single_row_are_counted():
    assert label_sets.check(multi((0,), (0,), (1, 2))).numbers["once"] == 1
