"""Near-duplicates: how many planted edits are found, how many pairs are wrong, how long a million rows take.

Usage: python -m benchmarks.assess_duplicates [SET ...]      (sets of RANKFIRST_SHARED/data, default ../shared)
       python -m benchmarks.assess_duplicates --scale [ROWS ...]    (synthetic rows; datasketch beside it if installed)

Planted: up to 1,000 training rows a set, one edit each, added to train ("within") or held out ("across").
Found: the planted row is paired with its source, or with a natural near-duplicate of its source.
Right: a pair that joins a planted row with either. Natural near-duplicates are the groups found on the clean set, so
precision judges only what planting added; `labels_agree` (share of the clean pairs with equal labels) judges those.
`kept_meaning`: share of the planted rows that would be called a conflict with their source, had they other labels.
"""

import random
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable

from benchmarks.end_results import SHARED
from benchmarks.tables import append
from rankfirst.data import load_dataset
from rankfirst.data.checks.near_conflicts import means_the_same, near_conflict_pairs
from rankfirst.data.checks.near_duplicates import near_duplicate_groups
from rankfirst.data.files.texts import text_key
from rankfirst.data.quality.facts import Facts
from rankfirst.data.quality.near_duplicates import near_pairs

SETS = (
    "banking77",
    "clinc150",
    "snips",
    "mixatis",
    "smp2017",
    "tnews",
    "crosswoz_acts",
    "online_shopping_zh",
    "iflytek",
)
PLANTED = 1_000
SHORT = 6  # characters, under which a row is reported by itself
MARKS = ",.!?，。！？"
Edit = Callable[[str, random.Random, str], str]


def letters_of(text: str) -> list[int]:
    return [i for i, c in enumerate(text) if c.isalnum()]


def case(text: str, rng: random.Random, _: str) -> str:
    return rng.choice((text.upper(), text.title(), text.swapcase()))


def punctuation(text: str, rng: random.Random, _: str) -> str:
    marks = [i for i, c in enumerate(text) if c in MARKS]
    if marks and rng.random() < 0.5:
        at = rng.choice(marks)
        return text[:at] + text[at + 1 :]
    spaces = [i for i, c in enumerate(text) if c == " "]
    at = rng.choice([*spaces, len(text)]) if text.isascii() else rng.randint(1, len(text))
    return text[:at] + rng.choice(MARKS) + text[at:]


def swap(text: str, rng: random.Random, _: str) -> str:
    at = rng.choice([i for i in letters_of(text)[:-1] if text[i + 1].isalnum()] or [0])
    return text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]


def drop(text: str, rng: random.Random, _: str) -> str:
    at = rng.choice(letters_of(text))
    return text[:at] + text[at + 1 :]


def insert(text: str, rng: random.Random, alphabet: str) -> str:
    at = rng.choice(letters_of(text))
    return text[:at] + rng.choice(alphabet) + text[at:]


def replace(text: str, rng: random.Random, alphabet: str) -> str:
    at = rng.choice(letters_of(text))
    return text[:at] + rng.choice(alphabet) + text[at + 1 :]


def words(text: str, rng: random.Random, _: str) -> str:
    """Two words swapped; of a text without spaces two neighbouring pieces of one to three characters."""
    parts = text.split(" ")
    if len(parts) > 2:
        a, b = sorted(rng.sample(range(len(parts)), 2))
        parts[a], parts[b] = parts[b], parts[a]
        return " ".join(parts)
    a, b = rng.randint(1, 3), rng.randint(1, 3)
    at = rng.randint(0, max(0, len(text) - a - b))
    return text[:at] + text[at + a : at + a + b] + text[at : at + a] + text[at + a + b :]


