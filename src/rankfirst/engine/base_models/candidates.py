"""Candidate base models for `--base-model auto:small`, or for `auto:A,B,C` with a list from the user.

Sizes, licences, prefixes and poolings come from the model cards. How well a base suits the rows is measured, never
looked up here. Candidates that are not available are left out, and the run reports them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rankfirst.engine.base import Source
from rankfirst.engine.base_models import sources
from rankfirst.engine.base_models.sources import DEFAULT_EN, DEFAULT_MANY, DEFAULT_ZH
from rankfirst.errors import ModelError, OptionError, RankfirstError

AUTO: Final = "auto:"


@dataclass(frozen=True)
class Candidate:
    """An encoder small enough for two processor cores."""

    spec: str  # what --base-model takes
    millions: float  # of weights
    languages: tuple[str, ...]  # of its training data; "many": about a hundred
    licence: str  # SPDX id, from its card
    prefix: str  # before each text, from its card; applied by `network.model.text_prefix`
    pooling: str  # from its card; every pooling is tried nevertheless


_MANY: Final = (
    Candidate(DEFAULT_MANY, 118, ("many",), "MIT", "query: ", "mean"),
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
"""Script of the training texts, from `data.script_of` -> candidates."""

LISTS: Final[Mapping[str, Mapping[str, tuple[Candidate, ...]]]] = {"small": SMALL}


def automatic(spec: str | None) -> bool:
    """Whether `spec` requests a comparison of several bases."""
    return spec is not None and spec.startswith(AUTO)


def specs(spec: str, script: str) -> tuple[str, ...]:
    """The candidates of `auto:small`, or of `auto:A,B,C`.

    Args: script: of the training texts; selects the candidates of a named list.
    Raises: OptionError for an unknown list name, or for fewer than two bases.
    """
    rest = spec.removeprefix(AUTO)
    named = tuple(dict.fromkeys(word.strip() for word in rest.split(",") if word.strip()))
    if len(named) == 1 and named[0] in LISTS:
        return tuple(candidate.spec for candidate in LISTS[named[0]][script])
    if len(named) < 2:
        raise OptionError("bases.too_few", text=spec, known=", ".join(AUTO + name for name in LISTS))
    return named


def find(named: Sequence[str]) -> tuple[tuple[Source, ...], tuple[tuple[str, RankfirstError], ...]]:
    """The available bases without duplicate weights, and (spec, error) of the others.

    Once the hub is unreachable, the rest is searched on this machine only, since every attempt waits for seconds.
    Raises: ModelError if none is available.
    """
    available: dict[str, Source] = {}
    missing: list[tuple[str, RankfirstError]] = []
    offline = False
    for spec in named:
        try:
            source = sources.resolve(spec, local_only=offline)
        except ModelError as error:
            offline = offline or error.code == "model.offline"
            missing.append((spec, error))
            continue
        available.setdefault(source.sha256, source)
    if not available:
        raise ModelError("bases.none", specs=", ".join(named))
    return tuple(available.values()), tuple(missing)
