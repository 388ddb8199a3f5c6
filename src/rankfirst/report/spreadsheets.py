"""CSV lists for a spreadsheet: rows to review, and the changes made by cleaning a file."""

import csv
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from rankfirst.measure.disk import replaced
from rankfirst.messages import Lang
from rankfirst.records import IN_MEMORY, Assessment, Changed, Example, Level
from rankfirst.report.phrases import percent, sentence

# File name -> key of `Assessment.reviews`; ambiguous pairs come from `Assessment.pairs`.
LISTS: Final = {
    "suspects.csv": "suspects",
    "conflicts.csv": "conflicts",
    "ambiguous_pairs.csv": "pairs",
    "shifted.csv": "shifted",
}
COLUMNS: Final = ("file", "line", "text", "given", "suggested", "score", "reason")
CORRECT: Final = "label"  # empty: for the corrected label, written by a reviewer (`--corrections`)
REVIEWED: Final = ("finding", "row", *COLUMNS)
CHANGE_COLUMNS: Final = ("line", "what", "before", "after", "reason")

# Characters that a spreadsheet may read as the start of a formula; full-width ones count in CJK locales.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Characters. A cell of Excel holds 32,767.
_CELL: Final = 32_000


def write_lists(assessment: Assessment, folder: Path, lang: Lang, bom: bool = False) -> tuple[Path, ...]:
    """Write the lists that have rows into `folder`; remove lists that are empty now.

    Args:
        lang: language of the reasons. bom: begin with a byte order mark, which Excel needs for Chinese.
    Returns: the files written, in the order of `LISTS`. Raises: OSError.
    """
    written = []
    for name, key in LISTS.items():
        rows = _rows_of(assessment, key, lang)
        if rows:
            write_csv(folder / name, (*COLUMNS, CORRECT), [[*row, ""] for row in rows], bom)
            written.append(folder / name)
        else:
            (folder / name).unlink(missing_ok=True)
    return tuple(written)


def counts(assessment: Assessment, name: str) -> dict[str, object]:
    """The rows of the list `name`, and how many of them are validation or test rows."""
    key = LISTS[name]
    pairs = [row for pair in assessment.pairs for row in pair.examples]
    rows = pairs if key == "pairs" else review_rows(assessment, key)
    return {"rows": f"{len(rows):,}", "others": f"{sum(row.split in ('val', 'test') for row in rows):,}"}


def listed(assessment: Assessment, lang: Lang) -> list[dict[str, object]]:
    """Every row to review, and the example rows of the other findings, one mapping per row with `REVIEWED` as keys.

    `row` is the position in the rows that were passed from Python (`df.iloc[row]`), else None; `file` and `line` are
    those of a file, else None.
    """
    found = [(name.removesuffix(".csv"), row) for name in LISTS for row in _rows_of(assessment, LISTS[name], lang)]
    for check in assessment.profile.checks:
        kind = check.code.rpartition(".")[2]
        if check.level is not Level.OK and kind not in LISTS.values():
            why = sentence(check.code, lang, check.numbers)
            found += [(kind, _row(row, why)) for row in assessment.examples.get(check.code, ())]
    return [_mapped(kind, row) for kind, row in found]


def _mapped(kind: str, row: Sequence[object]) -> dict[str, object]:
    file, line, text, given, suggested, score, why = row
    memory = file == IN_MEMORY and isinstance(line, int)
    place = (line - 1, None, None) if memory and isinstance(line, int) else (None, file or None, line or None)
    values = (kind, *place, text, given, suggested or None, None if score == "" else score, why)
    return dict(zip(REVIEWED, values, strict=True))


def write_changes(changes: Sequence[Changed], path: Path, lang: Lang, bom: bool = False) -> None:
    """Write the changes made by `data.fix`, one per line. Raises: OSError."""
    rows = [[c.line, c.what, c.before, c.after, _why_changed(c, lang)] for c in changes]
    write_csv(path, CHANGE_COLUMNS, rows, bom)


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]], bom: bool) -> None:
    """Write a table atomically; texts that a spreadsheet would run as a formula are prefixed with an apostrophe."""
    with replaced(path) as part, part.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([cell(value) for value in row] for row in rows)


def cell(value: object) -> object:
    """A value for a spreadsheet cell: numbers unchanged, texts never a formula and never too long."""
    if not isinstance(value, str):
        return value
    kept = value.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair cannot be written
    kept = kept if len(kept) <= _CELL else kept[: _CELL - 1] + "…"
    return f"'{kept}" if kept.startswith(_FORMULA) else kept


def review_rows(assessment: Assessment, key: str) -> tuple[Example, ...]:
    """Every row to review for "suspects", "conflicts" or "shifted"; if there are none, the example rows."""
    if key in assessment.reviews:
        return assessment.reviews[key]
    if key == "shifted":
        return tuple(row for shift in assessment.shifts if shift.between == "compare" for row in shift.rows)
    return tuple(row for code, rows in assessment.examples.items() if code.endswith(key) for row in rows)


def reason(row: Example, key: str, lang: Lang) -> str:
    """Why a row is on its list, with its numbers."""
    if row.why:
        return sentence(row.why, lang, {**_numbers(row), **row.numbers})
    numbers = _numbers(row)
    code = f"assess.why.{key}"
    if key == "conflicts" and row.twin_line:
        code += "_twin"
    elif key == "suspects" and row.score is not None and math.isfinite(row.score):
        code, numbers["label"] = _doubted(row)
    elif key in ("suspects", "shifted") and row.score is not None and math.isfinite(row.score):
        code += "_score"
    return sentence(code, lang, numbers)


def _doubted(row: Example) -> tuple[str, str]:
    """The code of the sentence on a suspect row, and the labels that it names."""
    over, missing = sorted({*row.labels} - {*row.suggested}), sorted({*row.suggested} - {*row.labels})
    if len(row.labels) == len(row.suggested) == len(over) == 1:
        kind = "other"
    elif len(over) + len(missing) == 1:
        kind = "without" if over else "missing"
    else:
        kind = "several" if over or missing else "score"
    return f"assess.why.suspects_{kind}", ", ".join([*over, *missing])


def _numbers(row: Example) -> dict[str, object]:
    return {
        "given": "|".join(row.labels) or "-",
        "suggested": "|".join(row.suggested) or "-",
        "score": row.score if row.score is not None else math.nan,
        "twin": row.twin,
        "twin_line": row.twin_line,
    }


def _rows_of(assessment: Assessment, key: str, lang: Lang) -> list[list[object]]:
    return _pairs(assessment, lang) if key == "pairs" else _reviews(assessment, key, lang)


def _reviews(assessment: Assessment, key: str, lang: Lang) -> list[list[object]]:
    return [_row(row, reason(row, key, lang)) for row in review_rows(assessment, key)]


def _pairs(assessment: Assessment, lang: Lang) -> list[list[object]]:
    return [
        _row(row, sentence("assess.why.pairs", lang, {"a": pair.a, "b": pair.b, "rate": percent(pair.rate)}))
        for pair in assessment.pairs
        for row in pair.examples
    ]


def _row(row: Example, why: str) -> list[object]:
    score = "" if row.score is None or not math.isfinite(row.score) else round(row.score, 4)
    given, suggested = "|".join(row.labels), "|".join(row.suggested)
    return [row.file, row.line or "", row.text, given, suggested, score, why]


def _why_changed(change: Changed, lang: Lang) -> str:
    join = "；" if lang == "zh" else "; "
    return join.join(sentence(code, lang, change.numbers) for code in change.why)
