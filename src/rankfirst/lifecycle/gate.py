"""The release gate, for CI: compare a run with fixed limits and with the run whose model is in use."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rankfirst.errors import OptionError, RunError
from rankfirst.policy import thresholds as t


@dataclass(frozen=True)
class Point:
    """One check; `verdict`: passed, failed, or unsure (beyond the limit, but within noise)."""

    code: str  # key of its sentence in messages/gate.py
    verdict: str
    numbers: Mapping[str, Any]


def gate(run: Path, min_macro_f1: float | None = None, max_recall_drop: float | None = None,
         against: Path | None = None) -> tuple[Point, ...]:  # fmt: skip
    """Check the scores of a run on its test split (on validation if there is none).

    Args:
        min_macro_f1: between 0 and 1. max_recall_drop: between 0 and 1, the most by which the recall of any class may
            be below that of `against`. against: the run whose model is in use.
    Returns: the checks; the gate is open if none failed. A drop within noise is unsure and does not close the gate.
    Raises: RunError for a run without a result; OptionError for invalid limits.
    """
    if (max_recall_drop is None) != (against is None):
        raise OptionError("gate.together")
    if min_macro_f1 is None and against is None:
        raise OptionError("gate.nothing")
    for limit in (min_macro_f1, max_recall_drop):
        if limit is not None and not 0.0 <= limit <= 1.0:
            raise OptionError("gate.share", value=limit)
    new, split = _scores(run)
    points = [_delivered(run)]
    if min_macro_f1 is not None:
        enough = new["macro_f1"] >= min_macro_f1
        numbers = {"split": split, "f1": new["macro_f1"], "least": min_macro_f1}
        points.append(Point("gate.macro_f1", "passed" if enough else "failed", numbers))
    if against is not None and max_recall_drop is not None:
        points += _recalls(new, _scores(against)[0], max_recall_drop)
    return tuple(points)


def _scores(run: Path) -> tuple[Mapping[str, Any], str]:
    path = run / "result.json"
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
        split = "test" if result.get("test") else "val"
        scores = result[split]
        float(scores["macro_f1"]), dict(scores["per_class_recall"])
    except FileNotFoundError:
        begun = (run / "journal.jsonl").is_file()
        raise RunError("run.unfinished" if begun else "run.missing", path=str(run)) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise RunError("gate.unreadable", path=str(path)) from None
    return scores, split


def _delivered(run: Path) -> Point:
    """The result of the self-test of exports; a run that was never exported passes."""
    try:
        check = json.loads((run / "model" / "check.json").read_text(encoding="utf-8"))
        failed = check.get("deliverable") is False
    except FileNotFoundError:
        return Point("gate.not_exported", "passed", {})
    except (OSError, ValueError, AttributeError, RecursionError):
        failed = True
    return Point("gate.undeliverable" if failed else "gate.deliverable", "failed" if failed else "passed", {})


def _recalls(new: Mapping[str, Any], old: Mapping[str, Any], limit: float) -> Sequence[Point]:
    after, before = new["per_class_recall"], old["per_class_recall"]
    gone = sorted(set(before) - set(after))
    points = [Point("gate.class_gone", "failed", {"name": name}) for name in gone]
    common = [name for name in after if _number(after[name]) and _number(before.get(name))]
    falls = [(before[name] - after[name], name) for name in common]
    for drop, name in sorted((fall for fall in falls if fall[0] > limit), reverse=True):
        noise = t.NOISE_SES * _error(name, new, old)
        numbers = {"name": name, "before": before[name], "after": after[name], "drop": 100 * drop,
                   "limit": 100 * limit, "noise": 100 * noise}  # fmt: skip
        sure = drop > noise
        points.append(Point("gate.recall" if sure else "gate.recall_unsure", "failed" if sure else "unsure", numbers))
    if not points:
        worst = max(falls, default=(0.0, "-"))
        points.append(Point("gate.recalls", "passed", {"classes": len(common), "name": worst[1],
                                                       "drop": 100 * worst[0], "limit": 100 * limit}))  # fmt: skip
    return points


def _error(name: str, *runs: Mapping[str, Any]) -> float:
    """Standard error of the difference of two recalls; a run without row counts per class contributes 0."""
    variance = 0.0
    for scores in runs:
        rows = (scores.get("class_rows") or {}).get(name, 0)
        share = scores["per_class_recall"][name]
        # If all rows are right or all wrong, the plain estimate is 0: add a success and a failure (Agresti and Coull).
        share = (share * rows + 1) / (rows + 2)
        variance += share * (1 - share) / rows if rows else 0.0
    return math.sqrt(variance)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
