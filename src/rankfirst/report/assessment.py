"""An assessment as files: one HTML page, JSON for programs, and lists for a spreadsheet."""

import errno
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rankfirst.errors import RunError
from rankfirst.measure.disk import write_whole
from rankfirst.messages import Lang
from rankfirst.records import Assessment, Check, DataCeiling, Example, Learning, Level, Pair, Rung, Shift, to_json
from rankfirst.report import base_choice, spreadsheets
from rankfirst.report.assessment_lines import (
    Line,
    answer_words,
    by_weight,
    known_between,
    latency,
    memory,
    shift_words,
    task_words,
    unjudged_notes,
    written,
)
from rankfirst.report.ceilings import capacity_words, ceiling_words, learning_words, span_words
from rankfirst.report.html import page
from rankfirst.report.phrases import Both, both, clean, duration, interval, joined, known, percent, same, size, spoken
from rankfirst.report.rungs import one
from rankfirst.report.view_model import BasesView, CheckView, Plot, RungView, Series, Span, Tile

PAGE: Final = "assessment.html"
RECORD: Final = "assessment.json"
_TEXT: Final = 240  # characters shown of a row's text
_ROWS: Final = 12  # example rows of a finding
_SIDE: Final = 4  # example rows of each side of a pair
_MOVED: Final = 12  # classes and words of a shift


@dataclass(frozen=True)
class RowView:
    """A row to review; empty texts if unknown."""

    text: str
    given: str
    suggested: str
    where: str
    score: str
    twin: Both | None


@dataclass(frozen=True)
class FindingRows:
    """A data finding with rows that show it."""

    check: CheckView
    rows: tuple[RowView, ...]


@dataclass(frozen=True)
class ClassView:
    """One class and its training rows."""

    name: str
    rows: int
    share: float  # of the largest class
    tail: bool


@dataclass(frozen=True)
class PairView:
    """Two classes, how often they are confused, and example rows of each."""

    names: tuple[str, str]
    rate: str
    sides: tuple[tuple[RowView, ...], tuple[RowView, ...]]


@dataclass(frozen=True)
class ShiftView:
    """Two samples compared."""

    verdict: str
    between: Both
    words: Both
    classes: tuple[tuple[str, float, float], ...]
    terms: tuple[tuple[str, float, float], ...]
    outside: int
    rows: tuple[RowView, ...]


@dataclass(frozen=True)
class AssessmentView:
    """The page, nothing left to compute."""

    dataset: str
    subtitle: Both
    multi_label: bool
    headline: Both
    why: Both
    task: Both
    tiles: tuple[Tile, ...]
    ladder: tuple[RungView, ...]
    bases: BasesView | None
    findings: tuple[FindingRows, ...]
    fine: tuple[CheckView, ...]
    notes: tuple[Both, ...]
    classes: tuple[ClassView, ...]
    pairs: tuple[PairView, ...]
    shifts: tuple[ShiftView, ...]
    limits: tuple[Both, ...]
    learning: Plot | None
    command: str
    facts: tuple[tuple[Both, Both], ...]
    ladder_notes: tuple[Both, ...] = ()


def check_folder(folder: Path, record: str = RECORD, code: str = "assess.other_folder") -> None:
    """Raises: RunError with `code` if `folder` holds files but no `record`; RunError if it cannot be written."""
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / record).is_file())):
        raise RunError(code, path=str(folder))
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not os.access(there, os.W_OK):
        raise RunError("run.unwritable", path=str(folder), why=os.strerror(errno.EACCES))


