"""The atlas on disk: a Parquet file a pair, small enough to be committed, and what it holds in memory.

A run's figures are JSON; what exists per row (losses, predictions) are columns, losses in thousandths of a nat.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.atlas import design
from rankfirst.measure.scores import bootstrap_f1, indicator, macro_f1
from rankfirst.policy.evidence import Noise
from rankfirst.records import ArmResult, BaseFacts, Curve, Profile, Recipe, Rung, from_json

DATA = Path(__file__).parent / "data"
MOST_LOSS = 32_000  # thousandths of a nat: what the column's type holds
DRAWS = 300  # resamplings of the test rows behind every standard error
Rows = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Ran:
    """One recipe: what its probe showed, where it ended, what its arms found."""

    recipe: Recipe
    probe: Curve
    full: Curve
    test: Rows  # (n_test,) predicted at the end; empty where it diverged
    arms: tuple[ArmResult, ...]


@dataclass(frozen=True)
class Atlas:
    """One pair."""

    name: str
    facts: BaseFacts
    profile: Profile
    frozen: Rung
    tfidf: Rung
    noise: Noise
    multi_label: bool
    val: Rows
    test: Rows
    test_frozen: Rows
    runs: Mapping[str, Ran] = field(repr=False)  # recipe key, seed included

    @property
    def classes(self) -> int:
        return len(self.profile.classes)

    @cached_property
    def grid(self) -> tuple[Recipe, ...]:
        """Recipes of the factorial that were run, seed 0."""
        return tuple(r for r in design.grid() if r.key in self.runs)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return ("frozen", *(key for key, ran in self.runs.items() if ran.test))

    @cached_property
    def _draws(self) -> npt.NDArray[np.float64]:
        """(DRAWS, k) test macro-F1 of every run on the same resampled rows."""
        truth = indicator(self.test, self.classes)
        told = [self.test_frozen, *(ran.test for ran in self.runs.values() if ran.test)]
        return bootstrap_f1(truth, [indicator(rows, self.classes) for rows in told], DRAWS)

    @cached_property
    def _scores(self) -> Mapping[str, float]:
        truth = indicator(self.test, self.classes)
        told = {"frozen": self.test_frozen} | {key: ran.test for key, ran in self.runs.items() if ran.test}
        return {key: macro_f1(truth, indicator(rows, self.classes)) for key, rows in told.items()}

    def seeds(self, recipe: Recipe) -> list[str]:
        """Keys of the recipe's runs under every seed."""
        return [key for s in (0, 1, 2) if (key := recipe.with_(seed=s).key) in self.runs]

    def score(self, recipe: Recipe | None) -> float:
        """Test macro-F1, mean of seeds; None is the frozen rung; a diverged run scores nothing."""
        if recipe is None:
            return self._scores["frozen"]
        return float(np.mean([self._scores.get(key, 0.0) for key in self.seeds(recipe)]))

    def gain(self, new: Recipe | None, old: Recipe | None) -> tuple[float, float]:
        """Test macro-F1 of `new` over `old` and its standard error: rows (paired) and seeds."""
        a, b = (self._columns(r) for r in (new, old))
        error = float((self._draws[:, a].mean(axis=1) - self._draws[:, b].mean(axis=1)).std(ddof=1))
        seeds = sum(self.seed_sd**2 / max(1, len(c)) for c, r in ((a, new), (b, old)) if r is not None)
        return self.score(new) - self.score(old), float(np.hypot(error, np.sqrt(seeds)))

    def _columns(self, recipe: Recipe | None) -> list[int]:
        keys = ["frozen"] if recipe is None else self.seeds(recipe)
        return [self._names.index(key) for key in keys if key in self._names] or [0]

    @cached_property
    def seed_sd(self) -> float:
        """Standard deviation of test macro-F1 from seed to seed, pooled over the recipes that were run twice.

        The median of the pairs' estimates: one recipe at the edge of stability must not make all others look noisy.
        """
        found = []
        for key, ran in self.runs.items():
            if ran.recipe.seed == 1 and (first := ran.recipe.with_(seed=0).key) in self._scores and key in self._scores:
                found.append(abs(self._scores[first] - self._scores[key]))
        # Half a normal: the median of |difference| is 0.674 x sqrt(2) standard deviations.
        return float(np.median(found) / (0.6745 * 2**0.5)) if found else 0.0


