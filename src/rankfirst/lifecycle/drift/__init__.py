"""Data drift: compare new rows with those a delivered model was trained and evaluated on, and say whether to retrain.

`drift` reads what the run stored, measures the new rows and lets `policy.drift` decide. It neither retrains nor holds
the rules.
"""

from rankfirst.lifecycle.drift.check import drift
from rankfirst.lifecycle.drift.measurements import NewRows, compare
from rankfirst.lifecycle.drift.reference_rows import ReferenceRows

__all__ = ["NewRows", "ReferenceRows", "compare", "drift"]
