"""One self-contained HTML file in both languages, with all texts escaped and no network requests."""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from rankfirst.measure.disk import write_whole
from rankfirst.messages import Lang
from rankfirst.report import charts, plots, recipes
from rankfirst.report.build import build
from rankfirst.report.events import Event, mapping, read
from rankfirst.report.phrases import Both, both, clean, known, percent, phrase, spoken
from rankfirst.report.view_model import Page

_SEPARATOR = re.compile(r"(?<=[\w)])[_/|.\-:]+(?=[\w(])")
_CODE = re.compile(r"`([^`]+)`")
WORST_SHOWN = 15  # classes shown before the rest is folded
LIBRARY = "echarts.common.min.js"


def write_html(journal: Path | Sequence[Event], out: Path, lang: Lang, texts: bool = True) -> None:
    """Write the report of a run, finished or not, to `out` atomically; `lang` is its initial language.

    Args:
        journal: the file, or the events read from it.
        texts: show rows of the data, which lie in examples.json beside the journal file.
    Raises: RunError for a missing or damaged journal; OSError if `out` cannot be written.
    """
    if isinstance(journal, Path):
        rows = examples(journal.parent) if texts else None
        write_whole(out, render(build(read(journal), rows), lang))
    else:
        write_whole(out, render(build(journal), lang))


def examples(run: Path) -> dict[str, Any]:
    """Rows that a run keeps for its report; empty if the file was deleted or cannot be read."""
    try:
        return mapping(json.loads((run / "examples.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError):
        return {}


def render(view: Page, lang: Lang) -> str:
    """The report of a run."""
    return page("report.html.j2", view, lang)


def page(template: str, view: object, lang: Lang) -> str:
    """The HTML of a view model, by a template that extends frame.html.j2."""
    made = environment()
    style, script = (Markup(made.get_template(name).render()) for name in ("report.css.j2", "report.js.j2"))

    def with_scripts(*scripts: Markup) -> str:
        return made.get_template(template).render(
            v=view, lang=lang, worst=WORST_SHOWN, style=style, scripts=scripts, policy=policy(style, scripts)
        )

    drawn = with_scripts(chart_library(), script)
    return drawn if " data-plot=" in drawn else with_scripts(script)  # a page without a curve needs no library


@cache
def chart_library() -> Markup:
    """The unmodified release of Apache ECharts, which draws the interactive curves."""
    return Markup(files("rankfirst.report").joinpath("static", LIBRARY).read_text("utf-8"))


def policy(style: str, scripts: Sequence[str]) -> str:
    """A content security policy that allows exactly this style and these scripts."""
    acting = " ".join(map(_hash, scripts))
    return f"default-src 'none'; style-src {_hash(style)}; script-src {acting}; base-uri 'none'; form-action 'none'"


def _hash(source: str) -> str:
    digest = hashlib.sha256(source.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


@cache
def environment() -> Environment:
    """The environment of the templates."""
    made = Environment(
        loader=PackageLoader("rankfirst.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"told": told, "soft": soft}
    made.globals |= {"w": word, "a": assessed, "d": drifted, "known": known_word}
    made.globals |= {"phrase": phrase, "spoken": spoken, "charts": charts, "percent": percent}
    made.globals |= {"payload": plots.payload, "heads": recipes.heads}
    return made


def told(words: Both) -> Markup:
    """A phrase as HTML; in both languages if they differ. Text between backticks is code."""
    if words.en == words.zh:
        return Markup("{}").format(words.en)
    shown = (Markup(_CODE.sub(r"<code>\1</code>", str(escape(each)))) for each in (words.en, words.zh))
    return Markup('<span class="en" lang="en">{}</span><span class="zh" lang="zh">{}</span>').format(*shown)


def soft(name: str) -> Markup:
    """A name that may break after its separators, so that it need not break inside a word."""
    return Markup(_SEPARATOR.sub(r"\g<0><wbr>", str(escape(name))))


def word(code: str, **numbers: object) -> Markup:
    """A sentence of messages.report as HTML."""
    return told(phrase(code, **numbers))


def assessed(code: str, **numbers: object) -> Markup:
    """A sentence of messages.assess as HTML."""
    return told(spoken(code, **numbers))


def drifted(code: str, **numbers: object) -> Markup:
    """A sentence of messages.drift as HTML."""
    return told(both(f"drift.{code}", numbers))


def known_word(code: str, name: str) -> Markup:
    """The word for a name, or the name."""
    return told(known(code, clean(name)))
