"""The journal as plain lines: one event as it happens, or the whole journal afterwards. The CLI adds colour."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rankfirst.messages import Lang
from rankfirst.records import BaseChoice, Curve, Decision, ExperimentResult, Profile, Recipe, Shipping, Verdict, to_json
from rankfirst.report import base_choice
from rankfirst.report.answers import tested_words
from rankfirst.report.build import six_of_result, six_words, unfinished
from rankfirst.report.events import Event, decode, last, mapping, number, read
from rankfirst.report.evidence import arm_views, final_curve, fitted_words, outcome_words, whole_experiment
from rankfirst.report.figure_notes import moves_words, shipping_notes, unjudged_words, verdict_unjudged_words
from rankfirst.report.phrases import Both, both, clean, conclusion_words, duration, known, percent, phrase, recipe_words
from rankfirst.report.renewal import parent_words, versus_words
from rankfirst.report.rungs import one, rung_words
from rankfirst.report.search import evident, finding_words, move_words, noise_words, note_words, turned_down_words
from rankfirst.report.side_events import (
    calibration_words,
    clock_words,
    derivation,
    lengths_words,
    notes,
    pace_words,
    plan_words,
    refit_words,
    refusal_reason,
    refusal_words,
)
from rankfirst.report.text_layout import table
from rankfirst.report.verdict import time_spent

_WIDTH = 80  # cells

_STAGE_OF = {
    "run": "assess",
    "base_choice": "assess",
    "lengths": "assess",
    "pace": "assess",
    "profile": "assess",
    "start": "capacity",
    "final": "final",
    "verdict": "final",
}


def tell(kind: str, key: str, payload: Any, lang: Lang) -> list[str]:
    """One event as plain lines without control characters; an unknown kind has no lines.

    `payload` is the journal's JSON or the record itself.
    """
    fields = to_json(payload)
    return lines(Event(kind, key, fields if isinstance(fields, dict) else {}), lang)


def time_lines(result: Mapping[str, Any], lang: Lang) -> list[str]:
    """The wall clock of a run by stage, as an aligned table that ends with the total. `result`: result.json."""
    parts = time_spent(result.get("time"))
    if not parts:
        return [phrase("time_unknown")[lang]]
    rows = [tuple(phrase(f"col.{name}")[lang] for name in ("part", "time", "share"))]
    rows += [(part.name[lang], part.seconds[lang], percent(part.share)) for part in parts]
    total = phrase("cost.total")[lang], duration(number(result.get("seconds")))[lang], ""
    return [phrase("time_spent")[lang], *table([*rows, total], _WIDTH)]


def lines(event: Event, lang: Lang) -> list[str]:
    """As `tell`, for an event read from a journal."""
    teller = _TELLERS.get(event.kind)
    if teller is None:
        return []
    sentences = teller(event)
    if sentences is None:
        return [_say("unread", kind=event.kind)[lang]]
    first, *rest = (words[lang] for words in sentences)
    return [first, *(f"  {line}" for line in rest)]


def explain(journal: Path | Sequence[Event], lang: Lang) -> str:
    """The whole journal as text, a paragraph per event, by stage; for an unfinished run, how to continue it.

    Args:
        journal: the file, or the events read from it.
    Raises: RunError for a missing or damaged journal.
    """
    events = read(journal) if isinstance(journal, Path) else journal
    paragraphs, now = [], ""
    if last(events, "run").get("synthetic"):
        paragraphs.append(phrase("synthetic")[lang])
    for event in events:
        stage, shown = _stage(event) or now, lines(event, lang)
        if event.kind == "result":
            shown = [shown[0], *(f"  {words[lang]}" for words in six_words(events))]
        if shown and stage != now:
            paragraphs.append(_title(stage)[lang])
            now = stage
        paragraphs.append("\n".join(shown))
    if not any(e.kind == "result" for e in events):
        paragraphs.append(unfinished(events)[lang])
    return "\n\n".join(filter(None, paragraphs)) + "\n"


def _stage(event: Event) -> str:
    """The stage that begins with an event, if any."""
    if event.kind in ("decision", "refusal"):
        return clean(event.payload.get("stage") or "")
    return _STAGE_OF.get(event.kind, "")


def _title(stage: str) -> Both:
    name, rule = known("stage", stage), known("stage_rule", stage, silent=True)
    return Both(f"== {name.en} == {rule.en}".rstrip(), f"== {name.zh} == {rule.zh}".rstrip())


def _say(code: str, **numbers: object) -> Both:
    return phrase(f"tell.{code}", **numbers)


def _run(e: Event) -> list[Both]:
    given = {name: clean(e.payload.get(name, "–")) for name in ("dataset", "seed", "device")}
    return [_say("run", base=clean(e.payload.get("base_model", "–")), **given), *notes(e.payload)]


def _base_choice(e: Event) -> list[Both] | None:
    choice = decode(BaseChoice, e.payload)
    return None if choice is None else base_choice.words(choice)


def _profile(e: Event) -> list[Both] | None:
    profile = decode(Profile, e.payload)
    if profile is None:
        return None
    counts = {"train": profile.n_train, "val": profile.n_val, "test": profile.n_test}
    loud = [check for check in profile.checks if check.level.value != "ok"]
    checks = [
        _say("check", level=known("level", check.level.value), words=both(check.code, check.numbers)) for check in loud
    ]
    return [_say("profile", **counts, classes=len(profile.classes)), *checks]


def _start(e: Event) -> list[Both] | None:
    recipe = decode(Recipe, e.payload.get("recipe"))
    return None if recipe is None else [_say("start", recipe=recipe_words(recipe)), *derivation(e)]


def _curve(e: Event) -> list[Both] | None:
    curve = final_curve(e) if e.kind == "final" else decode(Curve, e.payload)
    if curve is None:
        return None
    fitted = fitted_words(curve)
    sentences = [_say(e.kind, recipe=recipe_words(curve.recipe)), outcome_words(curve)]
    return [*sentences, fitted] if fitted else sentences


def _experiment(e: Event) -> list[Both] | None:
    result = decode(ExperimentResult, e.payload)
    if result is None:
        return None
    views = arm_views(result)
    arms = [
        _say("arm_base" if a.gain == "–" else "arm", name=a.name, val=a.val_f1, loss=a.loss, beyond=a.beyond)
        for a in (
            views if whole_experiment(e) else (views[0], *views[1:][-1:])
        )  # else: the control arm and the new one
    ]
    return [both(result.code, result.numbers), *arms]


def _decision(e: Event) -> list[Both] | None:
    decision = decode(Decision, e.payload)
    if decision is None:
        return None
    present = [finding_words(f) for f in evident(decision) if f.verdict is Verdict.PRESENT]
    return [
        _say("decision", stage=known("stage", decision.stage.value), conclusion=conclusion_words(decision)),
        *(_say("finding", words=words) for words in present),
        *(_say("turned_down", words=words) for words in turned_down_words(decision)),
        *(_say("refused", words=both(code, decision.numbers)) for code in decision.refused),
        _say("move", words=move_words(decision.move, decision.recipe)),
    ]


def _verdict(e: Event) -> list[Both] | None:
    shipping = decode(Shipping, e.payload)
    if shipping is None:
        return None
    first = _say("verdict", headline=known("ship", shipping.ship), why=both(shipping.code, shipping.numbers))
    notes = [words for words in (moves_words(shipping), verdict_unjudged_words(shipping)) if words is not None]
    return [first, *notes, *shipping_notes(shipping)]


def _result(e: Event) -> list[Both]:
    val, test = (percent(number(mapping(e.payload.get(split)).get("macro_f1"))) for split in ("val", "test"))
    ended = _say("result", time=duration(number(e.payload.get("seconds"))), val=val, test=test)
    unjudged = unjudged_words("test", mapping(e.payload.get("test")))
    return [ended, *([unjudged] if unjudged else []), *tested_words(e.payload), *six_of_result(e.payload)]


def _ahead(e: Event) -> list[Both] | None:
    recipe = decode(Recipe, e.payload.get("recipe"))
    code = "ahead.used" if e.payload.get("used") is True else "ahead.unused"
    spent = duration(number(e.payload.get("seconds")))
    return None if recipe is None else [phrase(code, recipe=recipe_words(recipe), time=spent)]


def _plan(e: Event) -> list[Both]:
    choice = decode(BaseChoice, e.payload.get("base_choice"))
    return [*plan_words(e), *(base_choice.words(choice) if choice else ())]


_TELLERS: dict[str, Callable[[Event], list[Both] | None]] = {
    "run": _run,
    "base_choice": _base_choice,
    "lengths": lambda e: list(lengths_words(e)) or None,
    "pace": lambda e: list(pace_words(e)) or None,
    "profile": _profile,
    "rung": lambda e: [rung_words(one(e.payload, e.key))],
    "start": _start,
    "noise": lambda e: [noise_words(e)],
    "probe": _curve,
    "experiment": _experiment,
    "decision": _decision,
    "refusal": lambda e: [_say("refusal", what=refusal_words(e), why=refusal_reason(e))],
    "note": lambda e: [note_words(e)],
    "clock": lambda e: [clock_words(e)],
    "ahead": _ahead,
    "plan": _plan,
    "calibration": lambda e: [*calibration_words(e)],
    "final": _curve,
    "verdict": _verdict,
    "refit": lambda e: list(refit_words(e, tested=True)) or None,
    "result": _result,
    "parent": parent_words,
    "versus": versus_words,
}
