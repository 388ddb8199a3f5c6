"""Choose the rule that keeps a promise, and show that it does, by Learn-then-Test with exact binomial tests.

Angelopoulos et al., "Learn then Test" (arXiv 2110.01052): every rule of a list, fixed before the rows are looked at, is
tested against "the promise is broken", in an order that is fixed too, and the first that cannot be rejected ends the
list. Whichever of the rejected ones is then taken, the promise holds with the stated confidence. The loss of a row is 0
or 1, so the tail of the binomial distribution is the exact test, and no bound is looser.

With recall and precision promised, each gets half of the risk. A rule of recall (`ratio`) does not depend on the level
of precision, but which rows count for precision depends on the ratio: each ratio gets its share of precision's risk.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from rankfirst.measure.answer_sets import Candidates
from rankfirst.measure.scores import Bools, Floats
from rankfirst.records import Clause, Promise

# Ratios that are tested, the largest answer sets first. Six, because each takes its share of the risk for precision.
RATIOS: Final = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
COVERAGES: Final = tuple(
    round(0.05 * step, 2) for step in range(1, 21)
)  # shares answered at the levels that are tested
GUIDE: Final = 0.2  # of the rows: their outputs, not their labels, place the levels, and they show no precision


@dataclass(frozen=True)
class Unkept:
    """Why a promise cannot be given: `rows` below `needed`, or too few of them right."""

    kind: str  # "recall" or "precision"
    name: str
    least: float
    rows: int
    kept: int
    needed: int  # the fewest rows that can show it, if all are right
    low: float = 0.0  # the most that can be promised

    @property
    def too_few(self) -> bool:
        return self.rows < self.needed


@dataclass(frozen=True)
class Wish:
    """A requested clause. Args: kind, name, least as in `Clause`; at: the class, -1 for all answers."""

    kind: str
    name: str
    at: int
    least: float


def needed_rows(least: float, risk: float) -> int:
    """The fewest rows that can show a share of `least` at this risk: all of them right."""
    return math.ceil(math.log(risk) / math.log(least) - 1e-9)


def p_value(kept: int, rows: int, least: float) -> float:
    """Of "the share is below `least`": the probability of `kept` or more if it were just `least`."""
    return float(stats.binom.sf(kept - 1, rows, least)) if rows else 1.0


def lower_limit(kept: int, rows: int, risk: float) -> float:
    """The exact (Clopper-Pearson) lower limit of a share."""
    return float(stats.beta.ppf(risk, kept, rows - kept + 1)) if kept else 0.0


def upper_limit(kept: int, rows: int, risk: float) -> float:
    """The exact (Clopper-Pearson) upper limit of a share."""
    return float(stats.beta.ppf(1 - risk, kept + 1, rows - kept)) if kept < rows else 1.0


def count(wish: Wish | Clause, at: int, truth: Bools, decided: Bools, sets: Bools, answered: Bools) -> tuple[int, int]:
    """(rows on which a clause is measured, rows on which it holds). Args: at: the class; -1: all answers."""
    if wish.kind == "recall":
        own = truth[:, at]
        return int(own.sum()), int((own & sets[:, at]).sum())
    given = answered & (decided.any(axis=1) if at < 0 else decided[:, at])
    right = ~(decided & ~truth).any(axis=1) if at < 0 else truth[:, at]
    return int(given.sum()), int((given & right).sum())


class Test:
    """The rows that a promise is shown on."""

    def __init__(
        self, found: Candidates, truth: Bools, wishes: Sequence[Wish], confidence: float, seed: int = 0
    ) -> None:
        """Args: truth: (n, C), of rows that were used for nothing else. confidence: that all wishes hold together."""
        self.found, self.truth, self.confidence = found, truth, confidence
        self.recall = [wish for wish in wishes if wish.kind == "recall"]
        self.precision = [wish for wish in wishes if wish.kind == "precision"]
        both = 2 if self.recall and self.precision else 1
        self.recall_risk = (1 - confidence) / both
        self.precision_risk = (1 - confidence) / both / (len(RATIOS) if self.recall else 1)
        guide = np.random.default_rng((seed, 41)).permutation(len(found)) < GUIDE * len(found)
        self.guide, self.rest, self.rest_truth = found.take(guide), found.take(~guide), truth[~guide]

    def choose(self) -> tuple[float | None, float] | Unkept:
        """The (ratio, level) that gives most labels of those that keep the promise, or why none does."""
        ratios = self._ratios()
        if isinstance(ratios, Unkept):
            return ratios
        if not self.precision:
            return ratios[-1], 0.0
        best: tuple[float, float | None, float] | None = None
        failed: Unkept | None = None
        for ratio in ratios:
            sets = self.rest.sets(self._wanted, ratio)
            level = self._level(ratio, sets)
            if isinstance(level, Unkept):
                failed = level if failed is None or level.low > failed.low else failed
                continue
            share = float(self.rest.answered(sets, level).mean())
            if best is None or share > best[0]:
                best = share, ratio, level
        if best is None:
            assert failed is not None
            return failed
        return best[1], best[2]

    @property
    def _wanted(self) -> list[int]:
        return [wish.at for wish in self.recall]

    def _ratios(self) -> list[float | None] | Unkept:
        """The ratios at which every promised recall is shown, ascending."""
        if not self.recall:
            return [None]
        shown: list[float | None] = []
        for ratio in RATIOS:
            unkept = self._unkept(self.recall, self.found, self.truth, (ratio, 0.0), self.recall_risk)
            if unkept is not None:
                return shown or unkept
            shown.append(ratio)
        return shown

    def _level(self, ratio: float | None, sets: Bools) -> float | Unkept:
        """The lowest level down to which every promised precision is shown at a ratio."""
        shown: float | None = None
        for level in self._levels(ratio):
            unkept = self._unkept(self.precision, self.rest, self.rest_truth, (ratio, level), self.precision_risk)
            if unkept is not None:
                return unkept if shown is None else shown
            shown = level
        assert shown is not None
        return shown

    def _levels(self, ratio: float | None) -> Iterator[float]:
        """Levels to test, descending, from the one that should show precision best if probabilities are true."""
        sets = self.guide.sets(self._wanted, ratio)
        sure = self.guide.sure[self.guide.answered(sets, 0.0) & self.guide.decided.any(axis=1)]
        if not len(sure):
            yield 0.0
            return
        levels = [float(np.quantile(sure, 1 - share)) if share < 1 else 0.0 for share in COVERAGES]
        least = max(wish.least for wish in self.precision)
        clear = [self._clarity(sure[sure >= level], least) for level in levels]
        yield from levels[int(np.argmax(clear)) :]

    def _clarity(self, sure: Floats, least: float) -> float:
        """Expected standard errors by which the precision of rows with these probabilities exceeds `least`."""
        rows = len(sure) / GUIDE * (1 - GUIDE)
        return float((sure.mean() - least) * math.sqrt(rows / (least * (1 - least))))

    def _unkept(self, wishes: Sequence[Wish], found: Candidates, truth: Bools, rule: tuple[float | None, float],
                risk: float) -> Unkept | None:  # fmt: skip
        """The first wish that is not shown by a rule; None: all are, so that their union is rejected at this risk."""
        sets = found.sets(self._wanted, rule[0])
        answered = found.answered(sets, rule[1])
        for wish in wishes:
            rows, kept = count(wish, wish.at, truth, found.decided, sets, answered)
            if p_value(kept, rows, wish.least) > risk:
                needed = needed_rows(wish.least, risk)
                return Unkept(wish.kind, wish.name, wish.least, rows, kept, needed, lower_limit(kept, rows, risk))
        return None

    def promise(self, ratio: float | None, level: float, source: str = "test", file: str = "") -> Promise:
        """The record of a chosen rule."""
        clauses = []
        for wish in (*self.recall, *self.precision):
            recall = wish.kind == "recall"
            found, truth = (self.found, self.truth) if recall else (self.rest, self.rest_truth)
            sets = found.sets(self._wanted, ratio)
            rows, kept = count(wish, wish.at, truth, found.decided, sets, found.answered(sets, level))
            low = lower_limit(kept, rows, self.recall_risk if recall else self.precision_risk)
            clauses.append(Clause(wish.kind, wish.name, wish.least, rows, kept, low))
        sets = self.found.sets(self._wanted, ratio)
        answered = float(self.found.answered(sets, level).mean())
        return Promise(self.confidence, tuple(clauses), level, ratio, len(self.found), answered, source, file)
