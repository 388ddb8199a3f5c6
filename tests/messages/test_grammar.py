"""Numbers inside sentences: plurals, signs, intervals, small p."""

import pytest

from rankfirst.messages import say, sentences
from rankfirst.messages.grammar import INTERVAL, agreeing, filled
from rankfirst.policy.thresholds import NOISE_SES


@pytest.mark.parametrize(
    ("written", "numbers", "told"),
    [
        pytest.param("{n} rows", {"n": 1}, "1 row", id="one"),
        pytest.param("{n} rows", {"n": 2}, "2 rows", id="two"),
        pytest.param("{n} rows", {"n": 0}, "0 rows", id="none"),
        pytest.param("{n:g} epochs", {"n": 1.0}, "1 epoch", id="a-float"),
        pytest.param("{n:g} epochs", {"n": 1.5}, "1.5 epochs", id="a-fraction"),
        pytest.param("{n} evaluations", {"n": "1"}, "1 evaluation", id="a-word"),
        pytest.param("{n:,} classes", {"n": 1}, "1 class", id="es"),
        pytest.param("{n} pair(s) of names", {"n": 1}, "1 pair of names", id="brackets-one"),
        pytest.param("{n} pair(s) of names", {"n": 3}, "3 pairs of names", id="brackets-many"),
        pytest.param("{n} training rows carry", {"n": 1}, "1 training row carries", id="a-verb"),
        pytest.param("{n} texts ({s:.0%}) have", {"n": 1, "s": 0.5}, "1 text (50%) has", id="a-verb-after-brackets"),
        pytest.param("{k} of {n} rows repeat", {"k": 1, "n": 9}, "1 of 9 rows repeats", id="a-part"),
        pytest.param("{k} of {n} rows repeat", {"k": 2, "n": 9}, "2 of 9 rows repeat", id="parts"),
        pytest.param("{n:.1f} points", {"n": 1.0}, "1.0 points", id="measured-not-counted"),
        pytest.param("{g!w:better|worse} by {g!m:.2f}", {"g": -0.3}, "worse by 0.30", id="down"),
        pytest.param("{g!w:better|worse} by {g!m:.2f}", {"g": 0.3}, "better by 0.30", id="up"),
        pytest.param("± {se!i:.1f}", {"se": 1.0}, "± 2.0", id="interval"),
        pytest.param("{p!q}", {"p": 0.0}, "p < 1e-300", id="underflow"),
        pytest.param("{p!q}", {"p": 0.00123}, "p = 0.0012", id="small"),
        pytest.param("{g:+.1f} points", {"g": -0.01}, "0.0 points", id="no-negative-zero"),
        pytest.param("{g:+.1f} points", {"g": 0.0}, "0.0 points", id="no-positive-zero"),
        pytest.param("a<<; {n} of b>>.", {"n": 0}, "a.", id="a-part-of-zero-is-left-out"),
        pytest.param("a<<; {n} of b>>.", {"n": 2}, "a; 2 of b.", id="a-part"),
        pytest.param("<<{n} x||{m:.1%} y||{k} z>>", {"n": 1, "m": 0.0004, "k": 3}, "1 x, 3 z", id="shown-as-zero"),
        pytest.param("<<{n} x||{k} z, z>>", {"n": 1, "k": 3}, "1 x; 3 z, z", id="parts-with-commas"),
        pytest.param("<<{n} 个||{k} 个>>。", {"n": 1, "k": 3}, "1 个，3 个。", id="parts-in-chinese"),
        pytest.param("<<{n} rows are||{k} x>>", {"n": 1, "k": "0.0%"}, "1 row is", id="a-part-agrees"),
        pytest.param("{g:+.1f} points", {"g": 10.0}, "+10.0 points", id="not-a-zero"),
    ],
)
def test_numbers_enter_a_sentence(written: str, numbers: dict[str, object], told: str) -> None:
    assert filled(agreeing(written), numbers) == told


def test_a_finding_of_zero_is_not_shown() -> None:
    sizes = {"classes": 3, "effective": 2.9, "largest": 9, "smallest": 5, "ratio": 1.8, "tail_rows": 20}
    told = say("data.check.class_sizes", **sizes, tail=0, tail_share=0.0, single=0)
    assert told == "3 classes (effective: 2.9); the largest has 9 rows, the smallest 5 (1.8 : 1)."
    assert say("data.check.ambiguous_pairs", worst="a ~ b", rate=0.06, limit=0.1, pairs=0).endswith("of their rows.")
    personal = dict.fromkeys(("emails", "phones", "identities", "cards", "ibans", "ips", "numbers"), 0) | {"phones": 2}
    assert say("data.check.private", "zh", **personal) == "训练文本中疑似含有个人信息：2 条含电话号码。"
    lengths = {"p50": 9, "p95": 20, "p99": 30, "limit": 256}
    assert say("report.lengths", over="0.0%", **lengths).endswith("99% up to 30.")
    assert say("report.lengths", over="1.2%", **lengths).endswith("1.2% of them are cut at 256.")


def test_no_part_of_a_sentence_is_left_open() -> None:
    parts = [text.count("<<") == text.count(">>") for pair in sentences().values() for text in pair]
    assert all(parts)


def test_a_missing_number_is_a_bug() -> None:
    with pytest.raises(KeyError):
        filled("{n} rows", {})


def test_no_sentence_leaves_the_plural_to_the_reader() -> None:
    assert not [code for code, (english, _) in sentences().items() if "(s)" in agreeing(english)]


def test_no_chinese_sentence_mixes_terms() -> None:
    """One name a thing, wherever somebody reads: the score, its unit."""
    mixed = [code for code, (_, chinese) in sentences().items() if "macro-F1" in chinese or "} 分（" in chinese]
    assert not mixed


def test_small_things_are_told_in_the_singular() -> None:
    assert say("report.probe.nothing", epochs=1.0) == "1 epoch, nothing measured"
    assert say("report.unread", count=1) == "1 event of this journal was written by another version and is not shown."
    one = {"file": "a.csv", "count": 1, "rows": 1, "labels": "x"}
    assert "1 label absent from training was removed from 1 row: x." in say("data.note.unknown_labels_dropped", **one)
    assert say("data.check.suspects", suspects=1, share=0.1).startswith("1 training row (10.0%) carries a label")


def test_the_interval_that_is_printed_is_the_one_that_decides() -> None:
    assert INTERVAL == NOISE_SES
