"""Outputs of a notebook: self-contained HTML in one language, light or dark as the notebook is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from markupsafe import Markup

from rankfirst.errors import OptionError
from rankfirst.measure.disk import write_whole
from rankfirst.messages import Lang, say
from rankfirst.records import IN_MEMORY, Assessment
from rankfirst.report import assessment as appraisal
from rankfirst.report.build import build
from rankfirst.report.events import Event
from rankfirst.report.html import environment
from rankfirst.report.phrases import Both, phrase, same, spoken
from rankfirst.report.view_model import ConfusionView, MatrixView, Page, Plot, RecallView, RungView, Tile

KINDS: Final = ("curves", "recalls", "confusion")
_CLASSES: Final = 40  # bars of recall; the report lists all
_TILES: Final = 4


@dataclass(frozen=True)
class Pairs:
    """The most frequent confusions as a table; a cell has its text, and "wrong" or ""."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True)
class Card:
    """One output; empty parts are left out."""

    kicker: str = ""
    headline: str = ""
    lines: tuple[str, ...] = ()
    tiles: tuple[Tile, ...] = ()
    models: tuple[RungView, ...] = ()
    wide: Plot | None = None
    plots: tuple[Plot, ...] = ()
    recall: tuple[RecallView, ...] = ()
    matrix: MatrixView | None = None
    pairs: Pairs | None = None  # of a run that has no matrix
    table: tuple[Sequence[str], ...] = ()
    notes: tuple[str, ...] = ()
    folded: tuple[str, ...] = ()  # below a heading that unfolds them
    folder: str = ""  # that heading
    calls: tuple[str, ...] = ()  # what to run next

    @property
    def tested(self) -> bool:
        """Whether some model has a test score."""
        return any(rung.test != "–" for rung in self.models)


class Charts:
    """Charts that a notebook displays and `save` writes to a page."""

    def __init__(self, html: str, kinds: Sequence[str]) -> None:
        self.html, self.kinds = html, tuple(kinds)

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return f"Charts({', '.join(self.kinds)}): a notebook displays them; .save('charts.html') writes a page"

    def save(self, path: Path | str) -> Path:
        """Write the charts as a page of their own. Raises: OSError."""
        light = '<meta name="color-scheme" content="light dark">'
        head = f'<!doctype html><meta charset="utf-8">{light}<title>rankfirst</title>'
        write_whole(Path(path), f"{head}\n{self.html}\n")
        return Path(path)


def result_card(events: Sequence[Event], lang: Lang, report: str = "") -> str:
    """The verdict of a run as HTML. Args: report: the path of its report, if there is one."""
    page = build(events)
    verdict = page.verdict
    notes = (*((verdict.moves, *verdict.trained) if verdict else ()), page.unfinished)
    at = [say("cli.report_at", lang, path=report)] if report else []
    return _html(
        Card(
            kicker=_kicker(page.dataset),
            headline=verdict.headline[lang] if verdict else "",
            lines=_texts((verdict.why,), lang) if verdict else (),
            tiles=verdict.tiles[:_TILES] if verdict else (),
            models=page.ladder,
            notes=(*_texts(notes, lang), *at),
            calls=("result.leaderboard()", "result.plot()", "result.load().predict([...])"),
        ),
        lang,
    )


def assessment_card(assessment: Assessment, lang: Lang) -> str:
    """Whether LoRA is needed, and what was found, as HTML."""
    view = appraisal.view(assessment)
    found = tuple(f"{phrase(f'level.{f.check.level}')[lang]} · {f.check.words[lang]}" for f in view.findings)
    return _html(
        Card(
            kicker=_kicker(view.dataset),
            headline=view.headline[lang],
            lines=_texts((view.why, view.task), lang),
            tiles=view.tiles,
            models=view.ladder,
            notes=(*found, *_texts((*view.ladder_notes, *view.notes), lang)),
            folded=_texts(view.limits, lang),
            folder=spoken("head.limits")[lang],
            calls=("assessed.findings()", "assessed.rows()", 'assessed.save("assessment")'),
        ),
        lang,
    )


def charts_of(events: Sequence[Event], kind: str | None, lang: Lang) -> Charts:
    """The charts of a run. Args: kind: one of `KINDS`; None: all. Raises: OptionError for another kind."""
    if kind is not None and kind not in KINDS:
        raise OptionError("notebook.bad_plot", kind=kind, known=", ".join(KINDS))
    page = build(events)
    made = {"curves": _curves, "recalls": _recalls, "confusion": _confusion}
    kinds = KINDS if kind is None else (kind,)
    cards = [made[name](page, lang) for name in kinds]
    return Charts("\n".join(_html(card, lang) for card in cards), kinds)


