"""A local web page over runs: a list, each run's live report, runs compared, and what `acts` has unless it only reads.

What is shown comes from journals. It makes no decisions, and is not meant to be exposed to the internet.
"""

from rankfirst.ui.start import serve

__all__ = ["serve"]
