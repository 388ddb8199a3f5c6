"""Short random files in the encodings that people have: which are read right, refused, or accepted as gibberish.

    python -m benchmarks.encodings [--files 200] [--seed 0]

Each file has 2 to 25 rows of the messages in encoding_texts.json, numbered at random. charset-normalizer is measured
beside, where it is installed. Writes results/encodings.csv: per encoding and method the files of each outcome.
"""

import argparse
import csv
import json
import random
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

from rankfirst.data.files.decode import survey
from rankfirst.errors import DataError

# Language -> short customer messages, written for this benchmark.
TEXTS: Final[dict[str, list[str]]] = json.loads(
    (Path(__file__).parent / "encoding_texts.json").read_text(encoding="utf-8")
)
_WEST: Final = ("de", "fr", "es", "pt", "it", "nl", "sv", "da", "fi")
_CENTRAL: Final = ("pl", "cs", "hu", "ro", "hr")
ENCODINGS: Final = {
    **dict.fromkeys(("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"), tuple(TEXTS)),
    "gb18030": ("zh", "zh-Hant"), "gbk": ("zh",), "big5": ("zh-Hant",), "cp949": ("ko",), "euc_kr": ("ko",),
    "euc_jp": ("ja",), "shift_jis": ("ja",), "iso2022_jp": ("ja",),
    **dict.fromkeys(("cp1252", "latin-1", "iso8859_15", "mac_roman"), _WEST),
    "cp1250": _CENTRAL, "iso8859_2": _CENTRAL, "cp1251": ("ru", "uk"), "koi8_r": ("ru",), "cp1253": ("el",),
    "cp1254": ("tr",), "cp1255": ("he",), "cp1256": ("ar",), "cp874": ("th",), "tis_620": ("th",),
}  # fmt: skip
RESULTS: Final = Path(__file__).parent / "results" / "encodings.csv"
Method = Callable[[Path], str | None]  # the text, or None if it is refused


def own(path: Path) -> str | None:
    """As rankfirst reads it."""
    try:
        return path.read_text(encoding=survey(path).encoding)
    except DataError:
        return None


def methods() -> dict[str, Method]:
    """The methods that are installed."""
    try:
        from charset_normalizer import from_bytes
    except ImportError:
        return {"rankfirst": own}

    def other(path: Path) -> str | None:
        best = from_bytes(path.read_bytes()).best()
        return None if best is None else str(best)

    return {"rankfirst": own, "charset-normalizer": other}


def a_file(encoding: str, rng: random.Random) -> bytes:
    """A random file that has something to decode."""
    while True:
        language = rng.choice(ENCODINGS[encoding])
        texts = rng.sample(TEXTS[language], rng.randint(2, min(12, len(TEXTS[language]))))
        rows = [f"{rng.choice(texts)} {rng.randrange(100)}" for _ in range(rng.randint(len(texts), 25))]
        lines = "".join(f'"{row}",{rng.choice(("order", "refund", "account"))}\n' for row in rows)
        try:
            content = f"text,label\n{lines}".encode(encoding)
        except UnicodeEncodeError:
            continue
        if not content.isascii() or encoding == "iso2022_jp":
            return content


def outcome(read: str | None, written: str) -> str:
    if read is None:
        return "refused"
    # Two code pages may write one sign as the half- or full-width form: no reader calls that gibberish.
    return "right" if unicodedata.normalize("NFKC", read) == unicodedata.normalize("NFKC", written) else "gibberish"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    tried = methods()
    counts: dict[tuple[str, str], Counter[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for encoding in ENCODINGS:
            rng = random.Random(f"{given.seed} {encoding}")
            for number in range(given.files):
                path = Path(folder) / f"{number}.csv"
                content = a_file(encoding, rng)
                path.write_bytes(content)
                written = content.decode(encoding).removeprefix("\ufeff")
                for name, method in tried.items():
                    read = method(path)
                    kind = outcome(None if read is None else read.removeprefix("\ufeff"), written)
                    counts.setdefault((encoding, name), Counter())[kind] += 1
    kinds = ("right", "refused", "gibberish")
    with RESULTS.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["encoding", "method", "files", *kinds])
        for (encoding, name), found in counts.items():
            writer.writerow([encoding, name, given.files, *(found[kind] for kind in kinds)])
    for name in tried:
        total = sum((found for (_, method), found in counts.items() if method == name), Counter[str]())
        print(name, {kind: total[kind] for kind in kinds})


if __name__ == "__main__":
    main()
