"""Outputs of a notebook: one language, self-contained, safe, readable in light and dark, and there for old runs."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from rankfirst.errors import OptionError
from rankfirst.messages import LANGS, Lang
from rankfirst.report import Charts, assessment_card, charts_of, result_card
from rankfirst.report.events import Event
from rankfirst.report.notebook import KINDS, frequent, scoped, style
from rankfirst.report.view_model import ConfusionView
from tests.report import assessment_example
from tests.report import journal_example as example

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


class Tags(HTMLParser):
    """Tags, addresses and the visible text; every tag is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.seen = ""
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.open.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "onerror", "onclick")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.seen += data


@pytest.mark.parametrize(("lang", "words"), [("en", "Ship the LoRA adapter"), ("zh", "建议交付：LoRA 微调模型")])
def test_the_card_tells_the_verdict_in_one_language(lang: Lang, words: str) -> None:
    told = {each: Tags(result_card(example.events(), each)) for each in LANGS}
    assert words in told[lang].seen and words not in told["zh" if lang == "en" else "en"].seen
    for figure in ("88.4%", "87.6%", "87.0–89.7%", "82.6%"):  # LoRA on both splits, its interval, the frozen encoder
        assert figure in told[lang].seen
    assert "result.load().predict" in told[lang].seen


def test_the_card_is_self_contained_and_short() -> None:
    card = result_card(example.events(), "en", report="run/report.html")
    tags = Tags(card)
    assert tags.tags.isdisjoint({"script", "link", "img", "iframe"}) and tags.addresses == []
    assert "http" not in card and len(card) < 20_000
    assert "run/report.html" in tags.seen


@pytest.mark.parametrize("lang", LANGS)
def test_names_and_texts_of_the_data_never_become_markup(lang: Lang) -> None:
    events = example.events(example.told(HOSTILE, (HOSTILE, *example.CLASSES[1:]), HOSTILE))
    for html in (result_card(events, lang), charts_of(events, None, lang).html):
        assert Tags(html).tags.isdisjoint({"script", "img"}) and "<script" not in html


def test_every_rule_of_the_style_is_below_the_card_and_both_lights_are_there() -> None:
    told = re.sub(r"@media[^{]*\{(.*\})\s*\}", r"\1", style())
    selectors = [each.strip() for rule in re.findall(r"([^{}]+)\{[^{}]*\}", told) for each in rule.split(",")]
    assert len(selectors) > 60 and all(".rankfirst" in each for each in selectors)
    for light in ("prefers-color-scheme: dark", "[data-jp-theme-light=false] .rankfirst", ".vscode-dark .rankfirst"):
        assert light in style()


def test_scoping_keeps_every_rule() -> None:
    assert scoped(".a, b { c: d; } .e .f { g: h }").split("\n")[:2] == [
        ".rankfirst .a, .rankfirst b { c: d; }", ".rankfirst .e .f { g: h }"]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lang", LANGS)
def test_each_kind_of_chart(kind: str, lang: Lang) -> None:
    charts = charts_of(example.events(), kind, lang)
    seen = Tags(charts.html).seen
    assert charts.kinds == (kind,) and len(repr(charts)) < 100
    wanted = {"curves": ("lr 2e-4 → 4e-4",), "recalls": ("top_up_failed", "表扬"), "confusion": ("退款进度", "19")}
    assert all(words in seen for words in wanted[kind])


def test_all_charts_by_default_and_an_unknown_kind_names_the_known() -> None:
    assert charts_of(example.events(), None, "en").kinds == KINDS
    with pytest.raises(OptionError, match="curves, recalls, confusion"):
        charts_of(example.events(), "loss", "en")


def test_charts_are_saved_as_a_page(tmp_path: Path) -> None:
    path = Charts("<div>x</div>", ["curves"]).save(tmp_path / "charts.html")
    assert path.read_text("utf-8").startswith("<!doctype html>") and "<div>x</div>" in path.read_text("utf-8")


@pytest.mark.parametrize("lang", LANGS)
def test_a_run_that_has_a_matrix_shows_it(lang: Lang) -> None:
    told = example.told()
    kind, key, result = told[-1]
    html = charts_of(
        example.events([*told[:-1], (kind, key, {**result, "matrix": [[2, 3, 19], [0, 1, 7]]})]), "confusion", lang
    ).html
    assert 'class="matrix' in html and "退款进度 → 申请退款: 19" in html and Tags(html)


def test_confusions_become_a_table_by_truth() -> None:
    made = frequent(
        [ConfusionView("a", "b", "9", ()), ConfusionView("c", "a", "5", ()), ConfusionView("a", "d", "2", ())]
    )
    assert made is not None and made.columns == ("b", "a", "d")
    assert made.rows == (("a", (("9", "wrong"), ("", ""), ("2", "wrong"))), ("c", (("", ""), ("5", "wrong"), ("", ""))))
    assert frequent([]) is None


@pytest.mark.parametrize("lang", LANGS)
def test_without_a_journal_the_result_alone_is_told(lang: Lang) -> None:
    result = Event("result", "", example._result(example.CLASSES))
    assert "88.4%" in Tags(result_card([result], lang)).seen
    assert Tags(charts_of([result], None, lang).html).seen
    assert Tags(charts_of([], None, lang).html).seen  # a run that has only begun


@pytest.mark.parametrize("lang", LANGS)
def test_the_card_of_an_assessment(lang: Lang) -> None:
    tags = Tags(assessment_card(assessment_example.assessment(), lang))
    assert "assessed.findings()" in tags.seen and tags.tags.isdisjoint({"script", "img"})
    assert len(tags.seen) < 6_000


@pytest.mark.parametrize("lang", LANGS)
def test_rows_with_several_labels_are_not_said_to_have_no_confusion(lang: Lang) -> None:
    (kind, key, run), *told = example.told()
    *told, (last, _, result) = told
    events = example.events(
        [(kind, key, {**run, "multi_label": True}), *told, (last, "", {**result, "confusions": []})]
    )
    seen = Tags(charts_of(events, "confusion", lang).html).seen
    assert 'plot("recalls")' in seen
