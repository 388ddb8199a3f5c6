"""The confusion matrix: every confusion in its cell, confused classes side by side."""

from dataclasses import replace
from typing import Any

import pytest

from rankfirst.records import Profile
from rankfirst.report import charts
from rankfirst.report.matrix import matrix, neighbouring
from rankfirst.report.view_model import Cell
from tests.report import assessment_example

PROFILE: Profile = replace(assessment_example.profile(("a", "b", "c", "d")), classes=("a", "b", "c", "d"))
ROWS = {"a": 10, "b": 10, "c": 20, "d": 0}
RECALL: dict[str, Any] = {"a": 0.7, "b": 1.0, "c": 0.5, "d": None}
RESULT = {"test": {"per_class_recall": RECALL, "class_rows": ROWS}, "matrix": [[2, 0, 10], [0, 1, 3]]}


def test_every_confusion_and_the_rows_that_are_right_have_a_cell() -> None:
    made = matrix(RESULT, PROFILE)
    assert made is not None and set(made.classes) == {"a", "b", "c"} and made.hidden == 0
    at = {name: place for place, name in enumerate(made.classes)}
    assert Cell(at["c"], at["a"], 10, 0.5) in made.cells and Cell(at["a"], at["b"], 3, 0.3) in made.cells
    assert Cell(at["a"], at["a"], 7, 0.7) in made.cells and Cell(at["b"], at["b"], 10, 1.0) in made.cells
    assert len(made.cells) == 5


def test_confused_classes_are_neighbours_and_the_worst_come_first() -> None:
    order = neighbouring(range(6), {(0, 5): 9, (5, 0): 4, (1, 3): 2, (5, 2): 3})
    assert abs(order.index(0) - order.index(5)) == 1 and abs(order.index(5) - order.index(2)) == 1
    assert set(order[:3]) == {0, 5, 2} and set(order[3:5]) == {1, 3} and order[-1] == 4


@pytest.mark.parametrize("told", [None, [], [[0, 9, 1]], [["x"]], "odd"])
def test_an_old_or_damaged_result_has_no_matrix(told: Any) -> None:
    assert matrix(RESULT | {"matrix": told}, PROFILE) is None
    assert matrix(RESULT, None) is None


def test_a_cell_names_its_classes_and_figures() -> None:
    made = matrix(RESULT, PROFILE)
    assert made is not None
    drawn = str(charts.matrix(replace(made, classes=("<b>", *made.classes[1:]))))
    assert "c → " in drawn or " → a: 10 / 20" in drawn
    assert "&lt;b&gt;" in drawn and "<b>" not in drawn
