"""ADVICE ON RUNS OF OTHER TRAINERS: what a log shows, what follows, what does not, and which experiment would decide.

`live_run.advise` applies the policy. A log has no predictions per row, so most symptoms stay UNKNOWN and there is
usually no verdict; the shape of the curve is then reported as a look, never as a verdict. `logs` reads the files,
`faults` finds trainings that went wrong before any knob mattered, `scope` says which runs are not judged.
"""

from rankfirst.advice.compare_logs import LogPair, compare
from rankfirst.advice.conclusions import LogAdvice, conclude
from rankfirst.advice.log_advice import LogReport, LogSettings, advise
from rankfirst.advice.looks import Look

__all__ = ["LogAdvice", "LogPair", "LogReport", "LogSettings", "Look", "advise", "compare", "conclude"]
