"""What every engine promises, whoever trains: run by each one's own class in test_contract.py."""

import math
from typing import Any

import numpy as np
import pytest

from rankfirst.engine.base import Engine, FinalPlan, Pulse, no_watch
from rankfirst.errors import EngineError
from rankfirst.records import Curve, Health
from tests.engine import tiny

RECIPE = tiny.recipe()
PLAN = FinalPlan(epochs=6)
OTHERS = (RECIPE.with_(lr=0.02), RECIPE.with_(rank=4), RECIPE.with_(sites=tiny.FFN_TOO))
SAMPLE = [3, 0, 17]
FULL_EPOCHS, FULL_LR = 8, 3e-3  # a random base of 16 columns learns nothing at the usual one


class Ticks:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int, int]] = []

    def __call__(self, what: str, done: int, total: int) -> None:
        self.seen.append((what, done, total))

    def check(self) -> None:
        assert self.seen
        assert all(what and 0 <= done <= total for what, done, total in self.seen)


def check_curve(curve: Curve, rows: int) -> None:
    """What records/curve.py says about its fields."""
    assert curve.steps and all(a < b for a, b in zip(curve.steps, curve.steps[1:], strict=False))
    assert len(curve.steps) == len(curve.train_loss) == len(curve.grad_norm) == len(curve.lr) == len(curve.step_norm)
    assert all(lr > 0 and all(norm > 0 for norm in moved) for lr, moved in zip(curve.lr, curve.step_norm, strict=True))
    assert curve.start.step == 0 and curve.start.epoch == 0
    assert curve.steps[-1] == curve.last.step == curve.steps_per_epoch * curve.epochs
    assert len(curve.val_log_loss) == len(curve.val_predicted) == rows
    assert len(curve.end_log_loss) == len(curve.end_predicted) == rows
    assert 0 < curve.train_seen and len(curve.train_wrong) <= curve.train_seen
    numbers = [*curve.train_loss, *curve.grad_norm, *curve.val_log_loss, *curve.end_log_loss, curve.update_norm]
    for e in curve.evaluations:
        numbers += [e.val_loss, e.val_macro_f1, e.val_accuracy, e.train_loss, e.train_macro_f1]
        assert len(e.recall) == len(tiny.CLASSES)
        assert (
            e.val_f1_occurring is not None and e.val_f1_occurring >= e.val_macro_f1
        )  # a class without rows can only score 0
    assert all(map(math.isfinite, numbers))
    assert curve.work > 0 and curve.adapter_parameters > 0 and curve.update_norm > 0
    assert np.mean(curve.val_log_loss) <= curve.best.val_loss + 1e-6  # its own temperature can only help
    assert np.mean(curve.end_log_loss) <= curve.last.val_loss + 1e-6


