"""Write a document atomically to a file in the format of its suffix, without overwriting an existing one."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from rankfirst.errors import OptionError
from rankfirst.measure.disk import replaced
from rankfirst.messages import Lang
from rankfirst.report.narrative.document import Document
from rankfirst.report.narrative.docx import write_docx
from rankfirst.report.narrative.html_page import as_html
from rankfirst.report.narrative.markdown import as_markdown


def _text(make: Callable[[Document, Lang], str]) -> Callable[[Document, Lang, Path], None]:
    def write(document: Document, lang: Lang, out: Path) -> None:
        out.write_text(make(document, lang), encoding="utf-8", errors="replace", newline="\n")

    return write


WRITERS: Final[Mapping[str, Callable[[Document, Lang, Path], None]]] = {
    ".md": _text(as_markdown),
    ".html": _text(as_html),
    ".docx": write_docx,
}


def check_out(out: Path, overwrite: bool = False) -> None:
    """Raises: OptionError for an unknown suffix or an existing file."""
    if out.suffix.lower() not in WRITERS:
        raise OptionError("account.plan.bad_suffix", path=str(out))
    if out.is_dir() or (os.path.lexists(out) and not overwrite):
        raise OptionError("account.plan.exists", path=str(out))


def write(document: Document, lang: Lang, out: Path, overwrite: bool = False) -> None:
    """Write a document as .md, .docx or .html.

    Raises: OptionError, one line, for another suffix, a file that is there, a folder that is not or cannot be written
    to, or .docx without python-docx.
    """
    check_out(out, overwrite)
    try:
        with replaced(out) as part:
            WRITERS[out.suffix.lower()](document, lang, part)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise OptionError("account.plan.unwritable", path=str(out), why=why) from None
