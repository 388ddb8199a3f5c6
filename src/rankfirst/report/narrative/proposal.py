"""The technical proposal: the headings and tables of the rule book, filled with the measurements of one run.

Goal, assessment of task and data, choice of model, start and capacity, dynamics, the path, the result, risks, how to
reproduce it, the six sentences. For an unfinished run it says what is missing.
"""

from rankfirst.records import Stage
from rankfirst.report import side_events
from rankfirst.report.build import six_words
from rankfirst.report.events import Event, mapping
from rankfirst.report.narrative import tables
from rankfirst.report.narrative.document import Block, Code, Document, Section, Table, para, point, words
from rankfirst.report.narrative.ledger import Ledger
from rankfirst.report.narrative.outcome import delivered, unknown
from rankfirst.report.narrative.prose import data, dataset, notices, refused, request, subtitle
from rankfirst.report.phrases import Both, both, clean, known, phrase, same
from rankfirst.report.search import noise_words

_FACTS = ("dataset", "fingerprint", "base_model", "base_sha256", "seed", "device", "threads", "budget_work",
          "budget_seconds")  # fmt: skip


def proposal(ledger: Ledger) -> Document:
    """The document of a run, finished or not."""
    sections = [
        Section(words("plan.head.goal"), tuple(_goal(ledger))),
        *_missing(ledger),
        *_assessment(ledger),
        Section(words("plan.head.choice"), tuple(_choice(ledger))),
        *_capacity(ledger),
        *_dynamics(ledger),
        Section(words("plan.head.path"), tuple(_path(ledger))),
        Section(words("plan.head.result"), (*delivered(ledger), *tables.recipe(ledger), *tables.mixed(ledger))),
        Section(words("plan.head.risks"), tuple(_risks(ledger))),
        Section(words("plan.head.reproduce"), tuple(_reproduce(ledger))),
        Section(words("plan.head.six"), tuple(_six(ledger))),
    ]
    kept = tuple(section for section in sections if section.blocks or section.level == 1)
    title = words("plan.title", dataset=dataset(ledger))
    return Document(dataset(ledger), title, subtitle(ledger), kept, tuple(notices(ledger)))


def _goal(ledger: Ledger) -> list[Block]:
    """The task, its purpose, the principle, and the answer in short."""
    blocks: list[Block] = [*request(ledger)[:1], para(words("plan.aim")), para(words("plan.principle"))]
    line, shipped = ledger.shipping
    if shipped is not None:
        why = both(shipped.code, shipped.numbers) if shipped.code else same("")
        blocks.append(para(words("plan.answer", ship=known("ship", shipped.ship)), why, lines=[line]))
    return [*blocks, para(words("plan.lines"))]


def _missing(ledger: Ledger) -> list[Section]:
    """For an unfinished run: the parts of this document that are still missing."""
    if ledger.result[0]:
        return []
    there = {
        "profile": ledger.profile[1],
        "rungs": ledger.lines("rung"),
        "start": ledger.start[1],
        "capacity": ledger.reached(Stage.OPTIMISE),
        "dynamics": ledger.reached(Stage.RECHECK) or ledger.finals,
        "final": ledger.finals,
        "verdict": ledger.shipping[1],
        "result": None,
    }
    lacking = [point(words(f"plan.lacks.{name}")) for name, found in there.items() if not found]
    return [Section(words("plan.head.missing"), (para(words("plan.lacks")), *lacking))]


def _assessment(ledger: Ledger) -> list[Section]:
    """Task complexity decides whether LoRA is needed, the data how much capacity it may have."""
    found, _ = ledger.profile
    if not found:
        return [Section(words("plan.head.assess"), (para(words("plan.not_yet")),))]
    loud = [block for block in data(ledger) if getattr(block, "point", False)]
    start, _, _ = ledger.start
    ceiling: list[Block] = []
    if start:
        event = Event("start", "", ledger.events[start - 1].payload)
        ceiling = [para(*side_events.derivation(event), words("start.ceiling_meaning"), lines=[start])]
    floor = [para(noise_words(e), words("data.noise_meaning"), lines=[n]) for n, e in ledger.of("noise")[-1:]]
    lengths = [para(*side_events.lengths_words(e), lines=[n]) for n, e in ledger.of("lengths")[-1:]]
    checks: list[Block] = [para(words("plan.checks")), *loud] if loud else []
    return [
        Section(words("plan.head.assess"), ()),
        Section(words("plan.head.task"), tuple(tables.task(ledger)), 2),
        Section(words("plan.head.data"), (*tables.data(ledger), *ceiling, *lengths, *checks, *floor), 2),
    ]


