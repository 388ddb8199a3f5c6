"""Synthetic customer-service messages, written by hand, with planted problems; for the demo and tests.

The phrases are in `phrases/`, one file per language. Not suitable to evaluate a model on real language; wherever these
rows are shown they are called synthetic.
"""

from rankfirst.sample.bank import CONFUSABLE, INTENTS, TAIL_ROWS
from rankfirst.sample.build import MIN_ROWS, Row, generate
from rankfirst.sample.files import SampleFiles, write_sample
from rankfirst.sample.mix import ACTS, MESSY, Act, Mix

__all__ = [
    "ACTS",
    "CONFUSABLE",
    "INTENTS",
    "MESSY",
    "MIN_ROWS",
    "TAIL_ROWS",
    "Act",
    "Mix",
    "Row",
    "SampleFiles",
    "generate",
    "write_sample",
]
