"""Reports: a run's journal or an assessment as an HTML page, as lines of text, and as lists for a spreadsheet.

It contains no rules and does not write the journal.
"""

from rankfirst.report.assessment import check_folder, write_assessment
from rankfirst.report.assessment_lines import Line, summary
from rankfirst.report.build import build
from rankfirst.report.drift import check_drift_folder, drift_summary, write_drift
from rankfirst.report.events import Event, read
from rankfirst.report.html import write_html
from rankfirst.report.six_sentences import six
from rankfirst.report.spreadsheets import write_changes
from rankfirst.report.terminal import explain, tell

__all__ = [
    "Event",
    "Line",
    "build",
    "check_drift_folder",
    "check_folder",
    "drift_summary",
    "explain",
    "read",
    "six",
    "summary",
    "tell",
    "write_assessment",
    "write_changes",
    "write_drift",
    "write_html",
]
