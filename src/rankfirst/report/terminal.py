"""The journal in plain lines: one event as it happens, or the whole ledger afterwards."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rankfirst.records import Curve, Decision, ExperimentResult, Profile, Recipe, Shipping, Verdict, to_json
from rankfirst.report.events import Event, decode, listing, mapping, number, plain, read
from rankfirst.report.rungs import one
from rankfirst.report.speech import (
    both,
    clean,
    duration,
    interval,
    known,
    percent,
    phrase,
    plain_number,
    recipe_words,
    sentence,
)
from rankfirst.report.walk import (
    arm_views,
    ceiling_words,
    finding_view,
    move_words,
    note_words,
    outcome_words,
    refusal_words,
)
from rankfirst.words import Lang


def tell(kind: str, key: str, payload: Any, lang: Lang) -> list[str]:
    """One event in plain lines without control characters; a kind nobody knows has none.

    `payload` is the journal's JSON or the record itself.
    """
    told = to_json(payload)
    event = Event(kind, key, told if isinstance(told, dict) else {})
    teller = _TELLERS.get(kind)
    if teller is None:
        return []
    lines: list[str] | None = teller(event, lang)
    return lines if lines is not None else [_say("unread", lang, kind=kind)]


def explain(journal: Path, lang: Lang) -> str:
    """The whole ledger as text, a paragraph an event; an unfinished run ends in how to continue it.

    Raises: RunError for a journal that is missing or damaged.
    """
    events = read(journal)
    paragraphs = ["\n".join(tell(e.kind, e.key, e.payload, lang)) for e in events]
    if not any(e.kind == "result" for e in events):
        run = next((e.payload for e in reversed(events) if e.kind == "run"), {})
        paragraphs.append(phrase("unfinished", command=clean(run.get("command") or "rankfirst fit"))[lang])
    if any(e.kind == "run" and e.payload.get("synthetic") for e in events):
        paragraphs.insert(0, phrase("synthetic")[lang])
    return "\n\n".join(filter(None, paragraphs)) + "\n"


def _say(code: str, lang: Lang, **numbers: object) -> str:
    return phrase(f"tell.{code}", **numbers)[lang]


def _run(e: Event, lang: Lang) -> list[str]:
    p: Mapping[str, Any] = e.payload
    given = {name: p.get(field, "–") for name, field in (("dataset", "dataset"), ("base", "base_model"))}
    return [_say("run", lang, **given, seed=p.get("seed", "–"), device=p.get("device", "–"))]


def _profile(e: Event, lang: Lang) -> list[str] | None:
    profile = decode(Profile, e.payload)
    if profile is None:
        return None
    counts = {"train": profile.n_train, "val": profile.n_val, "test": profile.n_test}
    lines = [_say("profile", lang, **counts, classes=len(profile.classes))]
    for check in profile.checks:
        if check.level.value != "ok":
            words = both(check.code, check.numbers)
            lines.append("  " + _say("check", lang, level=known("level", check.level.value), words=words))
    return lines


def _rung(e: Event, lang: Lang) -> list[str]:
    rung = one(e.payload, e.key)
    name, score, time = known("rung", rung.name), percent(rung.val), duration(rung.seconds)
    span = interval(rung.low, rung.high)
    code = "rung_interval" if span else "rung"
    return [_say(code, lang, name=name, score=score, time=time, span=span)]


def _start(e: Event, lang: Lang) -> list[str] | None:
    recipe = decode(Recipe, e.payload.get("recipe"))
    return None if recipe is None else [
        _say("start", lang, recipe=recipe_words(recipe), ceiling=ceiling_words(e))
    ]  # fmt: skip


def _noise(e: Event, lang: Lang) -> list[str]:
    f1, loss = number(e.payload.get("f1_se")), number(e.payload.get("loss_se"))
    f1_words = plain_number(None if f1 is None else 100 * f1, ".1f")
    return [_say("noise", lang, rows=e.payload.get("rows", "–"), f1=f1_words, loss=plain_number(loss, ".4f"))]


def _curve(e: Event, lang: Lang) -> list[str] | None:
    curve = decode(Curve, e.payload)
    return None if curve is None else [
        _say(e.kind, lang, recipe=recipe_words(curve.recipe), outcome=outcome_words(curve))
    ]  # fmt: skip


def _experiment(e: Event, lang: Lang) -> list[str] | None:
    result = decode(ExperimentResult, e.payload)
    if result is None:
        return None
    arms = [
        "  " + _say("arm", lang, name=a.name, val=a.val_f1, gain=a.gain, beyond=a.beyond) for a in arm_views(result)
    ]
    return [sentence(result.code, lang, result.numbers), *arms]


def _decision(e: Event, lang: Lang) -> list[str] | None:
    decision = decode(Decision, e.payload)
    if decision is None:
        return None
    conclusion = both(f"conclusion.{decision.rule_id}", decision.numbers)
    lines = [_say("decision", lang, stage=known("stage", decision.stage.value), conclusion=conclusion)]
    for rule, found in decision.findings:
        if found.verdict is Verdict.PRESENT:
            lines.append("  " + _say("finding", lang, words=finding_view(rule, found).words))
    for rule, code in decision.turned_down:
        lines.append("  " + _say("turned_down", lang, rule=rule, words=both(code, decision.numbers)))
    for code in decision.refused:
        lines.append("  " + _say("refused", lang, words=both(code, decision.numbers)))
    return [*lines, "  " + move_words(decision.move)[lang]]


def _refusal(e: Event, lang: Lang) -> list[str]:
    return [refusal_words(e)[lang]]


def _note(e: Event, lang: Lang) -> list[str]:
    return [note_words(e)[lang]]


def _verdict(e: Event, lang: Lang) -> list[str] | None:
    told = decode(Shipping, e.payload)
    if told is None:
        return None
    return [_say("verdict", lang, headline=known("ship", told.ship), why=both(told.code, told.numbers))]


def _result(e: Event, lang: Lang) -> list[str]:
    val, test = (percent(number(mapping(e.payload.get(split)).get("macro_f1"))) for split in ("val", "test"))
    lines = [_say("result", lang, time=duration(number(e.payload.get("seconds"))), val=val, test=test)]
    six = [mapping(told) for told in listing(e.payload.get("six"))]
    return lines + [f"  {sentence(str(s.get('code')), lang, plain(mapping(s.get('numbers'))))}" for s in six]


_TELLERS: dict[str, Any] = {
    "run": _run,
    "profile": _profile,
    "rung": _rung,
    "start": _start,
    "noise": _noise,
    "probe": _curve,
    "experiment": _experiment,
    "decision": _decision,
    "refusal": _refusal,
    "note": _note,
    "final": _curve,
    "verdict": _verdict,
    "result": _result,
}
