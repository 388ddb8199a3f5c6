"""A local web page over runs: a list, each run's live report, two runs side by side.

Reads journals and writes nothing. It makes no decisions, and is not meant to be exposed to the internet.
"""

from rankfirst.ui.start import serve

__all__ = ["serve"]
