"""The page: complete, in both languages, safe, self-contained, and there for unfinished and old runs too."""

import base64
import hashlib
import re
from html import unescape
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest

from rankfirst.errors import RunError
from rankfirst.records import to_json
from rankfirst.report import write_html

from . import journal_example as example

HOSTILE = ('<script>alert(1)</script>', '"><img src=x onerror=alert(2)>', "javascript:alert(3)", "{{ 7*7 }}",
           "</style><svg/onload=alert(4)>", "'-alert(5)-'")  # fmt: skip
SECTIONS = ("verdict", "ladder", "data", "walk", "probes", "experiments", "recall", "confusions", "trust", "costs",
            "reproduce", "six")  # fmt: skip
VOID = {"meta", "br", "line", "rect", "circle"}


class Page(HTMLParser):
    """Collects tags, attributes and the text of style and script, and checks that tags nest."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.source: dict[str, str] = {}
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

    def handle_data(self, data):
        if self.open and self.open[-1] in ("style", "script"):
            self.source[self.open[-1]] = self.source.get(self.open[-1], "") + data


def page_of(folder: Path, told=None, lang="en") -> str:
    out = folder / "report.html"
    write_html(example.events() if told is None else example.events(told), out, lang)
    return out.read_text("utf-8")


def test_every_section_once_and_in_order(tmp_path):
    page = page_of(tmp_path)
    assert tuple(re.findall(r'<section[^>]* id="(\w+)"', page)) == SECTIONS
    targets = set(re.findall(r'href="#(\w+)"', page))
    assert targets <= {*SECTIONS, "main"} and len(targets) > 8


@pytest.mark.parametrize(("lang", "code"), [("en", "en"), ("zh", "zh-CN")])
def test_both_languages_inside_and_the_asked_one_shown(tmp_path, lang, code):
    page = page_of(tmp_path, lang=lang)
    assert f'<html lang="{code}" class="show-{lang}">' in page
    assert "Ship the LoRA adapter" in page and "建议交付：LoRA 微调模型" in page
    assert page.count('class="en"') == page.count('class="zh"') > 200


def test_without_a_script_there_is_no_dead_button(tmp_path):
    assert '<button type="button" id="switch" hidden>' in page_of(tmp_path)


def test_chips_refusals_tail_banner_and_hashes(tmp_path):
    page = page_of(tmp_path)
    told = ("PRESENT", "ABSENT", "UNKNOWN", "Refused: lr = 1e-3", "long tail", "Synthetic data", "ab12" * 16,
            "1 cannot be told", "GB18030", "Left alone on purpose")  # fmt: skip
    assert not [words for words in told if words not in page]


def test_real_data_has_no_synthetic_banner(tmp_path):
    told = example.told()
    told[0][2]["synthetic"] = False
    assert "Synthetic data" not in page_of(tmp_path, told)


def test_the_page_asks_nobody_for_anything(tmp_path):
    page = page_of(tmp_path)
    parsed = Page(page)
    assert not {name for name, _ in parsed.attributes} & {"src", "srcset", "xlink:href", "style", "action"}
    assert not set(parsed.tags) & {"link", "img", "iframe", "object", "base", "image", "use"}
    assert "http://" not in page and "https://" not in page
    assert not re.search(r"url\(|@import", page)


def test_only_this_style_and_script_may_act(tmp_path):
    page = page_of(tmp_path)
    policy = unescape(re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1])
    for kind, source in Page(page).source.items():
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_strings_are_only_text(tmp_path, text):
    classes = (text, "top_up", "fee", "x", text + "2", "y")
    told = example.told(text, classes, text)
    told.insert(8, ("refusal", "k", {"knob": text, "value": text, "stage": text, "code": text}))
    told.insert(8, ("rung", text, {"name": text, "val": {"macro_f1": 0.5}}))
    told[0][2].update(command=text, base_model=text, device=text, versions={text: text})
    told[-1][2].update(costs=[{"step": text, "seconds": 3.0, "work": 1.0}], versions={text: text})
    told[-2][2].update(abstain={text: text}, rung=text)
    told[0][2]["notes"] = [[text, [[text, text]]]]
    told.insert(8, ("clock", text, {"limit": text, "spent": text, "at": text}))
    told[-1][2]["six"].append({"code": text, "numbers": {text: text}})
    page = page_of(tmp_path, told)
    clean = Page(page_of(tmp_path))
    parsed = Page(page)
    assert parsed.source == clean.source and set(parsed.tags) <= set(clean.tags)
    assert parsed.tags.count("script") == parsed.tags.count("style") == 1
    assert not [name for name, _ in parsed.attributes if name.startswith("on")]
    links = {value for name, value in parsed.attributes if name == "href"}
    assert all(link.startswith("#") for link in links)
    assert text in unescape(page)


def test_an_unfinished_run_shows_what_is_known_and_how_to_continue(tmp_path):
    page = page_of(tmp_path, example.told()[:12])
    Page(page)
    assert "has not finished" in page and "尚未完成" in page and "rankfirst fit service-intents -o out" in page
    assert 'id="verdict"' not in page and 'id="ladder"' in page and 'id="probes"' in page


def test_no_event_at_all_still_makes_a_page(tmp_path):
    write_html([], tmp_path / "r.html", "zh")
    page = (tmp_path / "r.html").read_text("utf-8")
    Page(page)
    assert "尚未完成" in page


def test_a_missing_sentence_shows_its_code_and_numbers(tmp_path):
    told = [*example.told(), ("note", "", {"code": "gone.long_ago", "numbers": {"rows": 7}})]
    assert "gone.long_ago (rows = 7)" in page_of(tmp_path, told)


def test_a_record_of_another_version_is_counted_not_fatal(tmp_path):
    told = [*example.told(), ("probe", "", {"is": "Curve", "other": 1}), ("experiment", "", to_json({"limit": 3}))]
    assert "2 event(s)" in page_of(tmp_path, told)


def test_many_classes_fold_away(tmp_path):
    classes = tuple(f"class_{n:03}" for n in range(150))
    page = page_of(tmp_path, example.told(classes=classes))
    Page(page)
    assert "135 more classes" in page and "class_149" in page


def test_writing_replaces_the_old_page_and_leaves_nothing_beside_it(tmp_path):
    page_of(tmp_path)
    page_of(tmp_path, example.told(dataset="second"))
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
    assert "second" in (tmp_path / "report.html").read_text("utf-8")


def test_a_journal_file_makes_the_page_of_its_events(tmp_path):
    write_html(example.write(tmp_path), tmp_path / "report.html", "en")
    assert (tmp_path / "report.html").read_text("utf-8") == page_of(tmp_path)


def test_a_journal_that_is_not_there_leaves_no_page(tmp_path):
    with pytest.raises(RunError):
        write_html(tmp_path / "journal.jsonl", tmp_path / "report.html", "en")
    assert not list(tmp_path.iterdir())


def test_the_same_events_make_the_same_page(tmp_path):
    assert page_of(tmp_path) == page_of(tmp_path)


def test_the_templates_lie_inside_the_package():
    found = {entry.name for entry in files("rankfirst.report").joinpath("templates").iterdir()}
    assert {"report.html.j2", "report.css.j2", "report.js.j2"} <= found
