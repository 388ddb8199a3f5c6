"""A drift check as a page, JSON, a list of rows to label, and lines for the terminal."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rankfirst.measure.disk import write_whole
from rankfirst.messages import Lang
from rankfirst.records import Candidate, Drift, EstimatedShare, Example, Figure, Reason, Retrain, to_json
from rankfirst.report.assessment import RowView, ShiftView, check_folder, row_view, shift_view
from rankfirst.report.assessment_lines import Line, chip, shift_words, where
from rankfirst.report.html import page
from rankfirst.report.phrases import Both, both, clean, duration, percent, same
from rankfirst.report.spreadsheets import write_csv
from rankfirst.report.text_layout import table, wrapped

PAGE: Final = "drift.html"
RECORD: Final = "drift.json"
LIST: Final = "candidates.csv"
TO_LABEL: Final = "to_label.csv"
COLUMNS: Final = ("file", "line", "text", "given", "suggested", "answer", "confidence", "group")
TO_LABEL_COLUMNS: Final = ("file", "line", "text", "label", "answer", "confidence")
_LOWEST: Final = 5  # classes of which an estimated precision is told
_EXAMPLES: Final = 5  # rows of a group on the page
_GROUPS: Final = 20  # groups on the page; the list has all
_SAID: Final = 5  # groups and classes in a terminal
_CLASSES: Final = 15
_WIDEST: Final = 110
_CHIP: Final = 11
_KIND: Final = {Retrain.YES: "warn", Retrain.NO: "quiet", Retrain.UNKNOWN: "note"}
_STYLE: Final = {Retrain.YES: "warn", Retrain.NO: "ok", Retrain.UNKNOWN: "note"}


@dataclass(frozen=True)
class ReasonView:
    """A rule that holds."""

    chip: Both
    style: str
    words: Both


@dataclass(frozen=True)
class FigureView:
    """A figure at delivery and on the new rows."""

    name: Both
    before: str
    after: str
    change: str


@dataclass(frozen=True)
class GroupView:
    """A candidate for a new class with a few rows."""

    words: Both
    rows: tuple[RowView, ...]


@dataclass(frozen=True)
class RecallView:
    """The recall of a class at delivery and on the new rows."""

    name: str
    before: str
    after: str
    change: str
    rows: int


@dataclass(frozen=True)
class DriftView:
    """The page, nothing left to compute."""

    dataset: str
    subtitle: Both
    answer: Both
    why: Both
    reasons: tuple[ReasonView, ...]  # all but the first, which is `why`
    figures: tuple[FigureView, ...]
    estimated: tuple[Both, ...]  # what is estimated without labels
    labelled: bool
    groups: tuple[GroupView, ...]
    answers: tuple[tuple[str, float, float], ...]
    recalls: tuple[RecallView, ...]
    shift: ShiftView
    command: str
    facts: tuple[tuple[Both, Both], ...]


def check_drift_folder(folder: Path) -> None:
    """Raises: RunError if `folder` holds something other than a drift check, or cannot be written."""
    check_folder(folder, RECORD, "drift.other_folder")


def write_drift(drift: Drift, folder: Path, lang: Lang, bom: bool = False) -> list[Line]:
    """Write page, JSON and the list of candidates, each atomically. Returns: lines that say where they are.

    Args:
        folder: created if missing. bom: begin the list with a byte order mark, which Excel needs for Chinese.
    Raises: OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / PAGE, render_drift(drift, lang))
    write_whole(folder / RECORD, json.dumps(to_json(drift), ensure_ascii=False) + "\n")
    lines = [_told("written.page", path=folder / PAGE), _told("written.json", path=folder / RECORD)]
    rows = [_listed(row, group, n) for n, group in enumerate(drift.seen.candidates, 1) for row in group.members]
    if rows:
        write_csv(folder / LIST, COLUMNS, rows, bom)
        lines.append(_told("written.list", path=folder / LIST, rows=f"{len(rows):,}"))
    else:
        (folder / LIST).unlink(missing_ok=True)
    (folder / TO_LABEL).unlink(missing_ok=True)
    if drift.to_label:
        asked = [(row.file, row.line or "", row.text, "", "|".join(row.suggested), round(row.score or 0.0, 4))
                 for row in drift.to_label]  # fmt: skip
        write_csv(folder / TO_LABEL, TO_LABEL_COLUMNS, asked, bom)
        lines.append(_told("written.to_label", path=folder / TO_LABEL, rows=f"{len(asked):,}"))
    lines.append(_told("written.no_texts", file=Path(drift.file).name))
    return [Line("", "plain"), *(Line(words[lang], "plain") for words in lines)]


