"""How much the score falls if groups or times are kept apart: TF-IDF on that split, and on one made at random."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from rankfirst import baselines
from rankfirst.measure.scores import Bools, bootstrap_f1, f1_bounds, indicator, macro_f1
from rankfirst.policy import thresholds as t
from rankfirst.records import Dataset, Split

# Training rows. TF-IDF needs seconds for them, and on more both scores rise alike.
MOST_ROWS: Final = 20_000


def with_split_effect(apart: Dataset, random: Callable[[], Dataset], seed: int) -> Dataset:
    """The data with a note on macro-F1 of TF-IDF on validation, by its own split and by one made at random.

    The two validation splits hold other rows, so their errors add up. Only classes that both have are compared.

    Args: random: makes the data with a split made at random from the same rows.
    """
    if apart.val.file != apart.train.file:  # given, not held out: a split at random would have the same rows there
        return apart
    sides = {"apart": apart, "random": random()}
    answers = {name: _answers(rows, seed) for name, rows in sides.items()}
    common = set.intersection(
        *({sides[n].classes[c] for c in np.flatnonzero(answers[n][0].any(axis=0))} for n in sides)
    )
    if not common:
        return apart
    f1, error = {}, {}
    for name, (truth, predicted) in answers.items():
        at = [c for c, label in enumerate(sides[name].classes) if label in common]
        f1[name] = macro_f1(truth[:, at], predicted[:, at])
        low, high = f1_bounds(truth[:, at], predicted[:, at])
        spread = float(bootstrap_f1(truth[:, at], [predicted[:, at]], every_class=True)[:, 0].std(ddof=1))
        error[name] = max(spread, (high - low) / (2 * t.NOISE_SES))
    fall, noise = f1["random"] - f1["apart"], t.NOISE_SES * math.hypot(*error.values())
    code = "falls" if fall > noise else "rises" if fall < -noise else "same"
    numbers = {"random": f"{f1['random']:.1%}", "apart": f"{f1['apart']:.1%}", "fall": f"{100 * abs(fall):.1f}",
            "noise": f"{100 * noise:.1f}", "rows": str(len(apart.val))}  # fmt: skip
    return replace(apart, notes=(*apart.notes, (f"data.note.apart_{code}", tuple(numbers.items()))))


def _answers(dataset: Dataset, seed: int) -> tuple[Bools, Bools]:
    """(n_val, C) labels and answers of TF-IDF."""
    train = dataset.train
    some = baselines.subsample(train.labels, MOST_ROWS, seed)
    part = Split(tuple(train.texts[i] for i in some), tuple(train.labels[i] for i in some))
    fitted = baselines.fit_tfidf(replace(dataset, train=part), (), seed)
    classes = len(dataset.classes)
    return indicator(dataset.val.labels, classes), indicator(fitted.rung.val_predicted, classes)
