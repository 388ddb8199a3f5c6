"""`rankfirst ui`: a local web page over runs."""

from pathlib import Path
from typing import Annotated, Any

import typer

from rankfirst.cli.flags import Speak, described, flag, language
from rankfirst.messages import say


def ui(folders: Annotated[list[Path], typer.Argument(help=described("help.ui_folders"), show_default=False)],
       host: Annotated[str, flag("ui_host", "--host")] = "127.0.0.1",
       port: Annotated[int, typer.Option(min=0, max=65535, help=described("help.ui_port"))] = 8770,
       open_browser: Annotated[bool, flag("ui_open", "--open/--no-open")] = False,
       no_texts: Annotated[bool, flag("no_texts", "--no-texts")] = False,
       read_only: Annotated[bool, flag("ui_read_only", "--read-only")] = False,
       lang: Speak = None) -> None:  # fmt: skip
    from rankfirst.ui import serve

    def load(run: Path) -> Any:
        from rankfirst.model import classifier

        return classifier.load(run)

    spoken = language(lang)

    def tell(address: str, guarded: bool) -> None:
        typer.echo(say("cli.ui.at", spoken, address=address))
        if guarded:
            typer.echo(say("cli.ui.guarded", spoken), err=True)

    try:
        serve(folders, host, port, spoken, not no_texts, open_browser, tell, None if read_only else load)
    except KeyboardInterrupt:  # the usual way to end it
        return
