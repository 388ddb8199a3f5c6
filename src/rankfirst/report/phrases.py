"""Phrases in both languages: sentences by code, durations, scores, recipes. Never raises for an old run."""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rankfirst.messages import LANGS, Lang, say, takes
from rankfirst.records import (
    ALL_ROLES,
    ATTENTION_QV,
    FFN,
    QV_FFN,
    ClassWeights,
    Decision,
    Head,
    Objective,
    Recipe,
    Role,
    Sites,
)

EVERYWHERE = " everywhere + "  # between the roles of every block and those of the top ones, in the six sentences
_KNOBS = "\uffff"  # placeholder for the settings that a conclusion names
_IN_BRACKETS = re.compile(rf"\s*[(（]{_KNOBS}[)）]")
_MOVED = re.compile(r"(\w+) (.+) -> (.+)")  # a setting that a policy changed
_SITES = re.compile(r"(?:(.+) everywhere, )?(.+?),? top (\d+)")  # `str(Sites)`
_ROLES = {"q/v": ATTENTION_QV, "q/v+FFN": QV_FFN, "all linear": ALL_ROLES}


@dataclass(frozen=True)
class Both:
    """One phrase in English and Chinese."""

    en: str
    zh: str

    def __getitem__(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en


def clean(text: object) -> str:
    """One line without control or bidirectional-override characters, for a terminal or a page."""
    kept = (" " if c.isspace() else c for c in str(text) if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf"))
    return " ".join("".join(kept).split())


def sentence(code: str, lang: Lang, numbers: Mapping[str, Any] | None = None) -> str:
    """The sentence for `code`; if it or one of its numbers is missing, the code with its numbers."""
    given = numbers if isinstance(numbers, Mapping) else {}
    try:
        return clean(say(code, lang, **given))
    except (KeyError, ValueError, IndexError, TypeError, AttributeError):
        listed = ", ".join(f"{name} = {_short(value)}" for name, value in given.items())
        return clean(f"{code} ({listed})" if listed else code)


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def both(code: str, numbers: Mapping[str, Any] | None = None) -> Both:
    """`sentence` in both languages; a `Both` among the numbers appears in the language of the sentence.

    Changed settings, which a policy writes as "lr 4e-4 -> 1e-4", are worded like all others.
    """
    given = dict(numbers or {})
    if isinstance(given.get("knobs"), str):
        given["knobs"] = moved_words(given["knobs"])
    texts = [
        sentence(code, lang, {k: v[lang] if isinstance(v, Both) else v for k, v in given.items()}) for lang in LANGS
    ]
    return Both(*texts)


def six_sentence(code: str, numbers: Mapping[str, Any]) -> Both:
    """One of the six sentences of a run. Its roles come as `six_sentences` writes them, "q/v everywhere + FFN"."""
    roles = {name: str(numbers.get(name)).partition(EVERYWHERE) for name in ("roles", "roles_from")}
    words = {
        name: phrase("roles.everywhere", everywhere=everywhere, top=top)
        for name, (everywhere, found, top) in roles.items()
        if found
    }
    return both(code, {**numbers, **words})


def phrase(code: str, **numbers: object) -> Both:
    """A sentence of messages.report, without its prefix."""
    return both(f"report.{code}", numbers)


def spoken(code: str, **numbers: object) -> Both:
    """A sentence of messages.assess, without its prefix."""
    return both(f"assess.{code}", numbers)


def same(text: object) -> Both:
    """A text that needs no translation: a label, a number."""
    return Both(clean(text), clean(text))


def known(code: str, name: str, silent: bool = False) -> Both:
    """The word for `name` under report.<code>.; without one, the name itself, or "" if `silent`."""
    words = phrase(f"{code}.{name}")
    if words.en != clean(f"report.{code}.{name}"):
        return words
    return Both("", "") if silent else same(name)


def percent(value: float | None, digits: int = 1) -> str:
    """A share as 87.3%, or a dash."""
    return "–" if value is None or not math.isfinite(value) else f"{value:.{digits}%}"


def points(value: float | None) -> Both:
    """A difference of shares in percentage points, signed."""
    if value is None or not math.isfinite(value):
        return same("–")
    return phrase("points", value=100 * value)


def interval(low: float | None, high: float | None) -> str:
    """A 95% interval as 85.1–89.2%; "" if it was not measured."""
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return ""
    return f"{100 * low:.1f}–{100 * high:.1f}%"


def plain_number(value: float | None, spec: str = ".3f") -> str:
    """A number, or a dash."""
    return "–" if value is None or not math.isfinite(value) else format(value, spec)


def duration(seconds: float | None) -> Both:
    """A duration in words."""
    if seconds is None or not math.isfinite(seconds):
        return same("–")
    if seconds < 10:
        return phrase("time.seconds", seconds=f"{seconds:.1f}")
    whole = round(seconds)
    if whole < 60:
        return phrase("time.seconds", seconds=whole)
    if whole < 3600 and whole % 60 == 0:
        return phrase("time.minutes_even", minutes=whole // 60)
    if whole < 3600:
        return phrase("time.minutes", minutes=whole // 60, seconds=whole % 60)
    return phrase("time.hours", hours=whole // 3600, minutes=whole % 3600 // 60)


def size(megabytes: float | None) -> str:
    """The size of a model, in MB or kB."""
    if megabytes is None or not math.isfinite(megabytes):
        return "–"
    return f"{1000 * megabytes:.0f} kB" if 0 < megabytes < 1 else f"{megabytes:.1f} MB"


def lr_words(lr: float) -> str:
    """A learning rate in usual notation: 2e-4."""
    mantissa, _, power = f"{lr:.1e}".partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(power)}" if power else mantissa


def sites_words(sites: Sites) -> Both:
    """The layers that LoRA adapts."""
    if not sites.everywhere:
        return phrase("knob.sites", roles=_roles_words(sites.roles), layers=sites.top_layers)
    top = _roles_words(sites.only_on_top if sites.only_on_top == FFN else sites.roles)
    return phrase("knob.sites_everywhere", everywhere=_roles_words(sites.everywhere), top=top, layers=sites.top_layers)


def _roles_words(roles: tuple[Role, ...]) -> Both:
    names = {
        ATTENTION_QV: same("q/v"),
        FFN: same("FFN"),
        QV_FFN: same("q/v + FFN"),
        ALL_ROLES: phrase("roles.all"),
    }
    return names.get(roles) or same("/".join(role.value for role in roles))


def knob_values(recipe: Recipe) -> dict[str, Both]:
    """The settings of a recipe by name; batch, seed, head and objective are left out if they have their defaults."""
    values = {
        "rank": same(recipe.rank),
        "sites": sites_words(recipe.sites),
        "scaling": same(f"{recipe.scaling:g}"),
        "lr": same(lr_words(recipe.lr)),
        "dropout": same(f"{recipe.dropout:g}"),
    }
    if recipe.head is not Head.PROBE:
        values["head"] = known("head_start", recipe.head.value)
    if recipe.head_lr is not None:
        values["head_lr"] = same(lr_words(recipe.head_lr))
    values |= _objective_values(recipe.objective)
    if recipe.without:
        values["without"] = same(f"{len(recipe.without):,}")
    if recipe.seed:
        values["seed"] = same(recipe.seed)
    if recipe.safe_numerics:
        values["safe_numerics"] = phrase("yes")
    return values


def _objective_values(objective: Objective) -> dict[str, Both]:
    values: dict[str, Both] = {}
    if objective.class_weights is not ClassWeights.NONE:
        values["class_weights"] = known("class_weights", objective.class_weights.value)
    for name in ("focal_gamma", "logit_adjustment", "label_smoothing"):
        if value := getattr(objective, name):
            values[name] = same(f"{value:g}")
    return values


def knob_words(name: str, value: Both) -> Both:
    """One setting in a few characters; sites without their name."""
    return value if name == "sites" else phrase("knob.named", name=known("knob", name), value=value)


def knob_name(name: str) -> Both:
    """The name of a setting."""
    return phrase("knob.sites_only") if name == "sites" else known("knob", name)


def recipe_words(recipe: Recipe) -> Both:
    """A recipe in one line."""
    return joined([knob_words(name, value) for name, value in knob_values(recipe).items()], " · ", " · ")


def change_words(old: Recipe, new: Recipe) -> Both:
    """The differences between two recipes, as "rank 8 -> 32"; "" if they are equal."""
    before, after = knob_values(old), knob_values(new)
    absent = {"seed": same(0), "without": same(0)}  # shown only if it is not the default
    moved = {
        name: phrase(
            "knob.moved",
            name=knob_name(name),
            old=before.get(name, absent.get(name, same("–"))),
            new=after.get(name, absent.get(name, same("–"))),
        )
        for name in before | after
        if before.get(name) != after.get(name)
    }
    if "sites" in moved and replace(old.sites, top_layers=new.sites.top_layers) == new.sites:
        moved["sites"] = phrase("knob.depth", old=old.sites.top_layers, new=new.sites.top_layers)
    return joined(list(moved.values()), ", ", "，")


def moved_words(written: str) -> Both:
    """Changed settings as a policy writes them, "rank 16 -> 4; lr 4e-4 -> 1e-4", in words; other text unchanged."""
    parts = [_MOVED.fullmatch(part) for part in clean(written).split("; ")]
    moves = [_one_moved(*part.groups()) for part in parts if part is not None]
    return joined(moves, "; ", "；") if len(moves) == len(parts) else same(clean(written))


def _one_moved(name: str, old: str, new: str) -> Both:
    flags = {"True": phrase("yes"), "False": phrase("no")}
    values = [flags.get(value) or (_written_sites(value) if name == "sites" else same(value)) for value in (old, new)]
    return phrase("knob.moved", name=knob_name(name), old=values[0], new=values[1])


def _written_sites(written: str) -> Both:
    """`str(Sites)` in words."""
    found = _SITES.fullmatch(written)
    try:
        return sites_words(Sites(_roles(found[2]), int(found[3]), _roles(found[1]))) if found else same(written)
    except ValueError:
        return same(written)


def _roles(written: str | None) -> tuple[Role, ...]:
    """Raises: ValueError for an unknown role."""
    return _ROLES[written] if written in _ROLES else tuple(map(Role, written.split("/") if written else ()))


def conclusion_words(decision: Decision) -> Both:
    """The conclusion, without the settings in brackets that the move repeats."""
    moved = moved_words(str(decision.numbers.get("knobs") or ""))
    code = decision.conclusion if takes(decision.conclusion) is not None else f"conclusion.{decision.rule_id}"
    shown = both(code, {**decision.numbers, "knobs": _KNOBS})
    return Both(*(_IN_BRACKETS.sub("", shown[lang]).replace(_KNOBS, moved[lang]) for lang in LANGS))


def joined(parts: Sequence[Both], en: str = ", ", zh: str = "、") -> Both:
    """Phrases joined in order."""
    return Both(en.join(part.en for part in parts), zh.join(part.zh for part in parts))
