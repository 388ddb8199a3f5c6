"""The choice between several base models: a table, the reason, and candidates that could not be compared."""

from collections.abc import Sequence

from rankfirst.records import BaseChoice, BaseVerdict
from rankfirst.report.events import Event, decode, last
from rankfirst.report.phrases import Both, both, clean, percent, plain_number, same, size
from rankfirst.report.view_model import BaseRow, BasesView

ABSENT = ("model.offline", "model.no_package", "model.no_folder", "model.no_modelscope")


def of_events(events: Sequence[Event]) -> BasesView | None:
    """The choice in a journal; None if a single base was named or another version wrote the event."""
    return view(decode(BaseChoice, last(events, "base_choice") or None))


def view(choice: BaseChoice | None) -> BasesView | None:
    """The section of a choice."""
    if choice is None:
        return None
    note = None
    if choice.verdicts:
        note = both("bases.note", {"on": both(f"bases.on.{choice.judged_on}", {"rows": f"{choice.rows:,}"})})
    names = ("base", "f1", "behind", "loss", "work", "size", "ms", "why")
    columns = tuple(both(f"bases.col.{name}") for name in names)
    return BasesView(both("bases.head"), used_words(choice), note, columns, tuple(map(_row, choice.verdicts)),
                     tuple(missing_words(choice)))  # fmt: skip


def used_words(choice: BaseChoice) -> Both:
    """The chosen base, and why."""
    if choice.verdicts:
        return both(choice.code, choice.numbers)
    return both("bases.used", {"spec": clean(choice.spec), "why": both(choice.code, choice.numbers)})


def missing_words(choice: BaseChoice) -> list[Both]:
    """Candidates that were not compared: unavailable ones in one line, unusable ones each with its reason."""
    absent = [clean(base.spec) for base in choice.missing if base.code in ABSENT]
    sentences = [both("bases.missing", {"specs": ", ".join(absent)})] if absent else []
    broken = [base for base in choice.missing if base.code not in ABSENT]
    return sentences + [both("bases.unusable", {"why": both(base.code, base.numbers)}) for base in broken]


def words(choice: BaseChoice) -> list[Both]:
    """The whole section as lines."""
    return [used_words(choice), *map(_line, choice.verdicts), *missing_words(choice)]


def _line(verdict: BaseVerdict) -> Both:
    cells = {
        "f1": percent(verdict.macro_f1),
        "work": _work(verdict),
        "ms": _ms(verdict),
        "size": size(verdict.megabytes),
    }
    why = both(verdict.code)
    if verdict.behind:
        behind = both("bases.behind", {"behind": 100 * verdict.behind, "noise": 100 * verdict.noise})
        why = Both(f"{why.en} ({behind.en})", f"{why.zh}（{behind.zh}）")
    return both("bases.line", {"spec": clean(verdict.spec), "why": why, **cells})


def _row(verdict: BaseVerdict) -> BaseRow:
    reads = both("bases.reads_after" if verdict.prefix else "bases.reads",
                 {"pooling": verdict.pooling, "prefix": verdict.prefix.strip()})  # fmt: skip
    behind = same("–")
    if verdict.behind:
        behind = both("bases.behind", {"behind": 100 * verdict.behind, "noise": 100 * verdict.noise})
    cells = (same(percent(verdict.macro_f1)), behind, same(plain_number(verdict.log_loss)), same(_work(verdict)),
             same(size(verdict.megabytes)), same(_ms(verdict)))  # fmt: skip
    return BaseRow(clean(verdict.spec), reads, cells, both(verdict.code), verdict.code == "bases.taken")


def _work(verdict: BaseVerdict) -> str:
    return f"{verdict.gigaflop:.3g}"


def _ms(verdict: BaseVerdict) -> str:
    return f"{verdict.ms_per_text:.1f}"
