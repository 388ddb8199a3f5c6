"""`rankfirst predict`: predict labels for a file of texts."""

import json
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from rankfirst.cli.flags import Encoding, Run, Signed, Speak, Text, flag, language
from rankfirst.errors import OptionError
from rankfirst.messages import Lang, say
from rankfirst.model.signature import require

INCOMPLETE = 1  # exit code: done, but some rows could not be read


def predict(run: Run, file: Annotated[Path, typer.Argument(help=flag("file").help, show_default=False)],
            out: Annotated[Path | None, flag("answers", "-o", "--out")] = None,
            text: Text = None, encoding: Encoding = None,
            probabilities: Annotated[bool, flag("probabilities", "--probabilities")] = False,
            abstain: Annotated[bool, flag("abstain", "--abstain")] = False,
            explain: Annotated[bool, flag("explain_answers", "--explain")] = False,
            quote: Annotated[bool, flag("quote", "--quote")] = False,
            backend: Annotated[str, flag("backend")] = "torch",
            overwrite: Annotated[bool, flag("overwrite_answers", "--overwrite")] = False,
            require_signature: Signed = None, lang: Speak = None) -> None:  # fmt: skip
    require(require_signature)
    from rankfirst.model.classifier import load

    spoken = language(lang)
    model = load(run, backend)
    why = _why(model, run, quote) if explain or quote else None
    if out is not None:
        _to_file(model, file, out, spoken, text=text, encoding=encoding, probabilities=probabilities, abstain=abstain,
                 overwrite=overwrite, why=why)  # fmt: skip
        return
    from rankfirst.model.batch_predict import answer, as_line

    if overwrite:
        raise OptionError("predict.nothing_to_overwrite")
    for part in answer(model, file, text, abstain, encoding, why):
        for row in range(len(part.labels)):
            typer.echo(json.dumps(as_line(part, row, model.classes, probabilities), ensure_ascii=False))
        for _, error in part.chunk.bad:
            raise error  # a pipe has one answer per row: a missing one would go unnoticed


def _why(model: Any, run: Path, quote: bool) -> Any:
    """What explains texts. Raises: RunError if rows are to be quoted and the data of the run are gone."""
    from rankfirst.model.explanation import explain, training_rows

    return partial(explain, model, train=training_rows(run) if quote else None)


def _to_file(model: Any, file: Path, out: Path, lang: Lang, **options: Any) -> None:
    from rankfirst.cli.progress import progress
    from rankfirst.model.batch_predict import SHOWN, predict_file

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    with progress(console, lang) as tick:
        summary = predict_file(model, file, out, lang=lang, tick=tick, **options)
    for code, numbers in summary.notes:
        console.print(say(code, lang, **dict(numbers)), markup=False)
    typer.echo(say("predict.done", lang, rows=summary.rows, abstained=summary.abstained, path=str(out)))
    if summary.bad:
        more = "" if summary.bad <= SHOWN else ", …"
        lines = ", ".join(map(str, summary.lines)) + more
        typer.echo(say("predict.bad", lang, count=summary.bad, lines=lines, path=str(summary.reasons)), err=True)
        raise typer.Exit(INCOMPLETE)
