"""The whole run as prose: task, data, decisions with their reasons, and open questions.

Every paragraph cites its journal lines, so that each number can be looked up.
"""

from pathlib import Path

from rankfirst.options.fit_options import journal_keys
from rankfirst.records import KNOBS, Head
from rankfirst.report import side_events
from rankfirst.report.build import unfinished
from rankfirst.report.events import Event, mapping, number
from rankfirst.report.figure_notes import probe_words
from rankfirst.report.narrative.decisions import decision_sections
from rankfirst.report.narrative.document import Block, Document, Section, ended, para, point, words
from rankfirst.report.narrative.ledger import Ledger
from rankfirst.report.narrative.outcome import delivered, unknown
from rankfirst.report.phrases import Both, both, clean, duration, joined, known, percent, phrase, recipe_words, same
from rankfirst.report.rungs import RungFacts, one, rung_words
from rankfirst.report.search import noise_words, note_words, turned_down_words


def prose(ledger: Ledger) -> Document:
    """A run, finished or not, in sections of a few paragraphs."""
    sections = [
        Section(words("head.asked"), tuple(request(ledger))),
        Section(words("head.data"), tuple(data(ledger))),
        Section(words("head.cheaper"), tuple(cheaper(ledger))),
        Section(words("head.start"), tuple(start(ledger))),
        *decision_sections(ledger),
        Section(words("head.refused"), tuple(refused(ledger))),
        Section(words("head.delivered"), tuple(delivered(ledger))),
        Section(words("head.unknown"), tuple(unknown(ledger))),
    ]
    title = words("title.prose", dataset=dataset(ledger))
    kept = tuple(section for section in sections if section.blocks)
    return Document(dataset(ledger), title, subtitle(ledger), kept, tuple(notices(ledger)))


def dataset(ledger: Ledger) -> str:
    """The name of the data set."""
    return clean(ledger.run[1].get("dataset") or "rankfirst")


def subtitle(ledger: Ledger) -> Both:
    """Base model, device and day."""
    run = ledger.run[1]
    day = clean(ledger.events[-1].at if ledger.events else "")[:10]
    base = clean(Path(str(run.get("base_model") or "")).name)
    return same(" · ".join(part for part in (base, clean(run.get("device") or ""), day) if part))


def notices(ledger: Ledger) -> list[Both]:
    """Notices at the top of the document."""
    sentences = [phrase("synthetic")] if ledger.run[1].get("synthetic") else []
    if not ledger.result[0]:
        sentences.append(unfinished(ledger.events))
    return sentences


def request(ledger: Ledger) -> list[Block]:
    """The task, the base model, the limit, what the user set."""
    line, run = ledger.run
    if not line:
        return []
    named = {name: clean(run.get(name, "–")) for name in ("dataset", "seed", "device")}
    kind = words("kind.multi" if run.get("multi_label") else "kind.single")
    sentences = [words("asked", kind=kind, base=clean(run.get("base_model", "–")), **named)]
    seconds, work = number(run.get("budget_seconds")), number(run.get("budget_work"))
    if seconds is not None:
        sentences.append(words("asked.clock", time=duration(seconds)))
    elif work is not None:
        sentences.append(words("asked.work", work=side_events.work_words(work)))
    chosen = wishes(ledger)
    sentences.append(words("asked.set", settings=joined(chosen)) if chosen else words("asked.nothing_set"))
    notes = side_events.notes(run)
    return [para(*sentences, lines=[line]), *(point(note, lines=[line]) for note in notes)]


def wishes(ledger: Ledger) -> list[Both]:
    """Every option of the run that differs from its default."""
    run = ledger.run[1]
    settings = [same(f"--set {knob}={value}") for knob, value in mapping(run.get("set")).items()]
    for key, wish in journal_keys().items():
        value = run.get(key)
        if value in (None, "", wish.default) or key in ("seed", "set", "budget_seconds"):
            continue
        settings.append(same(wish.flag if value is True or wish.kind is Path else f"{wish.flag} {value}"))
    return settings


