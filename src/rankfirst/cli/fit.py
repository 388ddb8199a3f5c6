"""`rankfirst fit` and `rankfirst demo`: the main job."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from rankfirst.cli.options import Out, Overwrite, Quiet, Speak, Stream, Train, flag, language, takes_options
from rankfirst.cli.signals import command, last_words, stoppable
from rankfirst.messages import Lang, say
from rankfirst.options import FitOptions
from rankfirst.options.files import dump, read


@takes_options(FitOptions)
def fit(given: dict[str, Any], ctx: typer.Context, train: Train, out: Out = Path("run"), overwrite: Overwrite = False,
        dry_run: Annotated[bool, flag("dry_run", "--dry-run")] = False,
        config: Annotated[Path | None, flag("config", "--config")] = None,
        dump_config: Annotated[Path | None, flag("dump_config", "--dump-config")] = None,
        lang: Speak = None, quiet: Quiet = False, as_json: Stream = False) -> None:  # fmt: skip
    spoken = language(lang)
    if config is not None:
        said = {name for name in given if getattr(ctx.get_parameter_source(name), "name", "") == "COMMANDLINE"}
        given |= {name: value for name, value in read(config).items() if name not in said}
    options = FitOptions(**given)  # refused before anything is loaded
    if dump_config is not None:
        dump(options, dump_config)
    if dry_run:
        from rankfirst import api
        from rankfirst.report import tell

        planned = api.plan(train, **given)
        lines = [json.dumps(planned, ensure_ascii=False)] if as_json else tell("plan", "", planned, spoken)
        typer.echo("\n".join(lines))
        return
    run_fit(train, out, spoken, quiet, as_json, overwrite=overwrite, **given)


def demo(out: Out = Path("demo-run"), rows: Annotated[int, typer.Option(min=400, help=flag("rows").help)] = 1200,
         overwrite: Overwrite = False, lang: Speak = None, quiet: Quiet = False, as_json: Stream = False
         ) -> None:  # fmt: skip
    from rankfirst.run.folder import SAMPLE, check, unwritable
    from rankfirst.sample import write_sample

    spoken = language(lang)
    check(out)
    try:  # inside the run: the commands that its report suggests name these files
        files = write_sample(out / SAMPLE, "en", rows=rows)
    except OSError as error:
        raise unwritable(out, error) from None
    run_fit(files.train, out, spoken, quiet, as_json, val=files.val, test=files.test, synthetic=True,
            overwrite=overwrite)  # fmt: skip


def run_fit(train: Path, out: Path, lang: Lang, quiet: bool = False, as_json: bool = False, **options: Any) -> None:
    """Fit, telling every step to whom the flags and the terminal ask for."""

    def make(**told: Any) -> Any:
        from rankfirst import api

        return api.fit(train, out, lang=lang, **told, **options)

    run_told(out, lang, quiet, as_json, make)


def run_told(out: Path, lang: Lang, quiet: bool, as_json: bool, make: Callable[..., Any]) -> Any:
    """What `make` returns, a `Result`; it is handed `stream`, `tick` and `watch`, and its run goes to `out`."""
    begun: list[str] = []  # not empty once this session holds the run

    def stopped() -> list[str]:
        kept = (out / "journal.jsonl").is_file()
        told = say("stop.kept", lang, path=out) if kept else say("stop.again", lang)
        again = command(sys.argv, without=("--overwrite",) if begun else ())  # it would begin anew once more
        return [f"rankfirst: {told}", f"  {again}"]

    with stoppable(last_words, stopped):
        return _told(lang, quiet, as_json, begun, make)


def _told(lang: Lang, quiet: bool, as_json: bool, begun: list[str], make: Callable[..., Any]) -> Any:
    from rankfirst.cli.output import audience

    with audience(Console(highlight=False, soft_wrap=True), lang, quiet, as_json) as told:

        def event(event: Mapping[str, Any]) -> None:
            begun.append(event["kind"])
            told.event(event)

        result = make(stream=event, tick=told.tick, watch=told.pulse)
    told.end(result.folder, result.summary)
    return result
