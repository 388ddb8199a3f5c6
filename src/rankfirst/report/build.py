"""Build the view model of the page from the events of a run."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from rankfirst.records import Decision, Example, Lengths, Level, Profile, Rung, Shipping
from rankfirst.report import base_choice, evidence, renewal, side_events, verdict
from rankfirst.report import figure_notes as counted
from rankfirst.report.answers import abstaining_helps, score_name
from rankfirst.report.events import Event, decode, last, listing, mapping, number, plain
from rankfirst.report.matrix import matrix
from rankfirst.report.phrases import Both, both, clean, joined, known, percent, phrase, same, six_sentence
from rankfirst.report.recipes import recipes
from rankfirst.report.rungs import rung_facts
from rankfirst.report.search import walk
from rankfirst.report.six_sentences import six
from rankfirst.report.view_model import CheckView, ConfusionView, DataView, ExampleView, Page

_ROWS_SHOWN = 12
_PAIR_SHARE = 0.01  # share of their rows; pairs confused less often are left out
_FACTS = ("dataset", "fingerprint", "base_model", "base_sha256", "seed", "device", "threads", "budget_work",
          "budget_seconds")  # fmt: skip
_ORDER = ("dataset", "fingerprint", "base_model", "base", *_FACTS[3:])


def build(events: Sequence[Event], examples: Mapping[str, Any] | None = None) -> Page:
    """The view model of a run, finished or not.

    Args: examples: content of examples.json, rows of the data that the journal does not hold; None shows none.
    """
    rows = mapping(examples)
    run, result = last(events, "run"), last(events, "result")
    profile = decode(Profile, last(events, "profile") or None)
    shipping, rungs = verdict.shipping(events), rung_facts(events)
    frozen = next((rung.val.value for rung in rungs if rung.name == "frozen"), None)
    return Page(
        dataset=clean(run.get("dataset") or "rankfirst"),
        subtitle=_subtitle(events, run),
        synthetic=bool(run.get("synthetic")),
        unfinished=None if result else unfinished(events),
        multi_label=bool(run.get("multi_label") or (profile and profile.multi_label)),
        verdict=verdict.verdict(shipping, rungs, result, last(events, "refit")),
        ladder=tuple(verdict.rung_view(rung, shipping) for rung in rungs),
        ladder_notes=counted.ladder_notes(events, shipping),
        bases=base_choice.of_events(events),
        data=_data(profile, side_events.notes(run), last(events, "lengths"), mapping(rows.get("checks"))),
        overview=evidence.overview(events, frozen),
        recipes=recipes(events, frozen),
        walk=walk(events),
        probe_note=_probe_note(events, profile),
        probes=evidence.probes(events),
        experiments=evidence.experiments(events),
        recall=verdict.recall(result, profile, listing(rows.get("classes"))),
        confusions=_confusions(result, profile, listing(rows.get("confusions"))),
        matrix=matrix(result, profile),
        trust=verdict.trust(events, result),
        trust_plots=verdict.trust_plots(events),
        costs=verdict.costs(result.get("costs")),
        cost_notes=verdict.cost_notes(result, events),
        time_spent=verdict.time_spent(result.get("time")),
        command=clean(run.get("command") or ""),
        facts=_facts(run, result),
        six=six_words(events) if result else (),
        todo=_todo(profile, shipping, mapping(mapping(result.get("calibration")).get("abstain"))) if result else (),
        unread=sum(map(_unreadable, events)),
        renewal=renewal.page_words(events),
    )


def _probe_note(events: Sequence[Event], profile: Profile | None) -> Both | None:
    probes = evidence.probe_curves(events)
    return counted.probe_words(probes[0][1], profile) if probes else None


def unfinished(events: Sequence[Event]) -> Both:
    """A notice that the run is unfinished, and how to continue it."""
    return phrase("unfinished", command=clean(last(events, "run").get("command") or "rankfirst fit"))


def six_words(events: Sequence[Event]) -> tuple[Both, ...]:
    """The six summary sentences of the run, from its events, or from its result if these cannot be read."""
    made = tuple(six_sentence(sentence["code"], sentence["numbers"]) for sentence in six(events))
    return made or six_of_result(last(events, "result"))


def six_of_result(result: dict[str, Any]) -> tuple[Both, ...]:
    """The six sentences stored in a result."""
    sentences = [mapping(sentence) for sentence in listing(result.get("six"))]
    return tuple(six_sentence(str(s.get("code")), plain(mapping(s.get("numbers")))) for s in sentences)


def _unreadable(event: Event) -> bool:
    """Whether this event's record was written by another version."""
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


def _confusions(result: dict[str, Any], profile: Profile | None, texts: Sequence[Any]) -> tuple[ConfusionView, ...]:
    """Confusions, with a few of their rows if known."""
    shown = {_pair(entry): listing(entry.get("texts")) for entry in map(mapping, texts)}
    found = []
    for entry in map(mapping, listing(result.get("confusions"))):
        given = shown.get(_pair(entry), entry.get("examples"))
        found.append(verdict.confusion({**entry, "examples": given}, profile))
    return tuple(found)


def _pair(payload: Mapping[str, Any]) -> tuple[str, str]:
    return str(payload.get("truth")), str(payload.get("predicted"))


