"""Which command meets which bad input: groups of cases, each a command line and the files it needs."""

import json
import os
import random
import shutil
import string
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.hostile import files, noise

Make = Callable[[random.Random, Path, int], list[str]]
"""A generator, the box and the number of the case -> command line, its files written into `box/in`."""

ODD_WORDS: Final = (
    "",
    " ",
    "-",
    "--",
    "-1",
    "0",
    "1e400",
    "nan",
    "inf",
    "-inf",
    "99999999999999999999",
    "0x10",
    "½",
    "１",
    "\u202e",
    "a b",
    "x" * 5000,
    "../../x",
    "/",
    "/dev/null",
    "~",
    "$HOME",
    "`id`",
    "%s",
    "{0}",
    "rank=",
    "=8",
    "rank=8",
    "lr=nan",
    "sites=@",
    "sites=qv@-1",
    "rank=1e9",
    "10m",
    "-5m",
    "1e300h",
    "m",
    "zh",
    "ru",
    "int8,int8",
    "onnx,",
    "pkg:",
    "pkg:os",
    "ms:",
    "ms:/",
    "a/b/c",
    "..",
    "pkg:../x",
    "http://127.0.0.1:1/",
    "mlflow=",
    "=x",
    "balanced",
    "text",
    "label",
    "text,label",
)


@dataclass(frozen=True)
class Ground:
    """Sound things to spoil."""

    run: Path  # a finished, exported run of LoRA
    base: Path  # the base it was made from
    rows: Path  # its rows


def groups(ground: Ground, scale: float = 1.0) -> dict[str, tuple[int, Make]]:
    """Name -> (how many cases, how to make one)."""
    made: dict[str, tuple[int, Make]] = {
        "data: CSV, spoiled": (150, lambda rng, box, n: _assess(files.spoiled_csv(rng, box / "in"))),
        "data: CSV, any cells": (120, _drawn(files.TABLES, files.table_csv, scale * 120)),
        "data: JSON": (150, _drawn(files.RECORDS, files.records_json, scale * 150)),
        "data: Parquet": (120, lambda rng, box, n: _assess(files.spoiled_parquet(rng, box / "in"))),
        "data: datasets folder": (60, lambda rng, box, n: _assess(files.spoiled_folder(rng, box / "in"))),
        "predict: rows": (
            100,
            lambda rng, box, n: [
                "predict",
                str(ground.run),
                str(files.any_rows(rng, box / "in")),
                "--backend",
                rng.choice(("int8", "onnx")),
            ],
        ),
        "export: rows": (
            20,
            lambda rng, box, n: [
                "export",
                str(_copied(ground.run, box)),
                "--rows",
                str(files.any_rows(rng, box / "in")),
                "--to",
                "merged",
            ],
        ),
        "paths": (150, lambda rng, box, n: _paths(rng, box, ground)),
        "options": (220, lambda rng, box, n: _options(rng, box, ground)),
        "run: journal": (220, lambda rng, box, n: _journal(rng, box, ground)),
        "run: JSON files": (160, lambda rng, box, n: _json_files(rng, box, ground)),
        "run: weights, graph, tokenizer": (120, lambda rng, box, n: _model_files(rng, box, ground)),
        "run: fit goes on": (30, lambda rng, box, n: _continued(rng, box, ground)),
        "base model": (80, lambda rng, box, n: _base(rng, box, ground)),
        "advise: logs": (150, _log),
    }
    return {name: (max(1, round(count * scale)), make) for name, (count, make) in made.items()}


def _assess(path: Path) -> list[str]:
    return ["assess", str(path), "--no-encoder", "-o", "out"]


def _drawn(strategy: Any, write: Callable[..., Path], count: float) -> Make:
    examples = files.drawn(strategy, max(1, round(count)))
    return lambda rng, box, n: _assess(write(examples[n % len(examples)], rng, box / "in"))


def _copied(run: Path, box: Path) -> Path:
    """The run, to be spoiled; heavy files are shared, and writing to one makes a copy."""
    to = box / "out-run"
    shutil.copytree(run, to, copy_function=shutil.copy, ignore=shutil.ignore_patterns("work"))
    return to


