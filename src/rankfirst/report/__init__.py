"""THE LEDGER READ ALOUD: a run's journal as one HTML page or as plain lines. Not for: rules, or writing the journal."""

from rankfirst.report.build import build
from rankfirst.report.events import Event, read
from rankfirst.report.html import write_html
from rankfirst.report.six import six
from rankfirst.report.terminal import explain, tell

__all__ = ["Event", "build", "explain", "read", "six", "tell", "write_html"]
