"""The checks on noise, language, names and structure: what they say of clean sets, what they find, what they cost.

Usage: python -m benchmarks.assess_checks clean [SET ...]      level and sentence of every check on each labelled set
       python -m benchmarks.assess_checks planted [SET ...]    each kind of noise planted in 2, 5 and 10% of the rows
       python -m benchmarks.assess_checks speed [ROWS ...]     seconds a check on rows of about 40 characters
Sets are read from RANKFIRST_SHARED/data. Results: results/assess_checks_{clean,planted,speed}.csv.
"""

import platform
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from benchmarks.end_results import SHARED
from benchmarks.tables import append
from rankfirst.data import load_dataset
from rankfirst.data.checks import CHECKS
from rankfirst.data.quality.characters import SIMPLIFIED, TRADITIONAL
from rankfirst.data.quality.facts import Facts
from rankfirst.messages import say
from rankfirst.records import Check, Dataset, Split

SETS = ("banking77", "clinc150", "crosswoz_acts", "iflytek", "mixatis", "mixsnips", "online_shopping_zh", "smp2017",
        "snips", "tnews")  # fmt: skip
CHINESE = {"crosswoz_acts", "iflytek", "online_shopping_zh", "smp2017", "tnews"}
PLANT_IN = ("banking77", "clinc150", "snips", "mixatis", "crosswoz_acts", "online_shopping_zh", "smp2017", "tnews")
SHARES = (0.02, 0.05, 0.10)
LEVELS = ("ok", "note", "warn")
# Checks of other files (repeats, conflicts, leaks) are timed only.
OTHERS = ("class_sizes", "conflicts", "duplicates", "leakage", "near", "outliers")

Plant = Callable[[str, random.Random], str]  # a text to a noisy one; the same text where it cannot be planted
TO_WIDE = {code: code + 0xFEE0 for code in range(0x30, 0x7B) if chr(code).isalnum()}
TO_TRADITIONAL = str.maketrans(SIMPLIFIED, TRADITIONAL)
PREFIXES = {"en": "Dear customer service, ", "zh": "您好客服，"}
FOREIGN = (
    "Wo ist meine Karte und wie kann ich sie sperren?",
    "Je voudrais savoir où est ma commande",
    "No puedo entrar en mi cuenta, ¿por qué?",
    "где мой заказ?",
    "カードをなくしました",
    "내 주문은 어디에 있나요",
    "我的订单在哪里",
)


def typo(text: str, rng: random.Random) -> str:
    """One wrong, missing, doubled or swapped letter within a word of five letters or more."""
    words = text.split(" ")
    long = [i for i, word in enumerate(words) if word.isalpha() and word.isascii() and len(word) >= 5]
    if not long:
        return text
    i = rng.choice(long)
    word = words[i]
    at = rng.randrange(1, len(word) - 2)
    left, right = word[:at], word[at + 1 :]
    words[i] = rng.choice((left + right, left + 2 * word[at] + right, left + rng.choice("aeiorstln") + right,
                           left + word[at + 1] + word[at] + word[at + 2 :]))  # fmt: skip
    return " ".join(words)


def filler(text: str, rng: random.Random) -> str:
    """A filler before or after."""
    if is_chinese(text):
        return rng.choice(("嗯，{}", "呃 {}", "那个，{}", "亲，{}", "喂，{}", "{}哈哈", "就是说{}")).format(text)
    return rng.choice(("um {}", "uh, {}", "{} pls", "yeah {}", "{} lol", "hmm {}", "idk {}")).format(text)


def garbled(text: str, rng: random.Random) -> str:
    """UTF-8 read as Windows-1252 (as Latin-1 it would hold control characters), or a mark for what is lost."""
    spoilt = text.replace("'", "’").encode("utf-8").decode("cp1252", "ignore")
    return text + " \ufffd" if spoilt.isascii() else spoilt


def private(text: str, rng: random.Random) -> str:
    """A telephone number, an address, an identity card with a right check character, or a bank card."""
    identity = f"110105{rng.randint(1950, 2005)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}{rng.randint(0, 999):03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    identity += "10X98765432"[sum(int(d) * w for d, w in zip(identity, weights, strict=True)) % 11]
    card = "62" + "".join(str(rng.randint(0, 9)) for _ in range(13))
    card += str(-sum(sum(divmod(int(d) * (2 - i % 2), 10)) for i, d in enumerate(card)) % 10)
    mobile, address = f"139{rng.randint(10**7, 10**8 - 1)}", f"user{rng.randint(0, 99)}@mail.test"
    return f"{text} {rng.choice((mobile, address, identity, card))}"


