"""The joint problem: scikit-learn's optimum, dense or sparse, single or multi-label, and every odd label."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from rankfirst.baselines.logistic import fit_linear
from rankfirst.measure.calibration import probabilities
from rankfirst.measure.scores import indicator
from tests.baselines.rows import multi, single


def normal(n, d=6, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


@pytest.mark.parametrize("c", [0.01, 1.0, 10.0])
def test_multinomial_is_scikit_learns(c):
    labels = single().train.labels
    rows = normal(len(labels))
    ours = fit_linear(rows, indicator(labels, 4), c, False, tolerance=1e-5)
    theirs = LogisticRegression(C=c, tol=1e-8, max_iter=2000).fit(rows.astype(float), [row[0] for row in labels])
    np.testing.assert_allclose(probabilities(ours.logits(rows), False), theirs.predict_proba(rows), atol=2e-3)


@pytest.mark.parametrize("c", [0.01, 1.0])
def test_one_vs_rest_is_scikit_learns(c):
    truth = indicator(multi().train.labels, 4)
    rows = normal(len(truth))
    ours = fit_linear(rows, truth, c, True, tolerance=1e-5)
    theirs = OneVsRestClassifier(LogisticRegression(C=c, tol=1e-8, max_iter=2000)).fit(rows.astype(float), truth)
    np.testing.assert_allclose(probabilities(ours.logits(rows), True), theirs.predict_proba(rows), atol=2e-3)


def test_sparse_rows_and_a_warm_start_lead_to_the_same_optimum():
    truth = indicator(single().train.labels, 4)
    rows = normal(len(truth))
    dense = fit_linear(rows, truth, 1.0, False, tolerance=1e-5)
    warm = fit_linear(rows, truth, 1.0, False, fit_linear(rows, truth, 0.1, False), tolerance=1e-5)
    thin = fit_linear(sparse.csr_matrix(rows), truth, 1.0, False, tolerance=1e-5)
    np.testing.assert_allclose(warm.coef, dense.coef, atol=2e-3)
    np.testing.assert_allclose(thin.coef, dense.coef, atol=2e-3)


@pytest.mark.parametrize("multi_label", [False, True])
def test_a_label_of_no_row_is_improbable_and_finite(multi_label):
    truth = indicator([(0,), (1,)] * 20, 3)
    rows = normal(40)
    probs = probabilities(fit_linear(rows, truth, 1.0, multi_label).logits(rows), multi_label)
    assert np.isfinite(probs).all()
    assert probs[:, 2].max() < 0.1


def test_a_label_of_every_row_is_probable_and_finite():
    truth = indicator([(0,), (0, 1)] * 20, 2)
    rows = normal(40)
    probs = probabilities(fit_linear(rows, truth, 1.0, True).logits(rows), True)
    assert np.isfinite(probs).all()
    assert probs[:, 0].min() > 0.9
