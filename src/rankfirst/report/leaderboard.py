"""Every model of a run in one table: the baselines, LoRA, and each probe with its recipe."""

from collections.abc import Sequence
from typing import Any, Final

from rankfirst.messages import Lang
from rankfirst.records import Recipe
from rankfirst.report.events import Event, decode, last, number
from rankfirst.report.evidence import probe_curves
from rankfirst.report.phrases import sites_words
from rankfirst.report.rungs import RungFacts, rung_facts

KNOBS: Final = ("rank", "target_modules", "scaling", "lr", "dropout")
COLUMNS: Final = ("model", "delivered", "val_macro_f1", "val_low", "val_high", "test_macro_f1", *KNOBS,
                  "accuracy", "tail_recall", "seconds", "megabytes")  # fmt: skip


def leaderboard(events: Sequence[Event], lang: Lang = "en") -> list[dict[str, Any]]:
    """The models from the best validation macro-F1 down; None where nothing was measured.

    Shares are 0 to 1, `val_low` and `val_high` the 95% interval, `accuracy` and `tail_recall` on validation rows.
    A probe has the score of its best evaluation, which selects by the same rows; the models above it are scored once.
    """
    result = last(events, "result")
    delivered, recipe = result.get("verdict"), decode(Recipe, result.get("recipe"))
    rows = [_rung(rung, rung.name == delivered, recipe, lang) for rung in rung_facts(events)]
    rows += [
        {**_empty(), "model": f"probe {probe.number}", "val_macro_f1": number(curve.best.val_macro_f1),
         **_settings(curve.recipe, lang)}
        for probe, curve in probe_curves(events)
        if curve.evaluations
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row["val_macro_f1"] is None, -(row["val_macro_f1"] or 0.0)))


def _empty() -> dict[str, Any]:
    return {**dict.fromkeys(COLUMNS), "delivered": False}


def _rung(rung: RungFacts, delivered: bool, recipe: Recipe | None, lang: Lang) -> dict[str, Any]:
    return {
        **_empty(), "model": rung.name, "delivered": delivered, "val_macro_f1": rung.val.value,
        "val_low": rung.val.low, "val_high": rung.val.high, "test_macro_f1": rung.test.value,
        "accuracy": rung.accuracy, "tail_recall": rung.tail, "seconds": rung.seconds, "megabytes": rung.megabytes,
        **(_settings(recipe, lang) if rung.name == "lora" and recipe is not None else {}),
    }  # fmt: skip


def _settings(recipe: Recipe, lang: Lang) -> dict[str, Any]:
    values = (recipe.rank, sites_words(recipe.sites)[lang], recipe.scaling, recipe.lr, recipe.dropout)
    return dict(zip(KNOBS, values, strict=True))
