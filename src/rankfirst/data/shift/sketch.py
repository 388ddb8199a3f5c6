"""What a delivery stores of its rows to compare later ones with: vectors and counts, never a text.

Vectors come from the unmodified base, which has not seen the labels, so training rows and later rows are encoded alike.
An adapter has memorised its training rows, and may place an unseen class within a known one.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from safetensors.numpy import load_file, save_file

from rankfirst.data.files.texts import text_key
from rankfirst.data.shift.changes import word_texts
from rankfirst.data.shift.compare import first_occurrences
from rankfirst.errors import RunError
from rankfirst.measure.calibration import confidence
from rankfirst.measure.disk import replaced, write_whole
from rankfirst.measure.scores import Bools, Floats, Ints, Matrix, as_tuples
from rankfirst.records import Dataset, Split

Labels = tuple[tuple[int, ...], ...]

FACTS: Final = "reference.json"
TENSORS: Final = "reference.safetensors"
_VERSION: Final = 1
# Rows whose vectors are stored: 2,500 of 384 numbers take 1.9 MB, and the tests use at most 3,000.
KNOWN_ROWS: Final = 1_500
HELD_ROWS: Final = 1_000
JUDGED_ROWS: Final = 5_000  # rows of the split that the delivered scores are measured on, without vectors
ESTIMATED_ROWS: Final = (
    1_500  # of these, rows whose probabilities are stored: figures of unlabelled rows start from them
)
READ_ROWS: Final = 50_000  # maximum rows in which words are counted, sampled if there are more
# Minimum texts that contain a word before it is stored: a word of twenty texts reveals no single row.
LEAST_TEXTS: Final = 20


@dataclass(frozen=True)
class Chosen:
    """Positions of the rows that are stored, distinct texts in random order."""

    known: Ints  # training rows
    held: Ints  # validation rows
    judged: Ints  # test rows; validation rows if there are none


@dataclass(frozen=True)
class Sketch:
    """Summary of a run's rows that later rows are compared with."""

    vectors: Matrix  # (k, d) training rows; empty for n-gram models, which memorise these
    classes: Labels  # (k,) their labels
    held: Matrix  # (m, d) validation rows, which the model was not trained on
    confidence: Floats  # (m,) of the delivered model
    predicted: Labels  # (m,) its answers
    judged: tuple[Labels, Labels]  # (j,) truth and answers behind the delivered scores
    words: Mapping[str, int]  # word or n-gram -> distinct training texts with it, if at least LEAST_TEXTS
    texts: int  # distinct training texts in which words were counted
    dtype: str = "float32"  # compute dtype of the base
    # (r, C) probabilities of the delivered model for `estimated` of the judged rows; None from older versions
    judged_p: Floats | None = None

    @classmethod
    def of(cls, dataset: Dataset, chosen: Chosen, vectors: tuple[Matrix, Matrix], held: Floats,
           answers: tuple[Bools, Bools], dtype: str = "float32", judged: Floats | None = None) -> Self:  # fmt: skip
        """Build the sketch of the chosen rows.

        Args:
            vectors: (k, d) of known, (m, d) of held. held: (m, C) probabilities of the delivered model.
            answers: (m, C) of held, (j, C) of judged. judged: (j, C) probabilities.
        """
        truth = (dataset.test or dataset.val).labels
        texts = [dataset.train.texts[row] for row in sample_distinct(dataset.train, READ_ROWS)]
        return cls(
            vectors=vectors[0].astype(np.float32),
            classes=tuple(dataset.train.labels[row] for row in chosen.known[: len(vectors[0])]),
            held=vectors[1].astype(np.float32),
            confidence=confidence(held, dataset.multi_label),
            predicted=as_tuples(answers[0]),
            judged=(tuple(truth[row] for row in chosen.judged), as_tuples(answers[1])),
            words={word: count for word, count in word_texts(texts).items() if count >= LEAST_TEXTS},
            texts=len(texts),
            dtype=dtype,
            judged_p=None if judged is None else judged[estimated(len(judged))],
        )

    def save(self, folder: Path) -> None:
        """Write `reference.safetensors` and `reference.json`, each atomically."""
        tensors = {"vectors": self.vectors.astype(np.float16), "held": self.held.astype(np.float16),
                   "confidence": self.confidence.astype(np.float32)}  # fmt: skip
        if self.judged_p is not None:
            tensors["judged_p"] = self.judged_p.astype(np.float16)
        with replaced(folder / TENSORS) as part:
            save_file({name: np.ascontiguousarray(each) for name, each in tensors.items()}, part)
        facts = {"version": _VERSION, "dtype": self.dtype, "texts": self.texts, "classes": self.classes,
                 "predicted": self.predicted, "judged": self.judged, "words": self.words}  # fmt: skip
        write_whole(folder / FACTS, json.dumps(facts, ensure_ascii=False))

    @classmethod
    def load(cls, folder: Path, classes: int) -> Self | None:
        """Read what `save` wrote; None if there is nothing. Args: classes: number of classes of the model.

        Raises: RunError if it is damaged, or belongs to another model.
        """
        if not (folder / FACTS).is_file() or not (folder / TENSORS).is_file():
            return None
        try:
            facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
            tensors = load_file(folder / TENSORS)
            sketch = cls(
                vectors=tensors["vectors"].astype(np.float32),
                classes=_labels(facts["classes"], classes),
                held=tensors["held"].astype(np.float32),
                confidence=tensors["confidence"].astype(np.float64),
                predicted=_labels(facts["predicted"], classes),
                judged=(_labels(facts["judged"][0], classes), _labels(facts["judged"][1], classes)),
                words={str(word): int(count) for word, count in facts["words"].items()},
                texts=int(facts["texts"]),
                dtype=str(facts["dtype"]),
                judged_p=tensors["judged_p"].astype(np.float64) if "judged_p" in tensors else None,
            )
            if sketch.judged_p is not None and sketch.judged_p.shape[1:] != (classes,):
                raise ValueError
            sketch._check(int(facts["version"]))
        except OSError:
            raise
        except Exception as error:  # safetensors raises its own exception for a damaged file
            raise RunError("drift.bad_reference", path=str(folder / FACTS), why=type(error).__name__) from None
        return sketch

    def _check(self, version: int) -> None:
        """Raises: ValueError."""
        rows = len(self.held)
        whole = (
            version == _VERSION
            and self.dtype in ("float32", "bfloat16", "float16")
            and self.vectors.ndim == self.held.ndim == 2
            and self.vectors.shape == (len(self.classes), self.held.shape[1])
            and self.confidence.shape == (rows,) == (len(self.predicted),)
            and len(self.judged[0]) == len(self.judged[1])
            and (self.judged_p is None or self._are_probabilities(self.judged_p))
            and all(np.isfinite(each).all() for each in (self.vectors, self.held, self.confidence))
        )
        if not whole:
            raise ValueError

    def _are_probabilities(self, p: Floats) -> bool:
        rows = len(estimated(len(self.judged[0])))
        return p.ndim == 2 and len(p) == rows and bool(((p >= 0) & (p <= 1)).all())


