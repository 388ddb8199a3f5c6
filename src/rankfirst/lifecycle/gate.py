"""The release gate, for CI: compare a run with fixed limits and with the run whose model is in use."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rankfirst.errors import OptionError, RunError, refusals
from rankfirst.lifecycle.promise import Rows, judged_rows, shares
from rankfirst.measure.guarantee import count, lower_limit, upper_limit
from rankfirst.messages import Lang
from rankfirst.model import promises
from rankfirst.model.agreement import read_check
from rankfirst.model.classifier import CHECK, Classifier, load
from rankfirst.model.manifest import Verified, verify
from rankfirst.policy import thresholds as t
from rankfirst.records import Clause, Promise

NAMED = 8  # classes listed in one sentence


@dataclass(frozen=True)
class Point:
    """One check; `verdict`: passed, failed, unsure (the limit is within noise) or unknown (no rows to tell by)."""

    code: str  # key of its sentence in messages/gate.py
    verdict: str
    numbers: Mapping[str, Any]


def gate(run: Path, min_macro_f1: float | None = None, max_recall_drop: float | None = None,
         against: Path | None = None, promise: bool = False, rows: Path | None = None,
         lang: Lang = "en") -> tuple[Point, ...]:  # fmt: skip
    """Check the scores of a run on its test split (on validation if there is none).

    Args:
        min_macro_f1: between 0 and 1. max_recall_drop: between 0 and 1, the most by which the recall of any class may
            be below that of `against`. against: the run whose model is in use.
        promise: the delivery must make a promise. rows: labelled rows that came later, on which its promise is checked.
        lang: of the clauses of a promise that points name.
    Returns: the checks; the gate is open if none failed and none is unknown. What is within noise is unsure and does
        not close the gate.
    Raises: RunError for a run without a result, or with a file that is not as it was delivered; OptionError for
        invalid limits.
    """
    if (max_recall_drop is None) != (against is None):
        raise OptionError("gate.together")
    if min_macro_f1 is None and against is None and not promise and rows is None:
        raise OptionError("gate.nothing")
    for limit in (min_macro_f1, max_recall_drop):
        if limit is not None and not 0.0 <= limit <= 1.0:
            raise OptionError("gate.share", value=limit)
    with refusals("gate.unreadable"):
        if against is not None:
            verify(against / "model", run=True)
        (new, split), points = _scores(run), [_delivered(verify(run / "model", run=True))]
        old = None if against is None else _scores(against)[0]
    points += _promised(run, against, promise or rows is not None, rows, lang)
    if min_macro_f1 is not None:
        points.append(_macro_f1(new, split, min_macro_f1))
    if old is not None and max_recall_drop is not None:
        points += _recalls(new, old, max_recall_drop)
    return tuple(points)


def _scores(run: Path) -> tuple[Mapping[str, Any], str]:
    path = run / "result.json"
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
        split = "test" if result.get("test") else "val"
        scores = result[split]
        float(scores["macro_f1"]), dict(scores["per_class_recall"])
    except (FileNotFoundError, NotADirectoryError):
        begun = (run / "journal.jsonl").is_file()
        raise RunError("run.unfinished" if begun else "run.missing", path=str(run)) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise RunError("gate.unreadable", path=str(path)) from None
    return scores, split


def _delivered(verified: Verified) -> Point:
    """The result of the self-test of exports; a run that was never exported passes.

    A refused format is never loaded, so it does not close the gate; the adapter or head that all are made of does.
    """
    if not verified.has(CHECK):  # a file that is not listed belongs to another delivery
        return Point("gate.not_exported", "passed", {})
    try:
        deliverable, formats = read_check(verified.folder / CHECK)
    except ValueError:
        return Point("gate.undeliverable", "failed", {})
    refused = [kind for kind, passed in formats.items() if passed is False]
    if refused and not set(refused) & {"adapter", "head"}:
        fine = [kind for kind in formats if kind not in refused]
        return Point("gate.refused", "unsure", {"kinds": _listed(refused), "fine": _listed(fine)})
    sound = deliverable and not refused
    return Point("gate.deliverable" if sound else "gate.undeliverable", "passed" if sound else "failed", {})


def _promised(run: Path, against: Path | None, required: bool, rows: Path | None, lang: Lang) -> list[Point]:
    """What the delivery promises, whether the model in use promises more, and whether it holds on later rows."""
    made, before = (None if each is None else _promise(each) for each in (run, against))
    points = []
    if made is not None:
        numbers = {"confidence": made.confidence, "rows": made.rows}
        points.append(Point("gate.promise", "passed", {"what": _clauses(made.clauses, lang), **numbers}))
    elif required:
        points.append(Point("gate.promise_none", "failed", {}))
    gone = [] if before is None else [old for old in before.clauses if not _covered(old, before, made)]
    if gone:
        points.append(Point("gate.promise_gone", "failed", {"what": _clauses(gone, lang)}))
    if made is not None and rows is not None:
        points += _on_rows(run, made, rows, lang)
    return points


def _promise(run: Path) -> Promise | None:
    verified = verify(run / "model")
    return promises.load(verified, load(run).classes) if verified.has(promises.FILE) else None


def _covered(old: Clause, before: Promise, made: Promise | None) -> bool:
    """Whether a new promise is at least as strong as a clause of the one before."""
    return made is not None and made.confidence >= before.confidence and any(
        (new.kind, new.name) == (old.kind, old.name) and new.least >= old.least for new in made.clauses
    )  # fmt: skip


def _on_rows(run: Path, made: Promise, file: Path, lang: Lang) -> list[Point]:
    """Each clause on labelled rows that came later, with the exact 95% interval of its share."""
    points, judged = [], judged_rows(run, load(run), file)
    for own in (made, *made.others):
        model = load(run, "torch" if own.backend == "tfidf" else own.backend)
        if model.promise_shown is not None:  # else it was exported again since, and gives no answers
            points += _kept(model, own, judged, file, "" if own is made else f" ({own.backend})", lang)
    return points


def _kept(model: Classifier, own: Promise, judged: Rows, file: Path, note: str, lang: Lang) -> list[Point]:
    outputs, points = shares(model, judged), []
    for clause in own.clauses:
        at = model.classes.index(clause.name) if clause.name else -1
        of, kept = count(clause, at, judged.truth, *outputs)
        numbers = {"what": _clauses([clause], lang) + note, "rows": len(judged.texts), "file": file.name, "of": of}
        low, high = lower_limit(kept, of, 0.025), upper_limit(kept, of, 0.025)
        verdict = (
            "failed" if high < clause.least else "passed" if low >= clause.least else "unsure" if of else "unknown"
        )
        code = {"failed": "gate.promise_broken", "passed": "gate.promise_kept"}.get(verdict, "gate.promise_unsure")
        numbers |= {"kept": kept, "share": kept / of if of else 0.0, "low": low, "high": high}
        points.append(Point(code, verdict, numbers))
    return points


def _clauses(clauses: Sequence[Clause], lang: Lang) -> str:
    joint = "；" if lang == "zh" else "; "
    return joint.join(promises.short(clause, lang) for clause in clauses)


def _macro_f1(scores: Mapping[str, Any], split: str, least: float) -> Point:
    """The point for macro-F1. Classes without rows count with any F1: a verdict is valid only if it holds for all."""
    f1, missing, classes = scores["macro_f1"], _unjudged(scores), len(scores["per_class_recall"])
    low, high = (float(each) if _number(each) else math.nan for each in scores.get("interval") or (math.nan,) * 2)
    numbers: dict[str, Any] = {"split": split, "f1": f1, "least": least}
    if missing:
        worst, best = f1 * (1 - len(missing) / classes), min(1.0, f1 + len(missing) / classes)
        numbers |= {
            "unjudged": len(missing),
            "classes": classes,
            "names": _listed(missing),
            "worst": worst,
            "best": best,
        }
        alone = classes - len(missing) < t.LEAST_JUDGED
        verdict = "failed" if best < least else "unknown" if alone or worst < least else "passed"
        return Point("gate.macro_f1_unjudged", verdict, numbers)
    rows = sum((scores.get("class_rows") or {}).values())
    if 0 < rows < t.LEAST_VAL_ROWS:
        return Point("gate.macro_f1_few", "unknown", numbers | {"rows": rows, "least_rows": t.LEAST_VAL_ROWS})
    if low < least <= f1:
        return Point("gate.macro_f1_unsure", "unsure", numbers | {"low": low, "high": high})
    return Point("gate.macro_f1", "passed" if f1 >= least else "failed", numbers)


def _unjudged(scores: Mapping[str, Any]) -> list[str]:
    """The classes without rows in the split."""
    return [name for name, recall in scores["per_class_recall"].items() if not _number(recall)]


def _listed(names: Sequence[str]) -> str:
    more = f" (+{len(names) - NAMED})" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


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
    blind = sorted((set(_unjudged(new)) & set(before)) | (set(_unjudged(old)) & set(after)))
    if blind:
        points.append(Point("gate.recall_unjudged", "unknown", {"unjudged": len(blind), "names": _listed(blind)}))
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
