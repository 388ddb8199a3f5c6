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
from rankfirst.errors import OptionError
from rankfirst.messages import Lang, say
from rankfirst.options.fit_options import AssessOptions

SHOWN: Final = 20  # corrections that were not applied, a line each
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
           corrections: Annotated[list[Path] | None, flag("corrections")] = None,
           to: Annotated[str | None, flag("to_review", "--to")] = None,
           overwrite: Annotated[bool, flag("overwrite_fix", "--overwrite")] = False,
           bom: Annotated[bool, flag("bom", "--bom")] = False, lang: Speak = None,
           as_json: Json = False) -> None:  # fmt: skip
    from rankfirst import api
    from rankfirst.cli.live_view import followed
    from rankfirst.data import Reading
    from rankfirst.data.files.annotation_tools import tool_named
    from rankfirst.progress.notebook import both
    from rankfirst.progress.run_state import Appraisal
    from rankfirst.progress.shared import Shared
    from rankfirst.records import to_json
    from rankfirst.report import check_folder, summary

    spoken, console = language(lang), Console(highlight=False, soft_wrap=True)
    inputs = [path for path in (train, given["val"], given["test"], compare, *(corrections or ())) if path]
    dropped = _checked(fix, drop or (), inputs, overwrite)
    if corrections and fix is None:
        raise OptionError("fix.corrections_alone")
    tool = tool_named(to)
    check_folder(out)
    beside = Shared.as_asked(Appraisal(probe or full))
    watched = followed(console, spoken, silent=as_json, lora=probe or full)
    with stoppable(last_words, lambda: _stopped(spoken)), watched as tick:
        assessed: Any = api.assess(train, date=date, compare=compare, encoder=not no_encoder, probe=probe, full=full,
                                   tick=both(beside.tick, tick), **given)  # fmt: skip
    assessment = replace(assessed.assessment, command=shlex.join(["rankfirst", *sys.argv[1:]]))
    lines = _write(assessment, out, spoken, bom, tool)
    if fix is not None:
        named = {name: given[name] for name in ("text", "label", "encoding")}
        lines += _fixed(train, fix, spoken, bom, how=Reading.of(given), drop=dropped, lines=assessed.lines,
                        overwrite=overwrite, corrections=corrections or [], **named)  # fmt: skip
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


def _write(assessment: Any, out: Path, lang: Lang, bom: bool, tool: str | None) -> list[Any]:
    from rankfirst.report import write_assessment
    from rankfirst.run.folder import unwritable

    try:
        lines = list(write_assessment(assessment, out, lang, bom))
        return lines if tool is None else [*lines, *_for_tool(assessment, out, lang, tool)]
    except OSError as error:
        raise unwritable(out, error) from None


def _for_tool(assessment: Any, out: Path, lang: Lang, tool: str) -> list[Any]:
    """Write the lists of rows with doubtful labels for an annotation tool. Returns: a line for each."""
    from rankfirst.data.files.annotation_tools import Task, labelling_config, named_for, write_tasks
    from rankfirst.measure.disk import write_whole
    from rankfirst.report import Line, reason, review_rows

    lines, profile = [], assessment.profile
    for key in ("suspects", "conflicts"):
        path, rows = out / named_for(key, tool), review_rows(assessment, key)
        if not rows:
            path.unlink(missing_ok=True)
            continue
        tasks = [Task(row.text, row.suggested, row.labels, None,
                      {"file": row.file, "line": row.line or "", "given": "|".join(row.labels),
                       "reason": reason(row, key, lang)}) for row in rows]  # fmt: skip
        write_tasks(tool, tasks, profile.multi_label, path)
        lines.append(Line(say("assess.written.tool", lang, tool=tool, path=path, rows=f"{len(rows):,}")))
    if lines and tool == "label-studio":
        config = out / "label-studio.xml"
        write_whole(config, labelling_config(profile.classes, profile.multi_label))
        lines.append(Line(say("label.written.config", lang, path=config)))
    return lines


def _fixed(train: Path, fix: Path, lang: Lang, bom: bool, **options: Any) -> list[Any]:
    """Write the cleaned copy and its changes. Returns: lines that say where they are and what was not applied."""
    from rankfirst.data.quality import cleaning as fixing
    from rankfirst.report import Line, write_changes
    from rankfirst.run.folder import unwritable

    try:
        fixed = fixing.fix(train, fix, bom=bom, **options)
        log = fixing.changes_path(fix)
        write_changes(fixed.changes, log, lang, bom)
    except OSError as error:
        raise unwritable(fix, error) from None
    lines = []
    if options["corrections"]:
        changed = sum("fix.corrected" in change.why for change in fixed.changes)
        counts = {"reviewed": fixed.corrected, "changed": changed, "ignored": len(fixed.ignored)}
        lines.append(Line(say("fix.correction.used", lang, **counts)))
        lines += [Line(say(each.code, lang, **each.numbers), "warn") for each in fixed.ignored[:SHOWN]]
        if len(fixed.ignored) > SHOWN:
            lines.append(Line(say("fix.correction.more", lang, rows=len(fixed.ignored) - SHOWN), "warn"))
    return [*lines, Line(say("assess.written.fixed", lang, path=fix, changes=f"{len(fixed.changes):,}", log=log))]
