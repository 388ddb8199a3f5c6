"""Every recipe that was trained, side by side: its changes and its scores."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from rankfirst.records import ALL_ROLES, ATTENTION_QV, FFN, QV_FFN, Curve, Health, Number, Recipe, Role, Sites
from rankfirst.report.events import Event, last
from rankfirst.report.evidence import collapsed, knobs, trainings
from rankfirst.report.phrases import EVERYWHERE, Both, knob_name, knob_values, phrase, plain_number, same
from rankfirst.report.view_model import Knob, RecipeRow

_ROLES: Final = {ATTENTION_QV: "q/v", FFN: "FFN", QV_FFN: "q/v + FFN", ALL_ROLES: "q/k/v/o + FFN"}
_USUAL = ("rank", "sites", "scaling", "lr", "dropout")


def recipes(events: Sequence[Event], frozen: float | None) -> tuple[RecipeRow, ...]:
    """One row per probe and per final training, oldest first; changes relative to the recipe it was tried from.

    Of two final trainings, the second is a rival that won, see `policy/rival.py`: the last one is delivered.

    Args: frozen: validation macro-F1 of the frozen rung, the baseline of gains.
    """
    shipped = last(events, "result").get("verdict")
    trained = [training for training in trainings(events) if training.curve is not None]
    finals = [training for training in trained if not training.number]
    rows: list[RecipeRow] = []
    for training in trained:
        assert training.curve is not None
        row = _row(training.curve, training.tried_from, frozen, str(training.number or ""), training.event.line)
        rows.append(replace(row, delivered=shipped == "lora") if training in finals[-1:] else row)
    return tuple(rows)


def _row(curve: Curve, before: Recipe | None, frozen: float | None, number: str, line: int) -> RecipeRow:
    settings = knob_values(curve.recipe)
    old = knob_values(before) if before else settings
    usual = tuple(Knob(settings[name], settings[name] != old.get(name)) for name in _USUAL)
    values = knobs(curve.recipe, before)
    others = tuple(knob for name, knob in zip(settings, values, strict=True) if name not in _USUAL)
    val, end = (curve.best.val_macro_f1, curve.last.val_macro_f1) if curve.evaluations else (None, None)
    gain = "–" if val is None or frozen is None else plain_number(100 * (val - frozen), "+.1f")
    ended = same("") if curve.health is Health.FINE else phrase(f"health.{curve.health.value}", epochs=curve.epochs)
    if curve.evaluations and collapsed(curve.end_predicted, curve.last.val_macro_f1, curve.start.val_macro_f1):
        ended = phrase("chip.collapsed")
    return RecipeRow(number, usual, others, val, end, gain, False, ended, line)


def heads() -> tuple[Both, ...]:
    """The names of the settings, as column headings."""
    return tuple(knob_name(name) for name in _USUAL)


def where(sites: Sites) -> dict[str, Number]:
    """The names of the roles, and how many blocks they are in from the top, for sentences."""
    roles = _named(sites.roles)
    if sites.everywhere:
        top = sites.only_on_top if sites.only_on_top == FFN else sites.roles
        roles = f"{_named(sites.everywhere)}{EVERYWHERE}{_named(top)}"
    return {"roles": roles, "layers": sites.top_layers}


def _named(roles: tuple[Role, ...]) -> str:
    return _ROLES.get(roles) or "/".join(role.value for role in roles)
