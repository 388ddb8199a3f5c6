"""Compare two logs of runs that differ in one knob. Logs hold summary values only, so there is no interval."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

from rankfirst.advice import curve_figures
from rankfirst.advice.live_run import Said
from rankfirst.policy import thresholds as t
from rankfirst.records.training_log import LoggedEvaluation, LoggedRecipe, TrainingLog
from rankfirst.report.phrases import Both, both, joined, known, lr_words, same

KNOBS = ("rank", "scaling", "lr", "dropout", "roles", "layers", "batch_size", "seed")
NEEDED = ("rank", "scaling", "lr", "roles")  # if unknown, the recipes may differ in them; without adapters, only in lr


@dataclass(frozen=True)
class LogPair:
    """The knobs in which two runs differ, and what can be concluded."""

    differ: tuple[str, ...]
    said: tuple[Said, ...]


def compare(one: TrainingLog, other: TrainingLog, val_rows: int = 0) -> LogPair:
    """Compare the second run with the first.

    Args:
        val_rows: rows of the validation split of both; 0 if unknown.
    """
    differ = tuple(name for name in KNOBS if _differs(one.recipe, other.recipe, name))
    needed = NEEDED if one.lora or other.lora else ("lr",)
    unknown = [name for name in needed if None in (getattr(one.recipe, name), getattr(other.recipe, name))]
    sentences = [_verdict(one.recipe, other.recipe, differ)]
    if len(differ) < 2:
        sentences += _figures(one, other, val_rows)
        sentences.append(("logs.pair.no_interval", {}))
    if unknown:
        sentences.append(("logs.pair.unknown", {"names": joined([_name(name) for name in unknown])}))
    return LogPair(differ, tuple(sentences))


def _differs(one: LoggedRecipe, other: LoggedRecipe, name: str) -> bool:
    a, b = getattr(one, name), getattr(other, name)
    if a is None or b is None:
        return False
    return bool(abs(a - b) > t.SAME_LR * max(a, b) if name in ("lr", "scaling") else a != b)


def _verdict(one: LoggedRecipe, other: LoggedRecipe, differ: tuple[str, ...]) -> Said:
    if not differ:
        return "logs.pair.same", {}
    moved = joined([_moved(one, other, name) for name in differ])
    if set(differ) == {"rank", "scaling"} and one.alpha == other.alpha:
        return "logs.pair.alpha_kept", {"moved": moved, "alpha": f"{one.alpha or 0:g}"}
    return ("logs.pair.one" if len(differ) == 1 else "logs.pair.many"), {"moved": moved, "count": len(differ)}


def _moved(one: LoggedRecipe, other: LoggedRecipe, name: str) -> Both:
    old, new = (_value(name, getattr(recipe, name)) for recipe in (one, other))
    return both("logs.pair.moved", {"name": _name(name), "old": old, "new": new})


def _name(name: str) -> Both:
    option = {"roles": "sites_only", "layers": "sites_only"}.get(name)
    if option:
        return both(f"report.knob.{option}")
    return both("logs.name.batch") if name == "batch_size" else known("knob", name)


def _value(name: str, value: object) -> Both:
    if name == "roles" and isinstance(value, tuple):
        return same("/".join(value))
    if isinstance(value, float):
        return same(lr_words(value) if name == "lr" else f"{value:g}")
    return same(value)


def _figures(one: TrainingLog, other: TrainingLog, rows: int) -> Iterable[Said]:
    """Compare both at the last evaluation step that they share, else at the end of each."""
    shared = {e.step for e in one.evaluations} & {e.step for e in other.evaluations}
    if shared:
        pair = (curve_figures.at_step(one, max(shared)), curve_figures.at_step(other, max(shared)))
        yield "logs.pair.at_step", {"step": f"{max(shared):,}"}
    else:
        pair = (_last(one), _last(other))
        yield "logs.pair.at_end", {}
    first, second = pair
    if first is None or second is None:
        yield "logs.pair.nothing", {}
        return
    for name in ("loss", "f1", "accuracy", "train_loss", "train_f1"):
        a, b = getattr(first, name), getattr(second, name)
        if isfinite(a) and isfinite(b):
            yield "logs.pair.figure", {"name": both(f"logs.name.{name}"), "one": a, "other": b, "gain": b - a}
            if rows and name in ("f1", "accuracy"):
                limit = curve_figures.noise_of_difference(a, b, rows)
                code = "logs.pair.beyond" if abs(b - a) > limit else "logs.pair.inside"
                yield code, {"limit": limit, "rows": f"{rows:,}"}


def _last(log: TrainingLog) -> LoggedEvaluation | None:
    return log.evaluations[-1] if log.evaluations else None
