"""THE WATCH: a delivered model against rows that came later. Is the world it was trained for still there?

`drift` reads what the run keeps, looks at the new rows and lets `policy.drift` answer. Not for: training again, or the
rules.
"""

from rankfirst.drift.known import Known
from rankfirst.drift.look import New, look
from rankfirst.drift.story import drift

__all__ = ["Known", "New", "drift", "look"]
