"""The check for a GPU: it works where there is none, reaches every branch that is CUDA's, and survives what dies."""

import ast
import json
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from benchmarks.gpu_check import __main__ as command
from benchmarks.gpu_check.checks import BRANCHES, CHECKS, Check
from benchmarks.gpu_check.driver import Run

import rankfirst

SOURCE = Path(rankfirst.__file__).parent
SAID = ("cuda", "nccl", "num_gpus")


def named(tree: ast.AST, path: tuple[str, ...] = ()) -> Iterator[str]:
    """The functions of a module in which CUDA is named, docstrings apart; empty for the module itself."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            yield from named(node, (*path, node.name))
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        words = [getattr(node, name, None) for name in ("attr", "id", "value", "arg")]
        if any(isinstance(word, str) and said in word.lower() for word in words for said in SAID):
            yield ".".join(path)
        yield from named(node, path)


def test_every_branch_that_is_cuda_s_is_in_the_table() -> None:
    """Who writes another one says which check reaches it (benchmarks/gpu_check/checks.py)."""
    found = {
        (path.relative_to(SOURCE).as_posix(), name)
        for path in SOURCE.rglob("*.py")
        if "messages" not in path.parts
        for name in named(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found - BRANCHES.keys() == set() and BRANCHES.keys() - found == {("engine/training/out_of_memory.py", "")}


def test_the_table_names_checks_that_there_are() -> None:
    names = {check.name for check in CHECKS}
    assert len(names) == len(CHECKS) and {n for checks in BRANCHES.values() for n in checks} <= names


FAKE = textwrap.dedent("""
    import json, os, sys, time
    out, *names = sys.argv[1:]
    with open(out + "/results.jsonl", "a") as file:
        def say(**told):
            file.write(json.dumps(told) + "\\n"); file.flush()
        for name in names:
            say(name=name)
            if name.startswith("hangs"):
                time.sleep(60)
            if name.startswith("dies"):
                print("device-side assert triggered", flush=True)
                os._exit(134)
            say(name=name, status="passed")
""")


def run(folder: Path, *checks: Check, seconds: float = 60) -> dict[str, dict[str, Any]]:
    import time

    def command(asked: Sequence[Check], until: float) -> list[str]:
        return [sys.executable, "-c", FAKE, str(folder), *(check.name for check in asked)]

    return Run(folder, command, time.time() + seconds).all(checks)


def check(name: str, group: str = "one", seconds: float = 0.0, patience: float = 0.0) -> Check:
    return Check(group, "fake", name, seconds, patience=patience)


def test_what_ends_a_process_ends_one_check(tmp_path: Path) -> None:
    """What a CUDA error spoils is the process: the checks after it get a new one."""
    checks = [check("first"), check("dies"), check("last"), check("dies again", "two"), check("end", "two")]
    results = run(tmp_path, *checks)
    assert [result["status"] for result in results.values()] == [
        "passed", "crashed: exit code 134", "passed", "crashed: exit code 134", "passed"
    ]  # fmt: skip
    assert "device-side assert" in results["dies"]["said"]


def test_one_that_hangs_is_ended_at_its_deadline(tmp_path: Path) -> None:
    results = run(tmp_path, check("hangs", patience=-29.0), check("last"))  # a deadline of one second
    assert [result["status"] for result in results.values()] == ["timed out", "passed"]


def test_what_does_not_fit_is_said(tmp_path: Path) -> None:
    results = run(tmp_path, check("first"), check("long", seconds=1000), check("last"))
    assert [result["status"] for result in results.values()] == ["passed", "skipped: no time", "passed"]


def test_without_the_device_nothing_passes(tmp_path: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("a GPU")
    assert command.main(["--out", str(tmp_path), "--only", "one_step", "products"]) == 1
    report = json.loads((tmp_path / "gpu_check.json").read_text(encoding="utf-8"))
    assert report["failed"] == [] and report["skipped"].keys() == {"one_step", "products"}


@pytest.mark.slow
def test_on_a_machine_without_a_gpu_its_cpu_half_passes(tmp_path: Path) -> None:
    """With a fake for lack of memory only. About 50 seconds of one core."""
    assert command.main(["--device", "cpu", "--minutes", "small", "--out", str(tmp_path)]) == 0
    report = json.loads((tmp_path / "gpu_check.json").read_text(encoding="utf-8"))
    small = {each.name for each in CHECKS if each.small}
    assert report["failed"] == [] and report["checks"].keys() == small
    assert set(report["skipped"]) <= {"four_bits"}  # an extra
    assert report["machine"]["torch"] and report["checks"]["forecast"]["figures"]
