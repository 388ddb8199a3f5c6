"""Small data sets with a structure worth learning, and features for them."""

import numpy as np

from rankfirst.records import Dataset, Split

WORDS = ("refund", "parcel", "invoice", "password", "coupon", "stock")


def dataset(train, val, texts=None, multi_label=False, classes=None) -> Dataset:
    """Rows from their label tuples; a text repeats the words of its labels."""
    count = classes or 1 + max(c for row in train for c in row)
    say = texts or (lambda row, i: " ".join(WORDS[c % len(WORDS)] for c in row) + f" number {i}")

    def split(rows):
        return Split(tuple(say(row, i) for i, row in enumerate(rows)), tuple(map(tuple, rows)))

    return Dataset("toy", tuple(f"class{c}" for c in range(count)), multi_label, split(train), split(val), None)


def single(n=120, classes=4, seed=0) -> Dataset:
    rng = np.random.default_rng(seed)
    draw = [(int(c),) for c in rng.integers(0, classes, n)]
    return dataset([(c,) for c in range(classes)] + draw, draw[: n // 3], classes=classes)


def multi(n=120, classes=4, seed=0) -> Dataset:
    """About one row in six carries no label."""
    rng = np.random.default_rng(seed)
    rows = [tuple(int(c) for c in np.flatnonzero(rng.random(classes) < 0.35)) for _ in range(n)]
    return dataset([*rows, (), (0, 1)], [*rows[: n // 3], ()], multi_label=True, classes=classes)


def features(rows, classes, width=10, noise=1.0, seed=0):
    """(n, width) float32: the sum of its labels' directions, noise, an offset and very unequal scales."""
    rng = np.random.default_rng(99)
    directions, scales = rng.normal(size=(classes, width)), 10.0 ** rng.uniform(-2, 2, width)
    signal = np.stack([directions[list(row)].sum(axis=0) if row else np.zeros(width) for row in rows])
    noisy = signal + noise * np.random.default_rng(seed).normal(size=signal.shape)
    return ((noisy + 3.0) * scales).astype(np.float32)
