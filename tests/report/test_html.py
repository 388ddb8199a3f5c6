"""The page: complete, in both languages, safe, and there for unfinished and old runs too."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from rankfirst.errors import RunError
from rankfirst.records import Health, to_json
from rankfirst.report import write_html

from . import journal_example as example

HOSTILE = '<script>alert(1)</script>"><img onerror=alert(2) src=x>'
SECTIONS = ("verdict", "six", "ladder", "data", "walk", "probes", "experiments", "recall", "confusions", "costs",
            "reproduce")  # fmt: skip
VOID = {"meta", "br", "img", "hr", "input", "link", "line", "rect", "path", "circle"}


class Page(HTMLParser):
    """Counts tags and checks that they nest."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def page_of(folder: Path, told, lang="en") -> str:
    out = folder / "report.html"
    write_html(example.write(folder, told), out, lang)
    return out.read_text("utf-8")


def without(told, *kinds):
    return [event for event in told if event[0] not in kinds]


def test_every_section_once_and_in_order(tmp_path):
    page = page_of(tmp_path, example.events())
    found = re.findall(r'<section[^>]* id="(\w+)"', page)
    assert tuple(found) == SECTIONS


@pytest.mark.parametrize(("lang", "shown"), [("en", "show-en"), ("zh", "show-zh")])
def test_both_languages_inside_and_the_asked_one_shown(tmp_path, lang, shown):
    page = page_of(tmp_path, example.events(), lang)
    assert re.search(rf'<html lang="[\w-]+" class="{shown}">', page)
    assert "Deliver the LoRA adapter" in page and "建议交付：LoRA 微调模型" in page
    assert page.count('class="en"') == page.count('class="zh"') > 100


def test_the_verdict_comes_first_with_score_interval_and_gain(tmp_path):
    page = page_of(tmp_path, example.events())
    verdict = page[page.index('id="verdict"') : page.index('id="six"')]
    assert "87.5%" in verdict and "85.5–89.5%" in verdict
    assert "+6.5 points" in verdict and "+6.5 个百分点" in verdict
    assert "86.5%" in verdict  # test


def test_chips_refusals_tail_and_banner(tmp_path):
    page = page_of(tmp_path, example.events())
    for words in ("PRESENT", "ABSENT", "UNKNOWN", "rank = 64 was refused", "long tail", "Synthetic data", "ab12"):
        assert words in page


def test_recall_is_sorted_worst_first_and_unmeasured_last(tmp_path):
    page = page_of(tmp_path, example.events())
    recall = page[page.index('id="recall"') : page.index('id="confusions"')]
    places = [recall.index(name) for name in ("transfer_fee", "top_up", "lost_card", "退款")]
    assert places == sorted(places)


def test_the_page_asks_nobody_for_anything(tmp_path):
    parsed = Page(page_of(tmp_path, example.events()))
    names = {name for name, _ in parsed.attributes}
    assert not names & {"src", "href", "srcset", "xlink:href", "style"}
    assert not set(parsed.tags) & {"link", "img", "iframe", "object", "base"}
    assert parsed.tags.count("script") == 1


def test_hostile_strings_are_text(tmp_path):
    classes = (HOSTILE, "top_up", "fee", HOSTILE + "2")
    told = example.events(HOSTILE, classes, HOSTILE)
    told.insert(8, ("refusal", "k", {"knob": HOSTILE, "value": HOSTILE, "stage": HOSTILE, "code": HOSTILE}))
    told.insert(8, ("rung", HOSTILE, to_json(example.curve()) | {"name": HOSTILE, "val": {"macro_f1": 0.5}}))
    page = page_of(tmp_path, told)
    parsed = Page(page)
    assert parsed.tags.count("script") == 1 and "img" not in parsed.tags
    assert not any(name.startswith("on") for name, _ in parsed.attributes)
    assert "&lt;script&gt;alert(1)" in page


def test_an_unfinished_run_says_how_to_continue(tmp_path):
    told = without(example.events(), "result", "verdict", "final")
    page = page_of(tmp_path, told)
    Page(page)
    assert "has not finished" in page and "尚未完成" in page and "rankfirst fit bank intents -o out" in page
    assert 'id="verdict"' not in page and 'id="ladder"' in page


def test_an_empty_journal_is_an_unfinished_run(tmp_path):
    assert "has not finished" in page_of(tmp_path, [])


def test_a_torn_last_line_is_ignored(tmp_path):
    path = example.write(tmp_path, without(example.events(), "result"))
    with path.open("ab") as file:
        file.write(b'{"n": 99, "kind": "resu')
    write_html(path, tmp_path / "r.html", "en")
    assert "has not finished" in (tmp_path / "r.html").read_text("utf-8")


def test_a_broken_line_in_the_middle_is_an_error(tmp_path):
    path = example.write(tmp_path, example.events())
    path.write_bytes(b"{broken\n" + path.read_bytes())
    with pytest.raises(RunError, match="line 1"):
        write_html(path, tmp_path / "r.html", "en")
    assert not (tmp_path / "r.html").exists()


def test_a_missing_journal_is_an_error(tmp_path):
    with pytest.raises(RunError):
        write_html(tmp_path / "journal.jsonl", tmp_path / "r.html", "en")


def test_a_missing_sentence_shows_its_code_and_numbers(tmp_path):
    told = [*example.events(), ("note", "", {"code": "gone.long_ago", "numbers": {"rows": 7}})]
    assert "gone.long_ago (rows = 7)" in page_of(tmp_path, told)


def test_a_record_of_another_version_is_counted_not_fatal(tmp_path):
    told = [*example.events(), ("probe", "", {"is": "Curve", "other": 1}), ("decision", "", {"stage": "brewing"})]
    page = page_of(tmp_path, told)
    assert "2 event(s)" in page


@pytest.mark.parametrize("health", [Health.DIVERGED, Health.OUT_OF_MEMORY])
def test_a_failed_probe_is_shown(tmp_path, health):
    told = example.events()
    told.append(("probe", "x", to_json(example.curve(health=health))))
    assert 'class="bad"' in page_of(tmp_path, told)


def test_writing_replaces_the_old_page_and_leaves_nothing_beside_it(tmp_path):
    page_of(tmp_path, example.events())
    page_of(tmp_path, example.events(dataset="second"))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["journal.jsonl", "report.html"]
    assert "second" in (tmp_path / "report.html").read_text("utf-8")


def test_the_same_journal_makes_the_same_page(tmp_path):
    assert page_of(tmp_path, example.events()) == page_of(tmp_path, example.events())
