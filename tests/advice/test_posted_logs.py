"""What an expert would say of logs that people post: the judgement, the words that carry it, what must not be said."""

import json
import math
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log, nan
from pathlib import Path

import pytest

from rankfirst.advice import LogAdvice, Look, advise
from rankfirst.messages import LANGS
from tests.advice import posted as p
from tests.advice.logs import written as w

RISEN = p.scores((0.60, 0.45, 0.40, 0.39), (0.70, 0.80, 0.83, 0.84))
SAME = p.scores((1.101, 1.100, 1.099), accuracy=(0.331, 0.338, 0.330))
LORA: dict[str, object] = {}


@dataclass(frozen=True)
class Posted:
    """One log, and its judgement."""

    write: Callable[[Path], Path]
    look: Look
    says: Sequence[str]
    never: Sequence[str] = ()


def falls(peak: p.Curve, steps: int = 1200, every: int = 100, **given: object) -> Callable[[Path], Path]:
    rows = p.history(p.decay(0.9, 0.3, 2.0), peak, RISEN, steps, every)
    return lambda folder: p.run(folder, rows, steps, adapter=LORA, **given)  # type: ignore[arg-type]


def chance(classes: int, lr: float = 5e-6, **given: object) -> Callable[[Path], Path]:
    level = log(classes)
    rows = p.history(p.constant(level), p.linear(lr), p.scores([level] * 3, accuracy=[1 / classes] * 3), noise=0.01)
    return lambda folder: p.run(folder, rows, **{"adapter": LORA, **given})  # type: ignore[arg-type]


def written(rows: w.Rows, steps: int = 600, **given: object) -> Callable[[Path], Path]:
    return lambda folder: p.run(folder, rows, steps, **{"adapter": LORA, **given})  # type: ignore[arg-type]


MAJORITY = p.scores((0.61, 0.60, 0.60), [2 * 0.81 / 1.81 / 3] * 3, [0.81] * 3)
NO_POSITIVE = p.scores((0.20, 0.12, 0.11), [0.0] * 3, [0.93] * 3)
OVERFIT = p.scores((0.50, 0.45, 0.60, 0.80), (0.80, 0.83, 0.80, 0.77))
CONFIDENT = p.scores((0.50, 0.45, 0.55, 0.65), (0.78, 0.80, 0.82, 0.835))
SETTLED_SCORE = p.scores((0.50, 0.45, 0.55, 0.65), (0.78, 0.83, 0.83, 0.83))
MEMORISED = p.scores((0.9, 1.2, 1.6), (0.60, 0.56, 0.52))


def spoilt(rows: w.Rows, after: float, **values: object) -> w.Rows:
    """The rows with these values from the share `after` of the run on."""
    last = rows[-1]["step"]
    return [row | values if "loss" in row and row["step"] > after * last else row for row in rows]


LEARNING = p.history(p.decay(1.1, 0.3), p.linear(2e-4), RISEN, grad_norm=p.constant(1.3))
SHORT = p.history(p.decay(1.1, 0.3), p.linear(2e-4), RISEN, until=0.4)
STOPPED = {"EarlyStoppingCallback": {"args": {"early_stopping_patience": 3},
                                     "attributes": {"early_stopping_patience_counter": 3}}}  # fmt: skip

