"""The first of the damaged deliveries of benchmarks.mutated_deliveries: none answers otherwise without a word."""

from benchmarks import mutated_deliveries


def test_no_damaged_delivery_answers_otherwise() -> None:
    outcomes = mutated_deliveries.main(60, 1, exported=False)
    assert set(outcomes) <= {"as before", "refused", "the other run's, whole"} and outcomes["refused"] > 20
