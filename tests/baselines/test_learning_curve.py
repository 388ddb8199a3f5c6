"""The learning curve climbs where rows teach, and lies flat where the features hold no more."""

import numpy as np

from rankfirst.baselines import learning_curve
from rankfirst.records import Dataset, Split


def rows(n: int, seed: int, blind: bool) -> tuple[np.ndarray, Split]:
    """Forty classes on noisy axes; with `blind` the features see only whether the class is even."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 40, n)
    seen = y % 2 if blind else y
    x = np.eye(40)[seen] * 2 + rng.normal(size=(n, 40))
    return x.astype(np.float32), Split(tuple("t" * n), tuple((int(c),) for c in y))


def curve(blind: bool):
    x, train = rows(640, 0, blind)
    v, val = rows(1000, 1, blind)
    return learning_curve(x, v, Dataset("made", tuple(f"c{i:02}" for i in range(40)), False, train, val, None), 0.1)


def test_more_rows_teach_what_the_features_show():
    told = curve(blind=False)
    assert told.rows == (160, 320, 640)
    assert told.macro_f1 == tuple(sorted(told.macro_f1))
    assert told.per_doubling > 4 * told.error > 0
    assert np.isclose(told.per_doubling, (told.macro_f1[-1] - told.macro_f1[0]) / 2)


def test_no_number_of_rows_teaches_what_they_do_not():
    told = curve(blind=True)
    assert told.macro_f1[-1] < 0.1
    assert abs(told.per_doubling) < 0.02
