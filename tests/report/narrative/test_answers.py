"""Answers to "why not": tried, refused, never asked for, already there, or plainly not known; never invented."""

from typing import Any

import pytest

from rankfirst.messages import takes
from rankfirst.policy import symptoms
from rankfirst.policy.user_settings import VALUES
from rankfirst.policy.user_settings import parse as parse_set
from rankfirst.records import ATTENTION_QV, ArmKind, Shipping, Sites, Stop, Verdict, to_json
from rankfirst.report.narrative import Ledger, answers, as_text, parse
from rankfirst.report.narrative.decisions import finding_with_criterion
from tests.policy import curves
from tests.report.narrative import ledgers as made

ON, DONE = made.ON, made.DONE


def ask(ledger: Ledger, question: str, lang: Any = "en") -> str:
    return as_text(answers(ledger, [parse(question)], VALUES), lang)


FALLS = {"falls_slowly": made.found("slow", Verdict.ABSENT, rate=0.01, gain=0.2, f1_noise=1.5)}
QUIET = made.ledger(
    made.run(), made.start(), made.probe(), made.planned("capacity-0", ArmKind.RANK, made.WIDE),
    *made.arm(ArmKind.RANK, made.WIDE, gain=0.002, beyond=False),
    made.decided("capacity-1", "undecided", ON, findings={"rank_limited": made.found(
        "limit_rank", Verdict.ABSENT, rank=0.002, rank_se=0.01)}),
    made.decided("optimise-0", "settled", DONE, findings=FALLS), made.final(),
)  # fmt: skip


def test_a_value_that_was_an_arm_is_told_with_its_gain_and_error() -> None:
    told = ask(QUIET, "rank=32")
    assert "It was tried: rank 32" in told and "settled on 8" in told
    assert "loss lower by 0.0020 ± 0.0196 nats per example than with no change (95% interval), within noise" in told
    assert "--set" not in told, "what was measured needs no command"


def test_a_value_that_was_not_trained_is_told_by_the_nearest_and_a_command() -> None:
    told = ask(QUIET, "rank=24")
    assert "rank 24 itself was not trained" in told and "nearest value that was trained is 32" in told
    assert "rankfirst fit tickets.csv -o out-rank-32 --set rank=32" in told


def test_a_symptom_that_was_absent_is_told_with_its_numbers() -> None:
    told = ask(QUIET, "raise lr")
    assert "lr stayed at its starting value, 4e-4" in told
    assert (
        "Loss has stopped falling, or there is no room to improve (train loss falls 1.0% per epoch, validation +0.2"
        in told
    )
    assert "Not checked: an experiment in which a higher lr is the better bet." in told


def test_a_value_that_is_there_says_so() -> None:
    assert "It is already so: dropout is 0.05 from the start" in ask(QUIET, "dropout=0.05")


@pytest.mark.parametrize("question", ["scaling=down", "dropout=down"])
def test_a_way_no_rule_goes_is_told(question: str) -> None:
    assert "No rule ever moves" in ask(QUIET, question)


MOVED = made.ledger(
    made.run(), made.start(), made.probe(),
    made.decided("capacity-0", "capacity_enough", ON),
    made.decided("optimise-0", "lr_small", made.FAST, findings={"lr_small": made.found(
        "limit_lr", Verdict.PRESENT, lr=0.06, lr_se=0.02)}, refused=("no_rank_lr_limited",)),
    made.probe(made.FAST), made.decided("optimise-1", "settled", DONE, made.FAST), made.final(made.FAST),
)  # fmt: skip


def test_a_value_it_moved_past_is_told_with_the_decision_that_left_it() -> None:
    told = ask(MOVED, "lr=4e-4")
    assert "The run used lr 4e-4 and moved on; it settled on 8e-4." in told
    assert "favours a higher lr (lr 4e-4 → 8e-4)" in told or "It moved on (lr 4e-4 → 8e-4)" in told


