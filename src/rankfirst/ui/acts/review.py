"""Rows whose labels are doubted, what a person decides about each, and the cleaned file that follows.

Decisions lie in `review.json` beside the assessment. Nothing is changed in the training file.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from rankfirst.data.files.write import SUFFIXES
from rankfirst.data.quality.cleaning import Fixed, changes_path, fix
from rankfirst.errors import OptionError
from rankfirst.measure.disk import write_whole
from rankfirst.messages import Lang
from rankfirst.records import Assessment, Example
from rankfirst.report.assessment import RECORD
from rankfirst.report.phrases import Both
from rankfirst.report.spreadsheets import reason, review_rows, write_changes
from rankfirst.ui.acts.home import Home, free, split_name
from rankfirst.ui.acts.jobs import Job

DECISIONS: Final = ("keep", "relabel", "drop")
_LISTS: Final = ("suspects", "conflicts")
_FILE: Final = "review.json"
_CORRECTIONS: Final = "corrections.jsonl"


@dataclass(frozen=True)
class Row:
    """A row to review, with what was decided."""

    line: int
    text: str
    labels: tuple[str, ...]  # as in the file
    suggested: tuple[str, ...]
    why: Both
    twin: str
    decision: str = ""  # one of DECISIONS; "": not yet
    decided: tuple[str, ...] = ()  # labels, if relabelled


@dataclass(frozen=True)
class Cleaned:
    """A cleaned copy that was written."""

    path: Path
    changes: Path
    corrections: Path
    fixed: Fixed


def rows_of(assessment: Assessment, job: Job) -> list[Row]:
    """The rows of the training file that an assessment doubts, in its order, each once."""
    decided, rows = read(job), dict[int, Row]()
    for key in _LISTS:
        for example in review_rows(assessment, key):
            if example.line and Path(example.file).name == _source(job).name and example.line not in rows:
                rows[example.line] = _row(example, key, decided.get(str(example.line), {}))
    return list(rows.values())


def _row(example: Example, key: str, decided: Mapping[str, Any]) -> Row:
    decision = decided.get("decision", "")
    labels = decided.get("labels", ())
    return Row(
        line=example.line,
        text=example.text,
        labels=example.labels,
        suggested=example.suggested,
        why=Both(reason(example, key, "en"), reason(example, key, "zh")),
        twin=example.twin,
        decision=decision if decision in DECISIONS else "",
        decided=tuple(map(str, labels)) if isinstance(labels, list) else (),
    )


def read(job: Job) -> dict[str, dict[str, Any]]:
    """Line -> decision, as written; empty if there is none."""
    try:
        written = json.loads((Path(job.out) / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {line: each for line, each in written.items() if isinstance(each, dict)} if isinstance(written, dict) else {}


def decide(job: Job, row: Row, decision: str, label: str, assessment: Assessment) -> Row:
    """Record a decision; "" takes one back.

    Args: label: for "relabel": a class, or several with `|` between them; "": the suggested ones.
    Raises: OptionError for an unknown class, none, or several where a row has one.
    """
    names = _names(label, assessment) if decision == "relabel" and label else row.suggested
    profile = assessment.profile
    if decision == "relabel" and (not names or (len(names) > 1 and not profile.multi_label)):
        raise OptionError("ui.review.one_label" if names else "ui.review.no_label")
    every = read(job)
    every.pop(str(row.line), None)
    if decision:
        every[str(row.line)] = {"decision": decision} | ({"labels": list(names)} if decision == "relabel" else {})
    write_whole(Path(job.out) / _FILE, json.dumps(every, ensure_ascii=False))
    return replace(row, decision=decision, decided=names if decision == "relabel" else ())


def _names(label: str, assessment: Assessment) -> tuple[str, ...]:
    classes, several = assessment.profile.classes, assessment.profile.multi_label
    names = (label,) if label in classes or not several else tuple(filter(None, map(str.strip, label.split("|"))))
    unknown = [name for name in names if name not in classes]
    if unknown:
        raise OptionError("ui.review.unknown", label=unknown[0][:80])
    return names


def clean(home: Home, job: Job, rows: Sequence[Row], lang: Lang) -> Cleaned:
    """Write a cleaned copy of the training file and a file with the corrections, as `assess --fix` does.

    Raises: OptionError if the file has changed since the assessment; DataError if it cannot be read.
    """
    source = _source(job)
    try:
        changed = source.stat().st_mtime_ns > (Path(job.out) / RECORD).stat().st_mtime_ns
    except OSError:
        changed = True
    if changed:  # lines would mean other rows
        raise OptionError("ui.review.changed", path=source.name)
    corrections = _write_corrections(Path(job.out) / _CORRECTIONS, rows)
    stem, suffix = split_name(source.name)
    home.uploads.mkdir(parents=True, exist_ok=True)
    out = free(home.uploads, f"{stem}-cleaned", suffix if suffix in SUFFIXES else ".csv")
    options = columns(job)
    fixed = fix(source, out, text=options.get("text"), label=options.get("label"), drop=("suspects",),
                lines={"suspects": [row.line for row in rows if row.decision == "drop"]},
                corrections=[corrections] if corrections.stat().st_size else [])  # fmt: skip
    write_changes(fixed.changes, changes_path(out), lang)
    return Cleaned(out, changes_path(out), corrections, fixed)


def _write_corrections(path: Path, rows: Sequence[Row]) -> Path:
    """The reviewed rows in a form that `assess --corrections` reads."""
    kept = [row for row in rows if row.decision in ("keep", "relabel")]
    named = [(row.text, row.decided if row.decision == "relabel" else row.labels) for row in kept]
    lines = [{"text": text, "label": names[0] if len(names) == 1 else list(names)} for text, names in named]
    write_whole(path, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    return path


def columns(job: Job) -> dict[str, str]:
    """The options of an assessment that what follows needs too: columns, base model, held-out files."""
    flags = {f"--{name.replace('_', '-')}": name for name in ("text", "label", "base_model", "val", "test")}
    parted = (word.partition("=") for word in job.words if word.startswith("--"))
    return {flags[flag]: value for flag, _, value in parted if flag in flags}


def _source(job: Job) -> Path:
    """The training file: the first word after the command."""
    return Path(job.words[1])
