"""The head on raw features says what the pipeline said on standardised ones."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rankfirst.baselines.linear_head import LinearHead, Scaler
from rankfirst.baselines.logistic import Weights, fit_linear
from rankfirst.measure.scores import indicator
from rankfirst.measure.unit_length import unit_length
from tests.baselines.rows import features, single


def test_folding_is_scikit_learns_pipeline():
    labels = single().train.labels
    raw = features(labels, 4)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, tol=1e-8, max_iter=2000))
    pipeline.fit(raw.astype(float), [row[0] for row in labels])
    scaler = Scaler.fit(raw)
    head = scaler.fold(fit_linear(scaler.apply(raw), indicator(labels, 4), 0.1, False, tolerance=1e-5), False)
    np.testing.assert_allclose(head.predict_proba(raw), pipeline.predict_proba(raw.astype(float)), atol=2e-3)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_raw_and_standardised_logits_agree(dtype):
    raw = np.random.default_rng(0).normal(2.0, 3.0, size=(50, 6)).astype(dtype)
    scaler = Scaler.fit(raw)
    rng = np.random.default_rng(1)
    weights = Weights(rng.normal(size=(6, 3)).astype(np.float32), rng.normal(size=3).astype(np.float32))
    head = scaler.fold(weights, False)
    np.testing.assert_allclose(head.logits(raw), weights.logits(scaler.apply(raw)), atol=1e-4)


def test_a_constant_column_is_harmless():
    raw = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    raw[:, 1] = 7.3
    scaled = Scaler.fit(raw).apply(raw)
    assert np.isfinite(scaled).all()
    np.testing.assert_allclose(scaled[:, 1], 0, atol=1e-5)


def test_temperature_touches_probabilities_only():
    weight, bias = np.array([[1.0], [-1.0]], dtype=np.float32), np.zeros(2, dtype=np.float32)
    sharp, soft = (LinearHead(weight, bias, False, t) for t in (1.0, 4.0))
    row = np.array([[2.0]], dtype=np.float32)
    np.testing.assert_array_equal(sharp.logits(row), soft.logits(row))
    assert sharp.predict_proba(row)[0, 0] > soft.predict_proba(row)[0, 0] > 0.5
    assert sharp.megabytes == 16 / 1e6


def test_a_column_that_hardly_moves_beside_the_others_is_not_blown_up():
    """MiniLM has one of -1e-7 give or take 2e-9; its rounding decided answers through a weight of 1e8."""
    rng = np.random.default_rng(0)
    rows = rng.normal(0, 0.1, (200, 8)).astype(np.float32)
    rows[:, 3] = -1e-7 + 2e-9 * rng.normal(size=200).astype(np.float32)
    scaler = Scaler.fit(rows)
    assert scaler.deviation[3] == 1.0
    assert np.abs(scaler.apply(rows)[:, 3]).max() < 1e-6


def test_a_scaler_of_unit_lengths_folds_into_a_head_that_divides_by_them():
    rng = np.random.default_rng(6)
    raw = (rng.normal(size=(50, 7)) * np.exp(rng.normal(size=(50, 1)))).astype(np.float32)
    raw[3] = 0
    scaler = Scaler.fit(raw, normalize=True)
    plain = Scaler.fit(unit_length(raw))
    np.testing.assert_allclose(scaler.mean, plain.mean, atol=1e-6)
    np.testing.assert_allclose(scaler.deviation, plain.deviation, atol=1e-6)
    np.testing.assert_allclose(scaler.apply(raw), plain.apply(unit_length(raw)), atol=1e-4)
    np.testing.assert_allclose(scaler.scaled(raw)[10:20], scaler.apply(raw)[10:20])
    weights = Weights(rng.normal(size=(7, 3)).astype(np.float32), rng.normal(size=3).astype(np.float32))
    head = scaler.fold(weights, False)
    assert head.normalize and np.isfinite(head.logits(raw)).all()
    np.testing.assert_allclose(head.logits(raw), weights.logits(scaler.apply(raw)), atol=1e-3)
