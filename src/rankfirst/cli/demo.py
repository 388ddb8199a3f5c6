"""`rankfirst demo`: `fit` on two synthetic data sets, with several intents per message and with one."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from rankfirst.cli.fit import run_fit
from rankfirst.cli.flags import Out, Overwrite, Quiet, Speak, Stream, Verbose, flag, language
from rankfirst.errors import ModelError
from rankfirst.messages import Lang, say

if TYPE_CHECKING:
    from rankfirst.sample import SampleFiles

# A clock for each run, because a demo that is watched has to end; only a slow machine reaches it.
BUDGET: Final = "20m"


def demo(out: Out = Path("demo-run"),
         base_model: Annotated[str | None, flag("demo_base", "--base-model")] = None,
         overwrite: Overwrite = False, lang: Speak = None, quiet: Quiet = False, as_json: Stream = False,
         verbose: Verbose = False) -> None:  # fmt: skip
    from rankfirst.report import Brief
    from rankfirst.run.folder import SAMPLES, check, check_parent, unwritable
    from rankfirst.sample import ACTS, write_sample

    spoken, narrated = language(lang), not quiet and not as_json
    check_parent(out, [act.name for act in ACTS])
    for act in ACTS:
        check(out / act.name)
    rows_in, base = _rows_in(spoken, base_model)
    if narrated and rows_in != spoken:
        typer.echo(say("demo.no_encoder", spoken))
    summaries: dict[str, Mapping[str, Any]] = {}
    for number, act in enumerate(ACTS, 1):
        folder = out / act.name
        try:  # in the run's folder, since the commands that its report suggests name these files
            files = write_sample(folder / SAMPLES[rows_in], rows_in, act.rows, multi=act.mix.several > 0, mix=act.mix)
        except OSError as error:
            raise unwritable(folder, error) from None
        if narrated:
            typer.echo("\n".join([*([""] if number > 1 else []), *_opening(act.name, number, act.rows, files, spoken)]))
        brief = Brief(folded=number > 1)  # the second search goes as the first: its report has every step
        result = run_fit(files.train, folder, spoken, quiet, as_json, verbose, ending=not narrated, brief=brief,
                         val=files.val, test=files.test, separator=files.separator, synthetic=True,
                         overwrite=overwrite, budget=BUDGET, base_model=base)  # fmt: skip
        summaries[act.name] = result.summary
    if narrated:
        typer.echo("\n".join(["", *_closing(out, summaries, spoken)]))


def _rows_in(spoken: Lang, base_model: str | None) -> tuple[Lang, str | None]:
    """(language of the rows, base model): Chinese if the user speaks it and an encoder is installed.

    Nothing is downloaded, unless the user names a base model that is not on this machine.
    """
    from rankfirst.engine.base_models import sources

    if spoken == "en" or base_model is not None:
        return spoken, base_model
    for spec in (sources.DEFAULT_ZH, sources.DEFAULT_MANY):
        try:
            return spoken, sources.resolve(spec, local_only=True).spec
        except ModelError:
            continue
    return "en", None


def _opening(name: str, number: int, rows: int, files: "SampleFiles", lang: Lang) -> list[str]:
    """What the rows of one data set are, and which problems are planted in them."""
    planted = [say(f"demo.planted.{trouble}", lang, n=count) for trouble, count in sorted(files.counts.items())]
    readme = files.planted.with_name("README.txt")
    return [say(f"demo.act.{name}", lang, n=number),
            say("demo.planted", lang, rows=rows, planted=say("demo.and", lang).join(planted), path=readme)]  # fmt: skip


def _closing(out: Path, summaries: Mapping[str, Mapping[str, Any]], lang: Lang) -> Iterator[str]:
    """Both verdicts with their figures, the paths of the reports, and the command for the user's own rows."""
    yield say("demo.closing", lang)
    for name, summary in summaries.items():
        yield "  " + say(f"demo.name.{name}", lang) + _verdict(summary, lang)
    yield say("demo.reports", lang, paths=say("demo.and", lang).join(str(out / n / "report.html") for n in summaries))
    yield say("demo.next", lang)


def _verdict(summary: Mapping[str, Any], lang: Lang) -> str:
    """The verdict on the test rows, beside the best model without LoRA or, if that one is delivered, beside LoRA."""
    rungs = {rung["name"]: rung for rung in summary["rungs"]}
    lora = rungs.pop("lora", None)
    best = max(rungs.values(), key=lambda rung: rung["val"]["macro_f1"])
    delivered, other = (summary, best) if summary["verdict"] == "lora" else (rungs.get(summary["verdict"], best), lora)
    figures = {"rung": say(f"report.rung.{best['name'] if delivered is summary else summary['verdict']}", lang)}
    code = "demo.lora" if delivered is summary else "demo.cheaper" if other and other["test"] else "demo.cheaper_alone"
    numbers = {"score": delivered["test"]["macro_f1"], "exact": delivered["test"]["accuracy"]}
    if other and other["test"]:
        low, high = delivered["test"].get("interval") or (math.nan, math.nan)
        inside = low <= other["test"]["macro_f1"] <= high
        numbers |= {"other": other["test"]["macro_f1"], "other_exact": other["test"]["accuracy"]}
        figures["noise"] = say("demo.noise", lang) if inside else ""
    return say(code, lang, **figures, **numbers)