def clauses(text: str, rng: random.Random, _: str) -> str:
    """What stands after a mark, or after a word or ideograph near the middle, goes in front."""
    cuts = [i + 1 for i, c in enumerate(text[:-1]) if c in MARKS]
    if not cuts:
        cuts = [i for i, c in enumerate(text) if c == " "] or list(range(1, len(text)))
        cuts = cuts[len(cuts) // 4 : len(cuts) - len(cuts) // 4] or cuts
    at = rng.choice(cuts or [0])
    return f"{text[at:].strip()} {text[:at].strip()}" if " " in text else text[at:] + text[:at]


def two_typos(text: str, rng: random.Random, alphabet: str) -> str:
    """Beside the target: two edits, in texts long enough for them."""
    if len(letters_of(text)) < 22:
        return text
    return rng.choice((drop, replace))(rng.choice((insert, replace))(text, rng, alphabet), rng, alphabet)


EDITS: dict[str, Edit] = {
    edit.__name__: edit for edit in (case, punctuation, swap, drop, insert, replace, words, clauses, two_typos)
}
BESIDE = {"two_typos"}  # not in the total


def plant(texts: list[str], seed: int) -> list[tuple[str, int, str]]:
    """(edited text, position of its source, kind): kinds in turn, another drawn where one changes nothing.

    No edited text is there already, but for the text of its source (case).
    """
    rng = random.Random(seed)
    used = Counter(c for text in texts for c in text if c.isalpha())
    alphabet = (
        "".join(c for c, _ in used.most_common(400)) if used.keys() - set(map(chr, range(128))) else "".join(used)
    )
    there, found = {text_key(text) for text in texts}, []
    sources = rng.sample(range(len(texts)), min(PLANTED, len(texts) // 2))
    for turn, source in enumerate(sources):
        if not letters_of(texts[source]):
            continue
        first = [*EDITS][turn % len(EDITS)]
        for kind in [first, *rng.sample([*EDITS], len(EDITS))]:
            edited = EDITS[kind](texts[source], rng, alphabet)
            same = text_key(edited) == text_key(texts[source])
            if edited != texts[source] and (kind == "case" if same else text_key(edited) not in there):
                there.add(text_key(edited))
                found.append((edited, source, kind))
                break
    return found


def measure(name: str) -> None:
    """Append a line a kind of edit, within train and across splits, and one on the clean set."""
    folder = SHARED / "data" / name
    facts = Facts(load_dataset(folder / "train.csv", folder / "val.csv", folder / "test.csv"))
    clean_set(name, facts)
    keys = list(facts.rows_of)
    texts = [facts.dataset.train.texts[rows[0]] for rows in facts.rows_of.values()]
    group = {key: position for position, key in enumerate(keys)}
    for number, rows in enumerate(near_duplicate_groups(facts)):
        group.update({facts.keys[row]: -1 - number for row in rows})
    for where in ("within", "across"):
        planted = plant(texts, seed=0 if where == "within" else 1)
        added = [text_key(text) for text, _, _ in planted]
        if where == "within":
            grown = [*keys, *(key for key in added if key not in group)]
            found, first, second = near_pairs(grown)[0], grown, grown
        else:
            found, first, second = near_pairs(keys, added)[1], keys, added
        both = zip(found.first.tolist(), found.second.tolist(), strict=True)
        pairs = [(first[a], second[b]) for a, b in both]
        own = [(b, a) for a, b in pairs if where == "across" or b not in group]
        own += [(a, b) for a, b in pairs if where == "within" and a not in group]
        score(name, where, keys, group, planted, own)


def score(
    name: str,
    where: str,
    keys: list[str],
    group: dict[str, int],
    planted: list[tuple[str, int, str]],
    pairs: list[tuple[str, str]],
) -> None:
    """One line a kind, one for all kinds, two by length; `pairs` are (planted key, the other key)."""
    home = dict(group)
    for text, source, _ in planted:
        home.setdefault(text_key(text), group[keys[source]])
    right: dict[str, bool] = {}
    sides: dict[str, Counter[bool]] = {}
    for own, other in pairs:
        hit = home[own] == home[other]
        right[own] = right.get(own, False) or hit
        sides.setdefault(own, Counter())[hit] += 1
    rows = [(kind, text_key(text), keys[source]) for text, source, kind in planted]
    lines = {kind: [row for row in rows if row[0] == kind] for kind in EDITS}
    usual = [row for row in rows if row[0] not in BESIDE]
    lines["all"] = usual
    lines[f"all under {SHORT}"] = [row for row in usual if len(letters_of(row[2])) < SHORT]
    lines[f"all from {SHORT}"] = [row for row in usual if len(letters_of(row[2])) >= SHORT]
    for kind, some in lines.items():
        hits = sum(key == source or right.get(key, False) for _, key, source in some)
        good = sum(sides.get(key, {}).get(True, 0) for key in {key for _, key, _ in some})
        bad = sum(sides.get(key, {}).get(False, 0) for key in {key for _, key, _ in some})
        append("assess_duplicates", {
            "date": time.strftime("%Y-%m-%d"), "set": name, "where": where, "kind": kind, "planted": len(some),
            "recall": round(hits / len(some), 4) if some else "", "pairs": good + bad,
            "precision": round(good / (good + bad), 4) if good + bad else "",
            "kept_meaning": round(sum(means_the_same(key, source) for _, key, source in some) / max(1, len(some)), 4),
        })  # fmt: skip


def clean_set(name: str, facts: Facts) -> None:
    """What the set holds by itself."""
    began = time.perf_counter()
    pairs, keys, labels = facts.near, list(facts.rows_of), facts.dataset.train.labels
    seconds = time.perf_counter() - began
    carried = [{labels[row] for row in facts.rows_of[key]} for key in keys]
    both = [*zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)]
    agree = [bool(carried[a] & carried[b]) for a, b in both]
    brief = [hit for hit, pair in zip(agree, both, strict=True) if max(len(letters_of(keys[i])) for i in pair) < SHORT]
    append("assess_duplicates_clean", {
        "date": time.strftime("%Y-%m-%d"), "set": name, "rows": len(facts.keys), "texts": len(keys),
        "pairs": len(pairs),
        "labels_agree": round(sum(agree) / max(1, len(agree)), 4),
        "short_pairs": len(brief), "short_labels_agree": round(sum(brief) / len(brief), 4) if brief else "",
        "near_share": round(sum(map(len, near_duplicate_groups(facts))) / len(facts.keys), 4),
        "near_share_same_numbers": round(sum(map(len, near_duplicate_groups(facts, False))) / len(facts.keys), 4),
        "near_conflicts": len(near_conflict_pairs(facts)),
        "near_val_share": round(len(facts.near_leaks_val) / max(1, len(facts.dataset.val)), 4),
        "near_test_share": round(len(facts.near_leaks_test) / max(1, len(facts.dataset.test or ())), 4),
        "seconds": round(seconds, 2),
    })  # fmt: skip


def synthetic(rows: int) -> list[str]:
    """Different texts of seven made-up words; a tenth has a twin with one letter replaced, a tenth is one template."""
    rng = random.Random(0)
    vocabulary = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(2, 8))) for _ in range(3_000)]
    texts: dict[str, None] = {}
    while len(texts) < rows * 0.8:
        texts[" ".join(rng.choices(vocabulary, k=7))] = None
    for text in rng.sample([*texts], rows // 10):
        at = rng.randrange(len(text))
        texts[f"{text[:at]}x{text[at + 1 :]}"] = None
    while len(texts) < rows:
        texts[f"where is my order {rng.randrange(10**7)} please"] = None
    return [*texts]


def scale(tool: str, rows: int) -> None:
    """Time and added memory of one search, in this process."""
    texts = synthetic(rows)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, cpu = time.perf_counter(), time.process_time()
    pairs = len(near_pairs(texts)[0]) if tool == "near_pairs" else with_datasketch(texts)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    added = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    characters = sum(map(len, texts)) / rows
    append("assess_duplicates_scale", {
        "date": time.strftime("%Y-%m-%d"), "tool": tool, "rows": rows, "characters": round(characters, 1),
        "seconds": round(seconds, 1), "cpu_seconds": round(cpu, 1), "added_mib": round(added), "pairs": pairs,
    })  # fmt: skip


def with_datasketch(texts: list[str]) -> int:
    """Candidates of MinHashLSH with as many hashes as `near_pairs` draws, before any is checked."""
    from datasketch import MinHash, MinHashLSH

    index, pairs = MinHashLSH(params=(10, 4), num_perm=40), 0
    for low in range(0, len(texts), 10_000):
        shingles = [[text[i : i + 3].encode() for i in range(len(text) - 2)] for text in texts[low : low + 10_000]]
        for row, sketch in enumerate(MinHash.generator(shingles, num_perm=40, seed=1)):
            pairs += len(index.query(sketch))
            index.insert(low + row, sketch, check_duplication=False)
    return pairs


def main(arguments: list[str]) -> None:
    """Measure sets, or sizes in a process of their own each (peak memory is per process)."""
    if arguments[:1] == ["--scale"]:
        tool = "datasketch" if "--datasketch" in arguments else "near_pairs"
        sizes = [int(size) for size in arguments[1:] if size.isdigit()]
        if len(sizes) == 1:
            scale(tool, sizes[0])
            return
        for size in sizes or (10_000, 100_000, 1_000_000):
            more = ["--datasketch"] if tool == "datasketch" else []
            subprocess.run(
                [sys.executable, "-m", "benchmarks.assess_duplicates", "--scale", str(size), *more], check=True
            )
        return
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    for name in arguments or SETS:
        measure(name)


if __name__ == "__main__":
    main(sys.argv[1:])