def _choice(ledger: Ledger) -> list[Block]:
    """The ladder of models, and why this one was chosen."""
    rungs = tables.ladder(ledger)
    if not rungs:
        return [para(words("plan.not_yet"))]
    line, shipping = ledger.shipping
    why = [para(both(shipping.code, shipping.numbers), lines=[line])] if shipping is not None and shipping.code else []
    return [para(words("plan.choice")), *rungs, *why]


def _capacity(ledger: Ledger) -> list[Section]:
    """Start, short trainings, and whether capacity is right: rank and target modules only."""
    locked = (para(words("plan.capacity")),)
    if ledger.start[1] is None:
        return [Section(words("plan.head.capacity"), (*locked, para(words("plan.not_yet"))))]
    return [
        Section(words("plan.head.capacity"), locked),
        Section(words("plan.head.start"), (*tables.start(ledger), para(words("plan.start_aim"))), 2),
        Section(words("plan.head.probes"), tuple(tables.probes(ledger)), 2),
        Section(words("plan.head.judge"), tuple(tables.signs(ledger, "judge")), 2),
    ]


def _dynamics(ledger: Ledger) -> list[Section]:
    """When lr and scaling may move, when not, and how a low lr is distinguished from a low rank."""
    experiments = tables.experiments(ledger)
    apart = (para(words("plan.apart")), para(words("meant.how")), *experiments) if experiments else (
        para(words("plan.apart")), para(words("plan.no_experiment")))  # fmt: skip
    return [
        Section(words("plan.head.dynamics"), (para(words("plan.dynamics")),)),
        Section(words("plan.head.wrong"), tuple(tables.signs(ledger, "wrong")), 2),
        Section(words("plan.head.lr"), (para(words("plan.lr")), *tables.signs(ledger, "lr")), 2),
        Section(words("plan.head.scaling"), (para(words("plan.scaling")), *tables.signs(ledger, "scaling")), 2),
        Section(words("plan.head.apart"), apart, 2),
    ]


def _path(ledger: Ledger) -> list[Block]:
    """Every decision in order, then the refusals."""
    path = tables.path(ledger)
    if not path:
        return [para(words("plan.not_yet"))]
    return [*path, para(words("plan.refused")), *refused(ledger)]


def _risks(ledger: Ledger) -> list[Block]:
    """What this run cannot tell, and the limits of the approach."""
    blocks: list[Block] = [*unknown(ledger)]
    line, profile = ledger.profile
    if profile is not None and profile.suspects:
        blocks.append(point(words("plan.risk.labels", suspects=len(profile.suspects)), lines=[line]))
    if profile is not None and (profile.leaked_val or profile.leaked_test):
        blocks.append(point(words("plan.risk.leaks", val=profile.leaked_val, test=profile.leaked_test), lines=[line]))
    if ledger.probes:
        blocks.append(point(words("plan.risk.validation")))
    return [*blocks, point(words("plan.risk.scope"))]


def _reproduce(ledger: Ledger) -> list[Block]:
    """The command and everything else that identifies the run."""
    line, run = ledger.run
    if not line:
        return [para(words("plan.not_yet"))]
    blocks: list[Block] = [para(words("plan.reproduce"))]
    if run.get("command"):
        blocks.append(Code(clean(run["command"]), (line,)))
    facts = [(phrase(f"fact.{name}"), same(run[name])) for name in _FACTS if run.get(name) not in (None, "")]
    versions = mapping(run.get("versions"))
    if versions:
        facts.append((phrase("fact.versions"), same(", ".join(f"{k} {v}" for k, v in versions.items()))))
    head = (words("plan.col.what"), words("plan.col.value"))
    return [*blocks, Table(head, tuple(facts), (line,))]


def _six(ledger: Ledger) -> list[Block]:
    """The six sentences, if the run is finished."""
    sentences: tuple[Both, ...] = six_words(ledger.events) if ledger.result[0] else ()
    return [point(sentence) for sentence in sentences] or [para(words("plan.not_yet"))]
