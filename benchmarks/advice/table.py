"""The baselines in docs/benchmark.md, from results/advice.csv and advice_search.csv."""

import csv
from typing import Final

from benchmarks.tables import RESULTS

BEGIN: Final = "<!-- baselines: benchmarks/results/advice*.csv, by tools/render_docs.py -->"
END: Final = "<!-- end of baselines -->"
NAMES: Final = {
    "policy": "**rankfirst's rules, with experiments**",
    "reading_only": "rankfirst's rules, reading only",
    "nothing": "do nothing",
    "by_chance": "a move by chance",
    "raise_lr": "always raise lr",
    "raise_rank": "always raise rank",
    "widen": "always more target modules",
    "gap": "by the gap between training and validation",
    "probe_all": "a probe of every move, least log-loss",
    "probe_all_paired": "the same, only beyond two standard errors",
    "default": "the default recipe, untuned",
    "random_8": "eight recipes by chance, trained to the end",
    "everything": "all 24 trained to the end",
}
SHOWN: Final = {"hit": "hit, %", "harm": "harm, %", "alarms": "alarms, %", "captured": "captured, %",
                "regret": "regret (95%)", "runs": "cost"}  # fmt: skip


def block() -> str:
    """Both tables with their markers: open / sealed."""
    head = ["entry", *SHOWN.values()]
    advice = [[NAMES.get(name, name), *(_both(halves, key) for key in SHOWN)] for name, halves in _read("advice")]
    search = [[NAMES.get(name, name), *(_both(halves, key) for key in ("regret", "worst", "runs"))]
              for name, halves in _read("advice_search")]  # fmt: skip
    searches = _table(["search", "regret, mean", "regret, worst set", "cost"], search)
    return f"{BEGIN}\n{_table(head, advice)}\n\n{searches}\n{END}"


def _both(halves: dict[str, dict[str, str]], key: str) -> str:
    return " / ".join(_figure(halves[half], key) for half in ("open", "sealed") if half in halves)


def _figure(row: dict[str, str], key: str) -> str:
    value = float(row[key])
    if key == "regret" and "regret_low" in row:
        return f"{value:.2f} ({float(row['regret_low']):.2f} to {float(row['regret_high']):.2f})"
    return f"{value:.0f}" if key in ("hit", "harm", "alarms", "captured") else f"{value:.1f}"


def _read(name: str) -> list[tuple[str, dict[str, dict[str, str]]]]:
    """(entry, half -> row), in the file's order."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    with (RESULTS / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["entry"], {})[row["half"]] = row
    return list(found.items())


def _table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *rows))
