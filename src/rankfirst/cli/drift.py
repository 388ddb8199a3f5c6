"""`rankfirst drift`: test whether new rows differ from those that a model was delivered with."""

import json
from pathlib import Path
from typing import Annotated, Final

import typer

from rankfirst.cli.flags import Encoding, Json, Label, Run, Seed, Signed, Speak, Text, flag, language
from rankfirst.errors import RunError
from rankfirst.model.signature import require

EXIT: Final = {"no": 0, "yes": 1, "unknown": 2}


def drift(run: Run, file: Annotated[Path, typer.Argument(help=flag("drift_file").help, show_default=False)],
          out: Annotated[Path, flag("drift_out", "-o", "--out")] = Path("drift"),
          train: Annotated[Path | None, flag("drift_train")] = None,
          labels: Annotated[Path | None, flag("drift_labels", "--labels")] = None,
          text: Text = None, label: Label = None, encoding: Encoding = None,
          bom: Annotated[bool, flag("bom", "--bom")] = False, seed: Seed = 0,
          require_signature: Signed = None, lang: Speak = None,
          as_json: Json = False) -> None:  # fmt: skip
    require(require_signature)
    from rich.console import Console

    from rankfirst.cli.assess import STYLES
    from rankfirst.cli.progress import progress
    from rankfirst.lifecycle import drift as watch
    from rankfirst.records import to_json
    from rankfirst.report import check_drift_folder, drift_summary, write_drift

    spoken, console = language(lang), Console(highlight=False, soft_wrap=True)
    check_drift_folder(out)
    with progress(console, spoken, silent=as_json) as tick:
        result = watch.drift(
            run, file, train=train, text=text, label=label, encoding=encoding, seed=seed, labels=labels, tick=tick
        )
    try:
        written = write_drift(result, out, spoken, bom)
    except OSError as error:
        code = "run.no_space" if error.errno == 28 else "run.unwritable"
        raise RunError(code, path=str(out), why=error.strerror or type(error).__name__) from None
    if as_json:
        typer.echo(json.dumps(to_json(result), ensure_ascii=False))
    else:
        for line in [*drift_summary(result, spoken, console.width), *written]:
            console.print(line.text, style=STYLES.get(line.kind), markup=False)
    raise typer.Exit(EXIT[result.answer.value])
