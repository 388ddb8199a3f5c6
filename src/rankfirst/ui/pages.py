"""HTML from views: the report's own frame, style and script, with the pieces of this room."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader
from markupsafe import Markup

from rankfirst.errors import RankfirstError
from rankfirst.report.build import build
from rankfirst.report.events import Event
from rankfirst.report.html import WORST_SHOWN, chart_library, environment, policy, told
from rankfirst.report.speech import Both, both, percent, same
from rankfirst.report.terminal import lines
from rankfirst.report.views import Page
from rankfirst.ui.card import Card, State, rung_word, time_words
from rankfirst.ui.compare import Comparison, span_words
from rankfirst.ui.lean import sound
from rankfirst.words import LANGS, Lang


@dataclass(frozen=True)
class Html:
    """A page and the policy it is sent with."""

    text: str
    policy: str


@dataclass(frozen=True)
class RunsView:
    """The list of runs, as the frame wants it."""

    cards: tuple[Card, ...]
    dataset: str
    subtitle: Both
    mark: str


@dataclass(frozen=True)
class Sorry:
    """A page that says why there is none."""

    words: Both
    dataset: str = "rankfirst"
    subtitle: Both = field(default_factory=lambda: same(""))


def runs_page(cards: Sequence[Card], title: str, lang: Lang) -> Html:
    """The list."""
    return _page("runs.html.j2", RunsView(tuple(cards), title, both("ui.subtitle"), mark(cards)), lang)


def mark(cards: Sequence[Card]) -> str:
    """Changes when a row does."""
    return hashlib.sha256(repr(cards).encode("utf-8", "replace")).hexdigest()[:16]


def rows(cards: Sequence[Card]) -> str:
    """The rows of the list alone."""
    return _environment().get_template("rows.html.j2").render(v=RunsView(tuple(cards), "", same(""), ""))


def run_page(events: Sequence[Event], told_of: Card, others: Sequence[Card], examples: Any, lang: Lang) -> Html:
    """A run's report as of now, under a bar."""
    kin = sorted((c for c in others if c.id != told_of.id), key=lambda c: c.fingerprint != told_of.fingerprint)
    return _page("run.html.j2", _view(events, told_of, examples), lang, card=told_of, others=kin, line=_line(events),
                 newest=newest(events))  # fmt: skip


def newest(events: Sequence[Event]) -> Both:
    """The last event that says something, in a line: how it begins and how it ends."""
    for event in reversed(sound(events)[0]):
        told = [lines(event, lang) for lang in LANGS]
        if all(told):
            return Both(*(" ".join(dict.fromkeys((t[0], t[-1].strip()))) for t in told))
    return same("")


def run_part(events: Sequence[Event], told_of: Card, examples: Any, lang: Lang) -> str:
    """What of that page changes while the run goes on: its sections and the list of them."""
    template = _environment().get_template("report.html.j2")
    context = template.new_context({"v": _view(events, told_of, examples), "lang": lang, "worst": WORST_SHOWN})
    nav, main = ("".join(template.blocks[name](context)) for name in ("nav", "main"))
    return f'<div data-line="{_line(events)}"><nav>{nav}</nav><main>{main}</main></div>'


def compare_page(view: Comparison, lang: Lang) -> Html:
    """Two runs side by side."""
    return _page("compare.html.j2", view, lang)


def sorry_page(words: Both, lang: Lang) -> Html:
    """Why there is nothing to show."""
    return _page("sorry.html.j2", Sorry(words), lang)


def _view(events: Sequence[Event], told_of: Card, examples: Any) -> Page:
    """The report's view; of a run that is still going on nobody is told how to continue it."""
    kept, strange = sound(events)
    view = build(kept, examples)
    view = replace(view, unread=view.unread + strange)
    if view.unfinished is not None and told_of.state is State.RUNNING:
        return replace(view, unfinished=both("ui.running_note"))
    return view


def _line(events: Sequence[Event]) -> int:
    return events[-1].line if events else 0


def _page(template: str, view: object, lang: Lang, **more: object) -> Html:
    made = _environment()
    style = Markup("\n").join(_render(name) for name in ("report.css.j2", "ui.css.j2"))
    scripts = [_report_script(), _render("ui.js.j2")]
    if isinstance(view, Page):  # also before its first curve: parts with curves come later
        scripts.insert(0, chart_library())
    allowed = policy(style, scripts).replace("form-action 'none'", "form-action 'self'; connect-src 'self'")
    text = made.get_template(template).render(
        v=view, lang=lang, worst=WORST_SHOWN, style=style, scripts=scripts, policy=allowed, **more
    )
    return Html(text, f"{allowed}; frame-ancestors 'none'")


def _render(name: str) -> Markup:
    return Markup(_environment().get_template(name).render())


def _report_script() -> Markup:
    """The report's script as a function of the document, so that parts which come later can be brought to life."""
    return Markup("function rankfirstReport(document) {{\n{}\n}}\nrankfirstReport(document);").format(
        _render("report.js.j2")
    )


@cache
def _environment() -> Environment:
    """The report's templates and ours."""
    report = environment()
    made = report.overlay(loader=ChoiceLoader([PackageLoader("rankfirst.ui"), PackageLoader("rankfirst.report")]))
    made.globals = {**report.globals, "u": _word, "rung_word": rung_word,
                    "time_words": time_words, "span_words": span_words, "figure": percent, "wrong": _wrong}  # fmt: skip
    return made


def _word(code: str, **numbers: object) -> Markup:
    """A sentence of words.ui as HTML."""
    return told(both(f"ui.{code}", numbers))


def _wrong(error: RankfirstError) -> Both:
    return Both(error.sentence("en"), error.sentence("zh"))
