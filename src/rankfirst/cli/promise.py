"""`rankfirst promise`: promise a recall or precision that the delivered model keeps."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from rankfirst.cli.flags import Json, Run, Signed, Speak, flag, language
from rankfirst.errors import OptionError
from rankfirst.messages import say
from rankfirst.model.signature import require

Pairs = list[str] | None


def promise(run: Run, recall: Annotated[Pairs, flag("promise_recall", "--recall")] = None,
            precision: Annotated[Pairs, flag("promise_precision", "--precision")] = None,
            precision_all: Annotated[float | None, flag("promise_precision_all", "--precision-all")] = None,
            confidence: Annotated[float, flag("promise_confidence", "--confidence")] = 0.95,
            rows: Annotated[Path | None, flag("promise_rows", "--rows")] = None,
            backend: Annotated[str, flag("promise_backend", "--backend")] = "torch",
            withdraw: Annotated[bool, flag("promise_withdraw", "--withdraw")] = False,
            require_signature: Signed = None, lang: Speak = None, as_json: Json = False) -> None:  # fmt: skip
    require(require_signature)
    from rankfirst.lifecycle import promise as promising
    from rankfirst.model import promises, signature
    from rankfirst.records import to_json

    spoken, path = language(lang), run / "model" / promises.FILE
    if withdraw:
        if recall or precision or precision_all is not None or rows is not None:
            raise OptionError("promise.withdraw_alone")
        promising.withdraw(run, spoken)
        typer.echo(say("promise.withdrawn", spoken, path=str(run / "model")))
        return
    recalls, precisions = _pairs(recall or (), "--recall"), _pairs(precision or (), "--precision")
    made = promising.promise(run, recalls, precisions, precision_all, confidence, rows, backend, spoken)
    if as_json:
        typer.echo(json.dumps(to_json(made), ensure_ascii=False))
        return
    typer.echo(say("promise.made", spoken, path=str(path)))
    for line in promises.told(made, spoken):
        typer.echo(f"  {line}")
    if (run / "model" / signature.FILE).is_file():
        typer.echo(say("promise.resign", spoken, run=str(run)))


def _pairs(given: Sequence[str], name: str) -> dict[str, float]:
    """Class -> share. Raises: OptionError."""
    shares: dict[str, float] = {}
    for each in given:
        label, equals, share = each.rpartition("=")
        try:
            least = float(share)
        except ValueError:
            equals = ""
        if not equals or not label:
            raise OptionError("promise.bad_pair", flag=name, value=each)
        if label in shares:
            raise OptionError("promise.twice", flag=name, name=label)
        shares[label] = least
    return shares