def _listed(row: Example, group: Candidate, number: int) -> list[object]:
    given, answer = "|".join(row.labels), "|".join(row.suggested)
    return [row.file, row.line or "", row.text, given, group.name, answer, round(row.score or 0.0, 4), number]


def render_drift(drift: Drift, lang: Lang) -> str:
    """The HTML page; texts of the data are escaped, and the page makes no network requests."""
    return page("drift.html.j2", view(drift), lang)


def view(drift: Drift) -> DriftView:
    """The view model."""
    seen = drift.seen
    return DriftView(
        dataset=clean(Path(drift.run).name) or "rankfirst",
        subtitle=subtitle(drift),
        answer=_told(f"answer.{drift.answer.value}"),
        why=_reason(drift.reasons[0]),
        reasons=tuple(
            ReasonView(_told(f"chip.{own.answer.value}"), _STYLE[own.answer], _reason(own)) for own in drift.reasons[1:]
        ),
        figures=figures(drift),
        estimated=estimated_words(drift),
        labelled=seen.f1 is not None,
        groups=tuple(
            GroupView(_group(own), tuple(row_view(row) for row in own.members[:_EXAMPLES]))
            for own in seen.candidates[:_GROUPS]
        ),
        answers=tuple((clean(name), before, after) for name, before, after in seen.classes[:_CLASSES]),
        recalls=recalls(drift),
        shift=shift_view(seen.shift),
        command=clean(drift.command),
        facts=(
            (_told("fact.run"), same(drift.run)),
            (_told("fact.file"), same(drift.file)),
            (_told("fact.source"), _told(f"source.{seen.source}")),
            (_told("fact.labelled"), same(f"{seen.labelled:,}")),
            (_told("fact.seconds"), duration(drift.seconds)),
        ),
    )


def subtitle(drift: Drift) -> Both:
    """The two samples that were compared."""
    seen = drift.seen
    source = _told(f"source.{seen.source}")
    file = clean(Path(drift.file).name)
    return _told("subtitle", file=file, rows=f"{seen.rows:,}", looked=f"{seen.looked:,}", source=source)


def figures(drift: Drift) -> tuple[FigureView, ...]:
    """Macro-F1, confidence and abstention, if measured."""
    seen = drift.seen
    there = (("f1", seen.f1), ("confidence", seen.confidence), ("abstain", seen.abstain))
    return tuple(
        FigureView(_told(f"figure.{name}"), percent(own.before), percent(own.after), _change(own))
        for name, own in there
        if own is not None
    )


def estimated_words(drift: Drift) -> tuple[Both, ...]:
    """What is estimated without labels, or why it cannot be."""
    found = drift.estimated
    if found is None:
        return ()
    told = [_told(f"blind.{why}", **({"unlike": found.unlike} if why == "unlike" else {})) for why in found.blind]
    if found.corrected:
        told.append(_told("estimated.corrected", labelled=found.labelled))
    if not found.blind:
        told += [_estimate("f1", found.f1, rows=found.f1.rows)] if found.f1 is not None else []
        told += [_clause(clause) for clause in found.clauses]
        told += [_precision(own) for own in sorted(found.precision, key=lambda own: own.value)[:_LOWEST]]
    if drift.to_label:
        told.append(_told("to_label", rows=len(drift.to_label), path=TO_LABEL))
    return tuple(told)


