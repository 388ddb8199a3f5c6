"""From files to lines of text: read each log, add the user's settings, conclude, compare two logs, and report."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isclose
from pathlib import Path
from typing import Any

from rankfirst.advice import logs
from rankfirst.advice.compare_logs import LogPair, compare
from rankfirst.advice.conclusions import LogAdvice, conclude, missing, recipe_words
from rankfirst.advice.live_run import Said
from rankfirst.errors import OptionError
from rankfirst.messages import Lang
from rankfirst.records import to_json
from rankfirst.records.training_log import LoggedRecipe, TrainingLog
from rankfirst.report.phrases import both, clean, joined, same


@dataclass(frozen=True)
class LogSettings:
    """Settings given by the user; None: taken from the logs."""

    adapter: Path | None = None  # adapter_config.json or its folder
    lr: float | None = None  # peak
    rank: int | None = None
    alpha: float | None = None  # PEFT's lora_alpha
    val_rows: int = 0  # rows of the validation split; 0 = unknown


@dataclass(frozen=True, repr=False)
class LogReport:
    """The conclusions from each log, and the comparison of two; its representation is the report in English."""

    runs: tuple[LogAdvice, ...]
    pair: LogPair | None = None

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def lines(self, lang: Lang = "en") -> list[str]:
        """The report as lines of text without control characters."""
        lines = [line for run in self.runs for line in (*run_lines(run, lang), "")]
        if self.pair is not None:
            head, *rest = self.pair.said
            lines += [_say(("logs.pair.title", {}), lang), f"  {_say(head, lang)}", *_items(rest, lang)]
        return lines[:-1] if lines and not lines[-1] else lines

    def json(self, lang: Lang = "en") -> dict[str, Any]:
        """The report for programs: message codes with the sentences."""
        pair = self.pair
        comparison = (
            None if pair is None else {"differ": pair.differ, "said": [_say(sentence, lang) for sentence in pair.said]}
        )
        return {"runs": [_run_json(run, lang) for run in self.runs], "pair": comparison}


def advise(paths: Path | str | Sequence[Path | str], asked: LogSettings = LogSettings()) -> LogReport:
    """Apply the policy to logs of other trainers; nothing is trained, unpickled or executed.

    Args:
        paths: one log, or one per run: files, output folders or run folders. asked: settings that the logs lack.
    Returns: the conclusions from each log, and the comparison if there are two.
    Raises: DataError with a one-line message for the first log that cannot be read; OptionError for a setting given for
        several logs that contradicts one of them.
    """
    paths = [paths] if isinstance(paths, Path | str) else paths
    if len(paths) > 1 and asked.adapter is not None:
        raise OptionError("option.one_adapter", count=len(paths))
    read = [_with(logs.read(Path(path), asked.adapter), asked, len(paths) > 1) for path in paths]
    pair = compare(read[0], read[1], asked.val_rows) if len(read) == 2 else None
    return LogReport(tuple(conclude(log, asked.val_rows) for log in read), pair)


def _with(log: TrainingLog, asked: LogSettings, several: bool) -> TrainingLog:
    """The log with the user's settings. Raises: OptionError if one of `several` logs contains another value."""
    settings = {name: getattr(asked, name) for name in ("lr", "rank", "alpha") if getattr(asked, name) is not None}
    for name, value in settings.items() if several else ():
        own = getattr(log.recipe, name)
        if own is not None and not isclose(own, value):
            raise OptionError("option.one_setting", name=name, value=f"{value:g}", log=log.name, own=f"{own:g}")
    if "lr" in settings:
        settings |= {"lr_low": None, "lr_high": None}
    return replace(log, recipe=replace(log.recipe, **settings)) if settings else log


def run_lines(run: LogAdvice, lang: Lang) -> list[str]:
    """The lines of one log: its title, the judgement and the next step; then the evidence and what to leave alone."""
    lines = [_title(run, lang)]
    if run.scope is not None:
        lines += [f"  {_say(run.scope, lang)}", *_items(run.concludes, lang)]
        return [*lines, *_section("next", () if run.next is None else (run.next,), lang)]
    lines += _section("concludes", run.concludes, lang)
    lines += _section("next", () if run.next is None else (run.next,), lang)
    lines += _section("leave", run.leave, lang)
    lines += _section("shows", run.shows, lang)
    return [*lines, *_section("cannot", [*run.cannot, *_unknown(run)], lang)]


def _unknown(run: LogAdvice) -> Iterable[Said]:
    """The settings that the log does not contain, and how to give them."""
    if lacking := missing(run.log):
        names = joined([same(name) for name in lacking])
        options = joined([same(f"--{name}") for name in lacking])
        yield "logs.missing_settings", {"names": names, "options": options}
    if not run.log.lora:
        yield "logs.scope.no_adapter", {}


def _section(name: str, sentences: Sequence[Said], lang: Lang) -> list[str]:
    """A heading with its items; nothing without items."""
    return ["  " + _say((f"logs.{name}", {}), lang), *_items(sentences, lang)] if sentences else []


def _title(run: LogAdvice, lang: Lang) -> str:
    recipe = recipe_words(run.log, lr_only=run.scope is not None)
    name, kind = clean(run.log.name), both(f"logs.format.{run.log.format}")
    if not recipe.en:
        return _say(("logs.title_bare", {"name": name, "format": kind}), lang)
    return _say(("logs.title", {"name": name, "format": kind, "recipe": recipe}), lang)


def _items(sentences: Iterable[Said], lang: Lang) -> list[str]:
    return [f"    - {_say(one, lang)}" for one in sentences]


def _run_json(run: LogAdvice, lang: Lang) -> dict[str, Any]:
    log = run.log
    decision = run.advice.decisions[0] if run.advice.decisions else None
    return {
        "log": log.name,
        "format": log.format,
        "recipe": _recipe_json(log.recipe),
        "missing": missing(log),
        "points": len(log.points),
        "evaluations": len(log.evaluations),
        "last_step": log.last_step if log.counts_steps else None,
        "epochs": log.epochs if log.epochs == log.epochs else None,
        "scope": None if run.scope is None else {"code": run.scope[0], "said": _say(run.scope, lang)},
        "task": log.setup.task or None,
        "adapter": log.setup.peft_type or None,
        "look": run.look.value,
        "rule": None if decision is None else decision.rule_id,
        **{
            name: [{"code": code, "said": _say((code, numbers), lang)} for code, numbers in sentences]
            for name, sentences in (
                ("shows", run.shows),
                ("concludes", run.concludes),
                ("cannot_tell", run.cannot),
                ("next", [] if run.next is None else [run.next]),
                ("leave_alone", run.leave),
            )
        },
    }


def _recipe_json(recipe: LoggedRecipe) -> Any:
    return to_json(recipe) | {"scaling": recipe.scaling}


def _say(sentence: Said, lang: Lang) -> str:
    return both(*sentence)[lang]
