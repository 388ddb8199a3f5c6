"""Distribution shift: whether two samples of texts have one source, what changed, and which rows no class covers.

Several tests detect several kinds of shift, with a Bonferroni correction: classifiers on n-grams and on an encoder's
features (register, topics), unseen n-grams (typos, new names), a kernel test (diffuse changes), class shares, single
words, repeated texts, and out-of-scope rows (a new topic of a few per cent, which averages hide). All except that on
repeats use a few thousand distinct texts, so that a positive verdict means a relevant shift, not one that takes a
million rows to detect.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from rankfirst.data.files.texts import text_key
from rankfirst.data.shift.changes import Moved, classes_moved, repeats_p, words_moved
from rankfirst.data.shift.two_sample import (
    C_FEATURES,
    C_TEXTS,
    Separation,
    counts_p,
    grams,
    kernel_p,
    latent,
    novelty_p,
    separability,
    shares_p,
)
from rankfirst.data.shift.uncovered_rows import (
    APART_WEIGHT,
    FOLDS,
    RATE,
    OutOfScope,
    class_distances,
    combine_scores,
    new_neighbour_share,
    row_groups,
)
from rankfirst.measure.scores import Bools, Floats, Ints, Matrix, indicator, predict_labels
from rankfirst.records import Example, Number, Shift, Split, Verdict

# Probability of calling two random halves of one sample different, measured by benchmarks/assess_shift.py.
ALPHA: Final = 0.01
# Distinct texts per side. Below the first number nothing is tested; below the second "no shift" is not concluded: a new
# topic of 5% would be only 25 rows (assumption; benchmarks/assess_shift.py has 1,000 rows).
LEAST_TEXTS: Final = 30
NEEDED_TEXTS: Final = 500
# Maximum rows read per side, distinct texts used to model the classes, and texts used by tests and neighbours: limits
# the run time to seconds.
READ_ROWS: Final = 50_000
FIT_TEXTS: Final = 20_000
SEEN_TEXTS: Final = 3_000
# Total variation distance between class shares below which they count as equal, whatever p is (assumption).
LEAST_TURN: Final = 0.03
# Maximum share of texts that differ only in digits and punctuation; above it such texts count as distinct.
MOST_ALIKE: Final = 0.05
# Maximum out-of-scope rows returned, highest score first; a page shows the first of them, a list all.
MOST_FOREIGN: Final = 1_000

_BARE: Final = re.compile(r"[\W\d_]+")


@dataclass(frozen=True)
class Side:
    """One sample; every field that is given has n entries."""

    texts: Sequence[str]
    labels: Sequence[Sequence[int]] | None = None
    features: npt.NDArray[np.floating] | None = None  # (n, d) of the unmodified encoder
    probabilities: Floats | None = None  # (n, C) by a classifier that was not trained on these rows
    lines: Sequence[int] = ()
    file: str = ""

    @classmethod
    def of(cls, split: Split, features: npt.NDArray[np.floating] | None = None,
           probabilities: Floats | None = None) -> Self:  # fmt: skip
        """The rows of a split."""
        return cls(split.texts, split.labels, features, probabilities, split.lines, split.file)

    def take(self, rows: Ints) -> Self:
        """The rows at these positions."""
        return type(self)(
            [self.texts[i] for i in rows],
            None if self.labels is None else [self.labels[i] for i in rows],
            None if self.features is None else self.features[rows],
            None if self.probabilities is None else self.probabilities[rows],
            [self.lines[i] for i in rows] if len(self.lines) else (),
            self.file,
        )

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class ShiftEvidence:
    """The results of the tests on two samples of distinct texts."""

    p: dict[str, float]  # test -> p-value
    apart: Separation
    foreign: OutOfScope
    classes: Moved
    words: Moved


def shift(before: Side, after: Side, between: str, classes: Sequence[str], *, multi_label: bool = False,
          cut: str = "", seed: int = 0) -> Shift:  # fmt: skip
    """Compare two samples.

    Args:
        before, after: features on both sides or on neither; without them n-grams are used, which detect less. Labels of
            `before` define what is in scope; labels of both sides, else probabilities, show which classes moved.
        between: "val", "test" (each against train), "date" (after against before `cut`) or "compare" (a second file).
        cut: the date as displayed. seed: decides samples and folds.
    Returns: PRESENT if any test is significant, UNKNOWN if there are too few distinct texts to detect a shift. Rows are
        those of `after` above the limit that 2% of in-scope rows exceed; their score is 1 at that limit.
    """
    rng = np.random.default_rng((seed, 10))
    total = len(before), len(after)
    read = [side.take(rng.permutation(len(side))[:READ_ROWS]) for side in (before, after)]
    keys = [[text_key(text) for text in side.texts] for side in read]
    distinct = [first_occurrences(own)[:FIT_TEXTS] for own in keys]
    numbers: dict[str, Number] = {
        "rows_before": total[0], "rows_after": total[1], "before": len(distinct[0]), "after": len(distinct[1]),
        "least": NEEDED_TEXTS, "cut": cut, "limit": ALPHA, "rate": RATE,
    }  # fmt: skip
    if min(len(own) for own in distinct) < LEAST_TEXTS:
        return Shift(between, Verdict.UNKNOWN, f"shift.{between}.too_few", numbers)
    reference, new = (side.take(own) for side, own in zip(read, distinct, strict=True))
    evidence = run_tests(reference, new, classes, multi_label, seed)
    evidence.p["repeats"] = repeats_p(*keys)
    return conclude(evidence, between, numbers, new, classes)


def conclude(
    evidence: ShiftEvidence, between: str, numbers: dict[str, Number], new: Side, classes: Sequence[str]
) -> Shift:
    """Build the record from the test results.

    Args:
        numbers: includes "before" and "after", the numbers of distinct texts. new: its texts in the order of the tests.
    """
    strongest = min(evidence.p, key=lambda test: evidence.p[test])
    p = min(1.0, len(evidence.p) * evidence.p[strongest])
    verdict = Verdict.PRESENT if p <= ALPHA else Verdict.ABSENT
    if verdict is Verdict.ABSENT and min(float(numbers["before"]), float(numbers["after"])) < NEEDED_TEXTS:
        verdict = Verdict.UNKNOWN
    rows = evidence.foreign.rows
    numbers = numbers | {
        "auroc": evidence.apart.auroc, "chance": evidence.apart.chance, "p": p, "tests": len(evidence.p),
        "evidence": strongest, "looked": len(evidence.foreign.scores), "outside": len(rows),
        "expected": evidence.foreign.expected,
        **{f"p_{test}": value for test, value in evidence.p.items()},
    }  # fmt: skip
    moved = verdict is Verdict.PRESENT
    return Shift(
        between,
        verdict,
        f"shift.{between}.{verdict}",
        numbers,
        classes=evidence.classes if moved else (),
        words=evidence.words if moved else (),
        rows=_examples(new, rows[:MOST_FOREIGN], evidence.foreign.scores, classes),
        outside=len(rows),
    )


def run_tests(reference: Side, new: Side, classes: Sequence[str], multi_label: bool, seed: int) -> ShiftEvidence:
    """Run every test except that on repeats.

    Args:
        reference, new: distinct texts in random order; the first SEEN_TEXTS of each are tested, all of `reference`
            define what is in scope.
    """
    seen = reference.take(np.arange(min(len(reference), SEEN_TEXTS))), new.take(np.arange(min(len(new), SEEN_TEXTS)))
    after = np.repeat([False, True], [len(side) for side in seen])
    groups = alike([*seen[0].texts, *seen[1].texts])
    pieces = grams([*seen[0].texts, *seen[1].texts])
    by_text = separability(pieces, after, groups, C_TEXTS, seed)
    fit, rows = _features_of(reference, new, seed)
    pool = np.concatenate([fit[: len(seen[0])], rows[: len(seen[1])]])
    by_features = separability(pool, after, groups, C_FEATURES, seed)
    foreign = out_of_scope_rows(reference, fit, rows[: len(seen[1])], pool, after, by_features.scores, seed)
    moved, words = words_moved(reference.texts, new.texts)
    p = {"texts": by_text.p, "features": by_features.p, "kernel": kernel_p(pool, after, seed), "outside": foreign.p}
    p["novelty"] = novelty_p(pieces, after, groups, seed)
    turned, p_classes = _classes(reference, new, classes, multi_label)
    if p_classes is not None:
        p["classes"] = p_classes
    p["words"] = words
    return ShiftEvidence(p, min(by_text, by_features, key=lambda apart: apart.p), foreign, turned, moved)


def _features_of(reference: Side, new: Side, seed: int) -> tuple[Matrix, Matrix]:
    """(n, d) and (m, d): the given features, else the main components of the n-grams."""
    if reference.features is not None and new.features is not None:
        return reference.features.astype(np.float32), new.features.astype(np.float32)
    both = latent(grams([*reference.texts, *new.texts]), seed)
    return both[: len(reference)], both[len(reference) :]


def out_of_scope_rows(
    reference: Side, fit: Matrix, rows: Matrix, pool: Matrix, after: Bools, apart: Floats, seed: int
) -> OutOfScope:
    """Combine distance from the classes, share of new neighbours, and the score of the sample classifier.

    The first finds scattered out-of-scope rows, the others a dense cluster of new ones. Maximum probability is left
    out: it adds no information to these, and dilutes them.
    """
    folds = np.random.default_rng((seed, 13)).permutation(len(fit)) % FOLDS
    held, distances = class_distances(fit, row_groups(reference.labels, fit, seed), rows, folds)
    near = new_neighbour_share(pool, after)
    seen = int((~after).sum())
    signs = [(held[:seen], distances, 1.0)]
    signs += [(sign[~after], sign[after], APART_WEIGHT) for sign in (near, apart)]
    return combine_scores(signs, len(rows))


def _classes(reference: Side, new: Side, classes: Sequence[str], multi_label: bool) -> tuple[Moved, float | None]:
    """Classes that moved, and the p-value that none did; None unless both sides have labels or probabilities."""
    carried = [_carried(side, len(classes), multi_label) for side in (reference, new)]
    if carried[0] is None or carried[1] is None:
        carried = [_predicted(side, multi_label) for side in (reference, new)]
    before, after = carried
    if before is None or after is None:
        return (), None
    counts = before.sum(axis=0).astype(np.intp), after.sum(axis=0).astype(np.intp)
    moved = classes_moved(counts[0].astype(float), counts[1].astype(float), len(reference), len(new), classes)
    shares = counts[0] / len(reference), counts[1] / len(new)
    if np.abs(shares[0] - shares[1]).sum() / 2 < LEAST_TURN:
        return moved, 1.0
    if multi_label:
        return moved, float(min(1.0, len(classes) * shares_p(*counts, len(reference), len(new)).min()))
    return moved, counts_p(*counts)


def _carried(side: Side, classes: int, multi_label: bool) -> Bools | None:
    labels = side.labels
    if labels is None or not any(labels) or not (multi_label or all(labels)):
        return None
    return indicator(labels, classes)


def _predicted(side: Side, multi_label: bool) -> Bools | None:
    return None if side.probabilities is None else predict_labels(side.probabilities, multi_label)


def first_occurrences(keys: Sequence[str]) -> Ints:
    """Positions of the first occurrence of each key."""
    seen: dict[str, int] = {}
    for row, key in enumerate(keys):
        seen.setdefault(key, row)
    return np.fromiter(seen.values(), dtype=np.intp)


def alike(texts: Sequence[str]) -> Ints:
    """(n,) group ids of texts that differ only in case, width, digits and punctuation.

    Groups of more than 5% of the rows are not merged: they are a numbered template, or texts without letters, and would
    fill a whole fold.
    """
    keys = [text_key(text) for text in texts]
    bare = [_BARE.sub("", key) for key in keys]
    sizes: dict[str, int] = {}
    for name in bare:
        sizes[name] = sizes.get(name, 0) + 1
    most = MOST_ALIKE * len(texts)
    ids: dict[tuple[bool, str], int] = {}
    names = [(sizes[name] > most, key if sizes[name] > most else name) for key, name in zip(keys, bare, strict=True)]
    return np.array([ids.setdefault(name, len(ids)) for name in names], dtype=np.intp)


def _examples(side: Side, rows: Ints, scores: Floats, classes: Sequence[str]) -> tuple[Example, ...]:
    guessed = None if side.probabilities is None else side.probabilities.argmax(axis=1)
    return tuple(
        Example(
            text=side.texts[row],
            labels=tuple(classes[c] for c in side.labels[row]) if side.labels is not None else (),
            line=int(side.lines[row]) if len(side.lines) else 0,
            file=side.file,
            score=float(scores[row]),
            suggested=() if guessed is None else (classes[guessed[row]],),
        )
        for row in rows
    )
