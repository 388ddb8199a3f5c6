"""`rankfirst serve`: a delivered model behind HTTP."""

import os
from typing import Annotated

import typer

from rankfirst.cli.options import Run, Speak, described, flag, language
from rankfirst.words import say

TOKEN = "RANKFIRST_TOKEN"


def serve(run: Run, backend: Annotated[str, flag("backend")] = "int8",
          host: Annotated[str, flag("serve_host", "--host")] = "127.0.0.1",
          port: Annotated[int, typer.Option(min=0, max=65535, help=described("help.ui_port"))] = 8771,
          open_to_all: Annotated[bool, flag("open_to_all", "--open-to-all")] = False,
          lang: Speak = None) -> None:  # fmt: skip
    from rankfirst.classifier import load
    from rankfirst.server import serve as answer

    spoken = language(lang)

    def tell(address: str) -> None:
        typer.echo(say("cli.serve.at", spoken, address=address))

    answer(run, lambda: load(run, backend), host, port, os.environ.get(TOKEN) or None, open_to_all, tell)
