"""A running fit in sections of a few lines: data, baselines, tuning, final training, verdict.

`terminal.tell` tells every event with its evidence; this tells a line for each thing that a reader may act on.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.cells import cell_len

from rankfirst.messages import Lang
from rankfirst.records import (
    ArmKind,
    ArmResult,
    BaseChoice,
    Change,
    Curve,
    Decision,
    Experiment,
    ExperimentResult,
    Extend,
    Health,
    Lengths,
    Profile,
    Recipe,
    Shipping,
    to_json,
)
from rankfirst.report import base_choice
from rankfirst.report.events import Event, decode, mapping, number
from rankfirst.report.evidence import (
    compared,
    final_curve,
    fitted_words,
    loss_words,
    outcome_words,
    reading,
    whole_experiment,
)
from rankfirst.report.phrases import (
    Both,
    both,
    change_words,
    clean,
    conclusion_words,
    duration,
    interval,
    known,
    percent,
    phrase,
    recipe_words,
    sites_words,
)
from rankfirst.report.renewal import parent_words, versus_words
from rankfirst.report.rungs import one, span
from rankfirst.report.search import move_words, note_words
from rankfirst.report.side_events import clock_words, lengths_words, notes, refusal_reason, refusal_words
from rankfirst.report.text_layout import padded

SECTIONS: Final = ("data", "baselines", "tuning", "final", "verdict")
_WARNINGS: Final = 4  # findings shown; the report has all
_NAME: Final = 18  # cells of a baseline's name
_NAMED: Final = (ArmKind.DATA, ArmKind.SEED)  # arms shown by their names
_SHORT: Final = 44  # cells, up to which a change is shown by its values
_CUT: Final = 0.01  # share of texts above which truncation is worth a line


@dataclass(frozen=True)
class Row:
    """A line of a section."""

    section: str  # of SECTIONS
    words: Both
    strong: bool = False  # the headline of the verdict


class Brief:
    """Tells a run event by event; it remembers what a later line refers to.

    Args: folded: the steps of the search are one line, which counts them.
    """

    def __init__(self, folded: bool = False) -> None:
        self.folded, self.decided = folded, 0
        self.run: Mapping[str, Any] = {}
        self.section = SECTIONS[0]  # of the last line
        self.probes = 0
        self.trying = False  # the last decision started an experiment, whose result tells of its probes
        self._tellers: Final[dict[str, Callable[[Event], list[Row]]]] = {
            "run": self._run, "parent": _parent, "base_choice": _base_choice, "lengths": _lengths,
            "profile": self._profile, "rung": _rung, "note": self._note, "refusal": _refusal, "start": _start,
            "probe": self._probe, "experiment": _experiment, "decision": self._decision, "clock": _clock,
            "final": _final, "verdict": _verdict, "versus": _versus, "result": _result,
        }  # fmt: skip

    def rows(self, kind: str, key: str, payload: Any) -> list[Row]:
        """The lines of an event; none for kinds that only `tell` shows, and for those of other versions."""
        teller, fields = self._tellers.get(kind), to_json(payload)
        rows = teller(Event(kind, key, fields if isinstance(fields, dict) else {})) if teller else []
        self.section = rows[-1].section if rows else self.section
        return self._folded(rows) if self.folded else rows

    def _folded(self, rows: list[Row]) -> list[Row]:
        """Without the steps of the search, and with the line that stands for them before whatever comes next."""
        shown = [row for row in rows if row.section != "tuning"]
        if not shown or not self.probes:
            return shown
        self.folded = False
        counted = both("brief.folded", {"probes": self.probes, "decisions": self.decided})
        return [_row("tuning", counted), *shown]

    def end(self, folder: Path) -> list[Row]:
        """Where the report is, and the next command."""
        code = "brief.next_own" if self.run.get("synthetic") else "brief.next"
        return [_row("verdict", both("cli.report_at", {"path": str(folder / "report.html")})),
                _row("verdict", both(code, {"run": _quoted(folder)}))]  # fmt: skip

    def _run(self, e: Event) -> list[Row]:
        self.run = e.payload
        return [_row("data", words) for words in notes(e.payload)]

    def _profile(self, e: Event) -> list[Row]:
        profile = decode(Profile, e.payload)
        if profile is None:
            return []
        counts = {"train": profile.n_train, "val": profile.n_val, "test": profile.n_test}
        base = clean(self.run.get("base_model", "–"))
        first = both("brief.data", {**counts, "classes": len(profile.classes), "base": base})
        found = {level: [c for c in profile.checks if c.level.value == level] for level in ("warn", "note")}
        shown = found["warn"][:_WARNINGS]
        sentences = [
            phrase("tell.check", level=known("level", c.level.value), words=both(c.code, c.numbers)) for c in shown
        ]
        if rest := len(found["warn"]) + len(found["note"]) - len(shown):
            sentences.append(both("brief.findings", {"count": rest}))
        return [_row("data", words) for words in (first, *sentences)]

    def _note(self, e: Event) -> list[Row]:
        return [_row(self.section, note_words(e))]

    def _probe(self, e: Event) -> list[Row]:
        self.probes += 1
        curve = decode(Curve, e.payload)
        if curve is None or self.trying:
            return []
        sentences = [phrase("walk.probe", number=self.probes, outcome=_outcome(curve, "probe")), fitted_words(curve)]
        return [_row("tuning", words) for words in sentences if words is not None]

    def _decision(self, e: Event) -> list[Row]:
        decision = decode(Decision, e.payload)
        if decision is None:
            return []
        self.decided += 1
        self.trying = isinstance(decision.move, Experiment)
        if self.trying:
            return []
        stage, conclusion = known("stage", decision.stage.value), conclusion_words(decision)
        conclusion = phrase("tell.decision", stage=stage, conclusion=conclusion)
        if isinstance(decision.move, Change | Extend):
            move = move_words(decision.move, decision.recipe)
            conclusion = both("brief.decided", {"decision": conclusion, "move": move})
        return [_row("tuning", conclusion)]


def _row(section: str, words: Both, strong: bool = False) -> Row:
    return Row(section, words, strong)


def _parent(e: Event) -> list[Row]:
    return [_row("data", words) for words in parent_words(e)]


def _base_choice(e: Event) -> list[Row]:
    choice = decode(BaseChoice, e.payload)
    return [] if choice is None else [_row("data", base_choice.used_words(choice))]


def _lengths(e: Event) -> list[Row]:
    lengths = decode(Lengths, e.payload)
    worth = lengths is not None and (lengths.cut if lengths.windows else lengths.over) >= _CUT
    return [_row("data", words) for words in lengths_words(e)] if worth else []


def _rung(e: Event) -> list[Row]:
    rung = one(e.payload, e.key)
    if rung.name == "majority":  # no candidate
        return []
    name, reach = known("rung", rung.name), interval(rung.val.low, rung.val.high)
    numbers = {"score": percent(rung.val.value), "span": reach, "time": duration(rung.seconds)}
    score = both("brief.score_interval" if reach else "brief.score", numbers)
    section = "final" if rung.name in ("lora", "full") else "baselines"
    return [_row(section, Both(f"{padded(name.en, _NAME)}{score.en}", f"{padded(name.zh, _NAME)}{score.zh}"))]


def _refusal(e: Event) -> list[Row]:
    return [_row("tuning", phrase("tell.refusal", what=refusal_words(e), why=refusal_reason(e)))]


def _start(e: Event) -> list[Row]:
    recipe = decode(Recipe, e.payload.get("recipe"))
    return [] if recipe is None else [_row("tuning", phrase("tell.start", recipe=recipe_words(recipe)))]


def _experiment(e: Event) -> list[Row]:
    result = decode(ExperimentResult, e.payload)
    if result is None or not result.arms:
        return []
    (base, _), *arms = compared(result)
    rows = []
    for arm, comparison in arms if whole_experiment(e) else arms[-1:]:
        numbers = {"before": base.val_macro_f1, "after": arm.val_macro_f1}
        words = {"arm": _arm_words(arm, result.checkpoint), "beyond": reading(arm, comparison, base)}
        if comparison is None or not math.isfinite(comparison.val_gain + comparison.val_se) or not arm.healthy:
            rows.append(_row("tuning", both("brief.tried_failed", words)))
            continue
        rows.append(_row("tuning", both("brief.tried", {**words, **numbers, "loss": loss_words(comparison)})))
    return rows


def _clock(e: Event) -> list[Row]:
    return [_row("final" if e.key == "final" else "tuning", clock_words(e))]


def _final(e: Event) -> list[Row]:
    curve = final_curve(e)
    if curve is None:
        return []
    recipe = both("brief.final", {"recipe": recipe_words(curve.recipe), "outcome": _outcome(curve, "final")})
    return [_row("final", words) for words in (recipe, fitted_words(curve)) if words is not None]


def _outcome(curve: Curve, kind: str) -> Both:
    """The scores of a training; its losses are in the report. Args: kind: "probe" or "final"."""
    if curve.health is not Health.FINE or not curve.evaluations:
        return outcome_words(curve)
    end = curve.kept if kind == "final" else curve.last
    scored = {"start": percent(curve.start.val_macro_f1), "end": percent(end.val_macro_f1), "at": end.epoch}
    code = "brief.outcome" if end is curve.last else "brief.outcome_earlier"
    return both(code, {"epochs": curve.epochs, **scored})


def _arm_words(arm: ArmResult, start: Recipe) -> Both:
    """What an arm changes; the name of the arm if that takes many words."""
    if arm.kind in (ArmKind.SITES, ArmKind.SITES_DOWN):
        return sites_words(arm.recipe.sites)
    moved = change_words(start, arm.recipe)
    short = arm.kind not in _NAMED and 0 < cell_len(moved.en) <= _SHORT
    return moved if short else known("arm", arm.kind.value)


def _verdict(e: Event) -> list[Row]:
    shipping = decode(Shipping, e.payload)
    if shipping is None:
        return []
    return [_row("verdict", known("ship", shipping.ship), strong=True),
            *([_row("verdict", both(shipping.code, shipping.numbers))] if shipping.code else [])]  # fmt: skip


def _versus(e: Event) -> list[Row]:
    return [_row("verdict", words) for words in versus_words(e)[:1]]


def _result(e: Event) -> list[Row]:
    val, test = (span(mapping(e.payload.get(split))) for split in ("val", "test"))
    numbers = {"val": percent(val.value), "test": percent(test.value), "span": interval(test.low, test.high),
               "time": duration(number(e.payload.get("seconds")))}  # fmt: skip
    code = "brief.result" if numbers["span"] else "brief.result_plain" if test.value is not None else "brief.result_val"
    return [_row("verdict", both(code, numbers))]


def _quoted(folder: Path) -> str:
    text = str(folder)
    return f'"{text}"' if " " in text else text


def titles(lang: Lang) -> dict[str, str]:
    """The name of each section."""
    return {name: both(f"brief.section.{name}")[lang] for name in SECTIONS}
