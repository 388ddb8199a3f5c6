"""A run in words, from its journal: as prose, as answers to "why not", and as a technical proposal.

Every paragraph and table cites its journal lines. It contains no rules (an old run reads as it was decided) and does
not write the journal.
"""

from rankfirst.report.narrative.answers import Settable, answer
from rankfirst.report.narrative.document import Document, words
from rankfirst.report.narrative.files import check_out, write
from rankfirst.report.narrative.ledger import Ledger
from rankfirst.report.narrative.plain_text import as_json, as_text
from rankfirst.report.narrative.proposal import proposal
from rankfirst.report.narrative.prose import dataset, notices, prose, subtitle
from rankfirst.report.narrative.questions import Question, parse

__all__ = [
    "Document",
    "Ledger",
    "Question",
    "Settable",
    "answers",
    "as_json",
    "as_text",
    "check_out",
    "parse",
    "proposal",
    "prose",
    "write",
]


def answers(ledger: Ledger, questions: list[Question], settable: Settable) -> Document:
    """The answers to the questions, in order."""
    sections = tuple(answer(ledger, question, settable) for question in questions)
    title = words("title.answers", dataset=dataset(ledger))
    return Document(dataset(ledger), title, subtitle(ledger), sections, tuple(notices(ledger)))
