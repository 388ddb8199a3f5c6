"""What a peer is given and what it gives back. Standard library and numpy only: it is imported in every environment."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Labels = tuple[int, ...]  # indexes into `Job.labels`


@dataclass(frozen=True)
class Job:
    """One peer on one set. Texts of the test split are not in it: they come after training, without their labels."""

    texts: tuple[str, ...]  # training rows
    targets: tuple[Labels, ...]
    val_texts: tuple[str, ...]  # empty: whoever needs validation rows holds them out of the training rows
    val_targets: tuple[Labels, ...]
    labels: tuple[str, ...]
    multi_label: bool
    encoder: str  # folder of the base model
    prefix: str  # that the encoder's card asks for before each text
    chinese: bool
    seed: int
    seconds: float  # what the training may take; a peer that can stop itself stops in time

    @property
    def all_texts(self) -> tuple[str, ...]:
        """Training and validation texts, for peers that need no validation."""
        return self.texts + self.val_texts

    @property
    def all_targets(self) -> tuple[Labels, ...]:
        return self.targets + self.val_targets

    def read(self, texts: Sequence[str]) -> list[str]:
        """Texts as the encoder wants them."""
        return [self.prefix + text for text in texts]

    def matrix(self, targets: Sequence[Labels]) -> Bools:
        """(n, C) True for each label of a row."""
        matrix = np.zeros((len(targets), len(self.labels)), dtype=bool)
        for row, chosen in zip(matrix, targets, strict=True):
            row[list(chosen)] = True
        return matrix

    def single(self, targets: Sequence[Labels]) -> npt.NDArray[np.int64]:
        """(n,) the one label of each row."""
        return np.array([chosen[0] for chosen in targets], dtype=np.int64)


@dataclass(frozen=True)
class Answers:
    """Of n texts."""

    labels: Bools  # (n, C)
    probabilities: Floats | None  # (n, C); None: the peer gives none


class Peer(Protocol):
    """An adapter's class. `fit` is timed from the start of the process to the end of `save`."""

    packages: tuple[str, ...]  # whose versions the result names
    needs_base: bool  # what `save` wrote needs the base model beside it

    def fit(self, job: Job) -> None: ...

    def save(self, folder: Path) -> None: ...

    def predict(self, texts: Sequence[str]) -> Answers: ...


def answered(probabilities: Floats, multi_label: bool, threshold: float = 0.5) -> Answers:
    """The likeliest label; several labels a row: all at or above the threshold."""
    if multi_label:
        return Answers(probabilities >= threshold, probabilities)
    labels = np.zeros(probabilities.shape, dtype=bool)
    labels[np.arange(len(labels)), probabilities.argmax(axis=1)] = True
    return Answers(labels, probabilities)


def write(job: Job, path: Path) -> None:
    path.write_text(json.dumps(asdict(job), ensure_ascii=False), encoding="utf-8")


def read(path: Path) -> Job:
    told = json.loads(path.read_text(encoding="utf-8"))
    for name in ("texts", "val_texts", "labels"):
        told[name] = tuple(told[name])
    for name in ("targets", "val_targets"):
        told[name] = tuple(map(tuple, told[name]))
    return Job(**{field.name: told[field.name] for field in fields(Job)})
