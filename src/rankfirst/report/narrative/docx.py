"""A document for Word, by python-docx: real headings, tables whose head repeats, page numbers, a font for Chinese.

python-docx is an extra (`rankfirst[docx]`) and imported only here.
"""

import re
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from rich.cells import cell_len

from rankfirst.errors import OptionError
from rankfirst.messages import Lang
from rankfirst.report.narrative.document import Block, Code, Document, Para, Table, cited, words

_LATIN: Final = "Calibri"
_CHINESE: Final = "Microsoft YaHei"  # on Windows, macOS Office and WPS; elsewhere their own fallback
_MONO: Final = "Consolas"
_WIDTH: Final = 17.0  # cm between the margins of an A4 page
_MARGIN: Final = 2.0  # cm
_WIDEST: Final = 34  # cells a column may ask for before the others get theirs
_NO_XML: Final = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_docx(document: Document, lang: Lang, out: Path) -> None:
    """Write a Word file. Raises: OptionError without python-docx; OSError."""
    try:
        import docx
    except ImportError:
        raise OptionError("account.plan.no_docx") from None
    made = docx.Document()
    _set_up(made, document, lang)
    made.add_heading(_safe(document.title[lang]), 0)
    if document.subtitle[lang]:
        made.add_paragraph(_safe(document.subtitle[lang]))
    for notice in document.notices:
        made.add_paragraph(_safe(notice[lang]), style="Intense Quote")
    for section in document.sections:
        made.add_heading(_safe(section.title[lang]), section.level)
        for block in section.blocks:
            _add(made, block, lang)
    made.save(str(out))


def _safe(text: str) -> str:
    """Without what XML cannot hold."""
    return _NO_XML.sub("", text)


def _add(made: Any, block: Block, lang: Lang) -> None:
    where = cited(block.lines)[lang]
    if isinstance(block, Table):
        _add_table(made, block, lang)
        if where:
            _quiet(made.add_paragraph(), where)
    elif isinstance(block, Code):
        run = made.add_paragraph().add_run(_safe(block.text))
        run.font.name = _MONO
        run.font.size = _points(9)
    else:
        _add_text(made, block, lang, where)


def _add_text(made: Any, block: Para, lang: Lang, where: str) -> None:
    paragraph = made.add_paragraph(style="List Bullet" if block.point else None)
    paragraph.add_run(_safe(block.words[lang]))
    if where:
        _quiet(paragraph, f" {where}")


def _quiet(paragraph: Any, text: str) -> None:
    """Add journal lines in small grey letters."""
    from docx.shared import RGBColor

    run = paragraph.add_run(text)
    run.font.size = _points(8)
    run.font.color.rgb = RGBColor(0x70, 0x76, 0x80)


def _points(size: float) -> Any:
    from docx.shared import Pt

    return Pt(size)


def _add_table(made: Any, block: Table, lang: Lang) -> None:
    from docx.shared import Cm

    table = made.add_table(rows=0, cols=len(block.head))
    table.style = "Table Grid"
    table.autofit = False
    widths = _widths(block, lang)
    for column, width in zip(
        table.columns, widths, strict=True
    ):  # Word uses the widths of cells, LibreOffice those of columns
        column.width = Cm(width)
    for n, row in enumerate((block.head, *block.rows)):
        cells = table.add_row().cells
        for cell, value, width in zip(cells, row, widths, strict=True):
            cell.width = Cm(width)
            run = cell.paragraphs[0].add_run(_safe(value[lang]))
            run.font.size, run.bold = _points(9), n == 0
            cell.paragraphs[0].paragraph_format.space_after = _points(2)
            if n == 0:
                _mark(cell._tc.get_or_add_tcPr(), "w:shd", {"w:val": "clear", "w:fill": "EEF1F4"})
    for row in table.rows:  # no page break inside a row
        _mark(row._tr.get_or_add_trPr(), "w:cantSplit", {})
    _mark(table.rows[0]._tr.get_or_add_trPr(), "w:tblHeader", {})


def _widths(block: Table, lang: Lang) -> list[float]:
    """Width of each column in cm, by its longest cell, limited so that others have space."""
    wanted = [max(cell_len(row[n][lang]) for row in (block.head, *block.rows)) for n in range(len(block.head))]
    shares = [float(min(_WIDEST, max(7, cells))) for cells in wanted]
    return [_WIDTH * share / sum(shares) for share in shares]


def _mark(parent: Any, name: str, values: dict[str, str]) -> None:
    """An XML element that python-docx does not offer."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(name)
    for key, value in values.items():
        made.set(qn(key), value)
    parent.append(made)


def _set_up(made: Any, document: Document, lang: Lang) -> None:
    """Paper, fonts, footer, properties."""
    from docx.shared import Cm

    page = made.sections[0]
    page.page_width, page.page_height = Cm(21.0), Cm(29.7)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Cm(_MARGIN)
    for style in ("Normal", "Title", "Heading 1", "Heading 2", "List Bullet", "Intense Quote"):
        _font(made.styles[style])
    for style, size in (("Normal", 10.5), ("Title", 20), ("Heading 1", 14), ("Heading 2", 12)):
        made.styles[style].font.size = _points(size)
    _number_pages(page.footer.paragraphs[0], lang)
    properties = made.core_properties
    properties.title, properties.author, properties.comments = _safe(document.title[lang]), "rankfirst", ""
    properties.language = "zh-CN" if lang == "zh" else "en"
    properties.created = properties.modified = datetime(2000, 1, 1)  # constant, so that equal runs give equal files


def _font(style: Any) -> None:
    """Latin letters in one font, Chinese in another; a theme would overrule both."""
    from docx.oxml.ns import qn

    style.font.name = _LATIN
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    fonts.set(qn("w:eastAsia"), _CHINESE)


def _number_pages(paragraph: Any, lang: Lang) -> None:
    """Page 3, as a field that Word counts."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    before, _, after = words("plan.page", number="#")[lang].partition("#")
    paragraph.add_run(before)
    run = paragraph.add_run()
    for kind in ("begin", "", "end"):
        if kind:
            _mark(run._r, "w:fldChar", {"w:fldCharType": kind})
        else:
            _mark(run._r, "w:instrText", {})
            run._r[-1].text = "PAGE"
    paragraph.add_run(after)
