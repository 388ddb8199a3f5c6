"""What is seen in later rows: nothing where nothing moved, and each thing that was planted."""

import numpy as np
import pytest

from rankfirst.lifecycle.drift import compare
from rankfirst.policy.drift import retrain
from rankfirst.records import Retrain, Verdict
from tests.lifecycle.drift import rows


@pytest.mark.parametrize("side", [False, True], ids=["reference", "file"])
def test_rows_from_the_same_source_are_no_drift(side: bool) -> None:
    seen = compare(rows.known(side=side), rows.new(rows.drawn(700, 3)), rows.RULE)
    answer, reasons = retrain(seen)
    assert (answer, [own.rule for own in reasons]) == (Retrain.NO, ["still"])
    assert seen.shift.verdict is Verdict.ABSENT and not seen.candidates and seen.f1 is None
    assert seen.source == ("file" if side else "reference")


@pytest.mark.parametrize("side", [False, True], ids=["reference", "file"])
def test_an_unseen_class_is_one_cluster_with_a_name_and_its_rows(side: bool) -> None:
    kinds = rows.drawn(700, 3, (1, 1, 1, 0.25))
    seen = compare(rows.known(side=side), rows.new(kinds), rows.RULE)
    assert retrain(seen)[1][0].rule == "new_intent"
    (group,) = seen.candidates
    right = [kinds[own.line - 2] == 3 for own in group.members]
    assert np.mean(right) > 0.9 and sum(right) > 0.6 * (kinds == 3).sum()
    assert rows.NEW in group.terms and rows.NEW in group.name
    assert group.rows == len(group.members) and group.p < 0.01
    assert all(own.file == "new.csv" and own.suggested and own.score is not None for own in group.members)


def test_drift_is_deterministic_for_a_seed() -> None:
    told = [compare(rows.known(), rows.new(rows.drawn(300, 3, (1, 1, 1, 0.3))), rows.RULE, seed=4) for _ in range(2)]
    assert repr(told[0]) == repr(told[1])


def test_repeated_texts_count_once() -> None:
    kinds = rows.drawn(300, 3)
    once = rows.new(kinds)
    twice = rows.new(kinds, texts=list(once.texts[:150]) * 2)
    assert compare(rows.known(), twice, rows.RULE).distinct == 150


def test_classes_answered_more_often_are_listed() -> None:
    seen = compare(rows.known(), rows.new(rows.drawn(700, 3, (4, 1, 1, 0))), rows.RULE)
    assert seen.classes_p < 0.01 and seen.classes[0][0] == "card" and seen.classes[0][2] > 0.5 > seen.classes[0][1]


def test_labels_give_f1_and_recalls_compared_with_delivery() -> None:
    kinds = rows.drawn(700, 3)
    good = compare(rows.known(), rows.new(kinds, labelled=True), rows.RULE)
    assert good.f1 is not None and abs(good.f1.after - good.f1.before) < 0.05 and good.labelled == 700
    assert good.f1.low < 0 < good.f1.high
    assert retrain(good)[1][0].rule == "holds_up" and retrain(good)[0] is Retrain.NO
    mixed = np.where(kinds == 2, 1, kinds)  # what is called "rate" now was "limit" for whoever labels
    bad = compare(rows.known(), rows.new(kinds, labels=[(int(k),) for k in mixed]), rows.RULE)
    assert bad.f1 is not None and bad.f1.high < 0 and retrain(bad)[1][0].rule == "f1_fell"
    assert [own.name for own in bad.recalls] == ["card", "limit"]
    assert "recall_fell" in [own.rule for own in retrain(bad)[1]]


def test_labels_unknown_to_the_model_are_counted() -> None:
    kinds = rows.drawn(400, 3, (1, 1, 1, 0.3))
    seen = compare(rows.known(), rows.new(kinds, labelled=True), rows.RULE)
    assert seen.unknown == ((rows.NEW, int((kinds == 3).sum())),) and seen.labelled == int((kinds < 3).sum())
    assert retrain(seen)[1][0].rule == "unknown_labels"


def test_more_abstentions_are_reported_with_an_interval() -> None:
    kinds = rows.drawn(700, 3)
    made = rows.new(kinds)
    unsure = made.probabilities.copy()
    unsure[:250] = 1 / 3
    seen = compare(rows.known(), rows.new(kinds, probabilities=unsure), rows.RULE)
    assert seen.abstain is not None and seen.abstain.low > 0.2 and seen.abstain.high > seen.abstain.low
    assert "abstains_more" in [own.rule for own in retrain(seen)[1]]


def test_a_few_rows_are_inconclusive() -> None:
    seen = compare(rows.known(), rows.new(rows.drawn(12, 3)), rows.RULE)
    assert [own.rule for own in retrain(seen)[1]] == ["too_few"]
    one = compare(rows.known(), rows.new(rows.drawn(1, 3), labelled=True), rows.RULE)
    assert retrain(one)[0] is Retrain.UNKNOWN


def test_no_finding_in_too_few_rows_is_inconclusive() -> None:
    seen = compare(rows.known(n=200, held=100), rows.new(rows.drawn(200, 3)), rows.RULE)
    answer, reasons = retrain(seen)
    assert (answer, reasons[0].rule) == (Retrain.UNKNOWN, "cannot_rule_out")
