"""From a finished walk to what a user takes home: a calibrated model, its files, and result.json."""

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from rankfirst import data, ladder, report
from rankfirst.autopilot import Outcome
from rankfirst.journal import Journal
from rankfirst.measure import calibration as fitting
from rankfirst.measure import scope
from rankfirst.measure.answers import cheaper_to_abstain, decide, mean_cost
from rankfirst.measure.memory import peak_bytes
from rankfirst.measure.scores import (
    Bools,
    Floats,
    confusions,
    indicator,
    macro_f1,
    macro_fbeta,
    predict_labels,
    score,
)
from rankfirst.policy.answering import AS_USUAL, Answering
from rankfirst.records import Calibration, Costs, Dataset, Scores, Split, to_json
from rankfirst.scoping import Reader, fit_abstain, on_test

MOST_CONFUSIONS = 10
EXAMPLES = 3  # texts of each: enough to see what the two classes share


class Delivery:
    """Everything after the verdict, on one data set and one engine."""

    def __init__(self, outcome: Outcome, engine: Any, dataset: Dataset, journal: Journal,
                 wishes: Answering = AS_USUAL, seed: int = 0) -> None:  # fmt: skip
        """Args: wishes: of the answers. seed: decides which half of the texts of no class choose."""
        self.outcome, self.engine, self.dataset, self.journal = outcome, engine, dataset, journal
        self.wishes, self.seed = wishes, seed
        self.ship = outcome.shipping.ship
        self.classes, self.multi = dataset.classes, dataset.multi_label
        self.references: dict[str, scope.Reference] = {}
        self.known: dict[tuple[str, str], Floats] = {}  # (rung, split) -> probabilities: each costs a forward pass

    def calibrate(self) -> Calibration:
        """Thresholds or costs, and when to abstain, fitted on validation rows and accepted only where they hold."""
        truth, p, wishes = self.truth(self.dataset.val), self.probabilities(self.ship, "val"), self.wishes
        at_least_one = self.multi and all(self.dataset.train.labels)
        held = fitting.validated_thresholds(p, truth, at_least_one, wishes.beta) if self.multi else None
        costs = costs_of(wishes, self.classes)
        plain = predict_labels(p, self.multi, None, at_least_one)
        raw = _untempered(p, self.multi, self.temperature())
        fitted = Calibration(
            rung=self.ship,
            temperature=self.temperature(),
            ece_before=fitting.expected_calibration_error(raw, truth, self.multi),
            ece_after=fitting.expected_calibration_error(p, truth, self.multi),
            thresholds=None if held is None else tuple(float(x) for x in held),
            moved=0 if held is None else int((held != 0.5).sum()),
            at_least_one=at_least_one,
            f1_before=macro_f1(truth, plain),
            f1_after=0.0,
            abstain=None,
            reliability_before=tuple(fitting.reliability(raw, truth, self.multi)),
            reliability_after=tuple(fitting.reliability(p, truth, self.multi)),
            beta=wishes.beta,
            costs=costs,
        )
        given = decide(p, self.multi, fitted)
        right = (given == truth).all(axis=1)
        abstain, sure = fit_abstain(self.reader, self.reference, right, wishes.coverage, self.seed)
        fitted = replace(fitted, f1_after=macro_f1(truth, given), abstain=abstain,
                         answered=tuple(fitting.coverage_curve(sure, right)))  # fmt: skip
        if wishes.beta != 1:
            before, after = (macro_fbeta(truth, answers, wishes.beta) for answers in (plain, given))
            fitted = replace(fitted, fbeta_before=before, fbeta_after=after)
        if costs is not None:
            before, after = (mean_cost(truth, answers, costs) for answers in (plain, given))
            fitted = replace(fitted, cost_before=before, cost_after=after)
        return fitted

    @cached_property
    def reader(self) -> Reader:
        """What the delivered model sees in texts."""
        return Reader(self.outcome, self.engine, self.dataset, self.temperature())

    def temperature(self) -> float:
        """Of the delivered model; TF-IDF keeps its own inside."""
        if self.ship == "lora":
            return self.outcome.temperature
        return self.outcome.frozen.head.temperature if self.ship == "frozen" else 1.0

    def truth(self, split: Split) -> Bools:
        """(n, C)."""
        return indicator(split.labels, len(self.classes))

    def probabilities(self, rung: str, split: str) -> Floats:
        """(n, C) calibrated probabilities of a rung, computed once."""
        if (rung, split) not in self.known:
            self.known[rung, split] = self._probabilities(rung, split)
        return self.known[rung, split]

    def _probabilities(self, rung: str, split: str) -> Floats:
        outcome, rows = self.outcome, self.dataset.val if split == "val" else self.dataset.test
        assert rows is not None
        if rung == "tfidf":
            return np.asarray(outcome.tfidf.predict_proba(rows.texts))
        if rung == "frozen":
            return outcome.frozen.head.predict_proba(self.reader.states(split))
        assert outcome.final is not None
        logits = self.engine.logits(outcome.final.checkpoint, split).astype(np.float64)
        return fitting.probabilities(logits, self.multi, outcome.temperature)

    def write_model(self, folder: Path, calibration: Calibration) -> None:
        """`folder`: what `rankfirst.load` needs; the adapter is in PEFT's own format."""
        from rankfirst.engine.export import write_head_arrays

        folder.mkdir(parents=True, exist_ok=True)
        outcome = self.outcome
        if self.ship == "tfidf":
            outcome.tfidf.save(folder)
        elif self.ship == "lora" and outcome.final is not None:
            self.engine.export(outcome.final.checkpoint, str(folder))
        else:
            write_head_arrays(outcome.frozen.head.weight, outcome.frozen.head.bias, folder)
        abstain, compared = calibration.abstain, folder / scope.FILE
        if abstain is None or abstain.score not in scope.BY_STATES:
            compared.unlink(missing_ok=True)
        elif self.references or not compared.exists():  # a run that is repeated has written it before
            scope.save(self.reference(abstain.score), compared)
        write_json(folder / "decision.json", self.facts(calibration))

    def reference(self, score: str) -> scope.Reference:
        """What that score compares with, made once."""
        if score not in self.references:
            self.references[score] = self.reader.reference(score)
        return self.references[score]

    def write_sketch(self, folder: Path, calibration: Calibration) -> None:
        """What `rankfirst drift` compares later rows with, unless it is there: vectors and counts, no texts."""
        if (folder / data.SKETCH).is_file():
            return
        picked, dataset = data.choose(self.dataset), self.dataset
        judged = "test" if dataset.test else "val"
        answered = (
            self.probabilities(self.ship, "val")[picked.held],
            self.probabilities(self.ship, judged)[picked.judged],
        )
        held = fitting.log_odds(answered[0], self.multi)
        vectors = held[:0].astype(np.float32), held.astype(np.float32)  # n-grams know their training rows by heart
        if self.ship != "tfidf":
            known = self.engine.encode([dataset.train.texts[row] for row in picked.known])[self.outcome.frozen.pooling]
            vectors = known, self.reader.states("val")[picked.held]

        def answers(p: Floats) -> Bools:
            return decide(p, self.multi, calibration)

        data.Sketch.of(dataset, picked, vectors, answered, answers, self.engine.info.dtype).save(folder)

    def facts(self, calibration: Calibration) -> dict[str, Any]:
        """decision.json: what turns texts into answers."""
        outcome, info = self.outcome, self.engine.info
        return {"kind": self.ship, "base_model": self.engine.source.spec, "base_sha256": info.base_sha256,
                "base_bits": info.base_bits, "prefix": info.prefix, "max_tokens": info.max_tokens,
                "windows": info.windows, "pooling": outcome.frozen.pooling, "multi_label": self.multi,
                "classes": list(self.classes), "calibration": to_json(calibration),
                "temperature": calibration.temperature}  # fmt: skip

    def summary(self, calibration: Calibration) -> dict[str, Any]:
        """result.json: the test split is touched here, once, after every decision was made."""
        outcome, ship = self.outcome, self.ship
        tests: dict[str, Scores] = {}
        judged, shown = self.dataset.val, self.probabilities(ship, "val")
        if self.dataset.test is not None and len(self.dataset.test):
            judged = self.dataset.test
            p = {name: self.probabilities(name, "test") for name in outcome.rungs if name != "majority"}
            tests, shown = {name: self.scores(judged, probs) for name, probs in p.items()}, p[ship]
            on_test = replace(self.dataset, val=judged)
            tests["majority"] = ladder.majority(on_test, outcome.profile.tail_classes).val
        rungs = [{"name": n, "val": to_json(r.val), "test": to_json(tests.get(n)), "seconds": r.seconds,
                  "megabytes": r.megabytes} for n, r in outcome.rungs.items()]  # fmt: skip
        answered = decide(shown, self.multi, calibration)
        mixed = confusions(self.truth(judged), answered, MOST_CONFUSIONS)
        recipe = outcome.final.recipe if ship == "lora" and outcome.final is not None else None
        return {
            "verdict": ship,
            "val": to_json(self.scores(self.dataset.val, self.probabilities(ship, "val"), calibration)),
            "test": to_json(self.scores(judged, shown, calibration)) if tests else None,
            "rungs": rungs,
            "recipe": to_json(recipe),
            "decisions": outcome.decisions,
            "seconds": self.journal.seconds,
            "peak_memory_mb": peak_bytes() / 2**20,
            "versions": to_json(self.engine.info.versions),
            "calibration": to_json(calibration),
            "outside": self.outside(calibration),
            "mistakes": self.mistakes(calibration),
            "confusions": [
                {"truth": self.classes[a], "predicted": self.classes[b], "count": n} for a, b, n in mixed
            ],
            "costs": costs(self.journal),
            "six": report.six(report.read(self.journal.path)),
        }  # fmt: skip

    def examples(self, calibration: Calibration) -> dict[str, Any]:
        """examples.json: a few rows of each finding and each mix-up, for the page; the journal holds no text."""
        name = "test" if self.dataset.test else "val"
        judged = self.dataset.test or self.dataset.val
        p = self.probabilities(self.ship, name)
        given = decide(p, self.multi, calibration)
        truth, shown = self.truth(judged), []
        for a, b, _ in confusions(truth, given, MOST_CONFUSIONS):
            mixed = truth[:, a] & ~given[:, a] & given[:, b] & ~truth[:, b]
            texts = [text for text in (judged.texts[r] for r in np.flatnonzero(mixed)) if not data.names_somebody(text)]
            shown.append({"truth": self.classes[a], "predicted": self.classes[b], "texts": texts[:EXAMPLES]})
        frozen = self.outcome.frozen
        found = data.few(self.outcome.profile, self.dataset, frozen.sober, [int(row) for row in frozen.rows])
        return {"checks": to_json(found), "confusions": shown}

    def scores(self, split: Split, probs: Floats, calibration: Calibration | None = None) -> Scores:
        """Rungs are compared at the plain 0.5; the delivered model is judged by the answers it will give."""
        truth, tail = self.truth(split), self.outcome.profile.tail_classes
        if calibration is None:
            return score(truth, probs, self.classes, self.multi, tail)
        return score(truth, probs, self.classes, self.multi, tail, answers=decide(probs, self.multi, calibration))

    def outside(self, calibration: Calibration) -> dict[str, Any] | None:
        """How abstaining does on test rows and on texts of no class that nothing was chosen by."""
        abstain = calibration.abstain
        if abstain is None:
            return None
        compared = self.reference(abstain.score) if abstain.score in scope.BY_STATES else None
        return on_test(self.reader, abstain, compared)

    def mistakes(self, calibration: Calibration) -> dict[str, Any] | None:
        """Mean cost a row on validation and test: of the likeliest answers, of those given, with a person's help."""
        costs = calibration.costs
        if costs is None:
            return None
        told: dict[str, Any] = {}
        for name, split in (("val", self.dataset.val), ("test", self.dataset.test)):
            if split is None or not len(split):
                told[name] = None
                continue
            truth, p = self.truth(split), self.probabilities(self.ship, name)
            given, dear = decide(p, self.multi, calibration), cheaper_to_abstain(p, costs)
            told[name] = {"likeliest": mean_cost(truth, predict_labels(p, self.multi), costs),
                          "given": mean_cost(truth, given, costs)}  # fmt: skip
            if costs.abstain is not None:
                told[name] |= {"with_abstaining": mean_cost(truth, given, costs, dear),
                               "answered": float((~dear).mean())}  # fmt: skip
        return told


