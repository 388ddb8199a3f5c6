"""Turn row positions into examples for the user: text, labels, and line in the file."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from rankfirst.data.checks.conflicts import conflict_groups
from rankfirst.data.checks.leakage import leaked_rows
from rankfirst.data.checks.near_conflicts import near_conflict_pairs
from rankfirst.data.checks.private import has_personal_data
from rankfirst.data.quality.facts import Facts
from rankfirst.data.quality.suspect_labels import flagged
from rankfirst.measure.scores import Floats, as_tuples, predict_labels
from rankfirst.records import Dataset, Example, Pair, Profile, Split

# Checks whose rows are not shown, since a report must not repeat an address or a card number.
UNSEEN: Final = frozenset({"data.check.private"})
# Maximum rows in a list. Nobody reads a longer spreadsheet to its end; the counts state the total.
MOST_ROWS: Final = 20_000
FEW: Final = 4  # rows per finding in the report of a run
FEW_CHARS: Final = 300

Labels = tuple[tuple[int, ...], ...]


def example(
    dataset: Dataset,
    split: Split,
    row: int,
    score: float | None = None,
    suggested: Iterable[int] = (),
    twin: tuple[Split, int] | None = None,
) -> Example:
    """Row number `row` of a split with its context; `twin`: a similar row."""
    other, at = twin or (split, -1)
    return Example(
        text=split.texts[row],
        labels=named(dataset, split.labels[row]),
        line=_line(split, row),
        file=split.file,
        score=score,
        suggested=named(dataset, suggested),
        twin=other.texts[at] if twin else "",
        twin_line=_line(other, at) if twin else 0,
        split=next((name for name in ("train", "val", "test") if getattr(dataset, name) is split), ""),
    )


def named(dataset: Dataset, labels: Iterable[int]) -> tuple[str, ...]:
    """Class names of class indexes."""
    return tuple(dataset.classes[label] for label in labels)


def of_checks(profile: Profile, dataset: Dataset) -> dict[str, tuple[Example, ...]]:
    """Code of a check -> the training rows it shows."""
    return {
        check.code: tuple(
            example(dataset, dataset.train, row, check.scores[i] if i < len(check.scores) else None)
            for i, row in enumerate(check.rows)
        )
        for check in profile.checks
        if check.rows and check.code not in UNSEEN
    }


def few_examples(
    profile: Profile, dataset: Dataset, probabilities: Floats, of: Sequence[int] | None = None
) -> dict[str, tuple[Example, ...]]:
    """Code of a check -> a few training rows that show it, without personal data, since reports are passed on.

    Args:
        probabilities: (k, C) out-of-fold; a suspect row is shown with its predicted labels.
        of: (k,) the training rows they belong to; None: all.
    """
    at = range(len(probabilities)) if of is None else of
    predicted = dict(zip(map(int, at), as_tuples(predict_labels(probabilities, dataset.multi_label)), strict=True))
    rows = of_checks(profile, dataset)
    rows["data.check.suspects"] = tuple(
        example(dataset, dataset.train, r, None, predicted[r]) for r in profile.suspects
    )
    examples = {}
    for code, every in rows.items():
        kept = [row for row in every[:MOST_ROWS] if not has_personal_data(row.text)][:FEW]
        if kept:
            examples[code] = tuple(replace(row, text=row.text[:FEW_CHARS]) for row in kept)
    return examples


def suspects(
    dataset: Dataset, split: Split, scores: Floats, suggested: Labels, rows: Sequence[int] | None = None
) -> list[Example]:
    """Every row of a split whose label is contradicted, most suspicious first.

    Args:
        scores, suggested: (n,) as returned by `suspicions`. rows: (n,) their positions; None: all rows in order.
    """
    at = range(len(split)) if rows is None else rows
    return [
        example(dataset, split, at[i], float(scores[i]), suggested[i])
        for i in flagged(scores, len(dataset.classes), dataset.multi_label)
    ]


def conflicts(facts: Facts) -> list[Example]:
    """Training rows whose text, or a near-duplicate, occurs with other labels; identical texts first."""
    data, train = facts.dataset, facts.dataset.train
    examples = []
    for rows in conflict_groups(facts):
        for row in rows:
            other = next(r for r in rows if train.labels[r] != train.labels[row])
            examples.append(example(data, train, row, 1.0, train.labels[other], (train, other)))
    for a, b, similarity in near_conflict_pairs(facts):
        examples += [
            example(data, train, row, similarity, train.labels[other], (train, other))
            for row, other in ((a, b), (b, a))
        ]
    return examples[:MOST_ROWS]


def leaks(facts: Facts) -> list[Example]:
    """Validation and test rows whose text, or a near-duplicate, is in train; most similar first."""
    data = facts.dataset
    return [
        example(data, split, row, similarity, twin=(data.train, source))
        for split in (data.val, data.test)
        if split
        for row, source, similarity in leaked_rows(facts, split)
    ][:MOST_ROWS]


def pairs(
    dataset: Dataset, confused: Iterable[tuple[int, int, float, tuple[int, ...]]], at: Sequence[int]
) -> list[Pair]:
    """Confused pairs with example rows. Args: at: training row of each position in `confused`."""
    examples_by_pair = []
    for a, b, rate, rows in confused:
        shown = []
        for i in rows:
            row_labels = dataset.train.labels[at[i]]
            other = (b,) if a in row_labels else (a,)
            shown.append(example(dataset, dataset.train, at[i], suggested=other))
        examples_by_pair.append(Pair(dataset.classes[a], dataset.classes[b], rate, tuple(shown)))
    return examples_by_pair


def _line(split: Split, row: int) -> int:
    return split.lines[row] if len(split.lines) else 0
