"""Whether the parts of a delivery fit each other; needs no manifest, so it holds for older versions too."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from rankfirst.errors import RunError
from rankfirst.measure import abstain_scores
from rankfirst.measure.disk import read_tensors
from rankfirst.model import manifest
from rankfirst.records import Calibration

KINDS: Final = ("tfidf", "frozen", "lora")
HEAD: Final = "head.safetensors"


def read_labels(folder: Path, facts: Mapping[str, Any], required: bool) -> tuple[str, ...]:
    """The labels of a delivery, from labels.json, in the order of the head's rows.

    Args: facts: decision.json. required: False: a folder without labels.json has those of decision.json.
    Raises: RunError if the file is missing or damaged, or if decision.json lists others.
    """
    path, decided = folder / manifest.LABELS, tuple(facts["classes"])
    if not all(isinstance(name, str) for name in decided):
        raise RunError("run.bad_model", path=str(folder / manifest.DECISION))
    try:
        labels = tuple(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        if required:
            raise RunError("manifest.gone", path=str(path)) from None
        labels = decided
    except (ValueError, TypeError, RecursionError):
        raise RunError("run.bad_model", path=str(path)) from None
    if not labels or not all(isinstance(name, str) for name in labels) or len(set(labels)) < len(labels):
        raise RunError("run.bad_model", path=str(path))
    if labels != decided:
        raise RunError("delivery.labels", path=str(path), decision=manifest.DECISION)
    return labels


def check_numbers(path: Path, fitted: Calibration, classes: int) -> None:
    """Refuse numbers that no calibration can have fitted. Args: path: decision.json. Raises: RunError."""

    def require(what: str, value: object, valid: bool) -> None:
        if not valid:
            raise RunError("delivery.number", path=str(path), what=what, value=repr(value)[:40])

    require("temperature", fitted.temperature, _number(fitted.temperature) and fitted.temperature > 0)
    if fitted.thresholds is not None:
        check_rows(path, len(fitted.thresholds), classes)
        for threshold in fitted.thresholds:
            require("threshold", threshold, _number(threshold) and 0 < threshold <= 1)
    if fitted.abstain is not None:
        require("abstain.score", fitted.abstain.score, fitted.abstain.score in abstain_scores.SCORES)
        for value in (fitted.abstain.threshold, fitted.abstain.confidence):
            require("abstain.threshold", value, _number(value))
    if fitted.costs is not None:
        for true, predicted, cost in fitted.costs.cells:
            within = all(type(at) is int and 0 <= at < classes for at in (true, predicted))
            require("costs", (true, predicted, cost), within and _number(cost))
        require("costs.abstain", fitted.costs.abstain, fitted.costs.abstain is None or _number(fitted.costs.abstain))


def check_head(folder: Path, classes: int) -> None:
    """Check that the head has a row of finite numbers for each label. Raises: RunError; OSError."""
    path = folder / HEAD
    try:
        tensors = read_tensors(path)
        weight, bias = tensors["weight"], tensors["bias"]
        whole = weight.ndim == 2 and bias.shape == weight.shape[:1]
    except OSError:
        raise
    except Exception:  # safetensors raises its own exception for a damaged file
        raise RunError("run.bad_model", path=str(path)) from None
    if not whole or not np.isfinite(weight).all() or not np.isfinite(bias).all():
        raise RunError("run.bad_model", path=str(path))
    check_rows(path, len(weight), classes)


def check_rows(path: Path, rows: int, classes: int) -> None:
    """Check that a file scores as many classes as there are labels. Raises: RunError."""
    if rows != classes:
        raise RunError("delivery.sizes", path=str(path), found=rows, classes=classes)


def check_tfidf(path: Path, model: Any, classes: Sequence[str]) -> None:
    """Check that an n-gram model has finite weights for each of its n-grams and each label. Raises: RunError."""
    weights, grams = model.weights, len(model.vocabulary)
    whole = model.idf.shape == (grams,) and weights.coef.shape == (grams, len(weights.bias))
    whole = whole and len(set(model.vocabulary)) == grams
    if not whole or not all(np.isfinite(array).all() for array in (model.idf, weights.coef, weights.bias)):
        raise RunError("run.bad_model", path=str(path))
    check_rows(path, len(weights.bias), len(classes))


def read_check(path: Path) -> tuple[bool, dict[str, bool | None]]:
    """The self-tests of exported formats, from check.json.

    Returns: whether the adapter or head itself passed; format -> whether it passed, None if an older version did not
        record it.
    Raises: ValueError for anything else, also where the file contradicts itself; OSError.
    """
    try:
        check = json.loads(path.read_text(encoding="utf-8"))
        deliverable, formats, refused = check["deliverable"], check.get("formats") or [], check.get("refused") or []
        results: dict[str, bool | None] = {}
        for entry in formats:
            kind, passed = entry["kind"], entry.get("passed")
            against = passed is True and (bool(entry.get("failed")) or kind in refused)
            if not isinstance(kind, str) or kind in results or against or not (passed is None or type(passed) is bool):
                raise ValueError(kind)
            results[kind] = passed
        if type(deliverable) is not bool or not set(refused) <= {kind for kind in results if results[kind] is False}:
            raise ValueError(deliverable)
    except (LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(path) from error
    return deliverable, results


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
