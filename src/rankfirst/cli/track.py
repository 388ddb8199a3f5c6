"""`rankfirst track`: send a finished (or stopped) run to experiment trackers."""

from typing import Annotated

import typer

from rankfirst.cli.flags import Run, Speak, flag, language
from rankfirst.messages import say


def track(run: Run, to: Annotated[list[str], flag("to", "--to")], lang: Speak = None) -> None:
    from rankfirst import api

    spoken = language(lang)
    for sending in api.track(run, to, lang=spoken):
        code = "cli.tracked" if sending.delivered else "cli.tracked_nothing"
        typer.echo(say(code, spoken, target=sending.target, count=sending.delivered))
