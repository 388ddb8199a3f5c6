"""The numbers behind the suggestion of a better --max-tokens."""

import pytest

from rankfirst.measure.lengths import lengths

MANY = [*range(1, 101)]  # 1 to 100 tokens, once each


def test_percentiles_are_lengths_that_occur() -> None:
    told = lengths(MANY, 256, 512)
    assert (told.p50, told.p95, told.p99, told.longest) == (50, 95, 99, 100)
    assert (told.over, told.cut, told.suggested, told.at_limit) == (0.0, 0.0, 0, False)


def test_nothing_is_suggested_if_at_most_one_percent_is_truncated() -> None:
    assert lengths(MANY, 99, 512).suggested == 0
    assert lengths(MANY, 99, 512).over == pytest.approx(0.01)
    assert lengths(MANY, 98, 512).suggested == 112


def test_the_suggestion_is_the_smallest_multiple_of_16_that_truncates_at_most_one_percent() -> None:
    told = lengths([10] * 970 + [96] * 20 + [97] * 10, 32, 512)
    assert (told.suggested, told.suggested_cut) == (96, 0.01)
    assert told.suggested_cost == pytest.approx((9700 + 30 * 96) / (9700 + 30 * 32))
    assert lengths([10] * 970 + [96] * 19 + [97] * 11, 32, 512).suggested == 112


def test_the_suggestion_never_exceeds_the_base_models_limit() -> None:
    told = lengths([10] * 50 + [700] * 50, 256, 500)
    assert (told.suggested, told.suggested_cut, told.at_limit) == (500, 0.5, True)
    stuck = lengths([10] * 50 + [700] * 50, 500, 500)
    assert (stuck.suggested, stuck.cut, stuck.at_limit) == (0, 0.5, True)


def test_windows_truncate_only_texts_beyond_their_reach() -> None:
    told = lengths([10] * 50 + [700] * 40 + [4000] * 10, 256, 512, reach=2000, windows=True)
    assert (told.over, told.cut, told.suggested, told.at_limit) == (0.5, 0.1, 0, False)


def test_lengths_of_no_texts() -> None:
    assert lengths([], 256, 512).over == 0
