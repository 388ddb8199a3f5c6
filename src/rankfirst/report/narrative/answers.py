"""Answers to why a run did not do something, based on its journal alone.

A value was tried, was refused, is set already, or no symptom called for it. If the journal cannot tell, the answer says
so and names the command that would measure it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rankfirst.records import QV_FFN, Change, Decision, Experiment, Recipe, Sites, Stage, Verdict
from rankfirst.report import side_events
from rankfirst.report.events import mapping, number
from rankfirst.report.narrative import other_questions
from rankfirst.report.narrative.decisions import arm_words, finding_of, finding_with_criterion
from rankfirst.report.narrative.document import Block, Code, Section, para, point, words
from rankfirst.report.narrative.ledger import ArmLine, DecisionLine, Ledger
from rankfirst.report.narrative.questions import KNOBS, Question, SitesQuery
from rankfirst.report.narrative.rerun_commands import again
from rankfirst.report.narrative.values import apart, equal, extent, fits, written
from rankfirst.report.phrases import (
    Both,
    both,
    change_words,
    clean,
    conclusion_words,
    knob_name,
    known,
    recipe_words,
    same,
)

CAPACITY: Final = ("rank", "sites")
_STAGES: Final = {True: (Stage.CAPACITY, Stage.RECHECK), False: (Stage.OPTIMISE,)}  # by whether it is capacity

Settable = Mapping[str, Sequence[float]]
"""Knob -> values that `fit --set` accepts."""


def answer(ledger: Ledger, question: Question, settable: Settable) -> Section:
    """One question, answered from the journal."""
    title = words("why_not", asked=question.text)
    if question.subject in KNOBS:
        return Section(title, tuple(_Knob(ledger, question, settable).blocks()))
    blocks = other_questions.TELLERS[question.subject](ledger, question)
    return Section(title, tuple(blocks))


class _Knob:
    """A question about rank, sites, lr, scaling or dropout."""

    def __init__(self, ledger: Ledger, question: Question, settable: Settable) -> None:
        self.ledger, self.question, self.settable = ledger, question, settable
        self.knob = question.subject
        self.settled = ledger.settled
        self.wanted = question.value
        if question.alpha and self.wanted is not None and self.settled is not None:
            self.wanted = self.wanted / self.settled.rank
        self.exact = False
        self.there = self.nearest()
        self.direction = question.direction or self.towards()

    def value(self, recipe: Recipe) -> Any:
        return getattr(recipe, self.knob)

    def blocks(self) -> list[Block]:
        """What was trained, what was refused, which symptom was missing, and how to measure it."""
        if self.settled is None or not (self.ledger.probes or self.ledger.finals):
            lines = [n for n, _ in self.ledger.of("clock")[-1:]]
            return [para(words("why.untrained"), *self._stopped(), lines=lines), *self._refused(), *self._command()]
        blocks: list[Block] = [*self._status(), *self._arms(), *self._refused()]
        if self.direction or self.wanted is None:
            blocks += self._missing()
        if self.wanted is None or not self.exact:
            blocks += self._command()
        return blocks

    # --- status ---

    def nearest(self) -> Any:
        """The trained value nearest to that of the question; None without one."""
        trained = list({self.value(p.curve.recipe) for p in (*self.ledger.probes, *self.ledger.finals)})
        if self.wanted is None or not trained:
            return None
        if isinstance(self.wanted, SitesQuery):
            hit = [sites for sites in trained if fits(sites, self.wanted)]
            if self.settled is not None and self.settled.sites in hit:
                hit = [self.settled.sites]
            self.exact = bool(hit)
            return hit[0] if hit else None
        best = min(sorted(trained), key=lambda value: apart(value, self.wanted))
        self.exact = equal(best, self.wanted)
        return best

    def towards(self) -> int:
        """Whether the value of the question is above or below the settled one."""
        if self.settled is None or self.wanted is None or (self.exact and self.there == self.value(self.settled)):
            return 0
        now = self.value(self.settled)
        if isinstance(self.wanted, SitesQuery):
            wanted, here = (extent(sites, self._layers()) for sites in (self.wanted.of(now), now))
        else:
            wanted, here = self.wanted, now
        return (wanted > here) - (wanted < here)

    def _status(self) -> list[Block]:
        """Whether the value is settled, moved past, tried, or was never trained."""
        assert self.settled is not None
        now = written(self.knob, self.value(self.settled))
        line = self._settled_line()
        name = knob_name(self.knob)
        if self.wanted is None:
            first = self.ledger.trail[0] if self.ledger.trail else (line, self.settled)
            code = "why.stayed" if self.value(first[1]) == self.value(self.settled) else "why.went"
            came = words(code, knob=name, value=now, start=written(self.knob, self.value(first[1])))
            return [para(came, lines=[line, first[0]])]
        value = self._asked()
        if self.exact and self.there == self.value(self.settled):
            since = [n for n, recipe in self.ledger.trail if self.value(recipe) == self.there]
            start = self.ledger.trail and self.value(self.ledger.trail[0][1]) == self.there
            sentence = words("why.there_from_start" if start else "why.there", knob=name, value=value)
            return [para(sentence, *self._alpha(), lines=[line, *since[:1]])]
        if self.exact:
            stood = [n for n, recipe in self.ledger.trail if self.value(recipe) == self.there]
            code = "why.passed" if stood else "why.tried"
            lines = [p.line for p in self.ledger.probes if self.value(p.curve.recipe) == self.there]
            return [para(words(code, knob=name, value=value, now=now), *self._alpha(), lines=[*lines, *stood, line]),
                    *self._left()]  # fmt: skip
        sentence = words("why.not_trained", knob=name, value=value, now=now)
        near: list[Both] = []
        lines = [line]
        if self.there is not None:
            near = [words("why.nearest", value=written(self.knob, self.there))]
            lines += [p.line for p in self.ledger.probes if self.value(p.curve.recipe) == self.there]
        return [para(sentence, *self._alpha(), *near, lines=lines)]

    def _alpha(self) -> list[Both]:
        if not self.question.alpha or self.settled is None:
            return []
        return [words("why.alpha", rank=self.settled.rank, a=f"{self.wanted:g}")]

    def _asked(self) -> Both:
        if isinstance(self.wanted, SitesQuery):
            return same(self.question.text.partition("=")[2] or self.question.text)
        return written(self.knob, self.wanted)

    def _settled_line(self) -> int:
        if self.ledger.finals:
            return self.ledger.finals[-1].line
        return self.ledger.trail[-1][0]

    def _left(self) -> list[Block]:
        """The decisions that left the value of the question."""
        return [
            para(
                words(
                    "why.left",
                    conclusion=conclusion_words(made.decision),
                    moved=change_words(made.decision.recipe, new),
                ),
                lines=[made.line],
            )
            for made in self.ledger.decisions
            if (new := made.new) is not None
            and self.value(made.decision.recipe) == self.there
            and self.value(new) != self.there
        ]

    # --- what was trained ---

    def _arms(self) -> list[Block]:
        """Arms that moved this knob to the value or in the direction of the question."""
        arms = [tried for tried in self.ledger.arms if self.value(tried.arm.recipe) != self.value(tried.start)]
        if self.there is not None:
            arms = [tried for tried in arms if self._about(tried)]
        elif self.question.direction:
            arms = [tried for tried in arms if self._went(tried) == self.question.direction]
        return [point(arm_words(tried), words("why.from", recipe=recipe_words(tried.start)), lines=[tried.line])
                for tried in arms]  # fmt: skip

    def _about(self, tried: ArmLine) -> bool:
        """Whether an arm went to the value of the question, or from it in the direction of the question."""
        way = self.direction in (0, self._went(tried))
        return self.there == self.value(tried.arm.recipe) or (way and self.there == self.value(tried.start))

    def _went(self, tried: ArmLine) -> int:
        old, new = self.value(tried.start), self.value(tried.arm.recipe)
        if isinstance(old, Sites):
            old, new = extent(old, self._layers()), extent(new, self._layers())
        return int(new > old) - int(new < old)

    # --- what was refused ---

    def _refused(self) -> list[Block]:
        blocks: list[Block] = [
            point(
                words("sentence", words=side_events.refusal_words(event)), side_events.refusal_reason(event), lines=[n]
            )
            for n, event in self.ledger.of("refusal")
            if event.payload.get("knob") == self.knob
        ]
        blocks += self._pinned()
        for made in self.ledger.decisions:
            blocks += self._guarded(made)
        return [*blocks, *self._ceiling()]

    def _guarded(self, made: DecisionLine) -> list[Block]:
        """A decision that left the knob alone on purpose, could not move it, or had no time to."""
        decision, blocks = made.decision, list[Block]()
        stage = known("stage", decision.stage.value)
        for code in decision.refused:
            if code.startswith(f"no_{self.knob}_") and not (code == "no_scaling_beyond_4" and self._within(4)):
                seen = [finding_with_criterion(decision.finding)] if decision.finding else []
                why = words("why.guarded", stage=stage, why=both(code, decision.numbers))
                blocks.append(point(why, *seen, lines=[made.line]))
        movers = self._movers(decision, *self._ways())
        for rule, code in decision.turned_down:
            found = finding_of(made, rule)
            if rule in movers and found is not None:
                why = words(
                    "why.turned_down",
                    stage=stage,
                    symptom=finding_with_criterion(found),
                    why=both(code, decision.numbers),
                )
                blocks.append(point(why, lines=[made.line]))
        wanted = [arm.recipe for arm in decision.move.arms] if isinstance(decision.move, Experiment) else []
        wanted += [decision.move.recipe] if isinstance(decision.move, Change) else []
        if made.denied and any(self.value(recipe) != self.value(decision.recipe) for recipe in wanted):
            blocks.append(
                point(side_events.clock_words(self.ledger.events[made.denied - 1]), lines=[made.denied, made.line])
            )
        return blocks

    def _within(self, limit: float) -> bool:
        """Whether the question has a value that this limit allows."""
        return self.wanted is not None and self.wanted <= limit

    def _pinned(self) -> list[Block]:
        """A knob that the user set: no rule moves it."""
        line, run = self.ledger.run
        value = mapping(run.get("set")).get(self.knob)
        if value is None:
            return []
        return [point(words("why.pinned", knob=knob_name(self.knob), value=clean(value)), lines=[line])]

    def _ways(self) -> tuple[int, ...]:
        return (self.direction,) if self.direction else (1, -1)

    def _movers(self, decision: Decision, *ways: int) -> list[str]:
        """Rules of the decision's table that move the knob in one of these directions."""
        return [rule for rule, about in decision.table.items() if self.knob in about.knobs and about.way in ways]

    def _ceiling(self) -> list[Block]:
        """The ceiling, for a question about more rank or sites than it allows."""
        line, _, ceiling = self.ledger.start
        most = number(ceiling.get("max_rank" if self.knob == "rank" else "max_layers"))
        if self.knob not in CAPACITY or self.direction < 0 or most is None or self.settled is None:
            return []
        now = self.settled.rank if self.knob == "rank" else self.settled.sites.top_layers
        wanted = self.wanted.top_layers if isinstance(self.wanted, SitesQuery) else self.wanted
        full = 2 * now > most if self.knob == "rank" else now >= most
        if not full if wanted is None else wanted <= most:
            return []
        event = self.ledger.events[line - 1]
        return [
            point(words(f"why.ceiling_{self.knob}", most=f"{most:.0f}"), *side_events.derivation(event), lines=[line])
        ]

    # --- missing symptoms ---

    def _missing(self) -> list[Block]:
        """The symptoms that would have moved the knob, as last measured; or that its stage was not reached."""
        stages = _STAGES[self.knob in CAPACITY]
        name = knob_name(self.knob)
        looked = [made for made in self.ledger.decisions if made.decision.stage in stages]
        if not looked:
            return [para(words("why.stage", knob=name, stage=known("stage", stages[0].value)), *self._stopped())]
        blocks: list[Block] = []
        for way in self._ways():
            rules = self._movers(looked[-1].decision, way)
            if not rules:
                blocks.append(para(words("why.no_rule", knob=name, way=words(self._way(way)))))
                continue
            points = [block for rule in rules for block in self._symptom(rule, looked)]
            if points:
                blocks.append(para(words("why.missing", knob=name, way=words(self._way(way)))))
                blocks += points
        return blocks

    def _layers(self) -> int:
        """Number of blocks that may be adapted; 0 if the journal does not say."""
        return int(number(self.ledger.start[2].get("max_layers")) or 0)

    def _way(self, way: int) -> str:
        return f"way.{'more' if way > 0 else 'fewer'}" if self.knob == "sites" else f"way.{way}"

    def _symptom(self, rule: str, looked: Sequence[DecisionLine]) -> list[Block]:
        """The last finding of a symptom, and whether the rule acted on it."""
        found = [(made, finding) for made in looked if (finding := finding_of(made, rule)) is not None]
        if not found:
            last = conclusion_words(looked[-1].decision)
            return [point(words("why.not_asked", symptom=words(f"rule.{rule}"), last=last), lines=[looked[-1].line])]
        blocks: list[Block] = []
        for made, finding in found:
            if made.decision.rule_id == rule and made.new is not None:
                moved = words("why.acted", moved=change_words(made.decision.recipe, made.new))
                blocks.append(point(finding_with_criterion(finding), moved, lines=[made.line]))
        open_still = [pair for pair in found if pair[0].decision.rule_id != rule]
        # A definite finding is more informative than a later UNKNOWN.
        answered = [pair for pair in open_still if pair[1].verdict is not Verdict.UNKNOWN] or open_still
        blocks += [point(finding_with_criterion(finding), lines=[made.line]) for made, finding in answered[-1:]]
        return blocks

    def _stopped(self) -> list[Both]:
        clock = self.ledger.of("clock")
        if clock:
            return [side_events.clock_words(clock[-1][1])]
        if self.ledger.decisions:
            return [words("why.last", conclusion=conclusion_words(self.ledger.decisions[-1].decision))]
        return []

    # --- how to measure it ---

    def _command(self) -> list[Block]:
        value = self._settable()
        if value is None:
            return []
        wait = [] if self.knob in CAPACITY else [words("why.waits")]
        number_wanted = self.wanted if isinstance(self.wanted, float) else None
        near = (
            [words("why.ladder", value=value)]
            if number_wanted is not None and not equal(number_wanted, float(value))
            else []
        )
        return [
            para(words("why.measure"), *near, *wait),
            Code(again(self.ledger, f"--set {self.knob}={value}", self._suffix(value))),
        ]

    def _suffix(self, value: str) -> str:
        return f"{self.knob}-{value.replace('@', '-').replace('+', '-')}"

    def _settable(self) -> str | None:
        """The value of the question in the form of `--set`, the nearest valid one, or the next one in its direction."""
        if self.knob == "sites":
            return self._settable_sites()
        ladder = sorted(self.settable.get(self.knob, ()))
        if not ladder:
            return None
        if self.wanted is not None:
            return self._spelt(min(ladder, key=lambda rung: apart(rung, self.wanted)))
        if self.settled is None:
            return self._spelt(ladder[-1])
        now = float(self.value(self.settled))
        trained = {float(self.value(p.curve.recipe)) for p in self.ledger.probes}
        beyond = [rung for rung in ladder if (rung > now if self.direction >= 0 else rung < now)]
        fresh = [rung for rung in beyond if not any(equal(rung, value) for value in trained)]
        if not fresh:
            return None
        return self._spelt(fresh[0] if self.direction >= 0 else fresh[-1])

    def _spelt(self, rung: float) -> str:
        return written(self.knob, rung).en

    def _settable_sites(self) -> str | None:
        now = self.settled.sites if self.settled is not None else Sites(QV_FFN, 2)
        deeper = self.direction >= 0
        if isinstance(self.wanted, SitesQuery):
            sites = self.wanted.of(now)
        else:
            fewer = now.top_layers if now.everywhere else max(1, now.top_layers // 2)
            sites = Sites(now.roles, 2 * now.top_layers if deeper else fewer)
        most, trained = self._layers(), {p.curve.recipe.sites for p in self.ledger.probes}
        sites = sites.within(most) if most else sites
        while sites in trained and self.wanted is None and deeper and sites.top_layers < most:
            sites = Sites(sites.roles, min(2 * sites.top_layers, most))
        return None if sites in trained else sites.setting
