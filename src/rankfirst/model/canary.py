"""A canary batch: short texts, and what a delivered model answered to them when it was delivered or exported.

Whoever is about to answer with a delivery asks it these texts first. They are generated, or names of classes, so that
a delivery holds no text of anybody's rows.
"""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from rankfirst.data.files.texts import clean
from rankfirst.errors import RunError
from rankfirst.measure.disk import write_json
from rankfirst.measure.scores import Floats
from rankfirst.sample import MIN_ROWS, generate

FILE: Final = "canary.json"
GENERATED: Final = 4  # texts in each language
NAMED: Final = 16  # classes whose names are texts
# A text counts as changed if the probability of its likeliest class is off by more than this share of what it was: int8
# kernels differ between processors, by a few hundredths. Assumption: in a sound model that happens to one text in ten
# at most; if its files do not belong together, to every text that is likelier of one class than of another.
CHANGED: Final = 0.5
MOST_CHANGED: Final = 0.1


class Asked(Protocol):
    """What a delivered classifier is asked."""

    classes: tuple[str, ...]

    def read(self, texts: Sequence[str]) -> Any: ...

    def answers(self, read: Any, abstain: bool = False) -> list[Any]: ...


def texts(folder: Path, classes: Sequence[str]) -> list[str]:
    """The texts of a delivery's canary batch; those to record if it has none. Raises: RunError if it is damaged."""
    batch: list[str] = _known(folder / FILE, classes)["texts"]
    return batch


def record(folder: Path, form: str, classes: Sequence[str], p: Floats) -> None:
    """Add to the canary batch what a model answers now.

    Args: form: a backend, or tfidf. p: (n, C) probabilities of the n `texts`, as of a classifier loaded in this form.
    """
    path = folder / FILE
    batch = _known(path, classes)
    answers = [[classes[c], round(float(row[c]), 6)] for row, c in zip(p, p.argmax(axis=1), strict=True)]
    write_json(path, batch | {"answers": batch["answers"] | {form: answers}})


def carry(before: Path, files: Path) -> None:
    """Add to the canary batch in `files` what the same model answered in an earlier delivery, in every form.

    Otherwise an export that is carried over would be loaded without this check. If the texts differ, the earlier batch
    is kept.
    """
    try:
        recorded, new = (json.loads((folder / FILE).read_bytes()) for folder in (before, files))
        if recorded["texts"] == new["texts"]:
            write_json(files / FILE, new | {"answers": recorded["answers"] | new["answers"]})
        elif set(new["answers"]) <= set(recorded["answers"]):
            write_json(files / FILE, recorded)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return  # a delivery without a canary batch


def check(folder: Path, model: Asked) -> None:
    """Ask a loaded model the canary batch of its delivery.

    Without expected answers, as in a delivery of an older version, every text needs one probability per class.
    Raises: RunError if a probability is missing or is not a number, or if the answers are not those of the delivered
        model; whatever the model raises.
    """
    path = folder / FILE
    batch = _known(path, model.classes)
    read = model.read(batch["texts"])
    p = np.asarray(read.probabilities)
    if p.shape != (len(batch["texts"]), len(model.classes)) or not np.isfinite(p).all():
        raise RunError("canary.no_answer", path=str(folder), classes=len(model.classes))
    model.answers(read, True)  # thresholds and abstention fit too
    expected = batch["answers"].get(_form(model))
    if expected is None:
        return
    places = {name: c for c, name in enumerate(model.classes)}
    try:
        answered = np.array([row[places[name]] for row, (name, _) in zip(p, expected, strict=True)])
        before = np.array([float(probability) for _, probability in expected])
    except (KeyError, TypeError, ValueError):
        raise RunError("canary.damaged", path=str(path)) from None
    changed = np.abs(answered - before) > CHANGED * before
    if changed.mean() > MOST_CHANGED:
        raise RunError("canary.differs", path=str(path), changed=int(changed.sum()), texts=len(changed))


def _form(model: Asked) -> str:
    """The form that a classifier is loaded in: n-grams are the same with every backend."""
    kind = getattr(model, "facts", {}).get("kind")
    return "tfidf" if kind == "tfidf" else str(getattr(model, "backend", ""))


def _known(path: Path, classes: Sequence[str]) -> dict[str, Any]:
    """The batch as recorded; without answers if there is none. Raises: RunError if it is damaged."""
    try:
        batch = json.loads(path.read_text(encoding="utf-8"))
        whole = isinstance(batch["answers"], dict) and all(isinstance(text, str) for text in batch["texts"])
        if not whole or not batch["texts"]:
            raise ValueError
        return {"texts": list(batch["texts"]), "answers": batch["answers"]}
    except FileNotFoundError:
        return {"texts": _to_record(classes), "answers": {}}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise RunError("canary.damaged", path=str(path)) from None


@cache
def _generated() -> tuple[str, ...]:
    return tuple(row.text for lang in ("en", "zh") for row in generate(lang, MIN_ROWS)[:GENERATED])


def _to_record(classes: Sequence[str]) -> list[str]:
    names = [name.replace("_", " ") for name in classes[:NAMED]]
    return [clean(text) for text in (*_generated(), *names, "?", "word " * 200)]
