"""Questions as people type them: what they are about, which value, which way; anything else gets one line."""

import pytest

from rankfirst.errors import OptionError
from rankfirst.messages import LANGS, sentences
from rankfirst.policy.rules import TABLES
from rankfirst.records import ALL_ROLES, ATTENTION_QV, FFN, Sites
from rankfirst.report.narrative import Question, parse
from rankfirst.report.narrative.other_questions import TELLERS
from rankfirst.report.narrative.questions import KNOBS, NAMES, SitesQuery


@pytest.mark.parametrize(
    ("text", "subject", "value", "direction"),
    [
        ("rank=32", "rank", 32.0, 0), ("r=64", "rank", 64.0, 0), ("lr=1e-3", "lr", 1e-3, 0), ("lr=up", "lr", None, 1),
        ("lr=down", "lr", None, -1), ("raise lr", "lr", None, 1), ("Raise the learning rate", "lr", None, 1),
        ("a lower learning rate", "lr", None, -1), ("提高学习率", "lr", None, 1), ("降低学习率", "lr", None, -1),
        ("raise lr to 1e-3", "lr", 1e-3, 1), ("rank 32", "rank", 32.0, 0), ("加 rank", "rank", None, 1),
        ("lora", "lora", None, 0), ("LoRA", "lora", None, 0), ("full fine-tuning", "full", None, 0),
        ("全量微调", "full", None, 0), ("dropout", "dropout", None, 0), ("more dropout", "dropout", None, 1),
        ("scaling", "scaling", None, 0), ("a", "scaling", None, 0), ("raise a", "scaling", None, 1),
        ("a=4", "scaling", 4.0, 0), ("缩放 a", "scaling", None, 0), ("class weights", "class_weights", None, 0),
        ("类别权重", "class_weights", None, 0), ("more data", "data", None, 1), ("更多数据", "data", None, 1),
        ("a bigger model", "base_model", None, 1), ("head lr", "head_lr", None, 0),
        ("分类头学习率", "head_lr", None, 0),
        ("seed=3", "seed", 3.0, 0), ("focal", "focal", None, 0), ("more target modules", "sites", None, 1),
    ],
)  # fmt: skip
def test_what_a_question_is_about(text: str, subject: str, value: object, direction: int) -> None:
    asked = parse(text)
    assert (asked.subject, asked.value, asked.direction) == (subject, value, direction)


@pytest.mark.parametrize(
    ("text", "roles", "depth"),
    [
        ("sites=qv", ATTENTION_QV, None), ("顶部 3 层数", None, 3), ("target modules all", ALL_ROLES, None),
        ("top 4 layers", None, 4),
    ],
)  # fmt: skip
def test_target_modules_as_far_as_they_are_named(text: str, roles: object, depth: int | None) -> None:
    assert parse(text).value == SitesQuery(roles, depth)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "sites"),
    [
        ("sites=qv+ffn@4", Sites((*ATTENTION_QV, *FFN), 4)), ("sites=all@6", Sites(ALL_ROLES, 6)),
        ("why not sites qv@2?", Sites(ATTENTION_QV, 2)), ("sites=all@2+qv", Sites(ALL_ROLES, 2, ATTENTION_QV)),
        ("sites=qv+ffn@4+qv", Sites((*ATTENTION_QV, *FFN), 4, ATTENTION_QV)),
    ],
)  # fmt: skip
def test_target_modules_in_the_notation_of_set_are_named_entirely(text: str, sites: Sites) -> None:
    assert parse(text).value == SitesQuery(sites.roles, sites.top_layers, sites.everywhere)
    assert parse(text).value.of(Sites(ALL_ROLES, 1, ATTENTION_QV)) == sites


@pytest.mark.parametrize(
    ("text", "told"),
    [("why not raise lr?", "raise lr"), ("为什么不提高学习率？", "提高学习率"), ("rank=32", "rank=32")],
)
def test_the_question_is_told_without_its_asking(text: str, told: str) -> None:
    assert parse(text).text == told


def test_lora_alpha_is_scaling_times_rank() -> None:
    assert parse("lora_alpha=16") == Question("lora_alpha=16", "scaling", 16.0, 0, alpha=True)


@pytest.mark.parametrize("text", ["", "optimiser", "=", "=3", "try a different optimiser", "weather=rain", "\x1b[31m"])
@pytest.mark.parametrize("lang", LANGS)
def test_an_unknown_subject_gets_one_line_with_what_can_be_asked(text: str, lang: str) -> None:
    with pytest.raises(OptionError) as error:
        parse(text)
    told = error.value.sentence(lang)  # type: ignore[arg-type]
    assert "\n" not in told and "\x1b" not in told
    assert all(name in told for name in NAMES)


@pytest.mark.parametrize(
    "text", ["rank=x", "lr=-1", "lr=nan", "rank=0", "sites=none", "sites=qv@4+all", "dropout=", "lr=1e-3x", "lr=inf"]
)
def test_a_value_that_is_none_gets_one_line(text: str) -> None:
    with pytest.raises(OptionError, match="is not a value of"):
        parse(text)


def test_every_subject_can_be_answered() -> None:
    assert {*KNOBS, *TELLERS} == set(NAMES)


def test_every_rule_that_moves_a_knob_can_be_told_in_an_answer() -> None:
    movers = {rule.id for table in TABLES.values() for rule in table if rule.meaning.way}
    assert len(movers) == 16 and {f"account.rule.{rule}" for rule in movers} <= sentences().keys()
