"""OTHER PEOPLE'S LOGS: one small file a format, all ending in the same `records.TrainingLog`.

`formats` is the registry: read it first. A reader yields rows of raw keys; `collect` knows what the keys mean, so a new
format needs neither synonyms nor arithmetic. Nothing here is ever unpickled or executed, and no text of a log is told.
Not for: saying what a curve means, which is `log_advice`'s business.
"""

from rankfirst.logs.formats import FORMATS, Format
from rankfirst.logs.read import read

__all__ = ["FORMATS", "Format", "read"]
