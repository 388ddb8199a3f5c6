"""From events to the page's view model."""

from collections.abc import Sequence
from typing import Any

from rankfirst.records import Decision, Profile, Rung, Shipping
from rankfirst.report import evidence, outcome
from rankfirst.report.events import Event, decode, last, listing, mapping, plain
from rankfirst.report.rungs import rung_facts
from rankfirst.report.speech import Both, both, clean, joined, known, percent, phrase, same
from rankfirst.report.views import CheckView, DataView, Page
from rankfirst.report.walk import walk

_ROWS_SHOWN = 12
_FACTS = ("dataset", "fingerprint", "base_model", "base_sha256", "seed", "device", "threads", "budget_work",
          "budget_seconds")  # fmt: skip


def build(events: Sequence[Event]) -> Page:
    """The view model of a run, finished or not."""
    run, result = last(events, "run"), last(events, "result")
    profile = decode(Profile, last(events, "profile") or None)
    told, rungs = outcome.shipping(events), rung_facts(events)
    frozen = next((rung.val.value for rung in rungs if rung.name == "frozen"), None)
    return Page(
        dataset=clean(run.get("dataset") or "rankfirst"),
        subtitle=_subtitle(events, run),
        synthetic=bool(run.get("synthetic")),
        unfinished=None if result else unfinished(events),
        verdict=outcome.verdict(told, rungs, result),
        ladder=tuple(outcome.rung_view(rung, told) for rung in rungs),
        data=_data(profile, _notes(run)) if profile else None,
        overview=evidence.overview(events, frozen),
        walk=walk(events),
        probes=evidence.probes(events),
        experiments=evidence.experiments(events),
        recall=outcome.recall(result, profile),
        confusions=tuple(outcome.confusion(mapping(c)) for c in listing(result.get("confusions"))),
        trust=outcome.trust(result),
        costs=outcome.costs(mapping(result.get("costs"))),
        cost_notes=outcome.cost_notes(result),
        command=clean(run.get("command") or ""),
        facts=_facts(run, result),
        six=six(result),
        unread=sum(map(_unreadable, events)),
    )


def unfinished(events: Sequence[Event]) -> Both:
    """That the run has not finished, and how to continue it."""
    return phrase("unfinished", command=clean(last(events, "run").get("command") or "rankfirst fit"))


def six(result: dict[str, Any]) -> tuple[Both, ...]:
    """The seed's six sentences with this run's facts."""
    told = [mapping(sentence) for sentence in listing(result.get("six"))]
    return tuple(both(str(s.get("code")), plain(mapping(s.get("numbers")))) for s in told)


def _unreadable(event: Event) -> bool:
    """Whether another version wrote this event's record."""
    cls = {"profile": Profile, "rung": Rung, "decision": Decision, "verdict": Shipping}.get(event.kind)
    if cls is None:
        return evidence.unreadable_payload(event)
    return decode(cls, event.payload) is None


def _subtitle(events: Sequence[Event], run: dict[str, Any]) -> Both:
    day = clean(events[-1].at if events else "")[:16].replace("T", " ")
    parts = [same(text) for text in (clean(run.get("base_model") or ""), clean(run.get("device") or ""), day) if text]
    if run.get("multi_label"):
        parts.insert(0, phrase("multi_label"))
    return joined(parts, " · ", " · ")


def _positions(rows: Sequence[int]) -> str:
    more = ", …" if len(rows) > _ROWS_SHOWN else ""
    return ", ".join(str(row) for row in rows[:_ROWS_SHOWN]) + more


def _name(classes: Sequence[str], index: int) -> str:
    return clean(classes[index]) if 0 <= index < len(classes) else str(index)


def _notes(run: dict[str, Any]) -> list[CheckView]:
    """What reading the files changed on the way."""
    notes = [note for note in listing(run.get("notes")) if isinstance(note, list) and len(note) == 2]
    pairs = [
        (code, [pair for pair in listing(told) if isinstance(pair, list) and len(pair) == 2]) for code, told in notes
    ]
    return [CheckView("note", both(str(code), {str(k): v for k, v in told}), "") for code, told in pairs]


def _data(profile: Profile, notes: Sequence[CheckView]) -> DataView:
    counts = f"{profile.n_train:,} / {profile.n_val:,} / {profile.n_test:,}"
    facts = (
        (phrase("data.rows"), same(counts)),
        (phrase("data.classes"), same(f"{len(profile.classes)} ({profile.effective_classes:.1f})")),
        (phrase("data.complexity"), known("complexity", profile.complexity.value)),
        (phrase("data.labels"), same(f"{profile.labels_per_row:.2f}")),
        (phrase("data.imbalance"), same(f"{profile.imbalance:.1f} : 1")),
        (phrase("data.tail"), same(f"{len(profile.tail_classes)} ({profile.tail_share:.1%})")),
        (phrase("data.script"), known("script", profile.script)),
        (phrase("data.chars"), same(f"{profile.chars_mean:.0f} / {profile.chars_p95:.0f}")),
    )
    order = {"warn": 0, "note": 1, "ok": 2}
    checks = [CheckView(c.level.value, both(c.code, c.numbers), _positions(c.rows)) for c in profile.checks]
    told = any(c.code == "data.check.suspects" and c.rows for c in profile.checks)
    pairs = [(_name(profile.classes, a), _name(profile.classes, b), percent(r)) for a, b, r in profile.ambiguous_pairs]
    return DataView(
        facts,
        tuple(sorted([*checks, *notes], key=lambda c: order.get(c.level, 3))),
        tuple(pairs[:_ROWS_SHOWN]),
        "" if told else _positions(profile.suspects),
    )


def _facts(run: dict[str, Any], result: dict[str, Any]) -> tuple[tuple[Both, Both], ...]:
    """What somebody else needs to run it again."""
    facts = [(phrase(f"fact.{name}"), same(run[name])) for name in _FACTS if run.get(name) not in (None, "")]
    versions = mapping(run.get("versions")) or mapping(result.get("versions"))
    if versions:
        facts.append((phrase("fact.versions"), same(", ".join(f"{k} {v}" for k, v in versions.items()))))
    return tuple(facts)
