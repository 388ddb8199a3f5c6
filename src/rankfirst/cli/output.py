"""The output of a run: a live view on a terminal, a log, the verdict only, or JSON for a program."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console

from rankfirst.cli.live_view import live
from rankfirst.cli.plain import Log, Program, Quiet, animated
from rankfirst.engine.base import Pulse
from rankfirst.errors import OptionError
from rankfirst.messages import Lang
from rankfirst.report import Brief


class Audience(Protocol):
    """The callbacks of a run, and its end."""

    def event(self, event: Mapping[str, Any]) -> None:
        """A line of the journal."""
        ...

    def tick(self, what: str, done: int, total: int) -> None:
        """Progress of a step."""
        ...

    def pulse(self, pulse: Pulse) -> None:
        """A loss or a score of the current training."""
        ...

    def end(self, folder: Path, summary: Mapping[str, Any]) -> None:
        """The run is finished."""
        ...


@contextmanager
def audience(console: Console, lang: Lang, quiet: bool = False, as_json: bool = False,
             verbose: bool = False, brief: Brief | None = None) -> Iterator[Audience]:  # fmt: skip
    """The audience that fits the flags and the terminal. Raises: OptionError for flags that exclude each other.

    Args: brief: prints the run in sections, unless every event is printed.
    """
    if quiet and as_json:
        raise OptionError("option.quiet_json")
    if as_json:
        yield Program()
    elif quiet:
        yield Quiet(console, lang)
    elif animated(console):
        with live(console, lang, verbose) as view:
            view.brief = brief or view.brief
            yield view
    else:
        log = Log(console, lang, verbose=verbose)
        log.brief = brief or log.brief
        yield log
