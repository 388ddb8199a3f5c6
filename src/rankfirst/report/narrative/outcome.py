"""The outcome of the run, and its open questions."""

from rankfirst.records import KNOBS, Family, Verdict
from rankfirst.report import side_events
from rankfirst.report.events import mapping, number
from rankfirst.report.figure_notes import delivered_words, moves_words, shipping_notes, unjudged_words
from rankfirst.report.narrative.decisions import finding_with_criterion
from rankfirst.report.narrative.document import Block, para, point, words
from rankfirst.report.narrative.ledger import Ledger
from rankfirst.report.phrases import Both, both, clean, duration, interval, joined, knob_name, known, percent, same
from rankfirst.report.rungs import one, rung_words, span
from rankfirst.report.search import by_experiment

WEAK = 0.5  # recall below which a class is named
_NAMED = 5


def delivered(ledger: Ledger) -> list[Block]:
    """The verdict, what LoRA reached, the delivered model's scores, calibration."""
    line, shipping = ledger.shipping
    if shipping is None:
        return [para(words("delivered.nothing"))]
    why = both(shipping.code, shipping.numbers) if shipping.code else same("")
    forced = [words("forced")] if shipping.forced else []
    blocks: list[Block] = [para(words("sentence", words=known("ship", shipping.ship)), why, *forced, lines=[line])]
    for n, event in ledger.of("rung"):
        rung = one(event.payload, event.key)
        if rung.name == "lora":
            blocks.append(para(words("sentence", words=rung_words(rung)), lines=[n]))
    moves = moves_words(shipping)
    blocks += [para(note, lines=[line]) for note in (*([moves] if moves else []), *shipping_notes(shipping))]
    blocks += _scores(ledger)
    tested = bool(ledger.result[1].get("test"))
    refits = [(n, side_events.refit_words(event, tested)) for n, event in ledger.of("refit")]
    blocks += [para(*sentences, lines=[n]) for n, sentences in refits if sentences]
    for n, event in ledger.of("calibration")[-1:]:
        jump = delivered_words(ledger.events)
        of_rung = [m for m, e in ledger.of("rung") if e.key == event.payload.get("rung")]
        blocks += [para(jump, lines=[n, *of_rung])] if jump is not None else []
        blocks.append(para(*side_events.calibration_words(event), lines=[n]))
    return blocks


def _scores(ledger: Ledger) -> list[Block]:
    """The delivered model on validation and, once, on test; the classes it does worst."""
    line, result = ledger.result
    if not line:
        return []
    sentences = []
    for split in ("val", "test"):
        found = span(mapping(result.get(split)))
        if found.value is not None:
            code = f"score.{split}" if found.low is not None else f"score.{split}_bare"
            sentences.append(words(code, f1=percent(found.value), span=interval(found.low, found.high)))
    sentences.append(words("took", time=duration(number(result.get("seconds")))))
    unjudged = [unjudged_words(split, mapping(result.get(split))) for split in ("val", "test")]
    return [para(*sentences, lines=[line]), *(para(each, lines=[line]) for each in unjudged if each), *_weak(ledger)]


def _weak(ledger: Ledger) -> list[Block]:
    line, result = ledger.result
    recall = mapping(mapping(result.get("val")).get("per_class_recall"))
    known_ones = [(name, value) for name, share in recall.items() if (value := number(share)) is not None]
    weak = sorted((value, clean(name)) for name, value in known_ones if value < WEAK)
    if not weak:
        return []
    named = [words("class", name=name, recall=percent(value)) for value, name in weak[:_NAMED]]
    more = len(weak) - len(named)
    share = words("weak_more" if more else "weak", classes=len(known_ones), named=joined(named))
    return [para(share, lines=[line])]


def unknown(ledger: Ledger) -> list[Block]:
    """What this run cannot tell."""
    blocks: list[Block] = []
    if ledger.decisions:
        blocks += _unreadable(ledger)
        blocks += _unmoved(ledger)
    line, shipped = ledger.shipping
    if shipped is not None and not ledger.probes:
        blocks.append(point(words("unknown.lora"), lines=[line]))
    line, run = ledger.run
    if line:
        blocks.append(point(words("unknown.seed", seed=clean(run.get("seed", "–"))), lines=[line]))
    line, profile = ledger.profile
    if profile is not None and not profile.n_test:
        blocks.append(point(words("unknown.test"), lines=[line]))
    if not any(event.key == "full" for _, event in ledger.of("rung")):
        blocks.append(point(words("unknown.full")))
    blocks.append(point(words("unknown.shift")))
    if ledger.unread:
        blocks.append(point(words("unknown.unread"), lines=ledger.unread))
    return blocks


def _unreadable(ledger: Ledger) -> list[Block]:
    """Symptoms that were UNKNOWN to the last decision of each stage."""
    found: dict[str, tuple[Both, list[int]]] = {}
    latest = {made.decision.stage: made for made in ledger.decisions}
    for made in latest.values():
        for about, finding in made.decision.read:
            # A first probe has no predecessor to compare with; that is no open question.
            gap = finding.verdict is Verdict.UNKNOWN and about.family is not Family.TAKEN_BACK
            if gap and not by_experiment(finding):
                found.setdefault(finding.code, (finding_with_criterion(finding), []))[1].append(made.line)
    return [point(sentence, lines=lines) for sentence, lines in found.values()]


def _unmoved(ledger: Ledger) -> list[Block]:
    """Knobs that were never moved, not even in an arm."""
    recipes = [probe.curve.recipe for probe in ledger.probes]
    still = [knob for knob in KNOBS if len({getattr(recipe, knob) for recipe in recipes}) == 1]
    if not still:
        return []
    lines = [probe.line for probe in ledger.probes]
    blocks: list[Block] = [point(words("unknown.untried", knobs=joined([knob_name(k) for k in still])), lines=lines)]
    line, recipe, ceiling = ledger.start
    most = number(ceiling.get("max_rank"))
    pinned = mapping(ledger.run[1].get("set"))
    if "rank" in still and "rank" not in pinned and recipe is not None and most is not None and recipe.rank >= most:
        blocks.append(point(words("unknown.ceiling", rank=f"{most:.0f}"), lines=[line]))
    return blocks
