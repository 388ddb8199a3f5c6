"""THE SAMPLE: synthetic customer-service messages of our own writing, with planted troubles, for the demo and tests.

The phrases are in `phrases/`, one file a language. Not for: judging a model on real language; every place that shows
these rows calls them synthetic.
"""

from rankfirst.sample.bank import CONFUSABLE, INTENTS, TAIL_ROWS
from rankfirst.sample.build import MIN_ROWS, Row, generate
from rankfirst.sample.files import SampleFiles, write_sample

__all__ = ["CONFUSABLE", "INTENTS", "MIN_ROWS", "TAIL_ROWS", "Row", "SampleFiles", "generate", "write_sample"]
