"""Derived data that several checks need, each computed once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from rankfirst.data.files.texts import text_key
from rankfirst.data.quality.characters import Characters, characters_of
from rankfirst.data.quality.languages import languages_of
from rankfirst.data.quality.near_duplicates import NearPairs, near_pairs
from rankfirst.data.quality.word_ids import Wording, wording_of
from rankfirst.records import Dataset, Split

# Training rows. A smaller class belongs to the long tail (assumption: a validation split of 15% then has fewer than
# three of its rows, too few to measure its recall).
TAIL_ROWS: Final = 20
# Example rows per check.
SHOWN_ROWS: Final = 20


# (rows of a split whose text is in train, how many of them have labels that train never gives it, the training rows)
Leaked = tuple[int, int, tuple[int, ...]]


@dataclass(frozen=True)
class Facts:
    """A dataset with the keys and counts derived from it."""

    dataset: Dataset

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """(n_train,) normalised training texts."""
        return split_keys(self.dataset.train)

    @cached_property
    def rows_of(self) -> dict[str, list[int]]:
        """Normalised text -> training rows with that text, in order."""
        rows: dict[str, list[int]] = {}
        for row, key in enumerate(self.keys):
            rows.setdefault(key, []).append(row)
        return rows

    @cached_property
    def counts(self) -> npt.NDArray[np.int_]:
        """(C,) training rows that carry each class."""
        carried = [label for row in self.dataset.train.labels for label in row]
        return np.bincount(np.array(carried, dtype=int), minlength=len(self.dataset.classes))

    @cached_property
    def tail(self) -> tuple[int, ...]:
        """Class indexes with fewer than TAIL_ROWS training rows."""
        return tuple(int(c) for c in np.flatnonzero(self.counts < TAIL_ROWS))

    @cached_property
    def tail_share(self) -> float:
        """Share of training rows whose labels are all tail classes; rows without labels do not count as tail."""
        tail = set(self.tail)
        rows = sum(bool(row) and tail.issuperset(row) for row in self.dataset.train.labels)
        return rows / max(1, len(self.dataset.train))

    @cached_property
    def effective_classes(self) -> float:
        """exp(entropy of the class counts): the number of equally large classes with the same uncertainty."""
        shares = self.counts[self.counts > 0] / self.counts.sum()
        return float(np.exp(-(shares * np.log(shares)).sum()))

    @cached_property
    def imbalance(self) -> float:
        """Size of the largest class over the smallest; empty classes are ignored."""
        seen = self.counts[self.counts > 0]
        return float(seen.max() / seen.min())

    @cached_property
    def given(self) -> tuple[npt.NDArray[np.int_], npt.NDArray[np.int_]]:
        """(m,) training row and (m,) class of every label, in row order."""
        labels = self.dataset.train.labels
        rows = np.repeat(np.arange(len(labels)), [len(row) for row in labels])
        return rows, np.fromiter((label for row in labels for label in row), dtype=np.int_, count=len(rows))

    @cached_property
    def characters(self) -> Characters:
        """The kinds of characters in each training text."""
        return characters_of(self.dataset.train.texts)

    @cached_property
    def wording(self) -> Wording:
        """The words of the training texts, except Chinese ones."""
        return wording_of(self.dataset.train.texts)

    @cached_property
    def languages(self) -> npt.NDArray[np.int_]:
        """(n_train,) index of each text's language in `languages.NAMES`; negative for a text without letters."""
        return languages_of(self.characters, self.wording)

    @cached_property
    def lengths(self) -> npt.NDArray[np.int_]:
        """(n_train,) characters per text."""
        return np.array([len(text) for text in self.dataset.train.texts])

    @cached_property
    def conflict_rows(self) -> tuple[int, ...]:
        """Training rows whose text also occurs with other labels, most repeated texts first."""
        labels = self.dataset.train.labels
        groups = [rows for rows in self.rows_of.values() if len(rows) > 1 and len({labels[r] for r in rows}) > 1]
        return tuple(row for rows in sorted(groups, key=len, reverse=True) for row in rows)

    @cached_property
    def leaked_val(self) -> Leaked:
        """Leaks into validation."""
        return self._leaked(self.dataset.val)

    @cached_property
    def leaked_test(self) -> Leaked:
        """Leaks into test; empty without a test split."""
        return self._leaked(self.dataset.test)

    @cached_property
    def near(self) -> NearPairs:
        """Near-duplicates among the distinct training texts, as positions in the order of `rows_of`."""
        return self._near[0]

    @cached_property
    def near_leaks_val(self) -> NearPairs:
        """Near-duplicates of training in validation: first = nearest training row, second = row. No exact leaks."""
        return self._near_leaks(self.dataset.val)

    @cached_property
    def near_leaks_test(self) -> NearPairs:
        """The same for test; empty without a test split."""
        return self._near_leaks(self.dataset.test)

    @cached_property
    def _held_out(self) -> dict[str, int]:
        """Validation and test texts that are not in train -> their index."""
        splits = [split for split in (self.dataset.val, self.dataset.test) if split]
        keys = dict.fromkeys(key for split in splits for key in split_keys(split) if key not in self.rows_of)
        return {key: position for position, key in enumerate(keys)}

    @cached_property
    def _near(self) -> tuple[NearPairs, NearPairs]:
        return near_pairs(tuple(self.rows_of), tuple(self._held_out))

    def _near_leaks(self, split: Split | None) -> NearPairs:
        across = self._near[1]
        best: dict[int, tuple[float, int]] = {}
        for text, other, similarity in zip(across.first, across.second, across.similarity, strict=True):
            best[int(other)] = max(best.get(int(other), (0.0, 0)), (float(similarity), -int(text)))
        firsts = [rows[0] for rows in self.rows_of.values()]
        leaks = []
        for row, key in enumerate(split_keys(split) if split else ()):
            position = self._held_out.get(key)
            if position in best:
                similarity, text = best[position]
                leaks.append((firsts[-text], row, similarity))
        first, second, scores = zip(*leaks, strict=True) if leaks else ((), (), ())
        return NearPairs(np.array(first, dtype=int), np.array(second, dtype=int), np.array(scores, dtype=float))

    def _leaked(self, split: Split | None) -> Leaked:
        if split is None:
            return 0, 0, ()
        labels = self.dataset.train.labels
        count = other = 0
        seen: dict[int, None] = {}
        for key, row_labels in zip(split_keys(split), split.labels, strict=True):
            rows = self.rows_of.get(key)
            if rows:
                count += 1
                other += row_labels not in {labels[r] for r in rows}
                seen.update(dict.fromkeys(rows))
        return count, other, tuple(seen)


def split_keys(split: Split) -> tuple[str, ...]:
    """(n,) normalised texts."""
    return tuple(text_key(text) for text in split.texts)


def example_rows(flags: Sequence[bool] | npt.NDArray[np.bool_]) -> tuple[int, ...]:
    """The first positions that are True, at most SHOWN_ROWS."""
    return tuple(int(row) for row in np.flatnonzero(np.asarray(flags, dtype=bool))[:SHOWN_ROWS])