def is_chinese(text: str) -> bool:
    """Any ideograph."""
    return any("\u4e00" <= c <= "\u9fff" for c in text)


# kind -> (what plants it, code of the check, its numbers that count rows)
KINDS: dict[str, tuple[Plant, str, tuple[str, ...]]] = {
    "typo": (typo, "typos", ("typos",)),
    "filler": (filler, "fillers", ("fillers",)),
    "garbled": (garbled, "garbled", ("broken",)),
    "zero-width": (lambda t, r: t[:2] + "\u200b" + t[2:], "garbled", ("invisible",)),
    "full-width": (lambda t, r: t.translate(TO_WIDE), "scripts", ("full_width",)),
    "traditional": (lambda t, r: t.translate(TO_TRADITIONAL), "variants", ("traditional",)),
    "html": (lambda t, r: r.choice(("<p>{}</p>", "{}<br/>", "{}&nbsp;", '<span class="x">{}</span>')).format(t),
             "markup", ("markup",)),
    "url": (lambda t, r: f"{t} https://shop.test/{r.randint(0, 999)}", "markup", ("urls",)),
    "placeholder": (lambda t, r: f"{t} {r.choice(('{{name}}', '[ORDER_ID]', '<name>', '{order_id}'))}",
                    "markup", ("placeholders",)),
    "prefix": (lambda t, r: PREFIXES["zh" if is_chinese(t) else "en"] + t, "boilerplate", ("texts",)),
    "header": (lambda t, r: f"[Ticket #{r.randint(10**5, 10**6)}] {t}", "boilerplate", ("texts",)),
    "signature": (lambda t, r: f"{t} - Sent from my phone", "boilerplate", ("texts",)),
    "private": (private, "private", ("emails", "phones", "identities", "cards")),
    "language": (lambda t, r: r.choice(FOREIGN[: 7 - is_chinese(t)]), "languages", ("foreign",)),
    "elliptical": (lambda t, r: r.choice(("那个呢", "第二个吧", "那另外一家呢？", "怎么弄啊") if is_chinese(t) else
                                         ("what about that one", "the other one please", "and this?", "yes please")),
                   "short_texts", ("short", "elliptical")),
}  # fmt: skip


def planted(dataset: Dataset, plant: Plant, share: float) -> tuple[Dataset, int]:
    """The set with noise in `share` of its training rows, fixed by a seed, and how many rows it changed."""
    rng = random.Random(0)
    texts = list(dataset.train.texts)
    wanted, changed = round(share * len(texts)), 0
    for row in rng.sample(range(len(texts)), len(texts)):
        if changed == wanted:
            break
        noisy = plant(texts[row], rng)
        changed += noisy != texts[row]
        texts[row] = noisy
    return replace(dataset, train=replace(dataset.train, texts=tuple(texts))), changed


def shifted(dataset: Dataset, change: Plant) -> Dataset:
    """The set with every row of its two largest classes changed."""
    counts = Facts(dataset).counts
    chosen = set(sorted(range(len(counts)), key=lambda c: (counts[c], c))[-2:])
    rng = random.Random(0)
    texts = [
        change(text, rng) if chosen.intersection(labels) else text
        for text, labels in zip(dataset.train.texts, dataset.train.labels, strict=True)
    ]
    return replace(dataset, train=replace(dataset.train, texts=tuple(texts)))


def clean(names: Sequence[str]) -> None:
    """What every check says of the sets as they are."""
    for name in names or SETS:
        facts = Facts(read(name))
        for check in CHECKS:
            found = check(facts)
            if not short(found).startswith(OTHERS):
                append("assess_checks_clean", {"set": name, "check": short(found), "level": found.level.value,
                                               "says": counted(found)})  # fmt: skip


def counted(found: Check) -> str:
    """The English sentence, without names or phrases out of the set."""
    numbers = {key: "..." if isinstance(value, str) else value for key, value in found.numbers.items()}
    return say(found.code, "en", **numbers)


