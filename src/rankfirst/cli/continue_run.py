"""`rankfirst continue`: train on more rows, starting from a finished run."""

from pathlib import Path
from typing import Annotated, Any

import typer

from rankfirst.cli.fit import run_shown
from rankfirst.cli.flags import Overwrite, Quiet, Run, Speak, Stream, Verbose, flag, language, takes_options
from rankfirst.options.fit_options import FitOptions


@takes_options(FitOptions, lambda one: one.renewed == "given")
def continue_(given: dict[str, Any], run: Run,
              more: Annotated[Path, typer.Argument(help=flag("more").help, show_default=False)],
              out: Annotated[Path | None, flag("renew_out", "-o", "--out")] = None,
              train: Annotated[list[str] | None, flag("moved_train", "--train")] = None,
              val: Annotated[str | None, flag("moved_val", "--val")] = None,
              test: Annotated[str | None, flag("moved_test", "--test")] = None,
              fresh: Annotated[bool, flag("fresh", "--fresh")] = False,
              only_new: Annotated[bool, flag("only_new", "--only-new")] = False,
              overwrite: Overwrite = False, lang: Speak = None, quiet: Quiet = False, as_json: Stream = False,
              verbose: Verbose = False) -> None:  # fmt: skip
    from rankfirst.lifecycle import continue_training

    spoken = language(lang)
    to = continue_training.folder_for(run, out)

    def make(**listeners: Any) -> Any:
        return continue_training.continue_run(
            run,
            more,
            to,
            train=train or (),
            val=val,
            test=test,
            fresh=fresh,
            only_new=only_new,
            overwrite=overwrite,
            lang=spoken,
            **given,
            **listeners,
        )

    run_shown(to, spoken, quiet, as_json, make, verbose)
