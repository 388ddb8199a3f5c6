"""Encode texts as a delivered model does: vectors of its unmodified base, and its probabilities."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from rankfirst.measure.calibration import log_odds, probabilities
from rankfirst.measure.scores import Floats, Matrix
from rankfirst.model.classifier import Classifier, Reading

Tick = Callable[[str, int, int], None]


class Reader:
    """One delivered model; weights are loaded on first use."""

    def __init__(self, model: Classifier, dtype: str = "float32") -> None:
        """Args: dtype: compute dtype of the base; it must equal that of the stored vectors."""
        self.model, self.dtype = model, dtype
        self.kind = str(model.facts["kind"])

    @cached_property
    def _base(self) -> Any:
        from rankfirst.engine.export.predictor import Predictor

        return Predictor(self.model.folder, self.model.facts, base_alone=True, dtype=self.dtype)

    def vectors(self, texts: Sequence[str], tick: Tick) -> Matrix | None:
        """(n, d); None for n-gram models, whose only vectors are their answers."""
        return None if self.kind == "tfidf" else np.asarray(self._base.vectors(texts, tick), dtype=np.float32)

    def read(self, texts: Sequence[str], vectors: Matrix | None) -> Reading:
        """The outputs of the delivered model for texts whose vectors are already computed."""
        if self.kind != "frozen" or vectors is None:
            return self.model.read(texts)
        logits = self._base.of_vectors(vectors).astype(np.float64) / self.model.calibration.temperature
        return Reading(probabilities(logits, self.model.multi_label), logits, vectors)

    def both(self, texts: Sequence[str], tick: Tick) -> tuple[Matrix, Floats]:
        """(n, d) vectors (log-odds for n-gram models) and (n, C) probabilities."""
        vectors, read = self.outputs(texts, tick)
        return vectors, read.probabilities

    def outputs(self, texts: Sequence[str], tick: Tick) -> tuple[Matrix, Reading]:
        """(n, d) the same vectors, and the outputs of the delivered model."""
        vectors = self.vectors(texts, tick)
        read = self.read(texts, vectors)
        if vectors is None:
            return np.asarray(log_odds(read.probabilities, self.model.multi_label), dtype=np.float32), read
        return vectors, read