class EngineContract:
    """Give it a fixture `trained`: an engine that has its head."""

    data = tiny.dataset()

    def rows(self, split: str) -> int:
        return len(getattr(self.data, split))

    @pytest.mark.parametrize("split", ["train", "val", "test"])
    def test_features_have_a_row_each_and_finite_numbers(self, trained: Engine, split: str) -> None:
        ticks = Ticks()
        features = trained.features(split, ticks)
        ticks.check()
        assert set(features) == {"mean", "cls", "max"}
        for array in features.values():
            assert array.shape == (self.rows(split), trained.facts.hidden) and array.dtype == np.float32
            assert np.isfinite(array).all()

    def test_the_prefix_in_use_comes_first_of_those_to_try(self, trained: Engine) -> None:
        assert trained.prefixes == ("", "query: ")
        assert trained.info.prefix == trained.prefixes[0]
        trained.adopt_prefix(trained.info.prefix)

    def test_a_sample_reads_its_rows_in_their_order_and_with_its_prefix(self, trained: Engine) -> None:
        ticks = Ticks()
        whole, plain = trained.features("train"), trained.sample_features(SAMPLE, "", ticks)
        ticks.check()
        other = trained.sample_features(SAMPLE, "query: ")
        for pooling, array in plain.items():
            np.testing.assert_allclose(array, whole[pooling][SAMPLE], atol=1e-5)
            assert other[pooling].shape == array.shape and not np.allclose(other[pooling], array, atol=1e-3)

    def test_one_text_takes_some_time(self, trained: Engine) -> None:
        assert 0 < trained.ms_per_text() < 10_000

    def test_full_fine_tuning_learns_and_leaves_no_trace(self, trained: Engine) -> None:
        before, ticks = self.probed(trained, 1), Ticks()
        run = trained.full(FULL_EPOCHS, FULL_LR, tick=ticks)
        ticks.check()
        assert (run.health, len(run.val_macro_f1), len(run.train_loss)) == (Health.FINE, FULL_EPOCHS + 1, FULL_EPOCHS)
        assert run.train_loss[-1] < run.train_loss[0] and run.val_macro_f1[run.best_epoch] == max(run.val_macro_f1)
        assert run.logits.shape == (self.rows("val"), len(tiny.CLASSES)) and np.isfinite(run.logits).all()
        assert run.parameters > before.adapter_parameters and run.seconds > 0
        assert self.probed(trained, 1) == before
        again = trained.full(FULL_EPOCHS, FULL_LR)
        assert again.val_macro_f1 == run.val_macro_f1 and np.array_equal(again.logits, run.logits)

    def test_the_base_is_named(self, trained: Engine) -> None:
        source = trained.source
        assert source.folder.is_dir() and (source.spec, source.sha256) == (trained.facts.name, trained.info.base_sha256)

    def test_the_memory_of_a_recipe_is_foreseen(self, trained: Engine) -> None:
        few, many = (trained.footprint(recipe) for recipe in (RECIPE, RECIPE.with_(rank=16)))
        assert few.fits and 0 < few.adapter < many.adapter and few.limit > few.held > 0

    def test_a_forward_pass_has_a_speed(self, trained: Engine) -> None:
        assert 0 < trained.speed() < 1e6

    def test_a_watch_sees_every_evaluation_and_the_losses_between(self, trained: Engine) -> None:
        pulses: list[Pulse] = []
        trained.watch = pulses.append
        try:
            curve = self.probed(trained, 2)
        finally:
            trained.watch = no_watch
        assert {pulse.recipe for pulse in pulses} == {RECIPE}
        scores = [(p.step, p.val_macro_f1) for p in pulses if p.val_macro_f1 is not None]
        assert scores == [(e.step, e.val_macro_f1) for e in curve.evaluations]
        losses = [(p.step, p.train_loss) for p in pulses if p.train_loss is not None]
        assert losses == list(zip(curve.steps, curve.train_loss, strict=True))

    def test_facts_and_info_say_what_was_loaded(self, trained: Engine) -> None:
        facts, info = trained.facts, trained.info
        assert (facts.layers, facts.hidden, facts.probe_rows) == (3, 16, self.rows("train"))
        assert facts.train_tokens == facts.full_tokens > 0
        assert facts.adapter_parameters(RECIPE.rank, RECIPE.sites) == self.probed(trained, 1).adapter_parameters
        assert len(info.base_sha256) == 64 and "torch" in info.versions

    def probed(self, trained: Engine, epochs: int, **more: Any) -> Curve:
        return trained.probe(RECIPE, epochs, **more)

    def test_a_probe_leaves_a_whole_curve(self, trained: Engine) -> None:
        ticks = Ticks()
        curve = self.probed(trained, 3, tick=ticks)
        ticks.check()
        check_curve(curve, self.rows("val"))
        assert (curve.health, curve.recipe, curve.epochs, curve.steps_per_epoch) == (Health.FINE, RECIPE, 3, 5)
        assert [e.epoch for e in curve.evaluations] == [0, 1, 2, 3]

    def test_a_probe_learns(self, trained: Engine) -> None:
        curve = self.probed(trained, 3)
        assert curve.last.train_loss < curve.start.train_loss

    def test_a_probe_twice_is_the_same_to_the_last_digit(self, trained: Engine) -> None:
        assert self.probed(trained, 3) == self.probed(trained, 3)

    def test_a_probe_ends_as_final_training_does(self, trained: Engine) -> None:
        """Whatever it held its lr at, the last third lets it fall."""
        curve = self.probed(trained, 3)
        assert curve.lr[-1] < 0.3 * max(curve.lr)

    def test_recipes_start_from_the_same_weights_and_batch(self, trained: Engine) -> None:
        plain, (lr, rank, _) = self.probed(trained, 3), (trained.probe(recipe, 3) for recipe in OTHERS)
        assert lr.train_loss[0] == plain.train_loss[0]  # dropout falls on other inputs when the sites change
        assert rank.train_loss[0] == pytest.approx(plain.train_loss[0], abs=1e-5)
        assert len({curve.train_loss[1] for curve in (plain, lr, rank)}) == 3

    def test_a_probe_does_not_depend_on_the_recipes_before_it(self, trained: Engine) -> None:
        alone = self.probed(trained, 3)
        for recipe in OTHERS:
            curve = trained.probe(recipe, 3)
            assert (curve.health, curve.recipe, curve.steps) == (Health.FINE, recipe, alone.steps) and curve.work > 0
        assert self.probed(trained, 3) == alone

    def test_finish_keeps_the_best_epoch_and_the_last(self, trained: Engine) -> None:
        ticks = Ticks()
        curve = trained.finish(RECIPE, PLAN, "final", ticks)
        ticks.check()
        check_curve(curve, self.rows("val"))
        assert trained.has(curve.checkpoint)
        assert curve.epochs == curve.last.epoch == PLAN.epochs
        for each in (curve, curve.at_end):
            logits = trained.logits(each.checkpoint, "val")
            assert tuple((int(c),) for c in logits.argmax(axis=1)) == each.val_predicted
        assert (curve.kept, curve.at_end.kept) == (curve.best, curve.last)

    def test_refit_trains_on_both_splits_and_keeps_its_last_epoch(self, trained: Engine) -> None:
        ticks, pulses = Ticks(), list[Pulse]()
        weight = np.random.default_rng(1).normal(0, 0.1, (len(tiny.CLASSES), trained.facts.hidden))
        head = weight.astype(np.float32), np.zeros(len(tiny.CLASSES), np.float32)
        trained.watch = pulses.append
        try:
            curve = trained.refit(RECIPE, PLAN, 3, "refit", head, tick=ticks)
        finally:
            trained.watch = no_watch
        ticks.check()
        check_curve(curve, self.rows("val"))
        assert curve.start.val_loss != self.probed(trained, 1).start.val_loss  # it has a head of its own
        assert (curve.health, curve.epochs) == (Health.FINE, 3)
        assert curve.steps_per_epoch == math.ceil((self.rows("train") + self.rows("val")) / RECIPE.batch_size)
        logits = trained.logits(curve.checkpoint, "val")
        assert tuple((int(c),) for c in logits.argmax(axis=1)) == curve.end_predicted
        assert pulses and all(pulse.val_macro_f1 is None for pulse in pulses)  # of rows that are trained on
        assert trained.refit(RECIPE, PLAN, 3, "refit", head) == curve

    def test_refit_leaves_rows_out(self, trained: Engine) -> None:
        head = np.zeros((len(tiny.CLASSES), trained.facts.hidden), np.float32), np.zeros(len(tiny.CLASSES), np.float32)
        kept = range(RECIPE.batch_size, self.rows("train") + self.rows("val"))
        curve = trained.refit(RECIPE, PLAN, 1, "refit-part", head, rows=list(kept))
        assert curve.steps_per_epoch == math.ceil(len(kept) / RECIPE.batch_size)
        some = trained.logits(curve.checkpoint, "train", rows=[3, 1])
        np.testing.assert_allclose(some, trained.logits(curve.checkpoint, "train")[[3, 1]], atol=1e-5)

    def test_a_recipe_leaves_its_rows_out_of_every_training(self, trained: Engine) -> None:
        half = tuple(range(0, self.rows("train"), 2))
        recipe = RECIPE.with_(without=half, batch_size=4)
        whole, less = (trained.probe(each, 1) for each in (recipe.with_(without=()), recipe))
        left = self.rows("train") - len(half)
        assert less.steps_per_epoch == math.ceil(left / 4) < whole.steps_per_epoch
        assert (less.recipe, less.train_seen) == (recipe, whole.train_seen)
        assert less.end_log_loss != whole.end_log_loss
        final = trained.finish(recipe, FinalPlan(epochs=1), "less")
        assert final.steps_per_epoch == math.ceil(left / 4)
        head = np.zeros((len(tiny.CLASSES), trained.facts.hidden), np.float32), np.zeros(len(tiny.CLASSES), np.float32)
        again = trained.refit(recipe, FinalPlan(1), 1, "less-again", head)
        assert again.steps_per_epoch == math.ceil((left + self.rows("val")) / 4)
        some = trained.refit(recipe, FinalPlan(1), 1, "less-some", head, rows=range(self.rows("train")))
        assert some.steps_per_epoch == math.ceil(left / 4)

    @pytest.mark.parametrize("split", ["train", "val", "test"])
    def test_logits_have_a_row_each(self, trained: Engine, split: str) -> None:
        checkpoint, ticks = self.probed(trained, 3).checkpoint, Ticks()
        logits = trained.logits(checkpoint, split, tick=ticks)
        ticks.check()
        assert logits.shape == (self.rows(split), len(tiny.CLASSES)) and logits.dtype == np.float32
        assert np.isfinite(logits).all()
        assert np.array_equal(logits, trained.logits(checkpoint, split))

    def test_has_knows_what_is_there(self, trained: Engine) -> None:
        assert trained.has(self.probed(trained, 3).checkpoint)
        assert not trained.has("never-trained") and not trained.has("")

    def test_an_unknown_checkpoint_is_an_error(self, trained: Engine) -> None:
        with pytest.raises((EngineError, OSError)):
            trained.logits("never-trained", "val")
