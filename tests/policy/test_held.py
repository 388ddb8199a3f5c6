"""What the user chooses beside the knobs is checked once and moved by nobody."""

from typing import Any

import numpy as np
import pytest

from rankfirst.errors import OptionError
from rankfirst.policy import held
from rankfirst.records import ClassWeights, Head, Objective

GIVEN = {"head": "zero", "head_lr": 1e-3, "class_weights": "sqrt", "focal": 2.0, "logit_adjustment": 0.5,
         "label_smoothing": 0.1}  # fmt: skip


def test_nothing_asked_is_as_usual_and_writes_nothing() -> None:
    assert held.parse() == held.AS_USUAL == held.Held()
    assert set(held.parse().flags) == set(GIVEN)
    assert set(held.parse().flags.values()) == {None}  # as in journals from before there were such flags


def test_what_is_asked_reaches_the_recipe_and_is_written_as_it_is_read() -> None:
    found = held.parse(**GIVEN)  # type: ignore[arg-type]
    assert found.settings == {
        "head": Head.ZERO, "head_lr": 1e-3, "objective": Objective(ClassWeights.SQRT, 2.0, 0.5, 0.1),
    }  # fmt: skip
    assert found.flags == GIVEN
    assert held.parse(**found.flags) == found  # type: ignore[arg-type]


def test_numbers_of_other_libraries_become_plain_floats() -> None:
    found = held.parse(focal=np.float32(2), label_smoothing=0, head_lr=1)
    assert {type(v) for v in (found.objective.focal_gamma, found.objective.label_smoothing, found.head_lr)} == {float}


@pytest.mark.parametrize(
    "bad",
    [
        {"head": "one"}, {"head": "PROBE"}, {"head": None}, {"class_weights": "rare"}, {"class_weights": ""},
        {"head_lr": 0.0}, {"head_lr": -1e-3}, {"head_lr": 2.0}, {"head_lr": "fast"},
        {"focal": -1.0}, {"focal": 11.0}, {"focal": float("nan")}, {"focal": None},
        {"logit_adjustment": -0.1}, {"logit_adjustment": float("inf")},
        {"label_smoothing": 0.31}, {"label_smoothing": -0.1}, {"label_smoothing": [0.1]},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_out_of_range_is_refused_in_one_line_that_names_the_flag(bad: dict[str, Any]) -> None:
    with pytest.raises(OptionError) as refused:
        held.parse(**bad)
    flag = "--" + next(iter(bad)).replace("_", "-")
    for lang in ("en", "zh"):
        told = refused.value.sentence(lang)  # type: ignore[arg-type]
        assert flag in told and "\n" not in told


@pytest.mark.parametrize(("flag", "ends"), held.RANGES.items())
def test_the_ends_of_a_range_are_allowed(flag: str, ends: tuple[float, float]) -> None:
    name = flag.removeprefix("--").replace("-", "_")
    for end in ends:
        assert held.parse(**{name: end})  # type: ignore[arg-type]
