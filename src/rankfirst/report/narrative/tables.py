"""The tables of the technical proposal: the columns of the rule book, with the measurements of this run."""

from dataclasses import dataclass
from typing import Final

from rankfirst.records import Family, Health, Profile, Stage, Verdict
from rankfirst.report import verdict as outcome
from rankfirst.report.events import listing, mapping
from rankfirst.report.evidence import gain_words, knobs
from rankfirst.report.narrative.decisions import finding_with_criterion, reading, steps
from rankfirst.report.narrative.document import Block, Table, para, words
from rankfirst.report.narrative.ledger import DecisionLine, Ledger
from rankfirst.report.phrases import (
    Both,
    change_words,
    clean,
    conclusion_words,
    duration,
    interval,
    joined,
    knob_name,
    knob_values,
    known,
    percent,
    plain_number,
    recipe_words,
    same,
    size,
    spoken,
)
from rankfirst.report.rungs import rung_facts
from rankfirst.report.search import by_experiment, move_words

_SIZE_STAGES: Final = (Stage.CAPACITY, Stage.RECHECK)
_LR_STAGES: Final = (Stage.OPTIMISE,)
_MIXED: Final = 8  # pairs of classes shown


@dataclass(frozen=True)
class Sign:
    """A row of the rule book: a sign, what it means, what is done; one of `families` decided if it was there."""

    name: str  # "account.plan.<table>.<name>.<column>"
    families: tuple[Family, ...]
    stages: tuple[Stage, ...]
    read: tuple[Family, ...] | None = None  # whose findings say whether the sign is absent; None: all of `families`


_FIT: Final = (
    Sign("under", (Family.UNDER_CAPACITY, Family.CAPACITY_LIMIT), _SIZE_STAGES),
    Sign("over", (Family.OVER_CAPACITY,), _SIZE_STAGES),
)
SIGNS: Final[dict[str, tuple[tuple[str, ...], tuple[Sign, ...]]]] = {
    # table: columns, rows
    "judge": (
        ("sign", "verdict", "action"),
        (
            *_FIT,
            Sign("right", (Family.IMPROVING, Family.CAPACITY_SUFFICIENT), _SIZE_STAGES, (Family.IMPROVING,)),
        ),
    ),
    "wrong": (("sign", "action", "not"), _FIT),
    "lr": (
        ("sign", "verdict", "action"),
        (
            Sign("slow", (Family.LR_TOO_SMALL,), _LR_STAGES),
            Sign("swings", (Family.LR_TOO_LARGE, Family.FORGETTING), _LR_STAGES),
            Sign("seeds", (Family.SEED_SPREAD,), _LR_STAGES),
        ),
    ),
    "scaling": (("sign", "verdict", "action"), (Sign("deaf", (Family.LR_INSENSITIVE,), _LR_STAGES),)),
}


def signs(ledger: Ledger, name: str) -> list[Block]:
    """A table of the rule book with an additional last column: the evidence of this run for each sign."""
    columns, rows = SIGNS[name]
    lines: list[int] = []
    body = []
    for row in rows:
        status, where = shown(ledger, row)
        body.append((*(words(f"plan.{name}.{row.name}.{column}") for column in columns), status))
        lines += where
    head = (*(words(f"plan.col.{column}") for column in columns), words("plan.col.here"))
    return [Table(head, tuple(body), tuple(sorted(set(lines))))]


def shown(ledger: Ledger, sign: Sign) -> tuple[Both, list[int]]:
    """Whether a sign was present, its numbers, and their journal lines."""
    looked = [made for made in ledger.decisions if made.decision.stage in sign.stages]
    if not looked:
        return words("plan.status.unreached"), []
    fired = [made for made in looked if made.decision.family in sign.families]
    if fired:
        reasons = [_because(made) for made in fired]
        named = all((finding := made.decision.finding) and by_experiment(finding) for made in fired)
        code = "named" if named else "present"
        return words(f"plan.status.{code}", why=joined(reasons, " ", "")), [made.line for made in fired]
    found = [(made, finding) for made in looked for family in sign.read or sign.families
             for about, finding in made.decision.read if about.family is family]  # fmt: skip
    earlier = words("plan.status.not_asked", last=conclusion_words(looked[-1].decision)), [looked[-1].line]
    if not found:
        return earlier
    for verdict in (Verdict.PRESENT, Verdict.ABSENT, Verdict.UNKNOWN):
        those = [(made, finding) for made, finding in found if finding.verdict is verdict]
        if those:
            made, finding = those[-1]
            return words(f"plan.status.{_STATUS[verdict]}", why=finding_with_criterion(finding)), [made.line]
    return earlier


