"""Compare the model in use with one trained on more rows: on the same test rows, overall and per class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rankfirst.measure.scores import indicator
from rankfirst.policy import noise
from rankfirst.policy import thresholds as t

Answers = Sequence[Sequence[int]]
"""(n,) class indexes of each row."""


@dataclass(frozen=True)
class Recall:
    """The recall of one class before and after."""

    name: str
    rows: int  # test rows of the class
    old: float  # recall of the old model
    new: float  # recall of the new model
    told: str = ""  # "lost" or "won": beyond noise over all classes; "maybe": lost beyond noise if it were the only one


@dataclass(frozen=True)
class Versus:
    """Which of two models is better on the test rows, and which classes lost."""

    verdict: str  # "new", "old" or "unsure"
    code: str  # key of its sentence
    numbers: Mapping[str, Any] = field(default_factory=dict)
    classes: tuple[Recall, ...] = ()  # classes with test rows, in the order of the data set

    @property
    def lost(self) -> tuple[Recall, ...]:
        """Classes that lost recall beyond noise."""
        return tuple(each for each in self.classes if each.told == "lost")


def versus(truth: Answers, old: Answers, new: Answers, classes: Sequence[str], before: int) -> Versus:
    """Compare two models on rows that neither was trained on.

    Verdict "new": macro-F1 is higher beyond noise (two standard errors, paired bootstrap over rows), not lower beyond
    noise on the old test rows, and classes do not lose more recall than macro-F1 gains. "old": macro-F1 is lower beyond
    noise on all rows, or on the old test rows without a gain on all rows; or classes lose more recall than it gains.
    "unsure": otherwise, including a gain on all rows at the cost of the old test rows. Classes that lost recall beyond
    noise are listed with every verdict.

    Args:
        truth, old, new: (n,) label indexes of the same rows; the first `before` rows are the old model's test rows.
        classes: (C,) names. before: number of rows.
    """
    recalls = _recalls(truth, old, new, classes)
    gain, se = noise.paired_f1(truth, new, old, len(classes))
    kept, kept_se = noise.paired_f1(truth[:before], new[:before], old[:before], len(classes)) if before else (0.0, 0.0)
    lost = [each for each in recalls if each.told == "lost"]
    cost = sum(each.old - each.new for each in lost) / max(1, len(recalls))
    reach, kept_reach = t.NOISE_SES * se, t.NOISE_SES * kept_se
    numbers = {
        "rows": len(truth), "before": before, "classes": len(recalls), "lost": len(lost),
        "old": noise.occurring_f1(truth, old, len(classes)), "new": noise.occurring_f1(truth, new, len(classes)),
        "gain": 100 * gain, "noise": 100 * reach, "kept": 100 * kept, "kept_noise": 100 * kept_reach,
        "cost": 100 * cost,
    }  # fmt: skip
    if gain < -reach:
        verdict, code = "old", "worse"
    elif kept < -kept_reach:
        verdict, code = ("unsure", "trade") if gain > reach else ("old", "forgot")
    elif gain <= reach:
        verdict, code = "unsure", "within"
    elif cost > gain + reach:
        verdict, code = "old", "costly"
    else:
        verdict, code = "new", "better"
    return Versus(verdict, f"versus.{code}", numbers, tuple(recalls))


def _recalls(truth: Answers, old: Answers, new: Answers, classes: Sequence[str]) -> list[Recall]:
    """One record per class with test rows, by an exact sign test over rows that only one of the models gets right."""
    from scipy.stats import binomtest, norm

    t_, o, n = (indicator(rows, len(classes)) for rows in (truth, old, new))
    there = [c for c in range(len(classes)) if t_[:, c].any()]
    alone = float(norm.sf(t.NOISE_SES))  # one-sided
    recalls = []
    for c in there:
        rows = int(t_[:, c].sum())
        fell, rose = int((t_ & o & ~n)[:, c].sum()), int((t_ & n & ~o)[:, c].sum())
        less, more = max(fell, rose), fell + rose
        chance = float(binomtest(less, more, 0.5, alternative="greater").pvalue) if more else 1.0
        sure, suspect = chance < alone / len(there), chance < alone
        change = ("lost" if fell > rose else "won") if sure else "maybe" if suspect and fell > rose else ""
        was, now = (float((t_ & each)[:, c].sum()) / rows for each in (o, n))
        recalls.append(Recall(classes[c], rows, was, now, change))
    return recalls