def table_html(cells: Sequence[Sequence[str]], notes: Sequence[str], lang: Lang) -> str:
    """A table as HTML, its heading first."""
    return _html(Card(table=tuple(cells), notes=tuple(notes)), lang)


def _kicker(dataset: str) -> str:
    """The product, and the name of the data if they have one."""
    return "rankfirst" if dataset in ("rankfirst", IN_MEMORY) else f"rankfirst · {dataset}"


def _curves(page: Page, lang: Lang) -> Card:
    last = page.probes[-1] if page.probes else None
    notes = (last.outcome[lang], *(k.words[lang] for k in last.knobs)) if last else (say("notebook.no_curves", lang),)
    return Card(
        kicker=phrase("head.probes")[lang],
        headline=last.title[lang] if last else "",
        wide=None if page.overview is None else _single(page.overview, lang),
        plots=tuple(_single(plot, lang) for plot in last.plots) if last else (),
        notes=(" · ".join(notes),),
    )


def _recalls(page: Page, lang: Lang) -> Card:
    more = len(page.recall) - _CLASSES
    notes = [phrase("note.recall")[lang]] if page.recall else [say("notebook.no_recall", lang)]
    notes += [say("notebook.more_classes", lang, more=more)] if more > 0 else []
    return Card(kicker=phrase("head.recall")[lang], recall=page.recall[:_CLASSES], notes=tuple(notes))


def _confusion(page: Page, lang: Lang) -> Card:
    whole = page.matrix
    if whole is not None:
        hidden = [phrase("matrix.hidden", count=whole.hidden)] if whole.hidden else []
        notes = _texts([phrase("matrix.note"), *hidden], lang)
        return Card(kicker=phrase("matrix.title")[lang], matrix=whole, notes=notes)
    made = frequent(page.confusions)
    none = "notebook.several_labels" if page.multi_label else "notebook.no_confusion"
    notes = (phrase("note.confusions")[lang],) if made else (say(none, lang),)
    return Card(kicker=phrase("head.confusions")[lang], pairs=made, notes=notes)


def frequent(pairs: Sequence[ConfusionView]) -> Pairs | None:
    """The most frequent confusions as a table: true classes down, predicted ones across, the most rows first."""
    if not pairs:
        return None
    counts = {(pair.truth, pair.predicted): pair.count for pair in pairs}
    down, across = dict.fromkeys(pair.truth for pair in pairs), dict.fromkeys(pair.predicted for pair in pairs)
    rows = tuple(
        (truth, tuple((counts.get((truth, name), ""), "wrong" if (truth, name) in counts else "") for name in across))
        for truth in down
    )
    return Pairs(tuple(across), rows)


def _single(plot: Plot, lang: Lang) -> Plot:
    """The chart with its texts in one language, since a notebook has no switch."""

    def one(words: Both | None) -> Both | None:
        return None if words is None else same(words[lang])

    return replace(
        plot,
        title=same(plot.title[lang]),
        series=tuple(replace(series, name=same(series.name[lang])) for series in plot.series),
        labels=tuple(same(label[lang]) for label in plot.labels),
        level_name=one(plot.level_name),
        across=one(plot.across),
    )


def _texts(words: Sequence[Both | None], lang: Lang) -> tuple[str, ...]:
    return tuple(each[lang] for each in words if each is not None and each[lang])


def _html(card: Card, lang: Lang) -> str:
    made = environment()

    def told(code: str, **numbers: object) -> str:
        return phrase(code, **numbers)[lang]

    return made.get_template("card.html.j2").render(v=card, lang=lang, t=told, style=style())


def style() -> Markup:
    """The style of every output; all its rules are below `.rankfirst`, so the notebook keeps its own."""
    made = environment()
    charts = made.get_template("charts.css.j2").render()
    return Markup(made.get_template("card.css.j2").render(charts=Markup(scoped(charts))))


def scoped(css: str) -> str:
    """The rules of `css`, which must not be nested, below `.rankfirst`."""

    def below(rule: "re.Match[str]") -> str:
        selectors = ", ".join(f".rankfirst {each.strip()}" for each in rule[1].split(","))
        return f"{selectors} {{{rule[2]}}}\n"

    return re.sub(r"\s*([^{}]+?)\s*\{([^{}]*)\}\s*", below, css)
