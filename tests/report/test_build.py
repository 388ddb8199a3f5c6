"""The view model: what is known, in both languages, without HTML."""

from dataclasses import fields, is_dataclass, replace

import pytest
from markupsafe import Markup

from rankfirst.records import ATTENTION_QV, ClassWeights, Health, Objective, Shipping, Sites, to_json
from rankfirst.report import build, write_html
from rankfirst.report.phrases import change_words, duration, lr_words, recipe_words, sentence, size
from tests.report import journal_example as example


def page_of(told=None):
    return build(example.events(told))


def without(*kinds):
    return [event for event in example.told() if event[0] not in kinds]


def leaves(value):
    """Every string inside a view model."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from leaves(part)
    elif is_dataclass(value):
        for field in fields(value):
            yield from leaves(getattr(value, field.name))


def test_there_is_no_html_in_it():
    told = list(leaves(page_of()))
    assert len(told) > 500
    assert not any(isinstance(text, Markup) or "<" in text for text in told)


def test_the_tail_recall_that_is_shown_is_that_of_the_answers_as_delivered():
    told = [(kind, key, payload | {"val": payload["val"] | {"tail_recall": 0.414}} if kind == "result" else payload)
            for kind, key, payload in example.told()]  # fmt: skip
    tiles = {tile.label.en: tile.value.en for tile in page_of(told).verdict.tiles}
    assert tiles["Tail recall"] == "41.4%"


def test_the_verdict_says_what_to_ship_its_test_score_and_whether_lora_is_worth_it():
    verdict = page_of().verdict
    assert verdict.headline.en == "Ship the LoRA adapter" and verdict.headline.zh == "建议交付：LoRA 微调模型"
    assert (verdict.tiles[0].label.en, verdict.tiles[0].value.en) == ("Test macro-F1", "87.6%")
    assert verdict.tiles[0].below.en == "95% interval 86.2–88.9%; 1 of 20 classes has no rows"
    assert verdict.gain.caption.en == "+5.8 points" and verdict.gain.reach == 1.7 and verdict.gain.beyond
    assert "Frozen encoder" in verdict.gain_label.en and "is real" in verdict.gain_words.en


@pytest.mark.parametrize(
    ("ship", "gain", "words"),
    [("frozen", 0.8, "no measurable gain"), ("frozen", -4.0, "LoRA is worse"), ("lora", 4.0, "is real")],
)
def test_the_gain_is_read_against_its_noise(ship, gain, words):
    told = without("verdict", "result")
    told.append(("verdict", "", to_json(Shipping(ship, "fake.ship.frozen", {"gain": gain, "noise": 1.7}))))
    assert words in page_of(told).verdict.gain_words.en


@pytest.mark.parametrize(
    ("gain", "words"), [(0.8, "is not proven"), (-0.8, "is not proven"), (-4.0, "LoRA is worse"), (4.0, "is real")]
)
def test_a_gain_that_decided_by_expectation_is_called_unproven_inside_its_interval(gain, words):
    told = without("verdict", "result")
    numbers = {"gain": gain, "noise": 1.7, "chance": 83.0, "below": "tfidf"}
    told.append(("verdict", "", to_json(Shipping("lora", "fake.ship.frozen", numbers))))
    verdict = page_of(told).verdict
    assert words in verdict.gain_words.en and "TF-IDF" in verdict.gain_label.en


def test_a_verdict_without_numbers_falls_back_on_the_rungs():
    told = [*without("verdict", "result"), ("verdict", "", to_json(Shipping("lora", "gone", {})))]
    verdict = page_of(told).verdict
    assert verdict.gain.caption.en == "+5.8 points" and verdict.gain.reach is None
    assert "not measured" in verdict.gain_words.en
    assert verdict.tiles[0].label.en == "Validation macro-F1"


def test_the_result_alone_names_what_is_shipped():
    verdict = page_of(without("verdict")).verdict
    assert verdict.headline.en == "Ship the LoRA adapter" and verdict.why.en == ""


def test_a_run_that_never_trained_lora_has_no_gain():
    told = [event for event in without("verdict", "result", "final") if event[1] != "lora"]
    told.append(("verdict", "", to_json(Shipping("frozen", "fake.gone", {"f1": 0.826}))))
    page = page_of(told)
    assert page.verdict.gain is None and [r.shipped for r in page.ladder] == [False, False, True]


def test_the_ladder_from_the_bottom_up():
    ladder = page_of().ladder
    assert [r.name.en for r in ladder] == ["Majority class", "TF-IDF", "Frozen encoder", "LoRA"]
    assert ladder[3].shipped and ladder[3].interval == "87.0–89.7%" and ladder[3].test == "87.6%"


def test_data_findings_come_loudest_first():
    assert [c.level for c in page_of().data.checks] == ["warn", "note", "note", "note", "ok", "ok"]


def test_the_walk_by_stages():
    walk = page_of().walk
    assert [stage.key for stage in walk] == ["assess", "capacity", "optimise", "final"]
    kinds = [step.kind for step in walk[1].steps]
    assert kinds == ["start", "note", "refusal", "decision", "experiment", "decision", "decision"]
    assert "lr, scaling and dropout are locked" in walk[1].rule.en


def test_a_decision_tells_evidence_findings_move_and_what_it_left_alone():
    slow, limited = (step for step in page_of().walk[1].steps if step.rule in ("slow", "rank_limited"))
    assert slow.evidence[0].en.startswith("Probe 1, 3 epochs: val macro-F1 82.6% →")
    assert [f.verdict for f in slow.findings] == ["present", "unknown", "absent", "absent", "absent"]
    assert limited.move.en == "rank 8 → 32" and limited.move.zh == "rank 8 → 32"
    assert "no larger step" in limited.turned_down[0].en and "平台" in limited.turned_down[0].zh
    assert len(limited.refused) == 2 and "no learning rate teaches it" in limited.refused[0].en


def test_settings_that_moved_are_marked():
    right = next(step for step in page_of().walk[1].steps if step.rule == "capacity_right")
    assert [knob.words.en for knob in right.knobs if knob.moved] == ["rank 32"]


def test_the_start_shows_its_derivation_and_ceiling():
    start = page_of().walk[1].steps[0]
    assert (
        len(start.evidence) == 3 and start.evidence[2].en == "Capacity limit set by the data: rank 64, 6 of 6 layers."
    )


def test_a_ceiling_with_numbers_but_no_derivation_explains_itself():
    numbers = {"rows": 4015, "kbit": 15.1, "per_rank_kbit": 36.9}
    told = [
        (
            "start",
            "",
            {"recipe": to_json(example.RECIPE), "ceiling": {"max_rank": 8, "max_layers": 6, "numbers": numbers}},
        )
    ]
    first, second = page_of(told).walk[0].steps[0].evidence
    assert "hold about 15" in first.en and second.en == "Capacity limit set by the data: rank 8, 6 layers."


def test_notes_of_reading_the_files_stand_beside_the_checks():
    told = example.told()
    told[0][2]["notes"] = [["data.note.encoding", [["file", "a.csv"], ["encoding", "GB18030"]]], "torn", ["x", 3]]
    data = page_of(told).data
    assert "GB18030" in data.checks[3].words.en and data.checks[4].words.en == "x"


def test_notes_are_there_before_the_profile():
    data = page_of(example.told()[:1]).data
    assert data.facts == () and "GB18030" in data.checks[0].words.zh


def test_suspects_are_listed_once():
    assert page_of().data.suspects == ""


def test_probes_and_the_final_training_have_curves():
    page = page_of()
    assert [p.title.en for p in page.probes] == ["Probe 1", "Probe 2", "Probe 3", "Final training"]
    assert [s.name.en for s in page.probes[0].plots[0].series] == ["training", "validation"]
    assert [label.en for label in page.overview.labels] == ["start", "rank 8 → 32", "lr 2e-4 → 4e-4"]
    assert page.overview.level == 0.826


def test_an_experiment_compares_with_doing_nothing():
    arms = {arm.name.en: arm for arm in page_of().experiments[0].arms}
    assert arms["no change"].beyond.en == "reference"
    assert arms["a higher rank"].gain == "+0.0410 ± 0.0161" and arms["a higher rank"].moved.en == "rank 8 → 32"
    assert (
        arms["more target modules"].beyond.en == "within noise"
        and arms["more target modules"].moved.en == "top 2 → 4 layers"
    )


def test_an_arm_that_loses_beyond_noise_is_called_worse():
    told = example.told()
    for event in told:
        if event[0] == "experiment":
            event[2]["comparisons"][2]["val_gain"] = -0.04
    arms = {arm.name.en: arm for arm in page_of(told).experiments[0].arms}
    assert arms["more target modules"].beyond.en == "worse"


def test_accuracy_of_several_labels_is_called_exact_match(tmp_path):
    told = example.told()
    told[0][2]["multi_label"] = True
    for n, shown in enumerate((example.told(), told)):
        write_html(example.events(shown), tmp_path / f"{n}.html", "en")
        assert ("Exact match" in (tmp_path / f"{n}.html").read_text("utf-8")) == bool(n)


def test_recall_is_sorted_worst_first_and_unmeasured_last():
    recall = page_of().recall
    values = [r.val for r in recall if r.val is not None]
    assert values == sorted(values) and recall[-1].val is None
    assert {r.name for r in recall if r.tail} == set(example.CLASSES[-3:])


def test_trust_costs_and_facts():
    page = page_of()
    told = ("6.1% → 1.8%", "1.31", "0.5", "3", "88.4% → 89.1%", "42%", "93.0%", "92.1%", "89.0%")
    assert tuple(value.en for _, value in page.trust) == told
    assert sum(c.share for c in page.costs) == pytest.approx(1)
    assert {"cd34" * 16, "ab12" * 16} <= {value.en for _, value in page.facts}
    assert len(page.six) == 6 and page.command == "rankfirst fit service-intents -o out --budget 10m"


def test_steps_are_told_by_number_with_their_work():
    costs = page_of().costs
    assert [c.name.en for c in costs[:4]] == ["data, features, baselines", "Probe 1", "Experiment 1", "Probe 2"]
    assert [c.work for c in costs[:3]] == ["–", "3.4", "3.0"] and costs[5].work == "31"
    assert costs[1].name.zh == "试跑 1"


def test_the_time_by_stage_sums_to_the_total():
    page = page_of()
    assert [c.name.en for c in page.time_spent[:3]] == ["loading libraries, rows and base model", "encoding texts",
                                                        "training probes"]  # fmt: skip
    assert page.time_spent[2].name.zh == "训练试跑" and page.time_spent[2].seconds.en == "3 min"
    assert sum(c.share for c in page.time_spent) == pytest.approx(1)
    assert page.time_spent[2].share == pytest.approx(180 / 431)
    assert page.cost_notes[0][1].en == "7 min 11 s"


@pytest.mark.parametrize("time", [None, "long", {}, {"encode": "long"}, {"encode": float("nan"), "final": -1.0}])
def test_a_run_without_an_account_of_time_shows_none(time):
    told = example.told()
    told[-1][2]["time"] = time
    assert page_of(told).time_spent == ()


def test_a_run_of_an_older_version_keeps_its_costs_confusions_and_calibration():
    told = without("calibration")
    told[-1][2].update(
        costs={"assess": 6.0, "capacity": 148.0},
        confusions=[{"a": "x", "b": "y", "count": 2, "examples": ["钱什么时候能退回来"]}, {"truth": 1, "predicted": 0}],
        abstain={"threshold": 0.42, "coverage": 0.93, "accuracy": 0.921},
    )
    told[-1][2]["val"] |= {"ece_before": 0.061, "ece_after": 0.018}
    page = page_of(told)
    assert [(c.name.en, c.work) for c in page.costs] == [("assessment", "–"), ("capacity", "–")]
    assert [(c.truth, c.predicted, c.count) for c in page.confusions] == [("x", "y", "2"), ("投诉物流", "改地址", "–")]
    assert page.confusions[0].examples == ("钱什么时候能退回来",)
    assert tuple(value.en for _, value in page.trust) == ("6.1% → 1.8%", "42%", "93.0%", "92.1%")


def test_what_the_clock_did_not_allow_stands_where_it_happened():
    optimise, last = page_of().walk[2:]
    assert optimise.steps[-1].title.en == "Time budget"
    assert "lack of time (Capacity re-check): 5 min 5 s of 10 min are used up" in optimise.steps[-1].conclusion.en
    assert [step.title.en for step in last.steps] == ["Final training"]


def test_a_conclusion_leaves_the_settings_to_the_move_below_it():
    faster = next(step for step in page_of().walk[2].steps if step.rule == "falls_slowly")
    assert faster.title.en.endswith("lr up.") and faster.title.zh.endswith("升学习率。")
    assert faster.move.en == "lr 2e-4 → 4e-4"


def test_a_finding_without_numbers_is_no_evidence():
    settled = next(step for step in page_of().walk[2].steps if step.rule == "settled")
    assert "present" not in {f.verdict for f in settled.findings}


def test_an_unfinished_run_says_how_to_continue():
    page = page_of(example.told()[:12])
    assert page.verdict is None and len(page.probes) == 1
    assert page.unfinished.en.endswith("rankfirst fit service-intents -o out --budget 10m")
    assert "尚未完成" in page.unfinished.zh


def test_nothing_at_all_is_an_unfinished_run():
    assert build([]).unfinished is not None


@pytest.mark.parametrize("length", range(len(example.told())))
def test_a_run_cut_anywhere_has_a_page(length):
    assert page_of(example.told()[: length + 1]).dataset == "service-intents"


def test_records_of_another_version_are_counted_not_fatal():
    strange = [("probe", "", {"is": "Curve", "other": 1}), ("decision", "", {"stage": "brewing"}), ("final", "", {})]
    assert page_of([*example.told(), *strange]).unread == 3


@pytest.mark.parametrize(("health", "words"), [(Health.DIVERGED, "diverged"), (Health.OUT_OF_MEMORY, "out of memory")])
def test_a_failed_probe_is_shown(health, words):
    probe = page_of([*example.told(), ("probe", "x", to_json(example.curve(health=health)))]).probes[-1]
    assert not probe.healthy and words in probe.outcome.en


def test_an_unknown_stage_or_class_keeps_its_own_name():
    told = [("refusal", "", {"knob": "lr", "value": "1", "stage": "brewing", "code": "gone", "forced": True})]
    stage = page_of(told).walk[0]
    assert (stage.key, stage.name.en) == ("other", "brewing")
    assert "Forced against advice" in stage.steps[0].title.en


@pytest.mark.parametrize(
    ("code", "numbers", "told"),
    [
        pytest.param("gone.long_ago", {"rows": 7, "f": 0.123456}, "gone.long_ago (rows = 7, f = 0.1235)", id="code"),
        pytest.param("fake.ship.lora", {"gain": 5.8}, "fake.ship.lora (gain = 5.8)", id="number"),
        pytest.param("gone", {}, "gone", id="bare"),
        pytest.param("gone\x1b[31m\u202e\nx", {}, "gone[31m x", id="control characters"),
    ],
)
def test_a_missing_sentence_shows_its_code_and_numbers(code, numbers, told):
    assert sentence(code, "zh", numbers) == told


@pytest.mark.parametrize(("lr", "told"), [(2e-4, "2e-4"), (1.6e-3, "1.6e-3"), (5e-5, "5e-5"), (float("nan"), "nan")])
def test_learning_rates_read_as_people_write_them(lr, told):
    assert lr_words(lr) == told


def test_what_moved_between_recipes():
    same_again = change_words(example.RECIPE, example.RECIPE)
    assert same_again.en == ""
    safe = replace(example.RECIPE, safe_numerics=True, seed=3)
    assert change_words(example.RECIPE, safe).en == "seed 0 → 3, safe numerics – → yes"


def test_head_and_objective_are_named_only_when_they_are_not_as_usual():
    usual = recipe_words(example.RECIPE)
    everywhere = example.RECIPE.with_(sites=Sites(example.RECIPE.sites.roles, 2, ATTENTION_QV))
    assert recipe_words(everywhere).en == usual.en.replace(
        "q/v + FFN, top 2 layers", "q/v in all layers, FFN in the top 2"
    )
    assert "q/v 用于全部层，FFN 用于顶部 2 层" in recipe_words(everywhere).zh
    assert change_words(example.RECIPE, everywhere).en == (
        "target modules q/v + FFN, top 2 layers → q/v in all layers, FFN in the top 2"
    )
    objective = Objective(ClassWeights.BALANCED, 2.0, 0.5, 0.05)
    told = recipe_words(replace(example.RECIPE, head_lr=1e-3, objective=objective))
    assert told.en == (
        f"{usual.en} · head lr 1e-3 · class weights balanced · focal gamma 2 · logit adjustment 0.5"
        " · label smoothing 0.05"
    )
    assert told.zh.endswith("分类头 lr 1e-3 · 类别权重 均衡 · focal gamma 2 · logit 校正 0.5 · 标签平滑 0.05")
    assert "head" not in usual.en and "smoothing" not in usual.en


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.4, "0.4 s"), (59.7, "1 min"), (61, "1 min 1 s"), (3725, "1 h 2 min"), (None, "–")]
)
def test_durations(seconds, told):
    assert duration(seconds).en == told


@pytest.mark.parametrize(("megabytes", "told"), [(0.06, "60 kB"), (6.1, "6.1 MB"), (0.0, "0.0 MB"), (None, "–")])
def test_sizes(megabytes, told):
    assert size(megabytes) == told


def test_what_is_no_name_in_the_examples_is_passed_over():
    rows = {"confusions": [{"truth": {"a": 1}, "predicted": ["b"], "texts": ["x"]}]}
    assert build(example.events(), rows).confusions == build(example.events()).confusions


def test_the_page_says_once_what_was_done_to_fit_memory():
    events = example.events()
    assert not [name for name, _ in build(events).cost_notes if "fit in memory" in name.en]
    probes = [event for event in events if event.kind == "probe"]
    probes[0].payload["pieces"] = 2048
    probes[-1].payload.update(pieces=1024, recomputed=True)
    told = [words for name, words in build(events).cost_notes if "fit in memory" in name.en]
    assert len(told) == 1 and "1,024" in told[0].en and "1,024" in told[0].zh
