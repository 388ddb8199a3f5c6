"""Summarise all fits: one document, rendered as HTML, as JSON, and as lines for a terminal."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rankfirst.batch.single_fit import Done
from rankfirst.measure.disk import write_whole
from rankfirst.messages import Lang
from rankfirst.report.events import mapping, number
from rankfirst.report.narrative.document import Document, Section, Table, point
from rankfirst.report.narrative.html_page import as_html
from rankfirst.report.phrases import Both, both, duration, known, percent, same

COLUMNS = ("name", "delivered", "val", "test", "time", "folder")


def words(code: str, **numbers: object) -> Both:
    """A message of words.many, without its prefix."""
    return both(f"many.{code}", numbers)


def document(ended: Sequence[Done], jobs: int) -> Document:
    """Args: ended: outcomes so far. jobs: total number of jobs."""
    good = [done for done in ended if done.error is None]
    bad = [done for done in ended if done.error is not None]
    counts = words("counts", finished=len(good), failed=len(bad), jobs=jobs)
    head = tuple(words(f"column.{name}") for name in COLUMNS)
    sections = []
    if good:
        sections.append(Section(words("finished"), (Table(head, tuple(_row(done) for done in good)),)))
    if bad:
        lines = [point(Both(f"{d.name}: {d.error[0]}", f"{d.name}：{d.error[1]}")) for d in bad if d.error]
        sections.append(Section(words("failed"), tuple(lines)))
    return Document(words("title").en, words("title"), counts, tuple(sections))


def _row(done: Done) -> tuple[Both, ...]:
    summary = mapping(done.summary)
    spent = duration(number(summary.get("seconds")))
    time = words("earlier", time=spent) if done.earlier else spent
    ship = known("rung", str(summary.get("verdict", "–")))
    return (same(done.name), ship, score(summary, "val"), score(summary, "test"), time, same(Path(done.folder).name))


def score(summary: Mapping[str, Any], split: str) -> Both:
    """Macro-F1 of a split as a percentage, or a dash."""
    return same(percent(number(mapping(summary.get(split)).get("macro_f1"))))


def line(done: Done, at: int, jobs: int) -> Both:
    """The terminal line for a job that has just ended."""
    if done.error is not None:
        return Both(f"[{at}/{jobs}] {done.name}: {done.error[0]}", f"[{at}/{jobs}] {done.name}：{done.error[1]}")
    name, ship, val, _, time, _ = _row(done)
    return words("line", at=at, jobs=jobs, name=name, ship=ship, val=val, time=time)


def as_json(ended: Sequence[Done]) -> list[dict[str, Any]]:
    """One mapping per job, for programs."""
    return [_json(done) for done in ended]


def _json(done: Done) -> dict[str, Any]:
    summary = mapping(done.summary)
    splits = {split: mapping(summary.get(split)).get("macro_f1") for split in ("val", "test")}
    return {
        "name": done.name,
        "state": "finished" if done.error is None else "failed",
        "folder": done.folder,
        "verdict": summary.get("verdict"),
        "val_macro_f1": splits["val"],
        "test_macro_f1": splits["test"],
        "seconds": summary.get("seconds"),
        "earlier": done.earlier,
        "error": done.error[0] if done.error else None,
    }


def write(ended: Sequence[Done], jobs: int, out: Path, lang: Lang) -> None:
    """Write `summary.html` and `summary.json` to `out`, each atomically."""
    write_whole(out / "summary.json", json.dumps(as_json(ended), ensure_ascii=False, indent=1))
    write_whole(out / "summary.html", as_html(document(ended, jobs), lang))
