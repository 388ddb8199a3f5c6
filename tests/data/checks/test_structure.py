"""What labels give away: lengths, names, and other labels."""

import numpy as np
import pytest

from rankfirst.data.checks import (
    held_out_classes,
    label_names,
    label_pairs,
    label_sets,
    label_words,
    length_by_class,
    lengths,
)
from rankfirst.records import Level
from tests.data.checks.rows import facts, plain, spoken
from tests.data.file_samples import split


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


def held_out(*val: int, train: int = 700, test: tuple[int, ...] = ()):
    """The check on seven even classes, with these classes of validation and test rows."""
    splits = (split(*((f"held out {i}", (label,)) for i, label in enumerate(labels))) for labels in (val, test))
    given, judged = splits
    return held_out_classes.check(facts(plain(train, classes=7), classes=7, val=given, test=judged if test else None))


def test_validation_rows_of_one_class_of_seven_are_a_warning():
    found = held_out(*[3] * 100)
    assert (found.level, found.numbers["val_missing"]) == (Level.WARN, 6)
    assert found.numbers["val_share"] == pytest.approx(6 / 7)
    assert "6 of 7 training classes have no validation row (85.7% of the training labels)" in spoken(found)


def test_test_rows_of_one_class_are_a_warning_too():
    even = [i % 7 for i in range(100)]
    found = held_out(*even, test=(0,) * 100)
    assert (found.level, found.numbers["val_missing"], found.numbers["test_missing"]) == (Level.WARN, 0, 6)


def test_validation_rows_that_are_nearly_all_of_one_class_are_a_warning():
    found = held_out(*range(7), *[3] * 93)
    assert (found.level, found.numbers["val_missing"]) == (Level.WARN, 0)
    assert found.numbers["val_shift"] == pytest.approx(94 / 100 - 1 / 7)


@pytest.mark.parametrize("rows", [35, 100, 700])
def test_a_random_sample_of_validation_rows_is_fine(rows):
    drawn = np.random.default_rng(0).integers(7, size=rows)
    assert held_out(*(int(label) for label in drawn)).level is Level.OK


def test_without_validation_rows_no_class_is_missing():
    assert held_out().level is Level.OK