def _todo(profile: Profile | None, shipping: Shipping | None, abstain: Mapping[str, Any]) -> tuple[Both, ...]:
    """Recommended next steps, the most useful first."""
    steps = [phrase("todo.predict")] if shipping else []
    names = {"threshold": "threshold", "coverage": "coverage", "kept": "accuracy_kept", "every": "accuracy_all"}
    known = {name: number(abstain.get(field)) for name, field in names.items()}
    shares = {name: percent(share, 0 if name == "threshold" else 1) for name, share in known.items()}
    if not abstaining_helps(abstain, profile.n_val if profile else 0):
        pass
    elif abstain.get("score", "max_prob") != "max_prob":  # the threshold of other scores means nothing to readers
        steps.append(phrase("todo.scope", score=score_name(abstain["score"]), **shares))
    else:
        steps.append(phrase("todo.abstain", **shares))
    doubted = {c.code for c in profile.checks if c.level is not Level.OK} if profile else set()
    if profile is not None and profile.suspects and "data.check.suspects" in doubted:
        steps.append(phrase("todo.suspects", count=len(profile.suspects)))
    if profile is not None and (profile.leaked_val or profile.leaked_test):
        where = "both" if profile.leaked_val and profile.leaked_test else "val" if profile.leaked_val else "test"
        steps.append(phrase(f"todo.leaks.{where}", val=profile.leaked_val, test=profile.leaked_test))
    if profile is not None and profile.rare:
        steps.append(phrase("todo.tail", count=len(profile.rare)))
    return (*steps, phrase("todo.ask"))


def _examples(entries: Any) -> tuple[ExampleView, ...]:
    """Rows of a finding; malformed entries are left out."""
    rows = [row for row in (decode(Example, one) for one in listing(entries)) if row is not None]
    return tuple(
        ExampleView(clean(row.text), _labels(row.labels), _labels(row.suggested) if row.suggested != row.labels else "",
                    clean(f"{PurePath(row.file).name}:{row.line}" if row.line else ""))
        for row in rows
    )  # fmt: skip


def _labels(names: Sequence[str]) -> str:
    return clean(" | ".join(names))


def _data(
    profile: Profile | None, sentences: Sequence[Both], tokens: dict[str, Any], rows: dict[str, Any]
) -> DataView | None:
    """The section on data; before the profile exists, only notes on reading and on long texts."""
    counted, *advice = side_events.lengths_words(Event("lengths", "", tokens)) or (None,)
    notes = [
        CheckView("note", words, "") for words in (*sentences, *([counted, *advice] if advice and counted else ()))
    ]
    if profile is None:
        return DataView((), tuple(notes), (), "") if notes else None
    counts = f"{profile.n_train:,} / {profile.n_val:,} / {profile.n_test:,}"
    facts = (
        (phrase("data.rows"), same(counts)),
        (phrase("data.classes"), same(f"{len(profile.classes)} ({profile.effective_classes:.1f})")),
        (phrase("data.complexity"), known("complexity", profile.complexity.value)),
        (phrase("data.labels"), same(f"{profile.labels_per_row:.2f}")),
        (phrase("data.imbalance"), same(f"{profile.imbalance:.1f} : 1")),
        *([(phrase("data.tail"), same(f"{len(profile.rare)} ({profile.tail_share:.1%})"))] if profile.rare else []),
        (phrase("data.script"), known("script", profile.script)),
        (phrase("data.chars"), same(f"{profile.chars_mean:.0f} / {profile.chars_p95:.0f}")),
    )
    order = {"warn": 0, "note": 1, "ok": 2}
    checks = [
        CheckView(c.level.value, both(c.code, c.numbers), _positions(c.rows), _examples(rows.get(c.code)))
        for c in profile.checks
    ]
    listed = any(c.code == "data.check.suspects" and c.rows for c in profile.checks)
    pairs = [(_name(profile.classes, a), _name(profile.classes, b), percent(r)) for a, b, r in profile.ambiguous_pairs
             if r >= _PAIR_SHARE]  # fmt: skip
    return DataView(
        (*facts, *_tokens(tokens)),
        tuple(sorted([*checks, *notes], key=lambda c: order.get(c.level, 3))),
        tuple(pairs[:_ROWS_SHOWN]),
        "" if listed else _positions(profile.suspects),
    )


def _tokens(payload: dict[str, Any]) -> tuple[tuple[Both, Both], ...]:
    found = decode(Lengths, payload or None)
    if found is None:
        return ()
    return ((phrase("data.tokens"), same(f"{found.p50} / {found.p95} / {found.p99} / {found.longest}")),)


def _facts(run: dict[str, Any], result: dict[str, Any]) -> tuple[tuple[Both, Both], ...]:
    """The facts needed to reproduce the run."""
    values = {name: same(run[name]) for name in _FACTS if run.get(name) not in (None, "")}
    work, size = number(run.get("budget_work")), counted.base_words(run)
    if work is not None:
        values["budget_work"] = phrase("counted.budget", work=side_events.work_words(work))
    if size is not None:
        values["base"] = size
    facts = [(phrase(f"fact.{name}"), values[name]) for name in _ORDER if name in values]
    versions = mapping(run.get("versions")) or mapping(result.get("versions"))
    if versions:
        facts.append((phrase("fact.versions"), same(", ".join(f"{k} {v}" for k, v in versions.items()))))
    return tuple(facts)