def write_assessment(assessment: Assessment, folder: Path, lang: Lang, bom: bool = False) -> list[Line]:
    """Write page, JSON and lists into `folder`, each atomically. Returns: lines that say where they are.

    Args:
        folder: created if missing. lang: initial language of the page, and language of reasons. bom: see `write_lists`.
    Raises: OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / PAGE, render(assessment, lang))
    write_whole(folder / RECORD, json.dumps(to_json(assessment), ensure_ascii=False) + "\n")
    files: list[tuple[str, Path, dict[str, object]]] = [("page", folder / PAGE, {}), ("json", folder / RECORD, {})]
    for path in spreadsheets.write_lists(assessment, folder, lang, bom):
        files.append(("list", path, spreadsheets.counts(assessment, path.name)))
    return written(files, lang)


def render(assessment: Assessment, lang: Lang) -> str:
    """The HTML page of an assessment; texts of the data are escaped, and the page makes no network requests."""
    return page("assessment.html.j2", view(assessment), lang)


def view(assessment: Assessment) -> AssessmentView:
    """The view model."""
    profile, need = assessment.profile, assessment.need
    quiet = [check for check in profile.checks if check.level is Level.OK]
    subtitle = [same(clean(assessment.base_model))] if assessment.base_model else []
    return AssessmentView(
        dataset=clean(assessment.dataset) or "rankfirst",
        subtitle=joined([*subtitle, spoken(f"tier.{profile.size_tier.value}_rows")], " · ", " · "),
        multi_label=profile.multi_label,
        headline=spoken(f"answer.{need.answer.value}") if need else answer_words(assessment),
        why=both(need.code, need.numbers) if need else same(""),
        task=task_words(assessment),
        tiles=_tiles(assessment),
        ladder=tuple(_rung(rung) for rung in assessment.rungs),
        bases=base_choice.view(assessment.base_choice),
        findings=tuple(_finding(check, assessment) for check in by_weight(profile.checks)),
        fine=tuple(_check(check) for check in quiet),
        notes=tuple(both(code, dict(numbers)) for code, numbers in assessment.notes),
        classes=_classes(assessment),
        pairs=tuple(_pair(pair) for pair in assessment.pairs),
        shifts=tuple(shift_view(shift) for shift in assessment.shifts),
        limits=(*ceiling_words(assessment), *capacity_words(assessment), *learning_words(assessment.learning)),
        learning=_learning(assessment.learning, assessment.ceiling),
        command=clean(assessment.command),
        facts=_facts(assessment),
        ladder_notes=unjudged_notes(assessment),
    )


def _tiles(assessment: Assessment) -> tuple[Tile, ...]:
    made = []
    best = max(assessment.rungs, key=lambda rung: rung.val.macro_f1, default=None)
    if best is not None:
        reached = same(percent(best.val.macro_f1))
        made.append(Tile(spoken("tile.best"), reached, known("rung", best.name)))
    if assessment.ceiling is not None:
        below = span_words(assessment.ceiling)
        made.append(Tile(spoken("tile.ceiling"), same(percent(assessment.ceiling.macro_f1)), below))
    if "rank" in assessment.capacity:
        rank = spoken("tile.rank_value", rank=assessment.capacity["rank"])
        made.append(Tile(spoken("tile.rank"), rank, spoken("tile.rank_note")))
    profile = assessment.profile
    tier = spoken(f"tier.{profile.size_tier.value}_rows")
    return (*made, Tile(spoken("tile.complexity"), spoken(f"complexity.{profile.complexity.value}"), tier))


def _rung(rung: Rung) -> RungView:
    low, high = rung.val.interval
    return RungView(
        name=known("rung", rung.name),
        about=one(to_json(rung)).about,
        shipped=False,
        val=Span(rung.val.macro_f1, low, high),
        interval=interval(low, high),
        tail=rung.val.tail_recall,
        accuracy=percent(rung.val.accuracy),
        test=percent(rung.test.macro_f1 if rung.test else None),
        seconds=duration(rung.seconds),
        size=size(rung.megabytes),
        latency=latency(rung),
    )


def _check(check: Check) -> CheckView:
    return CheckView(check.level.value, both(check.code, check.numbers), "")


def _finding(check: Check, assessment: Assessment) -> FindingRows:
    rows = assessment.examples.get(check.code, ())
    return FindingRows(_check(check), tuple(row_view(row) for row in rows[:_ROWS]))


def row_view(row: Example) -> RowView:
    """The view of a row."""
    place = f"{Path(row.file).name}:{row.line}" if row.file and row.line else str(row.line or "")
    twin = None
    if row.twin:
        twin = spoken("twin", line=row.twin_line, text=_cut(row.twin)) if row.twin_line else same(_cut(row.twin))
    return RowView(
        text=_cut(row.text),
        given=clean(" | ".join(row.labels)),
        suggested=clean(" | ".join(row.suggested)),
        where=clean(place),
        score=_score(row.score),
        twin=twin,
    )


def _score(value: float | None) -> str:
    if value is None or value != value:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _cut(text: str) -> str:
    shown = clean(text)
    return shown if len(shown) <= _TEXT else shown[: _TEXT - 1] + "…"


def _classes(assessment: Assessment) -> tuple[ClassView, ...]:
    """Classes by size, the largest first; equal ones by name."""
    profile = assessment.profile
    tail, most = set(profile.rare), max(profile.class_counts, default=0) or 1
    made = [ClassView(clean(profile.classes[i]), n, n / most, i in tail) for i, n in enumerate(profile.class_counts)]
    return tuple(sorted(made, key=lambda c: (-c.rows, c.name)))


def _pair(pair: Pair) -> PairView:
    sides = tuple(
        tuple(row_view(row) for row in pair.examples if name in row.labels and other not in row.labels)[:_SIDE]
        for name, other in ((pair.a, pair.b), (pair.b, pair.a))
    )
    return PairView((clean(pair.a), clean(pair.b)), percent(pair.rate), (sides[0], sides[1]))


def shift_view(shift: Shift) -> ShiftView:
    """The view of a comparison of two samples."""
    return ShiftView(
        verdict=shift.verdict.value,
        between=known_between(shift.between),
        words=shift_words(shift),
        classes=tuple((clean(name), before, after) for name, before, after in shift.classes[:_MOVED]),
        terms=tuple((clean(name), before, after) for name, before, after in shift.words[:_MOVED]),
        outside=shift.outside,
        rows=tuple(row_view(row) for row in shift.rows[:_ROWS]),
    )


def _learning(found: Learning | None, ceiling: DataCeiling | None) -> Plot | None:
    """The learning curve by number of rows, with the data ceiling as a reference line."""
    if found is None:
        return None
    curve = Series(spoken("learning.series"), tuple(map(float, found.rows)), found.macro_f1, dots=True)
    if ceiling is None:
        return Plot(spoken("learning.chart"), (curve,), share=True)
    name = spoken("tile.ceiling")
    return Plot(spoken("learning.chart"), (curve,), share=True, level=ceiling.macro_f1, level_name=name)


def _facts(assessment: Assessment) -> tuple[tuple[Both, Both], ...]:
    base = same(clean(assessment.base_model)) if assessment.base_model else spoken("fact.no_base")
    profile = assessment.profile
    made = [
        (spoken("fact.base_model"), base),
        (spoken("fact.rows"), same(f"{profile.n_train:,} / {profile.n_val:,} / {profile.n_test:,}")),
    ]
    if assessment.seconds:
        made.append((spoken("fact.seconds"), duration(sum(assessment.seconds.values()))))
    if assessment.peak_megabytes:
        made.append((spoken("fact.memory"), same(memory(assessment.peak_megabytes))))
    return tuple(made)
