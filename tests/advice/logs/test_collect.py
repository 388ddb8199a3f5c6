"""Rows -> points: what trainers call things, and their bad habits."""

import math
from typing import Any

import pytest

from rankfirst.advice.logs import collect
from rankfirst.advice.logs.numbers import number, plain
from rankfirst.errors import DataError
from rankfirst.records.training_log import LoggedRecipe, TrainingLog

NAN, INF = math.nan, math.inf


def log(*rows: dict[str, Any]) -> TrainingLog:
    return collect.log("log", "jsonl", rows, LoggedRecipe())


def losses(*values: Any, **fields: Any) -> TrainingLog:
    return log(*({"step": at, "loss": value, **fields} for at, value in enumerate(values, 1)))


@pytest.mark.parametrize(
    ("value", "told"),
    [(1, 1.0), ("0.693", 0.693), (" 1e-4 ", 1e-4), ("tensor(0.6931, device='cuda:0')", 0.6931), ("inf", INF),
     (True, None), (None, None), ("", None), ("a text", None), ([1.0], None), (10**400, None), ("1" * 5000, 1e63)],
)  # fmt: skip
def test_numbers_as_trainers_write_them(value: object, told: float | None) -> None:
    found = number(value)
    assert found == (pytest.approx(told) if told is not None and told < 1e60 else found if told else told)


@pytest.mark.parametrize(
    ("key", "name"),
    [("train/Global Step", "train_global_step"), ("eval/f1", "eval_f1"), ("run-3 - Train Loss", "train_loss"),
     ("global_step/max_steps", "global_step_max_steps"), ("lr-AdamW", "lr_adamw")],
)  # fmt: skip
def test_keys_are_normalised(key: str, name: str) -> None:
    assert plain(key) == name


@pytest.mark.parametrize("key", ["loss", "train_loss", "train/loss", "Train Loss", "training_loss"])
def test_a_training_loss_by_any_name(key: str) -> None:
    assert [p.loss for p in log({"step": 1, key: "0.5"}).points] == [0.5]


@pytest.mark.parametrize("key", ["eval_loss", "val_loss", "valid/loss", "Validation Loss", "dev_loss"])
def test_a_validation_loss_by_any_name(key: str) -> None:
    assert [e.loss for e in log({"step": 1, key: 0.5}).evaluations] == [0.5]


@pytest.mark.parametrize(
    ("key", "macro"),
    [
        ("eval_f1", False),
        ("macro_f1", True),
        ("eval_macro_f1", True),
        ("val_f1", False),
        ("f1", False),
        ("eval_f1_score", False),
        ("eval_weighted_f1", False),
        ("eval_validation_macro_f1", True),
    ],
)
def test_an_f1_by_any_name(key: str, macro: bool) -> None:
    found = log({"epoch": 1, "val_loss": 0.3, key: 0.8})
    assert ([e.f1 for e in found.evaluations], found.macro_f1) == ([0.8], macro)


def test_percentages_become_shares() -> None:
    assert log({"step": 1, "eval_loss": 1.0, "eval_accuracy": 87.5}).evaluations[0].accuracy == 0.875


def test_a_batch_accuracy_is_not_an_evaluation() -> None:
    assert log({"step": 1, "loss": 0.5, "accuracy": 0.8, "acc": 0.8}).evaluations == ()


def test_a_training_subset_is_a_second_evaluation_set() -> None:
    found = log(
        {"step": 9, "eval_train_loss": 0.2, "eval_train_macro_f1": 0.9},
        {"step": 9, "eval_val_loss": 0.4, "eval_val_macro_f1": 0.8},
    )
    (e,) = found.evaluations
    assert (e.train_loss, e.train_f1, e.loss, e.f1) == (0.2, 0.9, 0.4, 0.8)


def test_the_summary_row_of_a_run_is_not_a_point() -> None:
    assert len(log({"step": 1, "loss": 1.0}, {"step": 2, "train_loss": 0.1, "train_runtime": 9.0}).points) == 1


