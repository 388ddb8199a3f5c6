"""Every sentence of the report in two languages with the same numbers, and every code in use there."""

import re
from pathlib import Path
from string import Formatter

import pytest

import rankfirst.report
from rankfirst.words.report import SENTENCES

ROOM = Path(rankfirst.report.__file__).parent
SOURCE = "".join(path.read_text("utf-8") for path in [*ROOM.glob("*.py"), *ROOM.glob("templates/*.j2")])


def placeholders(sentence: str) -> set[tuple[str, str]]:
    return {(name, spec or "") for _, name, spec, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("code", SENTENCES)
def test_both_languages_tell_the_same_numbers(code):
    english, chinese = SENTENCES[code]
    assert code.startswith("report.")
    assert placeholders(english) == placeholders(chinese)
    assert not re.search("[\u4e00-\u9fff]", english)


def test_every_code_the_page_asks_for_exists():
    used = set(re.findall(r'(?<!\w)(?:phrase|w)\("([a-z_.]+)"', SOURCE))
    assert len(used) > 50
    assert {f"report.{code}" for code in used} <= SENTENCES.keys()


def test_every_code_told_in_the_terminal_exists():
    used = set(re.findall(r'_say\("([a-z_]+)"', SOURCE))
    assert {f"report.tell.{code}" for code in used} <= SENTENCES.keys()
