"""What was measured, as docs/peers.md and for the table of the READMEs. Losing rows stay in; what was not run says so.

A set measured in several draws is one row, the mean of the draws that a peer and rankfirst were both run on, or of its
own where they share none.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.peers.peers import PEERS
from benchmarks.tables import RESULTS

Row = dict[str, str]
OURS: Final = "rankfirst"
ONE_TRAINING: Final = "trainer_recipe"  # what the cost of a whole fit is compared with
COST_LIMIT: Final = 1.5  # such trainings: the aim
NAMES: Final = {
    "banking77": "BANKING77",
    "clinc150": "CLINC150",
    "crosswoz_acts": "CrossWOZ dialogue acts",
    "iflytek": "IFLYTEK",
    "mixatis": "MixATIS",
    "mixsnips": "MixSNIPS",
    "nlupp": "NLU++",
    "online_shopping_zh": "online_shopping",
    "smp2017": "SMP2017",
    "snips": "SNIPS",
    "tnews": "TNEWS",
}


# Figures of the CSV, in its order.
COLUMNS: Final = (
    "test_macro_f1", "test_exact", "test_log_loss", "seconds", "cpu_seconds", "ms_a_text", "peak_mb", "mb", "base_mb",
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """A peer on a set: means over the draws it was run on."""

    peer: str
    status: str  # "ok" or why there is no score
    draws: int
    figures: dict[str, float]  # column of the CSV -> mean; absent where unknown
    note: str

    @property
    def f1(self) -> float | None:
        return self.figures.get("test_macro_f1")


def read(name: str = "peers") -> list[Row]:
    """The rows of results/NAME.csv; empty if nothing was measured."""
    path = RESULTS / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def measured() -> dict[str, dict[str, Cell]]:
    """Set (draws together) -> peer -> its cell."""
    mine = (row for row in read() if row["peer"] in PEERS)  # not those of an adapter as it was before
    rows = {(row["peer"], row["set"], row["seed"]): row for row in mine}  # the last try counts
    told = [*rows.values(), *(row for row in _whole_fits() if (OURS, row["set"], "0") not in rows)]
    found: dict[str, dict[str, Cell]] = {}
    for name in dict.fromkeys(_set(row) for row in rows.values()):
        of = {peer: [row for row in told if _set(row) == name and row["peer"] == peer] for peer in PEERS}
        drawn = {(row["set"], row["seed"]) for row in of[OURS]}
        same = {peer: [row for row in mine if (row["set"], row["seed"]) in drawn] for peer, mine in of.items()}
        found[name] = {peer: _cell(peer, same[peer] or mine) for peer, mine in of.items() if mine}
    return found


def _set(row: Row) -> str:
    """Without the number of a draw."""
    first, _, last = row["set"].rpartition("-")
    return first if first.endswith("each") and last.isdigit() else row["set"]


def _whole_fits() -> list[Row]:
    """The latest whole fits of benchmarks.outcomes on the same rows, in the form of this table."""
    latest = {row["set"]: row for row in read("outcomes_fits")}
    return [{"peer": OURS, "set": name, "seed": "0", "status": "ok", "test_macro_f1": row["test_macro_f1"],
             "test_exact": row["test_exact"], "test_log_loss": row["test_log_loss"], "seconds": row["seconds"],
             "note": f"ships {row['verdict']}; outcomes_fits.csv, {row['commit']}", "rows": row["rows"]}
            for name, row in latest.items()]  # fmt: skip


def _cell(peer: str, rows: Sequence[Row]) -> Cell:
    """Of the draws that were run, at least one."""
    good = [row for row in rows if row["status"] == "ok"]
    figures = {}
    for column in COLUMNS:
        values = [float(row[column]) for row in good if row.get(column)]
        if values:
            figures[column] = sum(values) / len(values)
    notes = "; ".join(dict.fromkeys(row["note"] for row in good if row.get("note")))
    return Cell(peer, "ok" if good else rows[-1]["status"], len(good), figures, notes)


def title(name: str, lang: str = "en") -> str:
    """A set as a reader knows it, with its training rows."""
    of_all, of_each = {"en": (" rows", " rows a class"), "zh": (" 行", " 行/类")}[lang]
    first, _, rest = name.partition("-")
    known = NAMES.get(first, first)
    if rest.endswith("each"):
        return f"{known}, {rest.removesuffix('each')}{of_each}"
    return f"{known}, {int(rest):,}{of_all}" if rest else known


def block(lang: str) -> str:
    """Every set at a glance: test macro-F1 in percent, the best in bold, of the sets that rankfirst was run on."""
    head = {"en": "Set", "zh": "数据"}[lang]
    shown = {name: cells for name, cells in measured().items() if OURS in cells and len(cells) > 1}
    asked = [peer for peer in PEERS if any(peer in cells for cells in shown.values())]
    lines = [[head, *(short(peer, lang) for peer in asked)], ["---"] * (len(asked) + 1)]
    for name, cells in shown.items():
        best = max((cell.f1 for cell in cells.values() if cell.f1 is not None), default=None)
        lines.append([title(name, lang), *(_shown(cells.get(peer), best) for peer in asked)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def short(peer: str, lang: str) -> str:
    """A peer's name in a narrow column."""
    zh = {"frozen_lr": "冻结底座 + 逻辑回归", "full_finetuning": "全量微调", "tfidf_svm": "TF-IDF + SVM",
          "trainer_lora": "Trainer + PEFT，默认设置", "trainer_recipe": "Trainer + PEFT，固定一组超参"}  # fmt: skip
    return zh.get(peer, PEERS[peer].name) if lang == "zh" else PEERS[peer].name


