"""`rankfirst fit`, and how a run is shown."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from rankfirst.cli.flags import Out, Overwrite, Train, Verbose, flag, language, takes_options
from rankfirst.cli.signals import command, last_words, stoppable
from rankfirst.messages import Lang, say
from rankfirst.options.config_file import dump, read
from rankfirst.options.fit_options import FitOptions


@takes_options(FitOptions)
def fit(given: dict[str, Any], ctx: typer.Context, train: Train, out: Out = Path("run"), overwrite: Overwrite = False,
        verbose: Verbose = False,
        dry_run: Annotated[bool, flag("dry_run", "--dry-run", panel="output")] = False,
        config: Annotated[Path | None, flag("config", "--config", panel="output")] = None,
        dump_config: Annotated[Path | None, flag("dump_config", "--dump-config", panel="output")] = None,
        lang: Annotated[str | None, flag("lang", "--lang", panel="output")] = None,
        quiet: Annotated[bool, flag("quiet", "-q", "--quiet", panel="output")] = False,
        profile_time: Annotated[bool, flag("profile_time", "--profile-time", panel="output")] = False,
        as_json: Annotated[bool, flag("stream", "--json", panel="output")] = False) -> None:  # fmt: skip
    spoken = language(lang)
    if config is not None:
        typed = {name for name in given if getattr(ctx.get_parameter_source(name), "name", "") == "COMMANDLINE"}
        given |= {name: value for name, value in read(config).items() if name not in typed}
    options = FitOptions(**given)  # raises before anything is loaded
    if dump_config is not None:
        dump(options, dump_config)
    if dry_run:
        from rankfirst import api
        from rankfirst.report import tell

        planned = api.plan(train, **given)
        lines = [json.dumps(planned, ensure_ascii=False)] if as_json else tell("plan", "", planned, spoken)
        typer.echo("\n".join(lines))
        return
    result = run_fit(train, out, spoken, quiet, as_json, verbose, overwrite=overwrite, **given)
    if profile_time and not as_json:  # as JSON, the last line has the table: `time` of result.json
        from rankfirst.report import time_lines

        typer.echo("\n".join(time_lines(result.summary, spoken)))


def run_fit(train: Path, out: Path, lang: Lang, quiet: bool = False, as_json: bool = False, verbose: bool = False,
            ending: bool = True, brief: Any = None, **options: Any) -> Any:  # fmt: skip
    """Fit, and show progress as the flags and the terminal require. Returns: its `Result`.

    Args: ending: name the report and the next command. brief: a `Brief` that prints the run; None: the usual one.
    """

    def make(**listeners: Any) -> Any:
        from rankfirst import api

        return api.fit(train, out, lang=lang, **listeners, **options)

    return run_shown(out, lang, quiet, as_json, make, verbose, ending, brief)


def run_shown(out: Path, lang: Lang, quiet: bool, as_json: bool, make: Callable[..., Any],
              verbose: bool = False, ending: bool = True, brief: Any = None) -> Any:  # fmt: skip
    """Call `make` with `stream`, `tick` and `watch`, which show its run in `out`. Returns: its `Result`."""
    begun: list[str] = []  # not empty once this session has locked the run

    def stopped() -> list[str]:
        kept = (out / "journal.jsonl").is_file()
        line = say("stop.kept", lang, path=out) if kept else say("stop.again", lang)
        again = command(sys.argv, without=("--overwrite",) if begun else ())  # it would start from scratch again
        return [f"rankfirst: {line}", f"  {again}"]

    with stoppable(last_words, stopped):
        return _shown(lang, quiet, as_json, verbose, begun, make, ending, brief)


def _shown(lang: Lang, quiet: bool, as_json: bool, verbose: bool, begun: list[str], make: Callable[..., Any],
           ending: bool, brief: Any) -> Any:  # fmt: skip
    from rankfirst.cli.output import audience
    from rankfirst.progress.notebook import both
    from rankfirst.progress.run_state import Board
    from rankfirst.progress.shared import Shared

    beside = Shared.as_asked(Board())
    with audience(Console(highlight=False, soft_wrap=True), lang, quiet, as_json, verbose, brief) as output:

        def event(event: Mapping[str, Any]) -> None:
            begun.append(event["kind"])
            output.event(event)

        result = make(stream=both(beside.event, event), tick=both(beside.tick, output.tick),
                      watch=both(beside.pulse, output.pulse))  # fmt: skip
    if ending:
        output.end(result.folder, result.summary)
    return result
