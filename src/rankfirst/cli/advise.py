"""`rankfirst advise`: the same policy on other people's training logs."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from rankfirst.cli.options import Json, Speak, described, flag, language
from rankfirst.errors import OptionError

# What each setting may be: (least, most). Beyond them it is a slip of the keyboard.
RANGES = {"lr": (1e-8, 1.0), "rank": (1.0, 65536.0), "alpha": (1e-3, 1e6), "val-rows": (1.0, 1e9)}


def setting(name: str, whole: bool = False) -> Any:
    """A number of RANGES, whose error is one line in both languages."""
    low, high = RANGES[name]

    def read(text: str) -> float:
        try:
            found = float(text)
        except ValueError:
            found = float("nan")
        if not low <= found <= high or (whole and found != int(found)):
            raise OptionError("option.bad_number", flag=f"--{name}", value=text, low=low, high=high)
        return found

    return typer.Option(help=described(f"help.log_{name.replace('-', '_')}"), parser=read, metavar="NUMBER")


def advise(logs: Annotated[list[Path], typer.Argument(help=described("help.logs"), show_default=False)],
           adapter: Annotated[Path | None, flag("adapter")] = None,
           lr: Annotated[float | None, setting("lr")] = None,
           rank: Annotated[float | None, setting("rank", whole=True)] = None,
           alpha: Annotated[float | None, setting("alpha")] = None,
           val_rows: Annotated[float | None, setting("val-rows", whole=True)] = None,
           lang: Speak = None, as_json: Json = False) -> None:  # fmt: skip
    from rankfirst.advice import LogSettings
    from rankfirst.advice import advise as ask

    spoken = language(lang)
    told = ask(logs, LogSettings(adapter, lr, None if rank is None else int(rank), alpha, int(val_rows or 0)))
    if as_json:
        typer.echo(json.dumps(told.json(spoken), ensure_ascii=False))
        return
    for line in told.lines(spoken):
        typer.echo(line)
