"""Plain lines: every kind, both languages, one line each, nothing a terminal would obey."""

import pytest

from rankfirst.report import explain, six, tell, time_lines
from tests.report import journal_example as example


def lines_of(kind, lang="en", nth=0):
    return "\n".join(tell(*[e for e in example.told() if e[0] == kind][nth], lang))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_kind_has_lines(lang):
    for kind, key, payload in example.told():
        lines = tell(kind, key, payload, lang)
        assert lines and all(line.strip() and "\n" not in line for line in lines), kind


def test_a_rung_tells_name_score_interval_and_time():
    assert lines_of("rung", nth=2) == "Frozen encoder: macro-F1 82.6% (95% interval 81.2–83.9%), 21 s"
    assert lines_of("rung", "zh", 2) == "冻结底座：宏平均 F1 82.6%（95% 区间 81.2–83.9%），用时 21 秒"


def test_the_time_by_stage_is_a_table_that_ends_with_the_total():
    result = next(payload for kind, _, payload in example.told() if kind == "result")
    head, columns, first, *_, last = time_lines(result, "en")
    assert "each second is counted once" in head
    assert columns.split() == ["Stage", "Time", "Share", "of", "the", "time"]
    assert first.split()[-3:] == ["6.0", "s", "1.4%"] and last.split() == ["Total", "7", "min", "11", "s"]
    assert time_lines(result, "zh")[3].split() == ["编码文本", "14", "秒", "3.2%"]


def test_a_run_that_kept_no_account_of_time_says_so():
    assert time_lines({"seconds": 3.0}, "en") == [
        "This run was made by a version that kept no account of the time by stage"
    ]


def test_a_probe_tells_recipe_and_from_where_to_where():
    recipe, outcome = lines_of("probe").splitlines()
    assert recipe == "Probe with rank 8 · q/v + FFN, top 2 layers · scaling 1 · lr 2e-4 · dropout 0.05."
    assert "val macro-F1 82.6% → 85.0%" in outcome and "train loss 0.66 → 0.43" in outcome


def test_an_experiment_of_an_older_run_has_a_line_an_arm():
    told = lines_of("experiment").splitlines()
    assert told[0].startswith("Rank is the limit") and len(told) == 5
    assert (
        told[3]
        == "  a higher rank: val F1 87.1%, loss lower by 0.0410 ± 0.0161 nats per example (95% interval, beyond noise)"
    )


def test_an_experiment_tells_the_arm_that_is_new_beside_doing_nothing():
    event = next(e for e in example.told() if e[0] == "experiment")
    told = tell("experiment", f"{event[1]} r32", event[2], "en")
    assert told[0].startswith("Rank is the limit") and len(told) == 3
    assert told[1].startswith("  no change: ") and told[2].startswith("  more target modules: ")


def test_a_decision_tells_conclusion_present_findings_move_and_what_is_left_alone():
    told = lines_of("decision", nth=1).splitlines()
    assert told[0] == "[Capacity] Capacity is short: raise the rank."
    assert [line.split(":")[0].strip() for line in told[1:]] == [
        "reason", "not acted on", "unchanged", "unchanged", "next",
    ]  # fmt: skip
    assert told[-1] == "  next: rank 8 → 32"
    assert "left the numbers" not in lines_of("decision")  # an absent symptom


def test_what_reading_the_files_changed_is_told_with_the_run():
    assert lines_of("run").splitlines()[1] == "  train.csv is not UTF-8; it was read as GB18030."


def test_a_refusal_names_knob_value_and_reason_in_both_languages():
    told = {"knob": "lr", "value": "0.0008", "stage": "capacity", "code": "no_lr_underfit", "forced": False}
    assert tell("refusal", "lr", told, "en")[0].startswith("Refused: lr = 8e-4. lr stays: if capacity is too low")
    assert tell("refusal", "lr", told | {"forced": True}, "zh")[0].startswith("不顾建议强制设定：lr = 8e-4")
    sites = told | {"knob": "sites", "value": "qv+ffn@4"}
    assert "target modules = qv+ffn@4" in tell("refusal", "", sites, "en")[0]
    assert "lr = fast" in tell("refusal", "", told | {"value": "fast"}, "en")[0]


