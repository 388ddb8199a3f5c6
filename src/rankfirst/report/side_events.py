"""Events other than decisions: changes made on reading files, refusals, the clock limit, a plan, calibration."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rankfirst.measure.memory import format_bytes
from rankfirst.records import Lengths, Pace, Recipe, Refit
from rankfirst.report.answers import answers_facts, answers_words
from rankfirst.report.events import Event, decode, listing, mapping, number, plain
from rankfirst.report.phrases import (
    Both,
    both,
    clean,
    duration,
    knob_name,
    known,
    lr_words,
    percent,
    phrase,
    plain_number,
    recipe_words,
    same,
)

_YES: Final = 0.5  # mean confidence of a bin from which its pairs count as "yes"


def notes(run: Mapping[str, Any]) -> list[Both]:
    """A sentence for each change made on reading the files, and for a base in 4 bits."""
    pairs = [note for note in listing(run.get("notes")) if isinstance(note, list) and len(note) == 2]
    sentences = [both(str(code), _named(sentences)) for code, sentences in pairs]
    return [*sentences, phrase("base_bits")] if run.get("base_bits") else sentences


def _named(numbers: Any) -> dict[str, Any]:
    if isinstance(numbers, dict):
        return plain(numbers)  # type: ignore[no-any-return]
    return {str(pair[0]): pair[1] for pair in listing(numbers) if isinstance(pair, list) and len(pair) == 2}


def refusal_words(event: Event) -> Both:
    """The setting that was refused, or forced against advice."""
    knob, forced = clean(event.payload.get("knob", "–")), event.payload.get("forced")
    return phrase(
        "walk.forced" if forced else "walk.refused",
        knob=knob_name(knob),
        value=_setting(knob, event.payload.get("value", "–")),
    )


def _setting(knob: str, value: object) -> str:
    """The value in usual notation; a learning rate as 4e-4, however the user wrote it."""
    try:
        return lr_words(float(str(value))) if knob == "lr" else clean(value)
    except ValueError:
        return clean(value)


def refusal_reason(event: Event) -> Both:
    """The reason for the refusal."""
    payload = plain(event.payload)
    return both(str(payload.get("code")), {**mapping(payload.get("numbers")), **payload})


def derivation(event: Event) -> tuple[Both, ...]:
    """The derivation of the first recipe and of its ceiling, a sentence each."""
    steps = [mapping(step) for step in listing(event.payload.get("derivation"))]
    sentences = [both(str(step.get("code")), plain(mapping(step.get("numbers")))) for step in steps]
    ceiling = plain(mapping(event.payload.get("ceiling")))
    if ceiling.get("max_rank") is None:
        return tuple(sentences)
    if "kbit" in (numbers := mapping(ceiling.get("numbers"))) and not sentences:
        sentences = [phrase("ceiling.why", **numbers)]
    limits = {"rank": ceiling["max_rank"], "layers": ceiling.get("max_layers", "–")}
    if "layers" not in ceiling:
        return (*sentences, phrase("ceiling.plain", **limits))
    return (*sentences, phrase("ceiling.of", of=ceiling["layers"], **limits))


def delivered_rival(events: Sequence[Event]) -> Mapping[str, Any] | None:
    """The numbers of the rival that was trained to its end and won; None if none did."""
    note = next((event.payload for event in events if (event.kind, event.key) == ("note", "rival")), {})
    won = note.get("code") in ("rival.won", "start.won")
    return {**plain(mapping(note.get("numbers"))), "code": note["code"]} if won else None


def clock_words(event: Event) -> Both:
    """The step that the time limit did not allow: the first probe, the final training, or a step of a stage."""
    limit, spent = (duration(number(event.payload.get(name))) for name in ("limit", "spent"))
    at = clean(event.payload.get("at") or event.key).partition("-")[0]
    place = at if at in ("start", "final") else "step"
    return phrase(f"clock.{place}", limit=limit, spent=spent, at=known("stage", at or "–"))


def refit_words(event: Event, tested: bool) -> tuple[Both, ...]:
    """The rows that the delivered model was trained on, and the model behind each figure; empty in old runs.

    Args: tested: whether there are test rows.
    """
    refit = decode(Refit, event.payload or None)
    if refit is None:
        return ()
    figures = (both("refit.figures" if tested else "refit.figures_val", {}),) if refit.done else ()
    return (both(refit.code, refit.numbers), *figures)


def pace_words(event: Event) -> tuple[Both, ...]:
    """Precision and threads, with the speed of each alternative on the same rows."""
    pace = decode(Pace, event.payload)
    if pace is None:
        return ()
    tried = [
        phrase("pace.narrow" if t.deviation else "pace.trial", dtype=t.dtype, threads=t.threads,
               rate=f"{t.tokens_per_second:,.0f}", deviation=f"{100 * t.deviation:.2g}")
        for t in pace.trials
    ]  # fmt: skip
    return (phrase("pace", device=clean(pace.device), dtype=clean(pace.dtype), threads=pace.threads,
                   padding=f"{100 * pace.padding:.1f}"), *tried)  # fmt: skip


def lengths_words(event: Event) -> tuple[Both, ...]:
    """The lengths of training texts, and what to do if many are truncated."""
    lengths = decode(Lengths, event.payload)
    if lengths is None:
        return ()
    shares = {
        "p50": lengths.p50,
        "p95": lengths.p95,
        "p99": lengths.p99,
        "limit": lengths.max_tokens,
        "over": percent(lengths.over),
    }
    first = phrase("lengths.windows" if lengths.windows else "lengths", **shares)
    if lengths.windows:
        return (first, phrase("lengths.sampled", cut=percent(lengths.cut))) if lengths.cut else (first,)
    lines = [first]
    if lengths.suggested:
        cost = plain_number(lengths.suggested_cost, ".1f")
        lines.append(
            phrase("lengths.suggest", suggested=lengths.suggested, cut=percent(lengths.suggested_cut), cost=cost)
        )
    if lengths.at_limit:
        lines.append(phrase("lengths.limit", most=lengths.most))
    return tuple(lines)


def plan_words(event: Event) -> tuple[Both, ...]:
    """The plan of a run and its estimated cost."""
    payload = event.payload
    recipe = decode(Recipe, payload.get("recipe"))
    rows, classes, probes = (_count(payload.get(name)) for name in ("rows", "classes", "probes"))
    lines = [phrase("plan", rows=rows, classes=classes, probes=probes)]
    if payload.get("base_model"):
        lines.append(phrase("plan.base", base=clean(payload["base_model"])))
    lines += lengths_words(Event("lengths", "", mapping(payload.get("lengths"))))
    if recipe is not None:
        lines.append(phrase("tell.start", recipe=recipe_words(recipe)))
    lines += _memory(mapping(payload.get("memory")))
    lines += derivation(event)
    refused = [Event("refusal", "", mapping(refusal)) for refusal in listing(payload.get("refusals"))]
    lines += [phrase("tell.refusal", what=refusal_words(e), why=refusal_reason(e)) for e in refused]
    steps = [mapping(step) for step in listing(payload.get("steps"))] or [{"step": "at most in all", **payload}]
    return (*lines, *(line for line in map(_plan_step, steps) if line.en))


def _memory(payload: Mapping[str, Any]) -> list[Both]:
    """The predicted memory of training, and how its steps will be split."""
    sizes = {name: number(payload.get(name)) for name in ("peak", "held", "step", "tokens")}
    if any(size is None for size in sizes.values()):
        return []
    peak, held, step, tokens = (size or 0.0 for size in sizes.values())
    way = phrase("plan.memory.again" if payload.get("recompute") else "plan.memory.kept")
    return [phrase("plan.memory", peak=format_bytes(peak), held=format_bytes(held), step=format_bytes(step),
                   tokens=plain_number(tokens, ",.0f"), way=way)]  # fmt: skip


def _plan_step(step: Mapping[str, Any]) -> Both:
    """One line of the estimate; empty if neither work nor time is known."""
    least, most = number(step.get("least")), number(step.get("most"))
    if least is not None and most is not None:
        name, basis = (known(f"plan_{part}", clean(step.get(part, "–"))) for part in ("step", "basis"))
        likely = number(step.get("likely"))
        return phrase("plan.span" if likely is None else "plan.likely", name=name, least=duration(least),
                      likely=duration(likely), most=duration(most), basis=basis)  # fmt: skip
    work, seconds = number(step.get("work")), number(step.get("seconds"))
    if work is None and seconds is None:
        return same("")
    name = known("plan_step", clean(step.get("step", "–")).replace(" ", "_"))
    return phrase("plan.step", name=name, work=work_words(work), time=duration(seconds))


def _count(value: object) -> str:
    count = number(value)
    return "–" if count is None else f"{count:,.0f}"


def work_words(work: float | None) -> str:
    """Work in TFLOP: two digits for little, none for much."""
    if work is None:
        return "–"
    return plain_number(work, ",.0f" if abs(work) >= 10 else ".2g" if abs(work) < 1 else ".1f")


def calibration_words(event: Event) -> tuple[Both, ...]:
    """The calibration of a rung's probabilities, and its effect."""
    payload = event.payload
    rung = known("rung", clean(payload.get("rung") or event.key or "–"))
    (before, after), yes = _calibration_error(payload)
    lines = [phrase("calibration", rung=rung, temperature=plain_number(number(payload.get("temperature")), ".2f"))]
    if before is not None and after is not None:
        lines.append(
            phrase("calibration.ece_yes" if yes else "calibration.ece", before=percent(before), after=percent(after))
        )
    if payload.get("thresholds") is not None:
        lines.append(phrase("calibration.thresholds", shared=_shared(payload), moved=_count(payload.get("moved")),
                            **_gain(payload)))  # fmt: skip
    lines += answers_words(payload)
    return tuple(lines)


