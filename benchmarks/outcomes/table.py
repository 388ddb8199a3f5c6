"""What `fit` shipped beside the best of everything, per set and in all.

The best of a dozen models on the same test rows is partly luck: its score is above what it would reach on other rows,
so a regret here is an upper bound. The shipped model may be trained on validation rows as well (column `refit` of the
fits); cheaper rungs and the alternatives are scored as trained on the training rows alone. "Beyond noise" below a
cheaper rung: the rung's macro-F1 is above the bootstrap interval (95%) of the shipped model, which is wider than an
interval of the paired difference would be.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np

from benchmarks.tables import RESULTS, read

FITS, FIXED, JOINED = "outcomes_fits", "outcomes_fixed", "outcomes"
# Single recipes at several lr and a, trained from the start of `fit` to their end as well (benchmarks.lr_scaling).
SCALED: Final = "lr_scaling"
RUNGS: Final = ("tfidf", "frozen", "lora")
CHEAPER: Final = {"tfidf": (), "frozen": ("tfidf",), "lora": ("tfidf", "frozen")}
WITHIN_F1, WITHIN_EXACT = 0.5, 1.0  # points
Row = Mapping[str, str]


@dataclass(frozen=True)
class Outcome:
    """One set; scores in percent, differences in points."""

    set: str
    rows: int
    ships: str
    macro_f1: float
    exact: float
    best: str  # who has the highest macro-F1
    best_macro_f1: float
    best_exact: float  # of whoever has the highest exact match
    regret: float
    exact_regret: float
    within: int  # half a point of macro-F1; several labels a row: and one point of exact match
    below_cheaper: float  # how far the best cheaper rung is above the shipped model; at least 0
    beyond_noise: int  # whether that rung is above the shipped model's interval
    lora_gain: float  # of LoRA as trained, shipped or not, over the best cheaper rung; NaN: none was trained
    full_runs: float  # cost of everything trained, in whole final trainings; NaN: no final training
    seconds: float
    alternatives: int  # of the fixed ones that were trained


def write(names: Sequence[str]) -> None:
    """Print the table of these sets and write it to results/outcomes.csv."""
    newest = {row["set"]: row for row in read(FITS)}
    fixed = [*read(FIXED), *({"who": row["recipe"], **row} for row in read(SCALED))]
    outcomes = [outcome(newest[name], [row for row in fixed if row["set"] == name]) for name in names if name in newest]
    if not outcomes:
        print("nothing to show: run python -m benchmarks.outcomes fits")
        return
    rows = [{key: round(v, 3) if isinstance(v, float) else v for key, v in asdict(o).items()} for o in outcomes]
    with (RESULTS / f"{JOINED}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    for each in outcomes:
        print(line(each))
    print()
    for name, told in summary(outcomes).items():
        print(f"{name:48}{told}")


def outcome(fit: Row, fixed: Sequence[Row]) -> Outcome:
    """Join the newest fit of a set with the alternatives that were trained on it."""
    scored = {"shipped": fit, **{row["who"]: row for row in fixed}}
    f1 = {who: _points(row["test_macro_f1"]) for who, row in scored.items()}
    exact = {who: _points(row["test_exact"]) for who, row in scored.items()}
    for rung in RUNGS:
        if fit[f"{rung}_macro_f1"]:
            f1[rung], exact[rung] = _points(fit[f"{rung}_macro_f1"]), _points(fit[f"{rung}_exact"])
    best = max(f1, key=lambda who: f1[who])  # the shipped model first: it wins a tie
    regret, exact_regret = f1[best] - f1["shipped"], max(exact.values()) - exact["shipped"]
    exact_counts = bool(int(fit["multi_label"]))
    below = max((f1[rung] for rung in CHEAPER[fit["verdict"]] if rung in f1), default=-np.inf)
    cheaper = max(f1[rung] for rung in ("tfidf", "frozen"))
    return Outcome(
        set=fit["set"],
        rows=int(fit["rows"]),
        ships=fit["verdict"],
        macro_f1=f1["shipped"],
        exact=exact["shipped"],
        best=best,
        best_macro_f1=f1[best],
        best_exact=max(exact.values()),
        regret=regret,
        exact_regret=exact_regret,
        within=int(regret <= WITHIN_F1 and not (exact_counts and exact_regret > WITHIN_EXACT)),
        below_cheaper=max(0.0, float(below - f1["shipped"])),
        beyond_noise=int(below > _points(fit["test_high"])),
        lora_gain=f1["lora"] - cheaper if "lora" in f1 else np.nan,
        full_runs=float(fit["full_runs"] or "nan"),
        seconds=float(fit["seconds"]),
        alternatives=len(fixed),
    )


def summary(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """The figures over all sets, by name."""
    regrets = [o.regret for o in outcomes]
    costs = [o.full_runs for o in outcomes if not np.isnan(o.full_runs)]
    with_lora = [o.lora_gain for o in outcomes if o.ships == "lora"]
    without = [o.lora_gain for o in outcomes if o.ships != "lora" and not np.isnan(o.lora_gain)]
    bare = [o.set for o in outcomes if not o.alternatives]
    told = {
        "sets": str(len(outcomes)),
        "within half a point (exact match: one point)": f"{100 * np.mean([o.within for o in outcomes]):.0f}%",
        "regret, mean / largest": f"{np.mean(regrets):.2f} / {max(regrets):.2f}",
        "below a cheaper rung, any / beyond noise":
            f"{sum(o.below_cheaper > 0 for o in outcomes)} / {sum(o.beyond_noise for o in outcomes)}",
        "ships LoRA": f"{100 * len(with_lora) / len(outcomes):.0f}%",
        "where it does: gain over the best cheaper rung": _spread(with_lora),
        "where not: gain of the LoRA left behind": _spread(without),
        "cost in full runs, mean / largest": f"{np.mean(costs):.1f} / {max(costs):.1f}" if costs else "none",
    }  # fmt: skip
    return told | ({"without fixed alternatives yet": ", ".join(bare)} if bare else {})


def line(o: Outcome) -> str:
    """One set on one line."""
    cost = "" if np.isnan(o.full_runs) else f", {o.full_runs:.1f} full runs"
    gain = "" if np.isnan(o.lora_gain) else f", LoRA {o.lora_gain:+.1f}"
    exact = f" (exact {o.exact_regret:.2f})" if o.exact_regret > 0 else ""
    return (f"{o.set:24}{o.rows:6} rows  ships {o.ships:7}{o.macro_f1:5.1f} / {o.exact:5.1f}; "
            f"best {o.best_macro_f1:5.1f} / {o.best_exact:5.1f} {o.best}; "
            f"regret {o.regret:.2f}{exact}{gain}{cost}{'' if o.within else '  MISSED'}")  # fmt: skip


def _spread(gains: Sequence[float]) -> str:
    """Mean, least and largest, in points."""
    return f"{np.mean(gains):+.2f} ({min(gains):+.2f} to {max(gains):+.2f})" if gains else "none"


def _points(share: str) -> float:
    return 100 * float(share)
