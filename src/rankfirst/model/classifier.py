"""A delivered model, loaded for prediction."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from rankfirst.baselines import TfidfModel
from rankfirst.baselines.tfidf_model import VOCABULARY
from rankfirst.data import SKETCH, SKETCH_VECTORS, Sketch
from rankfirst.data.files.texts import clean, joined
from rankfirst.errors import OptionError, RankfirstError, RecordError, RunError, refusals, system_refused
from rankfirst.measure import abstain_scores
from rankfirst.measure.answer_sets import Candidates
from rankfirst.measure.calibration import confidence, probabilities
from rankfirst.measure.decoding import Decoding, cheaper_to_abstain
from rankfirst.measure.disk import require_utf8
from rankfirst.measure.scores import Bools, Floats
from rankfirst.model import agreement, manifest, promises
from rankfirst.model.nearest_rows import FILE as NEAREST
from rankfirst.model.nearest_rows import NearestRows, sketch
from rankfirst.model.onnx.fleet import FACTORS
from rankfirst.model.onnx.runtime import FILES, exported
from rankfirst.records import Calibration, Promise, from_json

BACKENDS = ("torch", "onnx", "int8", "fleet")
CHECK = "check.json"  # results of the self-test of an export
# Files that torch does not read: exported formats, the card, what `drift` and `explain` compare with.
EXPORTS = ("merged", "classifier", "vllm", *FILES.values(), FACTORS, "tokenizer", CHECK)
UNREAD = ("README.md", SKETCH, SKETCH_VECTORS, NEAREST)


@dataclass(frozen=True, eq=False)
class Reading:
    """The outputs of a model for n texts."""

    probabilities: Floats  # (n, C) calibrated
    logits: Floats  # (n, C), divided by the temperature
    states: Any  # (n, d) pooled states; None for n-grams, and if an exported graph gives none

    def __len__(self) -> int:
        return len(self.probabilities)

    def __getitem__(self, rows: slice) -> "Reading":
        """The outputs for a slice of the texts."""
        return Reading(self.probabilities[rows], self.logits[rows], None if self.states is None else self.states[rows])

    @staticmethod
    def joined(parts: "Sequence[Reading]") -> "Reading":
        """The outputs of one model for several lists of texts, as of one list."""
        states = None if parts[0].states is None else np.concatenate([part.states for part in parts])
        logits = np.concatenate([part.logits for part in parts])
        return Reading(np.concatenate([part.probabilities for part in parts]), logits, states)


@dataclass(frozen=True, eq=False)
class Scope:
    """How well n texts fit the classes of a model."""

    score: str  # one of `abstain_scores.SCORES`
    values: Floats  # (n,) higher fits better
    threshold: float  # the model abstains below it


def _clean(texts: Sequence[str | Sequence[str]]) -> list[str]:
    """The texts as training reads them."""
    return [clean(text) if isinstance(text, str) else joined(text) for text in texts]


def _probabilities(read: Reading | Floats) -> Floats:
    return read.probabilities if isinstance(read, Reading) else read


class Classifier:
    """The model that `rankfirst fit` delivered in RUN/model."""

    def __init__(self, folder: Path, backend: str = "torch", device: str = "cpu", trusted: bool = False) -> None:
        """Verify the files that will be read, and read the facts; weights are loaded with the first text.

        Args: backend: torch, or onnx, int8 or fleet if they were exported; these never load torch. device: of torch.
            trusted: this process wrote the folder, so it needs no signature.
        Raises: RunError if nothing was delivered there, or a file is missing, differs or does not fit the others;
            OptionError for an unknown backend.
        """
        if backend not in BACKENDS:
            raise OptionError("option.bad_backend", text=backend)
        require_utf8(folder)
        self.folder, self.backend, self.device = folder, backend, device
        with refusals("run.bad_model"):
            self._open(folder, trusted)

    def _open(self, folder: Path, trusted: bool) -> None:
        """Read what is not loaded later. Raises: RunError, OSError."""
        self.verified = manifest.verify(folder, self._unread, trusted=trusted)
        path = folder / manifest.DECISION
        if not path.is_file():
            begun = (folder.parent / "journal.jsonl").is_file()
            raise RunError("run.unfinished" if begun else "run.missing", path=str(folder.parent))
        try:
            self.facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            self.calibration: Calibration = from_json(Calibration, self.facts["calibration"])
            self.multi_label = bool(self.facts["multi_label"])
            needed = () if self.facts["kind"] == "tfidf" else ("base_model", "base_sha256", "pooling", "prefix")
            if not all(isinstance(self.facts[name], str) for name in ("kind", *needed)):
                raise TypeError
            if self.facts["kind"] not in agreement.KINDS or (needed and int(self.facts["max_tokens"]) < 1):
                raise TypeError
            if not isinstance(self.facts.get("normalize", False), bool):
                raise TypeError
            self.classes: tuple[str, ...] = agreement.read_labels(
                folder, self.facts, self.verified.manifest is not None
            )
            agreement.check_numbers(path, self.calibration, len(self.classes))
        except RecordError:  # a RunError that names the record, not the file
            raise RunError("run.bad_model", path=str(path)) from None
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            raise RunError("run.bad_model", path=str(path)) from None
        if self.backend == "torch" and needed:
            from rankfirst.run.source_rows import base_of

            self.facts["base_model"] = base_of(folder.absolute().parent, self.facts["base_model"])
        self.promised = promises.load(self.verified, self.classes)  # None: the delivery promises nothing

    @property
    def _unread(self) -> tuple[str, ...]:
        """Files of the delivery that this backend does not read."""
        own = (FACTORS,) if self.backend == "fleet" else ()
        read = () if self.backend == "torch" else (FILES[self.backend], *own, "tokenizer", CHECK)
        merged = () if self.backend == "torch" else ("adapter",)  # into the graph
        return (*(name for name in EXPORTS if name not in read), *merged, *UNREAD)

    def __repr__(self) -> str:
        labels = "several labels per text" if self.multi_label else "one label per text"
        return f"<Classifier: {self.facts['kind']}, {len(self.classes)} classes, {labels}, folder {str(self.folder)!r}>"

    @property
    def text(self) -> str:
        """The text column that the model was trained on, or several joined by commas; empty if unknown."""
        return str(self.facts.get("text") or "")

    def trained_on(self, split: str) -> bool:
        """Whether the model was trained on the "train", "val" or "test" rows of its run."""
        return split in self.facts.get("trained_on", {}).get("splits", ("train",))

    def predict_proba(self, texts: Sequence[str | Sequence[str]]) -> Floats:
        """(n, C) calibrated probabilities, with columns in the order of `classes`.

        Args: texts: (n,); a text of several columns as a tuple, in the order of `text`.
        """
        return self.read(texts).probabilities

    def read(self, texts: Sequence[str | Sequence[str]]) -> Reading:
        """The outputs for n texts, from which answers, confidence and abstention are computed."""
        if not len(texts):
            return Reading(np.zeros((0, len(self.classes))), np.zeros((0, len(self.classes))), None)
        return self.read_clean(_clean(texts))

    def read_clean(self, rows: Sequence[str]) -> Reading:
        """The same for texts that are as training reads them already."""
        states = None
        if self.facts["kind"] == "tfidf":
            logits = self.ngrams.logits(rows)
        elif getattr(self.predictor, "pools", True):
            states, logits = self.predictor.read(rows)
        else:
            logits = self.predictor.logits(rows)
        scaled = np.asarray(logits, dtype=np.float64)
        if not np.isfinite(scaled).all():  # NaN would still give an answer, of confidence NaN
            raise RunError("delivery.not_finite", path=str(self.folder))
        agreement.check_rows(self.folder, scaled.shape[1], len(self.classes))
        if self.facts["kind"] != "tfidf":  # its probabilities need no temperature
            scaled = scaled / self.calibration.temperature
        return Reading(probabilities(scaled, self.multi_label), scaled, states)

    def outputs(self, texts: Sequence[str]) -> tuple[Floats, Any]:
        """(n, C) logits divided by the temperature, and (n, d) states if it abstains by them, else None."""
        reading = self.read(texts)
        return reading.logits, reading.states if self._compared is not None else None

    def predict(self, texts: Sequence[str | Sequence[str]], abstain: bool = False) -> list[Any]:
        """A class name per text; for multi-label models a list of names per text.

        Args: abstain: return None for texts that a person should answer (see `abstains`). A model that promises
            something always does.
        """
        return self.answers(self.read(texts), abstain)

    def answers(self, read: Reading | Floats, abstain: bool = False) -> list[Any]:
        """As `predict`, from what `read` or `predict_proba` returned; abstaining needs the former."""
        decided = self.decide(_probabilities(read))
        names = [[self.classes[c] for c in np.flatnonzero(row)] for row in decided]
        answers: list[Any] = list(names) if self.multi_label else [n[0] for n in names]
        if abstain or self.promise is not None:
            answers = [None if left else answer for answer, left in zip(answers, self.abstains(read), strict=True)]
        return answers

    def decide(self, p: Floats) -> Bools:
        """Decode (n, C) probabilities of `predict_proba` into (n, C) predicted labels."""
        return Decoding.fitted(self.multi_label, self.calibration).answers(p)

    def abstains(self, read: Reading | Floats) -> Bools:
        """(n,) whether a person should answer: the text fits no class, every answer has too high an expected cost, or
        an answer would break what the delivery promises (`rankfirst promise`).
        """
        doubted, kept = self.doubts(read), self.promise
        if kept is None:
            return doubted
        return promises.Keeper(kept, self.classes).abstains(self.candidates(read, doubted))

    def answer_sets(self, read: Reading | Floats) -> list[list[str]]:
        """The labels of each text that a person chooses from if the model abstains: those that it would give, and those
        that it cannot exclude for a class with promised recall."""
        sets, kept = self.decide(_probabilities(read)), self.promise
        if kept is not None:
            candidates = self.candidates(read, np.zeros(len(sets), dtype=bool))
            sets = promises.Keeper(kept, self.classes).sets(candidates)
        return [[self.classes[c] for c in np.flatnonzero(row)] for row in sets]

    def candidates(self, read: Reading | Floats, barred: Bools | None = None) -> Candidates:
        """What answer sets depend on. Args: barred: (n,) rows to abstain on; None: where the calibration abstains."""
        p = _probabilities(read)
        barred = self.doubts(read) if barred is None else barred
        return Candidates.of(p, self.decide(p), barred, self.calibration.thresholds, self.multi_label)

    @cached_property
    def promise_shown(self) -> Promise | None:
        """What the answers of this backend were shown to keep; None if nothing was."""
        return None if self.promised is None else promises.of_backend(self.promised, self.backend, self.verified)

    @property
    def promise(self) -> Promise | None:
        """The promise that answers keep; None if the delivery makes none.

        Raises: RunError if it makes one that was not shown with the answers of this backend.
        """
        if self.promised is not None and self.promise_shown is None:
            raise RunError("promise.other_backend", run=str(self.folder.parent), backend=self.backend,
                           shown=", ".join(own.backend for own in (self.promised, *self.promised.others)))  # fmt: skip
        return self.promise_shown

    def doubts(self, read: Reading | Floats) -> Bools:
        """(n,) whether the calibration abstains, by the text's score or by cost.

        Uses the score that the run chose. From probabilities alone, or if an exported format gives no pooled states, it
        uses the largest probability with a threshold of its own.
        """
        dear, scope = cheaper_to_abstain(_probabilities(read), self.calibration.costs), self.scope(read)
        return dear if scope is None else dear | (scope.values < scope.threshold)

    def scope(self, read: Reading | Floats) -> Scope | None:
        """How well n texts fit the classes, by the score that decides in `abstains`; None if no score does."""
        p, fitted = _probabilities(read), self.calibration.abstain
        if fitted is None:
            return None
        if fitted.score == "energy" and isinstance(read, Reading):
            energy = abstain_scores.by_logits("energy", read.logits, self.multi_label)
            return Scope("energy", energy, fitted.threshold)
        if isinstance(read, Reading) and read.states is not None and self._compared is not None:
            return Scope(fitted.score, self._compared.score(read.states), fitted.threshold)
        return Scope("max_prob", confidence(p, self.multi_label), fitted.confidence)

    def explain(self, texts: Sequence[str | Sequence[str]], quote: bool = False) -> list[Any]:
        """Why each text gets its answer: an `Explanation` with the words that moved it, the nearest training rows with
        their labels, and how far it was from abstaining. A text is read once more per word, up to 48 times.

        Args: quote: quote the texts of these rows, which the delivery does not hold, from the data of the run.
        Raises: RunError if the data of the run are gone or have changed.
        """
        from rankfirst.model import explanation

        train = explanation.training_rows(self.folder.parent) if quote else None
        return list(explanation.explain(self, _clean(texts), train))

    def vectors(self, rows: Sequence[str], read: Reading) -> Any:
        """(n, d) by which clean texts are compared with training rows; None if an exported graph gives no states."""
        return sketch(self.ngrams.count(rows)) if self.facts["kind"] == "tfidf" else read.states

    @cached_property
    def nearest_rows(self) -> NearestRows | None:
        """The delivered vectors of training rows; None if there are none. Raises: RunError if they are damaged."""
        if not self.verified.has(NEAREST):
            return None
        path = self.folder / NEAREST
        with self.damage(path):
            self.verified.check(NEAREST)
            return NearestRows.load(path, len(self.classes))

    @cached_property
    def _compared(self) -> abstain_scores.Reference | None:
        """The reference of the score by pooled states; None if it needs none or this format gives no states."""
        fitted = self.calibration.abstain
        if fitted is None or fitted.score not in abstain_scores.BY_STATES or not getattr(self.predictor, "pools", True):
            return None
        path = self.verified.require(abstain_scores.FILE)
        with self.damage(path):
            return abstain_scores.load(fitted.score, path)

    @cached_property
    def ngrams(self) -> TfidfModel:
        """The n-gram classifier, if one was delivered. Raises: RunError if a file is damaged."""
        return self.load_ngrams()

    def load_ngrams(self) -> TfidfModel:
        """Read the n-gram classifier. Raises: RunError."""
        with self.damage(self.folder):
            model = TfidfModel.load(self.folder)
        agreement.check_tfidf(self.folder / VOCABULARY, model, self.classes)
        self.verified.unchanged()
        return model

    def sketch(self) -> Sketch | None:
        """What the delivery stores of its rows, for comparison with later ones; None if it stores nothing.

        Raises: RunError if a file is damaged.
        """
        if not self.verified.has(SKETCH):  # one that is not listed does not belong to this delivery
            return None
        with refusals("run.bad_model"):
            self.verified.check(SKETCH, SKETCH_VECTORS)
            return Sketch.load(self.folder, len(self.classes))

    def require_exported(self) -> None:
        """Raises: RunError unless this format is part of the delivery and its self-test is known to have passed."""
        path = exported(self.folder, self.facts, self.backend)
        self.verified.require(path.name)
        numbers = {"kind": self.backend, "run": str(self.folder.parent)}
        path = self.folder / CHECK
        try:
            passed = agreement.read_check(path)[1].get(self.backend)
        except (FileNotFoundError, ValueError):
            passed = None
        if passed is None:
            raise RunError("delivery.untested", path=str(path), **numbers)
        if not passed:
            raise RunError("run.failed_export", path=str(self.folder), **numbers)

    @contextmanager
    def damage(self, path: Path) -> Iterator[None]:
        """Turn whatever a reader raises for a damaged file into one line. Raises: RunError."""
        try:
            yield
        except (RankfirstError, MemoryError):
            raise
        except OSError as error:
            raise system_refused(error) or RunError("run.bad_model", path=str(path)) from error
        except Exception:  # readers raise all sorts of errors for a damaged file
            raise RunError("run.bad_model", path=str(path)) from None

    @cached_property
    def predictor(self) -> Any:
        """The object that computes (n, C) logits of texts: an engine's `Predictor`, or a `Runtime`.

        Raises: RunError if the self-test of this format failed or a file is damaged; ModelError for the base model.
        """
        with self.damage(self.folder):
            loaded = self._loaded()
        self.verified.unchanged()
        return loaded

    def _loaded(self) -> Any:
        if self.backend != "torch":
            from rankfirst.model.onnx import Runtime

            self.require_exported()
            return Runtime(self.folder, self.facts, self.backend)
        from rankfirst.engine.export.predictor import Predictor

        agreement.check_head(self.folder, len(self.classes))
        return Predictor(self.folder, self.facts, device=self.device)


def load(run: Path | str, backend: str = "torch") -> Classifier:
    """The model that a finished run delivered. Args: backend: one of BACKENDS. Raises: RunError without one."""
    return Classifier(Path(run) / "model", backend)
