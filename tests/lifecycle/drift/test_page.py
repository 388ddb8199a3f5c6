"""A check of drift as lines, page, JSON and list: the answer first, both languages, nothing quoted in a terminal."""

import csv
import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

import rankfirst
from rankfirst.errors import RunError
from rankfirst.lifecycle.drift import compare
from rankfirst.messages.drift import SENTENCES
from rankfirst.policy.drift import retrain
from rankfirst.records import Drift, from_json, to_json
from rankfirst.report import check_drift_folder, drift_summary, write_drift
from rankfirst.report.drift import LIST, PAGE, RECORD, render_drift
from tests.lifecycle.drift import rows
from tests.report.test_html import HOSTILE, Page

ROOM = Path(rankfirst.__file__).parent


@pytest.fixture(scope="module")
def found() -> Drift:
    kinds = rows.drawn(700, 3, (1, 1, 1, 0.25))
    seen = compare(rows.known(side=True), rows.new(kinds, labelled=True), rows.RULE)
    return Drift("runs/shop", "data/new.csv", *retrain(seen), seen, 1.5, "rankfirst drift runs/shop data/new.csv")


@pytest.mark.parametrize(("lang", "first"), [("en", "Retrain: yes."), ("zh", "需要重新训练。")])
def test_the_answer_comes_first_and_no_text_of_a_row_is_shown(found: Drift, lang: str, first: str) -> None:
    lines = [line.text for line in drift_summary(found, lang, 100)]  # type: ignore[arg-type]
    assert lines[0].startswith(first)
    told = "\n".join(lines)
    assert rows.NEW in told and "95%" in told
    assert not [row for row in found.seen.candidates[0].members if row.text in told]
    assert not [line for line in lines if "drift." in line]  # a sentence that is missing shows its code


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_has_every_section_in_both_languages(found: Drift, lang: str) -> None:
    page = render_drift(found, lang)  # type: ignore[arg-type]
    for name in ("verdict", "figures", "candidates", "classes", "shift", "reproduce"):
        assert page.count(f'id="{name}"') == 1 and f'href="#{name}"' in page
    assert "Retrain: yes." in page and "需要重新训练。" in page
    assert found.seen.candidates[0].members[0].text in unescape(page)
    parsed = Page(page)
    assert not {name for name, _ in parsed.attributes} & {"src", "srcset", "style", "action"}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_strings_are_only_text(found: Drift, text: str) -> None:
    group = found.seen.candidates[0]
    members = tuple(replace(row, text=text, suggested=(text,), file=text) for row in group.members)
    seen = replace(found.seen, candidates=(replace(group, name=text, terms=(text,), nearest=text, members=members),),
                   classes=((text, 0.1, 0.2),), unknown=((text, 50),),
                   recalls=tuple(replace(own, name=text) for own in found.seen.recalls))  # fmt: skip
    hostile = replace(found, run=text, file=text, command=text, seen=seen, reasons=retrain(seen)[1])
    parsed, clean = Page(render_drift(hostile, "en")), Page(render_drift(found, "en"))
    assert parsed.source == clean.source and set(parsed.tags) <= set(clean.tags)
    assert not [name for name, _ in parsed.attributes if name.startswith("on")]
    assert all(line.text.isprintable() for line in drift_summary(hostile, "en"))


def test_every_sentence_is_used_and_every_used_one_exists() -> None:
    names = (
        "report/drift.py",
        "report/templates/drift.html.j2",
        "cli/drift.py",
        "lifecycle/drift/reference_rows.py",
        "run/source_rows.py",
        "lifecycle/drift/check.py",
        "data/shift/sketch.py",
    )
    files = [ROOM / name for name in names]
    source = "".join(path.read_text("utf-8") for path in files)
    asked = {f"drift.{code}" for code in re.findall(r'(?:_told|_head|d)\(\s*"([a-z_.0-9]+)"[,)]', source)}
    asked |= set(re.findall(r'"(drift\.[a-z_]+)"', source))
    begun = {f"drift.{code}" for code in re.findall(r'_told\(f"([a-z_.]+\.)\{', source)} | {"drift.nav.", "cli."}
    asked -= {PAGE, RECORD}
    assert asked <= SENTENCES.keys()
    unused = [code for code in SENTENCES if code not in asked and not code.startswith(tuple(begun))]
    assert not unused


def test_json_contains_the_whole_record(found: Drift) -> None:
    assert repr(from_json(Drift, json.loads(json.dumps(to_json(found), allow_nan=False)))) == repr(found)


def test_files_are_written_and_the_list_has_every_row_of_every_cluster(found: Drift, tmp_path: Path) -> None:
    write_drift(found, tmp_path / "d", "zh", bom=True)
    assert {path.name for path in (tmp_path / "d").iterdir()} == {PAGE, RECORD, LIST}
    raw = (tmp_path / "d" / LIST).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    listed = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    assert len(listed) == sum(group.rows for group in found.seen.candidates)
    assert listed[0]["suggested"] == found.seen.candidates[0].name and listed[0]["group"] == "1"
    none = replace(found, seen=replace(found.seen, candidates=()))
    write_drift(none, tmp_path / "d", "en")
    assert {path.name for path in (tmp_path / "d").iterdir()} == {PAGE, RECORD}


def test_a_folder_with_other_files_is_not_touched(found: Drift, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    for wrong in (tmp_path, tmp_path / "notes.txt"):
        with pytest.raises(RunError, match="other than a drift check"):
            check_drift_folder(wrong)
    check_drift_folder(tmp_path / "new")
    write_drift(found, tmp_path / "again", "en")
    check_drift_folder(tmp_path / "again")
