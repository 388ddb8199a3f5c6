"""A prefix is chosen for what it gains; the base's own wins ties."""

import numpy as np

from rankfirst.baselines import choose_prefix, prefix_rows
from rankfirst.baselines.prefix_choice import PREFIX_ROWS
from tests.baselines.rows import features, multi, single


def trials(data, **noise):
    """prefix -> features, the better the less noise."""
    rows = prefix_rows(data, 0)
    labels, count = [data.train.labels[r] for r in rows], len(data.classes)
    made = {p: {"mean": features(labels, count, noise=n, seed=i)} for i, (p, n) in enumerate(noise.items())}
    return made, rows


def test_the_prefix_that_helps_is_chosen():
    for data in (single(), multi()):
        tried, rows = trials(data, own=5.0, other=0.3)
        choice = choose_prefix(tried, data, rows)
        assert choice.prefix == "other" and choice.rows == len(rows)
        assert choice.macro_f1["other"] > choice.macro_f1["own"]
        assert choice.log_loss["other"] < choice.log_loss["own"]


def test_the_bases_own_wins_ties_whatever_the_log_loss():
    data = single()
    tried, rows = trials(data, own=0.5, other=0.4)
    choice = choose_prefix(tried, data, rows)
    assert choice.prefix == "own" and choice.log_loss["own"] > choice.log_loss["other"]


def test_each_prefix_is_judged_with_its_best_pooling():
    data = single()
    tried, rows = trials(data, own=1.5, other=0.3)
    tried["other"]["bad"] = np.ones_like(tried["own"]["mean"])
    assert choose_prefix(tried, data, rows).prefix == "other"


def test_no_more_rows_than_promised():
    assert len(prefix_rows(single(n=PREFIX_ROWS + 500), 0)) == PREFIX_ROWS
