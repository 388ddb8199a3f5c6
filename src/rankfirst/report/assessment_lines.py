"""An assessment in plain lines, the verdict first; the kind of a line determines its colour in the CLI."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rankfirst.messages import Lang
from rankfirst.records import Assessment, Check, Example, Level, Rung, Shift, Verdict, to_json
from rankfirst.report import base_choice
from rankfirst.report.ceilings import capacity_words, ceiling_words, learning_words
from rankfirst.report.figure_notes import unjudged_words
from rankfirst.report.phrases import Both, both, duration, interval, joined, known, percent, same, size, spoken
from rankfirst.report.text_layout import padded, table, wrapped

FINDINGS: Final = ("level", "code", "finding")  # keys of `findings`
# Cells. Longer lines of prose are hard to read, however wide the window.
_WIDEST: Final = 110
_CHIP: Final = 8  # cells for a level or verdict before its sentence
_LINES_SHOWN: Final = 8  # line numbers of example rows in one sentence
_ORDER: Final = (Level.WARN, Level.NOTE)
_WEIGHT: Final = {Verdict.PRESENT: "warn", Verdict.UNKNOWN: "note", Verdict.ABSENT: "quiet"}


@dataclass(frozen=True)
class Line:
    """One line for a terminal."""

    text: str
    kind: str = "plain"  # verdict, head, table, warn, note, quiet or plain


def summary(assessment: Assessment, lang: Lang, width: int = 80) -> list[Line]:
    """The results in lines of at most `width` cells, without control characters.

    In order: whether LoRA is needed, the ladder, the task, the limits, findings by weight, shifts, time and memory.
    """
    prose = min(width, _WIDEST)
    made = [Line(text, "verdict") for text in wrapped(answer_words(assessment)[lang], prose)]
    made += _ladder(assessment.rungs, lang, width)
    made += [line for words in unjudged_notes(assessment) for line in _lines(words, "warn", lang, prose)]
    if assessment.base_choice is not None:
        made += _section(both("bases.head"), base_choice.words(assessment.base_choice), lang, prose)
    made += _section(spoken("head.limits"), limit_words(assessment), lang, prose)
    made += _findings(assessment, lang, prose)
    made += _shifts(assessment.shifts, lang, prose)
    took = took_words(assessment)
    return [*made, Line("", "plain"), *_lines(took, "quiet", lang, prose)] if took else made


def written(files: Sequence[tuple[str, Path, Mapping[str, object]]], lang: Lang) -> list[Line]:
    """Lines that say where the files are, from (what, path, numbers)."""
    lines = [Line(spoken(f"written.{what}", path=path, **more)[lang], "plain") for what, path, more in files]
    return [Line("", "plain"), *lines]


def findings(assessment: Assessment, lang: Lang) -> list[dict[str, str]]:
    """Every finding with its level and its code: checks by weight, notes on reading, shifts."""
    checks = [(c.level.value, c.code, both(c.code, c.numbers)) for c in by_weight(assessment.profile.checks)]
    notes = [("note", code, both(code, dict(numbers))) for code, numbers in assessment.notes]
    shifts = [(_WEIGHT[s.verdict], s.code, spoken("shift.line", between=known_between(s.between), words=shift_words(s)))
              for s in assessment.shifts if s.verdict is not Verdict.ABSENT]  # fmt: skip
    return [{"level": level, "code": code, "finding": words[lang]} for level, code, words in (*checks, *notes, *shifts)]


def answer_words(assessment: Assessment) -> Both:
    """Whether LoRA is needed, with the numbers behind the answer."""
    need = assessment.need
    if need is None:
        return spoken("answer.none")
    return spoken("line.answer", why=both(need.code, need.numbers))


def unjudged_notes(assessment: Assessment) -> tuple[Both, ...]:
    """Which classes no figure of the table covers, because validation has no rows of them."""
    words = unjudged_words("val", to_json(assessment.rungs[0].val)) if assessment.rungs else None
    return (words,) if words else ()


def limit_words(assessment: Assessment) -> list[Both]:
    """The task, the two ceilings and their derivation, and the learning curve."""
    ceilings = [*ceiling_words(assessment), *capacity_words(assessment)]
    return [task_words(assessment), *ceilings, *learning_words(assessment.learning)]


def task_words(assessment: Assessment) -> Both:
    """Complexity, size and classes in one sentence."""
    p = assessment.profile
    return spoken(
        "task",
        complexity=spoken(f"complexity.{p.complexity.value}"),
        tier=spoken(f"tier.{p.size_tier.value}"),
        rows=f"{p.n_train:,}",
        classes=f"{len(p.classes):,}",
        effective=f"{p.effective_classes:.1f}",
        labels=f"{p.labels_per_row:.2f}",
        script=known("script", p.script),
    )


def took_words(assessment: Assessment) -> Both | None:
    """Time and memory, if they were measured."""
    if not assessment.seconds:
        return None
    time = duration(sum(assessment.seconds.values()))
    if not assessment.peak_megabytes:
        return spoken("took_time", time=time)
    return spoken("took", time=time, memory=memory(assessment.peak_megabytes))


def memory(megabytes: float) -> str:
    """Memory that was used."""
    return f"{megabytes:,.0f} MB"


def latency(rung: Rung) -> str:
    """Milliseconds per text; empty if not measured."""
    value = rung.ms_per_text
    return "" if not value else f"{value:.2f}" if value < 10 else f"{value:.0f}"


def by_weight(checks: Sequence[Check]) -> list[Check]:
    """Findings with warnings before notes, in their original order within a level."""
    return [check for level in _ORDER for check in checks if check.level is level]


def where(rows: Sequence[Example]) -> Both:
    """Line numbers of some example rows; empty if they come from no file."""
    lines = [str(row.line) for row in rows if row.line]
    more = ", …" if len(lines) > _LINES_SHOWN else ""
    return spoken("lines", lines=", ".join(lines[:_LINES_SHOWN]) + more) if lines else same("")


def _ladder(rungs: Sequence[Rung], lang: Lang, width: int) -> list[Line]:
    if not rungs:
        return []
    columns = ("rung", "f1", "interval", "tail", "time", "size", "latency", "accuracy")
    rows = [[spoken(f"col.{name}")[lang] for name in columns]] + [_rung(rung, lang) for rung in rungs]
    head, *body = table(rows, width)
    return [*_head(spoken("head.ladder"), lang), Line(head, "quiet"), *(Line(line, "table") for line in body)]


def _rung(rung: Rung, lang: Lang) -> list[str]:
    scores = rung.val
    return [
        known("rung", rung.name)[lang],
        percent(scores.macro_f1),
        interval(*scores.interval) or "–",
        percent(scores.tail_recall),
        duration(rung.seconds)[lang],
        size(rung.megabytes),
        latency(rung) or "–",
        percent(scores.accuracy),
    ]


def _findings(assessment: Assessment, lang: Lang, width: int) -> list[Line]:
    lines = _head(spoken("head.findings"), lang)
    for check in by_weight(assessment.profile.checks):
        words = both(check.code, check.numbers)
        place = where(assessment.examples.get(check.code, ()))
        sentence = joined([words, place], " ", "") if place.en else words
        lines += chip(known("level", check.level.value), sentence, check.level.value, lang, width)
    for code, numbers in assessment.notes:
        lines += chip(known("level", "note"), both(code, dict(numbers)), "note", lang, width)
    fine = sum(check.level is Level.OK for check in assessment.profile.checks)
    return [*lines, *_lines(spoken("fine", count=fine), "quiet", lang, width)] if fine else lines


def _shifts(shifts: Sequence[Shift], lang: Lang, width: int) -> list[Line]:
    lines = _head(spoken("head.shifts"), lang) if shifts else []
    for shift in shifts:
        words = spoken("shift.line", between=known_between(shift.between), words=shift_words(shift))
        verdict = spoken(f"verdict.{shift.verdict.value}")
        lines += chip(verdict, words, _WEIGHT[shift.verdict], lang, width)
    return lines


def shift_words(shift: Shift) -> Both:
    """The result of a comparison, and where the shift is largest."""
    sentences = [both(shift.code, shift.numbers)]
    if shift.verdict is Verdict.PRESENT and "evidence" in shift.numbers:
        sentences.append(both(f"shift.evidence.{shift.numbers['evidence']}"))
    return joined(sentences, " ", "")


def known_between(between: str) -> Both:
    """The names of the two samples of a comparison."""
    sentence = spoken(f"between.{between}")
    return same(between) if sentence.en.startswith("assess.between.") else sentence


def chip(name: Both, words: Both, kind: str, lang: Lang, width: int, cells: int = _CHIP) -> list[Line]:
    """A level or verdict, padded to `_CHIP` cells, before its sentence."""
    first = f"  {padded(name[lang], cells)} "
    return [Line(text, kind) for text in wrapped(words[lang], width, first, " " * (cells + 3))]


def _section(head: Both, sentences: Sequence[Both], lang: Lang, width: int) -> list[Line]:
    return [*_head(head, lang), *(line for words in sentences for line in _lines(words, "plain", lang, width))]


def _lines(words: Both, kind: str, lang: Lang, width: int) -> list[Line]:
    return [Line(text, kind) for text in wrapped(words[lang], width, "  ", "  ")]


def _head(words: Both, lang: Lang) -> list[Line]:
    return [Line("", "plain"), Line(words[lang], "head")]