def _paths(rng: random.Random, box: Path, ground: Ground) -> list[str]:
    told = box / "in"
    sound = told / "rows.csv"
    sound.write_bytes(files.csv_bytes())
    decoy = told / "decoy"
    decoy.mkdir()
    (decoy / "mine.txt").write_text("not a run")
    os.mkfifo(told / "fifo.csv")
    os.symlink("loop.csv", told / "loop.csv")
    os.symlink("/dev/zero", told / "zero.csv")
    os.symlink(decoy, told / "link")
    odd = rng.choice(
        (
            str(told / "fifo.csv"),
            str(told / "loop.csv"),
            str(told / "zero.csv"),
            "/dev/zero",
            "/dev/null",
            "/dev/stdin",
            str(told),
            str(decoy),
            "",
            ".",
            "..",
            "/",
            "in/none.csv",
            "x" * 5000 + ".csv",
            "in/" + "x" * 255 + ".csv",
            "a\nb.csv",
            "\udcff.csv",
            "in/rows.csv/x",
            "/proc/self/mem",
            "/proc/self/environ",
            "/nonexistent/deep/er",
            "~/x.csv",
            "-",
            str(decoy / "mine.txt"),
            str(told / "link"),
            "in/../in/rows.csv",
            "/etc/passwd",
        )
    )
    return rng.choice(
        (
            ["assess", odd, "--no-encoder", "-o", "out"],
            ["assess", str(sound), "--no-encoder", "-o", odd or "in/decoy"],
            ["assess", str(sound), "--no-encoder", "-o", "out", "--fix", odd],
            ["assess", str(sound), "--no-encoder", "-o", "out", "--compare", odd],
            ["assess", str(sound), "--no-encoder", "-o", "out", "--val", odd],
            ["fit", odd, "-o", "out", "--dry-run", "--base-model", str(ground.base)],
            ["fit", str(sound), "-o", odd if odd not in (".", "") else "in/decoy", "--base-model", odd],
            ["fit", str(sound), "-o", "out", "--dry-run", "--base-model", odd],
            ["predict", odd, str(sound)],
            ["predict", str(ground.run), odd, "--backend", "int8"],
            ["gate", odd],
            ["gate", str(ground.run), "--max-recall-drop", "0.1", "--against", odd],
            ["explain", odd],
            ["report", odd],
            ["proposal", odd, "-o", "out.md"],
            ["proposal", str(ground.run), "-o", odd if not odd.startswith("/proc") else "in/decoy"],
            ["track", odd, "--to", "tensorboard"],
            ["advise", odd],
            ["advise", str(sound), "--adapter", odd],
            ["export", odd],
            ["serve", odd, "--port", "0"],
            ["ui", odd, "--port", "0", "--host", "256.0.0.1"],
        )
    )


def _options(rng: random.Random, box: Path, ground: Ground) -> list[str]:
    sound = box / "in" / "rows.csv"
    sound.write_bytes(files.csv_bytes())
    fit = ["fit", str(sound), "-o", "out", "--dry-run", "--base-model", str(ground.base)]
    assess = ["assess", str(sound), "-o", "out", "--no-encoder"]
    run = str(ground.run)
    command, flags = rng.choice(
        (
            (
                fit,
                "--budget --set --seed --max-tokens --head --head-lr --class-weights --focal --logit-adjustment"
                " --label-smoothing --profile --prefix --text --label --lang --track --base-model --nonsense",
            ),
            (assess, "--drop --date --text --label --seed --lang --max-tokens --fix"),
            (["advise", str(sound)], "--lr --rank --alpha --val-rows --lang"),
            (["predict", run, str(sound), "--backend", "int8"], "--backend --text --lang"),
            (["gate", run], "--min-macro-f1 --max-recall-drop --against --lang"),
            (["explain", run], "--why-not --lang"),
            (["export", run], "--to --lang"),
            (["track", run], "--to --lang"),
            (["serve", run, "--host", "256.1.1.1"], "--port --backend --host"),
            (["demo", "-o", "out"], "--lang"),
            ([], "--version --nope"),
            (["nonsense"], "--lang"),
        )
    )
    word = rng.choice(ODD_WORDS) if rng.random() < 0.8 else "".join(rng.choice(string.printable) for _ in range(8))
    if command[:1] in (["demo"], ["export"]) and word in ("99999999999999999999", "zh", "int8,int8", "onnx,"):
        word = "x"  # a demonstration of that length, or an export, is no bad input
    if ("--host" in flags and word in ("0", "", "1", "\u202e")) or word == "１":
        word = "no host"
    return [*command, rng.choice(flags.split()), word]


def _journal(rng: random.Random, box: Path, ground: Ground) -> list[str]:
    run = _copied(ground.run, box)
    path = run / "journal.jsonl"
    path.write_bytes(noise.spoiled_lines(rng, path.read_bytes()))
    return rng.choice(
        (
            ["explain", str(run)],
            ["explain", str(run), "--ledger"],
            ["explain", str(run), "--json", "--lang", "zh"],
            ["explain", str(run), "--why-not", rng.choice(("rank=32", "raise lr", "lora", "dropout", "class weights"))],
            ["proposal", str(run), "-o", "out.md"],
            ["proposal", str(run), "-o", "out.html"],
            ["report", str(run)],
        )
    )


