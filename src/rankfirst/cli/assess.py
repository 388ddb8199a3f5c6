"""`rankfirst assess`: assess what the data allow, and whether LoRA is needed."""

import json
import shlex
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from rankfirst.cli.flags import Json, Speak, Train, flag, language, takes_options
from rankfirst.cli.signals import command, last_words, stoppable
from rankfirst.errors import OptionError, RunError
from rankfirst.messages import Lang, say
from rankfirst.options.fit_options import AssessOptions

# Kind of a line -> its rich style.
STYLES: Final = {"verdict": "bold", "head": "bold", "warn": "yellow", "quiet": "dim"}


@takes_options(AssessOptions)
def assess(given: dict[str, Any], train: Train,
           out: Annotated[Path, flag("assessment", "-o", "--out")] = Path("assessment"),
           date: Annotated[str | None, flag("date", panel="rows")] = None,
           compare: Annotated[Path | None, flag("compare", panel="rows")] = None,
           no_encoder: Annotated[bool, flag("no_encoder", "--no-encoder", panel="model")] = False,
           probe: Annotated[bool, flag("probe", "--probe")] = False,
           full: Annotated[bool, flag("full", "--full", panel="decisions")] = False,
           fix: Annotated[Path | None, flag("fix")] = None, drop: Annotated[list[str] | None, flag("drop")] = None,
           overwrite: Annotated[bool, flag("overwrite_fix", "--overwrite")] = False,
           bom: Annotated[bool, flag("bom", "--bom")] = False, lang: Speak = None,
           as_json: Json = False) -> None:  # fmt: skip
    from rankfirst import api
    from rankfirst.cli.live_view import followed
    from rankfirst.data import Reading
    from rankfirst.records import to_json
    from rankfirst.report import check_folder, summary

    spoken, console = language(lang), Console(highlight=False, soft_wrap=True)
    inputs = [path for path in (train, given["val"], given["test"], compare) if path]
    dropped = _checked(fix, drop or (), inputs, overwrite)
    check_folder(out)
    watched = followed(console, spoken, silent=as_json, lora=probe or full)
    with stoppable(last_words, lambda: _stopped(spoken)), watched as tick:
        assessed: Any = api.assess(train, date=date, compare=compare, encoder=not no_encoder, probe=probe, full=full,
                                   tick=tick, **given)  # fmt: skip
    assessment = replace(assessed.assessment, command=shlex.join(["rankfirst", *sys.argv[1:]]))
    lines = _write(assessment, out, spoken, bom)
    if fix is not None:
        options = {
            "text": given["text"],
            "label": given["label"],
            "encoding": given["encoding"],
            "how": Reading.of(given),
            "drop": dropped,
            "lines": assessed.lines,
            "overwrite": overwrite,
        }
        lines.append(_fixed(train, fix, spoken, bom, **options))
    if as_json:
        typer.echo(json.dumps(to_json(assessment), ensure_ascii=False))
        return
    for line in [*summary(assessment, spoken, console.width), *lines]:
        console.print(line.text, style=STYLES.get(line.kind), markup=False)


def _stopped(lang: Lang) -> list[str]:
    return [f"rankfirst: {say('stop.again', lang)}", f"  {command(sys.argv)}"]


def _checked(fix: Path | None, drop: Iterable[str], inputs: list[Path], overwrite: bool) -> frozenset[str]:
    """The lists that --drop names, checked before the work begins. Raises: OptionError."""
    from rankfirst.data.quality import cleaning as fixing

    named = frozenset(name.strip() for value in drop for name in value.split(",") if name.strip())
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
    """Write the cleaned copy and its changes. Returns: the line that says where they are."""
    from rankfirst.data.quality import cleaning as fixing
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
