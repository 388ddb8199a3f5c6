"""The generated rows: repeatable, in the promised shares, and with no trouble that is not declared."""

import re
from collections import Counter, defaultdict
from datetime import date
from functools import cache

import pytest

from rankfirst.messages import LANGS, Lang
from rankfirst.sample import ACTS, CONFUSABLE, INTENTS, MIN_ROWS, TAIL_ROWS, Act, Row, generate
from rankfirst.sample.bank import BANKS
from rankfirst.sample.build import Placed, placed_rows

both = pytest.mark.parametrize("lang", LANGS)
ROWS = 1600


@cache
def sample(lang: Lang, multi: bool = True) -> list[Placed]:
    return placed_rows(lang, ROWS, 0, multi)


def rows_of(lang: Lang, multi: bool = True) -> list[Row]:
    return [placed.row for placed in sample(lang, multi)]


@both
def test_the_seed_decides_everything(lang: Lang) -> None:
    once = generate(lang, 600, seed=3)
    assert once == generate(lang, 600, seed=3)
    assert once != generate(lang, 600, seed=4)


@both
@pytest.mark.parametrize("multi", [True, False])
@pytest.mark.parametrize("rows", [MIN_ROWS, 777, ROWS])
def test_as_many_rows_as_asked_split_70_15_15(lang: Lang, rows: int, multi: bool) -> None:
    placed = placed_rows(lang, rows, 1, multi)
    sizes = Counter(one.split for one in placed)
    assert len(placed) == rows
    assert sizes["val"] == sizes["test"] == round(rows * 0.15)


@both
@pytest.mark.parametrize("multi", [True, False])
def test_every_intent_is_in_every_split(lang: Lang, multi: bool) -> None:
    for seed in range(3):
        found: dict[str, set[str]] = defaultdict(set)
        for one in placed_rows(lang, MIN_ROWS, seed, multi):
            found[one.split] |= set(one.row.labels)
        assert all(found[split] == set(INTENTS) for split in ("train", "val", "test"))


@both
@pytest.mark.parametrize("multi", [True, False])
def test_the_tail_has_exactly_the_specified_rows(lang: Lang, multi: bool) -> None:
    counted = Counter(label for row in rows_of(lang, multi) for label in row.labels)
    assert {intent: counted[intent] for intent in TAIL_ROWS} == dict(TAIL_ROWS)
    assert all(6 <= count <= 15 for count in TAIL_ROWS.values())
    assert min(counted[intent] for intent in INTENTS if intent not in TAIL_ROWS) > 20


@both
def test_labels_are_sorted_and_dates_run_forward(lang: Lang) -> None:
    rows = rows_of(lang)
    assert all(list(row.labels) == sorted(set(row.labels)) for row in rows)
    assert all(list(row.planted) == sorted(set(row.planted)) for row in rows)
    days = [date.fromisoformat(row.date) for row in rows]
    assert days == sorted(days)


@both
def test_planted_problems_have_the_specified_shares(lang: Lang) -> None:
    rows = rows_of(lang)
    share = {trouble: count / ROWS for trouble, count in Counter(t for row in rows for t in row.planted).items()}
    assert 0.10 < share["typo"] < 0.20
    assert 0.12 < share["ellipsis"] < 0.25
    assert 0.07 < share["campaign"] < 0.11
    assert 0.30 < share["two_intents"] < 0.40
    assert share["duplicate"] == pytest.approx(0.03, abs=0.001)
    assert share["conflict"] == pytest.approx(0.04, abs=0.001)


@both
def test_a_message_with_two_intents_has_two_labels_unless_disputed(lang: Lang) -> None:
    for row in rows_of(lang):
        if "conflict" not in row.planted:
            assert ("two_intents" in row.planted) == (len(row.labels) > 1)
    assert {len(row.labels) for row in rows_of(lang)} == {1, 2, 3}


@both
def test_single_means_one_label_and_one_question(lang: Lang) -> None:
    rows = rows_of(lang, multi=False)
    assert all(len(row.labels) == 1 and "two_intents" not in row.planted for row in rows)