def data(ledger: Ledger) -> list[Block]:
    """Rows and classes, results of the checks, and the noise of validation figures."""
    line, profile = ledger.profile
    blocks: list[Block] = []
    if profile is not None:
        counts = words(
            "data.counts",
            train=profile.n_train,
            val=profile.n_val,
            test=profile.n_test,
            classes=len(profile.classes),
            effective=f"{profile.effective_classes:.1f}",
            imbalance=f"{profile.imbalance:.1f}",
            complexity=known("complexity", profile.complexity.value),
        )
        more = [words("data.labels", labels=f"{profile.labels_per_row:.2f}")] if profile.multi_label else []
        tail = len(profile.rare)
        none = "data.all_small" if profile.tail_classes else "data.no_tail"
        rare = words("data.tail", tail=tail, share=percent(profile.tail_share)) if tail else words(none)
        blocks.append(para(counts, *more, rare, lines=[line]))
    for n, event in ledger.of("lengths")[-1:]:
        blocks.append(para(*side_events.lengths_words(event), lines=[n]))
    loud = [check for check in (profile.checks if profile else ()) if check.level.value != "ok"]
    for check in sorted(loud, key=lambda check: check.level.value != "warn"):
        level = known("level", check.level.value)
        blocks.append(point(words("labelled", name=level, words=both(check.code, check.numbers)), lines=[line]))
    for n, event in ledger.of("noise")[-1:]:
        blocks.append(para(noise_words(event), words("data.noise_meaning"), lines=[n]))
    return blocks


def cheaper(ledger: Ledger) -> list[Block]:
    """The scores of the rungs below LoRA."""
    blocks: list[Block] = []
    for n, event in ledger.of("rung"):
        rung = one(event.payload, event.key)
        if rung.name != "lora":
            blocks.append(point(rung_words(rung), known_about(rung), lines=[n]))
    return [*blocks, para(words("cheaper.bar"))] if blocks else []


def known_about(rung: RungFacts) -> Both:
    """An explanation of a rung in brackets; "" for an unknown one."""
    facts = rung.about
    return words("bracketed", words=facts) if facts.en else facts


def start(ledger: Ledger) -> list[Block]:
    """The first recipe, and the ceiling that no rule may exceed."""
    line, recipe, _ = ledger.start
    if recipe is None:
        return []
    event = Event("start", "", ledger.events[line - 1].payload)
    run = ledger.run[1]
    pinned = set(mapping(run.get("set"))) & ({*KNOBS} if run.get("force") else {"rank", "sites"})
    head = [words("start.head")] if recipe.head is Head.PROBE else []
    why = words("start.set") if pinned else words("start.why")
    blocks: list[Block] = [para(words("start", recipe=recipe_words(recipe)), why, *head, lines=[line, ledger.run[0]])]
    derived = side_events.derivation(event)
    if derived:
        blocks.append(para(*derived, words("start.ceiling_meaning"), lines=[line]))
    blocks += [para(note_words(note), lines=[n]) for n, note in ledger.of("note") if note.key != "rival"]
    line, profile = ledger.profile
    part = probe_words(ledger.probes[0].curve, profile) if ledger.probes else None
    if part is not None:
        blocks.append(para(part, lines=[ledger.probes[0].line, line]))
    return blocks


def refused(ledger: Ledger) -> list[Block]:
    """Settings that the guard refused, knobs left alone, symptoms without effect, steps that the clock forbade."""
    blocks: list[Block] = [
        point(words("sentence", words=side_events.refusal_words(event)), side_events.refusal_reason(event), lines=[n])
        for n, event in ledger.of("refusal")
    ]
    alone: dict[str, list[int]] = {}
    for made in ledger.decisions:
        for code in made.decision.refused:
            alone.setdefault(code, []).append(made.line)
    numbers = {code: made.decision.numbers for made in ledger.decisions for code in made.decision.refused}
    blocks += [
        point(words("left_alone", words=both(code, numbers[code])), lines=where) for code, where in alone.items()
    ]
    down: dict[Both, list[int]] = {}
    for made in ledger.decisions:
        for sentence in turned_down_words(made.decision):
            down.setdefault(sentence, []).append(made.line)
    blocks += [point(words("not_acted", words=ended(sentence)), lines=where) for sentence, where in down.items()]
    blocks += [point(side_events.clock_words(event), lines=[n]) for n, event in ledger.of("clock")]
    return blocks or ([para(words("refused.nothing"))] if ledger.decisions else [])
