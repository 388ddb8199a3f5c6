"""THE RUN IN WORDS: what a journal says as prose, as answers to "why not", and as a technical proposal.

Every paragraph and table names the journal lines it rests on. Not for: rules (an old run reads as it was decided), or
writing the journal.
"""

from rankfirst.account.answers import Settable, answer
from rankfirst.account.files import check_out, write
from rankfirst.account.ledger import Ledger
from rankfirst.account.pages import Document, words
from rankfirst.account.proposal import proposal
from rankfirst.account.prose import dataset, notices, prose, subtitle
from rankfirst.account.questions import Question, parse
from rankfirst.account.text import as_json, as_text

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
    """Every question answered, in the order asked."""
    told = tuple(answer(ledger, question, settable) for question in questions)
    title = words("title.answers", dataset=dataset(ledger))
    return Document(dataset(ledger), title, subtitle(ledger), told, tuple(notices(ledger)))
