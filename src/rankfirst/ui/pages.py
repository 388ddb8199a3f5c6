"""Render views as HTML, with the report's frame, style and script plus the templates of this package."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, PackageLoader
from markupsafe import Markup

from rankfirst.errors import RankfirstError
from rankfirst.messages import LANGS, Lang
from rankfirst.report.assessment import AssessmentView
from rankfirst.report.build import build
from rankfirst.report.events import Event
from rankfirst.report.html import WORST_SHOWN, chart_library, environment, policy, told
from rankfirst.report.phrases import Both, both, percent, same
from rankfirst.report.terminal import lines
from rankfirst.report.view_model import Page
from rankfirst.ui.compare import Comparison, span_words
from rankfirst.ui.compare_many import Many
from rankfirst.ui.going import Going
from rankfirst.ui.light_events import sound
from rankfirst.ui.run_row import Card, State, rung_word, time_words

HTMX: Final = "htmx.min.js"


@dataclass(frozen=True)
class Html:
    """A page and its content security policy."""

    text: str
    policy: str


@dataclass(frozen=True)
class RunsView:
    """The list of runs, as the template needs it."""

    cards: tuple[Card, ...]
    dataset: str
    subtitle: Both
    mark: str
    hidden: int = 0  # archived runs
    archived: bool = False  # whether they are shown


@dataclass(frozen=True)
class ErrorPage:
    """An error page."""

    words: Both
    dataset: str = "rankfirst"
    subtitle: Both = field(default_factory=lambda: same(""))


def runs_page(cards: Sequence[Card], title: str, lang: Lang, csrf: str = "", jobs: Sequence[Any] = (),
              archived: bool = False) -> Html:  # fmt: skip
    """The list of runs, below the queue. Args: archived: with the archived ones."""
    shown = listed(cards, archived)
    hidden = sum(card.notes.archived for card in cards)
    view = RunsView(shown, title, both("ui.subtitle"), mark(shown), hidden, archived)
    return page("runs.html.j2", view, lang, csrf, jobs=jobs, jobs_mark=mark(jobs))


def listed(cards: Sequence[Card], archived: bool) -> tuple[Card, ...]:
    """The runs that the list shows."""
    return tuple(card for card in cards if archived or not card.notes.archived)


def mark(cards: Sequence[Any]) -> str:
    """A hash that changes if any row does."""
    return hashlib.sha256(repr(cards).encode("utf-8", "replace")).hexdigest()[:16]


def rows(cards: Sequence[Card]) -> str:
    """The rows of the list only."""
    return _environment().get_template("list_rows.html.j2").render(v=RunsView(tuple(cards), "", same(""), ""))


def run_page(events: Sequence[Event], card: Card, others: Sequence[Card], examples: Any, lang: Lang, csrf: str = "",
             job: Any = None, going: Going | None = None) -> Html:  # fmt: skip
    """A run's current report, with a navigation bar.

    Args: job: the command of the queue that makes or made it. going: how it goes, if it does.
    """
    kin = sorted((c for c in others if c.id != card.id), key=lambda c: c.fingerprint != card.fingerprint)
    return page("run.html.j2", _view(events, card, examples), lang, csrf, card=card, others=kin, line=_line(events),
                newest=newest(events), job=job, going=going)  # fmt: skip


def newest(events: Sequence[Event]) -> Both:
    """One line from the latest event that has text: its first and its last line."""
    for event in reversed(sound(events)[0]):
        texts = [lines(event, lang) for lang in LANGS]
        if all(texts):
            return Both(*(" ".join(dict.fromkeys((t[0], t[-1].strip()))) for t in texts))
    return same("")


def run_part(events: Sequence[Event], card: Card, examples: Any, lang: Lang) -> str:
    """The parts of that page that change during the run: its sections and their index."""
    template = _environment().get_template("report.html.j2")
    context = template.new_context({"v": _view(events, card, examples), "lang": lang, "worst": WORST_SHOWN})
    nav, main = ("".join(template.blocks[name](context)) for name in ("nav", "main"))
    return f'<div data-line="{_line(events)}"><nav>{nav}</nav><main>{main}</main></div>'


def compare_page(view: Comparison, lang: Lang, csrf: str = "") -> Html:
    """Two runs side by side."""
    return page("compare.html.j2", view, lang, csrf)


def many_page(view: Many, lang: Lang, csrf: str = "") -> Html:
    """Any number of runs."""
    return page("many.html.j2", view, lang, csrf)


def error_page(words: Both, lang: Lang) -> Html:
    """The error page."""
    return page("sorry.html.j2", ErrorPage(words), lang)


def _view(events: Sequence[Event], card: Card, examples: Any) -> Page:
    """The report's view; a run that is still going on shows no command to resume it."""
    valid, invalid = sound(events)
    view = build(valid, examples)
    view = replace(view, unread=view.unread + invalid)
    if view.unfinished is not None and card.state is State.RUNNING:
        return replace(view, unfinished=both("ui.running_note"))
    return view


