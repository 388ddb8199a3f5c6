"""`rankfirst advise`: apply the policy to training logs of other trainers."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from rankfirst.cli.flags import Json, Speak, described, flag, language
from rankfirst.errors import OptionError

# (least, most) value of each setting; a value outside is a typing error.
RANGES = {"lr": (1e-8, 1.0), "rank": (1.0, 65536.0), "alpha": (1e-3, 1e6), "val-rows": (1.0, 1e9)}


def setting(name: str, whole: bool = False) -> Any:
    """A numeric flag with its range from RANGES; an error is one line in the user's language."""
    low, high = RANGES[name]

    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not low <= number <= high or (whole and number != int(number)):
            raise OptionError("option.bad_number", flag=f"--{name}", value=text, low=low, high=high)
        return number

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
    advice = ask(logs, LogSettings(adapter, lr, None if rank is None else int(rank), alpha, int(val_rows or 0)))
    if as_json:
        typer.echo(json.dumps(advice.json(spoken), ensure_ascii=False))
        return
    for line in advice.lines(spoken):
        typer.echo(line)
