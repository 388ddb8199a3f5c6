"""The table of README.md and README.zh.md: whole runs of `fit` beside what people would use instead.

It is written between two markers from benchmarks/results alone, so a figure stands in one place: the latest run of each
set from outcomes_fits.csv, other packages on the same rows from peers.csv. Rows that rankfirst loses stay in.
"""

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from benchmarks.peers.table import OURS, Cell, measured, short, title
from tools.knob_page import RESULTS, table

BEGIN: Final = "<!-- figures: benchmarks/results/outcomes_fits.csv and peers.csv, by tools/render_docs.py -->"
END: Final = "<!-- end of figures -->"
_HEADS: Final = {
    "en": ("Training rows", "TF-IDF + linear", "Frozen encoder + linear", "Best other package", "rankfirst", "ships"),
    "zh": ("训练数据", "TF-IDF + 线性模型", "冻结底座 + 线性分类头", "其他工具中最好的", "rankfirst", "交付"),
}
_SHIPS: Final = {"en": {"lora": "LoRA", "frozen": "frozen encoder", "tfidf": "TF-IDF"},
                 "zh": {"lora": "LoRA", "frozen": "冻结底座", "tfidf": "TF-IDF"}}  # fmt: skip
_LINEAR: Final = {"tfidf": "tfidf_svm", "frozen": "frozen_lr"}  # rungs of a run and the same with scikit-learn
_SHIPPED: Final = re.compile(r"ships (\w+)")  # in the note of a run beside the peers


def block(lang: str) -> str:
    """The table with its markers: test macro-F1 in percent, the best of a row in bold."""
    with (RESULTS / "outcomes_fits.csv").open(newline="", encoding="utf-8") as file:
        fits = {(row["set"], row["rows"]): row for row in csv.DictReader(file)}
    beside = {name: cells for name, cells in measured().items() if OURS in cells and cells[OURS].f1 is not None}
    rows = [_row(fit["set"], beside.pop(fit["set"], {}), fit, lang) for fit in fits.values()]
    rows += [_row(name, cells, {}, lang) for name, cells in beside.items()]
    return f"{BEGIN}\n{table(_HEADS[lang], rows)}\n{END}"


def _row(name: str, cells: Mapping[str, Cell], fit: Mapping[str, str], lang: str) -> tuple[str, ...]:
    """A set: of each kind of linear model the better of the run's own rung and scikit-learn's."""
    peers = {peer: cell.f1 for peer, cell in cells.items() if cell.f1 is not None}
    scores = [max(peers.get(outside, 0.0), float(fit.get(f"{rung}_macro_f1", 0))) for rung, outside in _LINEAR.items()]
    other = max((p for p in peers if p not in (*_LINEAR.values(), OURS)), key=lambda p: peers[p], default="")
    scores += [peers.get(other, 0.0), float(fit.get("test_macro_f1", peers.get(OURS, 0.0)))]
    shipped = fit.get("verdict") or _SHIPPED.findall(cells[OURS].note)[0]
    told = [f"{100 * score:.1f}" if score else "–" for score in scores]
    best = f"{100 * max(scores):.1f}"
    told = [f"**{score}**" if score == best else score for score in told]
    told[2] += {"en": " ({})", "zh": "（{}）"}[lang].format(short(other, lang)) if other else ""
    named = name if "-" in name else f"{name}-{fit['rows']}"  # of a whole set
    return title(named, lang), *told, _SHIPS[lang][shipped]


def with_figures(path: Path, lang: str) -> str:
    """The page with its present table. Raises: ValueError if a marker is missing."""
    return between(path.read_text(encoding="utf-8"), BEGIN, END, block(lang))


def between(text: str, begin: str, end: str, new: str) -> str:
    """The text with `new` in place of what is from one marker to the other. Raises: ValueError if one is missing."""
    before, after = text.index(begin), text.index(end) + len(end)
    return text[:before] + new + text[after:]
