"""`rankfirst serve`: serve a delivered model, or those of many runs, over HTTP."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from rankfirst.cli.flags import Signed, Speak, described, flag, language
from rankfirst.errors import OptionError
from rankfirst.messages import say
from rankfirst.model.signature import require

TOKEN = "RANKFIRST_TOKEN"


def serve(run: Annotated[Path | None, typer.Argument(help=described("help.run"), show_default=False)] = None,
          backend: Annotated[str, flag("backend")] = "int8",
          tenants: Annotated[Path | None, flag("tenants", "--tenants")] = None,
          max_models: Annotated[int, typer.Option(min=1, help=described("help.max_models"))] = 32,
          max_megabytes: Annotated[int, typer.Option(min=1, help=described("help.max_megabytes"))] = 2000,
          host: Annotated[str, flag("serve_host", "--host")] = "127.0.0.1",
          port: Annotated[int, typer.Option(min=0, max=65535, help=described("help.ui_port"))] = 8771,
          open_to_all: Annotated[bool, flag("open_to_all", "--open-to-all")] = False,
          explain: Annotated[bool, flag("serve_explain", "--explain")] = False,
          require_signature: Signed = None, lang: Speak = None) -> None:  # fmt: skip
    require(require_signature)
    from rankfirst import server

    spoken = language(lang)
    if (run is None) == (tenants is None):
        raise OptionError("serve.one_or_many")

    def tell(address: str) -> None:
        typer.echo(say("cli.serve.at" if tenants is None else "cli.serve.tenants_at", spoken, address=address))

    options: dict[str, Any] = {"host": host, "port": port, "token": os.environ.get(TOKEN) or None,
                               "open_to_all": open_to_all, "explain": explain, "say": tell}  # fmt: skip
    if tenants is not None:
        server.serve_many(tenants, backend, max_models, max_megabytes, **options)
    elif run is not None:
        from rankfirst.model.classifier import load

        server.serve(run, lambda: load(run, backend), **options)