def _line(events: Sequence[Event]) -> int:
    return events[-1].line if events else 0


def page(template: str, view: object, lang: Lang, csrf: str = "", **more: object) -> Html:
    """A page of this package. Args: csrf: the token of its forms; "": it only reads."""
    templates = _environment()
    style = Markup("\n").join(_render(name) for name in ("report.css.j2", "ui.css.j2"))
    scripts = [_report_script(), _render("ui.js.j2")]
    if isinstance(view, Page | AssessmentView | Many):  # also before the first curve: fragments with curves may follow
        scripts.insert(0, chart_library())
    if csrf:
        scripts.insert(0, htmx())
        more = {**more, "referrer": "same-origin"}  # otherwise browsers send forms with `Origin: null`
    allowed = policy(style, scripts).replace("form-action 'none'", "form-action 'self'; connect-src 'self'")
    text = templates.get_template(template).render(
        v=view, lang=lang, worst=WORST_SHOWN, style=style, scripts=scripts, policy=allowed, csrf=csrf, **more
    )
    return Html(text, f"{allowed}; frame-ancestors 'none'")


def fragment(template: str, csrf: str, **more: object) -> str:
    """A part of a page that acts."""
    return _environment().get_template(template).render(csrf=csrf, **more)


@cache
def htmx() -> Markup:
    """The unmodified release of htmx, configured to add no styles, evaluate no code and call this server only."""
    source = files("rankfirst.ui").joinpath("static", HTMX).read_text("utf-8")
    settings = {"includeIndicatorStyles": False, "allowEval": False, "selfRequestsOnly": True, "historyCacheSize": 0}
    return Markup(f"{source}\nObject.assign(htmx.config, {json.dumps(settings)});")


def _render(name: str) -> Markup:
    return Markup(_environment().get_template(name).render())


def _report_script() -> Markup:
    """The report's script as a function of the document, so that fragments loaded later can be initialised."""
    return Markup("function rankfirstReport(document) {{\n{}\n}}\nrankfirstReport(document);").format(
        _render("report.js.j2")
    )


@cache
def _environment() -> Environment:
    """The templates of the report and of this package."""
    report = environment()
    templates = report.overlay(loader=ChoiceLoader([PackageLoader("rankfirst.ui"), PackageLoader("rankfirst.report")]))
    templates.globals = {**report.globals, "u": _word, "rung_word": rung_word, "wrong": words_of,
                    "time_words": time_words, "span_words": span_words, "figure": percent}  # fmt: skip
    return templates


def _word(code: str, **numbers: object) -> Markup:
    """A message of words.ui as HTML."""
    return told(both(f"ui.{code}", numbers))


def words_of(error: RankfirstError) -> Both:
    """An error in both languages."""
    return Both(error.sentence("en"), error.sentence("zh"))
