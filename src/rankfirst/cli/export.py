"""`rankfirst export`: export a delivered model for other programs."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from rankfirst.cli.flags import Json, Run, Signed, Speak, Text, flag, language
from rankfirst.messages import say
from rankfirst.model.signature import require


def export(run: Run, to: Annotated[str, flag("formats", "--to")] = "merged,onnx,int8",
           rows: Annotated[Path | None, flag("labelled", "--rows")] = None, text: Text = None,
           label: Annotated[str | None, flag("label_column", "--label")] = None,
           require_signature: Signed = None, lang: Speak = None,
           as_json: Json = False) -> None:  # fmt: skip
    require(require_signature)
    from rankfirst.cli.progress import progress
    from rankfirst.model import export as exporting

    spoken, console = language(lang), Console(highlight=False, soft_wrap=True)
    texts, truth = exporting.labelled(run, rows, text, label) if rows else exporting.held_out(run)
    formats = [kind.strip() for kind in to.split(",") if kind.strip()]
    with progress(console, spoken, silent=as_json) as tick:
        results = exporting.export(run, formats, texts, truth, spoken, tick)
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in results]))
        return
    if truth is None:
        console.print(say("export.generated", spoken), markup=False)
    for each in results:
        console.print(say("export.line", spoken, **asdict(each)), markup=False)
        if each.f1 is not None:
            console.print(say("export.f1", spoken, f1=each.f1, reference=each.reference), markup=False)
    card = run / "model" / "README.md"
    console.print(say("export.at", spoken, path=str(run / "model"), card=str(card)), markup=False)
