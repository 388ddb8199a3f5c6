"""Knobs that the user sets; the guard that binds every rule applies to them too."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rankfirst.errors import OptionError
from rankfirst.policy import thresholds as t
from rankfirst.policy.rules import GUARD
from rankfirst.records import KNOBS, SITE_ROLES, Recipe, Sites, Stage

ALIASES: Final = {"r": "rank", "a": "scaling", "target_modules": "sites"}
VALUES: Final[Mapping[str, tuple[float, ...]]] = {
    "rank": t.RANKS,
    "lr": t.LRS,
    "scaling": tuple(sorted({*t.SCALINGS, *t.SEED_SCALINGS})),
    "dropout": t.DROPOUTS,
}


@dataclass(frozen=True)
class Refusal:
    """A setting that the guard refuses, with the reason."""

    knob: str
    value: str
    stage: Stage
    code: str  # key of the reason in messages/rules.py
    forced: bool  # the user passed --force, so it was followed nevertheless


def parse(texts: Iterable[str]) -> dict[str, Any]:
    """`rank=16`, `sites=qv+ffn@4`, `sites=qv+ffn@4+qv`, `lr=8e-4`, ... -> knob: value.

    Raises: OptionError for an unknown knob or a value off its ladder.
    """
    settings: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        knob = ALIASES.get(name.strip().lower(), name.strip().lower())
        if not equals or knob not in KNOBS:
            raise OptionError("option.bad_set", text=text, known=", ".join(KNOBS))
        settings[knob] = _sites(value.strip()) if knob == "sites" else _rung(knob, value.strip())
    return settings


def guarded(settings: Mapping[str, Any], force: bool) -> tuple[dict[str, Any], dict[str, Any], list[Refusal]]:
    """(settings that hold from the start, settings that wait for the dynamics stage, refusals of the guard).

    Capacity is settled first, so a knob of the dynamics waits for its stage, which tries it first and judges it like
    any other move; with `force` it holds from the start.
    """
    now: dict[str, Any] = {}
    later: dict[str, Any] = {}
    refusals: list[Refusal] = []
    for knob, value in settings.items():
        code = GUARD.get((Stage.CAPACITY, knob))
        if code:
            refusals.append(Refusal(knob, written(knob, value), Stage.CAPACITY, code, force))
        (later if code and not force else now)[knob] = value
    return now, later, refusals


def within(settings: Mapping[str, Any], layers: int) -> None:
    """Raises: OptionError for sites that name more layers than the base model has."""
    sites = settings.get("sites")
    if sites is not None and sites.top_layers > layers:
        most = written("sites", sites.within(layers))
        raise OptionError("option.too_deep", value=written("sites", sites), layers=layers, most=most)


def applied(recipe: Recipe, settings: Mapping[str, Any], layers: int) -> Recipe:
    """The recipe with these knobs set; sites are cut to the number of layers of the base model."""
    sites = settings.get("sites", recipe.sites)
    return recipe.with_(**{**settings, "sites": sites.within(layers)})


def written(knob: str, value: Any) -> str:
    """A setting in the notation that `parse` reads."""
    return str(value.setting) if knob == "sites" else f"{value:g}"


def _rung(knob: str, text: str) -> float | int:
    ladder = VALUES[knob]
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    for rung in ladder:
        if abs(value - rung) <= 1e-9 * max(1.0, abs(rung)):
            return rung
    raise OptionError("option.off_ladder", knob=knob, value=text, ladder=", ".join(f"{rung:g}" for rung in ladder))


def _sites(text: str) -> Sites:
    """`qv+ffn@4`: these roles in the top 4 blocks; `qv+ffn@4+qv`: of these, q and v in every block."""
    top, _, deep = text.lower().partition("@")
    depth, plus, below = deep.partition("+")
    roles, everywhere = SITE_ROLES.get(top, ()), SITE_ROLES.get(below, ())
    named = set() < set(everywhere) < set(roles) if plus else bool(roles)
    if named and depth.isdecimal() and int(depth) > 0:
        return Sites(roles, int(depth), everywhere)
    ladder = ", ".join((*(f"{name}@K" for name in SITE_ROLES), "qv+ffn@K+qv"))
    raise OptionError("option.off_ladder", knob="sites", value=text, ladder=ladder)
