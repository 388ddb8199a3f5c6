"""Readers of training logs that other trainers wrote: one file per format, all producing `records.TrainingLog`.

Start with `formats`, the registry. A reader yields rows of raw keys; `collect` maps the keys, so a new format needs
neither synonyms nor arithmetic. Nothing is unpickled or executed, and no text from a log appears in any output.
What a curve means is decided in `log_advice`, not here.
"""

from rankfirst.advice.logs.formats import FORMATS, LogFormat
from rankfirst.advice.logs.read import read

__all__ = ["FORMATS", "LogFormat", "read"]
