"""Many fits in one queue: `rankfirst fit-many`. Reads specs, fits each in its own process, reports all on one page."""

from rankfirst.many.line import fit_many
from rankfirst.many.specs import FitJob, read
from rankfirst.many.summary import document

__all__ = ["FitJob", "document", "fit_many", "read"]