def _shown(cell: Cell | None, best: float | None) -> str:
    if cell is None:
        return "–"
    if cell.f1 is None:
        return cell.status.partition(":")[0]
    score = f"{100 * cell.f1:.1f}"
    return f"**{score}**" if cell.f1 == best else score


def page() -> str:
    """docs/peers.md."""
    sections = [f"## {title(name)}\n\n{_table(cells, name.endswith('each'))}" for name, cells in measured().items()]
    return (
        "\n\n".join([TITLE, standing(), block("en"), METHOD, *costs(), *sections, NOT_RUN.format(missing=missing())])
        + "\n"
    )


TITLE: Final = """<!-- Written by tools/render_docs.py from benchmarks/results/peers.csv; do not edit. -->
# Beside other packages

Test macro-F1 in percent: same rows, same encoder, one thread each. rankfirst is shown as it was measured beside the
others; the README has its latest run on each set."""

METHOD: Final = """## How it was measured

Each peer was trained in a process of its own on the same rows, with the same encoder (MiniLM-L6 for English,
e5-small-zh for Chinese), called as its own documentation says; its adapter is one short file in
`benchmarks/peers/adapters`. No peer sees a label of the test rows. A peer that needs no validation rows trains on them
as well; rankfirst trains what it ships once more on all rows. Of a set with few rows per class, all labelled rows are
training rows. To reproduce:

```
make peers
python -m benchmarks.peers run --sets banking77-800
python tools/render_docs.py
```

The first command builds an environment for each peer under `.peers/`, all with the project's torch. `run` resumes where
it stopped; the last command writes this page.

In the tables below, `CPU` is what the process used from its start until the model was saved, `clock` the time that
passed. The machine was shared with other work, so compare CPU seconds. `deliver` is what must be copied to a server,
including the encoder if the model needs it; `ms per text` is CPU time over the test rows in one call. Scores are
test macro-F1 and exact match (accuracy) in percent, of one seed."""

NOT_RUN: Final = """## Not run

{missing}

AutoGluon, OpenAutoNLU (no release was found to install) and FastFit were not run either."""


