"""The fitted n-gram classifier: texts in, probabilities out, kept on disk without pickle."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
from safetensors.numpy import load_file, save_file
from sklearn.feature_extraction.text import TfidfVectorizer

from rankfirst.ladder.linear import Matrix, Rows, Weights
from rankfirst.measure.calibration import probabilities
from rankfirst.measure.scores import Floats

VOCABULARY = "tfidf.json"
TENSORS = "tfidf.safetensors"


@dataclass(frozen=True)
class NGrams:
    """Which pieces of a text are counted."""

    analyzer: str  # scikit-learn's "char" or "char_wb"
    shortest: int  # characters
    longest: int

    @property
    def words(self) -> str:
        """For a table: "1-3"."""
        return f"{self.shortest}-{self.longest}"


@dataclass(frozen=True)
class TfidfModel:
    """Character n-grams, their idf, and a linear classifier over them."""

    grams: NGrams
    vocabulary: tuple[str, ...]  # (d,) by column
    idf: Matrix  # (d,)
    weights: Weights  # (d, C), (C,)
    multi_label: bool

    @cached_property
    def _vectoriser(self) -> TfidfVectorizer:
        vectoriser = TfidfVectorizer(
            analyzer=self.grams.analyzer,
            ngram_range=(self.grams.shortest, self.grams.longest),
            sublinear_tf=True,
            dtype=np.float32,
            vocabulary={gram: column for column, gram in enumerate(self.vocabulary)},
        )
        vectoriser.idf_ = self.idf
        return vectoriser

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """(n,) texts -> (n, C) probabilities: each row sums to one, or each label stands alone."""
        rows: Rows = self._vectoriser.transform(texts)
        return probabilities(self.weights.logits(rows).astype(np.float64), self.multi_label)

    @property
    def megabytes(self) -> float:
        """10^6 bytes on disk."""
        arrays = (self.idf, self.weights.coef, self.weights.bias)
        return (sum(a.nbytes for a in arrays) + len(self._header())) / 1e6

    def _header(self) -> bytes:
        facts = {"ngrams": asdict(self.grams), "multi_label": self.multi_label, "vocabulary": self.vocabulary}
        return json.dumps(facts, ensure_ascii=False).encode()

    def save(self, folder: Path) -> None:
        """Write `tfidf.safetensors` and `tfidf.json`, each whole or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {"idf": self.idf, "coef": self.weights.coef, "intercept": self.weights.bias}
        contiguous = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
        _replace(folder / TENSORS, lambda path: save_file(contiguous, path))
        header = self._header()
        _replace(folder / VOCABULARY, lambda path: _write(path, header))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        facts = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))
        tensors = load_file(folder / TENSORS)
        return cls(
            grams=NGrams(**facts["ngrams"]),
            vocabulary=tuple(facts["vocabulary"]),
            idf=tensors["idf"],
            weights=Weights(tensors["coef"], tensors["intercept"]),
            multi_label=bool(facts["multi_label"]),
        )


def _replace(path: Path, write: Callable[[Path], None]) -> None:
    """A kill at any moment leaves the old file or the new one."""
    temporary = path.with_name(path.name + ".tmp")
    write(temporary)
    os.replace(temporary, path)


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
