"""Metrics: macro-F1, recall, log-loss, calibration, thresholds. Uses numpy and scikit-learn only; decides nothing."""
