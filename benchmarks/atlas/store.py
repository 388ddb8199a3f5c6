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
LEAST_ROWS = 5  # test rows of a class that counts: with fewer, one row moves macro-F1 by points
DRAWS = 300  # resamplings of the test rows behind every standard error
PARTS = ("probe", "cooled", "full")  # of a run
Rows = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Ran:
    """One recipe: what its probe showed, where it ended, what arms from the probe's end found."""

    recipe: Recipe
    probe: Curve  # under a constant lr
    cooled: Curve  # and once its lr has fallen: what the policy sees
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
        told = [self.test_frozen, *(ran.test for ran in self.runs.values() if ran.test)]
        return bootstrap_f1(self._counted(self.test), [self._counted(rows) for rows in told], DRAWS)

    def _counted(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """(n, C') of the classes with enough test rows."""
        enough = indicator(self.test, self.classes).sum(axis=0) >= LEAST_ROWS
        return indicator(rows, self.classes)[:, enough]

    @cached_property
    def _scores(self) -> Mapping[str, float]:
        told = {"frozen": self.test_frozen} | {key: ran.test for key, ran in self.runs.items() if ran.test}
        return {key: macro_f1(self._counted(self.test), self._counted(rows)) for key, rows in told.items()}

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
    table: dict[str, list[Any]] = {
        column: [] for column in ("id", "body", *(f"{part}_loss" for part in PARTS), "arm_loss")
    }
    for entry in entries:
        kept = {k: v for k, v in entry.items() if k not in {"seconds", "arm_seconds"}}
        losses = {part: _taken(kept.get(part)) for part in PARTS}
        arms = [_taken(arm) for arm in kept.get("arms", ())]
        if kept["id"] == "facts":
            kept["profile"] = _lean(kept["profile"])
        table["id"].append(kept["id"])
        table["body"].append(json.dumps(_rounded(kept), separators=(",", ":")))
        for part, taken in losses.items():
            table[f"{part}_loss"].append(taken)
        table["arm_loss"].append(arms)
    loss = pa.list_(pa.int16())
    types = {"id": pa.string(), "body": pa.string(), **{f"{part}_loss": loss for part in PARTS},
             "arm_loss": pa.list_(loss)}  # fmt: skip
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
        for part in PARTS:
            if body.get(part):
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
        single = [arm for arm in entry["arms"] if "+" not in arm["kind"]]  # the first pairs moved two knobs as well
        arms = from_json(tuple[ArmResult, ...], single)
        cooled = from_json(Curve, entry["cooled"]) if entry.get("cooled") else _cooled(probe, arms)
        runs[probe.recipe.key] = Ran(probe.recipe, probe, cooled, full, tuple(map(tuple, entry["test"])), arms)
    # The engine held validation and test rows as one split, and counts the training subset with them.
    subset = design.SUBSET_ROWS * base.train_tokens / max(1, base.probe_rows)
    tokens = round(subset + (base.val_tokens - subset) * len(val) / (len(val) + len(test)))
    profile: Profile = from_json(Profile, facts["profile"])
    return Atlas(
        name=name,
        facts=replace(base, val_tokens=tokens, probe_steps=-(-base.probe_rows // design.BATCH)),
        profile=replace(profile, suspects_known=True),
        frozen=from_json(Rung, facts["frozen"]),
        tfidf=from_json(Rung, facts["tfidf"]),
        noise=from_json(Noise, facts["noise"]),
        multi_label=facts["multi_label"],
        val=val,
        test=test,
        test_frozen=tuple(map(tuple, facts["test_frozen"])),
        runs=runs,
    )


def _cooled(probe: Curve, arms: tuple[ArmResult, ...]) -> Curve:
    """From the do-nothing arm, for the first runs, which kept no predictions of it."""
    if not arms or not arms[0].healthy:
        return probe
    arm, last = arms[0], probe.last
    told = replace(
        last, epoch=last.epoch + 1, val_macro_f1=arm.val_macro_f1, train_loss=arm.train_subset_loss,
        train_macro_f1=arm.train_macro_f1, val_loss=sum(arm.val_log_loss) / len(arm.val_log_loss),
    )  # fmt: skip
    return replace(
        probe, epochs=probe.epochs + 1, evaluations=(*probe.evaluations[:-1], told), end_log_loss=arm.val_log_loss,
        val_log_loss=arm.val_log_loss, val_predicted=(), end_predicted=(), update_norm=arm.update_norm,
        work=probe.work + arm.work,
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
