"""Labels named in their own texts: an export that leaked the answer, or classes that a keyword search finds."""

import re
from typing import Final

import numpy as np
import numpy.typing as npt

from rankfirst.data.checks.levels import level, most_severe
from rankfirst.data.files.table import listed, shown
from rankfirst.data.files.texts import text_key
from rankfirst.data.quality.facts import SHOWN_ROWS, Facts
from rankfirst.records import Check, Number

# Training rows of a class, the share of them that contain its name, and the ratio to that share in other rows.
CLASS_ROWS: Final = 20
NAMED_SHARE: Final = 0.90
NAMED_TIMES: Final = 5.0
# Share of given labels whose name occurs in the text (assumption: above half, most of the task is keyword search; above
# nine in ten, the label was written into the text).
NAMED_NOTE: Final = 0.50
NAMED_WARN: Final = 0.90
# Share of given labels whose name occurs in the text in programmatic form, "card_arrival" or "GetWeather", which nobody
# writes in prose, or as its heading, "refund: ..." (at most 0.3% in the sets of benchmarks/assess_checks.py, from
# headlines).
WRITTEN_NOTE: Final = 0.005
WRITTEN_WARN: Final = 0.05
# Characters. Shorter names ("no", "1") occur in texts by chance.
NAME_CHARS: Final = 3
NAME_IDEOGRAPHS: Final = 2
# Maximum other rows examined for each class that names itself.
LOOKED_AT: Final = 2_000
# Classes quoted in the message.
SHOWN_CLASSES: Final = 5

_HEADS: Final = ("{}:", "[{}]", "【{}】", "#{}#", "__label__{}")
_JOINED = re.compile(r"\w[_:#/|.-]\w|[a-z][A-Z]")
_PARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\W_]+")


def check(facts: Facts) -> Check:
    """Labels that the text itself names, and classes whose rows nearly all name them while few other rows do.

    Such a class alone is not a fault ("alarm"): only programmatic names, or a large share of the data, are.
    """
    rows, labels = facts.given
    phrases = [spoken(name) for name in facts.dataset.classes]
    keys = facts.keys
    named = np.fromiter(
        (bool(phrases[c]) and phrases[c] in keys[row] for row, c in zip(rows, labels, strict=True)), bool, len(rows)
    )
    share = np.bincount(labels, weights=named, minlength=len(phrases)) / np.maximum(1, facts.counts)
    often = [c for c in np.flatnonzero((share >= NAMED_SHARE) & (facts.counts >= CLASS_ROWS))]
    self_naming = [c for c in often if share[c] >= NAMED_TIMES * _elsewhere(facts, int(c), phrases[c])]
    overall = float(named.mean()) if len(rows) else 0.0
    written = np.flatnonzero(_written(facts))
    numbers: dict[str, Number] = {
        "named": int(named.sum()),
        "share": overall,
        "written": len(written),
        "written_share": len(written) / max(1, len(rows)),
        "classes": len(self_naming),
        "limit": NAMED_SHARE,
        "names": listed((f"{shown(facts.dataset.classes[c])} ({share[c]:.0%})" for c in self_naming), SHOWN_CLASSES)
        or "-",
    }
    verdict = most_severe(
        level(overall, NAMED_NOTE, NAMED_WARN), level(len(written) / max(1, len(rows)), WRITTEN_NOTE, WRITTEN_WARN)
    )
    shown_rows = tuple(int(row) for row in dict.fromkeys(rows[written][:SHOWN_ROWS]))
    return Check("data.check.label_words", verdict, numbers, shown_rows)


def _written(facts: Facts) -> npt.NDArray[np.bool_]:
    """(m,) given labels whose name heads the text, or occurs in it if joined as in program code."""
    rows, labels = facts.given
    texts = facts.dataset.train.texts
    names = [name if _JOINED.search(name) else "" for name in facts.dataset.classes]
    heads = [tuple(form.format(text_key(name)) for form in _HEADS) for name in facts.dataset.classes]
    keys = facts.keys
    return np.fromiter(
        (
            keys[row].startswith(heads[c]) or bool(names[c] and names[c] in texts[row])
            for row, c in zip(rows, labels, strict=True)
        ),
        bool,
        len(rows),
    )


def spoken(name: str) -> str:
    """The name as a text would spell it, "card arrival" for "CardArrival" or "card_arrival"; "" if too short."""
    phrase = text_key(" ".join(part for part in _PARTS.split(name) if part))
    ideographs = sum("\u3400" <= c <= "\u9fff" for c in phrase)
    return phrase if ideographs >= NAME_IDEOGRAPHS or len(phrase) - ideographs >= NAME_CHARS else ""


def _elsewhere(facts: Facts, label: int, phrase: str) -> float:
    """Share of other rows, sampled evenly over the file, that contain the phrase."""
    rows: npt.NDArray[np.int_] = np.arange(0, len(facts.keys), 1 + len(facts.keys) // LOOKED_AT)
    others = [row for row in rows if label not in facts.dataset.train.labels[row]]
    return sum(phrase in facts.keys[row] for row in others) / max(1, len(others))