POSTED = {
    "linear-5e-5": Posted(falls(p.linear(5e-5)), Look.FALLING, ["lr 5e-5"], ["outside", "4.6e-5 ·"]),
    "linear-5e-5-warmed-up": Posted(falls(p.linear(5e-5, 0.06)), Look.FALLING, ["5e-5"], ["outside"]),
    "linear-1e-3": Posted(falls(p.linear(1e-3)), Look.FALLING, ["lr 1e-3"], ["outside"]),
    "cosine-5e-5": Posted(falls(p.cosine(5e-5)), Look.FALLING, ["lr 5e-5", "cosine"], ["outside"]),
    "linear-2e-5": Posted(falls(p.linear(2e-5, 0.1), every=20), Look.FALLING, ["lr 2e-5 is outside", "2e-5 → 1e-4"]),
    "unknown-schedule": Posted(
        falls(lambda x: 4.8e-5 * 0.9 ** int(10 * x)), Look.FALLING, ["lr at least 4.8e-5"], ["outside"]
    ),
    "loss-never-logged": Posted(
        written(p.history(p.constant(1), p.linear(2e-4), RISEN, 375, 500), 375), Look.UNCLEAR,
        ["never logged", "logging_steps=12"],
    ),
    "loss-logged-once": Posted(
        written(p.history(p.constant(0.6), p.linear(5e-5), RISEN, 600, 500), 600), Look.UNCLEAR,
        ["logged once, at step 500", "lr 5e-5"], ["outside"],
    ),
    "chance-of-3": Posted(chance(3, config__json={"id2label": {"0": "a", "1": "b", "2": "c"}}), Look.UNLEARNT,
                          ["ln 3 = 1.099", "requires_grad", "modules_to_save", "lr 5e-6 → 1e-4"], ["flattened"]),
    "chance-deduced": Posted(chance(7), Look.UNLEARNT, ["ln 7 = 1.946", "far below"]),
    "chance-of-2-by-loss-alone": Posted(
        written(p.history(p.constant(log(2)), p.linear(2e-4), noise=0.01)), Look.UNLEARNT,
        ["ln 2 = 0.693", "lr 2e-4 is in LoRA's usual range"],
    ),
    "chance-noisy": Posted(
        written(p.history(p.constant(1.1), p.linear(1e-5), SAME, noise=0.03)), Look.UNLEARNT, ["ln 3", "far below"]
    ),
    "head-left-at-random": Posted(
        chance(4, 2e-4, adapter={"task_type": None, "modules_to_save": None}), Look.UNLEARNT,
        ["stayed at its random start", "task_type=\"SEQ_CLS\""], ["far below", "8e-4"],
    ),
    "chance-in-40-steps": Posted(
        written(p.history(p.constant(1.098), p.linear(2e-4), SAME, steps=40, every=5, noise=0.01), 40), Look.UNLEARNT,
        ["only 40 optimiser steps", "ln 3"],
    ),
    "majority-class": Posted(
        written(p.history(p.decay(0.9, 0.6, 9), p.linear(2e-4), MAJORITY)), Look.ONE_CLASS,
        ["One class is predicted for all rows", "0.810", "confusion matrix"],
    ),
    "no-positive": Posted(
        written(p.history(p.decay(0.69, 0.11, 9), p.linear(2e-4), NO_POSITIVE)), Look.ONE_CLASS,
        ["No row is ever predicted as positive"],
    ),
    "one-class-by-macro-f1": Posted(
        written(p.history(p.decay(0.69, 0.5, 9), p.linear(2e-4), p.scores((0.51, 0.50, 0.50), [0.4475] * 3))),
        Look.ONE_CLASS, ["One class is probably predicted", "0.448"],
    ),
    "same-accuracy-throughout": Posted(
        written(p.history(p.constant(0.60), p.linear(1e-3), p.scores([0.6] * 4, accuracy=[0.71] * 4))), Look.UNLEARNT,
        ["never moved", "as if one class were predicted"],
    ),
    "nan-in-validation-only": Posted(
        written([row | {"eval_loss": nan} if "eval_loss" in row else row for row in LEARNING]), Look.DIVERGED,
        ["Validation loss is NaN", "float32 batch by batch"], ["max_grad_norm"],
    ),
    "cosine-by-epochs": Posted(
        falls(p.cosine(5e-5), state={"max_steps": None}), Look.FALLING, ["lr 5e-5"], ["outside"]
    ),
    "warm-up-of-500-in-60": Posted(
        written(p.history(p.decay(1.1, 1.0), lambda x: 2e-4 * 60 * x / 500, steps=60, every=5), 60,
                args__json={"learning_rate": 2e-4, "warmup_steps": 500}), Look.WARMUP,
        ["never ended", "of 2e-4", "warmup_steps=4"], ["outside"],
    ),
    "warm-up-by-its-rates": Posted(
        written(p.history(p.decay(1.1, 1.0), lambda x: 1e-5 * x, steps=60, every=5), 60), Look.WARMUP,
        ["still rising at step 60", "at least 1e-5"], ["outside"],
    ),
    "cut-by-steps": Posted(written(SHORT), Look.CUT_SHORT, ["240 of 600 steps (40%)", "resume_from_checkpoint"],
                           ["rank 8 → 32"]),
    "cut-by-epochs": Posted(
        written(SHORT, state={"max_steps": -1, "num_train_epochs": 10}), Look.CUT_SHORT, ["1.2 of 10 epochs (12%)"]
    ),
    "stopped-early": Posted(
        written(SHORT, state={"stateful_callbacks": STOPPED}), Look.FALLING, ["ended the run at step 240"],
        ["not finished", "resume"],
    ),
    "stopped-by-a-callback": Posted(
        written(SHORT, state={"stateful_callbacks": {"TrainerControl": {"args": {"should_training_stop": True}}}}),
        Look.FALLING, [], ["not finished", "resume"],
    ),
    "too-easy": Posted(
        written(p.history(p.decay(1.1, 0.0, 120), p.linear(2e-4), p.scores((1e-4, 1e-5), (1.0, 1.0)))), Look.TOO_EASY,
        ["Too easy to be true", "leaked", "rankfirst assess"], ["8 → 32"],
    ),
    "memorised": Posted(
        written(p.history(p.decay(0.7, 0.0, 12), p.linear(2e-4), MEMORISED, epochs=60)), Look.TURNED,
        ["looks like overfitting"], ["Too easy"],
    ),
    "overfitted": Posted(
        written(p.history(p.decay(1.1, 0.05), p.linear(2e-4), OVERFIT)), Look.TURNED, ["keep the best checkpoint"]
    ),
    "over-confident-score-rising": Posted(
        written(p.history(p.decay(1.1, 0.05), p.linear(2e-4), CONFIDENT)), Look.CREEPING,
        ["checkpoint with the best score", "calibrate"], ["costs nothing", "lowest validation loss: its"],
    ),
    "over-confident-score-flat": Posted(
        written(p.history(p.decay(1.1, 0.05), p.linear(2e-4), SETTLED_SCORE)), Look.CREEPING,
        ["checkpoint with the lowest validation loss"], ["still rose"],
    ),
    "fp16-overflow": Posted(
        written(spoilt(LEARNING, 0.3, loss=0.0, grad_norm=nan), args__json={"fp16": True}), Look.DIVERGED,
        ["fp16 overflow", "bf16"],
    ),
    "nan-from-the-start": Posted(
        written(spoilt(LEARNING, 0.0, loss=nan)), Look.DIVERGED, ["from the first logged step", "labels must be"],
        ["numerics"],
    ),
    "skipped-steps": Posted(
        written([row | {"grad_norm": nan} if row["step"] % 50 == 0 and "loss" in row else row for row in LEARNING]),
        Look.FALLING, ["12 of 60 logged gradient norms", "bf16"],
    ),
    "lr-of-zero": Posted(written(p.history(p.constant(1.2), p.constant(0.0))), Look.NO_LR, ["lr is 0", "param_groups"]),
    "no-gradient": Posted(
        written(p.history(p.constant(1.2), p.linear(2e-4), grad_norm=p.constant(0.0))), Look.NO_GRADIENT,
        ["gradient norm is 0", "enable_input_require_grads"],
    ),
    "nothing-to-learn": Posted(
        written(p.history(p.constant(0.0), p.linear(2e-4))), Look.NO_LOSS, ["exactly 0", "-100"]
    ),
    "collapsed": Posted(
        written(p.history(lambda x: 1.39 - 2.4 * x if x < 0.5 else 1.39, p.linear(8e-4))), Look.FELL_BACK,
        ["learnt and then collapsed", "8e-4 → 4e-4"],
    ),
    "lr-too-high": Posted(
        written(p.history(lambda x: 0.9 + 3 * x, p.constant(1e-2))), Look.ROSE, ["too high", "1e-2 → 4e-4"]
    ),
    "learnt-within-the-first-points": Posted(
        written(p.history(lambda x: 0.35 + 0.8 * math.exp(-150 * x), p.constant(2e-4), steps=3000)), Look.PLATEAU,
        ["flat at"], ["Nothing was learnt"],
    ),
    "few-validation-rows": Posted(
        written(p.history(p.constant(0.2), p.constant(2e-4), p.scores([0.21] * 3, [0.958] * 3, [0.92] * 3))),
        Look.PLATEAU, ["is 0.958 at all 3 evaluations"], ["Nothing was learnt", "One class is predicted"],
    ),
    "healthy": Posted(
        written(p.history(p.decay(1.4, 0.08, 12), p.constant(2e-4), RISEN)), Look.LEARNT, ["no reason to change"],
        ["outside", "not finished"],
    ),
}  # fmt: skip


