"""A document as Markdown (GitHub's, for its tables), in one language. Nothing in a name or a text acts as markup."""

import re
from typing import Final

from rankfirst.messages import Lang
from rankfirst.report.narrative.document import Block, Code, Document, Table, cited, grouped

_ACTS: Final = re.compile(r"[\\`*\[\]<|]|~(?=\S)|(?<=\S)~|(?<!\w)_|_(?!\w)|&(?=[#\w])|(?<!\w)!(?=\[)")
_BEGINS: Final = re.compile(r"^(\d+)([.)])(?=\s|$)|^([-+#=>])(?=.|$)")  # what opens a list, a heading, a rule


def as_markdown(document: Document, lang: Lang) -> str:
    """The whole document; a block a paragraph, points of a list on neighbouring lines."""
    parts = [f"# {_inside(document.title[lang])}"]
    if document.subtitle[lang]:
        parts.append(escaped(document.subtitle[lang]))
    parts += [f"> {escaped(notice[lang])}" for notice in document.notices]
    for section in document.sections:
        parts.append(f"{'#' * (section.level + 1)} {_inside(section.title[lang])}")
        parts += grouped(section.blocks, lambda block: _block(block, lang))
    return "\n\n".join(parts) + "\n"


def _block(block: Block, lang: Lang) -> str:
    where = cited(block.lines)[lang]
    if isinstance(block, Code):
        longest = max((len(run) for run in re.findall(r"`+", block.text)), default=0)
        fence = "`" * max(3, longest + 1)
        return "\n\n".join(filter(None, (f"{fence}\n{block.text}\n{fence}", where)))
    if isinstance(block, Table):
        return "\n\n".join(filter(None, (_table(block, lang), where)))
    text = " ".join(filter(None, (escaped(block.words[lang]), where)))
    return f"- {text}" if block.point else text


def _table(table: Table, lang: Lang) -> str:
    rows = [[_inside(cell[lang]) or " " for cell in row] for row in (table.head, *table.rows)]
    rule = ["---"] * len(table.head)
    return "\n".join(f"| {' | '.join(row)} |" for row in (rows[0], rule, *rows[1:]))


def escaped(text: str) -> str:
    """One line in which nothing acts as markup."""
    return _BEGINS.sub(lambda found: f"{found[1]}\\{found[2]}" if found[1] else f"\\{found[3]}", _inside(text))


def _inside(text: str) -> str:
    """The same within a line, where nothing can open a block."""
    return _ACTS.sub(lambda found: _entity(found[0]), text)


def _entity(mark: str) -> str:
    return {"<": "&lt;", "&": "&amp;"}.get(mark, f"\\{mark}")
