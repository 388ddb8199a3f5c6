"""What a rung is, in a few words, from the events of a run and from its result."""

from typing import Any

from rankfirst.report.events import Event
from rankfirst.report.rungs import about, rung_facts


def rung(**details: Any) -> dict[str, Any]:
    return {"name": "frozen", "val": {"macro_f1": 0.5, "interval": [0.4, 0.6]}, "details": details}


def test_a_head_with_class_prototypes_is_called_so():
    told = about("frozen", 0.3)
    assert "70% logistic regression, 30% class prototypes" in told.en and "30% 类原型" in told.zh
    assert about("frozen").en == "encoder unchanged, linear head" and about("unknown").en == ""


def test_a_head_on_states_of_unit_length_is_called_so():
    told, mixed = about("frozen", normalize=True), about("frozen", 0.3, normalize=True)
    assert told.en == "encoder unchanged, linear head on states of unit length" and "单位长度" in told.zh
    assert "unit length (70% logistic" in mixed.en and "单位长度；70% 逻辑回归" in mixed.zh


def test_the_result_which_has_no_details_keeps_the_share():
    result = {"rungs": [{key: value for key, value in rung().items() if key != "details"}]}
    events = [
        Event("rung", "frozen", rung(prototypes=0.3, normalize=1, C=1.0), line=1),
        Event("result", "", result, line=2),
    ]
    (found,) = rung_facts(events)
    assert found.prototypes == 0.3 and found.normalize and found.line == 1
    (older,) = rung_facts([Event("rung", "frozen", rung(C=1.0))])
    assert older.prototypes == 0 and not older.normalize
