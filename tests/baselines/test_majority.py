"""The lowest rung: shares as probabilities, the most frequent label (set) as the prediction."""

import numpy as np
import pytest

from rankfirst.baselines import majority
from tests.baselines.rows import dataset


def test_single_label():
    rung = majority(dataset([(0,)] * 6 + [(1,)] * 3 + [(2,)], [(0,), (0,), (1,), (2,)]), tail=[2])
    assert rung.name == "majority"
    assert rung.val_predicted == ((0,),) * 4
    assert rung.val.log_loss == pytest.approx(-np.log([0.6, 0.6, 0.3, 0.1]).mean())
    assert rung.val.accuracy == 0.5
    assert rung.val.tail_recall == 0.0
    assert rung.details == {"label": "class0"}
    assert (rung.megabytes, rung.seconds >= 0) == (0.0, True)


def test_multi_label_says_the_most_frequent_set():
    # Label 0 is on most rows, and yet no row is likelier than (1, 2).
    train = [(1, 2)] * 4 + [(0,)] * 3 + [(0, 1)] * 3 + [()]
    rung = majority(dataset(train, [(1, 2), (0,), ()], multi_label=True), tail=[])
    assert rung.val_predicted == ((1, 2),) * 3
    assert rung.val.accuracy == pytest.approx(1 / 3)
    assert rung.details == {"label": "class1|class2"}
    assert np.isfinite(rung.val_log_loss).all()


def test_the_empty_set_can_be_the_most_frequent():
    rung = majority(dataset([()] * 5 + [(0,), (1,)], [(), *[(0,)] * 9], multi_label=True), tail=[])
    assert rung.val_predicted == ((),) * 10


def test_a_tie_goes_to_the_first_class():
    assert majority(dataset([(1,), (0,)], [(1,)]), tail=[]).val_predicted == ((0,),)
