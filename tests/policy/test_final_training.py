"""How long probes and final trainings are, and which epoch is delivered."""

from dataclasses import replace

import pytest

from rankfirst.policy import final_training
from rankfirst.records import Curve
from tests.policy.curves import FACTS, FALLING, HEALTHY, curve

ROWS = 100
TRUTH = ((0,), (1,)) * (ROWS // 2)


def trained(best_right: int, last_right: int, best_loss: float, last_loss: float, end: str = "state") -> Curve:
    """A training of three epochs that kept the second; right answers and log-loss at both."""

    def answers(right: int) -> tuple[tuple[int, ...], ...]:
        return tuple(label if row < right else (1 - label[0],) for row, label in enumerate(TRUTH))

    found = curve(FALLING, [*HEALTHY, HEALTHY[-1]])  # three epochs
    return replace(
        found, kept_epoch=2.0, checkpoint="best", end=end, val_predicted=answers(best_right),
        end_predicted=answers(last_right), val_log_loss=(best_loss,) * ROWS, end_log_loss=(last_loss,) * ROWS,
    )  # fmt: skip


@pytest.mark.parametrize(("right", "loss", "kept"), [
    pytest.param((80, 79), (0.5, 0.4), 3.0, id="better-by-chance"),
    pytest.param((80, 80), (0.5, 0.5), 3.0, id="level"),
    pytest.param((80, 85), (0.5, 0.6), 2.0, id="overfitting"),
    pytest.param((95, 60), (0.5, 0.4), 2.0, id="better-beyond-noise"),
])  # fmt: skip
def test_the_last_epoch_is_kept_unless_an_earlier_one_is_better_beyond_noise(
    right: tuple[int, int], loss: tuple[float, float], kept: float
) -> None:
    before = trained(*right, *loss)
    found = final_training.kept(before, TRUTH, 2)
    assert found.kept.epoch == kept
    if kept == 3.0:
        assert (found.checkpoint, found.val_log_loss, found.val_predicted) == (
            "state", before.end_log_loss, before.end_predicted)  # fmt: skip
    else:
        assert found is before


def test_a_log_loss_that_rose_by_chance_is_no_overfitting() -> None:
    """It is 0.05 higher at the last epoch, with a standard error of 0.045."""
    before = replace(trained(80, 79, 0.5, 0.5), end_log_loss=(0.1, 1.0) * (ROWS // 2))
    assert final_training.kept(before, TRUTH, 2).kept.epoch == 3.0


def test_a_training_that_did_not_come_to_its_end_keeps_what_it_has() -> None:
    before = trained(80, 79, 0.5, 0.4, end="")
    assert final_training.kept(before, TRUTH, 2) is before


@pytest.mark.parametrize(("rows", "several", "probe", "final"), [
    pytest.param(300, False, 6, 25, id="few-rows"),
    pytest.param(800, False, 4, 10, id="a-probe-is-no-final-training"),
    pytest.param(800, True, 6, 24, id="label-sets-are-trained-longer"),
    pytest.param(2500, False, 3, 8, id="more-rows"),
])  # fmt: skip
def test_a_probe_is_a_part_of_final_training(rows: int, several: bool, probe: int, final: int) -> None:
    facts = replace(FACTS, probe_rows=rows, probe_steps=-(-rows // 32), several_labels=several)
    assert final_training.final_epochs(rows, 32, several) == final
    assert final_training.probe_epochs(facts) == probe