def test_a_value_it_moved_to_was_done() -> None:
    assert "It was done: lr is 8e-4" in ask(MOVED, "lr=8e-4")


def test_a_knob_left_alone_is_told_with_the_reason_and_its_finding() -> None:
    told = ask(MOVED, "rank=up")
    assert "Deliberately unchanged (Optimisation): rank stays: what a higher lr gains is measured alone." in told
    assert "The experiment points to a higher lr (loss lower by 0.0600 ± 0.0392 nats per example, 95%" in told


def test_a_rank_beyond_the_ceiling_is_told_with_its_derivation() -> None:
    told = ask(made.ledger(made.run(), made.start(most=8), made.probe(), made.decided("capacity-0", "undecided", ON),
                           made.final()), "rank=64")  # fmt: skip
    assert "Rank may not exceed 8 on these data" in told and "hold about 5" in told


def test_a_setting_of_the_user_that_was_refused_is_told() -> None:
    refusal = {"knob": "lr", "value": "0.0008", "stage": "capacity", "code": "no_lr_underfit", "forced": False}
    told = ask(made.ledger(made.run(), ("refusal", "lr", refusal), made.start(), made.probe()), "lr=8e-4")
    assert "Refused: lr = 8e-4." in told and "no learning rate helps" in told


@pytest.mark.parametrize("code", ["no_room", "pinned", "move_limit", "no_budget", "lr_edge"])
def test_a_symptom_that_could_not_be_acted_on_is_told_with_why(code: str) -> None:
    seen = {"oscillate": made.found("oscillate", Verdict.PRESENT, variation=0.6, swing=4.2)}
    turned = made.decided("optimise-0", "settled", DONE, findings=seen, turned_down=(("oscillate", code),))
    told = ask(made.ledger(made.run(), made.start(), made.probe(), turned), "lr=down")
    assert (
        "Its symptom was present (Optimisation), but no change was made: Training oscillates (loss variation 0.60"
        in told
    )


def test_a_move_the_clock_forbade_is_told() -> None:
    late = made.decided("optimise-0", "lr_small", made.FAST)
    clock = ("clock", "optimise-0", {"limit": 60.0, "spent": 40.0, "at": "optimise-0"})
    told = ask(made.ledger(made.run(), made.start(), made.probe(), late, clock), "raise lr")
    assert "40 s of 1 min" in told


def test_a_stage_that_was_not_reached_is_told_with_where_it_stopped() -> None:
    stopped = made.decided("capacity-0", "memory", Stop("stop.memory"))
    told = ask(made.ledger(made.run(), made.start(), made.probe(), stopped), "dropout")
    assert "may change only in the stage “Optimisation”, and the run did not reach it" in told
    assert "Not even one row fits in memory" in told


def test_a_run_without_lora_says_so_and_still_names_the_command() -> None:
    told = ask(made.ledger(made.run()), "rank=32")
    assert "No LoRA was trained" in told and "--set rank=32" in told


@pytest.mark.parametrize(
    ("question", "command"),
    [
        ("full fine-tuning", "rankfirst assess tickets.csv --full"),
        ("class weights", "rankfirst fit tickets.csv -o out-class_weights --class-weights sqrt"),
        ("class_weights=balanced", "--class-weights balanced"),
        ("more data", "rankfirst assess tickets.csv"),
        ("seed=7", "-o out-seed-7 --seed 7"),
        ("bigger model", "--base-model OTHER_MODEL"),
    ],
)
def test_what_the_run_cannot_answer_it_says_and_names_what_would_measure_it(question: str, command: str) -> None:
    told = ask(QUIET, question)
    assert command in told
    assert "cannot answer" in told or "not measured" in told


def test_a_command_line_that_cannot_be_repeated_leaves_a_stand_in() -> None:
    for command in ("", "rankfirst fit 'broken", "rankfirst fit x.csv"):
        told = ask(made.ledger(made.run(command=command), made.start(), made.probe()), "rank=64")
        assert "rankfirst fit TRAIN -o OTHER --set rank=64" in told


