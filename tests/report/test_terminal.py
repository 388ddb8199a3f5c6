"""Plain lines: every kind, both languages, one line each, nothing a terminal would obey."""

import pytest

from rankfirst.report import explain, tell

from . import journal_example as example


def lines_of(kind, lang="en", nth=0):
    return "\n".join(tell(*[e for e in example.told() if e[0] == kind][nth], lang))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_kind_has_lines(lang):
    for kind, key, payload in example.told():
        lines = tell(kind, key, payload, lang)
        assert lines and all(line.strip() and "\n" not in line for line in lines), kind


def test_a_rung_tells_name_score_interval_and_time():
    assert lines_of("rung", nth=2) == "Frozen encoder: macro-F1 82.6% (95% 81.2–83.9%), 21 s"
    assert lines_of("rung", "zh", 2) == "冻结底座：macro-F1 82.6%（95% 区间 81.2–83.9%），用时 21 秒"


def test_a_probe_tells_recipe_and_from_where_to_where():
    recipe, outcome = lines_of("probe").splitlines()
    assert recipe == "Probe of rank 8 · q/v + FFN, top 2 layers · a 1 · lr 2e-4 · dropout 0.05."
    assert "val macro-F1 82.6% → 85.0%" in outcome and "train loss 0.66 → 0.43" in outcome


def test_an_experiment_has_a_line_an_arm():
    told = lines_of("experiment").splitlines()
    assert told[0].startswith("Rank is the limit") and len(told) == 6
    assert told[3] == "  rank up: val F1 87.1%, gain +0.0410 ± 0.0161 (beyond noise)"


def test_a_decision_tells_conclusion_present_findings_move_and_what_is_left_alone():
    told = lines_of("decision", nth=1).splitlines()
    assert told[0] == "[Capacity] Capacity is short: raise the rank (rank 8 → 32)."
    assert [line.split(":")[0].strip() for line in told[1:]] == [
        "because", "not acted on", "left alone", "left alone", "next",
    ]  # fmt: skip
    assert told[-1] == "  next: rank 8 → 32"
    assert "left the numbers" not in lines_of("decision")  # an absent symptom


def test_the_verdict_and_the_six_sentences():
    assert lines_of("verdict").startswith("Ship the LoRA adapter. LoRA gains 5.8 points")
    assert len(lines_of("result", "zh").splitlines()) == 7


def test_records_are_taken_as_they_are():
    assert tell("probe", "", example.curve(), "en") == lines_of("probe").splitlines()


def test_unknown_kinds_and_unreadable_records_do_not_crash():
    assert tell("weather", "", {"a": 1}, "en") == []
    assert "probe" in tell("probe", "", {"a": 1}, "en")[0]
    assert tell("note", "", {"code": "gone", "numbers": {"a": 1}}, "en") == ["gone (a = 1)"]


@pytest.mark.parametrize("kind", sorted({kind for kind, _, _ in example.told()}))
def test_empty_payloads_do_not_crash(kind):
    assert tell(kind, "", {}, "zh")


def test_control_characters_do_not_reach_the_terminal():
    hostile = "\x1b[31mred\u202e\nnext"
    told = example.told(dataset=hostile, text="a\x07b")
    told.insert(5, ("refusal", hostile, {"knob": hostile, "value": hostile, "stage": hostile, "code": hostile}))
    text = explain(example.events(told), "en")
    assert not set(text) & {"\x1b", "\x07", "\u202e", "\r"}


@pytest.mark.parametrize(
    ("lang", "stages", "end"),
    [("en", ("Assessment", "Capacity", "Optimisation", "Final training"), "Finished in 7 min 11 s"),
     ("zh", ("评估", "容量", "优化", "最终训练"), "完成，用时 7 分 11 秒")],
)  # fmt: skip
def test_the_whole_ledger_stage_by_stage(lang, stages, end):
    text = explain(example.events(), lang)
    places = [text.index(f"== {stage} ==") for stage in stages]
    assert places == sorted(places) and end in text


def test_a_journal_file_reads_like_its_events(tmp_path):
    assert explain(example.write(tmp_path), "zh") == explain(example.events(), "zh")


def test_an_unfinished_ledger_ends_in_how_to_continue():
    text = explain(example.events(example.told()[:10]), "en")
    assert text.rstrip().endswith("rankfirst fit service-intents -o out --budget 10m")
