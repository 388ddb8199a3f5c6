"""What a decision says of its rules, so that it can be told by somebody who knows none."""

import hashlib

from rankfirst.policy.rules import TABLES
from rankfirst.records import Advance, Decision, Family, Finding, Meaning, Stage, Verdict, from_json, to_json
from rankfirst.records.old_journals import MEANINGS
from tests.policy import curves as c

DONE = Advance(Stage.FINAL)
NEW = {"new": Meaning(Family.TAKEN_BACK, quotes=("f1",)), "seen": Meaning(Family.LR_TOO_SMALL, ("lr",), 1)}


def decision(rule: str, **more: object) -> Decision:
    found = (("seen", Finding("x", Verdict.PRESENT)), (rule, Finding("x.present", Verdict.PRESENT, {"f1": 1.0})))
    return Decision(Stage.OPTIMISE, rule, DONE, c.RECIPE, found, (("seen", "no_room"),), **more)  # type: ignore[arg-type]


def test_a_decision_is_described_by_the_meanings_it_carries() -> None:
    made: Decision = from_json(Decision, to_json(decision("new", meanings=NEW)))
    assert made.family is Family.TAKEN_BACK and made.meaning.quotes == ("f1",)
    assert made.finding is not None and made.finding.numbers == {"f1": 1.0}
    assert [about.family for about, _ in made.read] == [Family.LR_TOO_SMALL, Family.TAKEN_BACK]
    assert [(about.knobs, code) for about, code in made.blocked] == [(("lr",), "no_room")]


def test_a_decision_of_an_old_journal_is_described_by_the_frozen_table() -> None:
    payload = to_json(decision("took_worse"))
    del payload["meanings"]
    old: Decision = from_json(Decision, payload)
    assert old.family is Family.TAKEN_BACK and old.table is MEANINGS
    assert from_json(Decision, to_json(decision("of another version"))).family is Family.OTHER


def test_the_table_for_old_journals_is_frozen() -> None:
    told = repr(sorted((rule, to_json(about)) for rule, about in MEANINGS.items()))
    assert hashlib.sha256(told.encode()).hexdigest()[:16] == "71b6543722fca6b1"


def test_every_rule_of_the_tables_has_a_family() -> None:
    for table in TABLES.values():
        assert all(rule.meaning.family is not Family.OTHER for rule in table)
