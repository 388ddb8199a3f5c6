"""Delivered models: prediction, calibration, packaging and export. Training is in `engine`, decisions in `policy`."""
