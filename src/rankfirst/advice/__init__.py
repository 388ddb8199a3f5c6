"""THE POLICY ON OTHER PEOPLE'S LOGS: what a log shows, what follows, what does not, and which experiment would tell.

`advice.advise` is asked for the verdict; a log has no answers row by row, so mostly there is none, and UNKNOWN stays
UNKNOWN. What the curve looks like is then told as a look, never as a verdict. Not for: reading files (`logs`).
"""

from rankfirst.advice.compare_logs import Pair, compare
from rankfirst.advice.conclusions import LogAdvice, Look, conclude
from rankfirst.advice.log_advice import LogReport, LogSettings, advise

__all__ = ["LogAdvice", "LogReport", "LogSettings", "Look", "Pair", "advise", "compare", "conclude"]