def told(folder: Path, posted: Posted) -> tuple[LogAdvice, str]:
    report = advise([posted.write(folder)])
    for lang in LANGS:
        assert not any("{" in line or "logs." in line or "nan" in line for line in report.lines(lang))
    return report.runs[0], "\n".join(report.lines())


@pytest.mark.parametrize("name", POSTED)
def test_a_posted_log_is_judged_as_an_expert_would(name: str, tmp_path: Path) -> None:
    posted = POSTED[name]
    run, text = told(tmp_path / "out", posted)
    assert run.look is posted.look, text
    assert not [words for words in posted.says if words not in text], text
    assert not [words for words in posted.never if words in text], text


@pytest.mark.parametrize("name", POSTED)
def test_the_judgement_comes_first_and_the_report_is_short(name: str, tmp_path: Path) -> None:
    _, text = told(tmp_path / "out", POSTED[name])
    lines = text.splitlines()
    assert lines[1].strip() == "Conclusion:" and len(lines) <= 24
    assert max(map(len, lines)) <= 480


@pytest.mark.parametrize("name", POSTED)
def test_without_an_adapter_in_sight_rank_is_not_named(name: str, tmp_path: Path) -> None:
    folder = POSTED[name].write(tmp_path / "out")
    (folder / "adapter_config.json").unlink()
    text = "\n".join(advise([folder]).lines())
    assert not re.search(r"\brank\b|lora_alpha|target modules|outside the range", text), text


