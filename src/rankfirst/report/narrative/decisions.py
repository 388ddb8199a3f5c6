"""Each decision in order: the finding, its possible causes, how they were distinguished, the action, and the result."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rankfirst.messages import takes
from rankfirst.messages.grammar import INTERVAL
from rankfirst.records import ArmKind, Change, Experiment, Family, Finding, Number, Stage, Verdict
from rankfirst.report import side_events
from rankfirst.report.events import number
from rankfirst.report.evidence import loss_words, outcome_words
from rankfirst.report.evidence import reading as arm_reading
from rankfirst.report.narrative.document import Block, Section, ended, para, point, words
from rankfirst.report.narrative.ledger import ArmLine, DecisionLine, Ledger
from rankfirst.report.phrases import Both, both, change_words, conclusion_words, joined, known, percent, phrase, same
from rankfirst.report.search import (
    by_experiment,
    evident,
    finding_words,
    move_words,
    note_words,
    turned_down_words,
)


@dataclass
class Step:
    """One conclusion with its experiments."""

    stage: Stage
    made: DecisionLine | None = None  # None: not concluded yet
    plans: list[DecisionLine] = field(default_factory=list)  # decisions to try an arm
    arms: list[ArmLine] = field(default_factory=list)


def steps(ledger: Ledger) -> list[Step]:
    """Decisions to experiment joined with the conclusion they led to."""
    found: list[Step] = []
    now: Step | None = None
    for made in ledger.decisions:
        decision = made.decision
        if now is None or now.stage is not decision.stage:
            now = Step(decision.stage)
            found.append(now)
        if isinstance(decision.move, Experiment):
            now.plans.append(made)
            wanted = {arm.recipe.key for arm in decision.move.arms}
            here = [t for t in ledger.arms if t.start.key == decision.recipe.key and t.arm.recipe.key in wanted]
            now.arms += [tried for tried in here if tried not in now.arms]
        else:
            now.made, now = made, None
    return found


def decision_sections(ledger: Ledger) -> list[Section]:
    """A section a stage, in it a section a decision."""
    sections: list[Section] = []
    stage: Stage | None = None
    seen: set[int] = set()  # probes described already
    for step in steps(ledger):
        if step.stage is not stage:
            stage = step.stage
            blocks = [para(words("stage", rule=known("stage_rule", stage.value)))]
            sections.append(Section(words("head.stage", stage=known("stage", stage.value)), tuple(blocks)))
        title = conclusion_words(step.made.decision) if step.made else words("open")
        sections.append(Section(title, tuple(step_blocks(ledger, step, seen)), level=2))
    rival = [para(note_words(note), lines=[n]) for n, note in ledger.of("note") if note.key == "rival"]
    for final in ledger.finals:
        trained = para(words("sentence", words=outcome_words(final.curve)), lines=[final.line])
        sections.append(Section(words("head.final"), (trained, *(rival if final is ledger.finals[-1] else ()))))
    return sections


def step_blocks(ledger: Ledger, step: Step, seen: set[int]) -> list[Block]:
    """The blocks of one conclusion; its probe is added to `seen`."""
    blocks: list[Block] = [*_seen(ledger, step, seen), *_apart(step)]
    if step.made is None:
        return blocks
    done = _done(step.made)
    return [*blocks, done, *_happened(ledger, step.made, seen)]


def _seen(ledger: Ledger, step: Step, shown: set[int]) -> list[Block]:
    made = step.made or step.plans[-1]
    if made.decision.family is Family.REQUESTED:
        return []
    first = (step.plans or [made])[0]
    probe = ledger.probe_of(made.decision.recipe, before=first.line)
    here = evident(made.decision, arms=False)
    present = [finding_words(f) for f in here if f.verdict is Verdict.PRESENT]
    quiet = [] if present else [words("seen.quiet")]
    outcome = []
    if probe is not None:
        code = "seen.again" if probe.number in shown else "seen"
        outcome = [words(code, number=probe.number, outcome=outcome_words(probe.curve))]
        shown.add(probe.number)
    return [para(*outcome, *present, *quiet, lines=[made.line, *([probe.line] if probe else [])])]


def _apart(step: Step) -> list[Block]:
    """The possible causes, and each arm compared with the control arm."""
    if not step.plans:
        return []
    wanted = {made.line: {arm.kind for arm in made.decision.move.arms} for made in step.plans
              if isinstance(made.decision.move, Experiment)}  # fmt: skip
    blocks: list[Block] = []
    for rows, intro in (
        (True, (words("meant.data"),)),
        (False, (words(f"meant.{step.stage.value}"), words("meant.how"))),
    ):
        lines = [line for line, kinds in wanted.items() if (kinds == {ArmKind.DATA}) is rows]
        arms = [tried for tried in step.arms if (tried.arm.kind is ArmKind.DATA) is rows]
        blocks += [para(*intro, lines=lines)] if lines else []
        blocks += [point(arm_words(tried), lines=[tried.line]) for tried in arms]
    return blocks


def arm_words(tried: ArmLine) -> Both:
    """One arm: its change, its gain with the 95% interval, and its macro-F1 beside that of the control arm."""
    moved = change_words(tried.start, tried.arm.recipe)
    what = words("arm.moved", arm=known("arm", tried.arm.kind.value), moved=moved)
    comparison = tried.against_base
    if not tried.arm.healthy or comparison is None:
        return words("arm.unhealthy", what=what)
    scores = {"val": percent(tried.arm.val_macro_f1), "base": percent(tried.base.val_macro_f1)}
    return words("arm", what=what, loss=loss_words(comparison), reading=reading(tried), **scores)


def reading(tried: ArmLine) -> Both:
    """Beyond noise, within it, worse, or collapsed."""
    comparison = tried.against_base
    return phrase("arm.unhealthy") if comparison is None else arm_reading(tried.arm, comparison, tried.base)


def _done(made: DecisionLine) -> Block:
    decision = made.decision
    refused = [words("left_alone", words=both(code, decision.numbers)) for code in decision.refused]
    down = [words("not_acted", words=ended(reason)) for reason in turned_down_words(decision)]
    move = words("done", move=move_words(decision.move, decision.recipe))
    return para(move, *refused, *down, lines=[made.line])


def _happened(ledger: Ledger, made: DecisionLine, seen: set[int]) -> list[Block]:
    """After a change: the new probe, and how it compares with the previous one."""
    if not isinstance(made.decision.move, Change):
        return []
    if made.denied:
        event = ledger.events[made.denied - 1]
        return [para(side_events.clock_words(event), lines=[made.denied])]
    if made.decision.family is Family.TAKEN_BACK:
        return []
    probe = ledger.probe_of(made.decision.move.recipe)
    after = next((m for m in ledger.decisions if m.line > made.line), None)
    sentences = [] if probe is None else [words("happened", number=probe.number, outcome=outcome_words(probe.curve))]
    lines = [] if probe is None else [probe.line]
    compared = after and _compared(after)
    if after and compared:
        sentences.append(compared)
        lines.append(after.line)
    if probe is not None:
        seen.add(probe.number)
    return [para(*sentences, lines=lines)] if sentences else []


def _compared(after: DecisionLine) -> Both | None:
    """How the new probe compares with the previous one, from the findings of the next decision."""
    read = [f for about, f in after.decision.read if about.family is Family.TAKEN_BACK and about.quotes]
    numbers: dict[str, Number] = dict(read[0].numbers) if read else {}
    if not read or read[0].verdict is Verdict.UNKNOWN or not takes_all("account.compared", numbers):
        return None
    for name in ("f1_se", "se"):
        numbers[name] = INTERVAL * float(numbers[name])
    return words("compared", **numbers)


def finding_of(made: DecisionLine, rule: str) -> Finding | None:
    """The finding of a decision for a rule, if the rule was reached."""
    return next((finding for name, finding in made.decision.findings if name == rule), None)


def rule_words(made: DecisionLine, rule: str) -> Both:
    """What a rule looks for, in a few words; without such a sentence, its finding."""
    code, found = f"account.rule.{rule}", finding_of(made, rule)
    return finding_words(found) if found and takes(code) is None else both(code)


def finding_with_criterion(finding: Finding) -> Both:
    """A finding with its thresholds, if the journal holds them; for an experiment with its 95% interval."""
    name = finding.code.partition(".")[0].removeprefix("limit_")
    if finding.verdict is Verdict.UNKNOWN and takes(f"account.open.{name}") is not None:
        return words(f"open.{name}")
    if not by_experiment(finding) or takes(f"account.limit.{name}") is None:
        return joined([sentence for sentence in (finding_words(finding), _thresholds(finding)) if sentence.en], " ", "")
    gain, error = (number(finding.numbers.get(key)) for key in (name, f"{name}_se"))
    what = words(f"limit.{name}")
    if finding.verdict is Verdict.UNKNOWN or gain is None or error is None:
        return words("limit.unknown", what=what)
    return words(f"limit.{finding.code.partition('.')[2]}", what=what, gain=gain, reach=INTERVAL * error)


def _thresholds(finding: Finding) -> Both:
    """The thresholds of the symptom, as the decision recorded them; empty for older decisions."""
    code = f"account.needs.{finding.code.partition('.')[0]}"
    if finding.verdict is Verdict.UNKNOWN or not takes_all(code, finding.numbers):
        return same("")
    return both(code, finding.numbers)


def takes_all(code: str, numbers: Mapping[str, Number]) -> bool:
    """Whether the sentence exists and all its numbers are given."""
    wanted = takes(code)
    return wanted is not None and all(number(numbers.get(name)) is not None for name in wanted)
