"""A delivered model, loaded once and ready to answer."""

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from rankfirst.data.texts import clean
from rankfirst.errors import OptionError, RunError
from rankfirst.ladder import TfidfModel
from rankfirst.measure.calibration import confidence, probabilities
from rankfirst.measure.scores import Bools, Floats, predict_labels
from rankfirst.records import Calibration, from_json

BACKENDS = ("torch", "onnx", "int8")
CHECK = "check.json"  # what the self-test of an export found


class Classifier:
    """What `rankfirst fit` delivered in RUN/model."""

    def __init__(self, folder: Path, backend: str = "torch") -> None:
        """Read what was delivered; weights are loaded with the first text.

        Args: backend: what computes: torch, or onnx or int8 once they are exported (then torch is never loaded).
        Raises: RunError when nothing was delivered there; OptionError for an unknown backend.
        """
        if backend not in BACKENDS:
            raise OptionError("option.bad_backend", text=backend)
        self.folder, self.backend = folder, backend
        path = folder / "decision.json"
        if not path.is_file():
            begun = (folder.parent / "journal.jsonl").is_file()
            raise RunError("run.unfinished" if begun else "run.missing", path=str(folder.parent))
        try:
            self.facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            self.calibration: Calibration = from_json(Calibration, self.facts["calibration"])
            self.classes: tuple[str, ...] = tuple(self.facts["classes"])
            self.multi_label = bool(self.facts["multi_label"])
        except (ValueError, KeyError, TypeError, AttributeError):
            raise RunError("run.bad_model", path=str(path)) from None

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """(n, C) calibrated probabilities, columns in the order of `classes`."""
        if not len(texts):
            return np.zeros((0, len(self.classes)))
        texts = [clean(text) for text in texts]  # as for training
        if self.facts["kind"] == "tfidf":
            return np.asarray(self._tfidf.predict_proba(texts))
        logits = self.predictor.logits(texts).astype(np.float64)
        return probabilities(logits, self.multi_label, self.calibration.temperature)

    def predict(self, texts: Sequence[str], abstain: bool = False) -> list[Any]:
        """A class name a text; for multi-label a list of names.

        Args:
            abstain: answer None where the model is less sure than the abstain threshold found on validation rows.
        """
        return self.answers(self.predict_proba(texts), abstain)

    def answers(self, p: Floats, abstain: bool = False) -> list[Any]:
        """The same from (n, C) probabilities of `predict_proba`."""
        fitted, chosen = self.calibration, self.decide(p)
        names = [[self.classes[c] for c in np.flatnonzero(row)] for row in chosen]
        answers: list[Any] = list(names) if self.multi_label else [n[0] for n in names]
        if abstain and fitted.abstain is not None:
            sure = confidence(p, self.multi_label) >= fitted.abstain.threshold
            answers = [answer if ok else None for answer, ok in zip(answers, sure, strict=True)]
        return answers

    def decide(self, p: Floats) -> Bools:
        """(n, C) probabilities of `predict_proba` -> (n, C) answers."""
        fitted = self.calibration
        thresholds = None if fitted.thresholds is None else np.asarray(fitted.thresholds)
        return predict_labels(p, self.multi_label, thresholds, fitted.at_least_one)

    @cached_property
    def _tfidf(self) -> TfidfModel:
        return TfidfModel.load(self.folder)

    def _failed(self) -> set[str]:
        """Formats whose self-test failed."""
        try:
            told = json.loads((self.folder / CHECK).read_text(encoding="utf-8"))["formats"]
            return {str(each["kind"]) for each in told if each.get("passed") is False}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return set()

    @cached_property
    def predictor(self) -> Any:
        """What turns texts into (n, C) logits: an engine's `Predictor`, or a `Runtime`."""
        if self.backend != "torch":
            from rankfirst.serving import Runtime

            if self.backend in self._failed():
                raise RunError("run.failed_export", kind=self.backend, path=str(self.folder),
                               run=str(self.folder.parent))  # fmt: skip

            return Runtime(self.folder, self.facts, self.backend)
        from rankfirst.engine.predictor import Predictor

        return Predictor(self.folder, self.facts)


def load(run: Path | str, backend: str = "torch") -> Classifier:
    """The classifier a finished run delivered; `backend`: torch, onnx or int8. Raises: RunError when there is none."""
    return Classifier(Path(run) / "model", backend)