# What lies beside a log -> what is said of its scope.
CAUSAL = {"task_type": "CAUSAL_LM"}
WHISPER = {"task_type": None, "auto_mapping": {"base_model_class": "WhisperForConditionalGeneration"}}
PREFERENCES = {"rewards/chosen": 0.3, "rewards/rejected": -0.2, "rewards/margins": 0.5, "logps/chosen": -80.0}
SCOPES = {
    "causal": ({"adapter": CAUSAL}, {}, "text generation (task_type CAUSAL_LM)"),
    "seq2seq": ({"adapter": {"task_type": "SEQ_2_SEQ_LM"}}, {}, "text generation"),
    "by-its-architecture": ({"config__json": {"architectures": ["T5ForConditionalGeneration"]}}, {}, "text generation"),
    "by-its-card": ({"README__md": "---\npipeline_tag: text-generation\nlibrary_name: peft\n---\n# model\n"}, {},
                    "text generation (pipeline_tag text-generation)"),
    "by-the-tags-of-its-card": ({"README__md": "---\nlibrary_name: peft\ntags:\n- trl\n- dpo\n---\n# model\n"}, {},
                                "preferences or rewards (tag dpo)"),
    "whole-model-by-its-card": ({"README__md": "---\nlibrary_name: transformers\ntags:\n- text-classification\n---\n"},
                                {}, "the whole model was trained"),
    "whole-model-by-its-config": ({"config__json": {"model_type": "bert", "id2label": {"0": "a", "1": "b"}}}, {},
                                  "the whole model was trained"),
    "whisper-by-its-model": ({"config__json": {"model_type": "whisper"}}, {}, "a speech task"),
    "llama-factory-arguments": ({"training_args__yaml": "stage: sft\nfinetuning_type: lora\nlora_rank: 8\n"}, {},
                                "text generation (stage sft)"),
    "swift-arguments": ({"args__json": {"task_type": "causal_lm", "train_type": "lora", "lora_rank": 8}}, {},
                        "text generation"),
    "trl-sft": ({"adapter": {"task_type": None}}, {"mean_token_accuracy": 0.8}, "text generation"),
    "dpo": ({"adapter": CAUSAL}, PREFERENCES, "preferences or rewards"),
    "reward-model": ({"adapter": {}}, {"mean_reward": 0.1, "margin": 0.2}, "preferences or rewards"),
    "grpo": ({}, {"reward": 0.4, "completions/mean_length": 120.0}, "preferences or rewards"),
    "whisper": ({"adapter": WHISPER}, {}, "a speech task"),
    "speech-by-its-metric": ({}, {"eval_wer": 0.3}, "a speech task"),
    "tokens": ({"adapter": {"task_type": "TOKEN_CLS"}}, {}, "token classification"),
    "tokens-of-a-whole-model": ({"config__json": {"architectures": ["BertForTokenClassification"]}}, {},
                                "token classification"),
    "answers": ({"adapter": {"task_type": "QUESTION_ANS"}}, {}, "question answering"),
    "regression": ({"config__json": {"architectures": ["BertForSequenceClassification"], "problem_type": "regression"}},
                   {}, "regression"),
    "sentence-transformers": ({}, {"eval_sts-dev_spearman_cosine": 0.7}, "training of embeddings (spearman_cosine)"),
    "setfit": ({}, {"embedding_loss": 0.2}, "training of embeddings"),
    "images": ({"adapter": {"task_type": None, "base_model_name_or_path": "google/vit-base-patch16"}}, {}, "vision"),
    "ia3": ({"adapter": {"peft_type": "IA3"}}, {}, "the adapter is IA3, not LoRA"),
    "prefix": ({"adapter": {"peft_type": "PREFIX_TUNING"}}, {}, "prefix tuning"),
    "prompt": ({"adapter": {"peft_type": "PROMPT_TUNING"}}, {}, "prompt tuning"),
    "adalora": ({"adapter": {"peft_type": "ADALORA"}}, {}, "AdaLoRA"),
    "full": ({"model__safetensors": "weights", "config__json": {"architectures": ["BertForSequenceClassification"]}},
             {}, "the whole model was trained"),
}  # fmt: skip


