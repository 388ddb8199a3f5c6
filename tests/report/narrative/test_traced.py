"""Every number of prose and answers can be looked up in the journal lines its paragraph cites."""

import copy

import pytest

from rankfirst.messages import LANGS, Lang
from rankfirst.policy.user_settings import VALUES
from rankfirst.report.narrative import answers, parse, prose
from rankfirst.report.narrative.document import Document, Para
from tests.report.narrative import ledgers
from tests.report.narrative.numbers import numbers, untraced

QUESTIONS = ("rank=32", "lr=1e-3", "raise lr", "lower lr", "scaling", "dropout", "sites=qv+ffn@4", "lora", "frozen",
             "tfidf", "class weights", "more data", "seed", "epochs", "prefix", "budget", "batch size", "max tokens",
             "lr=4e-4", "加 rank", "base model", "full fine-tuning")  # fmt: skip
ASKED = ("rank=32", "lr=1e-3", "sites=qv+ffn@4", "lr=4e-4")


def paragraphs(document: Document, lang: Lang) -> list[tuple[str, tuple[int, ...]]]:
    return [(block.words[lang], block.lines) for section in document.sections for block in section.blocks
            if isinstance(block, Para)]  # fmt: skip


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", ledgers.NAMES)
def test_every_number_of_the_prose_stands_in_the_lines_it_cites(name: str, lang: Lang) -> None:
    payloads = ledgers.payloads(name)
    told = paragraphs(prose(ledgers.recorded(name)), lang)
    assert sum(len(numbers(text)) for text, _ in told) > 150
    for text, lines in told:
        assert untraced(text, [payloads[n - 1] for n in lines] + [name_numbers(name, lines)]) == [], text


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("name", ledgers.NAMES)
def test_every_number_of_an_answer_stands_in_the_lines_it_cites(name: str, question: str, lang: Lang) -> None:
    payloads = ledgers.payloads(name)
    own = question if question in ASKED else ""
    for text, lines in paragraphs(answers(ledgers.recorded(name), [parse(question)], VALUES), lang):
        known = [payloads[n - 1] for n in lines] + [name_numbers(name, lines), own]
        known += [] if lines else [list(VALUES["lr"])]  # which value the command takes is no fact of the run
        assert untraced(text, known) == [], text


def name_numbers(name: str, lines: tuple[int, ...]) -> list[int]:
    """A probe is called by its number: how many probe lines stand up to the one cited."""
    kinds = [event.kind for event in ledgers.recorded(name).events]
    return [kinds[:n].count("probe") for n in lines if kinds[n - 1] == "probe"]


def test_a_number_that_stands_nowhere_is_noticed() -> None:
    payload = {"f1": 0.8512, "se": 0.01, "lr": 0.0004, "note": "rank 8"}
    assert untraced("macro-F1 85.1% ± 0.0196, lr 4e-4, rank 8 (95% interval)", [payload]) == []
    assert untraced("macro-F1 85.3%, rank 16, lr 8e-4", [payload]) == ["85.3", "16", "8e-4"]


def test_a_changed_journal_changes_the_prose() -> None:
    """The numbers come from the lines and not from elsewhere."""
    events = copy.deepcopy(list(ledgers.recorded("frozen").events))
    line = next(n for n, event in enumerate(events) if event.kind == "noise")
    events[line].payload["f1_se"] = 0.0777
    told = " ".join(text for text, _ in paragraphs(prose(type(ledgers.recorded("frozen"))(events)), "en"))
    assert "±15.2 points" in told
