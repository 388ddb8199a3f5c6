"""Validation and test texts that occur in training, exactly or nearly."""

from typing import Final

from rankfirst.data.checks.levels import level
from rankfirst.data.quality.facts import SHOWN_ROWS, Facts, split_keys
from rankfirst.records import Check, Level, Split

# Share of a split's rows (assumption: memorised rows then move the score by up to a point).
LEAKAGE_WARN: Final = 0.01
# Share of a split's rows with a near-duplicate in train (assumption; nine real sets of benchmarks/assess_duplicates.py
# have 0-7%: people do write the same thing twice).
NEAR_NOTE: Final = 0.05
NEAR_WARN: Final = 0.20


def check(facts: Facts) -> Check:
    """Note: any exact leak. Warning: 1% of a split. Near leaks are counted separately. Score: similarity."""
    data = facts.dataset
    val, val_other, _ = facts.leaked_val
    test, test_other, _ = facts.leaked_test
    near_val, near_test = len(facts.near_leaks_val), len(facts.near_leaks_test)
    n_val, n_test = max(1, len(data.val)), max(1, len(data.test) if data.test else 0)
    numbers = {
        "val": val,
        "val_share": val / n_val,
        "test": test,
        "test_share": test / n_test,
        "other_labels": val_other + test_other,
        "near_val": near_val,
        "near_val_share": near_val / n_val,
        "near_test": near_test,
        "near_test_share": near_test / n_test,
    }
    verdicts = (
        level(max(val / n_val, test / n_test), 0.0, LEAKAGE_WARN),
        level(max(near_val / n_val, near_test / n_test), NEAR_NOTE, NEAR_WARN),
    )
    shown = dict.fromkeys((*facts.leaked_val[2], *facts.leaked_test[2]), 1.0)
    for near in (facts.near_leaks_val, facts.near_leaks_test):
        for row, similarity in zip(near.first.tolist(), near.similarity.tolist(), strict=True):
            shown[row] = max(similarity, shown.get(row, 0.0))
    rows = tuple(sorted(shown, key=lambda row: -shown[row])[:SHOWN_ROWS])
    verdict = max(verdicts, key=[Level.OK, Level.NOTE, Level.WARN].index)
    return Check("data.check.leakage", verdict, numbers, rows, tuple(shown[row] for row in rows))


def leaked_rows(facts: Facts, split: Split) -> list[tuple[int, int, float]]:
    """All leaks of validation or test: (row of `split`, a training row, similarity), most similar first.

    Args: split: `facts.dataset.val` or `facts.dataset.test`. Exact leaks have similarity 1 and refer to the first
        training row with the text; a near leak that differs only in punctuation also has 1.
    """
    near = facts.near_leaks_val if split is facts.dataset.val else facts.near_leaks_test
    keys = split_keys(split)
    leaks = [(row, facts.rows_of[key][0], 1.0) for row, key in enumerate(keys) if key in facts.rows_of]
    leaks += zip(near.second.tolist(), near.first.tolist(), near.similarity.tolist(), strict=True)
    return sorted(leaks, key=lambda leak: -leak[2])
