"""Distribution shift: what is found of a planted one, and how often two halves of one sample are called different.

Usage: python -m benchmarks.assess_shift CASE [SET ...]    (sets of RANKFIRST_SHARED/data; appends to
results/assess_shift.csv; skipped when the sets are absent). CASE is one of:
  features  compute the encoder's features of the sets and keep them in a temporary folder for the other cases
  topic     5% of the second sample belong to a class that the first has not: AUROC of those rows against the others'
            (average and worst over the classes drawn), how often the shift is found, with and without an encoder
  oos       CLINC150's out-of-scope rows against its test rows
  typos     20% of the second sample have two typing errors each (no encoder)
  prior     class sizes multiplied by e^N(0, 0.5)
  random    two random samples: how often they are called different; random-texts: the same without an encoder
  official  the sets' own train against val and test, which may differ in earnest
  size      `topic` by rows of the second sample
Rows without p_under_5 were measured with seven tests, before n-grams never used before became the eighth.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from benchmarks.end_results import SHARED
from benchmarks.tables import append
from rankfirst.data import load_dataset, read_texts
from rankfirst.data.files.texts import text_key
from rankfirst.data.shift.compare import ALPHA, Side, run_tests, shift
from rankfirst.data.shift.uncovered_rows import RATE
from rankfirst.records import Dataset, Split, Verdict

ENGLISH = {"banking77", "clinc150", "snips", "mixatis", "mixsnips"}
SETS = ("banking77", "clinc150", "snips", "smp2017", "tnews", "crosswoz_acts")
KEPT = Path(tempfile.gettempdir()) / "rankfirst_shift_features"
SHARE = 0.05  # of the planted topic
ROWS = 1_000  # of the second sample, at most
KNOWN = 4_000  # of the first sample, at most
CLASSES = 6  # drawn a set


class Pool:
    """All distinct rows of a set."""

    def __init__(self, name: str, encoder: bool) -> None:
        self.name, self.encoder = name, encoder
        folder = SHARED / "data" / name
        self.dataset = load_dataset(folder / "train.csv", folder / "val.csv", folder / "test.csv")
        self.texts, self.labels, self.where = _all_rows(self.dataset, folder)
        self.main = np.array([row[0] if row else -1 for row in self.labels])
        self.features = np.load(KEPT / f"{name}.npy") if encoder else None
        first_occurrences = {text_key(text): i for i, text in reversed(list(enumerate(self.texts)))}
        self.rows = np.array(sorted(i for i in first_occurrences.values() if self.where[i] < 3))

    def carries(self, rows: np.ndarray, label: int) -> np.ndarray:
        return np.array([label in self.labels[i] for i in rows])

    def side(self, rows: np.ndarray, labelled: bool = True) -> Side:
        return Side(
            [self.texts[i] for i in rows],
            [self.labels[i] for i in rows] if labelled else None,
            None if self.features is None else self.features[rows],
        )


def _all_rows(dataset: Dataset, folder: Path) -> tuple[list[str], list[tuple[int, ...]], np.ndarray]:
    """Rows of train, val, test, and out-of-scope rows where there are any (3)."""
    splits = dataset.train, dataset.val, dataset.test
    texts = [text for split in splits for text in split.texts]
    labels = [row for split in splits for row in split.labels]
    where = np.repeat([0, 1, 2], [len(split) for split in splits])
    if (folder / "oos.csv").exists():
        foreign, _ = read_texts(folder / "oos.csv")
        texts, labels = texts + list(foreign), labels + [()] * len(foreign)
        where = np.concatenate([where, np.full(len(foreign), 3)])
    return texts, labels, where


def encode(name: str) -> None:
    """Mean-pooled features of every row of a set."""
    from rankfirst.engine.base_models import sources
    from rankfirst.engine.local import LocalEngine

    if (KEPT / f"{name}.npy").exists():
        return
    pool = Pool(name, False)
    few, every = Split(tuple(pool.texts[:200]), tuple(pool.labels[:200])), Split(tuple(pool.texts), tuple(pool.labels))
    data = Dataset(name, pool.dataset.classes, pool.dataset.multi_label, few, few, every)
    base = sources.DEFAULT_EN if name in ENGLISH else str(SHARED / "models" / "e5-small-zh")
    with tempfile.TemporaryDirectory() as work:
        features = LocalEngine(data, sources.resolve(base), Path(work)).features("test")["mean"]
    KEPT.mkdir(exist_ok=True)
    np.save(KEPT / f"{name}.npy", features)


def topic(pool: Pool, limit: int = ROWS) -> None:
    """A class that the first sample has not."""
    rng = np.random.default_rng(0)
    counts = np.bincount(pool.main[pool.rows], minlength=len(pool.dataset.classes))
    drawn = rng.permutation(np.flatnonzero(counts >= 20))[:CLASSES]
    found, sizes, began = [], [], time.perf_counter()
    for label in drawn:
        own = pool.carries(pool.rows, label)
        others = rng.permutation(pool.rows[~own])
        size = int(min(limit, own.sum() / SHARE, len(others) // 2))
        slice_rows = rng.permutation(pool.rows[own])[: round(SHARE * size)]
        rest = others[: size - len(slice_rows)]
        after = rng.permutation(np.concatenate([rest, slice_rows]))
        found.append(_judge(pool, others[len(rest) :][:KNOWN], after, np.isin(after, slice_rows)))
        sizes.append(size)
    _row(pool, "topic" if limit == ROWS else f"topic {limit}", found, int(np.mean(sizes)), began)


def oos(pool: Pool) -> None:
    """Rows of no class: all of CLINC150's, and 5% of them among its test rows."""
    rng = np.random.default_rng(0)
    test, foreign = np.flatnonzero(pool.where == 2), np.flatnonzero(pool.where == 3)
    train = rng.permutation(np.flatnonzero(pool.where == 0))
    for case, some in (("oos 1200 of 4200", foreign), ("oos 5%", rng.permutation(foreign)[:150])):
        began = time.perf_counter()
        after = rng.permutation(np.concatenate([rng.permutation(test)[: 3000 - len(some)], some]))
        found = _judge(pool, train, after, np.isin(after, some))
        _row(pool, case.replace("4200", "3000"), [found], len(after), began)


