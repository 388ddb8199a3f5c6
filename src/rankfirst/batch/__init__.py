"""Many fits in one queue: `rankfirst fit-many`. Reads specs, fits each in its own process, reports all on one page."""

from rankfirst.batch.fit_queue import fit_many
from rankfirst.batch.specs import FitJob, read
from rankfirst.batch.summary import document

__all__ = ["FitJob", "document", "fit_many", "read"]
