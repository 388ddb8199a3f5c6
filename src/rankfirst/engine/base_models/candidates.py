"""Base models that compete when nobody names one: `--base-model auto:small`, or `auto:A,B,C` for a list of one's own.

Sizes, licences, prefixes and poolings are what the models' own cards say; what a base is good for on given rows is
measured, never looked up here. A candidate that cannot be had takes no part, and the run says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rankfirst.engine.base import Source
from rankfirst.engine.base_models import sources
from rankfirst.engine.base_models.sources import DEFAULT_EN, DEFAULT_ZH
from rankfirst.errors import ModelError, OptionError, RankfirstError

AUTO: Final = "auto:"


@dataclass(frozen=True)
class Candidate:
    """An encoder small enough for two processor cores."""

    spec: str  # what --base-model takes
    millions: float  # of weights
    languages: tuple[str, ...]  # it was trained for; "many": some hundred
    licence: str  # SPDX, of its card
    prefix: str  # its card wants before each text; put there by `engine.model.text_prefix`
    pooling: str  # its card's; every pooling is tried all the same


_MANY: Final = (
    Candidate("intfloat/multilingual-e5-small", 118, ("many",), "MIT", "query: ", "mean"),
    Candidate("sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2", 118, ("many",), "Apache-2.0", "", "mean"),
)

SMALL: Final[Mapping[str, tuple[Candidate, ...]]] = {
    "en": (
        Candidate(DEFAULT_EN, 23, ("en",), "Apache-2.0", "", "mean"),
        Candidate("BAAI/bge-small-en-v1.5", 33, ("en",), "MIT", "", "cls"),
        Candidate("intfloat/e5-small-v2", 33, ("en",), "MIT", "query: ", "mean"),
        Candidate("thenlper/gte-small", 33, ("en",), "MIT", "", "mean"),
    ),
    "zh": (
        Candidate(DEFAULT_ZH, 24, ("zh",), "MIT", "", "cls"),
        Candidate("thenlper/gte-small-zh", 30, ("zh",), "MIT", "", "cls"),
        _MANY[0],
    ),
    "mixed": (Candidate(DEFAULT_ZH, 24, ("zh",), "MIT", "", "cls"), *_MANY),
    "other": _MANY,
}
"""By `data.script_of` the training texts."""

LISTS: Final[Mapping[str, Mapping[str, tuple[Candidate, ...]]]] = {"small": SMALL}


def automatic(spec: str | None) -> bool:
    """Whether several bases are to be compared."""
    return spec is not None and spec.startswith(AUTO)


def specs(spec: str, script: str) -> tuple[str, ...]:
    """The candidates of `auto:small`, or of `auto:A,B,C`.

    Args: script: of the training texts, which the named lists depend on.
    Raises: OptionError when no list is called so and fewer than two are named.
    """
    rest = spec.removeprefix(AUTO)
    named = tuple(dict.fromkeys(word.strip() for word in rest.split(",") if word.strip()))
    if len(named) == 1 and named[0] in LISTS:
        return tuple(candidate.spec for candidate in LISTS[named[0]][script])
    if len(named) < 2:
        raise OptionError("bases.too_few", text=spec, known=", ".join(AUTO + name for name in LISTS))
    return named


def find(named: Sequence[str]) -> tuple[tuple[Source, ...], tuple[tuple[str, RankfirstError], ...]]:
    """Those that can be had, and (spec, why not) of the others; the same weights count once.

    Once the hub could not be reached, the rest is looked for on this machine only: every attempt waits for seconds.
    Raises: ModelError when there is none.
    """
    found: dict[str, Source] = {}
    missing: list[tuple[str, RankfirstError]] = []
    offline = False
    for spec in named:
        try:
            source = sources.resolve(spec, local_only=offline)
        except ModelError as error:
            offline = offline or error.code == "model.offline"
            missing.append((spec, error))
            continue
        found.setdefault(source.sha256, source)
    if not found:
        raise ModelError("bases.none", specs=", ".join(named))
    return tuple(found.values()), tuple(missing)
