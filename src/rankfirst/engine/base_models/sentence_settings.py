"""How a base is meant to be read: the prompt before a text and the pooling, from the files beside its weights.

sentence-transformers writes them: `modules.json`, the `config.json` of each module's folder, and
`config_sentence_transformers.json`. Prompt and pooling are honoured. A module after the pooling is known by its kind
only: the rung's head is fitted on the pooled states, standardised, and takes the place of what follows them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rankfirst.errors import ModelError, system_refused

MODULES: Final = "modules.json"
PROMPTS: Final = "config_sentence_transformers.json"
# Without a default, the prompt of this name (EmbeddingGemma: "task: classification | query: "). A prompt for queries is
# only tried: classification is none of what it was trained for.
OURS: Final = "classification"
TRIED: Final = "query"
MOST_CHARACTERS: Final = 2000  # of a prompt; the longest published ones have a few hundred
_FLAGS: Final[Mapping[str, str]] = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_lasttoken": "last",
}
_MODES: Final[Mapping[str, str]] = {"cls": "cls", "mean": "mean", "max": "max", "lasttoken": "last"}


@dataclass(frozen=True)
class SentenceSettings:
    """What the files state; every field is empty for a base without them."""

    prompt: str | None = None  # the one to put before a text; None: not stated
    query_prompt: str = ""  # worth a trial
    pooling: str = ""  # cls, mean, max or last; "": not stated, or none of these
    after: tuple[str, ...] = field(default=())  # kinds of the modules after the pooling: Dense, Normalize


def read(spec: str, folder: Path) -> SentenceSettings:
    """The settings of the base in `folder`. Raises: ModelError if a file is there but cannot be read."""
    prompts, modules = _json(spec, folder, PROMPTS), _json(spec, folder, MODULES)
    prompt, query = _prompts(prompts) if isinstance(prompts, dict) else (None, "")
    kinds = [_kind(module) for module in modules] if isinstance(modules, list) else []
    if "Pooling" not in kinds:
        return SentenceSettings(prompt, query)
    at = kinds.index("Pooling")
    path = str(modules[at].get("path") or "")
    inside = not Path(path).is_absolute() and ".." not in Path(path).parts
    pooling = _pooling(_json(spec, folder, f"{path}/config.json")) if inside else ""
    return SentenceSettings(prompt, query, pooling, tuple(kinds[at + 1 :]))


def _prompts(settings: Mapping[str, Any]) -> tuple[str | None, str]:
    """(prompt to use or None, prompt worth a trial or "")."""
    named = settings.get("prompts")
    known = {str(name): text for name, text in named.items() if _usable(text)} if isinstance(named, dict) else {}
    lower = {name.casefold(): text for name, text in known.items()}
    default = settings.get("default_prompt_name")
    if isinstance(default, str) and default in known:
        return known[default], lower.get(TRIED, "")
    return lower.get(OURS), lower.get(TRIED, "")


def _usable(text: object) -> bool:
    """Whether it is a text that can stand before others."""
    return isinstance(text, str) and len(text) <= MOST_CHARACTERS and all(c.isprintable() or c in "\n\t" for c in text)


def _pooling(settings: object) -> str:
    """The pooling in our words; "" for several at once or one that is not known here."""
    if not isinstance(settings, dict):
        return ""
    if isinstance(settings.get("pooling_mode"), str):
        return _MODES.get(settings["pooling_mode"], "")
    on = [name for name, value in settings.items() if name.startswith("pooling_mode_") and value is True]
    return _FLAGS.get(on[0], "") if len(on) == 1 else ""


def _kind(module: object) -> str:
    """The last word of a module's type: `sentence_transformers.models.Pooling` -> Pooling."""
    return str(module.get("type", "")).rpartition(".")[2] if isinstance(module, dict) else ""


def _json(spec: str, folder: Path, name: str) -> Any:
    """The content of a file, or None without it."""
    try:
        return json.loads((folder / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise system_refused(error) or ModelError("model.damaged", spec=spec, file=name) from None
    except (ValueError, RecursionError):
        raise ModelError("model.damaged", spec=spec, file=name) from None
