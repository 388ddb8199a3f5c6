"""`rankfirst fit-many`: fit many data sets in one queue, with one summary page."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from rankfirst.cli.flags import Speak, described, flag, language, takes_options
from rankfirst.cli.signals import command, last_words, stoppable
from rankfirst.messages import say
from rankfirst.options.fit_options import RayOptions


@takes_options(RayOptions)
def fit_many(given: dict[str, Any],
             specs: Annotated[Path, typer.Argument(help=described("help.specs"), show_default=False)],
             out: Annotated[Path, flag("many_out", "-o", "--out")] = Path("runs"), lang: Speak = None,
             quiet: Annotated[bool, flag("many_quiet", "-q", "--quiet")] = False,
             as_json: Annotated[bool, flag("many_json", "--json")] = False) -> None:  # fmt: skip
    spoken = language(lang)

    def stopped() -> list[str]:
        return [f"rankfirst: {say('stop.kept', spoken, path=out)}", f"  {command(sys.argv)}"]

    with stoppable(last_words, stopped):
        from rankfirst import batch
        from rankfirst.batch import summary
        from rankfirst.batch.single_fit import Done
        from rankfirst.engine.ray import cluster
        from rankfirst.report.narrative.plain_text import as_text

        pool = cluster.parse(**given)
        jobs = batch.read(specs, out)
        count = 0

        def show(done: Done) -> None:
            nonlocal count
            count += 1
            if not (quiet or as_json):
                typer.echo(summary.line(done, count, len(jobs))[spoken])

        ended = batch.fit_many(jobs, out, pool, spoken, show)
    if as_json:
        typer.echo(json.dumps(summary.as_json(ended), ensure_ascii=False))
    else:
        typer.echo(f"\n{as_text(batch.document(ended, len(jobs)), spoken)}")
        typer.echo(say("many.page", spoken, path=str(out / "summary.html")))
    if any(done.error for done in ended):
        raise typer.Exit(1)
