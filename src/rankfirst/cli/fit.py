"""`rankfirst fit` and `rankfirst demo`: the main job."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from rankfirst.cli.options import (
    BaseBits,
    BaseModel,
    Engine,
    Gpus,
    Label,
    MaxTokens,
    Memory,
    Out,
    Prefix,
    Processes,
    Quiet,
    Seed,
    Shard,
    Speak,
    Storage,
    Stream,
    Test,
    Text,
    Threads,
    Train,
    Val,
    Workers,
    flag,
    language,
    number,
    wish,
)
from rankfirst.cli.stopping import command, last_words, stoppable
from rankfirst.words import Lang, say


def fit(train: Train, out: Out = Path("run"), val: Val = None, test: Test = None, text: Text = None,
        label: Label = None, base_model: BaseModel = None, seed: Seed = 0,
        budget: Annotated[str | None, flag("budget")] = None,
        knobs: Annotated[list[str] | None, flag("set", "--set")] = None,
        force: Annotated[bool, flag("force", "--force")] = False,
        always_lora: Annotated[bool, flag("always_lora", "--always-lora")] = False,
        wide_lr: Annotated[bool, flag("wide_lr", "--wide-lr")] = False,
        overwrite: Annotated[bool, flag("overwrite", "--overwrite")] = False,
        dry_run: Annotated[bool, flag("dry_run", "--dry-run")] = False,
        prefix: Prefix = None, max_tokens: MaxTokens = 256,
        head: Annotated[str, flag("head")] = "probe",
        head_lr: Annotated[float | None, number("head_lr")] = None,
        class_weights: Annotated[str, flag("class_weights")] = "none",
        focal: Annotated[float, number("focal")] = 0.0,
        logit_adjustment: Annotated[float, number("logit_adjustment")] = 0.0,
        label_smoothing: Annotated[float, number("label_smoothing")] = 0.0,
        windows: Annotated[bool, flag("windows", "--windows")] = False,
        profile: Annotated[str, flag("profile")] = "measured",
        memory: Memory = None,
        base_bits: BaseBits = None,
        oos: Annotated[Path | None, flag("oos", "--oos")] = None,
        oos_label: Annotated[str | None, flag("oos_label", "--oos-label")] = None,
        coverage: Annotated[float, wish("coverage")] = 0.95,
        beta: Annotated[float, wish("beta")] = 1.0,
        costs: Annotated[Path | None, flag("costs", "--costs")] = None,
        abstain_cost: Annotated[float | None, wish("abstain_cost")] = None,
        track: Annotated[list[str] | None, flag("track", "--track")] = None,
        engine: Engine = "local", workers: Workers = None, threads: Threads = None, gpus: Gpus = 0.0,
        processes: Processes = None, shard: Shard = False, storage: Storage = None,
        lang: Speak = None, quiet: Quiet = False, as_json: Stream = False) -> None:  # fmt: skip
    spoken = language(lang)
    same: dict[str, Any] = {"val": val, "test": test, "text": text, "label": label, "base_model": base_model,
                            "seed": seed, "budget": budget, "knobs": knobs or (), "force": force, "prefix": prefix,
                            "max_tokens": max_tokens, "windows": windows, "head": head, "head_lr": head_lr,
                            "class_weights": class_weights, "focal": focal, "logit_adjustment": logit_adjustment,
                             "label_smoothing": label_smoothing, "profile": profile, "memory": memory,
                            "base_bits": base_bits}  # fmt: skip
    answers: dict[str, Any] = {"oos": oos, "oos_label": oos_label, "coverage": coverage, "beta": beta, "costs": costs,
                               "abstain_cost": abstain_cost}  # fmt: skip
    if dry_run:
        from rankfirst import api
        from rankfirst.report import tell

        planned = api.plan(train, **same)
        lines = [json.dumps(planned, ensure_ascii=False)] if as_json else tell("plan", "", planned, spoken)
        typer.echo("\n".join(lines))
        return
    run_fit(train, out, spoken, quiet, as_json, always_lora=always_lora, wide_lr=wide_lr, overwrite=overwrite,
            track=track or (), engine=engine, workers=workers, threads=threads, gpus=gpus, processes=processes,
            shard=shard, storage=storage, **answers, **same)  # fmt: skip


def demo(out: Out = Path("demo-run"), rows: Annotated[int, typer.Option(min=400, help=flag("rows").help)] = 1200,
         overwrite: Annotated[bool, flag("overwrite", "--overwrite")] = False, lang: Speak = None,
         quiet: Quiet = False, as_json: Stream = False) -> None:  # fmt: skip
    from rankfirst.runs import SAMPLE, check, unwritable
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
    from rankfirst.cli.audience import audience

    with audience(Console(highlight=False, soft_wrap=True), lang, quiet, as_json) as told:

        def event(event: Mapping[str, Any]) -> None:
            begun.append(event["kind"])
            told.event(event)

        result = make(stream=event, tick=told.tick, watch=told.pulse)
    told.end(result.folder, result.summary)
    return result
