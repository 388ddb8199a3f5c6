"""A run that continues another one: where it comes from, and how the two models compare."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rankfirst.report.events import Event, last, listing, mapping, number
from rankfirst.report.phrases import Both, both, clean, joined, known, same

LISTED: Final = 12  # names or classes in a line or a list; the journal has all
_ALONE: Final = (
    0.0228  # one-sided probability of two standard errors: how often chance alone makes a class fall "perhaps"
)


def parent_words(event: Event) -> list[Both]:
    """The parent run, the growth of the rows, and the starting point."""
    payload = event.payload
    before, after = mapping(payload.get("rows_before")), mapping(payload.get("rows_after"))
    sizes = {f"{split}_before": _count(before.get(split)) for split in ("train", "val", "test")}
    sizes |= {split: _count(after.get(split)) for split in ("train", "val", "test")}
    run, sha = clean(payload.get("run") or "–"), clean(payload.get("journal_sha256") or "–")[:12]
    lines = [both("renew.from", {"run": run, "sha": sha, "ship": known("rung", clean(payload.get("ship") or "–"))}),
             both("renew.rows", sizes)]  # fmt: skip
    names = [clean(name) for name in listing(payload.get("new_classes"))]
    if names:
        shown = joined([same(name) for name in names[:LISTED]])
        more = f" (+{len(names) - LISTED})" if len(names) > LISTED else ""
        lines.append(both("renew.classes", {"count": len(names), "names": Both(shown.en + more, shown.zh + more)}))
    if payload.get("left_out"):
        lines.append(both("renew.left_out", {"rows": _count(payload["left_out"])}))
    return [*lines, both(f"renew.weights.{clean(payload.get('weights') or 'none')}")]


def page_words(events: Sequence[Event]) -> tuple[Both, ...]:
    """For the page: the comparison, then the parent run; empty for a run without a parent."""
    sentences: list[Both] = []
    for kind, words in (("versus", versus_words), ("parent", parent_words)):
        payload = last(events, kind)
        sentences += words(Event(kind, "", payload)) if payload else []
    return tuple(sentences)


def versus_words(event: Event) -> list[Both]:
    """The verdict with its numbers, then the classes that lost recall."""
    payload = event.payload
    numbers = mapping(payload.get("numbers"))
    verdict = both(f"versus.verdict.{clean(payload.get('verdict') or 'unsure')}")
    lines = [both("versus.line", {"verdict": verdict, "why": both(clean(payload.get("code") or "–"), numbers)})]
    if numbers.get("before") and numbers.get("before") != numbers.get("rows"):
        lines.append(both("versus.before", numbers))
    classes = [mapping(each) for each in listing(payload.get("classes"))]
    fell = [_class(each, len(classes)) for each in _worst(classes) if each.get("told") in ("lost", "maybe")]
    if not any(each.get("told") == "lost" for each in classes):
        lines.append(both("versus.kept"))
    return [*lines, *fell[:LISTED], both("versus.again")]


def _worst(classes: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The most certain losses first, then by size."""

    def order(payload: Mapping[str, Any]) -> tuple[bool, float]:
        old, new = (number(payload.get(name)) or 0.0 for name in ("old", "new"))
        return payload.get("told") != "lost", new - old

    return sorted(classes, key=order)


def _class(payload: Mapping[str, Any], classes: int) -> Both:
    share = {name: number(payload.get(name)) or 0.0 for name in ("old", "new")}
    numbers = {"name": clean(payload.get("name")), "rows": _count(payload.get("rows")), **share}
    if payload.get("told") == "maybe":
        numbers |= {"classes": classes, "chance": _ALONE * classes}
    return both(f"versus.{payload.get('told')}", numbers)


def _count(value: object) -> str:
    found = number(value)
    return "–" if found is None or not math.isfinite(found) else f"{found:,.0f}"
