"""Candidate base models for `--base-model auto:LIST`, or for `auto:A,B,C` with a list from the user.

Sizes, licences, dates, prefixes and poolings come from the model cards. How well a base suits the rows is measured,
never looked up here. Candidates that are not available are left out, and the run reports them. Listed are bases that
transformers knows without code of their own, whose licence allows commercial use, and that were tuned on sentences: a
comparison of frozen encoders would drop the others (ModernBERT, mmBERT, EuroBERT).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rankfirst.engine.base import Source
from rankfirst.engine.base_models import sources
from rankfirst.engine.base_models.sources import DEFAULT_EN, DEFAULT_MANY, DEFAULT_ZH
from rankfirst.errors import ModelError, OptionError, RankfirstError

AUTO: Final = "auto:"
# The lists below were last compared with the cards in November 2026.


@dataclass(frozen=True)
class Candidate:
    """A base model and what its card says of it."""

    spec: str  # what --base-model takes
    millions: float  # of weights
    languages: tuple[str, ...]  # of its training data; "many": about a hundred
    licence: str  # SPDX id, from its card
    since: int  # year of its release
    prefix: str  # before each text, from its card or files; other prefixes are tried nevertheless
    pooling: str  # from its card or files; every pooling is tried nevertheless


_BGE_ZH: Final = Candidate(DEFAULT_ZH, 24, ("zh",), "MIT", 2023, "", "cls")
_E5_SMALL: Final = Candidate(DEFAULT_MANY, 118, ("many",), "MIT", 2023, "query: ", "mean")
_MINILM_MANY: Final = Candidate(
    "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2", 118, ("many",), "Apache-2.0", 2021, "", "mean"
)
_E5_BASE: Final = Candidate("intfloat/multilingual-e5-base", 278, ("many",), "MIT", 2023, "query: ", "mean")
_QWEN: Final = Candidate("Qwen/Qwen3-Embedding-0.6B", 596, ("many",), "Apache-2.0", 2025, "", "last")
_MANY: Final = (_E5_SMALL, _MINILM_MANY)

SMALL: Final[Mapping[str, tuple[Candidate, ...]]] = {
    "en": (
        Candidate(DEFAULT_EN, 23, ("en",), "Apache-2.0", 2021, "", "mean"),
        Candidate("BAAI/bge-small-en-v1.5", 33, ("en",), "MIT", 2023, "", "cls"),
        Candidate("intfloat/e5-small-v2", 33, ("en",), "MIT", 2023, "query: ", "mean"),
        Candidate("thenlper/gte-small", 33, ("en",), "MIT", 2023, "", "mean"),
        Candidate("ibm-granite/granite-embedding-small-english-r2", 47, ("en",), "Apache-2.0", 2025, "", "cls"),
    ),
    "zh": (_BGE_ZH, Candidate("thenlper/gte-small-zh", 30, ("zh",), "MIT", 2023, "", "cls"), _E5_SMALL),
    "mixed": (_BGE_ZH, *_MANY),
    "other": _MANY,
}
"""Script of the training texts, from `data.script_of` -> candidates for two processor cores."""

MULTILINGUAL: Final = (
    *_MANY,
    _E5_BASE,
    Candidate("ibm-granite/granite-embedding-278m-multilingual", 278, ("12 languages",), "Apache-2.0", 2024, "",
              "cls"),
    _QWEN,
)  # fmt: skip

ZH: Final = (
    _BGE_ZH,
    Candidate("BAAI/bge-base-zh-v1.5", 102, ("zh",), "MIT", 2023, "", "cls"),
    Candidate("thenlper/gte-base-zh", 102, ("zh",), "MIT", 2023, "", "cls"),
    _E5_SMALL,
    _QWEN,
)

BASE: Final[Mapping[str, tuple[Candidate, ...]]] = {
    "en": (
        Candidate("sentence-transformers/all-mpnet-base-v2", 109, ("en",), "Apache-2.0", 2021, "", "mean"),
        Candidate("BAAI/bge-base-en-v1.5", 109, ("en",), "MIT", 2023, "", "cls"),
        Candidate("Alibaba-NLP/gte-modernbert-base", 149, ("en",), "Apache-2.0", 2025, "", "cls"),
        Candidate("ibm-granite/granite-embedding-english-r2", 149, ("en",), "Apache-2.0", 2025, "", "cls"),
    ),
    "zh": ZH[1:3],
    "mixed": (_E5_BASE, _QWEN),
    "other": (_E5_BASE, MULTILINGUAL[3]),
}
"""As SMALL, for a graphics card or for patience: about four times the operations a text."""

LISTS: Final[Mapping[str, Mapping[str, tuple[Candidate, ...]]]] = {
    "small": SMALL,
    "base": BASE,
    "multilingual": dict.fromkeys(SMALL, MULTILINGUAL),
    "zh": dict.fromkeys(SMALL, ZH),
}
"""Name of a list -> script -> candidates."""


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
