"""Data drift: compare new rows with those a delivered model was trained and evaluated on, and say whether to retrain.

`drift` reads what the run stored, measures the new rows and lets `policy.drift` decide. It neither retrains nor holds
the rules.
"""

from rankfirst.drift.known import ReferenceRows
from rankfirst.drift.look import NewRows, compare
from rankfirst.drift.story import drift

__all__ = ["NewRows", "ReferenceRows", "compare", "drift"]
