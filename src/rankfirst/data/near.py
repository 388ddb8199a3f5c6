"""Near-duplicate texts: which rows differ by a slip of the keyboard, punctuation or the order of words.

Two texts are near when few edits lead from one to the other (a letter or ideograph replaced, dropped, added, or two
neighbours swapped): one edit, or one in ten characters, whichever is more. Case, width, spacing and punctuation are
free; putting the words (of Chinese: the ideographs) in another order costs one edit. Every pair returned was checked
by that rule, so what follows only decides which pairs are looked at:

* equal letters and digits, or the same words in another order: one hash a text;
* one edit: texts up to DELETIONS_UP_TO characters share a key when one character is left out of either, which brings
  every such pair together; MinHash alone misses many, since one of five ideographs is a third of the shingles;
* several edits in longer texts: MinHash over character shingles, in bands.

Keys are numpy hashes, sorted; whoever shares a key stands side by side. A million synthetic rows of 40 characters
take 13 s and 581 MiB beyond the texts. datasketch, the usual library for the last step, takes 14 s for a hundred
thousand where this takes 2 s, needs 323 MiB where this needs 102, and hands back 18 million candidates, as all rows
of a template meet all others: a tenth of the rows is one (benchmarks/assess_duplicates.py --scale).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]

# Edits a character of the longer text that still count as near.
EDITS_PER_CHARACTER: Final = 0.1
# Letters, digits or ideographs of the longer text. Fewer, and one edit, or another order, makes another word
# (assumption; from here on the natural pairs of SMP2017 under six characters have equal labels in 93%, longer in 100%:
# benchmarks/results/assess_duplicates_clean.csv).
SHORTEST_EDITED: Final = 4
# Characters of a text that are compared; beyond, texts only need lengths that agree.
COMPARED: Final = 2_000
# Characters up to which every one-edit pair is found; longer texts keep enough shingles for MinHash.
DELETIONS_UP_TO: Final = 32
# Characters from which two edits are allowed, so that MinHash has something to add.
SHINGLED_FROM: Final = 20
# MinHash: bands of hashes. With 0.7 of the shingles shared (one edit in 20 letters) 95% of the pairs meet in a band,
# with 0.85 (one in 40) 99.9%.
BANDS: Final = 10
ROWS_PER_BAND: Final = 4
# Rows that share one key: up to so many, all pairs are looked at; more are linked to the first and along a chain.
ALL_PAIRS_UP_TO: Final = 8
# Training rows that one row of another split is compared with, a key.
AGAINST_EACH: Final = 8
# Keys or characters handled at once: bounds the memory.
CHUNK: Final = 2_000_000

_RANDOM = np.random.default_rng(0)
# Weights of positions, constants of MinHash: any odd numbers will do.
_WEIGHTS: Final[Words] = _RANDOM.integers(1, 2**63, COMPARED + 2, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_FACTORS: Final = _RANDOM.integers(1, 2**31, BANDS * ROWS_PER_BAND, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
_MASKS: Final = _RANDOM.integers(0, 2**32, BANDS * ROWS_PER_BAND, dtype=np.uint32)


@dataclass(frozen=True)
class NearPairs:
    """Near-duplicates, sorted by `first` and `second`; no pair twice, none of a row with itself."""

    first: Ints  # (m,) position in `texts`
    second: Ints  # (m,) position in `texts`, behind `first`; or in `against`
    similarity: Floats  # (m,) 1 - edits / characters of the longer text; at least 0.75

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True)
class _Forms:
    """Letters, digits and ideographs of every text, one after the other."""

    codes: npt.NDArray[np.uint32]  # (N,) code points
    letters: str  # (N,) the same
    heads: Bools  # (N,) a word or an ideograph begins here
    starts: Ints  # (n + 1,) where each row begins in `codes`
    whole: Ints  # (n,) characters of each text before it was cut

    @property
    def sizes(self) -> Ints:
        return np.diff(self.starts)


def near_pairs(texts: Sequence[str], against: Sequence[str] | None = None) -> NearPairs:
    """Pairs of near-duplicates; time and memory near-linear in the number of texts.

    Args:
        texts: (n,) normalised by `texts.text_key`, best without repetitions (equal texts are near, too).
        against: (k,) normalised; pairs then join a text with one of `against` instead of another text.
    Rows that share a key are linked to the first of them and along a chain, not all with all: the pairs of a template
    that fills a table grow with the table, not with its square, and still join the whole cluster.
    """
    if against is None:
        return _search(texts, (), within=True)[0]
    return _search(texts, against, within=False)[1]


def near_within_and_across(texts: Sequence[str], against: Sequence[str]) -> tuple[NearPairs, NearPairs]:
    """`near_pairs(texts)` and `near_pairs(texts, against)` for little more than the price of the first."""
    return _search(texts, against, within=True)


def _search(texts: Sequence[str], against: Sequence[str], within: bool) -> tuple[NearPairs, NearPairs]:
    both, n = [*texts, *against], len(texts)
    if not both:
        return _pairs(np.empty((0, 3)), 0), _pairs(np.empty((0, 3)), 0)
    forms = _forms(both)
    whole, words = _text_hashes(forms)
    inside, across = [np.empty((0, 3))], [np.empty((0, 3))]
    for keys, rows in _keys(forms, whole, words):
        for shared, sharing in _shared(_packed(keys, rows, len(both)), len(both)):
            if within:
                train = sharing < n
                inside.append(_verified(forms, words, *_linked(shared[train], sharing[train])))
            across.append(_verified(forms, words, *_across(shared, sharing, n)))
    return _pairs(np.concatenate(inside), 0), _pairs(np.concatenate(across), n)


def _pairs(table: Floats, shift: int) -> NearPairs:
    """`table` without repetitions; positions in `against` are counted from `shift`."""
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
    """Tables over code points, right for those in `points`: counts as a letter; is an ideograph."""
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
    """Well-spread 64 bits of each value (the finaliser of splitmix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _keys(forms: _Forms, whole: Words, words: Words) -> Iterator[tuple[Words, Ints]]:
    """Keys and the row of each key; rows that share one are worth a look."""
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
    """`rows` in pieces of about CHUNK / 2 characters."""
    cuts = np.flatnonzero(np.diff(np.cumsum(sizes[rows]) // (CHUNK // 2)))
    return np.split(rows, cuts + 1)


def _positions(rows: Ints, starts: Ints, sizes: Ints) -> tuple[Ints, Ints]:
    """Places in `codes` of all characters of `rows`, and the position of each within its row."""
    counts = sizes[rows]
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(starts[rows], counts) + within, within


def _text_hashes(forms: _Forms) -> tuple[Words, Words]:
    """(n,) hash of the characters in order; (n,) hash of the words whatever their order. Empty rows: 0."""
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
    """(k, size) keys of texts that all have `size` characters, each character left out in turn."""
    found = np.empty((len(rows), size), dtype=np.uint64)
    low = 0
    for part in _parts(rows, size):
        codes = _matrix(forms, part, size)
        before = np.cumsum(codes * _WEIGHTS[1 : size + 1], axis=1)
        after = np.cumsum(codes * _WEIGHTS[:size], axis=1)
        keys = after[:, -1:] - after
        keys[:, 1:] += before[:, :-1]
        found[low : low + len(part)] = keys
        low += len(part)
    return found


def _parts(rows: Ints, size: int) -> list[Ints]:
    return np.array_split(rows, max(1, len(rows) * size // (CHUNK // 2)))


def _signatures(forms: _Forms, rows: Ints) -> Words:
    """(k, BANDS) MinHash bands over shingles: two ideographs, or three letters."""
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
    """Sorted: the key's hash in the high bits, the row in the low ones."""
    bits = np.uint64(max(1, (n - 1).bit_length()))
    packed = (_mixed(keys) >> bits << bits) | rows.astype(np.uint64)
    packed.sort()
    return packed


def _shared(packed: Words, n: int) -> Iterator[tuple[Words, Ints]]:
    """Keys that several rows share and those rows, in pieces; rows ascend within a key, none twice."""
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
    """(k,) where the bucket of each key begins; (k,) its size."""
    begins = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    sizes = np.diff(np.concatenate((begins, [len(keys)])))
    return np.repeat(begins, sizes), np.repeat(sizes, sizes)


def _linked(keys: Words, rows: Ints) -> tuple[Ints, Ints]:
    """All pairs of a small bucket; of a large one a star and a chain. Rows ascend within a bucket."""
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
    """Every row from `train` on with the first few of its bucket below `train`."""
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
    """Each pair once."""
    n = int(b.max(initial=0)) + 1
    codes = a * n + b
    codes.sort()
    codes = codes[np.diff(codes, prepend=-1) > 0]
    return codes // n, codes % n


def _verified(forms: _Forms, words: Words, a: Ints, b: Ints) -> Floats:
    """(m, 3) row, row, similarity of those candidates that are near."""
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
    """(m,) edits from one row's letters to the other's; anything beyond `most` is `most` + 1."""
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
