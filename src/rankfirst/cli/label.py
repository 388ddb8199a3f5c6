"""`rankfirst label`: choose rows of an unlabelled file that are worth labelling next."""

import json
import shlex
from pathlib import Path
from typing import Annotated

import typer

from rankfirst.cli.flags import Encoding, Json, Run, Seed, Speak, Text, flag, language


def label(run: Run, pool: Annotated[Path, typer.Argument(help=flag("pool").help, show_default=False)],
          out: Annotated[Path | None, flag("next", "-o", "--out")] = None,
          rows: Annotated[int, flag("label_rows", "--rows")] = 200,
          to: Annotated[str | None, flag("to_tool", "--to")] = None,
          train: Annotated[Path | None, flag("drift_train")] = None, text: Text = None, encoding: Encoding = None,
          overwrite: Annotated[bool, flag("overwrite_answers", "--overwrite")] = False,
          bom: Annotated[bool, flag("bom", "--bom")] = False, seed: Seed = 0, lang: Speak = None,
          as_json: Json = False) -> None:  # fmt: skip
    from rich.console import Console

    from rankfirst.cli.assess import STYLES
    from rankfirst.cli.progress import progress
    from rankfirst.data.files.annotation_tools import named_for, tool_for, tool_named
    from rankfirst.lifecycle.label_next import label_next
    from rankfirst.lifecycle.label_next.write import config_path
    from rankfirst.messages import say
    from rankfirst.records import to_json
    from rankfirst.report import label_summary
    from rankfirst.run.source_rows import row_options

    named = tool_named(to)
    out = out or Path("next.csv" if named is None else named_for("next", named))
    spoken, console = language(lang), Console(highlight=False, soft_wrap=True)
    with progress(console, spoken, silent=as_json) as tick:
        chosen = label_next(run, pool, rows, out=out, to=to, train=train, text=text, encoding=encoding, seed=seed,
                           overwrite=overwrite, bom=bom, lang=spoken, tick=tick)  # fmt: skip
    if as_json:
        typer.echo(json.dumps(to_json(chosen), ensure_ascii=False))
        return
    for code, numbers in chosen.notes:
        console.print(say(code, spoken, **dict(numbers)), markup=False, style=STYLES["quiet"])
    for line in label_summary(chosen, spoken, console.width):
        console.print(line.text, style=STYLES.get(line.kind), markup=False)
    tool = tool_for(out, to)
    again = ["fit", "ALL", "--time", str(time)] if (time := row_options(run).get("time")) else ["continue", str(run)]
    command = shlex.join(["rankfirst", *again, *([] if time else ["EXPORT" if tool else str(out)])])
    result = {"path": out, "rows": len(chosen.rows), "column": chosen.column, "command": command, "tool": tool}
    console.print(say("label.written.tool" if tool else "label.written", spoken, **result), markup=False)
    if tool == "label-studio":
        console.print(say("label.written.config", spoken, path=config_path(out)), markup=False)
