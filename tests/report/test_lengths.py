"""How long the texts are, in the terminal and on the page: one line when all is well, else what to do about it."""

from dataclasses import replace

import pytest

from rankfirst.records import to_json
from rankfirst.report import tell
from rankfirst.report.build import build
from tests.report import journal_example as example

FINE = example.LENGTHS
LONG = replace(FINE, p95=300, p99=370, longest=900, over=0.081, cut=0.081, suggested=384, suggested_cut=0.007,
               suggested_cost=1.34)  # fmt: skip


def lines(told, lang="en"):
    return tell("lengths", "", to_json(told), lang)


def data_of(told):
    events = [(kind, key, to_json(told) if kind == "lengths" else payload) for kind, key, payload in example.told()]
    return build(example.events(events)).data


def test_one_line_when_all_is_well():
    assert lines(FINE) == [
        "Training texts in tokens: half have up to 14, 95% up to 40, 99% up to 96. 0.4% of them are cut at 256."
    ]
    assert lines(FINE, "zh") == [
        "训练文本的 token 数：一半不超过 14，95% 不超过 40，99% 不超过 96。0.4% 在 256 处被截断。"
    ]


def test_a_better_limit_comes_with_its_price():
    assert lines(LONG)[1:] == [
        "  --max-tokens 384 would cut 0.7%; an epoch would read 1.3 times as many tokens, and the cost of attention "
        "grows faster than that."
    ]
    assert lines(LONG, "zh")[1].startswith("  --max-tokens 384 只会截断 0.7%；每轮要读的 token 是现在的 1.3 倍")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_base_that_reads_no_more_points_to_windows(lang):
    stuck = replace(FINE, max_tokens=512, over=0.2, cut=0.2, at_limit=True)
    assert len(lines(stuck, lang)) == 2 and "512" in lines(stuck, lang)[1] and "--windows" in lines(stuck, lang)[1]
    both = lines(replace(LONG, suggested=512, suggested_cut=0.05, at_limit=True), lang)
    assert "--max-tokens 512" in both[1] and "--windows" in both[2]


def test_windows_say_what_they_read_and_what_they_do_not():
    read = replace(LONG, windows=True, cut=0.0, suggested=0)
    assert lines(read) == [
        "Training texts in tokens: half have up to 14, 95% up to 300, 99% up to 370. 8.1% of them are "
        "read in windows of 256."
    ]
    assert lines(replace(read, cut=0.02))[1] == "  2.0% of them are longer than eight windows and are read with gaps."
    assert "2.0%" in lines(replace(read, cut=0.02), "zh")[1]


def test_the_page_has_the_lengths_among_its_facts_and_advice_among_its_checks():
    fine, long = data_of(FINE), data_of(LONG)
    assert fine.facts[-1][1].en == "14 / 40 / 96 / 301" and "token" in fine.facts[-1][0].zh
    new = [c for c in long.checks if c not in fine.checks]
    assert [c.level for c in new] == ["note", "note"] and "--max-tokens 384" in new[1].words.en


def test_a_run_of_before_lengths_were_told_has_its_page():
    told = [event for event in example.told() if event[0] != "lengths"]
    assert len(build(example.events(told)).data.facts) == len(data_of(FINE).facts) - 1


def test_a_plan_tells_them_after_the_base_model():
    told = tell("plan", "", example.plan() | {"lengths": to_json(LONG)}, "en")
    assert told[2].startswith("  Training texts in tokens") and "--max-tokens 384" in told[3]