@pytest.mark.parametrize("name", SCOPES)
def test_what_is_out_of_scope_is_said_in_one_line(name: str, tmp_path: Path) -> None:
    beside, keys, says = SCOPES[name]
    rows = p.history(p.decay(1.1, 0.3), p.linear(5e-5), p.scores((0.60, 0.50, 0.55, 0.70)), steps=1200, every=100)
    folder = p.run(tmp_path / "out", [row | keys for row in rows], 1200, **beside)  # type: ignore[arg-type]
    report = advise([folder])
    text = "\n".join(report.lines())
    assert report.lines()[1].strip().startswith("Out of scope: ") and says in report.lines()[1], text
    assert "no divergence" in text and "its peak is 5e-5" in text
    assert "best at step 600 (0.500) and ended at 0.700: keep that checkpoint" in text
    assert not re.search(r"\brank\b|capacity is|dropout|Leave alone|outside the range|overfitting", text), text
    assert len(report.lines()) <= 7
    assert "不在适用范围" in report.lines("zh")[1]
    assert report.json()["runs"][0]["scope"]["code"].startswith("logs.scope.")


@pytest.mark.parametrize("adapter", [{}, {"task_type": None}, {"peft_type": "LORA", "task_type": "SEQ_CLS"}])
def test_a_classifier_with_lora_is_in_scope(adapter: dict[str, object], tmp_path: Path) -> None:
    folder = p.run(tmp_path / "out", LEARNING, adapter=adapter, config__json={"num_labels": 3})
    (run,) = advise([folder]).runs
    assert run.scope is None and run.leave


@pytest.mark.parametrize(
    ("losses", "says"),
    [((0.9, 0.7, 0.6), "still improving: a longer run"), ((0.9, 0.601, 0.6), "did not go on too long")],
)
def test_whether_a_run_out_of_scope_was_long_enough(losses: tuple[float, ...], says: str, tmp_path: Path) -> None:
    rows = p.history(p.decay(2.0, 0.8), p.linear(2e-4), p.scores(losses))
    report = advise([p.run(tmp_path / "out", rows, adapter=CAUSAL)])
    assert says in "\n".join(report.lines())
    told = report.json()["runs"][0]
    assert (told["task"], told["adapter"], told["next"]) == ("generation", "LORA", [])