def costs_of(wishes: Answering, classes: Sequence[str]) -> Costs | None:
    """The costs of answers as class indexes; None where the user named none. Raises: DataError."""
    given, abstain = wishes.costs, wishes.abstain_cost
    if given is None and abstain is None:
        return None
    return data.read_costs({} if given is None else given, classes, abstain)


def costs(journal: Journal) -> list[dict[str, Any]]:
    """What every step took: seconds since the event before it, and TFLOP where it trained."""
    steps: list[dict[str, Any]] = []
    done: dict[str, float] = {}  # a probe that is extended carries the work of its first epochs
    for (kind, key), payload in journal.events.items():
        if kind not in {"features", "profile", "rung", "probe", "final"}:  # an experiment compares probes
            continue
        work = payload.get("work", 0.0)
        if kind == "probe":
            recipe = key.rpartition("-e")[0]
            work, done[recipe] = work - done.get(recipe, 0.0), work
        seconds = round(journal.took[(kind, key)], 2)
        steps.append({"step": " ".join(filter(None, (kind, key))), "seconds": seconds, "work": work})
    return steps


def write_json(path: Path, value: Any) -> None:
    """Atomically: the old file or the new one, never half of it."""
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(temporary, path)


def _untempered(p: Floats, multi: bool, temperature: float) -> Floats:
    """The probabilities at temperature 1, from those at another."""
    return fitting.probabilities(fitting.log_odds(p, multi) * temperature, multi)