def pack(name: str, work: Path) -> None:
    """`work/NAME.jsonl` as `data/NAME.parquet`."""
    entries = [json.loads(line) for line in (work / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    table: dict[str, list[Any]] = {column: [] for column in ("id", "body", "probe_loss", "full_loss", "arm_loss")}
    for entry in entries:
        kept = {k: v for k, v in entry.items() if k not in {"seconds", "arm_seconds"}}
        losses = [_taken(kept.get(part)) for part in ("probe", "full")]
        arms = [_taken(arm) for arm in kept.get("arms", ())]
        if kept["id"] == "facts":
            kept["profile"] = _lean(kept["profile"])
        table["id"].append(kept["id"])
        table["body"].append(json.dumps(_rounded(kept), separators=(",", ":")))
        table["probe_loss"].append(losses[0])
        table["full_loss"].append(losses[1])
        table["arm_loss"].append(arms)
    loss = pa.list_(pa.int16())
    types = {"id": pa.string(), "body": pa.string(), "probe_loss": loss, "full_loss": loss, "arm_loss": pa.list_(loss)}
    DATA.mkdir(exist_ok=True)
    arrays = [pa.array(table[name_], type_) for name_, type_ in types.items()]
    pq.write_table(pa.table(arrays, names=list(types)), DATA / f"{name}.parquet", compression="zstd",
                   compression_level=19)  # fmt: skip


def load(name: str, work: Path | None = None) -> Atlas:
    """One pair, from `data`, or as far as `work` has it.

    Raises: FileNotFoundError.
    """
    if work is not None:
        lines = (work / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        return _atlas(name, [json.loads(line) for line in lines])
    rows = pq.read_table(DATA / f"{name}.parquet").to_pylist()
    entries = []
    for row in rows:
        body = json.loads(row["body"])
        for part in ("probe", "full"):
            if part in body:
                body[part] |= _given(row[f"{part}_loss"], body[part])
        for arm, losses in zip(body.get("arms", ()), row["arm_loss"], strict=True):
            arm["val_log_loss"] = [x / 1000 for x in losses]
        entries.append(body)
    return _atlas(name, entries)


def names() -> list[str]:
    """Pairs in `data`, in the order of the design."""
    return [pair.name for pair in design.PAIRS if (DATA / f"{pair.name}.parquet").exists()]


def _atlas(name: str, entries: list[dict[str, Any]]) -> Atlas:
    facts = next(entry for entry in entries if entry["id"] == "facts")
    base: BaseFacts = from_json(BaseFacts, facts["facts"])
    val, test = (tuple(map(tuple, facts[split])) for split in ("val", "test"))
    runs = {}
    for entry in entries:
        if not entry["id"].startswith("run "):
            continue
        probe, full = (from_json(Curve, entry[part]) for part in ("probe", "full"))
        arms = from_json(tuple[ArmResult, ...], entry["arms"])
        runs[probe.recipe.key] = Ran(probe.recipe, probe, full, tuple(map(tuple, entry["test"])), arms)
    tokens = round(base.val_tokens * len(val) / (len(val) + len(test)))  # the engine held both splits as one
    return Atlas(
        name, replace(base, val_tokens=tokens), from_json(Profile, facts["profile"]), from_json(Rung, facts["frozen"]),
        from_json(Rung, facts["tfidf"]), from_json(Noise, facts["noise"]), facts["multi_label"], val, test,
        tuple(map(tuple, facts["test_frozen"])), runs,
    )  # fmt: skip


def _taken(part: dict[str, Any] | None) -> list[int]:
    """The row losses of a curve or an arm, taken out of its JSON."""
    if part is None:
        return []
    if "end_log_loss" in part:  # both ends are the same evaluation here
        part.pop("val_log_loss"), part.pop("val_predicted")
    losses = part.pop("end_log_loss", None) or part.pop("val_log_loss", [])
    return [min(MOST_LOSS, round(1000 * x)) for x in losses]


def _given(losses: list[int], part: dict[str, Any]) -> dict[str, Any]:
    found = [x / 1000 for x in losses]
    return {"val_log_loss": found, "end_log_loss": found, "val_predicted": part["end_predicted"]}


def _lean(profile: dict[str, Any]) -> dict[str, Any]:
    """Without the checks, which quote texts of other people's sets."""
    return profile | {key: [] for key in ("checks",) if key in profile}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, list):
        return [_rounded(x) for x in value]
    return {k: _rounded(v) for k, v in value.items()} if isinstance(value, dict) else value
