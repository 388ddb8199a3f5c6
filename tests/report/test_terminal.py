"""Plain lines: every kind, both languages, one line each, nothing a terminal would obey."""

import pytest

from rankfirst.report import explain, tell

from . import journal_example as example


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_kind_has_lines(lang):
    for kind, key, payload in example.events():
        lines = tell(kind, key, payload, lang)
        assert lines and all(line.strip() and "\n" not in line for line in lines), kind


def lines_of(kind, lang="en", nth=0):
    return "\n".join(tell(*[e for e in example.events() if e[0] == kind][nth], lang))


def test_a_rung_tells_name_score_interval_and_time():
    assert lines_of("rung", nth=2) == "frozen: macro-F1 81.0% (95% 79.0–83.0%), 21 s"
    assert lines_of("rung", "zh", 2) == "冻结底座：macro-F1 81.0%（95% 区间 79.0–83.0%），用时 21 秒"


def test_a_probe_tells_recipe_and_from_where_to_where():
    told = lines_of("probe")
    assert "rank 4 · q/v · top 2 layers" in told and "80.0% → 86.0%" in told


def test_an_experiment_has_a_line_an_arm():
    told = lines_of("experiment").splitlines()
    assert len(told) == 3
    assert "+0.0312 ± 0.0101 (beyond noise)" in told[2]


def test_a_decision_tells_present_findings_and_what_is_left_alone():
    told = lines_of("decision")
    assert "slow.present" in told and "numerics.absent" not in told and "refused.dropout" in told
    assert "no_room.rank" in lines_of("decision", nth=1)


def test_records_are_taken_as_they_are():
    assert tell("probe", "", example.curve(), "en") == tell(*example.events()[9], "en")


def test_unknown_kinds_and_unreadable_records_do_not_crash():
    assert tell("weather", "", {"a": 1}, "en") == []
    assert "probe" in tell("probe", "", {"a": 1}, "en")[0]
    assert tell("note", "", {"code": "gone", "numbers": {"a": 1}}, "en") == ["gone (a = 1)"]


@pytest.mark.parametrize("kind", ["run", "rung", "noise", "refusal", "note", "result", "start", "final", "verdict"])
def test_empty_payloads_do_not_crash(kind):
    assert tell(kind, "", {}, "zh")


def test_control_characters_do_not_reach_the_terminal(tmp_path):
    told = example.events(dataset="\x1b[31mred\u202e\nnext", text="a\x07b")
    text = explain(example.write(tmp_path, told), "en")
    assert not set(text) & {"\x1b", "\x07", "\u202e", "\r"}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_whole_ledger(tmp_path, lang):
    text = explain(example.write(tmp_path, example.events()), lang)
    assert ("Finished in" if lang == "en" else "完成，用时") in text
    unfinished = explain(example.write(tmp_path, example.events()[:-1]), lang)
    assert unfinished.rstrip().endswith("rankfirst fit bank intents -o out")