def test_a_fault_is_told_of_a_run_out_of_scope_too(tmp_path: Path) -> None:
    folder = p.run(tmp_path / "out", spoilt(LEARNING, 0.5, loss=nan), adapter=CAUSAL)
    text = "\n".join(advise([folder]).lines())
    assert "Training diverged" in text and "no divergence" not in text and "Next:" in text
    whole = p.run(tmp_path / "full", p.history(p.constant(log(3)), p.linear(2e-5)), model__safetensors="weights")
    assert "ln 3" in "\n".join(advise([whole]).lines())


# Judged alike from any format that holds the rows; none of these needs the state of the Trainer.
ANY_FORMAT = ("linear-5e-5", "chance-deduced", "majority-class", "warm-up-by-its-rates", "too-easy", "overfitted",
              "over-confident-score-rising", "lr-of-zero", "no-gradient", "nothing-to-learn", "collapsed",
              "healthy")  # fmt: skip


def printed(folder: Path, rows: w.Rows) -> Path:
    told = [{k: f"{v:.4g}" for k, v in row.items() if k != "step"} for row in rows]
    bars = [f"{row['step']}/{rows[-1]['step']} [00:10<01:00, 1.9it/s]" for row in rows]
    path = folder / "train.log"
    path.write_text(
        "".join(f"{row}\n 50%|### | {bar}\n" for row, bar in zip(told, bars, strict=True)), encoding="utf-8"
    )
    return path


@pytest.mark.parametrize("write", [printed, w.tensorboard, w.ms_swift, lambda f, rows: w.jsonl(f / "log.jsonl", rows)])
@pytest.mark.parametrize("name", ANY_FORMAT)
def test_a_log_is_judged_alike_in_every_format(
    name: str, write: Callable[[Path, w.Rows], Path], tmp_path: Path
) -> None:
    rows = json.loads((POSTED[name].write(tmp_path / "out") / "trainer_state.json").read_text("utf-8"))["log_history"]
    w.adapter(tmp_path / "other")
    log_file = write(tmp_path / "other", rows)
    if log_file.name == "logging.jsonl":
        text = log_file.read_text("utf-8").replace('/300"', f'/{rows[-1]["step"]}"').replace('"token_acc"', '"acc"')
        log_file.write_text(text, encoding="utf-8")
    (run,) = advise([log_file]).runs
    assert run.look is POSTED[name].look, "\n".join(advise([log_file]).lines())


def test_a_later_checkpoint_is_named(tmp_path: Path) -> None:
    p.run(tmp_path / "checkpoint-240", SHORT, adapter=LORA)
    p.run(tmp_path / "checkpoint-600", LEARNING, adapter=LORA)
    assert "read checkpoint-600" in "\n".join(advise([tmp_path / "checkpoint-240"]).lines())
    assert advise([tmp_path]).runs[0].look is Look.FALLING


def test_two_runs_without_an_adapter_are_compared_without_naming_rank(tmp_path: Path) -> None:
    folders = [p.run(tmp_path / name, LEARNING) for name in ("one", "two")]
    assert not re.search(r"\brank\b|scaling", "\n".join(advise(folders).lines()))


SHARED = {
    "causal": Look.UNCLEAR,
    "chance": Look.UNLEARNT,
    "cut_short": Look.CUT_SHORT,
    "lr_edge": Look.FALLING,
    "too_easy": Look.TOO_EASY,
    "warmup_endless": Look.WARMUP,
}


@pytest.mark.parametrize("name", SHARED)
def test_a_shared_case_is_judged(name: str) -> None:
    folder = Path(os.environ.get("RANKFIRST_SHARED", "")) / "cases" / "logs" / name
    if not folder.is_dir():
        pytest.skip("RANKFIRST_SHARED names no folder with cases/logs")
    (run,) = advise([folder]).runs
    assert run.look is SHARED[name] and (run.scope is not None) is (name == "causal")
