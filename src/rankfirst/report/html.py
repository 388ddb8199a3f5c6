"""One self-contained HTML file: no request leaves it, every text is escaped, both languages inside."""

import os
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from rankfirst.report.build import build
from rankfirst.report.events import read
from rankfirst.report.speech import Both, clean, known, phrase
from rankfirst.report.views import View
from rankfirst.words import Lang

WORST_SHOWN = 15


def write_html(journal: Path, out: Path, lang: Lang) -> None:
    """Write the report of a journal to `out`, whole or not at all; `lang` is what it opens in.

    Raises: RunError for a journal that is missing or damaged; OSError when `out` cannot be written.
    """
    page = render(build(read(journal)), lang)
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        part.write_text(page, encoding="utf-8", newline="\n")
        os.replace(part, out)
    finally:
        part.unlink(missing_ok=True)


def render(view: View, lang: Lang) -> str:
    """The page of a view model."""
    return _environment().get_template("report.html.j2").render(v=view, lang=lang, worst=WORST_SHOWN)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("rankfirst.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["told"] = told
    made.globals["w"] = word
    made.globals["known"] = known_word
    return made


def told(words: Both) -> Markup:
    """A phrase as HTML, in both languages where they differ."""
    if words.en == words.zh:
        return Markup("{}").format(words.en)
    return Markup('<span class="en" lang="en">{}</span><span class="zh" lang="zh">{}</span>').format(words.en, words.zh)


def word(code: str, **numbers: object) -> Markup:
    """A sentence of words.report as HTML."""
    return told(phrase(code, **numbers))


def known_word(code: str, name: str) -> Markup:
    """The word for a name, or the name."""
    return told(known(code, clean(name)))
