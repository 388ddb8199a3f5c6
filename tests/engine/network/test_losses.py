"""Losses against other people's formulas; the plain one to the last bit."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from rankfirst.engine.local import LocalEngine
from rankfirst.engine.network import losses
from rankfirst.engine.training.loop import Loop, Trace
from rankfirst.engine.training.schedules import warm_hold_fall, warm_then_linear
from rankfirst.errors import OptionError
from rankfirst.records import PLAIN, ClassWeights, Head, Objective
from tests.engine import tiny
from tests.engine.contract import OTHERS, PLAN

BALANCED, SQRT = Objective(ClassWeights.BALANCED), Objective(ClassWeights.SQRT)
RANDOM = torch.Generator().manual_seed(4)
LOGITS = torch.randn(9, 4, generator=RANDOM) * 3
CLASSES = torch.tensor([0, 0, 0, 0, 0, 1, 1, 2, 3])
CELLS = (torch.rand(9, 4, generator=RANDOM) < 0.3).float()
EVERY = (PLAIN, BALANCED, SQRT, Objective(focal_gamma=0.5), Objective(focal_gamma=2), Objective(label_smoothing=0.1))


def truth(targets: Tensor) -> Any:
    return functional.one_hot(targets, 4).bool().numpy() if targets.ndim == 1 else targets.bool().numpy()


def loss(objective: Objective, logits: Tensor = LOGITS, targets: Tensor = CLASSES) -> Tensor:
    counts = losses.class_counts(truth(CLASSES if targets.ndim == 1 else CELLS))
    return losses.loss(logits, targets, objective, counts, targets.ndim == 2)


def test_the_plain_loss_is_torchs_to_the_last_bit() -> None:
    assert loss(PLAIN).equal(functional.cross_entropy(LOGITS, CLASSES, reduction="sum"))
    plain = functional.binary_cross_entropy_with_logits(LOGITS, CELLS, reduction="sum")
    assert loss(PLAIN, targets=CELLS).equal(plain)


def test_counts_are_rows_without_and_with_a_class() -> None:
    assert losses.class_counts(truth(CLASSES)).tolist() == [[4, 7, 8, 8], [5, 2, 1, 1]]


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_focal_loss_follows_lin_et_al(gamma: float) -> None:
    p = LOGITS.double().softmax(1).gather(1, CLASSES[:, None])
    assert loss(Objective(focal_gamma=gamma)) == pytest.approx(float((-((1 - p) ** gamma) * p.log()).sum()), rel=1e-5)
    p = LOGITS.double().sigmoid()
    p = torch.where(CELLS > 0, p, 1 - p)
    found = loss(Objective(focal_gamma=gamma), targets=CELLS)
    assert found == pytest.approx(float((-((1 - p) ** gamma) * p.log()).sum()), rel=1e-5)


@pytest.mark.parametrize("targets", [CLASSES, CELLS], ids=["single", "multi"])
def test_a_tiny_gamma_is_nearly_cross_entropy(targets: Tensor) -> None:
    assert loss(Objective(focal_gamma=1e-7), targets=targets) == pytest.approx(float(loss(PLAIN, targets=targets)))


@pytest.mark.parametrize("tau", [0.5, 1.0])
def test_logit_adjustment_follows_menon_et_al(tau: float) -> None:
    prior = torch.tensor([5, 2, 1, 1]) / 9
    log_p = (LOGITS + tau * prior.log()).log_softmax(1)
    expected = -log_p[torch.arange(9), CLASSES].sum()
    assert loss(Objective(logit_adjustment=tau)) == pytest.approx(float(expected), rel=1e-6)


def test_logit_adjustment_cannot_be_had_for_several_labels_a_row() -> None:
    with pytest.raises(OptionError) as refused:
        loss(Objective(logit_adjustment=1.0), targets=CELLS)
    assert refused.value.code == "option.adjusted_multi"


@pytest.mark.parametrize("smoothing", [0.1, 0.3])
def test_smoothing_is_torchs(smoothing: float) -> None:
    same = functional.cross_entropy(LOGITS, CLASSES, reduction="sum", label_smoothing=smoothing)
    assert loss(Objective(label_smoothing=smoothing)).equal(same)


def test_smoothing_of_a_label_is_that_of_a_question_with_two_answers() -> None:
    two = torch.stack([torch.zeros_like(LOGITS), LOGITS], -1).reshape(-1, 2)
    same = functional.cross_entropy(two, CELLS.long().reshape(-1), reduction="sum", label_smoothing=0.1)
    assert loss(Objective(label_smoothing=0.1), targets=CELLS) == pytest.approx(float(same), rel=1e-6)


@pytest.mark.parametrize("kind", [ClassWeights.BALANCED, ClassWeights.SQRT])
def test_weights_have_a_mean_of_one_over_the_training_rows(kind: ClassWeights) -> None:
    one = losses.weights(losses.class_counts(truth(CLASSES)), kind, False)[1]
    assert float(one[CLASSES].mean()) == pytest.approx(1)
    absent, present = losses.weights(losses.class_counts(truth(CELLS)), kind, True)
    assert torch.where(CELLS > 0, present, absent).mean(0).tolist() == pytest.approx([1] * 4)


def test_balanced_is_one_by_rows_and_sqrt_its_root() -> None:
    counts = losses.class_counts(truth(CLASSES))
    balanced = losses.weights(counts, ClassWeights.BALANCED, False)[1]
    assert (balanced * counts[1]).tolist() == pytest.approx([9 / 4] * 4)  # scikit-learn's n / (C * n_c)
    root = losses.weights(counts, ClassWeights.SQRT, False)[1]
    assert (root / root[0]).tolist() == pytest.approx((balanced / balanced[0]).sqrt().tolist())
    assert losses.weights(counts, ClassWeights.NONE, False).unique().tolist() == [1]


def test_a_weight_counts_a_row_or_an_answer() -> None:
    rows = functional.cross_entropy(LOGITS, CLASSES, reduction="none")
    weight = 9 / 4 / torch.tensor([5.0, 2, 1, 1])
    assert loss(BALANCED) == pytest.approx(float((rows * weight[CLASSES]).sum()))
    cells = functional.binary_cross_entropy_with_logits(LOGITS, CELLS, reduction="none")
    with_, without = CELLS.sum(0), 9 - CELLS.sum(0)
    weight = torch.where(CELLS > 0, 9 / 2 / with_, 9 / 2 / without)
    assert loss(BALANCED, targets=CELLS) == pytest.approx(float((cells * weight).sum()))


@pytest.mark.parametrize("multi", [False, True])
@pytest.mark.parametrize("kind", [ClassWeights.BALANCED, ClassWeights.SQRT])
def test_a_class_without_rows_has_a_finite_weight_and_prior(kind: ClassWeights, multi: bool) -> None:
    counts = losses.class_counts(np.array([[True, False], [True, False]]))
    assert losses.weights(counts, kind, multi).isfinite().all()
    assert losses.log_prior(counts).isfinite().all()


@pytest.mark.parametrize(
    "objective", [*EVERY, Objective(logit_adjustment=1.0), Objective(ClassWeights.SQRT, 2, 1, 0.1)]
)
@pytest.mark.parametrize("size", [1e2, 1e4, 1e30])
@pytest.mark.parametrize("right", [True, False], ids=["sure-and-right", "sure-and-wrong"])
def test_gradients_are_finite_at_extreme_logits(objective: Objective, size: float, right: bool) -> None:
    single = (functional.one_hot(CLASSES, 4).float() * 2 - 1) * (size if right else -size)
    several = (CELLS * 2 - 1) * (size if right else -size)
    for logits, targets in ((single, CLASSES), (several, CELLS)):
        if targets is CELLS and objective.logit_adjustment:
            continue
        leaf = logits.clone().requires_grad_()
        found = loss(objective, leaf, targets)
        found.backward()  # type: ignore[no-untyped-call]
        assert found.isfinite() and leaf.grad is not None and leaf.grad.isfinite().all()


@pytest.mark.parametrize("targets", [CLASSES, CELLS], ids=["single", "multi"])
@pytest.mark.parametrize("objective", [*EVERY[1:], Objective(ClassWeights.SQRT, 2, 0, 0.1)])
def test_gradients_are_those_of_the_formula(objective: Objective, targets: Tensor) -> None:
    logits = LOGITS.double().requires_grad_()
    cells = targets.double() if targets is CELLS else targets
    assert torch.autograd.gradcheck(lambda x: loss(objective, x, cells), (logits,))


# --- in the loop ---


@pytest.mark.parametrize("objective", [o for o in EVERY if o != PLAIN], ids=lambda o: o.key)
def test_every_probe_and_the_final_run_train_on_the_objective(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch, objective: Objective
) -> None:
    seen: list[Objective] = []
    real = losses.loss

    def watched(logits: Tensor, targets: Tensor, asked: Objective, *rest: Any) -> Tensor:
        seen.append(asked)
        return real(logits, targets, asked, *rest)

    monkeypatch.setattr(losses, "loss", watched)
    recipe = tiny.recipe(objective=objective)
    curve = engine.probe(recipe, 1)
    for other in OTHERS:
        engine.probe(other.with_(objective=objective), 1)
    engine.finish(recipe, PLAN, "final")
    assert set(seen) == {objective}
    assert curve.train_loss != engine.probe(tiny.recipe(), 1).train_loss


def test_evaluations_stay_plain(engine: LocalEngine) -> None:
    changed, plain = (engine.probe(tiny.recipe(objective=o), 1) for o in (BALANCED, PLAIN))
    assert changed.start == plain.start  # before the first step
    assert changed.last != plain.last


def test_a_multi_label_engine_refuses_logit_adjustment(bert: Any, tmp_path: Any) -> None:
    engine = tiny.engine(bert, tmp_path, tiny.dataset(multi_label=True))
    with pytest.raises(OptionError):
        engine.probe(tiny.recipe(objective=Objective(logit_adjustment=1.0)), 1)
    assert engine.probe(tiny.recipe(objective=Objective(ClassWeights.SQRT, 2.0, 0.0, 0.1)), 1).checkpoint


# --- the head ---


def loop(engine: LocalEngine, **changes: Any) -> Loop:
    recipe = tiny.recipe(**changes)
    return Loop(engine.corpus, recipe, None, engine.heads[recipe.head])


@pytest.mark.parametrize("head_lr", [0.05, 0.001, 0.0123])
def test_the_schedule_moves_both_rates_and_keeps_their_ratio(engine: LocalEngine, head_lr: float) -> None:
    training = loop(engine, head_lr=head_lr)
    for schedule in (warm_hold_fall(12), warm_then_linear(10)):
        at = training.state.steps
        training.train(engine.corpus.probe_rows[:24], schedule, Trace(1))
        adapter, head = training.optimizer.param_groups
        assert (adapter["lr"], head["lr"]) == (0.01 * schedule(at + 2), head_lr * schedule(at + 2))
    assert len(head["params"]) == 2
    assert len(adapter["params"]) + 2 == len(training.model.trainable())


def test_a_head_lr_equal_to_lr_changes_nothing_but_the_name(engine: LocalEngine) -> None:
    same, usual = engine.probe(tiny.recipe(head_lr=0.01), 2), engine.probe(tiny.recipe(), 2)
    assert (same.train_loss, same.evaluations, same.update_norm) == (
        usual.train_loss,
        usual.evaluations,
        usual.update_norm,
    )
    assert same.checkpoint != usual.checkpoint


def test_a_larger_head_lr_moves_the_head_further(engine: LocalEngine) -> None:
    moved = []
    for head_lr in (1e-6, None, 0.1):
        training = loop(engine, head_lr=head_lr)
        before = training.model.head.weight.detach().clone()
        training.train(engine.corpus.probe_rows, warm_hold_fall(10**6), Trace(1))
        moved.append(float((training.model.head.weight.detach() - before).norm()))
    assert moved == sorted(moved) and moved[0] < 1e-4 < moved[1]


def test_a_raised_lr_leaves_the_heads_own_alone(engine: LocalEngine) -> None:
    recipe = tiny.recipe(head_lr=0.003)
    none, lr = engine.probe(recipe, 1), engine.probe(recipe.with_(lr=0.04), 1)
    assert lr.train_loss[0] == none.train_loss[0] and lr.train_loss[1] != none.train_loss[1]
    assert loop(engine, head_lr=0.003, lr=0.04).optimizer.param_groups[1]["peak"] == 0.003


@pytest.mark.parametrize("head", list(Head))
def test_every_start_of_the_head_trains(engine: LocalEngine, head: Head) -> None:
    curve = engine.probe(tiny.recipe(head=head), 2)
    assert curve.last.train_loss < curve.start.train_loss
    weight = loop(engine, head=head).model.head.weight
    assert weight.equal(engine.heads[head][0])
    assert (float(weight.detach().abs().max()) == 0) == (head is Head.ZERO)


def test_a_probed_head_gives_its_prior_back_before_it_is_added_again(engine: LocalEngine) -> None:
    plain = Loop(engine.corpus, tiny.recipe(), None, engine.heads[Head.PROBE])
    logits, prior = plain.logits("val"), losses.log_prior(plain.counts).numpy()
    recipe = tiny.recipe(objective=Objective(logit_adjustment=0.5))
    adjusted = Loop(engine.corpus, recipe, None, engine.heads[Head.PROBE])
    np.testing.assert_allclose(adjusted.logits("val") + 0.5 * prior, logits, rtol=1e-5, atol=1e-5)
    snapshot = adjusted.snapshot()
    again = Loop(engine.corpus, recipe, snapshot, engine.heads[Head.PROBE])
    np.testing.assert_allclose(again.logits("val"), adjusted.logits("val"))
