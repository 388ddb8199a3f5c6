"""Reports: a run's journal or an assessment as an HTML page, as lines of text, and as lists for a spreadsheet.

It contains no rules and does not write the journal.
"""

from rankfirst.report.assessment import PAGE, check_folder, write_assessment
from rankfirst.report.assessment_lines import FINDINGS, Line, findings, summary
from rankfirst.report.brief import SECTIONS, Brief, Row, titles
from rankfirst.report.build import build
from rankfirst.report.drift import check_drift_folder, drift_summary, write_drift
from rankfirst.report.events import Event, read
from rankfirst.report.frames import framed
from rankfirst.report.html import write_html
from rankfirst.report.leaderboard import leaderboard
from rankfirst.report.notebook import Charts, assessment_card, charts_of, result_card
from rankfirst.report.six_sentences import six
from rankfirst.report.spreadsheets import REVIEWED, listed, reason, review_rows, write_changes
from rankfirst.report.terminal import explain, tell, time_lines
from rankfirst.report.to_label import label_summary

__all__ = [
    "FINDINGS",
    "PAGE",
    "REVIEWED",
    "SECTIONS",
    "Brief",
    "Charts",
    "Event",
    "Line",
    "Row",
    "assessment_card",
    "build",
    "charts_of",
    "check_drift_folder",
    "check_folder",
    "drift_summary",
    "explain",
    "findings",
    "framed",
    "label_summary",
    "leaderboard",
    "listed",
    "read",
    "reason",
    "result_card",
    "review_rows",
    "six",
    "summary",
    "tell",
    "time_lines",
    "titles",
    "write_assessment",
    "write_changes",
    "write_drift",
    "write_html",
]
