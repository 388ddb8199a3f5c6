"""`rankfirst explain` and `rankfirst report`: a finished (or running) run, told again."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from rankfirst.cli.options import Json, Run, Speak, flag, language


def explain(run: Run, lang: Speak = None, as_json: Json = False) -> None:
    from rankfirst import report

    journal = run / "journal.jsonl"
    if as_json:
        typer.echo(json.dumps([asdict(event) for event in report.read(journal)], ensure_ascii=False))
    else:
        typer.echo(report.explain(journal, language(lang)))


def report(run: Run, no_texts: Annotated[bool, flag("no_texts", "--no-texts")] = False, lang: Speak = None) -> None:
    from rankfirst.report import write_html

    write_html(run / "journal.jsonl", run / "report.html", language(lang), texts=not no_texts)
    typer.echo(str(run / "report.html"))
