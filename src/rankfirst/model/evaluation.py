"""Predictions of the rungs of a finished run on validation and test rows; each forward pass is made once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from rankfirst import baselines
from rankfirst.engine.base import Engine
from rankfirst.measure.calibration import (
    expected_calibration_error,
    log_odds,
    probabilities,
    reliability,
)
from rankfirst.measure.decoding import Decoding
from rankfirst.measure.predictions import Predictions
from rankfirst.measure.scores import Floats, macro_f1, macro_fbeta
from rankfirst.measure.thresholds import validated_thresholds
from rankfirst.measure.wall_clock import span
from rankfirst.records import Calibration, Costs, Dataset, Scores, Split
from rankfirst.run.autopilot import Outcome

Read = Callable[[Sequence[str]], tuple[Floats, Any]]
"""Texts -> (n, C) logits divided by the temperature, and (n, d) pooled states or None."""


class Evaluator:
    """Predicts rows with the rungs of a finished search; `ship` names the one to deliver."""

    def __init__(self, outcome: Outcome, engine: Engine, dataset: Dataset) -> None:
        self.outcome, self.engine, self.dataset = outcome, engine, dataset
        self.ship = outcome.shipping.ship
        fits = {"tfidf": outcome.tfidf, "frozen": outcome.frozen, "lora": outcome.lora}
        self.fits: dict[str, baselines.Fit] = {name: fit for name, fit in fits.items() if fit is not None}
        # Reads test rows. Replaced by the delivery once it is written: its adapter is merged, and a large base may
        # have computed in bfloat16 until then.
        self.delivered: Read = self.read
        self._predictions: dict[tuple[str, str], Predictions] = {}
        states = {"train": outcome.train_states, "val": outcome.val_states}
        self._states: dict[str, Any] = {split: rows for split, rows in states.items() if rows is not None}

    def delivering(self, outcome: Outcome) -> "Evaluator":
        """An evaluator of the models that are delivered instead; their validation predictions stay held-out ones."""
        other = Evaluator(outcome, self.engine, self.dataset)
        other._states = self._states
        return other

    @property
    def test(self) -> Split | None:
        """The test rows; None if there are none."""
        return self.dataset.test or None

    def predictions(self, rung: str, split: str) -> Predictions:
        """Predictions of tfidf, frozen or lora on "val" or "test", decoded without fitted thresholds or costs."""
        if (rung, split) not in self._predictions:
            fit, decoding = self.fits[rung], Decoding.of(self.dataset)
            if split == "val":
                predictions = fit.val.decoded(decoding)
            else:
                test = self.dataset.test or Split((), ())
                if rung == self.ship:
                    predictions = Predictions.of(self.dataset, test, self.tested[0], decoding=decoding)
                else:
                    predictions = Predictions.of(self.dataset, test, self._on_test(rung), fit.temperature, decoding)
            self._predictions[rung, split] = predictions
        return self._predictions[rung, split]

    @span("evaluation")
    def _on_test(self, rung: str) -> npt.NDArray[np.floating]:
        """(n, C) logits of the test rows, not divided by the temperature."""
        outcome = self.outcome
        if rung == "tfidf":
            return outcome.tfidf.model.logits(self.dataset.test.texts if self.dataset.test else ())
        if rung == "frozen":
            return outcome.frozen.head.logits(self.states("test"))
        assert outcome.final is not None
        return np.asarray(self.engine.logits(outcome.final.checkpoint, "test"))

    def test_scores(self) -> dict[str, Scores]:
        """Test scores of every rung, decoded in the same way as its validation scores; empty without test rows."""
        outcome = self.outcome
        if self.test is None:
            return {}
        tail, scores = outcome.profile.tail_classes, {}
        for name, rung in outcome.rungs.items():
            if name == "majority":
                scores[name] = baselines.majority(replace(self.dataset, val=self.test), tail).val
            else:
                decoding = Decoding(self.dataset.multi_label, rung.at_least_one)
                scores[name] = self.predictions(name, "test").decoded(decoding).scores(tail)
        return scores

    def states(self, split: str) -> Any:
        """(n, d) states of a split from the unchanged base, in the frozen rung's pooling; encoded once."""
        if split not in self._states:
            self._states[split] = self.engine.features(split)[self.outcome.frozen.pooling]
        return self._states[split]

    def read(self, texts: Sequence[str]) -> tuple[Floats, Any]:
        """((n, C) logits divided by the temperature, (n, d) states or None for TF-IDF) of the rung to deliver."""
        outcome, temperature = self.outcome, self.fits[self.ship].temperature
        if self.ship == "tfidf":
            return outcome.tfidf.model.logits(texts), None
        if self.ship == "frozen":
            states = self.engine.encode(texts)[outcome.frozen.pooling]
            return outcome.frozen.head.logits(states).astype(np.float64) / temperature, states
        assert outcome.final is not None
        states, logits = self.engine.read(outcome.final.checkpoint, texts)
        return logits.astype(np.float64) / temperature, states

    @cached_property
    @span("evaluation")
    def tested(self) -> tuple[Floats, Any]:
        """`delivered` for the test rows."""
        return self.delivered(self.dataset.test.texts if self.dataset.test else ())

    def read_val(self) -> tuple[Floats, Any]:
        """As `read`, for the validation rows."""
        if self.ship == "lora":  # its states are those of the adapted network
            return self.read(self.dataset.val.texts)
        return self.predictions(self.ship, "val").logits, self.states("val") if self.ship == "frozen" else None


def calibrated(val: Predictions, rung: str, temperature: float, beta: float, costs: Costs | None) -> Calibration:
    """Fit thresholds, kept only if cross-validation confirms them, or apply costs; measure both on validation rows.

    Args: val: predictions of the rung at `temperature`. beta: thresholds maximise F-beta.
    """
    truth, p, multi, plain = val.truth, val.probabilities, val.decoding.multi_label, val.answers
    held = validated_thresholds(p, truth, val.decoding.at_least_one, beta) if multi else None
    thresholds = None if held is None else tuple(float(x) for x in held.values)
    decided = val.decoded(replace(val.decoding, thresholds=thresholds, costs=costs))
    # At temperature 1, computed from the probabilities so that it holds for TF-IDF as well.
    untempered = probabilities(log_odds(p, multi) * temperature, multi)
    before, after = (tuple(reliability(shares, truth, multi)) for shares in (untempered, p))
    fitted = Calibration(
        rung=rung,
        temperature=temperature,
        ece_before=expected_calibration_error(before),
        ece_after=expected_calibration_error(after),
        thresholds=thresholds,
        moved=0 if held is None else held.moved,
        shared=None if held is None else held.shared,
        at_least_one=val.decoding.at_least_one,
        f1_before=macro_f1(truth, plain),
        f1_after=macro_f1(truth, decided.answers),
        abstain=None,
        reliability_before=before,
        reliability_after=after,
        beta=beta,
        costs=costs,
        pairs=multi,
    )
    if beta != 1:
        scores = (macro_fbeta(truth, answers, beta) for answers in (plain, decided.answers))
        fitted = replace(fitted, fbeta_before=next(scores), fbeta_after=next(scores))
    if costs is not None:
        fitted = replace(fitted, cost_before=val.mean_cost(costs), cost_after=decided.mean_cost(costs))
    return fitted
