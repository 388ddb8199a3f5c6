"""`rankfirst assess`: what the data allow, and whether LoRA is needed."""

import json
import shlex
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from rankfirst.cli.options import (
    BaseBits,
    BaseModel,
    Json,
    Label,
    MaxTokens,
    Memory,
    Prefix,
    Seed,
    Speak,
    Test,
    Text,
    Train,
    Val,
    flag,
    language,
)
from rankfirst.cli.stopping import command, last_words, stoppable
from rankfirst.errors import OptionError, RunError
from rankfirst.words import Lang, say

# Kind of a line -> how rich shows it.
STYLES: Final = {"verdict": "bold", "head": "bold", "warn": "yellow", "quiet": "dim"}


def assess(train: Train, out: Annotated[Path, flag("assessment", "-o", "--out")] = Path("assessment"),
           val: Val = None, test: Test = None, text: Text = None, label: Label = None,
           date: Annotated[str | None, flag("date")] = None, compare: Annotated[Path | None, flag("compare")] = None,
           base_model: BaseModel = None, no_encoder: Annotated[bool, flag("no_encoder", "--no-encoder")] = False,
           probe: Annotated[bool, flag("probe", "--probe")] = False,
           full: Annotated[bool, flag("full", "--full")] = False,
           fix: Annotated[Path | None, flag("fix")] = None, drop: Annotated[list[str] | None, flag("drop")] = None,
           overwrite: Annotated[bool, flag("overwrite_fix", "--overwrite")] = False,
           bom: Annotated[bool, flag("bom", "--bom")] = False, prefix: Prefix = None, max_tokens: MaxTokens = 256,
           memory: Memory = None, base_bits: BaseBits = None, seed: Seed = 0, lang: Speak = None,
           as_json: Json = False) -> None:  # fmt: skip
    from rankfirst import api
    from rankfirst.cli.live import followed
    from rankfirst.records import to_json
    from rankfirst.report import check_folder, summary

    spoken, console = language(lang), Console(highlight=False, soft_wrap=True)
    dropped = _checked(fix, drop or (), [path for path in (train, val, test, compare) if path], overwrite)
    check_folder(out)
    watched = followed(console, spoken, silent=as_json, lora=probe or full)
    with stoppable(last_words, lambda: _stopped(spoken)), watched as tick:
        assessed: Any = api.assess(train, val=val, test=test, text=text, label=label, date=date, compare=compare,
                                   base_model=base_model, encoder=not no_encoder, probe=probe, full=full,
                                   prefix=prefix, max_tokens=max_tokens, memory=memory, base_bits=base_bits,
                                   seed=seed, tick=tick)  # fmt: skip
    assessment = replace(assessed.assessment, command=shlex.join(["rankfirst", *sys.argv[1:]]))
    lines = _write(assessment, out, spoken, bom)
    if fix is not None:
        options = {"text": text, "label": label, "drop": dropped, "lines": assessed.lines, "overwrite": overwrite}
        lines.append(_fixed(train, fix, spoken, bom, **options))
    if as_json:
        typer.echo(json.dumps(to_json(assessment), ensure_ascii=False))
        return
    for line in [*summary(assessment, spoken, console.width), *lines]:
        console.print(line.text, style=STYLES.get(line.kind), markup=False)


def _stopped(lang: Lang) -> list[str]:
    return [f"rankfirst: {say('stop.again', lang)}", f"  {command(sys.argv)}"]


def _checked(fix: Path | None, drop: Iterable[str], inputs: list[Path], overwrite: bool) -> frozenset[str]:
    """What --drop names, before minutes are spent. Raises: OptionError."""
    from rankfirst.data import fix as fixing

    named = frozenset(name.strip() for given in drop for name in given.split(",") if name.strip())
    if fix is None:
        if named:
            raise OptionError("fix.drop_alone")
        return named
    fixing.check_drop(named)
    fixing.check_target(fix, inputs, overwrite)
    fixing.check_target(fixing.changes_path(fix), inputs, overwrite)
    return named


def _write(assessment: Any, out: Path, lang: Lang, bom: bool) -> list[Any]:
    from rankfirst.report import write_assessment

    try:
        return list(write_assessment(assessment, out, lang, bom))
    except OSError as error:
        raise _unwritable(out, error) from None


def _fixed(train: Path, fix: Path, lang: Lang, bom: bool, **options: Any) -> Any:
    """Write the cleaned copy and its changes; a line that says where they are."""
    from rankfirst.data import fix as fixing
    from rankfirst.report import Line, write_changes

    try:
        changes = fixing.fix(train, fix, bom=bom, **options)
        log = fixing.changes_path(fix)
        write_changes(changes, log, lang, bom)
    except OSError as error:
        raise _unwritable(fix, error) from None
    return Line(say("assess.written.fixed", lang, path=fix, changes=f"{len(changes):,}", log=log))


def _unwritable(path: Path, error: OSError) -> RunError:
    code = "run.no_space" if error.errno == 28 else "run.unwritable"
    return RunError(code, path=str(path), why=error.strerror or type(error).__name__)
