"""Parse a YAML file of fits into jobs, validated before anything starts.

    defaults: {seed: 0, budget: 10m}
    runs:
      - {name: returns, train: returns.csv}
      - {train: billing.csv, test: billing-test.csv, base_model: intfloat/e5-small}

Option names are those of `rankfirst fit`, with `_` or `-`; paths are relative to the file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rankfirst.errors import OptionError
from rankfirst.options.config_file import accepted, load
from rankfirst.options.field import option, options_of
from rankfirst.options.fit_options import RunOptions


@dataclass(frozen=True, kw_only=True)
class Entry(RunOptions):
    """The keys of an entry, in addition to its name."""

    train: Path | None = option(None, "rows", journal="")


KNOWN: Final = options_of(Entry)
FILES: Final = ("train", *(name for name, one in KNOWN.items() if one.kind is Path and name != "train"))
_NAME: Final = re.compile(r"\w[\w.-]{0,79}")


@dataclass(frozen=True)
class FitJob:
    """One fit: its output folder and the arguments of `api.fit`. JSON values only, since other processes read it."""

    name: str
    folder: str
    options: Mapping[str, Any]

    @property
    def files(self) -> tuple[Path, ...]:
        """The input files of the fit."""
        return tuple(Path(self.options[kind]) for kind in FILES if kind in self.options)


def read(path: Path, out: Path) -> list[FitJob]:
    """The jobs in a file of specs, each with its own folder under `out`.

    Raises: OptionError with the entry and the reason.
    """
    content = load(path)
    if isinstance(content, list):
        content = {"runs": content}
    runs = content.get("runs") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(runs, list) or not runs or set(content) - {"runs", "defaults"}:
        raise OptionError("many.no_runs", path=str(path))
    shared = _options(content.get("defaults") or {}, "defaults", path)
    jobs = [_job(entry, shared, number, path, out) for number, entry in enumerate(runs, 1)]
    seen: set[str] = set()
    for job in jobs:
        if job.name.casefold() in seen:
            raise OptionError("many.same_name", path=str(path), name=job.name)
        seen.add(job.name.casefold())
    return jobs


def _job(entry: Any, shared: Mapping[str, Any], number: int, path: Path, out: Path) -> FitJob:
    at = f"runs[{number}]"
    if not isinstance(entry, dict):
        raise OptionError("many.no_mapping", path=str(path), at=at)
    rest = dict(entry)
    name = rest.pop("name", None)
    options = {**shared, **_options(rest, at, path)}
    if "train" not in options:
        raise OptionError("many.no_train", path=str(path), at=at)
    name = Path(options["train"]).stem if name is None else name
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise OptionError("many.bad_name", path=str(path), at=at, name=str(name))
    here = path.resolve().parent
    for kind in FILES:
        if kind in options:
            options[kind] = str(here / Path(options[kind]).expanduser())
    base = options.get("base_model")
    if base and (here / base).is_dir():
        options["base_model"] = str(here / base)
    return FitJob(name, str(out.resolve() / name), options)


def _options(entry: Any, at: str, path: Path) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise OptionError("many.no_mapping", path=str(path), at=at)
    return accepted(entry, KNOWN, f"{path}, {at}")
