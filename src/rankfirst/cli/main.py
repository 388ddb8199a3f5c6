"""The command line: one file a command, each thin. Only our own errors become one line and exit code 2."""

import os
import sys
import traceback
from typing import Annotated, Any, NoReturn

import typer

from rankfirst.cli import (
    advise,
    assess,
    continue_run,
    doctor,
    drift,
    explain,
    export,
    fit,
    fit_many,
    gate,
    glyphs,
    predict,
    serve,
    track,
    ui,
)
from rankfirst.cli.help_pages import Command, Group, speak
from rankfirst.cli.options import asked_language, described
from rankfirst.cli.signals import Stopped, end, last_words
from rankfirst.errors import RankfirstError, keep_trace, system_refused
from rankfirst.messages import say


class Commands(Group):
    """Commands whose output may be cut short by its reader, such as `head`: that is no failure."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; ends with 0 when nobody reads on."""
        try:
            done = super().invoke(ctx)
            sys.stdout.flush()
            return done
        except BrokenPipeError:  # click would make it exit code 1
            _read_no_more()
            raise typer.Exit(0) from None


speak(asked_language())
app = typer.Typer(cls=Commands, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
for command in (
    fit.fit,
    fit_many.fit_many,
    continue_run.continue_,
    assess.assess,
    advise.advise,
    predict.predict,
    export.export,
    serve.serve,
    gate.gate,
    drift.drift,
    explain.explain,
    explain.proposal,
    explain.report,
    track.track,
    ui.ui,
    fit.demo,
    doctor.doctor,
):
    name = command.__name__.rstrip("_")  # `continue` is a word of Python's
    app.command(name.replace("_", "-"), cls=Command, help=described(name))(command)


def _version(asked: bool) -> None:
    if asked:
        from rankfirst import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback(help=described("app"))
def every(version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True,
                                                help=described("help.version"))] = False) -> None:  # fmt: skip
    """What goes before any command."""


def main() -> None:
    """Entry point of the `rankfirst` command; no traceback reaches a user."""
    for stream in (sys.stdout, sys.stderr):
        glyphs.write_plainly(stream)
    try:
        app()
    except RankfirstError as error:
        _fail(error.sentence(asked_language()))
    except Stopped as stopped:
        last_words.say()
        end(stopped.code)
    except OSError as error:
        refused = system_refused(error)
        _fail(refused.sentence(asked_language()) if refused else _fault(error))
    except Exception as error:
        _fail(_fault(error))


def _fault(error: Exception) -> str:
    """One of our own; its trace is kept."""
    return say("unexpected", asked_language(), what=type(error).__name__, log=keep_trace(traceback.format_exc()))


def _read_no_more() -> None:
    """What is still in the buffer goes nowhere, so that the end of the process does not complain about it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _fail(line: str) -> NoReturn:
    typer.echo(f"rankfirst: {line}", err=True)
    sys.exit(2)