_STATUS: Final = {Verdict.PRESENT: "not_acted", Verdict.ABSENT: "absent", Verdict.UNKNOWN: "unknown"}


def _because(made: DecisionLine) -> Both:
    finding = made.decision.finding
    conclusion = conclusion_words(made.decision)
    if finding is None or not finding.numbers or made.decision.proven is not None:  # the conclusion quotes the arm
        return conclusion
    return joined([conclusion, finding_with_criterion(finding)], " ", "")


def _tail(profile: Profile) -> Both:
    if profile.tail_classes and not profile.rare:
        return words("data.all_small")
    return words("plan.task.tail_here", tail=len(profile.rare), share=percent(profile.tail_share))


def task(ledger: Ledger) -> list[Block]:
    """Output structure, ambiguity, long tail, shift."""
    line, profile = ledger.profile
    if profile is None:
        return []
    kind = words("kind.multi" if profile.multi_label else "kind.single")
    structure = words("plan.task.structure", kind=kind, classes=len(profile.classes), sets=profile.label_sets,
                      labels=f"{profile.labels_per_row:.2f}")  # fmt: skip
    rows = (
        (words("plan.task.output"), structure),
        (words("plan.task.ambiguity"), _ambiguity(profile)),
        (words("plan.task.tail"), _tail(profile)),
        (words("plan.task.shift"), words("unknown.shift")),
    )  # fmt: skip
    sentence = words("plan.task.told", complexity=known("complexity", profile.complexity.value))
    return [Table((words("plan.col.aspect"), words("plan.col.here")), rows, (line,)), para(sentence, lines=[line])]


def _ambiguity(profile: Profile) -> Both:
    if not profile.ambiguous_pairs:
        return words("plan.task.no_pairs")
    a, b, rate = max(profile.ambiguous_pairs, key=lambda pair: pair[2])
    names = [clean(profile.classes[i]) if 0 <= i < len(profile.classes) else str(i) for i in (a, b)]
    return words("plan.task.pairs", a=names[0], b=names[1], rate=percent(rate))


def data(ledger: Ledger) -> list[Block]:
    """Size, consistency of the labels, cover of the tail, noise of the texts, leaks."""
    line, profile = ledger.profile
    if profile is None:
        return []
    smallest = min((count for count in profile.class_counts if count), default=0)
    tier = spoken(f"tier.{profile.size_tier.value}")
    suspects = words("plan.data.suspects", suspects=len(profile.suspects)) if profile.suspects_known else words(
        "plan.data.unsearched")  # fmt: skip
    rows = (
        (words("plan.data.size"), words("plan.data.size_here", train=profile.n_train, val=profile.n_val,
                                        test=profile.n_test, tier=tier)),
        (words("plan.data.labels"), joined([suspects, words("plan.data.conflicts", rows=len(profile.conflict_rows))],
                                           " ", "")),
        (words("plan.data.cover"), words("plan.data.cover_here", smallest=smallest,
                                         imbalance=f"{profile.imbalance:.1f}")),
        (words("plan.data.noise"), words("plan.data.noise_here", duplicates=profile.duplicate_rows,
                                         script=known("script", profile.script), chars=f"{profile.chars_mean:.0f}")),
        (words("plan.data.leaks"), words("plan.data.leaks_here", val=profile.leaked_val, test=profile.leaked_test)),
    )  # fmt: skip
    return [Table((words("plan.col.aspect"), words("plan.col.here")), rows, (line,))]


def ladder(ledger: Ledger) -> list[Block]:
    """Every rung on the same rows."""
    facts = rung_facts(ledger.events)
    if not facts:
        return []
    _, shipping = ledger.shipping
    ship = shipping.ship if shipping is not None else ""
    head = [words(f"plan.col.{name}") for name in ("rung", "f1", "interval", "tail", "test", "time", "size", "shipped")]
    rows = tuple(
        (
            known("rung", rung.name),
            same(percent(rung.val.value)),
            same(interval(rung.val.low, rung.val.high) or "–"),
            same(percent(rung.tail)),
            same(percent(rung.test.value)),
            duration(rung.seconds),
            same(size(rung.megabytes)),
            words("plan.shipped") if rung.name == ship else same(""),
        )
        for rung in facts
    )
    return [Table(tuple(head), rows, tuple([*ledger.lines("rung"), *ledger.lines("result")]))]


def start(ledger: Ledger) -> list[Block]:
    """Each knob at its start, beside the usual range."""
    line, recipe, _ = ledger.start
    if recipe is None:
        return []
    rows = tuple(
        (knob_name(name), words(f"plan.usual.{name}") if name in _USUAL else same("–"), value)
        for name, value in knob_values(recipe).items()
    )
    return [Table((words("plan.col.knob"), words("plan.col.usual"), words("plan.col.start")), rows, (line,))]