def _calibration_error(payload: Mapping[str, Any]) -> tuple[tuple[float | None, float | None], bool]:
    """ECE before and after calibration, and whether it counts only where the model says yes, as for label sets.

    Nearly all pairs of a row and a label are a confident "no", which makes every model look calibrated.
    """
    if not payload.get("pairs"):
        return (number(payload.get("ece_before")), number(payload.get("ece_after"))), False
    before, after = (
        [bin_ for entry in listing(payload.get(f"reliability_{when}")) if len(bin_ := listing(entry)) == 3
         and bin_[0] >= _YES and bin_[2]]
        for when in ("before", "after")
    )  # fmt: skip
    return (_error(before), _error(after)), True


def _error(bins: Sequence[Sequence[float]]) -> float | None:
    """|confidence - accuracy| of (confidence, accuracy, count), weighted by the count; None without any."""
    total = sum(count for _, _, count in bins)
    return sum(abs(sure - right) * count for sure, right, count in bins) / total if total else None


def _shared(payload: Mapping[str, Any]) -> str:
    """The threshold of all labels without one of their own."""
    return plain_number(number(payload.get("shared") or 0.5), ".2g")


def _gain(payload: Mapping[str, Any]) -> dict[str, str]:
    return {name: percent(number(payload.get(f"f1_{name}"))) for name in ("before", "after")}


def trust_facts(payload: Mapping[str, Any]) -> list[tuple[Both, Both]]:
    """The calibration as pairs for the page."""
    (before, after), yes = _calibration_error(payload)
    facts = []
    if before is not None and after is not None:
        facts.append((phrase("trust.ece_yes" if yes else "trust.ece"), same(f"{percent(before)} → {percent(after)}")))
    temperature = number(payload.get("temperature"))
    if temperature is not None:
        facts.append((phrase("trust.temperature"), same(plain_number(temperature, ".2f"))))
    if payload.get("thresholds") is not None:
        gain = _gain(payload)
        facts.append((phrase("trust.shared"), same(_shared(payload))))
        facts.append((phrase("trust.thresholds"), same(_count(payload.get("moved")))))
        facts.append((phrase("trust.thresholds_f1"), same(f"{gain['before']} → {gain['after']}")))
    return [*facts, *answers_facts(payload)]
