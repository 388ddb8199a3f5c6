"""Classes in another language than the rest: a classifier may learn the language instead of the meaning."""

from typing import Final

import numpy as np
import numpy.typing as npt

from rankfirst.data.checks.levels import most_severe
from rankfirst.data.files.table import listed, shown
from rankfirst.data.quality.facts import Facts
from rankfirst.data.quality.languages import NAMES
from rankfirst.records import Check, Level, Number

# Rows of a class, the share of them not in the main language, and its excess over that share in all rows, above which
# the class counts as one of another language (assumption).
CLASS_ROWS: Final = 20
CLASS_SHARE: Final = 0.8
CLASS_ABOVE: Final = 0.3
# Share of the language entropy that the label explains; considered only if this share of rows is not in the main
# language (assumption).
EXPLAINED_NOTE: Final = 0.3
EXPLAINED_WARN: Final = 0.6
FOREIGN_LEAST: Final = 0.02
# Classes quoted in the message.
SHOWN_CLASSES: Final = 5


def check(facts: Facts) -> Check:
    """Classes in one language within data in another, and how well the label predicts the language."""
    table = language_table(facts)
    sizes, overall = table.sum(axis=1), table.sum(axis=0)
    main = int(overall.argmax())
    foreign = 1 - overall[main] / max(1, overall.sum())
    others = 1 - table[:, main] / np.maximum(1, sizes)
    apart = np.flatnonzero((others >= CLASS_SHARE) & (others - foreign >= CLASS_ABOVE) & (sizes >= CLASS_ROWS))
    beside = np.where(np.arange(len(NAMES)) == main, -1, table)
    explained = explained_share(table)
    names = [f"{shown(facts.dataset.classes[c])} ({NAMES[beside[c].argmax()]}, {others[c]:.0%})" for c in apart]
    numbers: dict[str, Number] = {
        "classes": len(apart),
        "names": listed(names, SHOWN_CLASSES) or "-",
        "explained": explained,
        "foreign_share": float(foreign),
    }
    telling = explained > EXPLAINED_NOTE and foreign >= FOREIGN_LEAST
    verdict = most_severe(
        Level.NOTE if names or telling else Level.OK,
        Level.WARN if names and explained > EXPLAINED_WARN and foreign >= FOREIGN_LEAST else Level.OK,
    )
    return Check("data.check.language_by_label", verdict, numbers)


def language_table(facts: Facts) -> npt.NDArray[np.int_]:
    """(C, len(NAMES)) rows of each class in each language; a row with several labels counts for each."""
    rows, labels = facts.given
    languages = facts.languages[rows]
    with_language = languages >= 0
    width = len(NAMES)
    flat = np.bincount(
        labels[with_language] * width + languages[with_language], minlength=len(facts.dataset.classes) * width
    )
    return np.asarray(flat.reshape(-1, width))


def explained_share(table: npt.NDArray[np.int_]) -> float:
    """Mutual information of rows and columns divided by the column entropy, with the chance level subtracted; 0 to 1.

    0 if fewer than CLASS_ROWS rows lie outside the largest column, since they are too few to tell.
    """
    total = table.sum()
    if total - table.sum(axis=0).max() < CLASS_ROWS:
        return 0.0
    joint = table / max(1, total)
    rows, columns = joint.sum(axis=1, keepdims=True), joint.sum(axis=0, keepdims=True)
    entropy = -sum(float(p) * float(np.log(p)) for p in columns[0] if p > 0)
    seen = joint > 0
    information = float((joint[seen] * np.log(joint[seen] / (rows @ columns)[seen])).sum())
    chance = ((rows > 0).sum() - 1) * ((columns > 0).sum() - 1) / (2 * total)
    return float(np.clip((information - chance) / entropy, 0.0, 1.0))
