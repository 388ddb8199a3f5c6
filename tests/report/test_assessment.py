"""The page of an assessment and its JSON: complete, bilingual, safe, self-contained, whole again when read back."""

import json
import re
from dataclasses import fields, replace
from html import unescape

import pytest

from rankfirst.errors import RunError
from rankfirst.records import Assessment, from_json, to_json
from rankfirst.report import check_folder, write_assessment
from rankfirst.report.assessment import PAGE, RECORD, render, view
from rankfirst.report.charts import class_bars
from rankfirst.report.phrases import same
from tests.report import assessment_example as example
from tests.report.test_html import HOSTILE, Page

SECTIONS = ("verdict", "ladder", "bases", "data", "classes", "pairs", "shifts", "limits", "reproduce")


def test_every_section_once_and_in_order():
    page = render(example.assessment(), "en")
    assert tuple(re.findall(r'<section[^>]* id="(\w+)"', page)) == SECTIONS
    assert set(re.findall(r'href="#(\w+)"', page)) == {*SECTIONS, "main"} - {"verdict"}


@pytest.mark.parametrize(("lang", "code"), [("en", "en"), ("zh", "zh-CN")])
def test_both_languages_inside_and_the_asked_one_shown(lang, code):
    page = render(example.assessment(), lang)
    assert f'<html lang="{code}" class="show-{lang}">' in page
    assert "No, LoRA is not needed" in page and "不需要 LoRA" in page
    assert page.count('class="en"') == page.count('class="zh"') > 80


def test_it_shows_rows_with_both_labels_and_their_line():
    page = render(example.assessment(), "en")
    told = ("where is my card 0", "top_up", "train.csv:12", "line 44: where is my card?", "card_lost ↔ fee", "18.0%",
            "drone", "new.csv:7", "log2(4.4", "rank 16", "long tail", "--compare shop", "93.0%–97.0%")  # fmt: skip
    assert not [words for words in told if words not in page]


def test_no_path_of_a_row_is_shown_in_full():
    assert "shop/train.csv:12" not in render(example.assessment(), "en")


def test_warnings_come_before_notes_and_what_is_fine_is_folded():
    page = view(example.assessment())
    assert [f.check.level for f in page.findings] == ["warn", "warn", "note", "note"]
    assert [check.level for check in page.fine] == ["ok", "ok"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_strings_are_only_text(text):
    classes = (text, *(f"{text} {n}" for n in range(5)))
    hostile = replace(
        example.assessment(text, classes), dataset=text, base_model=text, command=text,
        notes=((text, ((text, text),)),), capacity={text: text, "rank": text}, seconds={text: 1.0},
    )  # fmt: skip
    parsed, clean = Page(render(hostile, "en")), Page(render(example.assessment(), "en"))
    assert parsed.source == clean.source and set(parsed.tags) <= set(clean.tags)
    assert (parsed.tags.count("script"), parsed.tags.count("style")) == (2, 1)
    assert not [name for name, _ in parsed.attributes if name.startswith("on")]
    assert all(value.startswith("#") for name, value in parsed.attributes if name == "href")
    assert text in unescape(render(hostile, "en"))


def test_the_page_asks_nobody_for_anything():
    page = render(example.assessment("see https://example.org/x.png"), "en")
    parsed = Page(page)
    assert not {name for name, _ in parsed.attributes} & {"src", "srcset", "xlink:href", "style", "action"}
    assert not set(parsed.tags) & {"link", "img", "iframe", "object", "base", "image", "use"}
    assert not re.search(r"url\(|@import", parsed.source["style"])
    policy = unescape(re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1])
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy


def test_a_bare_assessment_has_a_page_too():
    bare = Assessment("rows", example.profile(), ())
    page = render(bare, "zh")
    Page(page)
    assert "尚无结论" in page and 'id="ladder"' not in page and 'id="pairs"' not in page
    assert "没有使用，因此没有推导" in page


def test_the_chart_survives_thousands_of_classes_and_none():
    many = class_bars(list(range(3000, 0, -1)), [n > 2900 for n in range(3000)], same("t"), same("d"))
    assert many.count("<rect") <= 200 and "bar tail" in many
    assert class_bars([], [], same("t"), same("d")).count("<rect") == 0


def test_json_holds_the_whole_record():
    given = example.assessment()
    assert all(getattr(given, field.name) not in ((), {}, None, "", 0.0) for field in fields(given))
    text = json.dumps(to_json(given), allow_nan=False)
    back = from_json(Assessment, json.loads(text))
    # NaN is not equal to itself, so the loss that is one is compared as text.
    assert repr(back) == repr(given)


def test_writing_leaves_page_json_and_lists_and_nothing_else(tmp_path):
    lines = write_assessment(example.assessment(), tmp_path / "a", "en")
    names = {PAGE, RECORD, "suspects.csv", "conflicts.csv", "ambiguous_pairs.csv", "shifted.csv"}
    assert {path.name for path in (tmp_path / "a").iterdir()} == names
    told = "\n".join(line.text for line in lines)
    assert all(name in told for name in names) and "6 rows" in told
    clean = replace(example.assessment(), examples={}, reviews={}, pairs=(), shifts=())
    write_assessment(clean, tmp_path / "a", "en")
    assert {path.name for path in (tmp_path / "a").iterdir()} == {PAGE, RECORD}


def test_a_folder_of_others_is_left_alone(tmp_path):
    check_folder(tmp_path / "new")
    check_folder(tmp_path)
    write_assessment(example.assessment(), tmp_path, "en")
    check_folder(tmp_path)
    (tmp_path / RECORD).unlink()
    for wrong in (tmp_path, tmp_path / PAGE):
        with pytest.raises(RunError, match="holds no assessment"):
            check_folder(wrong)
