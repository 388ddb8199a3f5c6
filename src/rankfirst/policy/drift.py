"""Whether to retrain: one ordered table of rules over what was promised and new rows; the first that holds decides."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from rankfirst.policy import noise
from rankfirst.policy import thresholds as t
from rankfirst.records import Estimated, EstimatedShare, Number, Reason, Recall, Retrain, Seen, Verdict

Numbers = Mapping[str, Number]


T = TypeVar("T")


@dataclass(frozen=True)
class Rule(Generic[T]):
    """A rule: its id, the answer it gives, and when it holds."""

    id: str
    answer: Retrain
    holds: Callable[[T], Numbers | None]  # the numbers of its sentence; None if it does not hold


def promised_recall(estimated: Estimated) -> Numbers | None:
    """The recall promised for a class is estimated not to hold any more."""
    return _broken([each for each in estimated.clauses if each.kind == "recall"])


def promised_precision(estimated: Estimated) -> Numbers | None:
    """The precision promised for a class is estimated not to hold any more."""
    return _broken([each for each in estimated.clauses if each.kind == "precision" and each.name])


def promised_precision_all(estimated: Estimated) -> Numbers | None:
    """The precision promised for all given labels is estimated not to hold any more."""
    return _broken([each for each in estimated.clauses if each.kind == "precision" and not each.name])


def too_few(seen: Seen) -> Numbers | None:
    """There are fewer distinct texts than the tests need."""
    least = t.DRIFT_LEAST_TEXTS
    return {"texts": seen.distinct, "least": least} if seen.distinct < least else None


def unknown_labels(seen: Seen) -> Numbers | None:
    """A label unknown to the model occurs on more rows than typing errors explain."""
    often = [(name, rows) for name, rows in seen.unknown if rows >= t.DRIFT_NEW_ROWS]
    if not often:
        return None
    return {"labels": len(often), "name": often[0][0], "rows": often[0][1], "least": t.DRIFT_NEW_ROWS}


def f1_fell(seen: Seen) -> Numbers | None:
    """Macro-F1 fell beyond noise and by enough to matter."""
    f1 = seen.f1
    if f1 is None or f1.high >= 0 or f1.before - f1.after < t.DRIFT_F1_FALL:
        return None
    return _f1(seen)


def recall_fell(seen: Seen) -> Numbers | None:
    """The recall of a class fell beyond noise, corrected for the number of classes."""
    ses = noise.for_looks(t.NOISE_SES, len(seen.recalls))
    fallen = [own for own in seen.recalls if own.before - own.after >= t.RECALL_FALL and _drop(own) > ses * own.error]
    if not fallen:
        return None
    worst = max(fallen, key=_drop)
    return {"classes": len(fallen), "name": worst.name, "before": worst.before, "after": worst.after,
            "drop": 100 * _drop(worst), "noise": 100 * ses * worst.error, "rows": worst.rows_after}  # fmt: skip


def new_intent(seen: Seen) -> Numbers | None:
    """A group of uncertain rows has no counterpart among the rows of the run."""
    groups = [group for group in seen.candidates if group.rows >= _enough(seen.looked)]
    if not groups:
        return None
    rows = sum(group.rows for group in groups)
    return {"groups": len(groups), "rows": rows, "share": rows / max(1, seen.looked), "largest": groups[0].rows,
            "name": groups[0].name or "?", "p": max(group.p for group in groups),
            "least": _enough(seen.looked)}  # fmt: skip


def abstains_more(seen: Seen) -> Numbers | None:
    """The model abstains on more rows than before, beyond noise and by enough to matter."""
    change = seen.abstain
    if change is None or change.p > t.DRIFT_P or change.low < t.DRIFT_ABSTAIN:
        return None
    return {"before": change.before, "after": change.after, "low": 100 * change.low, "high": 100 * change.high,
            "limit": 100 * t.DRIFT_ABSTAIN}  # fmt: skip


def holds_up(seen: Seen) -> Numbers | None:
    """Labelled rows rule out a large fall of macro-F1."""
    f1 = seen.f1
    return _f1(seen) if f1 is not None and -f1.low <= t.DRIFT_F1_MOST else None


def moved(seen: Seen) -> Numbers | None:
    """The texts differ from those of the run; the effect on scores is unknown."""
    if seen.shift.verdict is not Verdict.PRESENT:
        return None
    return {"p": seen.shift.numbers["p"], "auroc": seen.shift.numbers["auroc"], "limit": t.DRIFT_P}


def less_sure(seen: Seen) -> Numbers | None:
    """Mean confidence fell beyond noise and by enough to matter."""
    change = seen.confidence
    if not change.p <= t.DRIFT_P or change.before - change.after < t.DRIFT_LESS_SURE:
        return None
    return {"before": change.before, "after": change.after, "p": change.p}


def classes_moved(seen: Seen) -> Numbers | None:
    """The distribution of predicted classes differs from that at delivery."""
    if seen.classes_p > t.DRIFT_P or not seen.classes:
        return None
    name, before, after = seen.classes[0]
    return {"p": seen.classes_p, "classes": len(seen.classes), "name": name, "before": before, "after": after}


def cannot_rule_out(seen: Seen) -> Numbers | None:
    """No shift was detected, but there are too few rows to detect one."""
    if seen.shift.verdict is not Verdict.UNKNOWN:
        return None
    numbers = seen.shift.numbers
    return {"before": numbers["before"], "after": numbers["after"], "least": numbers["least"]}


def still(seen: Seen) -> Numbers | None:
    """No change was detected."""
    return {"p": seen.shift.numbers.get("p", 1.0), "tests": seen.shift.numbers.get("tests", 0)}


PROMISED: Final = (
    Rule("promise_recall", Retrain.YES, promised_recall),
    Rule("promise_precision", Retrain.YES, promised_precision),
    Rule("promise_precision_all", Retrain.YES, promised_precision_all),
)
ROWS: Final = (
    Rule("too_few", Retrain.UNKNOWN, too_few),
    Rule("unknown_labels", Retrain.YES, unknown_labels),
    Rule("f1_fell", Retrain.YES, f1_fell),
    Rule("recall_fell", Retrain.YES, recall_fell),
    Rule("new_intent", Retrain.YES, new_intent),
    Rule("abstains_more", Retrain.YES, abstains_more),
    Rule("holds_up", Retrain.NO, holds_up),
    Rule("moved", Retrain.UNKNOWN, moved),
    Rule("less_sure", Retrain.UNKNOWN, less_sure),
    Rule("classes_moved", Retrain.UNKNOWN, classes_moved),
    Rule("cannot_rule_out", Retrain.UNKNOWN, cannot_rule_out),
    Rule("still", Retrain.NO, still),
)
RULES: Final = (*PROMISED, *ROWS)  # order is precedence


def retrain(seen: Seen, estimated: Estimated | None = None) -> tuple[Retrain, tuple[Reason, ...]]:
    """The answer of the first rule that holds, and all rules that hold, in the order of the table.

    `still` is left out if another rule holds. Too few rows leave out all rules but those on promises, whose estimate
    has a limit of its own. Args: estimated: figures without labels; None without any.
    """
    broken = () if estimated is None or estimated.blind else _holding(PROMISED, estimated)
    found = _holding(ROWS, seen)
    if found[0].rule == "too_few":
        found = found[:1] if not broken else ()
    elif found[-1].rule == "still" and (broken or len(found) > 1):
        found = found[:-1]
    reasons = (*broken, *found)
    return reasons[0].answer, reasons


def _holding(rules: Sequence[Rule[T]], facts: T) -> tuple[Reason, ...]:
    return tuple(Reason(rule.id, rule.answer, told) for rule in rules if (told := rule.holds(facts)) is not None)


def _broken(clauses: Sequence[EstimatedShare]) -> Numbers | None:
    """The clause that is farthest below what is promised, its whole interval included."""
    broken = [each for each in clauses if each.verdict == "broken"]
    if not broken:
        return None
    worst = min(broken, key=lambda each: each.high - each.least)
    told = {"least": worst.least, "value": worst.value, "low": worst.low, "high": worst.high}
    return told | ({"name": worst.name} if worst.name else {})


def _f1(seen: Seen) -> Numbers:
    f1 = seen.f1
    assert f1 is not None
    return {"before": f1.before, "after": f1.after, "low": 100 * f1.low, "high": 100 * f1.high,
            "rows": f1.rows_after}  # fmt: skip


def _drop(own: Recall) -> float:
    return own.before - own.after


def _enough(looked: int) -> int:
    return max(t.DRIFT_NEW_ROWS, round(t.DRIFT_NEW_SHARE * looked))