def _json_files(rng: random.Random, box: Path, ground: Ground) -> list[str]:
    run = _copied(ground.run, box)
    text = box / "in" / "one.csv"
    text.write_text("text\nplease block my card\n", encoding="utf-8")
    predict = ["predict", str(run), str(text), "--abstain", "--probabilities"]
    name, command = rng.choice(
        (
            ("model/decision.json", [*predict, "--backend", "int8"]),
            ("model/decision.json", predict),
            ("model/decision.json", ["export", str(run), "--to", "merged"]),
            ("model/check.json", [*predict, "--backend", "int8"]),
            ("model/check.json", ["gate", str(run)]),
            ("result.json", ["gate", str(run), "--min-macro-f1", "0.5"]),
            ("result.json", ["gate", str(run), "--max-recall-drop", "0.1", "--against", str(ground.run)]),
            ("examples.json", ["report", str(run)]),
            ("model/labels.json", [*predict, "--backend", "onnx"]),
        )
    )
    path = run / name
    path.write_bytes(noise.spoiled_json(rng, path.read_bytes()))
    return command


def _model_files(rng: random.Random, box: Path, ground: Ground) -> list[str]:
    run = _copied(ground.run, box)
    text = box / "in" / "one.csv"
    text.write_text("text\nplease block my card\n", encoding="utf-8")
    predict = ["predict", str(run), str(text)]
    name, backend = rng.choice(
        (
            ("model.onnx", "onnx"),
            ("model-int8.onnx", "int8"),
            ("tokenizer/tokenizer.json", "int8"),
            ("head.safetensors", "torch"),
            ("adapter/adapter_model.safetensors", "torch"),
            ("adapter/adapter_config.json", "torch"),
        )
    )
    path = run / "model" / name
    raw = path.read_bytes()
    if name.endswith(".safetensors"):
        path.write_bytes(spoiled_tensors(rng, raw))
    elif name.endswith(".json"):
        path.write_bytes(noise.spoiled_json(rng, raw))
    else:
        path.write_bytes(noise.spoiled(rng, raw))
    return [*predict, "--backend", backend]


def spoiled_tensors(rng: random.Random, raw: bytes) -> bytes:
    """A safetensors file: its header mostly."""
    if rng.random() < 0.3:
        return noise.spoiled(rng, raw)
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + size])
    told = noise.written(noise.spoiled_value(rng, header))
    length = rng.choice((len(told), len(told), len(told), 2**63, 2**40, 0, len(told) - 1))
    return length.to_bytes(8, "little") + told + raw[8 + size :]


def _continued(rng: random.Random, box: Path, ground: Ground) -> list[str]:
    run = _copied(ground.run, box)
    path = run / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(noise.spoiled_lines(rng, b"".join(lines[: rng.randrange(1, len(lines))])))
    return ["fit", str(ground.rows), "-o", str(run), "--base-model", str(ground.base), "--always-lora", "--quiet"]


def _base(rng: random.Random, box: Path, ground: Ground) -> list[str]:
    base = box / "in" / "base"
    shutil.copytree(ground.base, base)
    name = rng.choice(("config.json", "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"))
    path = base / name
    path.write_bytes((spoiled_tensors if name.endswith("tensors") else noise.spoiled_json)(rng, path.read_bytes()))
    return ["fit", str(ground.rows), "-o", "out", "--dry-run", "--base-model", str(base)]


def _log(rng: random.Random, box: Path, n: int) -> list[str]:
    from tests.advice.logs import written

    told, rows = box / "in", written.history(evaluations=written.OVERFIT)
    kind = rng.randrange(7)
    if kind == 0:
        path = written.trainer_state(told, rows)
    elif kind == 1:
        path = written.llama_factory(told, rows)
    elif kind == 2:
        path = written.ms_swift(told, rows)
    elif kind == 3:
        path = written.csv(told / "log.csv", "step,loss,eval_loss", [(i, 1 / (i + 1), 1) for i in range(30)])
    elif kind == 4:
        path = next((written.mlflow(told, rows) / "metrics").glob("loss"))
    elif kind == 5:
        path = written.tensorboard(told, rows, tensors=rng.random() < 0.5)
    else:
        path = written.adapter(told)
        written.trainer_state(told, rows)
    raw = path.read_bytes()
    way = (
        noise.spoiled_json
        if path.suffix == ".json"
        else noise.spoiled_lines
        if path.suffix == ".jsonl"
        else noise.spoiled
    )
    path.write_bytes(way(rng, raw))
    where = path.parent.parent if kind == 4 else told / "trainer_state.json" if kind == 6 else path
    return ["advise", str(where if where.exists() else path)]
