"""The table of README.md and README.zh.md: whole runs of `fit` beside what people would use instead.

It is written between two markers from benchmarks/results/outcomes_fits.csv alone, so a figure stands in one place. The
table of other packages below it is benchmarks/peers' own.
"""

import csv
from pathlib import Path
from typing import Final

from tools.knob_page import RESULTS, table

BEGIN: Final = "<!-- figures: benchmarks/results/outcomes_fits.csv, by tools/render_docs.py -->"
END: Final = "<!-- end of figures -->"
PEERS: Final = "<!-- peers: benchmarks/results/peers.csv, by tools/render_docs.py -->"
PEERS_END: Final = "<!-- end of peers -->"
_HEADS: Final = {
    "en": ("Training rows", "TF-IDF + linear", "Frozen encoder + linear", "rankfirst", "ships"),
    "zh": ("训练数据", "TF-IDF + 线性模型", "冻结底座 + 线性分类头", "rankfirst", "交付"),
}
_SHIPS: Final = {"en": {"lora": "LoRA", "frozen": "frozen encoder", "tfidf": "TF-IDF"},
                 "zh": {"lora": "LoRA", "frozen": "冻结底座", "tfidf": "TF-IDF"}}  # fmt: skip


def block(lang: str) -> str:
    """The table with its markers: the latest run of each set, test macro-F1 in percent."""
    with (RESULTS / "outcomes_fits.csv").open(newline="", encoding="utf-8") as file:
        latest = {(row["set"], row["rows"]): row for row in csv.DictReader(file)}
    rows = [_row(row, lang) for row in latest.values()]
    return f"{BEGIN}\n{table(_HEADS[lang], rows)}\n{END}"


def _row(row: dict[str, str], lang: str) -> tuple[str, ...]:
    cheaper = (_percent(row[f"{name}_macro_f1"]) for name in ("tfidf", "frozen"))
    shipped = f"**{_percent(row['test_macro_f1'])}**"
    return f"{_name(row['set'])}, {int(row['rows']):,}", *cheaper, shipped, _SHIPS[lang][row["verdict"]]


def _name(name: str) -> str:
    from benchmarks.peers.table import NAMES

    first = name.partition("-")[0]
    return NAMES.get(first, first)


def _percent(share: str) -> str:
    return f"{100 * float(share):.1f}"


def with_figures(path: Path, lang: str) -> str:
    """The page with its present table. Raises: ValueError if a marker is missing."""
    from benchmarks.peers import table as peers

    text = between(path.read_text(encoding="utf-8"), BEGIN, END, block(lang))
    return between(text, PEERS, PEERS_END, f"{PEERS}\n{peers.block(lang)}\n{PEERS_END}")


def between(text: str, begin: str, end: str, new: str) -> str:
    """The text with `new` in place of what is from one marker to the other. Raises: ValueError if one is missing."""
    before, after = text.index(begin), text.index(end) + len(end)
    return text[:before] + new + text[after:]
