"""THE WINDOW: a local web page over runs: a list, each run's report as it grows, two runs side by side.

Reads journals, writes nothing. Not for: deciding, training, or being put on the internet.
"""

from rankfirst.ui.start import serve

__all__ = ["serve"]
