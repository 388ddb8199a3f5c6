"""The command line: parse, call, print. Only our own errors become one line and exit code 2."""

import json
import locale
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from rankfirst.errors import OptionError, RankfirstError
from rankfirst.words import LANGS, Lang, say

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
_Run = Annotated[Path, typer.Argument(help="folder written by `rankfirst fit -o`")]
_Lang = Annotated[str | None, typer.Option(help="en or zh; default from the locale")]
_File = Annotated[Path | None, typer.Option()]
_Name = Annotated[str | None, typer.Option()]


def language(asked: str | None) -> Lang:
    """The language asked for, or the locale's."""
    if asked is not None and asked not in LANGS:
        raise OptionError("option.bad_lang", text=asked)
    spoken = asked or ("zh" if (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en")
    return spoken


def _fit(train: Path, out: Path, lang: Lang, as_json: bool = False, **options: Any) -> None:
    from rankfirst import api
    from rankfirst.report import tell

    console = Console(highlight=False, soft_wrap=True)

    def listen(kind: str, key: str, payload: Any) -> None:
        for line in [] if as_json else tell(kind, key, payload, lang):
            console.print(line, markup=False)

    bar = Progress(TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), console=console,
                   transient=True, disable=as_json or not console.is_terminal)  # fmt: skip
    with bar:
        task = bar.add_task("...", total=None)

        def tick(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        result = api.fit(train, out, lang=lang, listen=listen, tick=tick, **options)
    if as_json:
        typer.echo(json.dumps(result.summary, ensure_ascii=False))
    else:
        console.print(str(result.folder / "report.html"), markup=False)


@app.command()
def fit(train: Path, out: Annotated[Path, typer.Option("-o", "--out")] = Path("run"), val: _File = None,
        test: _File = None, text: _Name = None, label: _Name = None, base_model: _Name = None, seed: int = 0,
        always_lora: bool = False, wide_lr: bool = False, lang: _Lang = None,
        as_json: Annotated[bool, typer.Option("--json")] = False) -> None:  # fmt: skip
    """Tune a classifier on a CSV, TSV, JSONL, Parquet file or `datasets` folder; repeat to continue a killed run."""
    _fit(train, out, language(lang), as_json, val=val, test=test, text=text, label=label, base_model=base_model,
         seed=seed, always_lora=always_lora, wide_lr=wide_lr)  # fmt: skip


@app.command()
def assess(train: Path, val: _File = None, test: _File = None, text: _Name = None, label: _Name = None,
           lang: _Lang = None, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:  # fmt: skip
    """What the data allow, without training anything."""
    from rankfirst import api
    from rankfirst.records import to_json
    from rankfirst.report import tell

    payload = to_json(api.assess(train, val=val, test=test, text=text, label=label))
    spoken = language(lang)
    lines = [json.dumps(payload, ensure_ascii=False)] if as_json else tell("profile", "", payload, spoken)
    typer.echo("\n".join(lines))


@app.command()
def predict(run: _Run, file: Path, text: _Name = None) -> None:
    """Predict every row of a file; one line of JSON a row."""
    from rankfirst import api, data

    texts, _ = data.read_texts(file, text)
    for row in api.load(run).predict(texts):
        typer.echo(json.dumps(row, ensure_ascii=False))


@app.command()
def explain(run: _Run, lang: _Lang = None) -> None:
    """The whole ledger of a run in prose."""
    from rankfirst import report

    typer.echo(report.explain(run / "journal.jsonl", language(lang)))


@app.command()
def report(run: _Run, lang: _Lang = None) -> None:
    """Write RUN/report.html again from the journal."""
    from rankfirst.report import write_html

    write_html(run / "journal.jsonl", run / "report.html", language(lang))
    typer.echo(str(run / "report.html"))


@app.command()
def demo(out: Annotated[Path, typer.Option("-o", "--out")] = Path("demo-run"), lang: _Lang = None) -> None:
    """Run `fit` on synthetic sample data of our own writing, offline."""
    from rankfirst.sample import write_sample

    with tempfile.TemporaryDirectory() as folder:
        files = write_sample(Path(folder) / "synthetic-shop-en", "en", rows=1200)
        _fit(files.train, out, language(lang), val=files.val, test=files.test, synthetic=True)


@app.command()
def doctor() -> None:
    """Versions, device and cores."""
    import os

    import torch

    from rankfirst.engine.local import best_device

    typer.echo(f"python {sys.version.split()[0]}\ntorch {torch.__version__}\ndevice {best_device()}")
    typer.echo(f"cores {os.cpu_count()}\ndtype float32")


def main() -> None:
    """Entry point of the `rankfirst` command; no traceback reaches a user."""
    try:
        app()
    except RankfirstError as error:
        _fail(error.sentence(_asked_language()))
    except Exception as error:
        log = Path(tempfile.gettempdir()) / "rankfirst-error.log"
        log.write_text(traceback.format_exc(), encoding="utf-8")
        _fail(say("unexpected", _asked_language(), what=type(error).__name__, log=str(log)))


def _fail(line: str) -> NoReturn:
    typer.echo(f"rankfirst: {line}", err=True)
    sys.exit(2)


def _asked_language() -> Lang:
    """--lang of this command line, also when the command failed before it could use it."""
    words = sys.argv
    asked = words[words.index("--lang") + 1 :][:1] if "--lang" in words else []
    return language(asked[0] if asked and asked[0] in LANGS else None)
