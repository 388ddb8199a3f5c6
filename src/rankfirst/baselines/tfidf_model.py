"""The fitted n-gram classifier: texts in, probabilities out; stored without pickle."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from safetensors.numpy import save_file
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from rankfirst.baselines.logistic import Rows, Weights
from rankfirst.measure.calibration import probabilities
from rankfirst.measure.disk import read_tensors, replaced
from rankfirst.measure.scores import Floats, Matrix

VOCABULARY = "tfidf.json"
TENSORS = "tfidf.safetensors"
WORD = r"(?u)\b\w+\b"  # one letter is a word too: "I", "a", digits
# Prefix of word n-grams in the vocabulary. Character n-grams contain no tab, since white space becomes one space.
WORD_MARK = "\t"


@dataclass(frozen=True)
class NGrams:
    """Which n-grams of a text are counted."""

    analyzer: str  # scikit-learn's "char" or "char_wb"
    shortest: int  # characters
    longest: int
    longest_words: int = 0  # longest n-gram of whole words; 0: no word n-grams

    @property
    def words(self) -> str:
        """For a table: "1-3"; with whole words "2-5 + words 1-2"."""
        characters = f"{self.shortest}-{self.longest}"
        return f"{characters} + words 1-{self.longest_words}" if self.longest_words else characters

    def vectoriser(self, **options: Any) -> TfidfVectorizer:
        """A vectoriser that counts these n-grams; `options` are scikit-learn's."""
        usual = {"sublinear_tf": True, "dtype": np.float32}
        characters = {"analyzer": self.analyzer, "ngram_range": (self.shortest, self.longest)}
        if not self.longest_words:
            return TfidfVectorizer(**characters, **usual, **options)
        pieces = CountVectorizer(**characters).build_analyzer()
        runs = CountVectorizer(ngram_range=(1, self.longest_words), token_pattern=WORD).build_analyzer()

        def analyse(text: str) -> list[str]:
            return [*pieces(text), *(WORD_MARK + run for run in runs(text))]

        return TfidfVectorizer(analyzer=analyse, **usual, **options)


@dataclass(frozen=True)
class TfidfModel:
    """Character (and word) n-grams, their idf, and a linear classifier over them."""

    grams: NGrams
    vocabulary: tuple[str, ...]  # (d,) by column
    idf: Matrix  # (d,)
    weights: Weights  # (d, C), (C,)
    multi_label: bool

    @cached_property
    def _vectoriser(self) -> TfidfVectorizer:
        vectoriser = self.grams.vectoriser(vocabulary={gram: column for column, gram in enumerate(self.vocabulary)})
        vectoriser.idf_ = self.idf
        return vectoriser

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """(n,) texts -> (n, C) probabilities: each row sums to one, or (multi-label) each label is independent."""
        return probabilities(self.logits(texts), self.multi_label)

    def logits(self, texts: Sequence[str]) -> Floats:
        """(n,) texts -> (n, C) logits, used without a temperature."""
        return self.weights.logits(self.count(texts)).astype(np.float64)

    def count(self, texts: Sequence[str]) -> Rows:
        """(n,) texts -> (n, d) tf-idf vectors of unit length."""
        return self._vectoriser.transform(texts)

    @property
    def megabytes(self) -> float:
        """10^6 bytes on disk."""
        arrays = (self.idf, self.weights.coef, self.weights.bias)
        return (sum(a.nbytes for a in arrays) + len(self._header())) / 1e6

    def _header(self) -> bytes:
        facts = {"ngrams": asdict(self.grams), "multi_label": self.multi_label, "vocabulary": self.vocabulary}
        return json.dumps(facts, ensure_ascii=False).encode()

    def save(self, folder: Path) -> None:
        """Write `tfidf.safetensors` and `tfidf.json`, each atomically."""
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {"idf": self.idf, "coef": self.weights.coef, "intercept": self.weights.bias}
        contiguous = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
        with replaced(folder / TENSORS) as part:
            save_file(contiguous, part)
        with replaced(folder / VOCABULARY) as part:
            part.write_bytes(self._header())

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        facts = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))
        tensors = read_tensors(folder / TENSORS)
        return cls(
            grams=NGrams(**facts["ngrams"]),
            vocabulary=tuple(facts["vocabulary"]),
            idf=tensors["idf"],
            weights=Weights(tensors["coef"], tensors["intercept"]),
            multi_label=bool(facts["multi_label"]),
        )