def choose_rows(dataset: Dataset, seed: int = 0) -> Chosen:
    """Choose the rows to store; deterministic for a seed."""
    judged = dataset.test or dataset.val
    rng = np.random.default_rng((seed, 15))
    every = rng.permutation(len(judged))[:JUDGED_ROWS]
    return Chosen(
        sample_distinct(dataset.train, KNOWN_ROWS, seed), sample_distinct(dataset.val, HELD_ROWS, seed), np.sort(every)
    )


def estimated(judged: int) -> Ints:
    """Positions, among as many judged rows, of those whose probabilities are stored: evenly spaced, as files are often
    sorted by class."""
    return np.linspace(0, judged - 1, min(judged, ESTIMATED_ROWS)).astype(np.intp)


def sample_distinct(split: Split, most: int, seed: int = 0) -> Ints:
    """Positions of at most `most` distinct texts, in random order."""
    some = np.random.default_rng((seed, 16)).permutation(len(split))[:READ_ROWS]
    distinct = first_occurrences([text_key(split.texts[row]) for row in some])
    return np.asarray(some[distinct][:most], dtype=np.intp)


def _labels(rows: Sequence[Sequence[Any]], classes: int) -> Labels:
    """Raises: ValueError for a class index that the model does not have."""
    labels = tuple(tuple(int(c) for c in row) for row in rows)
    if any(not 0 <= c < classes for row in labels for c in row):
        raise ValueError
    return labels
