"""`assess`: what the task and the data allow, before any weight of the base model is trained.

The autopilot fits the same baselines before LoRA. Here they are the result, together with everything about the rows:
suspect labels in every split, near-duplicates, shifts between samples, and rows to review.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from rankfirst import baselines, data, policy, report
from rankfirst.data.quality import review_rows
from rankfirst.data.quality.facts import Facts
from rankfirst.engine.base import Engine, FinalPlan, Tick, no_tick
from rankfirst.measure.memory import peak_bytes
from rankfirst.measure.scores import Floats, indicator
from rankfirst.messages import Lang
from rankfirst.policy import final_training
from rankfirst.policy import lora_need as need
from rankfirst.policy import thresholds as t
from rankfirst.records import (
    Assessment,
    DataCeiling,
    Dataset,
    Example,
    Learning,
    Need,
    Number,
    Pair,
    Profile,
    Rung,
    Shift,
    Split,
)

Features = npt.NDArray[np.floating]
T = TypeVar("T")

# Validation or test rows. In larger splits, labels are not checked for suspects; without an encoder those of training
# are sampled, too.
MOST_ANSWERED: Final = 50_000
# Epochs of full fine-tuning, the reference: the usual recipe for encoders (Devlin et al. 2019) has three.
FULL_EPOCHS: Final = 3


@dataclass(frozen=True)
class Wanted:
    """The options of an assessment."""

    seed: int = 0
    probe: bool = False  # measure LoRA too
    full: bool = False  # measure full fine-tuning too
    newer: Split | None = None  # rows of a second file, to compare with the training rows; labels () if unknown
    dated: bool = False  # compare rows before and after the median date
    lang: Lang = "en"  # of what the result shows


@dataclass(frozen=True, repr=False)
class Assessed:
    """The record, the rows behind it, and the lines of the training file that `--fix --drop` may leave out."""

    assessment: Assessment
    dataset: Dataset
    lines: Mapping[str, frozenset[int]] = field(default_factory=dict)  # "suspects", "conflicts", "leaks" -> lines
    lang: Lang = "en"  # of tables and the card

    def findings(self) -> Any:
        """Each finding with its level ("warn" before "note"), code and sentence.

        Returns: a pandas DataFrame; without pandas (extra `pandas`) a table of the same rows.
        """
        return report.framed(report.findings(self.assessment, self.lang), report.FINDINGS, self.lang)

    def rows(self) -> Any:
        """The rows to review with their finding and the reason: suspect labels, conflicts, confused classes and others.

        `row` is the position in the rows that were passed from Python (`df.iloc[row]`); `file` and `line` those of a
        file. Returns: as `findings`.
        """
        return report.framed(report.listed(self.assessment, self.lang), report.REVIEWED, self.lang)

    def save(self, folder: Path | str) -> Path:
        """Write the page, the record and the lists into `folder`. Returns: the page. Raises: RunError, OSError."""
        report.check_folder(Path(folder))
        report.write_assessment(self.assessment, Path(folder), self.lang)
        return Path(folder) / report.PAGE

    def __repr__(self) -> str:
        profile, need = self.assessment.profile, self.assessment.need
        answer = f"LoRA needed: {need.answer.value}" if need else "LoRA needed: not measured"
        counts = f"{profile.n_train:,} training rows, {len(profile.classes):,} classes"
        return f"<Assessed: {counts}, {answer}, {len(report.findings(self.assessment, self.lang))} findings>"

    def _repr_html_(self) -> str:
        return report.assessment_card(self.assessment, self.lang)


@dataclass(frozen=True)
class Below:
    """The results of the models below LoRA."""

    majority: Rung
    tfidf: Rung
    rows: tuple[int, ...]  # (k,) training rows with out-of-fold probabilities; a sample of very large sets
    out_of_fold: Floats  # (k, C)
    answer: Callable[[str], Floats]  # "val" or "test" -> (n, C) probabilities of the same model
    texts: Callable[[Sequence[str]], Floats]  # texts -> (n, C) probabilities of the n-gram model
    frozen: baselines.FrozenFit | None = None
    encoded: Rung | None = None  # the frozen rung, its time including the encoding
    features: Mapping[str, Features] = field(default_factory=dict)  # split -> (n, d) in the chosen pooling
    learning: Learning | None = None
    near: data.Neighbours | None = None  # neighbours of the rows with out-of-fold probabilities


class Appraisal:
    """One assessment, with an engine for the encoder or without one."""

    def __init__(self, dataset: Dataset, engine: Engine | None, wanted: Wanted, tick: Tick = no_tick) -> None:
        self.dataset, self.engine, self.wanted, self.tick = dataset, engine, wanted, tick
        self.facts = Facts(dataset)
        self.seconds: dict[str, float] = {}
        self.epochs: tuple[float, ...] = ()  # validation macro-F1 of those that LoRA's was picked from

    def run(self) -> Assessed:
        """The whole assessment, cheap steps first."""
        profile = self.timed("checks", lambda: data.profile(self.dataset, self.facts))
        below = self.climb(profile)
        profile = self.timed("suspects", lambda: data.with_out_of_fold(
            profile, self.dataset, below.out_of_fold, below.near, below.rows))  # fmt: skip
        ceiling = self.timed("ceiling", lambda: self.ceiling(below))
        above = self.above(below, profile)
        shifts = self.timed("shift", lambda: self.shifts(below))
        reviews, pairs = self.timed("rows", lambda: self.rows(below, shifts))
        profile = replace(profile, complexity=data.judge_complexity(profile, shifts))
        rungs = (below.majority, below.tfidf, *([below.encoded] if below.encoded else []), *above)
        # Predictions per row serve paired tests only; in a file they would be a burden.
        bare = tuple(replace(rung, val_log_loss=(), val_predicted=()) for rung in rungs)
        assessment = Assessment(
            dataset=self.dataset.name,
            profile=profile,
            rungs=bare,
            base_model=self.engine.facts.name if self.engine else "",
            ceiling=ceiling,
            capacity=dict(policy.ceiling(profile, self.engine.facts).numbers) if self.engine else {},
            learning=below.learning,
            need=need.unless_leaked(self.need(below, ceiling, above), profile),
            shifts=shifts,
            examples=review_rows.of_checks(profile, self.dataset),
            pairs=pairs,
            reviews=reviews,
            notes=self.dataset.notes,
            seconds=self.seconds,
            peak_megabytes=peak_bytes() / 1e6,
        )
        return Assessed(assessment, self.dataset, self.lines(reviews), self.wanted.lang)

    def timed(self, step: str, work: Callable[[], T]) -> T:
        """The result of `work`; its duration is added to `seconds` under `step`."""
        self.tick(step, 0, 1)
        began = time.perf_counter()
        result = work()
        self.seconds[step] = self.seconds.get(step, 0.0) + time.perf_counter() - began
        self.tick(step, 1, 1)
        return result

    def climb(self, profile: Profile) -> Below:
        """Fit the models below LoRA, and compute out-of-fold probabilities of training rows."""
        seed, tail = self.wanted.seed, profile.tail_classes
        majority = baselines.majority(self.dataset, tail)
        tfidf = self.timed("tfidf", lambda: baselines.fit_tfidf(self.dataset, tail, seed))
        answer = tfidf.model.predict_proba
        if self.engine is None:
            c = float(tfidf.rung.details["C"])
            rows, p = self.timed("folds", lambda: baselines.tfidf_out_of_fold(tfidf.model, self.dataset, c, seed))
            return Below(majority, tfidf.rung, rows, p, lambda split: answer(self.split(split).texts), answer)
        return self.encode(self.engine, majority, tfidf.rung, profile, answer)

    def encode(
        self, engine: Engine, majority: Rung, tfidf: Rung, profile: Profile, texts: Callable[[Sequence[str]], Floats]
    ) -> Below:
        """Encode all splits and fit the frozen rung, a linear head on the unchanged encoder."""
        seed, tail, began = self.wanted.seed, profile.tail_classes, time.perf_counter()
        self.timed("pace", lambda: engine.adopt(engine.calibrate()))  # threads on busy cores are ten times slower
        self.timed("prefix", lambda: engine.adopt_prefix(self.prefix(engine)))
        if self.wanted.probe:
            engine.expect(policy.start(profile, engine.facts, seed))
        states = {split: engine.features(split, self.tick) for split in ("train", "val", "test") if self.split(split)}
        spent = time.perf_counter() - began
        self.seconds["features"] = spent - self.seconds["pace"] - self.seconds["prefix"]
        frozen = self.timed(
            "frozen", lambda: baselines.fit_frozen(states["train"], states["val"], self.dataset, tail, seed)
        )
        engine.use_head(frozen.pooling, frozen.start.weight.astype(np.float32), frozen.start.bias.astype(np.float32))
        features = {split: poolings[frozen.pooling] for split, poolings in states.items()}
        learning = self.timed("learning", lambda: baselines.learning_curve(
            features["train"], features["val"], self.dataset, float(frozen.rung.details["C"]), seed,
            frozen.mix, frozen.head.normalize))  # fmt: skip
        near = self.timed("suspects", lambda: data.neighbours_of(
            part(self.dataset, frozen.rows), taken(features["train"], frozen.rows)))  # fmt: skip
        encoded = replace(frozen.rung, seconds=frozen.rung.seconds + spent,
                          ms_per_text=frozen.rung.ms_per_text + engine.ms_per_text())  # fmt: skip
        return Below(majority, tfidf, tuple(map(int, frozen.rows)), frozen.sober,
                     lambda split: frozen.head.predict_proba(features[split]), texts, frozen, encoded, features,
                     learning, near)  # fmt: skip

    def prefix(self, engine: Engine) -> str:
        """The prefix of each text: the user's, or the one with the best frozen rung."""
        prefixes = engine.prefixes
        if len(prefixes) < 2:
            return prefixes[0]
        return choose_prefix(engine, self.dataset, self.wanted.seed, self.tick).prefix

    def ceiling(self, below: Below) -> DataCeiling:
        """The score that the labels allow, estimated from out-of-fold predictions."""
        return data.data_ceiling(part(self.dataset, below.rows), below.out_of_fold, self.wanted.seed)

    def above(self, below: Below, profile: Profile) -> list[Rung]:
        """LoRA and full fine-tuning, if the user wants them measured."""
        engine = self.engine
        if engine is None or below.frozen is None:
            return []
        lora = self.timed("lora", lambda: self.lora(engine, profile)) if self.wanted.probe else None
        full = self.timed("full", lambda: self.full(engine, profile)) if self.wanted.full else None
        return [rung for rung in (lora, full) if rung is not None]

    def lora(self, engine: Engine, profile: Profile) -> Rung | None:
        """LoRA with the recipe that `fit` starts from, trained to its end: in whole fits, few searches got further.

        None if not even the start could be evaluated, for example for lack of memory.
        """
        began, facts = time.perf_counter(), engine.facts
        truth, classes = self.dataset.val.labels, len(self.dataset.classes)
        recipe = policy.start(profile, facts, self.wanted.seed)
        epochs = final_training.final_epochs(len(self.dataset.train), recipe.batch_size, self.dataset.multi_label)
        plan = FinalPlan(epochs, profile.tail_classes, t.TAIL_SLACK, tail_ses=t.NOISE_SES)
        run = engine.finish(recipe, plan, "assess-lora", self.tick)
        if not engine.has(run.checkpoint):
            return None
        curve = final_training.kept(run, truth, classes)
        picked = curve.kept_epoch != curve.last.epoch  # the last one was not picked, so it does not look too good
        self.epochs = tuple(e.judged_f1 for e in curve.evaluations[1:]) if picked else ()
        return baselines.trained(
            "lora",
            engine.logits(curve.checkpoint, "val", tick=self.tick).astype(np.float64),
            self.dataset,
            profile.tail_classes,
            time.perf_counter() - began,
            4e-6 * (curve.adapter_parameters + classes * (facts.hidden + 1)),
            {"recipe": curve.recipe.key},
            engine.ms_per_text(),
        ).rung

    def full(self, engine: Engine, profile: Profile) -> Rung | None:
        """Full fine-tuning of the base, as a reference; None as for `lora`."""
        run = engine.full(FULL_EPOCHS, seed=self.wanted.seed, tick=self.tick)
        if not run.val_macro_f1:
            return None
        details: dict[str, Number] = {"epoch": run.best_epoch, "health": run.health.value}
        size = 4e-6 * run.parameters
        logits = run.logits.astype(np.float64)
        return baselines.trained("full", logits, self.dataset, profile.tail_classes, run.seconds, size, details,
                              engine.ms_per_text()).rung  # fmt: skip

    def need(self, below: Below, ceiling: DataCeiling, above: Sequence[Rung]) -> Need:
        """Whether LoRA is needed: measured if LoRA was trained, else an estimate."""
        truth, classes = self.dataset.val.labels, len(self.dataset.classes)
        frozen = below.encoded or below.tfidf
        lora = next((rung for rung in above if rung.name == "lora"), None)
        if lora is not None:
            return need.measured(truth, classes, below.tfidf, frozen, lora, self.epochs)
        return need.expected(truth, classes, below.tfidf, frozen, ceiling, below.learning)

    def shifts(self, below: Below) -> tuple[Shift, ...]:
        """Comparisons of samples that may differ: splits from other files, old and new rows, a second file."""
        train, data_set = self.dataset.train, self.dataset
        side = data.Side.of(train, below.features.get("train"))
        if len(below.rows) == len(train):
            side = replace(side, probabilities=below.out_of_fold)
        options: dict[str, Any] = {"multi_label": data_set.multi_label, "seed": self.wanted.seed}
        shifts = []
        for name in ("val", "test"):
            split = self.split(name)
            # Rows held out of the training file cannot have shifted: comparing them would only raise false alarms.
            if split and split.file != train.file:
                other = data.Side.of(split, below.features.get(name), below.answer(name))
                shifts.append(data.shift(side, other, name, data_set.classes, **options))
        if self.wanted.dated:
            old, new, cut = data.split_by_date(train.dates)
            shifts.append(
                data.shift(side.take(old), side.take(new), "date", data_set.classes, cut=data.day(cut), **options)
            )
        if self.wanted.newer is not None:
            newer = self.newer(self.wanted.newer, below)
            shifts.append(data.shift(side, newer, "compare", data_set.classes, **options))
        return tuple(shifts)

    def newer(self, split: Split, below: Below) -> data.Side:
        """The rows of the second file, with features and probabilities of the models below LoRA."""
        side = data.Side.of(split)
        if not any(split.labels):
            side = replace(side, labels=None)
        if self.engine is None or below.frozen is None:
            return replace(side, probabilities=below.texts(split.texts))
        features = self.engine.encode(split.texts, self.tick)[below.frozen.pooling]
        return replace(side, features=features, probabilities=below.frozen.head.predict_proba(features))

    def rows(self, below: Below, shifts: Sequence[Shift]) -> tuple[dict[str, tuple[Example, ...]], tuple[Pair, ...]]:
        """Rows to review, by list and from every split, and pairs of classes that are confused, with their rows."""
        multi, classes = self.dataset.multi_label, len(self.dataset.classes)
        truth = indicator([self.dataset.train.labels[row] for row in below.rows], classes)
        scores, suggested = data.suspicions(truth, below.out_of_fold, multi, below.near)
        suspects = review_rows.suspects(self.dataset, self.dataset.train, scores, suggested, below.rows)
        for name in ("val", "test"):
            split = self.split(name)
            if split and len(split) <= MOST_ANSWERED:
                suspicions = data.suspicions(indicator(split.labels, classes), below.answer(name), multi)
                suspects += review_rows.suspects(self.dataset, split, *suspicions)
        suspects.sort(key=lambda row: -(row.score or 0.0))
        reviews = {
            "suspects": tuple(suspects),
            "conflicts": tuple(review_rows.conflicts(self.facts)),
            "leaks": tuple(review_rows.leaks(self.facts)),
            "shifted": tuple(row for shift in shifts if shift.between == "compare" for row in shift.rows),
        }
        mixed = data.pair_rows(truth, below.out_of_fold, multi, below.near)
        return reviews, tuple(review_rows.pairs(self.dataset, mixed, below.rows))

    def lines(self, reviews: Mapping[str, Sequence[Example]]) -> dict[str, frozenset[int]]:
        """Lines of the training file by list; for a leak, the line of the training row.

        Leaks into rows held out of the training file itself are left out: dropping rows would not remove them.
        """
        file = self.dataset.train.file
        named = {
            kind: frozenset(row.line for row in reviews[kind] if row.file == file) for kind in ("suspects", "conflicts")
        }
        return named | {"leaks": frozenset(row.twin_line for row in reviews["leaks"] if row.file != file)}

    def split(self, name: str) -> Split:
        """A split by its name; an empty one if there is none."""
        split: Split | None = getattr(self.dataset, name)
        return split or Split((), ())


def choose_prefix(engine: Engine, dataset: Dataset, seed: int, tick: Tick) -> baselines.PrefixChoice:
    """The prefix with the best frozen rung on a sample of the training rows."""
    rows = baselines.prefix_rows(dataset, seed)
    trials = {prefix: engine.sample_features(rows, prefix, tick) for prefix in engine.prefixes}
    return baselines.choose_prefix(trials, dataset, rows, seed)


def taken(features: Features, rows: Sequence[int] | npt.NDArray[np.integer]) -> Features:
    """(n, d) -> (k, d), the features of these rows; a proper subset is copied to float32."""
    return features if len(rows) == len(features) else np.asarray(features[rows], dtype=np.float32)


def part(dataset: Dataset, rows: Sequence[int] | npt.NDArray[np.integer]) -> Dataset:
    """The data set with only these training rows."""
    if len(rows) == len(dataset.train):
        return dataset
    train = dataset.train
    lines = tuple(train.lines[row] for row in rows) if len(train.lines) else ()
    kept = Split(tuple(train.texts[r] for r in rows), tuple(train.labels[r] for r in rows), lines, train.file)
    return replace(dataset, train=kept)
