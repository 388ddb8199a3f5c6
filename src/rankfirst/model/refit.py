"""Train the delivered model once more, on training and validation rows together, with the choices already made."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from rankfirst import baselines
from rankfirst.engine.base import FinalPlan, Tick
from rankfirst.measure.predictions import Predictions
from rankfirst.measure.scores import indicator, macro_f1
from rankfirst.measure.wall_clock import span
from rankfirst.model.evaluation import Evaluator
from rankfirst.policy.experiments import doubtful as doubtful_rows
from rankfirst.policy.final_training import trained_again
from rankfirst.records import Curve, Dataset, Number, Refit, Split, from_json, to_json
from rankfirst.run.journal import Journal


def held_out(journal: Journal) -> bool:
    """Whether the delivered model is not trained on the validation rows: `--hold-out`, or a run of an older version."""
    return bool(journal.events.get(("run", ""), {}).get("hold_out", True))


@span("refit")
def refitted(
    models: Evaluator, journal: Journal, limit: float | None, seed: int, tick: Tick, drop: bool = False
) -> tuple[Evaluator, Refit]:
    """The models with the one to deliver trained on all labelled rows, and the record of that training.

    Everything that needs answers to unseen rows must be measured with `models`: the validation rows of the returned
    ones are training rows. The `refit` event keeps the record, so that a repeated run delivers the same model.

    Args:
        limit: seconds that the run may take; None: no limit.
        drop: train models below LoRA without rows of doubtful labels, if that raises validation macro-F1; LoRA's recipe
            says whether it is trained without them.
    """
    if models.ship == "lora":
        return _lora(models, journal, limit, tick)
    outcome, began = models.outcome, time.perf_counter()
    tick(models.ship, 0, 1)
    without, gain = _better_without(models, seed) if drop else ((), 0.0)
    dataset, kept = _leaving_out(models.dataset, without)
    if models.ship == "tfidf":
        model = baselines.refit_tfidf(outcome.tfidf, dataset, seed, cold=bool(without))
        again, more = replace(outcome, tfidf=replace(outcome.tfidf, model=model)), True
    else:
        head = baselines.refit_frozen(outcome.frozen, models.states("train")[kept], models.states("val"), dataset)
        again, more = replace(outcome, frozen=replace(outcome.frozen, head=head)), head is not outcome.frozen.head
    tick(models.ship, 1, 1)
    spent = time.perf_counter() - began
    record = _done(models, spent, left_out=len(without), gain=gain) if more else _kept(models, "many")
    return models.delivering(again), from_json(Refit, journal.remember("refit", "", lambda: to_json(record)))


def _better_without(models: Evaluator, seed: int) -> tuple[tuple[int, ...], float]:
    """(training rows of doubtful labels, points of validation macro-F1 gained without them); () if nothing is gained.

    Both models are trained without the validation rows.
    """
    outcome, dataset = models.outcome, models.dataset
    doubtful = doubtful_rows(outcome.profile)
    smaller, kept = _leaving_out(replace(dataset, val=Split((), ())), doubtful)
    there = {label for labels in smaller.train.labels for label in labels}
    if not doubtful or len(there) < len({label for labels in dataset.train.labels for label in labels}):
        return (), 0.0  # no class may lose its last row
    if models.ship == "tfidf":
        logits = baselines.refit_tfidf(outcome.tfidf, smaller, seed, cold=True).logits(dataset.val.texts)
    else:
        states = models.states("train")[kept]
        head = baselines.refit_frozen(outcome.frozen, states, models.states("val")[:0], smaller)
        logits = head.logits(models.states("val")).astype(np.float64)
    fit = models.fits[models.ship]
    answers = Predictions.of(dataset, dataset.val, logits, fit.temperature).answers
    truth = indicator(dataset.val.labels, len(dataset.classes))
    gain = 100 * (macro_f1(truth, answers) - macro_f1(truth, fit.val.answers))
    return (doubtful, gain) if gain > 0 else ((), 0.0)


def _leaving_out(dataset: Dataset, without: Sequence[int]) -> tuple[Dataset, npt.NDArray[np.intp]]:
    """(the rows less some training rows, (k,) positions of the training rows that stay)."""
    gone = set(without)
    kept = np.array([row for row in range(len(dataset.train)) if row not in gone], dtype=np.intp)
    train = Split(tuple(dataset.train.texts[i] for i in kept), tuple(dataset.train.labels[i] for i in kept))
    return (replace(dataset, train=train) if gone else dataset), kept


def _lora(models: Evaluator, journal: Journal, limit: float | None, tick: Tick) -> tuple[Evaluator, Refit]:
    outcome, engine = models.outcome, models.engine
    final = outcome.final
    assert final is not None
    plan = journal.events.get(("final_plan", final.recipe.key), {}).get("epochs", 0)
    kept = int(final.kept.epoch)

    def shown(what: str, done: int, total: int) -> None:
        tick(what.replace("train ", "refit ", 1), done, total)

    def train() -> Curve:
        # Fitted as the head that final training started from was, on more rows.
        head = baselines.refit_start(outcome.frozen, models.states("train"), models.states("val"), models.dataset)
        start = head.weight.astype(np.float32), head.bias.astype(np.float32)
        name = f"refit-{final.recipe.key}-E{kept}"
        # lr falls over the epochs that are trained: stopped before it has, the weights are noisy.
        return engine.refit(final.recipe, FinalPlan(kept), kept, name, start, tick=shown)

    def decide() -> Refit:
        if not trained_again(len(models.dataset.train), len(models.dataset.val)):
            return _kept(models, "few")
        if plan < 1 or not _in_time(models, journal, limit, final, kept):
            return _kept(models, "late")
        return _judged(models, train)

    record: Refit = from_json(Refit, journal.remember("refit", "", lambda: to_json(decide())))
    if not record.checkpoint:
        return models, record
    if not engine.has(record.checkpoint):
        train()  # the files were lost
    return models.delivering(replace(outcome, final=replace(final, checkpoint=record.checkpoint))), record


def _judged(models: Evaluator, train: Callable[[], Curve]) -> Refit:
    """Train, and refuse the result if it fits the validation rows, which it was trained on, worse than before."""
    began = time.perf_counter()
    curve = train()
    if not curve.checkpoint:
        return _kept(models, "failed", time.perf_counter() - began, curve.work)
    fit, dataset = models.fits["lora"], models.dataset
    logits = models.engine.logits(curve.checkpoint, "val").astype(np.float64)
    before = float(fit.val.log_loss.mean())
    after = float(Predictions.of(dataset, dataset.val, logits, fit.temperature).log_loss.mean())
    spent = time.perf_counter() - began
    if not (math.isfinite(after) and after <= before):
        return _kept(models, "worse", spent, curve.work, before=before, after=after)
    return replace(_done(models, spent, curve.work), checkpoint=curve.checkpoint)


def _in_time(models: Evaluator, journal: Journal, limit: float | None, final: Curve, kept: int) -> bool:
    """Whether the training is likely to end before `limit`, at the speed of the trainings so far."""
    if limit is None:
        return True
    trained = [name for name in journal.events if name[0] in ("probe", "final", "rival")]
    seconds = sum(journal.took[name] for name in trained)
    work = sum(float(journal.events[name]["work"]) for name in trained)
    longer = 1 + len(models.dataset.val) / max(1, len(models.dataset.train))
    needed = final.work * kept / max(1.0, final.epochs) * longer
    return journal.seconds + needed * seconds / max(1e-9, work) <= limit


def _done(models: Evaluator, seconds: float, work: float = 0.0, left_out: int = 0, gain: float = 0.0) -> Refit:
    train, val, without = train_rows(models) - left_out, len(models.dataset.val), _without(models) + left_out
    numbers: dict[str, Number] = {"rows": train + val, "train": train, "val": val}
    if left_out:
        return Refit("refit.done_dropped", train + val, numbers | {"without": without, "gain": gain}, seconds, work)
    if without:
        return Refit("refit.done_without", train + val, numbers | {"without": without}, seconds, work)
    return Refit("refit.done", train + val, numbers, seconds, work)


def _kept(models: Evaluator, why: str, seconds: float = 0.0, work: float = 0.0, **numbers: Number) -> Refit:
    train, val = train_rows(models), len(models.dataset.val)
    return Refit(f"refit.{why}", train, {"train": train, "val": val, **numbers}, seconds, work)


def train_rows(models: Evaluator) -> int:
    """Training rows of the delivered model."""
    return len(models.dataset.train) - _without(models)


def _without(models: Evaluator) -> int:
    """Training rows that the recipe of the delivered LoRA leaves out."""
    final = models.outcome.final
    return len(final.recipe.without) if models.ship == "lora" and final is not None else 0
