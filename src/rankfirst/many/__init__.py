"""MANY FITS, one queue: `rankfirst fit-many`. Reads the specs, has each fitted apart, tells all in one page."""

from rankfirst.many.line import fit_many
from rankfirst.many.specs import Job, read
from rankfirst.many.summary import document

__all__ = ["Job", "document", "fit_many", "read"]