def plant(names: Sequence[str]) -> None:
    """How much of each planted kind is counted, and whether the level rises."""
    for name in names or PLANT_IN:
        dataset = read(name)
        facts = Facts(dataset)
        before = {short(found): found for found in (check(facts) for check in CHECKS)}
        for kind, (noise, code, keys) in KINDS.items():
            if (kind == "typo" and name in CHINESE) or (kind == "traditional" and name not in CHINESE):
                continue
            check = next(c for c in CHECKS if c.__module__.endswith("." + code))
            for share in SHARES:
                noisy, changed = planted(dataset, noise, share)
                after = check(Facts(noisy))
                count = sum(int(after.numbers[key]) - int(before[code].numbers[key]) for key in keys)
                append("assess_checks_planted", {
                    "set": name, "kind": kind, "share": share, "planted": changed, "found": count,
                    "recall": round(count / max(1, changed), 3), "before": before[code].level.value,
                    "after": after.level.value,
                })  # fmt: skip
        counts = [(int(n), c) for c, n in enumerate(facts.counts)]
        top = dataset.classes[max(counts)[1]]
        for kind, code, change in SHIFTS:
            check = next(c for c in CHECKS if c.__module__.endswith("." + code))
            after = check(Facts(shifted(dataset, partial(change, top))))
            append("assess_checks_planted", {
                "set": name, "kind": kind, "share": "two classes", "planted": 2, "found": after.numbers["classes"],
                "recall": "", "before": before[code].level.value, "after": after.level.value,
            })  # fmt: skip


SHIFTS: tuple[tuple[str, str, Callable[[str, str, random.Random], str]], ...] = (
    ("language by class", "language_by_label", lambda top, t, r: r.choice(FOREIGN[:4])),
    ("length by class", "length_by_class", lambda top, t, r: " ".join((t,) * 5)),
    ("label in text", "label_words", lambda top, t, r: f"{top}: {t}"),
)


def speed(sizes: Sequence[int]) -> None:
    """Seconds a check; what several share is computed first, under its own name."""
    for size in sizes or (10_000, 100_000, 1_000_000):
        for lang in ("en", "zh"):
            facts = Facts(rows(size, lang))
            total = 0.0
            shared = ("keys", "rows_of", "given", "lengths", "characters", "wording", "languages")
            steps = [(f"facts.{name}", partial(getattr, facts, name)) for name in shared]
            steps += [(check.__module__.rpartition(".")[2], partial(check, facts)) for check in CHECKS]
            for name, step in steps:
                began = time.process_time()
                step()
                seconds = time.process_time() - began
                total += 0 if name.startswith(OTHERS) else seconds
                append("assess_checks_speed", line(size, lang, name, seconds))
            append("assess_checks_speed", line(size, lang, "total of noise, names and structure", total))


def line(size: int, lang: str, step: str, seconds: float) -> dict[str, object]:
    """One line of the result file; CPU seconds, because the machine may be shared."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"machine": platform.machine(), "rows": size, "language": lang, "step": step,
            "cpu_seconds": round(seconds, 2), "peak_mb": round(peak)}  # fmt: skip


def rows(size: int, lang: str) -> Dataset:
    """Different rows of about 40 characters and 50 classes: texts of real sets with words of others put in."""
    names = [name for name in ("banking77", "clinc150", "snips", "online_shopping_zh", "tnews", "crosswoz_acts")
             if (name in CHINESE) == (lang == "zh")]  # fmt: skip
    known = [text for name in names for text in read(name).train.texts]
    rng = random.Random(0)
    joint = "" if lang == "zh" else " "
    pieces = [text[:10] for text in known] if lang == "zh" else [word for text in known for word in text.split()]
    texts = []
    for _ in range(size):
        text = rng.choice(known)[:25]
        while len(text) < 34:
            text += joint + rng.choice(pieces)
        texts.append(text + joint + str(rng.randint(0, 99)))
    labels = [(rng.randrange(50),) for _ in range(size)]
    classes = tuple(f"class {chr(97 + i % 26)}{i}" for i in range(50))
    few = Split(tuple(texts[:100]), tuple(labels[:100]))
    return Dataset(f"{lang} {size}", classes, False, Split(tuple(texts), tuple(labels)), few, few)


def read(name: str) -> Dataset:
    """A labelled set as users read it."""
    folder = SHARED / "data" / name
    return load_dataset(folder / "train.csv", folder / "val.csv", folder / "test.csv")


def short(found: Check) -> str:
    """The last part of a check's code."""
    return found.code.rpartition(".")[2]


def main(mode: str, names: Sequence[str]) -> None:
    """One of the three measurements."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
    elif mode == "speed":
        speed([int(name) for name in names])
    else:
        {"clean": clean, "planted": plant}[mode](names)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
