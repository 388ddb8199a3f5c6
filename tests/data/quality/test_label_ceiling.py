"""The data ceiling, on noise that is known."""

from dataclasses import replace

import numpy as np
import pytest

from rankfirst.data.quality.label_ceiling import data_ceiling, noise_matrix, outvoted_rows, sure_answers
from rankfirst.measure.scores import as_tuples, indicator, macro_f1
from rankfirst.messages import say
from tests.data.file_samples import data, split

CLASSES = tuple("abcdefgh")


def noisy(share, rows=2000, seed=0, hard=0.0):
    """A set whose given labels are wrong in `share` of the rows, and probabilities unsure of `hard` of them."""
    rng = np.random.default_rng(seed)
    true, hard_rows = rng.integers(0, 8, rows), rng.random(rows) < hard
    given = np.where(rng.random(rows) < share, (true + rng.integers(1, 8, rows)) % 8, true)
    p = np.full((rows, 8), 0.004)
    p[np.arange(rows), true] = 0.95 + 0.02 * rng.random(rows)
    p[hard_rows] = rng.dirichlet(np.ones(8) * 2, hard_rows.sum())
    p /= p.sum(axis=1, keepdims=True)
    texts = [f"text {i}" for i in range(rows)]
    val = split(*((f"val {i}", (int(c),)) for i, c in enumerate(given)))
    return data(texts, given[:, None].tolist(), CLASSES, val=val), p, macro_f1(one_hot(given), one_hot(true))


def one_hot(labels):
    return indicator(labels[:, None].tolist(), 8)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.1, 0.2])
def test_wrong_labels_lower_the_ceiling(share):
    dataset, p, best = noisy(share)
    found = data_ceiling(dataset, p)
    assert found.macro_f1 == pytest.approx(best, abs=0.03)
    assert found.low - 0.01 <= best <= found.high + 0.01


def test_hard_texts_do_not_lower_the_ceiling():
    dataset, p, best = noisy(0.1, hard=0.4)
    assert data_ceiling(dataset, p).macro_f1 == pytest.approx(best, abs=0.04)


def test_noise_that_cannot_be_separated_from_ambiguity_is_reported():
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(8) * 0.5, size=2000)
    given = [[int(rng.choice(8, p=row))] for row in p]
    found = data_ceiling(data([f"t{i}" for i in range(2000)], given, CLASSES), p)
    assert found.code == "data.ceiling.mixed"
    assert found.high > 0.95 > found.macro_f1


def test_contradictory_labels_lower_the_ceiling():
    texts = [f"t{i // 2}" for i in range(400)]
    given = [[i % 2] if i < 80 else [(i // 2) % 2] for i in range(400)]
    p = np.full((400, 2), 0.02)
    p[np.arange(400), [(i // 2) % 2 for i in range(400)]] = 0.98
    p[:80] = 0.5
    dataset = data(texts, given)
    assert len(outvoted_rows(dataset)) == 40
    found = data_ceiling(dataset, p)
    assert found.macro_f1 == pytest.approx(0.9, abs=0.03)
    assert found.numbers["conflicts"] == 0.1


def test_label_sets():
    rng = np.random.default_rng(1)
    true = rng.random((3000, 5)) < 0.3
    given = true ^ (rng.random(true.shape) < np.where(true, 0.1, 0.01))
    p = np.where(true, 0.93, 0.03) + 0.04 * rng.random(true.shape)
    dataset = data([f"t{i}" for i in range(3000)], as_tuples(given), CLASSES[:5], multi_label=True)
    found = data_ceiling(dataset, p)
    assert found.macro_f1 == pytest.approx(macro_f1(given, true), abs=0.02)


def test_confident_predictions_of_label_sets_are_of_both_kinds():
    p = np.array([[0.99, 0.01], [0.9, 0.1], [0.8, 0.2]])
    believed, given = sure_answers(indicator([[0], [], [1]], 2), p, True)
    assert (believed.tolist(), given.tolist()) == ([1, 2], [1, 2])


def test_noise_matrix_rows_are_distributions():
    rng = np.random.default_rng(0)
    for multi in (False, True):
        noise = noise_matrix(rng.integers(0, 6, 50) & ~1, rng.integers(0, 6, 50) & ~1, 6, multi, 0.01)
        assert noise.sum(axis=1).tolist() == pytest.approx([1.0] * 6)
        assert (noise >= 0).all()


def test_the_ceiling_is_deterministic_and_has_a_sentence():
    dataset, p, _ = noisy(0.1, rows=300)
    found = data_ceiling(dataset, p)
    assert found == data_ceiling(dataset, p)
    for code in ("data.ceiling.noise", "data.ceiling.mixed", "data.ceiling.clean", "data.ceiling.unclear"):
        for lang in ("en", "zh"):
            it = replace(found, code=code)
            assert say(it.code, lang, macro_f1=it.macro_f1, low=it.low, high=it.high, **it.numbers)
