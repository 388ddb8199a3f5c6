"""The first of the damaged deliveries of benchmarks.mutated_deliveries: none answers otherwise without a word."""

import pytest

from benchmarks import mutated_deliveries


@pytest.mark.parametrize(("kinds", "cases"), [("first", 60), ("later", 40)])
def test_no_damaged_delivery_answers_otherwise(kinds: str, cases: int) -> None:
    outcomes = mutated_deliveries.main(cases, 1, exported=False, kinds=kinds)
    assert set(outcomes) <= {"as before", "refused", "the other run's, whole"} and outcomes["refused"] > 20