def test_every_command_sets_what_fit_accepts() -> None:
    for question in ("rank=24", "lr=1e-3", "scaling=3", "dropout=0.15", "sites=all@3", "raise lr", "rank=down", "a"):
        told = ask(QUIET, question)
        setting = told.rpartition("--set ")[2].split()[0]
        assert parse_set([setting]), question


def test_why_not_lora_quotes_the_verdict_and_every_rung() -> None:
    numbers = {"gain": 0.4, "noise": 1.2, "base": 0.8, "lora": 0.804, "loss": 0.0, "loss_noise": 0.1}
    verdict = ("verdict", "", to_json(Shipping("frozen", "ship.frozen", numbers)))
    rung = {"name": "lora", "val": {"macro_f1": 0.804, "interval": [0.79, 0.82]}, "seconds": 60.0, "megabytes": 1.0}
    told = ask(made.ledger(made.run(), made.start(), made.probe(), ("rung", "lora", rung), verdict), "lora")
    assert (
        "LoRA: macro-F1 80.4% (95% interval 79.0–82.0%)" in told
        and "no measurable gain (+0.4 ± 1.2 macro-F1 points, 95% interval)" in told
    )
    assert "--always-lora" in told


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", made.NAMES)
def test_every_subject_is_answered_on_every_run_whole_or_cut_short(name: str, lang: Any) -> None:
    events = made.recorded(name).events
    for cut in (0, 1, 3, 9, 12, 14, 18, len(events)):
        for question in ("rank=32", "lr=up", "sites=all@6", "dropout", "scaling", "lora", "frozen", "full", "focal",
                         "batch", "seed", "epochs", "data", "base model", "prefix", "max tokens=9",
                         "budget"):  # fmt: skip
            told = ask(Ledger(events[:cut]), question, lang)
            assert "account." not in told and "report." not in told and "{" not in told, (cut, question, told)


NEEDS = {
    "underfit": {"rate": 0.2, "train_f1": 0.99, "least": 0.05, "learnt": 0.95},
    "slow": {"rate": 0.01, "gain": 0.2, "f1_noise": 1.5, "least": 0.05, "learnt": 0.95},
    "confident": {"creep": 0.8, "gap": 52.2, "loss_noise": 0.2, "gap_limit": 10.0},
    "overfit": {"train_from": 0.5, "train_to": 0.4, "rise": 0.0, "loss_noise": 0.1, "drop": 0.1, "f1_noise": 1.0,
                "collapsed": 0.6},
    "data": {"wrong": 40, "seen": 512, "share": 0.1, "base": 0.05, "limit": 0.5},
    "unlearning": {"fell": 0.1, "train_from": 0.5, "train_to": 0.4, "dropped": 0.1, "f1_noise": 1.0, "limit": 2.0},
    "oscillate": {"variation": 0.1, "swing": 0.4, "limit": 0.4, "f1_limit": 3.0},
    "insensitive": {"change": 0.3, "limit": 0.05},
}  # fmt: skip


def needed(code: str) -> frozenset[str]:
    """The numbers of the sentence that says what a symptom takes."""
    return takes(f"account.needs.{code}") or frozenset()


@pytest.mark.parametrize("code", NEEDS)
def test_a_finding_is_told_beside_its_thresholds_where_the_journal_holds_them(code: str) -> None:
    told = finding_with_criterion(made.found(code, Verdict.ABSENT, **NEEDS[code]))
    assert not told.en.startswith("Cannot tell") and " Criterion: " in told.en and "判定条件" in told.zh
    old = {name: value for name, value in NEEDS[code].items() if name not in needed(code)}
    assert old and "Criterion" not in finding_with_criterion(made.found(code, Verdict.ABSENT, **old)).en
    untold = finding_with_criterion(made.found(code, Verdict.UNKNOWN))
    assert untold.en.startswith("Cannot tell whether ") and ": " in untold.en and "无法判断：" in untold.zh