def _estimate(code: str, own: EstimatedShare, **more: object) -> Both:
    shares = {"value": own.value, "low": own.low, "high": own.high}
    return _told(f"estimated.{code}", **shares, **more, **({"before": own.before} if code in ("f1", "class") else {}))


def _precision(own: EstimatedShare) -> Both:
    return _estimate("class" if own.before == own.before else "new_class", own, name=clean(own.name))


def _clause(own: EstimatedShare) -> Both:
    code = own.kind if own.name else f"{own.kind}_all"
    what = both(f"promise.short.{code}", {"least": own.least} | ({"name": clean(own.name)} if own.name else {}))
    return _estimate(own.verdict, own, what=what)


def recalls(drift: Drift) -> tuple[RecallView, ...]:
    """Recall by class, the largest fall first."""
    fallen = sorted(drift.seen.recalls, key=lambda own: (own.after - own.before, own.name))
    made = []
    for own in fallen:
        change = f"{100 * (own.after - own.before):+.1f} ± {196 * own.error:.1f}"
        made.append(RecallView(clean(own.name), percent(own.before), percent(own.after), change, own.rows_after))
    return tuple(made)


def drift_summary(drift: Drift, lang: Lang, width: int = 80) -> list[Line]:
    """Lines of at most `width` cells, the answer first; rows are named by line number, never quoted."""
    prose, seen = min(width, _WIDEST), drift.seen
    answer = _told("line.answer", answer=_told(f"answer.{drift.answer.value}"), why=_reason(drift.reasons[0]))
    made = [Line(text, "verdict") for text in wrapped(answer[lang], prose)]
    made += [Line(text, "quiet") for text in wrapped(subtitle(drift)[lang], prose)]
    if len(drift.reasons) > 1:
        made += _head("head.reasons", lang)
        for own in drift.reasons[1:]:
            made += chip(_told(f"chip.{own.answer.value}"), _reason(own), _KIND[own.answer], lang, prose, _CHIP)
    rows = [[_told(f"col.{name}")[lang] for name in ("figure", "before", "after", "change")]]
    rows += [[own.name[lang], own.before, own.after, own.change] for own in figures(drift)]
    head, *body = table(rows, width)
    made += [*_head("head.figures", lang), Line(head, "quiet"), *(Line(line, "table") for line in body)]
    if seen.f1 is None:
        made += _prose(_told("no_labels_given"), lang, prose)
    if found := estimated_words(drift):
        made += _head("head.estimated", lang)
        for words in found:
            made += _prose(words, lang, prose)
    if seen.candidates:
        made += _head("head.candidates", lang)
        for group in seen.candidates[:_SAID]:
            made += _prose(_group(group), lang, prose)
            made += _prose(where(group.members), lang, prose)
    if seen.classes:
        made += _head("moved_answers", lang)
        for name, before, after in seen.classes[:_SAID]:
            made += _prose(_told("line.share", name=name, before=percent(before), after=percent(after)), lang, prose)
    return [*made, *_head("head.shift", lang), *_prose(shift_words(seen.shift), lang, prose)]


def _group(own: Candidate) -> Both:
    name = same(own.name) if own.name else _told("unnamed")
    share = percent(own.nearest_share, 0)
    return _told("candidate", name=name, rows=own.rows, known=own.known, nearest=own.nearest, share=share)


def _reason(own: Reason) -> Both:
    return _told(f"rule.{own.rule}", **own.numbers)


def _change(own: Figure) -> str:
    return f"{100 * own.low:+.1f} … {100 * own.high:+.1f}"


def _told(code: str, **numbers: object) -> Both:
    return both(f"drift.{code}", numbers)


def _head(code: str, lang: Lang) -> list[Line]:
    return [Line("", "plain"), Line(_told(code)[lang], "head")]


def _prose(words: Both, lang: Lang, width: int) -> list[Line]:
    return [Line(text, "plain") for text in wrapped(words[lang], width, "  ", "    ")] if words[lang] else []
