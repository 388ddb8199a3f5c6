"""The confusion matrix: which classes it shows, in which order, and what is in its cells."""

from collections.abc import Mapping, Sequence
from typing import Any

from rankfirst.records import Profile
from rankfirst.report.events import listing, mapping, number
from rankfirst.report.phrases import clean
from rankfirst.report.view_model import Cell, MatrixView

Counts = Mapping[tuple[int, int], int]
_MOST = 160  # classes; more cells than that cannot be read, and the pairs beside it name the worst


def matrix(result: Mapping[str, Any], profile: Profile | None) -> MatrixView | None:
    """All confusions of the rows that the model was judged on; None if there are none, or in an old run."""
    scores = mapping(result.get("test")) or mapping(result.get("val"))
    recall, rows = mapping(scores.get("per_class_recall")), mapping(scores.get("class_rows"))
    names = profile.classes if profile else ()
    wrong = {(a, b): n for entry in listing(result.get("matrix")) if len(cell := listing(entry)) == 3
             for a, b, n in [map(int, cell)] if 0 <= a < len(names) > b >= 0}  # fmt: skip
    if not wrong:
        return None
    there = [c for c, name in enumerate(names) if rows.get(name) or any(c in pair for pair in wrong)]
    order = neighbouring(there, wrong)[:_MOST]
    at = {c: place for place, c in enumerate(order)}
    cells = [Cell(at[a], at[b], n, min(1.0, n / max(1, int(rows.get(names[a]) or n))))
             for (a, b), n in wrong.items() if a in at and b in at]  # fmt: skip
    for c in order:
        share, total = number(recall.get(names[c])), int(rows.get(names[c]) or 0)
        if share and total:
            cells.append(Cell(at[c], at[c], round(share * total), share))
    totals = tuple(int(rows.get(names[c]) or 0) for c in order)
    return MatrixView(tuple(clean(names[c]) for c in order), totals, tuple(cells), len(there) - len(order))


def neighbouring(classes: Sequence[int], wrong: Counts) -> list[int]:
    """The classes so that those that are confused most stand side by side; those with the most errors come first.

    Chains of classes are joined at their ends, the most frequent confusions first.
    """
    both = {(min(pair), max(pair)): wrong.get(pair, 0) + wrong.get(pair[::-1], 0) for pair in wrong}
    chain = {c: [c] for c in classes}
    for (a, b), _ in sorted(both.items(), key=lambda item: (-item[1], item[0])):
        left, right = chain[a], chain[b]
        if left is right:
            continue
        if left[0] == a:
            left.reverse()
        if right[-1] == b:
            right.reverse()
        left += right
        chain |= dict.fromkeys(right, left)
    errors = {c: sum(n for pair, n in wrong.items() if c in pair) for c in classes}
    chains = {id(each): each for each in chain.values()}.values()
    return [c for each in sorted(chains, key=lambda each: -sum(errors[c] for c in each)) for c in each]