def test_the_policy_records_the_thresholds_that_are_told() -> None:
    e = curves.slow_fall()
    looks = {"underfit": symptoms.underfit, "slow": symptoms.slow, "overfit": symptoms.overfit_by_capacity,
             "unlearning": symptoms.unlearning, "oscillate": symptoms.oscillating}  # fmt: skip
    for code, look in looks.items():
        assert needed(code) and needed(code) <= set(look(e).numbers), code


def test_a_command_replaces_the_options_it_repeats() -> None:
    command = "rankfirst fit x.csv -o out --set rank=16 --set lr=8e-4 --seed 3 --budget 5m --always-lora"
    ledger = made.ledger(made.run(command=command), made.start(), made.probe())
    assert "fit x.csv -o out-rank-64 --set lr=8e-4 --seed 3 --budget 5m --always-lora --set rank=64" in ask(
        ledger, "rank=64"
    )
    assert ask(ledger, "seed=4").rpartition("rankfirst fit")[2].count("--seed") == 1


def test_a_knob_the_user_set_is_told_as_that() -> None:
    told = ask(made.ledger(made.run(set={"rank": "16"}), made.start(), made.probe(), made.final()), "rank=64")
    assert "You fixed rank (--set 16)" in told


def test_a_symptom_that_was_acted_on_says_what_was_done() -> None:
    told = ask(MOVED, "raise lr")
    assert "points to a higher lr (loss lower by 0.0600 ± 0.0392 nats per example, 95% interval). Acted on: lr" in told


def test_a_start_that_was_never_trained_is_not_called_settled() -> None:
    clock = ("clock", "start", {"limit": 9.0, "spent": 8.0, "at": "start"})
    told = ask(made.ledger(made.run(), made.start(), clock), "dropout=0.1")
    assert "No LoRA was trained" in told and "settled on" not in told and "8.0 s of 9.0 s are used up" in told


@pytest.mark.parametrize("question", ["sites=qv+ffn@99", "sites=up"])
def test_no_experiment_is_proposed_beyond_the_layers_there_are(question: str) -> None:
    _, _, told = made.start()
    most = told["ceiling"]["max_layers"]
    asked = ask(QUIET, question).rpartition("--set sites=qv+ffn@")[2].split()
    assert asked and int(asked[0]) <= most


EVERYWHERE = made.RECIPE.with_(sites=Sites(made.RECIPE.sites.roles, 2, ATTENTION_QV))


def test_q_and_v_in_every_block_are_a_value_of_their_own() -> None:
    told = ask(QUIET, "sites=qv+ffn@2+qv")
    assert "q/v in all layers, FFN in the top 2" not in told  # it was never trained
    assert "--set sites=qv+ffn@2+qv" in told
    ledger = made.ledger(made.run(), made.start(), made.probe(), made.probe(EVERYWHERE), made.final(EVERYWHERE))
    told = ask(ledger, "sites=qv+ffn@2")
    assert "q/v in all layers, FFN in the top 2" in told and "--set" not in told
    assert "--set sites=qv+ffn@4\n" in ask(ledger, "sites=up")
    ledger = made.ledger(made.run(), made.start(), made.probe(EVERYWHERE), made.final(EVERYWHERE))
    assert "--set sites=qv+ffn@2\n" in ask(ledger, "sites=down")


def test_what_was_trained_at_the_deepest_is_not_proposed_again() -> None:
    _, _, told = made.start()
    deep = made.RECIPE.with_(sites=Sites(made.RECIPE.sites.roles, told["ceiling"]["max_layers"]))
    ledger = made.ledger(made.run(), made.start(), made.probe(), made.probe(deep), made.final(deep))
    assert "--set" not in ask(ledger, "sites=up")
