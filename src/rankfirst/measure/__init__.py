"""THE YARDSTICK: macro-F1, recall, log-loss, calibration, thresholds. numpy and scikit-learn only; decides nothing."""
