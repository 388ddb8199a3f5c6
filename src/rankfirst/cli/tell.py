"""`rankfirst explain` and `rankfirst report`: a finished (or running) run, told again."""

import json
from dataclasses import asdict

import typer

from rankfirst.cli.options import Json, Run, Speak, language


def explain(run: Run, lang: Speak = None, as_json: Json = False) -> None:
    from rankfirst import report

    journal = run / "journal.jsonl"
    if as_json:
        typer.echo(json.dumps([asdict(event) for event in report.read(journal)], ensure_ascii=False))
    else:
        typer.echo(report.explain(journal, language(lang)))


def report(run: Run, lang: Speak = None) -> None:
    from rankfirst.report import write_html

    write_html(run / "journal.jsonl", run / "report.html", language(lang))
    typer.echo(str(run / "report.html"))
