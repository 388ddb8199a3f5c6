"""The phrase banks: both languages whole, alike in structure, distinct in wording, and small."""

import re
from pathlib import Path
from string import Formatter

import pytest

import rankfirst.sample
from rankfirst.sample import CONFUSABLE, INTENTS, TAIL_ROWS
from rankfirst.sample.bank import BANKS, COMPANIONS, Bank

both = pytest.mark.parametrize("bank", list(BANKS.values()), ids=list(BANKS))


def every_phrase(bank: Bank) -> list[str]:
    framed = bank.framed(bank.asked_frames), bank.framed(bank.settled_frames)
    groups = (bank.phrases, bank.follow_ups, bank.campaign, bank.settled, *framed)
    return [phrase for group in groups for phrases in group.values() for phrase in phrases]


@both
def test_each_intent_has_enough_phrases(bank: Bank) -> None:
    assert tuple(bank.phrases) == INTENTS
    assert tuple(bank.follow_ups) == INTENTS
    for intent in INTENTS:
        assert 12 <= len(bank.phrases[intent]) + len(bank.follow_ups[intent]) <= 25


def test_the_languages_have_the_same_shape() -> None:
    en, zh = BANKS["en"], BANKS["zh"]
    assert set(en.campaign) == set(zh.campaign)
    assert set(en.settled) == set(zh.settled) <= set(INTENTS)
    assert {len(phrases) for bank in (en, zh) for phrases in bank.settled.values()} == {3}
    assert set(en.matters) == set(zh.matters) <= set(INTENTS)
    assert {len(matters) for bank in (en, zh) for matters in bank.matters.values()} == {2}
    assert {len(frames) for bank in (en, zh) for frames in (bank.asked_frames, bank.settled_frames)} == {10}
    assert set(en.slots) == set(zh.slots)
    for intent in INTENTS:
        assert len(en.phrases[intent]) == len(zh.phrases[intent])


@both
def test_no_phrase_is_repeated(bank: Bank) -> None:
    plain = [re.sub(r"\W", "", phrase).casefold() for phrase in every_phrase(bank)]
    assert len(plain) == len(set(plain))


@both
def test_every_slot_can_be_filled(bank: Bank) -> None:
    lines = [*every_phrase(bank), *(aside.text for aside in bank.asides)]
    named = {slot for line in lines for _, slot, _, _ in Formatter().parse(line) if slot}
    assert named <= {*bank.slots, "order"}


@both
def test_asides_and_relations_refer_to_existing_intents(bank: Bank) -> None:
    assert {intent for aside in bank.asides for intent in aside.never_with} <= set(INTENTS)
    assert {*CONFUSABLE, *CONFUSABLE.values()} <= set(INTENTS)
    assert set(COMPANIONS) == set(INTENTS)
    assert not {other for others in COMPANIONS.values() for other in others} & set(TAIL_ROWS)


@both
def test_a_frame_holds_one_matter_and_no_slot(bank: Bank) -> None:
    for frame in (*bank.asked_frames, *bank.settled_frames):
        assert [slot for _, slot, _, _ in Formatter().parse(frame) if slot] in (["matter"], ["Matter"])
    assert not {"matter", "Matter"} & {slot for phrase in every_phrase(bank)
                                       for _, slot, _, _ in Formatter().parse(phrase)}  # fmt: skip


def test_each_bank_is_in_its_language() -> None:
    han = re.compile(r"[\u4e00-\u9fff]")
    assert not any(han.search(phrase) for phrase in every_phrase(BANKS["en"]))
    assert all(han.search(phrase) for phrase in every_phrase(BANKS["zh"]))


@both
def test_no_single_word_separates_confusable_intents(bank: Bank) -> None:
    """Both of a confusable pair use the other's words: each shares a good part of its vocabulary with its twin."""
    for intent, twin in CONFUSABLE.items():
        mine, theirs = (set(_units(bank, name)) for name in (intent, twin))
        assert len(mine & theirs) / min(len(mine), len(theirs)) > 0.15, (intent, twin)


def _units(bank: Bank, intent: str) -> list[str]:
    text = " ".join(bank.phrases[intent]).casefold()
    return re.findall(r"[a-z']{3,}" if bank.lang == "en" else r"[\u4e00-\u9fff]", text)


def test_the_package_stays_small() -> None:
    folder = Path(rankfirst.sample.__file__).parent
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.suffix in (".py", ".toml")) < 150_000
