"""From a finished search to the delivery: a calibrated model, its files, and result.json."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from rankfirst import data, report
from rankfirst.engine.base import Engine, Tick, no_tick
from rankfirst.measure import abstain_scores
from rankfirst.measure.calibration import coverage_curve, log_odds, probabilities
from rankfirst.measure.decoding import Decoding, cheaper_to_abstain
from rankfirst.measure.disk import write_json
from rankfirst.measure.memory import peak_bytes
from rankfirst.measure.predictions import Predictions
from rankfirst.measure.wall_clock import span
from rankfirst.messages import Lang
from rankfirst.model import canary, manifest, nearest_rows, promises, refit
from rankfirst.model.abstention import Abstention
from rankfirst.model.classifier import EXPORTS, Classifier
from rankfirst.model.evaluation import Evaluator, calibrated
from rankfirst.model.export import READ_BACK_MOST, SAVED_ROWS, on_save
from rankfirst.model.model_card import write_card
from rankfirst.model.staging import carry, staged
from rankfirst.options.fit_options import FitOptions
from rankfirst.records import Calibration, Dataset, Refit, from_json, to_json
from rankfirst.run.autopilot import Outcome
from rankfirst.run.journal import Journal

MOST_CONFUSIONS = 10
# Files that are computed once: a repeated delivery takes them over.
ONCE = (abstain_scores.FILE, data.SKETCH, data.SKETCH_VECTORS, nearest_rows.FILE)
EXAMPLES = 3  # texts per confusion and per class: enough to see what they share
LONGEST = 300  # characters of such a text


@span("delivery")
def deliver(outcome: Outcome, engine: Engine, dataset: Dataset, journal: Journal, options: FitOptions,
            folder: Path, lang: Lang, tick: Tick = no_tick) -> dict[str, Any]:  # fmt: skip
    """Everything after the verdict: calibrate, train on all rows, write RUN/model, score the test rows, report.

    The journal keeps each step, so that a killed delivery continues. Args: folder: RUN. Returns: result.json.
    """
    models = Evaluator(outcome, engine, dataset)
    abstention = Abstention(models, options.coverage, options.seed)
    fitted = journal.remember("calibration", "", lambda: to_json(calibrate(models, abstention, options)))
    delivery = Delivery(models, abstention, from_json(Calibration, fitted))
    if not refit.held_out(journal):
        shipped, record = refit.refitted(models, journal, options.seconds, options.seed, tick, options.drop_suspects)
        delivery = delivery.trained_again(shipped, record)
    before = folder / "model"
    with staged(before, empty=True) as files:
        carry(before, files, manifest.intact(before, ONCE))
        (files / manifest.PENDING).mkdir()
        delivery.write_held_out(files / manifest.PENDING / "held_out")
        written = delivery.write(files)
        journal.remember("readback", "", lambda: delivery.read_back(written))
        if written is not None:
            form = "tfidf" if models.ship == "tfidf" else written.backend
            canary.record(files, form, written.classes, written.predict_proba(canary.texts(files, written.classes)))
        summary: dict[str, Any] = journal.remember("result", "", lambda: delivery.summary(journal))
        delivery.write_sketch(files)
        delivery.write_nearest(files, abstention)
        write_card(folder, delivery.facts, delivery.licence, lang, files)
        if not (folder / "examples.json").exists():
            write_json(folder / "examples.json", delivery.examples())
        write_json(files / manifest.PENDING / "result.json", summary)
        _carry_exports(before, files, lang)
        listed = manifest.write(files, folder)  # last: it covers result.json too
    manifest.settle(before, listed)
    report.write_html(journal.path, folder / "report.html", lang)
    return summary


def _carry_exports(before: Path, files: Path, lang: Lang) -> None:
    """Keep exports and the promise in a repeated delivery if the model is the same, byte for byte; else drop them."""
    try:
        old = json.loads((before / manifest.DECISION).read_bytes())
        new = json.loads((files / manifest.DECISION).read_bytes())
        weights = [path.relative_to(files).as_posix() for path in files.rglob("*.safetensors")]
        weights = [name for name in weights if not manifest.under(name, [manifest.PENDING])]
        same = all((before / name).read_bytes() == (files / name).read_bytes() for name in weights)
        exported = {name: old.pop(name) for name in ("frame", "graphs") if name in old}
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        return
    if same and new == {**new, **old}:  # older versions wrote fewer facts
        carry(before, files, manifest.intact(before, (*EXPORTS, promises.FILE)))
        canary.carry(before, files)
        promises.write(promises.of_folder(files), files, lang)
        write_json(files / manifest.DECISION, new | exported)


@span("calibration")
def calibrate(models: Evaluator, abstention: Abstention, options: FitOptions) -> Calibration:
    """Fit thresholds (or apply costs) and the abstention threshold on validation rows."""
    val, temperature = models.predictions(models.ship, "val"), models.fits[models.ship].temperature
    costs = data.costs_of(options.costs, val.classes, options.abstain_cost)
    fitted = calibrated(val, models.ship, temperature, options.beta, costs)
    right = val.decoded(Decoding.fitted(models.dataset.multi_label, fitted)).right
    abstain, sure = abstention.fit(right)
    return replace(fitted, abstain=abstain, answered=tuple(coverage_curve(sure, right)))


@dataclass(frozen=True, eq=False)
class Delivery:
    """A calibrated model and the rows that it is scored on."""

    models: Evaluator  # trained without the validation rows: every choice and validation figure is theirs
    abstention: Abstention  # of the model to deliver
    calibration: Calibration
    again: Evaluator | None = None  # with the model to deliver trained on the validation rows too; None: it is not
    record: Refit | None = None  # None: in older runs and with --hold-out

    def trained_again(self, shipped: Evaluator, record: Refit) -> "Delivery":
        """The same delivery with the model trained on all labelled rows, if `record` says that it was."""
        if not record.done:
            return replace(self, record=record)
        own = Abstention(shipped, self.abstention.coverage, self.abstention.seed)
        return replace(self, abstention=own, again=shipped, record=record)

    @property
    def shipped(self) -> Evaluator:
        """The evaluator whose model is delivered."""
        return self.again or self.models

    @cached_property
    def val(self) -> Predictions:
        """Predictions on the validation rows, of the model trained without them."""
        return self._decoded(self.models, "val")

    @cached_property
    def judged(self) -> Predictions:
        """Predictions of the delivered model on the test rows, or `val` without any; used only after all decisions."""
        return self._decoded(self.shipped, "test") if self.models.test else self.val

    def _decoded(self, models: Evaluator, split: str) -> Predictions:
        decoding = Decoding.fitted(models.dataset.multi_label, self.calibration)
        return models.predictions(models.ship, split).decoded(decoding)

    @property
    def trained_on(self) -> dict[str, Any]:
        """The splits that the delivered model was trained on, and their rows."""
        return {
            "splits": ["train", "val"] if self.again else ["train"],
            "rows": self.record.rows if self.record else refit.train_rows(self.models),
        }

    @property
    def licence(self) -> str:
        """The licence of the base model according to its files."""
        from rankfirst.engine.base_models import sources

        return sources.licence(self.models.engine.source)

    @property
    def _base_files(self) -> dict[str, str]:
        """Hashes of the base's configuration and tokenizer; n-grams read texts without them."""
        from rankfirst.engine.base_models import sources

        return {} if self.models.ship == "tfidf" else sources.companions(self.models.engine.source.folder)

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """decision.json: the facts needed to turn texts into predictions."""
        models, info = self.models, self.models.engine.info
        rows: dict[str, Any] = {} if self.record is None else {"trained_on": self.trained_on}
        if models.ship == "frozen" and models.outcome.frozen.head.normalize:
            rows["normalize"] = True  # its head reads pooled states of unit length; left out where it reads raw ones
        return {"kind": models.ship, "base_model": models.engine.source.lasting, "base_sha256": info.base_sha256,
                "base_files": self._base_files, "base_bits": info.base_bits, "prefix": info.prefix,
                "max_tokens": info.max_tokens, "windows": info.windows, "pooling": models.outcome.frozen.pooling,
                "multi_label": models.dataset.multi_label, "classes": list(models.dataset.classes),
                "calibration": to_json(self.calibration), "temperature": self.calibration.temperature,
                **({"text": models.dataset.text} if models.dataset.text else {}), **rows,
                manifest.CLAIM: True}  # fmt: skip

    def write_held_out(self, folder: Path) -> None:
        """Write the adapter trained without the validation rows: training on more rows starts from it, not from one
        that has seen the rows by which it is judged."""
        final = self.models.outcome.final
        if self.again is not None and self.models.ship == "lora" and final is not None:
            self.models.engine.export(final.checkpoint, str(folder))

    def write(self, folder: Path) -> Classifier | None:
        """Write the files that `rankfirst.load` needs into `folder`; the adapter is in PEFT's format.

        Returns: the delivery as read back from them; test rows are scored with it from now on. None if the base is too
        large for a second copy in memory.
        """
        from rankfirst.engine.device import nearest
        from rankfirst.engine.export.adapter import write_head_arrays

        folder.mkdir(parents=True, exist_ok=True)
        outcome, ship = self.shipped.outcome, self.models.ship
        if ship == "tfidf":
            outcome.tfidf.model.save(folder)
        elif ship == "lora" and outcome.final is not None:
            self.models.engine.export(outcome.final.checkpoint, str(folder))
        else:
            write_head_arrays(outcome.frozen.head.weight, outcome.frozen.head.bias, folder)
        self.abstention.save(self.calibration.abstain, folder)
        write_json(folder / "decision.json", self.facts)
        write_json(folder / "labels.json", list(self.models.dataset.classes))
        manifest.write(folder)
        engine = self.models.engine
        if sum(file.stat().st_size for file in engine.source.folder.glob("*.safetensors")) > READ_BACK_MOST:
            return None
        written = Classifier(folder, device=nearest(engine.info.device), trusted=True)
        self.shipped.delivered = written.outputs
        return written

    def read_back(self, written: Classifier | None) -> dict[str, float]:
        """Compare the written model with the one in memory on some validation rows. Raises: EngineError."""
        texts = self.models.dataset.val.texts[:SAVED_ROWS]
        measured = self.val.probabilities[: len(texts)]
        if self.again is not None:
            measured = probabilities(self.again.read(texts)[0], self.models.dataset.multi_label)
        return on_save(written, texts, measured)

    def write_sketch(self, folder: Path) -> None:
        """Write the sketch that `rankfirst drift` compares new rows with, once: vectors and counts, no texts."""
        if (folder / data.SKETCH).is_file():
            return
        models, dataset, info = self.models, self.models.dataset, self.models.engine.info
        picked = data.choose_rows(dataset)
        held = self.val.probabilities[picked.held]
        answers = self.val.answers[picked.held], self.judged.answers[picked.judged]
        odds = log_odds(held, dataset.multi_label)
        vectors = odds[:0].astype(np.float32), odds.astype(np.float32)  # n-grams memorise their training rows
        if models.ship != "tfidf":
            if info.figures:  # the training rows were encoded in another type than the rows to compare will be
                texts = [dataset.train.texts[row] for row in picked.known]
                encoded = models.engine.encode(texts)[models.outcome.frozen.pooling]
            else:
                encoded = models.states("train")[picked.known]
            vectors = encoded, models.states("val")[picked.held]
        dtype, judged = info.figures or info.dtype, self.judged.probabilities[picked.judged]
        data.Sketch.of(dataset, picked, vectors, held, answers, dtype, judged).save(folder)

    def write_nearest(self, folder: Path, chosen: Abstention) -> None:
        """Write the vectors of training rows that `explain` compares a text with, once: labels and no texts.

        Args: chosen: of the model by which the threshold was chosen.
        """
        path, models, train = folder / nearest_rows.FILE, self.shipped, self.models.dataset.train
        wide = models.ship == "lora" and self.abstention.wide
        if path.is_file() or wide:
            return
        rows, abstain = models.outcome.compared, self.calibration.abstain
        if models.ship == "tfidf":
            states = nearest_rows.sketch(models.outcome.tfidf.model.count([train.texts[row] for row in rows]))
        else:
            states = self.abstention.compared
        scores = np.zeros(0) if abstain is None else chosen.scored(abstain.score, self.models.read_val())
        nearest_rows.NearestRows.of(states, rows, train.lines, train.labels, scores).save(path)

    def summary(self, journal: Journal) -> dict[str, Any]:
        """result.json; the test split is used here only, after all decisions."""
        models, outcome, ship = self.models, self.models.outcome, self.models.ship
        tests, tail = self.shipped.test_scores(), outcome.profile.tail_classes
        rungs = [{"name": n, "val": to_json(r.val), "test": to_json(tests.get(n)), "seconds": r.seconds,
                  "megabytes": r.megabytes} for n, r in outcome.rungs.items()]  # fmt: skip
        recipe = outcome.final.recipe if ship == "lora" and outcome.final is not None else None
        names = models.dataset.classes
        return {
            "verdict": ship,
            "trained_on": self.trained_on,
            "val": to_json(self.val.scores(tail)),
            "test": to_json(self.judged.scores(tail)) if tests else None,
            "rungs": rungs,
            "recipe": to_json(recipe),
            "decisions": outcome.decisions,
            "seconds": journal.seconds,
            "time": {stage: round(spent, 3) for stage, spent in journal.by_stage.items()},
            "peak_memory_mb": peak_bytes() / 2**20,
            "versions": to_json(models.engine.info.versions),
            "calibration": to_json(self.calibration),
            "outside": self.abstention.on_test(self.calibration.abstain),
            "mistakes": self.mistakes(),
            "confusions": [{"truth": names[a], "predicted": names[b], "count": n}
                           for a, b, n in self.judged.confusions(MOST_CONFUSIONS)],
            "matrix": [list(cell) for cell in self.judged.confusions(None)],
            "costs": costs(journal),
            "six": report.six(report.read(journal.path)),
        }  # fmt: skip

    def examples(self) -> dict[str, Any]:
        """examples.json: a few rows per finding and per confusion for the report, since the journal holds no text."""
        outcome, dataset, shown = self.models.outcome, self.models.dataset, []
        texts, truth, answers = (dataset.test or dataset.val).texts, self.judged.truth, self.judged.answers
        for a, b, _ in self.judged.confusions(MOST_CONFUSIONS):
            mixed = np.flatnonzero(truth[:, a] & ~answers[:, a] & answers[:, b] & ~truth[:, b])
            public = [texts[row] for row in mixed if not data.has_personal_data(texts[row])]
            shown.append({"truth": dataset.classes[a], "predicted": dataset.classes[b], "texts": public[:EXAMPLES]})
        frozen = outcome.frozen
        checks = data.few_examples(outcome.profile, dataset, frozen.sober, [int(row) for row in frozen.rows])
        return {"checks": to_json(checks), "confusions": shown, "classes": self._missed(texts)}

    def _missed(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """A few rows of each class that the model missed, with its answer."""
        names, truth, answers = self.models.dataset.classes, self.judged.truth, self.judged.answers
        missed = []
        for c, name in enumerate(names):
            wrong = [int(row) for row in np.flatnonzero(truth[:, c] & ~answers[:, c])]
            public = [row for row in wrong if not data.has_personal_data(texts[row])][:EXAMPLES]
            rows = [{"text": texts[row][:LONGEST], "predicted": [names[a] for a in np.flatnonzero(answers[row])]}
                    for row in public]  # fmt: skip
            missed += [{"class": name, "missed": len(wrong), "rows": rows}] if wrong else []
        return missed

    def mistakes(self) -> dict[str, Any] | None:
        """Mean cost per row on validation and test: of the likeliest labels, of those given, and with abstaining."""
        costs = self.calibration.costs
        if costs is None:
            return None
        mean: dict[str, Any] = {"val": None, "test": None}
        for name, rows in (("val", self.val), ("test", self.judged if self.models.test else None)):
            if rows is None:
                continue
            dear, likeliest = cheaper_to_abstain(rows.probabilities, costs), replace(rows.decoding, costs=None)
            mean[name] = {"likeliest": rows.decoded(likeliest).mean_cost(costs), "given": rows.mean_cost(costs)}
            if costs.abstain is not None:
                mean[name] |= {"with_abstaining": rows.mean_cost(costs, dear), "answered": float((~dear).mean())}
        return mean


# An experiment compares probes, and costs nothing itself.
_COSTS = frozenset({"features", "profile", "rung", "probe", "final", "rival", "held_out", "refit"})


def costs(journal: Journal) -> list[dict[str, Any]]:
    """Seconds since the previous event, and TFLOP of training, for every step."""
    steps: list[dict[str, Any]] = []
    done: dict[str, float] = {}  # the work of an extended probe includes that of its first epochs
    for (kind, key), payload in journal.events.items():
        if kind not in _COSTS:
            continue
        work = payload.get("work", 0.0)
        if kind == "probe":
            recipe = key.rpartition("-e")[0]
            work, done[recipe] = work - done.get(recipe, 0.0), work
        seconds = round(journal.took[(kind, key)], 2)
        steps.append({"step": " ".join(filter(None, (kind, key))), "seconds": seconds, "work": work})
    return steps
