"""`rankfirst explain`, `proposal` and `report`: describe a finished (or running) run from its journal."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rankfirst.cli.flags import Json, Run, Speak, flag, language


def explain(run: Run, why_not: Annotated[list[str] | None, flag("why_not", "--why-not")] = None,
            ledger: Annotated[bool, flag("ledger", "--ledger")] = False,
            lang: Speak = None, as_json: Json = False) -> None:  # fmt: skip
    from rankfirst import report
    from rankfirst.policy.user_settings import VALUES
    from rankfirst.report import narrative

    spoken, journal = language(lang), run / "journal.jsonl"
    questions = [narrative.parse(text) for text in why_not or ()]
    events = report.read(journal)
    if ledger:
        lines = json.dumps([asdict(event) for event in events], ensure_ascii=False)
        typer.echo(lines if as_json else report.explain(events, spoken))
        return
    book = narrative.Ledger(events)
    document = narrative.answers(book, questions, VALUES) if questions else narrative.prose(book)
    if as_json:
        typer.echo(json.dumps(narrative.as_json(document, spoken), ensure_ascii=False))
    else:
        from rich.console import Console

        console = Console(highlight=False)  # wraps at words on a terminal; in a file each paragraph is one line
        console.print(narrative.as_text(document, spoken), end="", markup=False, soft_wrap=not console.is_terminal)


def proposal(run: Run, out: Annotated[Path, flag("proposal_out", "-o", "--out")] = Path("proposal.md"),
             overwrite: Annotated[bool, flag("overwrite_proposal", "--overwrite")] = False,
             lang: Speak = None) -> None:  # fmt: skip
    from rankfirst import report as telling
    from rankfirst.report import narrative

    spoken = language(lang)
    narrative.check_out(out, overwrite)
    narrative.write(narrative.proposal(narrative.Ledger(telling.read(run / "journal.jsonl"))), spoken, out, overwrite)
    typer.echo(str(out))


def report(run: Run, no_texts: Annotated[bool, flag("no_texts", "--no-texts")] = False, lang: Speak = None) -> None:
    from rankfirst.report import write_html

    write_html(run / "journal.jsonl", run / "report.html", language(lang), texts=not no_texts)
    typer.echo(str(run / "report.html"))
