"""THE POLICY ON OTHER PEOPLE'S LOGS: what a log shows, what follows, what does not, and which experiment would tell.

`advice.advise` is asked for the verdict; a log has no answers row by row, so mostly there is none, and UNKNOWN stays
UNKNOWN. What the curve looks like is then told as a look, never as a verdict. Not for: reading files (`logs`).
"""

from rankfirst.log_advice.conclude import LogAdvice, Look, conclude
from rankfirst.log_advice.pair import Pair, compare
from rankfirst.log_advice.story import Asked, Told, advise

__all__ = ["Asked", "LogAdvice", "Look", "Pair", "Told", "advise", "compare", "conclude"]
