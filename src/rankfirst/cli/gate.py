"""`rankfirst gate`: check whether a model may be released."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rankfirst.cli.flags import Json, Run, Signed, Speak, flag, language
from rankfirst.messages import say
from rankfirst.model.signature import require


def gate(run: Run, min_macro_f1: Annotated[float | None, flag("min_macro_f1", "--min-macro-f1")] = None,
         max_recall_drop: Annotated[float | None, flag("max_recall_drop", "--max-recall-drop")] = None,
         against: Annotated[Path | None, flag("against", "--against")] = None,
         promise: Annotated[bool, flag("gate_promise", "--promise")] = False,
         rows: Annotated[Path | None, flag("gate_rows", "--rows")] = None,
         require_signature: Signed = None, lang: Speak = None, as_json: Json = False) -> None:  # fmt: skip
    require(require_signature)
    from rankfirst.lifecycle import gate as gates

    spoken = language(lang)
    points = gates.gate(run, min_macro_f1, max_recall_drop, against, promise, rows, spoken)
    closed = any(point.verdict == "failed" for point in points)
    unknown = not closed and any(point.verdict == "unknown" for point in points)
    if as_json:
        typer.echo(json.dumps({"open": not (closed or unknown), "cannot_tell": unknown,
                               "points": [asdict(p) for p in points]}, ensure_ascii=False))  # fmt: skip
    else:
        for point in points:
            line = say(point.code, spoken, **point.numbers)
            typer.echo(f"{say(f'gate.verdict.{point.verdict}', spoken)}: {line}")
        typer.echo(say("gate.closed" if closed else "gate.cannot_tell" if unknown else "gate.open", spoken))
    raise typer.Exit(1 if closed else 2 if unknown else 0)