def test_after_a_resume_the_later_point_is_kept() -> None:
    found = log({"step": 1, "loss": 3.0}, {"step": 2, "loss": 2.0}, {"step": 2, "loss": 1.0}, {"step": 3, "loss": 0.5})
    assert ([p.loss for p in found.points], found.repeated) == ([3.0, 1.0, 0.5], 1)


def test_without_steps_rows_are_counted() -> None:
    found = log({"epoch": 1, "train_loss": 1.0, "val_loss": 1.1}, {"epoch": 2, "train_loss": 0.5, "val_loss": 0.9})
    assert ([p.step for p in found.points], found.counts_steps, found.epochs) == ([1, 2], False, 2.0)


def test_epochs_from_zero_are_shifted_unless_the_first_is_the_untrained_model() -> None:
    rows = [{"epoch": 0, "step": 10, "eval_loss": 1.0}, {"epoch": 1, "step": 20, "eval_loss": 0.9}]
    assert log(*rows).epochs == 2.0
    assert log({"epoch": 0, "step": 0, "eval_loss": 1.0}, {"epoch": 1, "step": 10, "eval_loss": 0.9}).epochs == 1.0


def test_implausible_values_are_ignored() -> None:
    found = log({"step": 1, "loss": 0.5, "epoch": -3, "lr": 1e9}, {"step": 2, "eval_loss": 0.5, "eval_f1": 1e6})
    assert math.isnan(found.epochs) and math.isnan(found.points[0].lr) and math.isnan(found.evaluations[0].f1)
    assert losses(1.0, 1e300).broken_at == 2


def test_missing_epochs_are_not_invented() -> None:
    assert math.isnan(losses(1.0, 0.5).epochs)


@pytest.mark.parametrize("bad", [NAN, INF, "nan", "-inf", "NaN"])
def test_losses_that_stay_non_finite_are_a_divergence(bad: object) -> None:
    found = losses(1.0, 0.9, bad, bad)
    assert (found.broken_at, [p.loss for p in found.points]) == (3, [1.0, 0.9])


def test_a_loss_that_recovers_is_not_a_divergence() -> None:
    found = losses(1.0, NAN, 0.8)
    assert (found.broken_at, found.healed, len(found.points)) == (None, 1, 2)


def test_a_divergence_overwritten_by_a_resumed_run_is_ignored() -> None:
    assert log({"step": 1, "loss": 1.0}, {"step": 2, "loss": NAN}, {"step": 2, "loss": 0.9}).broken_at is None


def test_a_loss_of_zero_with_nan_gradients_is_a_divergence() -> None:
    rows = [{"step": at, "loss": 0.0 if at > 5 else 1.0, "grad_norm": NAN if at > 5 else 2.0} for at in range(1, 11)]
    assert log(*rows).broken_at == 6


def test_one_skipped_step_of_mixed_precision_is_not_a_divergence() -> None:
    assert log({"step": 1, "loss": 1.0, "grad_norm": 1.0}, {"step": 2, "loss": 0.9, "grad_norm": INF}).broken_at is None


def test_gradients_that_were_not_logged_are_not_dead() -> None:
    assert losses(1.0, 0.9, 0.8, 0.7).broken_at is None


def test_a_last_evaluation_that_is_not_finite_is_a_divergence() -> None:
    assert log({"step": 1, "loss": 1.0}, {"step": 2, "eval_loss": NAN}).broken_at == 2


@pytest.mark.parametrize("step", [-1, NAN, INF, 1e30])
def test_a_row_with_an_implausible_step_is_dropped(step: float) -> None:
    assert [p.step for p in log({"step": 1, "loss": 1.0}, {"step": step, "loss": 2.0}).points] == [1]


@pytest.mark.parametrize(("rows", "code"), [([], "logs.no_rows"), ([{"step": 1, "lr": 0.1}], "logs.no_loss")])
def test_rows_without_a_loss_are_refused(rows: list[dict[str, Any]], code: str) -> None:
    with pytest.raises(DataError) as refused:
        log(*rows)
    assert refused.value.code == code


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect, "MOST_POINTS", 3)
    with pytest.raises(DataError, match="more than 3 points"):
        losses(1.0, 1.0, 1.0, 1.0)