_USUAL: Final = ("rank", "sites", "dropout", "scaling", "lr")


def probes(ledger: Ledger) -> list[Block]:
    """Every probe: whether the loss falls, F1 changes, and all figures stay finite."""
    if not ledger.probes:
        return [para(words("plan.not_yet"))]
    head = [
        words(f"plan.col.{name}") for name in ("number", "recipe", "epochs", "train_loss", "val_loss", "f1", "ended")
    ]
    rows = []
    for probe in ledger.probes:
        curve = probe.curve
        seen = curve.health is Health.FINE and bool(curve.evaluations)
        ends = (curve.start, curve.last) if seen else None
        train = _went(ends[0].train_loss, ends[1].train_loss) if ends else "–"
        val = _went(ends[0].shown_loss, ends[1].shown_loss) if ends else "–"
        f1 = f"{percent(ends[0].val_macro_f1)} → {percent(ends[1].val_macro_f1)}" if ends else "–"
        ended = words(f"plan.ended.{curve.health.value}")
        rows.append((same(probe.number), recipe_words(curve.recipe), same(f"{curve.epochs:g}"), same(train), same(val),
                     same(f1), ended))  # fmt: skip
    return [Table(tuple(head), tuple(rows), tuple(probe.line for probe in ledger.probes))]


def _went(before: float, after: float) -> str:
    return f"{plain_number(before, '.2f')} → {plain_number(after, '.2f')}"


def experiments(ledger: Ledger) -> list[Block]:
    """Every arm compared with the control arm."""
    if not ledger.arms:
        return []
    head = [words(f"plan.col.{name}") for name in ("arm", "moved", "gain", "f1", "f1_base", "reading")]
    rows = tuple(
        (
            known("arm", tried.arm.kind.value),
            change_words(tried.start, tried.arm.recipe),
            same(gain_words(tried.against_base) if tried.against_base else "–"),
            same(percent(tried.arm.val_macro_f1)),
            same(percent(tried.base.val_macro_f1)),
            reading(tried),
        )
        for tried in ledger.arms
    )
    return [Table(tuple(head), rows, tuple(tried.line for tried in ledger.arms))]


def path(ledger: Ledger) -> list[Block]:
    """Every conclusion in order: stage, conclusion, action, journal line."""
    head = [words(f"plan.col.{name}") for name in ("number", "stage", "conclusion", "done", "line")]
    rows = []
    for count, step in enumerate((step for step in steps(ledger) if step.made is not None), 1):
        made = step.made
        assert made is not None
        arms = [known("arm", tried.arm.kind.value) for tried in step.arms]
        tested = [words("plan.after", arms=joined(arms))] if arms else []
        done = words("plan.denied") if made.denied else move_words(made.decision.move, made.decision.recipe)
        rows.append((same(count), known("stage", step.stage.value),
                     joined([conclusion_words(made.decision), *tested], " ", ""), done, same(made.line)))  # fmt: skip
    lines = tuple(made.line for made in ledger.decisions)
    return [Table(tuple(head), tuple(rows), lines)] if rows else []


def recipe(ledger: Ledger) -> list[Block]:
    """The recipe of the final training, beside the one it started from."""
    if not ledger.finals:
        return []
    final = ledger.finals[-1]
    first = ledger.start[1]
    before = knob_values(first) if first else {}
    rows = tuple(
        (knob_name(name), before.get(name, same("–")), value)
        for name, value in knob_values(final.curve.recipe).items()
    )  # fmt: skip
    moved = sum(knob.moved for knob in knobs(final.curve.recipe, first))
    sentence = words("plan.recipe_moved" if moved else "plan.recipe_kept")
    head = (words("plan.col.knob"), words("plan.col.start"), words("plan.col.final"))
    return [para(sentence), Table(head, rows, (ledger.start[0], final.line))]


def mixed(ledger: Ledger) -> list[Block]:
    """Classes that the delivered model still confuses."""
    line, result = ledger.result
    pairs = [outcome.confusion(mapping(entry), ledger.profile[1]) for entry in listing(result.get("confusions"))]
    if not pairs:
        return []
    head = tuple(words(f"plan.col.{name}") for name in ("truth", "predicted", "rows"))
    rows = tuple((same(pair.truth), same(pair.predicted), same(pair.count)) for pair in pairs[:_MIXED])
    return [para(words("plan.mixed")), Table(head, rows, (line,))]
