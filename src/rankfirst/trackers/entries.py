"""Convert journal events to what trackers may receive. Anything not listed here stays in the run's folder.

No text of a row, no row number, no prediction of a row. Class names appear only if the sentence of a decision mentions
the class that it was made for.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from rankfirst.messages import Lang
from rankfirst.options.fit_options import journal_keys
from rankfirst.records import Curve, Recipe, Rung, Scores, to_json
from rankfirst.report import tell
from rankfirst.report.events import decode, plain
from rankfirst.trackers.base import Entry, Param, Point

# Journal keys that are parameters of the run (docs/journal.md).
RUN: Final = ("dataset", "device", "multi_label", "synthetic", "budget_work")
PACE: Final = ("dtype", "threads")
PROFILE: Final = ("n_train", "n_val", "n_test", "labels_per_row", "size_tier", "effective_classes", "imbalance",
                  "tail_share", "script", "duplicate_rows", "leaked_val", "leaked_test", "complexity")  # fmt: skip
CALIBRATION: Final = ("temperature", "ece_before", "ece_after", "f1_before", "f1_after")
SCORES: Final = ("macro_f1", "micro_f1", "accuracy", "log_loss", "tail_recall")
RUNG: Final = ("seconds", "megabytes", "ms_per_text")


class EntryMaker:
    """Converts the events of one run to entries; probes are numbered in order of arrival."""

    def __init__(self, lang: Lang) -> None:
        self.lang, self.curves, self.experiments, self.finals = lang, 0, 0, 0

    def entry(self, kind: str, key: str, payload: Any) -> Entry | None:
        """The entry for an event; None if it has nothing to report, or was written by another version."""
        if kind == "probe":
            self.curves += 1
        if kind == "experiment":
            self.experiments += 1
        if kind == "final":
            self.finals += 1
        make = _MAKERS.get(kind)
        payload = to_json(payload)
        return make(self, key, payload) if make and isinstance(payload, dict) else None

    def lines(self, kind: str, key: str, payload: Any) -> str:
        """The sentences of an event."""
        return "\n".join(tell(kind, key, payload, self.lang))


def _run(teller: EntryMaker, key: str, payload: Mapping[str, Any]) -> Entry:
    base = str(payload.get("base_model", ""))
    # Only the name of a folder: its path describes this machine.
    params: dict[str, Param] = {"base_model": Path(base).name if Path(base).is_absolute() or "\\" in base else base}
    versions = payload.get("versions")
    params |= _selected("version/", versions, tuple(versions)) if isinstance(versions, dict) else {}
    knobs = payload.get("set")
    params |= _selected("set/", knobs, tuple(knobs)) if isinstance(knobs, dict) else {}
    return Entry("run", params | _selected("", payload, (*RUN, *journal_keys())))


def _pace(teller: EntryMaker, key: str, payload: Mapping[str, Any]) -> Entry:
    return Entry("pace", _selected("", payload, PACE))


def _profile(teller: EntryMaker, key: str, payload: Mapping[str, Any]) -> Entry:
    return Entry("profile", {"classes": len(payload.get("classes") or ())} | _selected("", payload, PROFILE))


def _start(teller: EntryMaker, key: str, payload: Mapping[str, Any]) -> Entry:
    return Entry("start", _recipe("start/", payload.get("recipe")), line=teller.lines("start", key, payload))


def _rung(teller: EntryMaker, key: str, payload: Mapping[str, Any]) -> Entry | None:
    rung = decode(Rung, dict(payload))
    if rung is None:
        return None
    own = [Point(name, 0, float(getattr(rung, name))) for name in RUNG]
    return Entry(f"rung/{key}", points=tuple(_finite([*_scores("val_", rung.val), *own])))


def _probe(teller: EntryMaker, key: str, payload: Mapping[str, Any]) -> Entry | None:
    return _curve(f"probe/{teller.curves}", payload)


def _final(teller: EntryMaker, key: str, payload: Mapping[str, Any]) -> Entry | None:
    # A second one is the rival's curve, which was sent under its own name: two curves must not share a namespace.
    return _curve("final", payload) if teller.finals == 1 else None


def _rival(teller: EntryMaker, key: str, payload: Mapping[str, Any]) -> Entry | None:
    return _curve("rival", payload)


def _curve(group: str, payload: Mapping[str, Any]) -> Entry | None:
    curve = decode(Curve, dict(payload))
    if curve is None:
        return None
    params: dict[str, Param] = {"recipe": curve.recipe.key, "health": curve.health.value, "epochs": curve.epochs,
                                "steps_per_epoch": curve.steps_per_epoch, "work_tflop": curve.work,
                                "adapter_parameters": curve.adapter_parameters}  # fmt: skip
    named = {f"{group}/{name}": value for name, value in params.items()}
    return Entry(group, named | _recipe(f"{group}/", payload.get("recipe")), tuple(_finite(_points(curve))))


def _points(curve: Curve) -> Iterator[Point]:
    """Losses are in nats/example; `subset_` is the fixed subset of the training rows, without dropout."""
    for name, values in (("train_loss", curve.train_loss), ("grad_norm", curve.grad_norm), ("lr", curve.lr)):
        yield from (Point(name, step, value) for step, value in zip(curve.steps, values, strict=False))
    for e in curve.evaluations:
        metrics = {"val_loss": e.val_loss, "val_macro_f1": e.val_macro_f1, "val_accuracy": e.val_accuracy,
                "subset_loss": e.train_loss, "subset_macro_f1": e.train_macro_f1}  # fmt: skip
        yield from (Point(name, e.step, value) for name, value in metrics.items())


def _decision(teller: EntryMaker, key: str, payload: Mapping[str, Any]) -> Entry:
    rule = str(payload.get("rule_id", ""))
    return Entry(f"decision/{key}", {f"decision/{key}/rule": rule}, line=teller.lines("decision", key, payload))


def _experiment(teller: EntryMaker, key: str, payload: Mapping[str, Any]) -> Entry:
    group = f"experiment/{teller.experiments}"
    params = {f"{group}/limit": str(payload.get("limit", ""))}
    return Entry(group, params, line=teller.lines("experiment", key, payload))


def _verdict(teller: EntryMaker, key: str, payload: Mapping[str, Any]) -> Entry:
    return Entry("verdict", {"verdict": str(payload.get("ship", ""))}, line=teller.lines("verdict", key, payload))


def _calibration(teller: EntryMaker, key: str, payload: Mapping[str, Any]) -> Entry:
    values = plain(dict(payload))
    points = [Point(name, 0, float(values[name])) for name in CALIBRATION if isinstance(values.get(name), int | float)]
    return Entry("calibration", points=tuple(_finite(points)))


def _result(teller: EntryMaker, key: str, payload: Mapping[str, Any]) -> Entry:
    points = [Point("seconds", 0, float(payload.get("seconds") or 0))]
    for split in ("val", "test"):
        scores = decode(Scores, payload.get(split))
        points += _scores(f"{split}_", scores) if scores else []
    delivered = _recipe("delivered/", payload.get("recipe"))
    return Entry("result", delivered, tuple(_finite(points)))


def _scores(prefix: str, scores: Scores) -> list[Point]:
    figures = {name: getattr(scores, name) for name in SCORES}
    return [Point(prefix + name, 0, float(value)) for name, value in figures.items() if value is not None]


def _recipe(prefix: str, payload: Any) -> dict[str, Param]:
    recipe = decode(Recipe, payload)
    if recipe is None:
        return {}
    settings: dict[str, Param] = {"rank": recipe.rank, "sites": str(recipe.sites), "scaling": recipe.scaling,
                              "lr": recipe.lr, "dropout": recipe.dropout, "batch_size": recipe.batch_size,
                              "seed": recipe.seed}  # fmt: skip
    return {prefix + name: value for name, value in settings.items()}


def _selected(prefix: str, payload: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Param]:
    """Those of `names` that have a scalar value."""
    values = {name: payload.get(name) for name in names}
    return {prefix + name: value for name, value in values.items() if isinstance(value, str | int | float)}


def _finite(points: list[Point] | Iterator[Point]) -> Iterator[Point]:
    """Drop NaN, which trackers treat differently; a truncated curve shows the same, and `health` gives the reason."""
    return (point for point in points if math.isfinite(point.value))


_MAKERS: Final[dict[str, Callable[[EntryMaker, str, Mapping[str, Any]], Entry | None]]] = {
    "run": _run,
    "pace": _pace,
    "profile": _profile,
    "rung": _rung,
    "start": _start,
    "probe": _probe,
    "experiment": _experiment,
    "decision": _decision,
    "final": _final,
    "rival": _rival,
    "verdict": _verdict,
    "calibration": _calibration,
    "result": _result,
}