@pytest.mark.parametrize(
    ("at", "words"),
    [("start", "No time for a first probe: 40 s of 1 min"), ("capacity-0", "skipped for lack of time (Capacity)"),
     ("optimise-set", "skipped for lack of time (Optimisation)"), ("final", "The last probe is used instead")],
)  # fmt: skip
def test_the_clock_tells_what_it_did_not_allow(at, words):
    assert words in tell("clock", at, {"limit": 60.0, "spent": 40.0, "at": at}, "en")[0]


def test_a_plan_tells_what_would_be_tried_and_what_it_may_cost():
    told = tell("plan", "", example.plan(), "en")
    assert told[0].startswith("4,015 training rows, 20 classes: at most 8 probes")
    assert told[1] == "  Base model: pkg:x."
    assert told[2:4] == [
        "  Starting recipe: rank 8 · q/v + FFN, top 2 layers · scaling 1 · lr 2e-4 · dropout 0.05.",
        "  Capacity limit set by the data: rank 64, 6 layers.",
    ]
    assert told[4].startswith("  Refused: lr = 8e-4.")
    assert told[5:] == [
        "  Encoding all texts once: 2.4 TFLOP, about 30 s",
        "  First probe: 3.4 TFLOP, about 42 s",
        "  Total, at most: 62 TFLOP, about 15 min",
    ]
    bare = {"rows": 10, "classes": 2, "probes": 3, "work": 0.25, "seconds": {"float": "inf"}}
    assert tell("plan", "", bare, "zh")[1] == "  总计至多：0.25 TFLOP，约 –"


def test_calibration_tells_what_it_changed():
    assert lines_of("calibration").splitlines() == [
        "The probabilities of LoRA are calibrated with temperature 1.31.",
        "  Calibration error 6.1% → 1.8%.",
        "  A label is answered from a probability of 0.5 (labels with their own threshold: 3); validation macro-F1 "
        "88.4% → 89.1%.",
        "  Rows below a confidence of 42% should go to a person: 93.0% of the rows are answered, 92.1% of them "
        "correctly (89.0% if all are answered).",
    ]
    plain = {"rung": "frozen", "temperature": 1.0, "thresholds": None, "moved": 0, "abstain": None}
    assert len(tell("calibration", "", plain, "zh")) == 1


def test_the_verdict_and_the_six_sentences():
    assert lines_of("verdict").startswith("Ship the LoRA adapter. LoRA gains 5.8 points")
    told = lines_of("result", "zh").splitlines()
    assert len(told) == 8 and "20 个类别中有 1 个在测试集里没有数据（表扬）" in told[1]


def test_a_result_tells_the_six_sentences_it_carries():
    events = example.events()
    told = tell("result", "", {**events[-1].payload, "six": six(events)}, "en")
    assert len(told) == 8 and told[3] == "  Underfitting changed capacity only (changes: 1; rank 8 → 32), not lr."


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


@pytest.mark.parametrize(
    ("done", "en", "zh"),
    [
        ({}, "", ""),
        ({"pieces": 1024}, "pieces of at most 1,024 tokens; gradients are the same", "1,024 个 token 的小块"),
        ({"recomputed": True}, "activations were recomputed", "重算一次；loss 不变"),
        (
            {"pieces": 512, "recomputed": True},
            "steps of 32 rows were split into pieces",
            "重算一次，计算量增加约三分之一",
        ),
    ],
)
def test_a_step_that_was_made_to_fit_memory_is_told(done, en, zh):
    kind, key, payload = next(e for e in example.told() if e[0] == "probe")
    payload = {name: value for name, value in payload.items() if name not in ("pieces", "recomputed")}  # an old run
    for lang, words in (("en", en), ("zh", zh)):
        told = tell(kind, key, payload | done, lang)
        assert len(told) == (3 if done else 2) and words in told[-1]
