"""Is LoRA needed: expected from the rungs below, answered by paired predictions."""

from dataclasses import replace

import numpy as np
import pytest

from rankfirst.messages import say
from rankfirst.policy import lora_need, noise
from rankfirst.records import Answer, DataCeiling, Learning, Rung, Scores

ROWS, CLASSES = 600, 4
TRUTH = tuple((i % CLASSES,) for i in range(ROWS))


def rung(name: str, right: float, seed: int = 0) -> Rung:
    """A rung that has this share of the rows right."""
    rng = np.random.default_rng(seed)
    hit = rng.permutation(ROWS) < right * ROWS
    said = tuple(t if h else ((t[0] + 1) % CLASSES,) for t, h in zip(TRUTH, hit, strict=True))
    loss = tuple(0.1 if h else 2.0 for h in hit)
    return Rung(name, Scores(right, right, right, {}, float(np.mean(loss))), 1.0, 1.0, {}, loss, said)


TFIDF, FROZEN = rung("tfidf", 0.70), rung("frozen", 0.85)


def test_the_scores_said_differ_by_the_gain_said_even_beside_a_class_without_rows():
    lora = rung("lora", 0.95, 1)
    stray = replace(lora, val_predicted=((CLASSES,), *lora.val_predicted[1:]))  # F1 0 for the class without rows
    told = lora_need.measured(TRUTH, CLASSES + 1, TFIDF, FROZEN, stray)
    numbers = told.numbers
    assert told.answer is Answer.YES
    measured = 100 * (numbers["lora"] - numbers["base"])
    assert measured == pytest.approx(noise.contrast(TRUTH, stray, FROZEN, CLASSES + 1).measured * 100)
    assert measured == pytest.approx(10, abs=0.5) and numbers["lora"] > 0.94


@pytest.mark.parametrize(
    ("ceiling", "learning", "answer", "code"),
    [
        pytest.param(
            0.85, Learning((1, 2), (0.8, 0.85), 0.05, 0.01), Answer.UNLIKELY, "need.frozen_at_ceiling", id="full"
        ),
        pytest.param(
            0.99, Learning((1, 2), (0.84, 0.85), 0.002, 0.004), Answer.LIKELY, "need.features_limit", id="flat"
        ),
        pytest.param(0.99, Learning((1, 2), (0.8, 0.85), 0.05, 0.01), Answer.UNKNOWN, "need.rows_limit", id="climbing"),
        pytest.param(0.99, None, Answer.UNKNOWN, "need.no_curve", id="no-encoder"),
    ],
)
def test_what_is_expected(ceiling, learning, answer, code):
    told = lora_need.expected(
        TRUTH, CLASSES, TFIDF, FROZEN, DataCeiling(ceiling, ceiling - 0.01, ceiling + 0.01), learning
    )
    assert (told.answer, told.code) == (answer, code)
    assert all(say(told.code, lang, **told.numbers) for lang in ("en", "zh"))


@pytest.mark.parametrize(
    ("right", "answer"),
    [
        pytest.param(0.95, Answer.YES, id="far-better"),
        pytest.param(0.70, Answer.NO, id="worse"),
        pytest.param(0.853, Answer.UNKNOWN, id="a-third-of-a-point-in-600-rows"),
    ],
)
def test_what_is_measured(right, answer):
    told = lora_need.measured(TRUTH, CLASSES, TFIDF, FROZEN, rung("lora", right, seed=1))
    assert told.answer is answer
    assert told.numbers["low"] < told.numbers["gain"] < told.numbers["high"]
    assert all(say(told.code, lang, **told.numbers) for lang in ("en", "zh"))
    assert told.code != "need.never_better"
    if answer is Answer.UNKNOWN:
        assert told.numbers["rows_to_tell"] > ROWS


def test_a_lora_that_answers_as_the_frozen_rung_does_was_never_better():
    told = lora_need.measured(TRUTH, CLASSES, TFIDF, FROZEN, FROZEN)
    assert (told.answer, told.code) == (Answer.NO, "need.never_better")
    assert all(say(told.code, lang, **told.numbers) for lang in ("en", "zh"))


def test_a_yes_that_is_not_proven_says_so():
    wrong = [i for i, (said, true) in enumerate(zip(FROZEN.val_predicted, TRUTH, strict=True)) if said != true]
    said = tuple(TRUTH[i] if i in wrong[:4] else row for i, row in enumerate(FROZEN.val_predicted))
    lower = np.random.default_rng(0).normal(0.02, 0.2, ROWS)
    losses = tuple((FROZEN.val_log_loss - lower).tolist())
    lora = replace(FROZEN, name="lora", val_predicted=said, val_log_loss=losses)
    told = lora_need.measured(TRUTH, CLASSES, TFIDF, FROZEN, lora)
    assert (told.answer, told.code) == (Answer.YES, "ship.lora_likely") and told.numbers["low"] < 0
    for lang, words in (("en", "not proven"), ("zh", "尚不能证实")):
        assert words in say(told.code, lang, **told.numbers)


def test_what_luck_there_was_in_picking_an_epoch_is_taken_off():
    plain, picked = (
        lora_need.measured(TRUTH, CLASSES, TFIDF, FROZEN, rung("lora", 0.95, 1), epochs)
        for epochs in ((), (0.94, 0.95, 0.948))
    )
    assert picked.numbers["gain"] == pytest.approx(plain.numbers["gain"] - 0.2)  # half of the evidence


def at_ceiling(truth, classes, base, names=()):
    recall = {name: 1.0 for name in names}
    best = replace(base, val=replace(base.val, macro_f1=1.0, per_class_recall=recall), val_predicted=truth,
                   val_log_loss=(0.1,) * len(truth))  # fmt: skip
    return lora_need.expected(truth, classes, best, best, DataCeiling(1.0, 1.0, 1.0), None)


def test_nothing_is_enough_for_a_class_without_rows():
    told = at_ceiling(((0,),) * 100, 2, TFIDF, ("ok", "rare"))
    assert (told.answer, told.code) == (Answer.UNKNOWN, "need.unjudged")
    assert told.numbers["unjudged_names"] == "rare"
    assert "1 of 2 classes has no validation rows (rare)" in say(told.code, "en", **told.numbers)
    assert all(say(told.code, lang, **told.numbers) for lang in ("en", "zh"))


def test_a_few_of_many_classes_may_be_missing():
    truth = tuple((i % 99,) for i in range(990))
    told = at_ceiling(truth, 100, TFIDF)
    assert told.answer is Answer.UNLIKELY and told.numbers["unjudged"] == 1
    assert at_ceiling(tuple((i % 9,) for i in range(990)), 10, TFIDF).code == "need.unjudged"


def test_few_rows_and_wide_intervals_are_not_a_ceiling():
    assert at_ceiling(((0,), (1,), (1,)), 2, TFIDF).code == "need.few_rows"
    truth = (*(((0,),) * 60), (1,))
    told = at_ceiling(truth, 2, TFIDF)
    assert (told.answer, told.code) == (Answer.UNKNOWN, "need.wide") and told.numbers["low"] < 0.9
    assert all(say(told.code, lang, **told.numbers) for lang in ("en", "zh"))
    assert at_ceiling(tuple((i % 2,) for i in range(60)), 2, TFIDF).answer is Answer.UNLIKELY


def test_no_measured_no_without_rows_of_a_class():
    told = lora_need.measured(TRUTH, CLASSES + 1, TFIDF, FROZEN, FROZEN)
    assert (told.answer, told.code) == (Answer.UNKNOWN, "need.unjudged")