def _table(cells: dict[str, Cell], drawn: bool) -> str:
    head = ["", "macro-F1", "exact", "CPU, s", "clock, s", "memory, MB", "deliver, MB", "ms per text", "note"]
    ranked = sorted(cells.values(), key=lambda cell: -(cell.f1 if cell.f1 is not None else -1.0))
    best = ranked[0].f1
    lines = [head, ["---"] * len(head), *(_line(cell, best, drawn) for cell in ranked)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _line(cell: Cell, best: float | None, drawn: bool) -> list[str]:
    name = PEERS[cell.peer].name
    if cell.f1 is None:
        return [name, *[""] * 7, cell.status.replace("|", "/")]
    told = cell.figures
    size = told["mb"] + told["base_mb"] if "mb" in told else None
    draws = f"{cell.draws} draw{'s' * (cell.draws > 1)}" if drawn else ""
    note = "; ".join(part for part in (draws, cell.note) if part)
    return [name, _shown(cell, best), f"{100 * told['test_exact']:.1f}", _figure(told.get("cpu_seconds")),
            _figure(told.get("seconds")), _figure(told.get("peak_mb")), _figure(size), _figure(told.get("ms_a_text")),
            note.replace("|", "/")]  # fmt: skip


def _figure(value: float | None) -> str:
    if value is None:
        return "not measured"
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def standing() -> str:
    """Where rankfirst stands, in figures: the sets that it lost are named."""
    behind = {}
    for name, cells in measured().items():
        others = [cell.f1 for peer, cell in cells.items() if peer != OURS and cell.f1 is not None]
        ours = cells[OURS].f1 if OURS in cells else None
        if ours is not None and others:
            behind[name] = 100 * (max(others) - ours)
    if not behind:
        return "rankfirst itself has not been run beside them yet."
    met = {peer for name in behind for peer, cell in measured()[name].items() if cell.f1 is not None}
    unmet = [peer.name for name, peer in PEERS.items() if name not in met]
    lost = [f"{title(name)} ({points:.1f} points behind)" for name, points in behind.items() if points > 0.5]
    kept = len(behind) - len(lost)
    sentence = f"rankfirst is first or within half a point of the first on {kept} of {len(behind)} sets."
    timed = [in_time(measured()[name]) for name in behind]
    compared = [fast for fast in timed if fast is not None]
    if compared:
        sentence += " It needs no more CPU time than any peer whose score is within a point of the first on"
        sentence += f" {sum(compared)} of the {len(compared)} sets on which CPU time was measured."
    sentence += f" Behind: {'; '.join(lost)}." if lost else ""
    return f"{sentence} **Not run on any of them yet: {', '.join(unmet)}.**" if unmet else sentence


def in_time(cells: dict[str, Cell]) -> bool | None:
    """Whether rankfirst took no more CPU time than the fastest peer within a point of the first; None: not known."""
    best = max(cell.f1 for cell in cells.values() if cell.f1 is not None)
    others = [cell.figures["cpu_seconds"] for peer, cell in cells.items()
              if peer != OURS and cell.f1 is not None and cell.f1 >= best - 0.01]  # fmt: skip
    ours = cells[OURS].figures.get("cpu_seconds")
    return None if ours is None else not others or ours <= min(others)


def costs() -> list[str]:
    """What a whole fit costs beside one training, where both were measured on the same rows: a section, or nothing."""
    lines = []
    for name, cells in measured().items():
        spent = [cells[peer].figures.get("cpu_seconds") if peer in cells else None for peer in (OURS, ONE_TRAINING)]
        if spent[0] is not None and spent[1] is not None:
            f1 = [f"{100 * cells[peer].figures['test_macro_f1']:.1f}" for peer in (OURS, ONE_TRAINING)]
            ratio = spent[0] / spent[1]
            lines.append([title(name), _figure(spent[0]), _figure(spent[1]), f"{ratio:.2f}", *f1,
                          "met" if ratio <= COST_LIMIT else "missed"])  # fmt: skip
    if not lines:
        return []
    head = ["Set", "whole fit, CPU s", "one training, CPU s", "ratio", "macro-F1, fit", "macro-F1, training",
            f"aim: {COST_LIMIT:g}"]  # fmt: skip
    table = "\n".join(f"| {' | '.join(line)} |" for line in [head, ["---"] * len(head), *lines])
    return [f"{COSTS}\n\n{table}"]


COSTS: Final = """## What a whole fit costs

Everything that `fit` does with its defaults (checks, rungs, probes, final training, calibration, delivery) beside
Trainer + PEFT training one recipe to its end: adapters at all linear layers, ten epochs, the libraries' other defaults.
Both ran one after the other on the same core."""


def missing() -> str:
    """The cells that were not run, a line a peer."""
    lines = []
    for peer in PEERS:
        sets = [title(name) for name, cells in measured().items() if peer not in cells]
        if sets:
            lines.append(f"* {PEERS[peer].name}: {'; '.join(sets)}")
    return "\n".join([*lines, "* everybody: the sets and cuts of `benchmarks/peers/cases.py` that have no table above"])
