"""The peak lr behind a log: extrapolated, or told as bounds that hold."""

from math import inf
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rankfirst.advice.logs import read
from rankfirst.advice.logs.schedule import fit
from rankfirst.records.training_log import LoggedSetup, LrSchedule
from tests.advice import posted as p
from tests.advice.logs import written as w

UNKNOWN = LoggedSetup()


def fitted(rate: p.Curve, steps: int, every: int, late: int = 0, setup: LoggedSetup = UNKNOWN) -> LrSchedule:
    """The schedule of a run that logs every `every` steps, with four digits; `late` steps behind, as transformers 5."""
    points = [(float(at), float(f"{rate((at - late) / steps):.4g}")) for at in range(every, steps + 1, every)]
    found = fit(points, setup, steps)
    assert found is not None
    return found


@pytest.mark.parametrize("late", [0, 1])
@pytest.mark.parametrize("peak", [5e-6, 2e-5, 5e-5, 2e-4, 3e-4])
@pytest.mark.parametrize(
    ("shape", "warmup", "steps", "every"),
    [
        (p.linear, 0.0, 1200, 100),
        (p.linear, 0.06, 1200, 100),  # its end is not in the log
        (p.linear, 0.1, 1200, 10),
        (p.linear, 0.25, 1200, 100),
        (p.linear, 0.0, 1000, 500),  # transformers' defaults: two points
        (p.linear, 0.0, 600, 500),
        (p.linear, 0.0, 125, 10),  # one step is 1% of the peak
        (p.cosine, 0.0, 1200, 100),
        (p.cosine, 0.03, 1000, 10),
    ],
)
def test_the_peak_is_found(shape: object, warmup: float, steps: int, every: int, peak: float, late: int) -> None:
    found = fitted(shape(peak, warmup), steps, every, late)  # type: ignore[operator]
    if found.peak is not None:
        assert found.peak == pytest.approx(peak, rel=0.02)
    assert found.low <= peak * 1.001 and (found.high is None or found.high >= peak * 0.97)
    assert found.peak is not None or late or (warmup, every) == (0.06, 100) or steps == 600


def test_a_known_warm_up_makes_it_exact() -> None:
    setup = LoggedSetup(warmup_steps=300, planned_steps=3000)
    assert fitted(p.linear(7e-5, 0.1), 3000, 500, setup=setup).peak == pytest.approx(7e-5, rel=0.01)
    share = LoggedSetup(warmup_share=0.1)
    assert fitted(p.linear(7e-5, 0.1), 3000, 500, setup=share).peak == pytest.approx(7e-5, rel=0.01)


def test_what_fits_nothing_is_a_bound() -> None:
    found = fitted(lambda x: 1e-4 * 0.1**x, 1000, 100)
    assert (found.kind, found.peak, found.high) == ("", None, None) and found.low == pytest.approx(7.943e-5)
    assert fitted(lambda x: min(1.0, 5 * x) * 1e-4 * 0.1 ** max(0.0, x - 0.2), 1000, 100).peak == 1e-4


def test_a_constant_rate_is_its_peak() -> None:
    assert fitted(p.constant(3e-4), 1000, 100).peak == 3e-4
    assert fitted(lambda x: 3e-4 * min(1.0, 10 * x), 1000, 50).peak == 3e-4
    assert fitted(p.constant(0.0), 1000, 100).zero


def test_a_warm_up_to_the_end_has_no_peak() -> None:
    found = fitted(lambda x: 1e-5 * x, 60, 5)
    assert found.rising and found.peak is None and found.high is None


RATES = st.sampled_from([1e-5, 2e-5, 3e-5, 5e-5, 1e-4, 2e-4, 5e-4, 7.3e-5, 1.1e-4])


@settings(max_examples=200, deadline=None)
@given(RATES, st.floats(0, 0.3), st.integers(20, 3000), st.integers(1, 10), st.booleans(), st.integers(0, 1))
def test_the_bounds_hold(peak: float, warmup: float, steps: int, logged: int, cosine: bool, late: int) -> None:
    """Whatever the length of the warm-up: the true peak is never below `low` nor above `high`."""
    every = max(1, steps // (3 * logged))
    found = fitted((p.cosine if cosine else p.linear)(peak, round(warmup * steps) / steps), steps, every, late)
    assert found.low <= peak * 1.001
    assert peak <= (found.high or inf) * 1.1  # a warm-up that was logged ends between two points


def test_the_log_and_its_files_give_the_bounds(tmp_path: Path) -> None:
    rows = p.history(p.decay(0.9, 0.3), p.linear(5e-5, 0.06), steps=1200, every=100)
    log = read(p.run(tmp_path / "one", rows, 1200, adapter={}))
    assert log.recipe.lr == 5e-5 and log.recipe.lr_low == pytest.approx(4.876e-5, rel=1e-3)
    (tmp_path / "one" / "README.md").write_text("- learning_rate: 4.9e-05\n- seed: 3\n", encoding="utf-8")
    named = read(tmp_path / "one").recipe
    assert (named.lr, named.lr_low, named.seed) == (4.9e-5, None, 3)


def test_an_epoch_is_as_good_as_a_step(tmp_path: Path) -> None:
    rows = [{k: v for k, v in row.items() if k != "step"} for row in p.history(p.decay(1, 0), p.linear(2e-4), every=60)]
    assert read(w.jsonl(tmp_path / "log.jsonl", rows)).recipe.lr == 2e-4
