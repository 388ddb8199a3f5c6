"""The command line: one file a command, each thin. Only our own errors become one line and exit code 2."""

import sys
import tempfile
import traceback
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from rankfirst.cli import advise, assess, doctor, export, fit, gate, glyphs, predict, serve, tell, track, ui
from rankfirst.cli.options import asked_language, described
from rankfirst.cli.stopping import Stopped, end, last_words
from rankfirst.errors import RankfirstError
from rankfirst.words import say

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
for command in (
    fit.fit,
    assess.assess,
    advise.advise,
    predict.predict,
    export.export,
    serve.serve,
    gate.gate,
    tell.explain,
    tell.proposal,
    tell.report,
    track.track,
    ui.ui,
    fit.demo,
    doctor.doctor,
):
    app.command(help=described(command.__name__))(command)


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
    except BrokenPipeError:  # the reader of a pipe, such as `head`, has seen enough
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        log = Path(tempfile.gettempdir()) / "rankfirst-error.log"
        log.write_text(traceback.format_exc(), encoding="utf-8")
        _fail(say("unexpected", asked_language(), what=type(error).__name__, log=str(log)))


def _fail(line: str) -> NoReturn:
    typer.echo(f"rankfirst: {line}", err=True)
    sys.exit(2)
