"""Hold out training rows as well, if validation has too few rows to decide which model is delivered.

Parts of the training rows are held out in turn, as long as it is undecided and the budget allows it. Every rung is
trained with the other training rows and validation, with the choices already made, and answers the part.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from rankfirst import baselines
from rankfirst.baselines.folds import Indexes, assign_folds
from rankfirst.engine.base import Engine, FinalPlan, Floats, Tick
from rankfirst.measure.calibration import held_out_log_loss
from rankfirst.measure.decoding import Decoding
from rankfirst.measure.predictions import Predictions
from rankfirst.measure.wall_clock import span
from rankfirst.policy import thresholds as t
from rankfirst.records import Curve, Dataset, HeldOut, Split, from_json, to_json
from rankfirst.run.journal import Journal
from rankfirst.run.time_budget import Clock

SEED = 17  # of the parts: not that of the folds on which the frozen rung chose its penalty


@dataclass(frozen=True)
class CrossFit:
    """The models whose choices are made, and the rows."""

    dataset: Dataset
    engine: Engine
    journal: Journal
    tick: Tick
    clock: Clock
    frozen: baselines.FrozenFit
    tfidf: baselines.TfidfFit
    lora: baselines.Fit
    final: Curve
    train_states: Floats  # (n_train, d) of the unchanged base, in the frozen rung's pooling
    val_states: Floats  # (n_val, d)

    def parts(self, room: float) -> Iterator[HeldOut]:
        """The answers to one part after the other. Args: room: TFLOP that may be spent."""
        if not self.sensible:
            return
        fold = assign_folds(self.dataset.train.labels, t.PARTS, SEED)
        for number in range(int(fold.max()) + 1):
            held = np.flatnonzero(fold == number)
            cost = self.cost(len(held))
            if not self.journal.has("held_out", str(number)) and (cost > room or not self.clock.allows(cost)):
                return
            room -= cost
            answers = self.journal.remember("held_out", str(number), partial(self._answers, number, held))
            yield from_json(HeldOut, answers)

    @property
    def sensible(self) -> bool:
        """Whether validation is small, LoRA has learnt, and answers to held-out training rows are honest.

        They are not if training rows share parts (`folds_leak`): the frozen rung has found that out.
        """
        rows, few = len(self.dataset.train), len(self.dataset.val) < t.ROWS_TO_SHIP
        honest = self.frozen.rung.details.get("chosen_on") != "validation"
        return few and honest and t.PARTS <= rows <= t.MOST_ROWS_TO_PART and self.epochs > 0 and self.plan > 0

    @property
    def plan(self) -> int:
        """Planned epochs; 0: the clock allowed no final training, and a probe is the final curve."""
        return int(self.journal.events[("final_plan", self.final.recipe.key)]["epochs"])

    @property
    def epochs(self) -> int:
        """Epochs that LoRA is trained for."""
        return int(self.final.kept.epoch)

    def cost(self, held: int) -> float:
        """TFLOP of the training that answers a part of so many rows; unlike final training it is not evaluated."""
        facts, rows = self.engine.facts, len(self.dataset.train)
        used = (rows - held + len(self.dataset.val)) / max(1, rows)
        return self.epochs * facts.epoch_work(self.final.recipe, facts.full_tokens) * used

    @span("held_out")
    def _answers(self, number: int, held: Indexes) -> Any:
        """JSON of what every rung answers to the part, trained without it."""
        began, dataset = time.perf_counter(), self.dataset
        kept = np.setdiff1d(np.arange(len(dataset.train)), held)
        others, part = replace(dataset, train=_some(dataset.train, kept)), _some(dataset.train, held)
        states, val = self.train_states[kept], self.val_states
        ngrams = baselines.refit_tfidf(self.tfidf, others, cold=True)
        frozen = baselines.refit_frozen(self.frozen, states, val, others)
        logits, work = self._lora(number, held, kept, baselines.refit_start(self.frozen, states, val, others))
        answers = {
            "tfidf": self._read(self.tfidf, part, ngrams.logits(part.texts)),
            "frozen": self._read(self.frozen, part, frozen.logits(self.train_states[held])),
            "lora": self._read(self.lora, part, logits),
        }
        return to_json(HeldOut(
            rows=tuple(int(row) for row in held),
            predicted={name: found.labels for name, found in answers.items()},
            log_loss={name: _log_loss(found) for name, found in answers.items()},
            seconds=time.perf_counter() - began,
            work=work,
        ))  # fmt: skip

    def _lora(self, number: int, held: Indexes, kept: Indexes, head: baselines.LinearHead) -> tuple[Floats, float]:
        """(logits of the part, TFLOP spent). If training diverges, those of its start: it has learnt nothing."""
        dataset, recipe = self.dataset, self.final.recipe
        rows = [*kept.tolist(), *range(len(dataset.train), len(dataset.train) + len(dataset.val))]
        start = head.weight.astype(np.float32), head.bias.astype(np.float32)

        def shown(what: str, done: int, total: int) -> None:
            self.tick(what.replace("train ", "held_out ", 1), done, total)

        name = f"part{number}-{recipe.key}-E{self.epochs}"
        curve = self.engine.refit(recipe, FinalPlan(self.epochs), self.epochs, name, start, rows, shown)
        if not curve.checkpoint:
            return head.logits(self.train_states[held]), curve.work
        return self.engine.logits(curve.checkpoint, "train", held.tolist(), self.tick), curve.work

    def _read(self, fit: baselines.Fit, part: Split, logits: npt.NDArray[np.floating]) -> Predictions:
        """Calibrated and decoded as the rung is."""
        decoding = Decoding(self.dataset.multi_label, fit.rung.at_least_one)
        return Predictions.of(self.dataset, part, logits, fit.temperature, decoding)


def _some(split: Split, rows: Indexes) -> Split:
    return Split(tuple(split.texts[i] for i in rows), tuple(split.labels[i] for i in rows))


def _log_loss(answers: Predictions) -> tuple[float, ...]:
    """As the rungs are compared on validation: at a temperature from the other half of the rows."""
    return tuple(held_out_log_loss(answers.logits, answers.truth, answers.decoding.multi_label).tolist())