@both
@pytest.mark.parametrize("multi", [True, False])
def test_equal_texts_exist_only_where_planted(lang: Lang, multi: bool) -> None:
    """This is the leakage test too: a text that two splits share is a declared copy."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows_of(lang, multi):
        groups["".join(char for char in row.text.casefold() if char.isalnum())].append(row)
    for members in (group for group in groups.values() if len(group) > 1):
        first, second = members
        planted = {*first.planted, *second.planted}
        assert first.text == second.text
        if first.labels == second.labels:
            assert "duplicate" in planted
        else:
            assert "conflict" in first.planted and "conflict" in second.planted
            assert _disputable(first.labels, second.labels) or _disputable(second.labels, first.labels)
    twice = sum(len(group) > 1 for group in groups.values())
    assert twice == round(ROWS * 0.03) + round(ROWS * 0.02)


def _disputable(labels: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return set(other) < set(labels) or (len(labels) == 1 and other == (CONFUSABLE.get(labels[0]),))


@both
def test_the_campaign_is_later_and_brings_new_words(lang: Lang) -> None:
    start = BANKS[lang].campaign_start
    rows = rows_of(lang)
    assert all(row.date >= start for row in rows if "campaign" in row.planted)
    new = re.compile(r"black friday|flash|doorbuster|cyber" if lang == "en" else r"618|秒杀|大促|尾款|预售", re.I)
    assert sum(bool(new.search(row.text)) for row in rows if row.date < start) == 0
    assert sum(bool(new.search(row.text)) for row in rows if row.date >= start) > 60
    assert any("campaign" not in row.planted for row in rows if row.date >= start)


@both
def test_val_and_test_use_phrasings_that_train_lacks(lang: Lang) -> None:
    texts: dict[str, str] = defaultdict(str)
    for one in sample(lang):
        texts["train" if one.split == "train" else "later"] += one.row.text.casefold() + "\n"
    # Phrases without slots can be looked up as they are.
    plain = [
        phrase.casefold().rstrip(".?？")
        for phrases in BANKS[lang].phrases.values()
        for phrase in phrases
        if "{" not in phrase
    ]
    heard = [phrase for phrase in plain if phrase in texts["later"]]
    new = [phrase for phrase in heard if phrase not in texts["train"]]
    assert 0.15 < len(new) / len(heard) < 0.6


@both
def test_a_large_sample_does_not_run_out_of_phrases(lang: Lang) -> None:
    assert len(generate(lang, 6000)) == 6000


def test_impossible_arguments_are_an_error() -> None:
    with pytest.raises(ValueError, match="at least"):
        generate("en", MIN_ROWS - 1)
    with pytest.raises(ValueError, match="language"):
        generate("fr")  # type: ignore[arg-type]


@cache
def act_rows(lang: Lang, act: Act) -> list[Placed]:
    return placed_rows(lang, act.rows, 0, act.mix.several > 0, act.mix)


@both
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_an_act_has_its_intents_in_every_split(lang: Lang, act: Act) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for placed in act_rows(lang, act):
        found[placed.split] |= set(placed.row.labels)
    assert all(found[split] == set(act.mix.intents) for split in ("train", "val", "test"))


@both
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_an_act_has_the_shares_of_its_mix(lang: Lang, act: Act) -> None:
    rows = [placed.row for placed in act_rows(lang, act)]
    share = Counter(trouble for row in rows for trouble in row.planted)
    mix = act.mix
    for trouble, wanted in {"settled": mix.settled, "typo": mix.typos, "two_intents": mix.several,
                            "campaign": mix.campaign, "ellipsis": mix.ellipsis_alone}.items():  # fmt: skip
        assert share[trouble] / len(rows) == pytest.approx(wanted, abs=0.06), trouble
    assert share["duplicate"] == round(act.rows * mix.duplicates)
    assert share["conflict"] == 2 * round(act.rows * mix.conflicts)
    assert max(len(row.labels) for row in rows) == (1 if not mix.several else 3 if mix.third else 2)


@both
def test_a_settled_matter_is_named_and_no_label(lang: Lang) -> None:
    act = next(act for act in ACTS if act.mix.settled)
    assert act.mix.framed
    frames = BANKS[lang].framed(BANKS[lang].settled_frames)
    plain = {phrase.rstrip(".。").casefold(): intent for intent, phrases in frames.items()
             for phrase in phrases if not {"{", "，", ","} & set(phrase)}  # fmt: skip
    named = [(intent, placed.row) for placed in act_rows(lang, act) for phrase, intent in plain.items()
             if phrase in placed.row.text.casefold()]  # fmt: skip
    assert len(named) > 20
    assert all("settled" in row.planted and intent not in row.labels for intent, row in named)


@both
def test_three_requests_are_not_numbered_twice(lang: Lang) -> None:
    act = next(act for act in ACTS if not act.mix.nested)
    for placed in act_rows(lang, act):
        assert len(re.findall(r"1\) |1、|Two things|两个事", placed.row.text)) < 2, placed.row.text