def typos(pool: Pool) -> None:
    """Two characters of a fifth of the texts dropped, doubled, swapped or replaced."""
    found, began = [], time.perf_counter()
    for draw in range(5):
        rng = np.random.default_rng(draw)
        known, new, size = _halves(pool, rng, ROWS)
        known_side, side = pool.side(known), pool.side(new)
        spoiled = set(rng.permutation(size)[: size // 5].tolist())
        texts = [_typo(text, rng) if i in spoiled else text for i, text in enumerate(side.texts)]
        found.append(_verdict(pool, known_side, Side(texts, side.labels, side.features), draw))
    _row(pool, "typos", found, size, began)


def _typo(text: str, rng: np.random.Generator) -> str:
    letters = list(text)
    for _ in range(2):
        at = int(rng.integers(0, max(1, len(letters) - 1)))
        kind = int(rng.integers(0, 3))
        if kind == 0 and len(letters) > 2:
            del letters[at]
        elif kind == 1:
            letters.insert(at, letters[at])
        else:
            letters[at : at + 2] = reversed(letters[at : at + 2])
    return "".join(letters)


def prior(pool: Pool) -> None:
    """Classes that grow and shrink."""
    found, began = [], time.perf_counter()
    for draw in range(5):
        rng = np.random.default_rng(draw)
        weight = np.exp(rng.normal(0, 0.5, len(pool.dataset.classes)))[pool.main[pool.rows]]
        size = min(ROWS, len(pool.rows) // 3)
        new = rng.choice(pool.rows, size, replace=False, p=weight / weight.sum())
        known = rng.permutation(np.setdiff1d(pool.rows, new))[:KNOWN]
        found.append(_verdict(pool, pool.side(known), pool.side(new), draw))
    _row(pool, "prior", found, size, began)


def chance(pool: Pool, draws: int = 100) -> None:
    """Two random samples."""
    found, began = [], time.perf_counter()
    for draw in range(draws):
        known, new, size = _halves(pool, np.random.default_rng(1000 + draw), 800)
        found.append(_verdict(pool, pool.side(known[:1000]), pool.side(new), draw))
    _row(pool, "random", found, size, began)


def official(pool: Pool) -> None:
    """The splits as they were published."""
    for split, name in ((1, "val"), (2, "test")):
        began = time.perf_counter()
        known, new = (pool.side(np.flatnonzero(pool.where == own)) for own in (0, split))
        _row(pool, f"official {name}", [_verdict(pool, known, new, 0)], len(new), began)


def _halves(pool: Pool, rng: np.random.Generator, limit: int) -> tuple[np.ndarray, np.ndarray, int]:
    rows, size = rng.permutation(pool.rows), min(limit, len(pool.rows) // 2)
    return rows[size:][:KNOWN], rows[:size], size


def _judge(pool: Pool, known: np.ndarray, after: np.ndarray, planted: np.ndarray) -> dict[str, object]:
    """The second sample comes without labels, as a new file does."""
    data = pool.dataset
    seen = run_tests(pool.side(known), pool.side(after, labelled=False), data.classes, data.multi_label, 0)
    flagged = seen.foreign.scores > 1
    return _verdict(pool, pool.side(known), pool.side(after, labelled=False), 0) | {
        "row_auroc": roc_auc_score(planted, seen.foreign.scores),
        "recall": float(flagged[planted].mean()),
        "false": float(flagged[~planted].mean()),
    }


def _verdict(pool: Pool, known: Side, new: Side, seed: int) -> dict[str, object]:
    data = pool.dataset
    found = shift(known, new, "compare", data.classes, multi_label=data.multi_label, seed=seed)
    numbers = found.numbers
    return {
        "found": found.verdict is Verdict.PRESENT,
        "auroc": numbers["auroc"],
        "over_chance": float(numbers["auroc"]) > float(numbers["chance"]),
        "evidence": numbers["evidence"],
        "low": float(numbers["p"]) <= 0.05,
        "flagged": float(numbers["outside"]) / float(numbers["looked"]),
    }


def _row(pool: Pool, case: str, found: list[dict[str, object]], rows: int, began: float) -> None:
    def mean(key: str) -> object:
        return round(float(np.mean([row[key] for row in found])), 3) if key in found[0] else ""

    judged = [row["row_auroc"] for row in found if "row_auroc" in row]
    present = [row["evidence"] for row in found if row["found"]]
    append("assess_shift", {
        "date": time.strftime("%Y-%m-%d"), "set": pool.name, "encoder": pool.encoder, "case": case,
        "draws": len(found), "rows": rows, "limit": ALPHA, "found": mean("found"),
        "row_auroc": mean("row_auroc"), "worst": round(float(min(judged)), 3) if judged else "",
        "recall": mean("recall"), "false": mean("false"), "rate": RATE, "flagged": mean("flagged"),
        "auroc": mean("auroc"), "over_chance": mean("over_chance"), "p_under_5": mean("low"),
        "evidence": "|".join(f"{name} {present.count(name)}" for name in sorted(set(present))),
        "seconds": round((time.perf_counter() - began) / len(found), 2),
    })  # fmt: skip


def main(case: str, names: list[str]) -> None:
    """Measure one case on each set."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    for name in names or list(SETS):
        if case == "features":
            encode(name)
            continue
        for encoder in (True, False):
            pool = Pool(name, encoder)
            if case == "size":
                for limit in (200, 400, 700):
                    topic(pool, limit)
            elif case == ("random" if encoder else "random-texts"):
                chance(pool)
            elif case == "official" and encoder:
                official(pool)
            elif case == "typos" and not encoder:
                typos(pool)
            elif case in ("topic", "prior", "oos"):
                {"topic": topic, "prior": prior, "oos": oos}[case](pool)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
