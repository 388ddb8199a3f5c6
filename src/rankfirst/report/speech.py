"""Phrases in both languages: sentences by code, durations, scores, recipes. Never raises on an old run."""

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rankfirst.records import ALL_ROLES, ATTENTION_QV, FFN, Recipe
from rankfirst.words import LANGS, Lang, say


@dataclass(frozen=True)
class Both:
    """One phrase, told twice."""

    en: str
    zh: str

    def __getitem__(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en


def clean(text: object) -> str:
    """One line without control or bidirectional-override characters, for a terminal or a page."""
    kept = (" " if c.isspace() else c for c in str(text) if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf"))
    return " ".join("".join(kept).split())


def sentence(code: str, lang: Lang, numbers: Mapping[str, Any] | None = None) -> str:
    """The sentence for `code`; when it or one of its numbers is missing, the code with its numbers."""
    given = numbers if isinstance(numbers, Mapping) else {}
    try:
        return clean(say(code, lang, **given))
    except (KeyError, ValueError, IndexError, TypeError, AttributeError):
        told = ", ".join(f"{name} = {_short(value)}" for name, value in given.items())
        return clean(f"{code} ({told})" if told else code)


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def both(code: str, numbers: Mapping[str, Any] | None = None) -> Both:
    """`sentence` in both languages; a `Both` among the numbers is told in the language of the sentence."""
    told = [
        sentence(code, lang, {k: v[lang] if isinstance(v, Both) else v for k, v in (numbers or {}).items()})
        for lang in LANGS
    ]
    return Both(*told)


def phrase(code: str, **numbers: object) -> Both:
    """A sentence of words.report, without its prefix."""
    return both(f"report.{code}", numbers)


def same(text: object) -> Both:
    """A text that needs no translation: a label, a number."""
    return Both(clean(text), clean(text))


def known(code: str, name: str) -> Both:
    """The word for `name` under report.<code>., or the name itself when there is none."""
    told = phrase(f"{code}.{name}")
    return same(name) if told.en == clean(f"report.{code}.{name}") else told


def percent(value: float | None) -> str:
    """A share as 87.3%, or a dash."""
    return "–" if value is None or not math.isfinite(value) else f"{value:.1%}"


def points(value: float | None) -> Both:
    """A difference of shares in percentage points, signed."""
    if value is None or not math.isfinite(value):
        return same("–")
    return phrase("points", value=100 * value)


def interval(low: float | None, high: float | None) -> str:
    """A 95% interval as 85.1–89.2%, or nothing when it was not measured."""
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return ""
    return f"{100 * low:.1f}–{100 * high:.1f}%"


def plain_number(value: float | None, spec: str = ".3f") -> str:
    """A number, or a dash."""
    return "–" if value is None or not math.isfinite(value) else format(value, spec)


def duration(seconds: float | None) -> Both:
    """Seconds as a person would say them."""
    if seconds is None or not math.isfinite(seconds):
        return same("–")
    if seconds < 10:
        return phrase("time.seconds", seconds=f"{seconds:.1f}")
    whole = round(seconds)
    if whole < 60:
        return phrase("time.seconds", seconds=whole)
    if whole < 3600:
        return phrase("time.minutes", minutes=whole // 60, seconds=whole % 60)
    return phrase("time.hours", hours=whole // 3600, minutes=whole % 3600 // 60)


def size(megabytes: float | None) -> str:
    """What has to be shipped, in MB or kB."""
    if megabytes is None or not math.isfinite(megabytes):
        return "–"
    return f"{1000 * megabytes:.0f} kB" if 0 < megabytes < 1 else f"{megabytes:.1f} MB"


def recipe_words(recipe: Recipe) -> Both:
    """A recipe in one line."""
    names = {
        ATTENTION_QV: same("q/v"),
        (*ATTENTION_QV, *FFN): same("q/v + FFN"),
        ALL_ROLES: phrase("roles.all"),
    }
    roles = names.get(recipe.sites.roles) or same("/".join(role.value for role in recipe.sites.roles))
    return phrase(
        "recipe",
        rank=recipe.rank,
        roles=roles,
        layers=recipe.sites.top_layers,
        scaling=recipe.scaling,
        lr=recipe.lr,
        dropout=recipe.dropout,
        batch=recipe.batch_size,
    )
