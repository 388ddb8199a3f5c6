"""Out-of-fold n-gram probabilities: every row answered by a model that did not see it."""

import numpy as np

from rankfirst.baselines import fit_tfidf, tfidf_folds, tfidf_out_of_fold
from rankfirst.records import Dataset, Split

WORDS = ("card", "loan", "rate")


def data(n: int, wrong: int = 0) -> Dataset:
    labels = [(i % 3,) for i in range(n)]
    texts = tuple(f"about my {WORDS[i % 3]} number {i * 7 % 50}" for i in range(n))
    labels[:wrong] = [((label + 1) % 3,) for (label,) in labels[:wrong]]
    return Dataset("made", WORDS, False, Split(texts, tuple(labels)), Split(texts[:30], tuple(labels[:30])), None)


def test_a_wrong_label_is_not_learnt_by_heart():
    made = data(120, wrong=4)
    fitted = fit_tfidf(made, ())
    model, rung = fitted.model, fitted.rung
    rows, p = tfidf_out_of_fold(model, made, float(rung.details["C"]))
    assert rows == tuple(range(120))
    assert np.allclose(p.sum(axis=1), 1)
    assert [int(c) for c in p.argmax(axis=1)[:4]] == [0, 1, 2, 0]


def test_many_rows_are_sampled_by_class(monkeypatch):
    monkeypatch.setattr(tfidf_folds, "MOST_ROWS", 60)
    made = data(120)
    model = fit_tfidf(made, ()).model
    rows, p = tfidf_out_of_fold(model, made, 10.0)
    assert (len(rows), p.shape) == (60, (60, 3))
    assert [sum(made.train.labels[row] == (c,) for row in rows) for c in range(3)] == [20, 20, 20]
