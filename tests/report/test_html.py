"""The page: complete, in both languages, safe, self-contained, and there for unfinished and old runs too."""

import base64
import hashlib
import json
import re
from html import unescape
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest

from rankfirst.errors import RunError
from rankfirst.records import to_json
from rankfirst.report import build, html, read, write_html
from rankfirst.report.html import LIBRARY, chart_library
from rankfirst.report.phrases import Both
from tests.report import journal_example as example

HOSTILE = ('<script>alert(1)</script>', '"><img src=x onerror=alert(2)>', "javascript:alert(3)", "{{ 7*7 }}",
           "</style><svg/onload=alert(4)>", "'-alert(5)-'")  # fmt: skip
SECTIONS = ("verdict", "six", "ladder", "data", "walk", "experiments", "probes", "recall", "confusions", "trust",
            "costs", "reproduce")  # fmt: skip
VOID = {"meta", "br", "line", "rect", "circle", "input", "wbr"}


class Page(HTMLParser):
    """Collects tags, attributes and the text of style and script, and checks that tags nest."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.source: dict[str, str] = {}
        self.acting: list[tuple[str, str]] = []  # each style and script
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
            self.acting.append((self.open[-1], data))


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
    told = (">FOUND<", ">OK<", ">UNCLEAR<", "Refused: lr = 1e-3", "long tail", "Synthetic data", "ab12" * 16,
            "1 unclear", "GB18030", "Deliberately unchanged")  # fmt: skip
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
    ours = page.replace(chart_library(), "")  # the library names its licence and the namespaces of SVG
    assert len(ours) < len(page) and "http://" not in ours and "https://" not in ours
    assert not re.search(r"url\(|@import", ours)


def test_only_this_style_and_script_may_act(tmp_path):
    page = page_of(tmp_path)
    policy = unescape(re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1])
    acting = Page(page).acting
    assert [kind for kind, _ in acting] == ["style", "script", "script"]
    for kind, source in acting:
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert re.search(rf"{kind}-src [^;]*'sha256-{re.escape(digest)}'", policy)
    assert policy.count("sha256-") == 3
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
    assert (parsed.tags.count("script"), parsed.tags.count("style")) == (2, 1)
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
    assert "2 events" in page_of(tmp_path, told)


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
    journal = example.write(tmp_path)
    write_html(journal, tmp_path / "report.html", "en")
    write_html(read(journal), tmp_path / "same.html", "en")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert page == (tmp_path / "same.html").read_text("utf-8")
    assert "journal 13" in page and "日志第 13 行" in page


def test_rows_of_the_data_are_shown_where_they_were_kept_and_may_be_left_out(tmp_path):
    classes = example.CLASSES
    rows = [{"is": "Example", "text": "<b>where is my parcel</b>", "labels": [classes[0]], "suggested": [classes[1]],
             "line": 7, "file": "train.csv"}]  # fmt: skip
    mixed = [{"truth": classes[2], "predicted": classes[3], "texts": ["still waiting for my money", "钱呢"]}]
    told = {"checks": {"data.check.suspects": rows, "data.check.lengths": "odd"}, "confusions": mixed}
    (tmp_path / "examples.json").write_text(json.dumps(told), encoding="utf-8")
    journal = example.write(tmp_path)
    write_html(journal, tmp_path / "report.html", "en")
    page = (tmp_path / "report.html").read_text("utf-8")
    Page(page)
    shown = ("&lt;b&gt;where is my parcel", "train.csv:7", "still waiting for my money", "钱呢")
    assert all(text in page for text in shown)
    write_html(journal, tmp_path / "report.html", "en", texts=False)
    page = (tmp_path / "report.html").read_text("utf-8")
    assert not [text for text in shown if text in page]


@pytest.mark.parametrize("damaged", ["", "[]", "{", "null", '{"checks": 3, "confusions": {"a": 1}}'])
def test_a_damaged_file_of_rows_costs_the_rows_only(tmp_path, damaged):
    (tmp_path / "examples.json").write_text(damaged, encoding="utf-8")
    write_html(example.write(tmp_path), tmp_path / "report.html", "en")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert not Page(page).open and tuple(re.findall(r'<section[^>]* id="(\w+)"', page)) == SECTIONS


def test_the_chart_library_is_the_released_file():
    digest = hashlib.sha256(files("rankfirst.report").joinpath("static", LIBRARY).read_bytes()).hexdigest()
    assert digest == "61f13280aba3161f77fc801bf5f9c786f55f10432153a0683fc5cc0700b013d5"  # npm: echarts 6.1.0
    assert "</script" not in chart_library().lower()


def test_every_curve_is_there_twice_as_a_picture_and_as_numbers(tmp_path):
    parsed = Page(page_of(tmp_path))
    plots = [json.loads(value) for name, value in parsed.attributes if name == "data-plot"]
    assert len(plots) >= 8 and parsed.tags.count("figure") == len(plots)
    for plot in plots:
        assert plot["title"][0] and plot["title"][1]
        assert all(len(s["xs"]) == len(s["ys"]) and len(s["low"]) == len(s["high"]) for s in plot["series"])
    assert any(s["low"] for plot in plots for s in plot["series"])


def test_the_page_can_be_sent_by_mail(tmp_path):
    assert len(page_of(tmp_path).encode()) < 2_500_000


def test_a_journal_that_is_not_there_leaves_no_page(tmp_path):
    with pytest.raises(RunError):
        write_html(tmp_path / "journal.jsonl", tmp_path / "report.html", "en")
    assert not list(tmp_path.iterdir())


def test_the_same_events_make_the_same_page(tmp_path):
    assert page_of(tmp_path) == page_of(tmp_path)


def test_the_templates_lie_inside_the_package():
    found = {entry.name for entry in files("rankfirst.report").joinpath("templates").iterdir()}
    assert {"report.html.j2", "report.css.j2", "report.js.j2"} <= found


def test_what_stands_between_backticks_is_code_and_names_break_after_separators():
    told = html.told(Both("use `fit --x` <b>", "用 `fit`"))
    assert "use <code>fit --x</code> &lt;b&gt;" in told and "用 <code>fit</code>" in told
    assert html.soft("card_not_working/a.b") == "card_<wbr>not_<wbr>working/<wbr>a.<wbr>b"
    assert html.soft("<i>_x") == "&lt;i&gt;_x"


def test_long_sections_can_be_folded_and_their_headings_stay():
    page = html.render(build(example.events()), "en")
    for name in ("data", "walk", "experiments", "probes", "recall", "trust", "costs", "reproduce"):
        assert f'<section id="{name}"><details class="fold" open>' in page, name
    assert page.count("<details") == page.count("</details>")
    assert '<section class="verdict" id="verdict">' in page


def test_precision_and_mistakes_are_beside_the_recall_of_a_class():
    name = example.CLASSES[0]
    told = [(kind, key, payload | {"test": payload["test"] | {"per_class_precision": {name: 0.625}}}
             if kind == "result" else payload) for kind, key, payload in example.told()]  # fmt: skip
    rows = {"classes": [{"class": name, "missed": 7, "rows": [{"text": "钱呢<i>", "predicted": ["a", "b"]}]}]}
    page = html.render(build(example.events(told), rows), "en")
    assert "Precision</span>" in page and "62.5%" in page
    assert "7 rows missed" in page and "钱呢&lt;i&gt;" in page and "predicted: a | b" in page
    assert "Precision</span><span" not in html.render(build(example.events()), "en").split('id="classes"')[-1]
