"""A document as plain lines and as JSON, in one language."""

from typing import Any

from rankfirst.messages import Lang
from rankfirst.report.narrative.document import Block, Code, Document, Table, cited, grouped


def as_text(document: Document, lang: Lang) -> str:
    """Headings underlined by their marks, a paragraph a line; every text is free of control characters."""
    parts = [document.title[lang], *(notice[lang] for notice in document.notices)]
    for section in document.sections:
        parts.append(f"{'==' if section.level == 1 else '--'} {section.title[lang]}")
        parts += grouped(section.blocks, lambda block: block_text(block, lang))
    return "\n\n".join(parts) + "\n"


def block_text(block: Block, lang: Lang) -> str:
    """One block with its journal lines."""
    where = cited(block.lines)[lang]
    if isinstance(block, Code):
        return f"    {block.text}"
    if isinstance(block, Table):
        rows = [" | ".join(cell[lang] for cell in row) for row in (block.head, *block.rows)]
        return "\n".join(filter(None, (*rows, where)))
    text = " ".join(filter(None, (block.words[lang], where)))
    return f"  - {text}" if block.point else text


def as_json(document: Document, lang: Lang) -> dict[str, Any]:
    """Sections of blocks: {"kind", "text" or "head" and "rows", "lines"}."""
    return {
        "title": document.title[lang],
        "notices": [notice[lang] for notice in document.notices],
        "sections": [
            {
                "title": section.title[lang],
                "level": section.level,
                "blocks": [block_json(block, lang) for block in section.blocks],
            }
            for section in document.sections
        ],
    }


def block_json(block: Block, lang: Lang) -> dict[str, Any]:
    """One block."""
    lines = list(block.lines)
    if isinstance(block, Code):
        return {"kind": "command", "text": block.text, "lines": lines}
    if isinstance(block, Table):
        rows = [[cell[lang] for cell in row] for row in block.rows]
        return {"kind": "table", "head": [cell[lang] for cell in block.head], "rows": rows, "lines": lines}
    return {"kind": "point" if block.point else "text", "text": block.words[lang], "lines": lines}
