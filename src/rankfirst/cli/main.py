"""Entry point of the command line. Every error becomes one line and exit code 2."""

import logging
import os
import sys
import traceback
from typing import Annotated, Any, NoReturn

import typer

from rankfirst.cli import (
    advise,
    assess,
    continue_run,
    demo,
    doctor,
    drift,
    explain,
    export,
    fit,
    fit_many,
    gate,
    glyphs,
    label,
    predict,
    promise,
    serve,
    sign,
    track,
    ui,
)
from rankfirst.cli.flags import asked_language, described
from rankfirst.cli.help_pages import Command, Group, speak
from rankfirst.cli.signals import Stopped, end, last_words
from rankfirst.errors import RankfirstError, keep_trace, system_refused
from rankfirst.messages import say


class Commands(Group):
    """All commands. A reader that closes the pipe early, such as `head`, is no failure."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; exit code 0 if the pipe was closed."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except BrokenPipeError:  # click would exit with 1
            _discard_output()
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
    sign.sign,
    promise.promise,
    gate.gate,
    drift.drift,
    label.label,
    explain.explain,
    explain.proposal,
    explain.report,
    track.track,
    ui.ui,
    demo.demo,
    doctor.doctor,
):
    name = command.__name__.rstrip("_")  # `continue` is a keyword of Python
    app.command(name.replace("_", "-"), cls=Command, help=described(name))(command)


def _version(wanted: bool) -> None:
    if wanted:
        from rankfirst import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback(help=described("app"))
def every(version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True,
                                                help=described("help.version"))] = False) -> None:  # fmt: skip
    """Flags before any command."""
    logger = logging.getLogger("rankfirst")
    if not any(isinstance(each, _Notes) for each in logger.handlers):
        logger.addHandler(_Notes())


class _Notes(logging.Handler):
    """Shows what the library logs as plain lines on stderr, in the language of this command line."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one line."""
        note = record.msg
        line = note.sentence(asked_language()) if isinstance(note, RankfirstError) else record.getMessage()
        typer.echo(f"rankfirst: {line}", err=True)


def main() -> None:
    """Run the `rankfirst` command; no traceback is shown to users."""
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
    """The line for a bug in rankfirst; its traceback is written to a file."""
    return say("unexpected", asked_language(), what=type(error).__name__, log=keep_trace(traceback.format_exc()))


def _discard_output() -> None:
    """Discard buffered output, so that flushing it at exit raises no error."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _fail(line: str) -> NoReturn:
    typer.echo(f"rankfirst: {line}", err=True)
    sys.exit(2)
