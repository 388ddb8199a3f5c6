"""Find near-duplicate texts: rows that differ by a typing error, punctuation or word order.

Two texts are near-duplicates if few edits lead from one to the other (a letter or ideograph replaced, deleted or
inserted, or two adjacent ones swapped): one edit, or one per ten characters, whichever is more. Case, width, spacing
and punctuation are ignored; reordering the words (of Chinese: the ideographs) costs one edit. Every returned pair is
verified by that rule; the following only generates candidates:

* equal letters and digits, or the same words in another order: one hash per text;
* one edit: texts of up to DELETIONS_UP_TO characters share a key when one character is deleted from either, which finds
  every such pair; MinHash alone misses many, since one of five ideographs is a third of the shingles;
* several edits in longer texts: MinHash over character shingles, in bands.

Keys are sorted numpy hashes, so that rows with the same key are adjacent. A million synthetic rows of 40 characters
take 13 s and 581 MiB beyond the texts. datasketch, the usual library for the last step, takes 14 s for a hundred
thousand rows, for which this module takes 2 s, needs 323 MiB instead of 102, and returns 18 million candidates, since
it pairs all rows of a template, here a tenth of the rows, with each other (benchmarks/assess_duplicates.py --scale).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from rankfirst.measure.scores import Bools, Floats

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

# Edits per character of the longer text that still count as near.
EDITS_PER_CHARACTER: Final = 0.1
# Letters, digits or ideographs of the longer text. In a shorter text one edit, or another order, makes another word
# (assumption; of the natural pairs of SMP2017 below six characters 93% have equal labels, of longer ones 100%:
# benchmarks/results/assess_duplicates_clean.csv).
SHORTEST_EDITED: Final = 4
# Characters of a text that are compared; beyond that only the lengths must agree.
COMPARED: Final = 2_000
# Characters up to which every one-edit pair is found; longer texts share enough shingles for MinHash.
DELETIONS_UP_TO: Final = 32
# Characters from which two edits are allowed, so that MinHash can find additional pairs.
SHINGLED_FROM: Final = 20
# MinHash: bands of hashes. Of pairs that share 0.7 of their shingles (one edit in 20 letters) 95% collide in a band, of
# those that share 0.85 (one in 40) 99.9%.
BANDS: Final = 10
ROWS_PER_BAND: Final = 4
# Rows that share one key: up to this number all pairs are candidates; more are linked to the first and along a chain.
ALL_PAIRS_UP_TO: Final = 8
# Training rows that a row of another split is compared with, per key.
AGAINST_EACH: Final = 8
# Keys or characters processed at once: limits the memory.
CHUNK: Final = 2_000_000

_RANDOM = np.random.default_rng(0)
# Position weights and MinHash constants: any odd numbers work.
_WEIGHTS: Final[Words] = _RANDOM.integers(1, 2**63, COMPARED + 2, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_FACTORS: Final = _RANDOM.integers(1, 2**31, BANDS * ROWS_PER_BAND, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
_MASKS: Final = _RANDOM.integers(0, 2**32, BANDS * ROWS_PER_BAND, dtype=np.uint32)


@dataclass(frozen=True)
class NearPairs:
    """Near-duplicates, sorted by `first` and `second`; no repeated pairs, and no row paired with itself."""

    first: Ints  # (m,) index into `texts`
    second: Ints  # (m,) index into `texts`, greater than `first`; or into `against`
    similarity: Floats  # (m,) 1 - edits / characters of the longer text; at least 0.75

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True)
class _Forms:
    """Letters, digits and ideographs of all texts, concatenated."""

    codes: npt.NDArray[np.uint32]  # (N,) code points
    letters: str  # (N,) the same as a string
    heads: Bools  # (N,) whether a word or an ideograph begins here
    starts: Ints  # (n + 1,) start of each row in `codes`
    whole: Ints  # (n,) length of each text before truncation, in characters

    @property
    def sizes(self) -> Ints:
        return np.diff(self.starts)


def near_pairs(texts: Sequence[str], against: Sequence[str] = ()) -> tuple[NearPairs, NearPairs]:
    """Find near-duplicates among `texts`, and of `texts` in `against`; time and memory are nearly linear in both.

    Args:
        texts: (n,) normalised by `texts.text_key`, preferably distinct (equal texts are also near-duplicates).
        against: (k,) normalised.
    Rows that share a key are linked to the first of them and along a chain, not all with all: the pairs of a template
    that fills a table grow linearly with it, and still connect the whole cluster.
    """
    both, n = [*texts, *against], len(texts)
    if not both:
        return _pairs(np.empty((0, 3)), 0), _pairs(np.empty((0, 3)), 0)
    forms = _forms(both)
    whole, words = _text_hashes(forms)
    inside, across = [np.empty((0, 3))], [np.empty((0, 3))]
    for keys, rows in _keys(forms, whole, words):
        for shared, sharing in _shared(_packed(keys, rows, len(both)), len(both)):
            train = sharing < n
            inside.append(_verified(forms, words, *_linked(shared[train], sharing[train])))
            across.append(_verified(forms, words, *_across(shared, sharing, n)))
    return _pairs(np.concatenate(inside), 0), _pairs(np.concatenate(across), n)


def _pairs(table: Floats, shift: int) -> NearPairs:
    """Build pairs from `table` without repetitions; indexes into `against` start at `shift`."""
    table = table[np.lexsort((table[:, 1], table[:, 0]))]
    fresh = np.ones(len(table), dtype=bool)
    fresh[1:] = (table[1:, :2] != table[:-1, :2]).any(axis=1)
    first, second = table[fresh, :2].astype(np.int64).T
    return NearPairs(first, second - shift, table[fresh, 2])


def _forms(texts: Sequence[str]) -> _Forms:
    codes, strings, heads, sizes = [], [], [], []
    for low in range(0, len(texts), 50_000):
        part = [text[:COMPARED] for text in texts[low : low + 50_000]]
        points = np.frombuffer("\n".join([*part, ""]).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        letters, ideographs = _kinds(points)
        kept, apart = letters[points], ideographs[points]
        begins = kept & apart
        begins[0] = kept[0]
        begins[1:] |= kept[1:] & (~kept[:-1] | apart[:-1])
        ends = np.flatnonzero(points == 10)
        counted = np.concatenate(([0], np.cumsum(kept)))[ends]
        sizes.append(np.diff(counted, prepend=0))
        codes.append(points[kept])
        strings.append(codes[-1].tobytes().decode("utf-32-le", "surrogatepass"))
        heads.append(begins[kept])
    starts = np.concatenate(([0], np.cumsum(np.concatenate(sizes)))).astype(np.int64)
    whole = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    return _Forms(np.concatenate(codes), "".join(strings), np.concatenate(heads), starts, whole)


def _kinds(points: npt.NDArray[np.uint32]) -> tuple[Bools, Bools]:
    """Lookup tables over code points, valid for those in `points`: counts as a letter; is an ideograph."""
    present = np.flatnonzero(np.bincount(points))
    letters = np.zeros(int(present.max()) + 1, dtype=bool)
    ideographs = letters.copy()
    for code in present:
        letters[code] = bool(re.match(r"[^\W_]", chr(code)))
        ideographs[code] = letters[code] and _is_ideograph(int(code))
    return letters, ideographs


def _is_ideograph(code: int) -> bool:
    return 0x2E80 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x323AF


def _mixed(values: Words) -> Words:
    """Hash each value to 64 well-distributed bits (the finaliser of splitmix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _keys(forms: _Forms, whole: Words, words: Words) -> Iterator[tuple[Words, Ints]]:
    """Keys and the row of each key; rows that share a key are candidates."""
    sizes = forms.sizes
    filled = np.flatnonzero(sizes > 0)
    yield whole[filled], filled
    yield words[filled], filled
    for size in range(SHORTEST_EDITED, DELETIONS_UP_TO + 1):
        longer = np.flatnonzero(sizes == size)
        if longer.size:
            shorter = np.flatnonzero(sizes == size - 1)
            yield (
                np.concatenate((_left_out(forms, longer, size).ravel(), _whole(forms, shorter, size - 1))),
                np.concatenate((np.repeat(longer, size), shorter)),
            )
    long = np.flatnonzero(sizes >= SHINGLED_FROM)
    if long.size:
        signatures = np.concatenate([_signatures(forms, part) for part in _by_characters(long, sizes)])
        for band in range(BANDS):
            yield signatures[:, band].copy(), long


def _by_characters(rows: Ints, sizes: Ints) -> list[Ints]:
    """Split `rows` into pieces of about CHUNK / 2 characters."""
    cuts = np.flatnonzero(np.diff(np.cumsum(sizes[rows]) // (CHUNK // 2)))
    return np.split(rows, cuts + 1)


def _positions(rows: Ints, starts: Ints, sizes: Ints) -> tuple[Ints, Ints]:
    """Indexes into `codes` of all characters of `rows`, and the position of each within its row."""
    counts = sizes[rows]
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(starts[rows], counts) + within, within


def _text_hashes(forms: _Forms) -> tuple[Words, Words]:
    """(n,) hash of the characters in order; (n,) hash of the words regardless of order. 0 for empty rows."""
    sizes, n = forms.sizes, len(forms.whole)
    whole, words = np.zeros(n, dtype=np.uint64), np.zeros(n, dtype=np.uint64)
    for rows in _by_characters(np.flatnonzero(sizes > 0), sizes):
        if not rows.size:
            continue
        at, within = _positions(rows, forms.starts, sizes)
        codes = _mixed(forms.codes[at].astype(np.uint64))
        begins = np.cumsum(sizes[rows]) - sizes[rows]
        whole[rows] = np.add.reduceat(codes * _WEIGHTS[within], begins)
        heads = np.flatnonzero(forms.heads[at])
        in_word = within - within[heads][np.cumsum(forms.heads[at]) - 1]
        hashes = _mixed(np.add.reduceat(codes * _WEIGHTS[in_word], heads))
        words[rows] = np.add.reduceat(hashes, np.searchsorted(heads, begins))
    return whole, words


def _matrix(forms: _Forms, rows: Ints, size: int) -> Words:
    return _mixed(forms.codes[forms.starts[rows][:, None] + np.arange(size)].astype(np.uint64))


def _whole(forms: _Forms, rows: Ints, size: int) -> Words:
    """(k,) keys of texts that all have `size` characters; comparable with `_left_out` of `size` + 1."""
    keys = [
        (_matrix(forms, part, size) * _WEIGHTS[1 : size + 1]).sum(axis=1, dtype=np.uint64)
        for part in _parts(rows, size)
    ]
    return np.concatenate(keys)


def _left_out(forms: _Forms, rows: Ints, size: int) -> Words:
    """(k, size) keys of texts that all have `size` characters, with each character deleted in turn."""
    deletion_keys = np.empty((len(rows), size), dtype=np.uint64)
    low = 0
    for part in _parts(rows, size):
        codes = _matrix(forms, part, size)
        before = np.cumsum(codes * _WEIGHTS[1 : size + 1], axis=1)
        after = np.cumsum(codes * _WEIGHTS[:size], axis=1)
        keys = after[:, -1:] - after
        keys[:, 1:] += before[:, :-1]
        deletion_keys[low : low + len(part)] = keys
        low += len(part)
    return deletion_keys


def _parts(rows: Ints, size: int) -> list[Ints]:
    return np.array_split(rows, max(1, len(rows) * size // (CHUNK // 2)))


def _signatures(forms: _Forms, rows: Ints) -> Words:
    """(k, BANDS) MinHash bands over shingles of two ideographs or three letters."""
    sizes = forms.sizes
    at, within = _positions(rows, forms.starts, sizes)
    codes = forms.codes[at]
    spread = codes.astype(np.uint64)
    left = np.repeat(sizes[rows], sizes[rows]) - within  # characters from here to the end of the row
    pairs = spread[:-2] * _WEIGHTS[0] + spread[1:-1] * _WEIGHTS[1]
    dense = codes[:-2] >= 0x2E80
    shingles = np.where(dense, pairs, pairs + spread[2:] * _WEIGHTS[2])
    valid = left[:-2] >= np.where(dense, 2, 3)
    hashes = (_mixed(shingles[valid]) >> np.uint64(32)).astype(np.uint32)
    ends = np.concatenate(([0], np.cumsum(valid)))
    begins = ends[np.cumsum(sizes[rows]) - sizes[rows]]
    bands = np.zeros((len(rows), BANDS), dtype=np.uint64)
    for k, (factor, mask) in enumerate(zip(_FACTORS, _MASKS, strict=True)):
        least = np.minimum.reduceat((hashes ^ mask) * factor, begins).astype(np.uint64)
        bands[:, k // ROWS_PER_BAND] += (least + np.uint64(1)) * _WEIGHTS[k]
    return bands


def _packed(keys: Words, rows: Ints, n: int) -> Words:
    """Sorted; the key's hash in the high bits, the row in the low ones."""
    bits = np.uint64(max(1, (n - 1).bit_length()))
    packed = (_mixed(keys) >> bits << bits) | rows.astype(np.uint64)
    packed.sort()
    return packed


def _shared(packed: Words, n: int) -> Iterator[tuple[Words, Ints]]:
    """Keys shared by several rows, with those rows, in pieces; rows are ascending and distinct within a key."""
    bits = np.uint64(max(1, (n - 1).bit_length()))
    low = 0
    while low < len(packed):
        high = min(low + CHUNK, len(packed))
        while high < len(packed) and packed[high] >> bits == packed[high - 1] >> bits:
            high += 1
        part = packed[low:high]
        low = high
        part = part[np.concatenate(([True], part[1:] != part[:-1]))]
        keys = part >> bits
        same = keys[1:] == keys[:-1]
        shared = np.concatenate((same, [False])) | np.concatenate(([False], same))
        rows = part[shared] & ((np.uint64(1) << bits) - np.uint64(1))
        if rows.size:
            yield keys[shared], rows.astype(np.int64)


def _buckets(keys: Words) -> tuple[Ints, Ints]:
    """(k,) start of the bucket of each key; (k,) its size."""
    begins = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    sizes = np.diff(np.concatenate((begins, [len(keys)])))
    return np.repeat(begins, sizes), np.repeat(sizes, sizes)


def _linked(keys: Words, rows: Ints) -> tuple[Ints, Ints]:
    """All pairs of a small bucket; a star and a chain of a large one. Rows are ascending within a bucket."""
    if not rows.size:
        return rows, rows
    begins, sizes = _buckets(keys)
    at = np.arange(len(rows))
    pairs = [(begins, at), (np.maximum(at - 1, begins), at)]
    for step in range(2, ALL_PAIRS_UP_TO):
        inside = np.flatnonzero((at - step > begins) & (sizes <= ALL_PAIRS_UP_TO))
        pairs.append((inside - step, inside))
    first, second = (np.concatenate(side) for side in zip(*pairs, strict=True))
    apart = first != second
    return _distinct(rows[first[apart]], rows[second[apart]])


def _across(keys: Words, rows: Ints, train: int) -> tuple[Ints, Ints]:
    """Pair every row from `train` on with the first few of its bucket below `train`."""
    begins, _ = _buckets(keys)
    looking = np.flatnonzero(rows >= train)
    pairs = []
    for step in range(AGAINST_EACH):
        there = begins[looking] + step
        inside = (there < looking) & (rows[np.minimum(there, len(rows) - 1)] < train)
        pairs.append((there[inside], looking[inside]))
    first, second = (np.concatenate(side) for side in zip(*pairs, strict=True))
    return _distinct(rows[first], rows[second])


def _distinct(a: Ints, b: Ints) -> tuple[Ints, Ints]:
    """Remove repeated pairs."""
    n = int(b.max(initial=0)) + 1
    codes = a * n + b
    codes.sort()
    codes = codes[np.diff(codes, prepend=-1) > 0]
    return codes // n, codes % n


def _verified(forms: _Forms, words: Words, a: Ints, b: Ints) -> Floats:
    """(m, 3) row, row, similarity of the candidates that are near-duplicates."""
    sizes = forms.sizes
    longer = np.maximum(sizes[a], sizes[b])
    limit = np.maximum(longer >= SHORTEST_EDITED, longer * EDITS_PER_CHARACTER).astype(np.int64)
    whole = np.maximum(forms.whole[a], forms.whole[b])
    gap = np.abs(forms.whole[a] - forms.whole[b])
    fits = (np.abs(sizes[a] - sizes[b]) <= limit) & ((whole <= COMPARED) | (gap <= whole * EDITS_PER_CHARACTER))
    a, b, longer, limit = a[fits], b[fits], longer[fits], limit[fits]
    edits = _edits(forms, a, b, int(limit.max(initial=0)))
    moved = (words[a] == words[b]) & (longer >= SHORTEST_EDITED)
    edits[moved] = np.minimum(edits[moved], 1)
    near = (edits <= limit) | moved
    return np.column_stack((a[near], b[near], 1 - edits[near] / longer[near]))


def _edits(forms: _Forms, a: Ints, b: Ints, most: int) -> Ints:
    """(m,) edit distances between the letters of two rows; anything above `most` is `most` + 1."""
    if not a.size:
        return np.empty(0, dtype=np.int64)
    letters = forms.letters
    left, right = (
        [
            letters[low:high]
            for low, high in zip(forms.starts[rows].tolist(), forms.starts[rows + 1].tolist(), strict=True)
        ]
        for rows in (a, b)
    )
    return cpdist(left, right, scorer=OSA.distance, score_cutoff=most, dtype=np.int32).astype(np.int64)
