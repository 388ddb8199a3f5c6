"""YAML files that hold options: `fit --config`, and the entries of `fit-many`."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rankfirst.errors import OptionError
from rankfirst.options.field import Option, duration, options_of
from rankfirst.options.fit_options import FitOptions


def load(path: Path) -> Any:
    """The content of a YAML file; tags that create objects are refused. Raises: OptionError."""
    import yaml

    try:
        return yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise OptionError("config.missing", path=str(path)) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        why = f"line {mark.line + 1}: {getattr(error, 'problem', '')}" if mark else type(error).__name__
        raise OptionError("config.unreadable", path=str(path), why=why) from None


def accepted(given: Mapping[Any, Any], known: Mapping[str, Option], at: str) -> dict[str, Any]:
    """The entries of a mapping in a file: name of the flag, with `_`, -> value.

    Args: at: the place, for the error. Raises: OptionError for an unknown name or a value of the wrong type.
    """
    flags = {one.help: one for one in known.values()}
    found: dict[str, Any] = {}
    for key, value in given.items():
        name = str(key).replace("-", "_")
        if name not in flags:
            (near,) = difflib.get_close_matches(name, flags, 1, cutoff=0)
            raise OptionError("config.unknown", at=at, option=str(key)[:80], near=near)
        if not flags[name].takes(value):
            kind = str if flags[name].kind is Path else flags[name].kind
            raise OptionError("config.bad_value", at=at, option=name, value=str(value)[:80], kind=kind.__name__)
        found[name] = str(value) if flags[name].check is duration else value
    return found


def keywords(given: Mapping[str, Any], known: Mapping[str, Option]) -> dict[str, Any]:
    """The result of `accepted` under the names of the fields."""
    return {name: given[one.help] for name, one in known.items() if one.help in given}


def read(path: Path) -> dict[str, Any]:
    """The options of `fit` in a file, under the names of the fields. Raises: OptionError."""
    content, known = load(path), options_of(FitOptions)
    if not isinstance(content, dict):
        raise OptionError("config.no_mapping", path=str(path))
    return keywords(accepted(content, known, str(path)), known)


def dump(options: FitOptions, path: Path) -> None:
    """Write the options that differ from their defaults; `read` reads them. Raises: OptionError if the file differs."""
    import yaml

    known = options_of(FitOptions)
    plain = {name: list(value) if known[name].kind is list else str(value) if isinstance(value, Path) else value
             for name, value in options.chosen().items()}  # fmt: skip
    text = yaml.safe_dump({known[name].flag.removeprefix("--"): value for name, value in plain.items()},
                          allow_unicode=True, sort_keys=False)  # fmt: skip
    if path.exists() and path.read_bytes() != text.encode():
        raise OptionError("config.exists", path=str(path))
    path.write_text(text, encoding="utf-8")
