"""python -m benchmarks.gpu_check --minutes 8 --out FOLDER

Runs the checks and writes FOLDER/gpu_check.json: every figure, every failure, what was skipped and why. Exit code 0 if
something passed and nothing failed. Needs this checkout, `pip install -e .` (and `.[bnb]` for 4 bits); no network.
`--device cpu --minutes small` runs what a CPU can, on tiny bases: it shows that the checks work, and says nothing of a
GPU.
"""

import argparse
import importlib
import json
import os
import platform
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.gpu_check.checks import BRANCHES, CHECKS, Check
from benchmarks.gpu_check.driver import Run

SMALL_MINUTES = 20.0  # on a machine that is busy with other tests
VERSION = 1


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu_check", description=__doc__)
    parser.add_argument("--minutes", default="8", help="a number, or small: tiny bases (default: 8)")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--base", help="an encoder for the fit of BANKING77; default: a random one")
    parser.add_argument("--only", nargs="*", default=[], help="names of checks")
    parser.add_argument("--child", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--until", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    options.out.mkdir(parents=True, exist_ok=True)
    return child(options) if options.child is not None else drive(options)


def chosen(options: argparse.Namespace) -> list[Check]:
    """The checks to run; the small ones in one process, as starting one takes longer than they do."""
    checks = [check for check in CHECKS if not options.only or check.name in options.only]
    if options.minutes != "small":
        return checks
    return [replace(check, group="small", seconds=1, patience=600) for check in checks if check.small]


def drive(options: argparse.Namespace) -> int:
    """Run the checks in other processes and write the JSON."""
    began = time.time()
    minutes = SMALL_MINUTES if options.minutes == "small" else float(options.minutes)

    def command(checks: Sequence[Check], until: float) -> list[str]:
        base = ["--base", options.base] if options.base else []
        return [sys.executable, "-m", "benchmarks.gpu_check", "--out", str(options.out), "--device", options.device,
                "--minutes", options.minutes, "--until", str(until), *base,
                "--child", *(check.name for check in checks)]  # fmt: skip

    results = Run(options.out, command, began + 60 * minutes).all(chosen(options))
    report = {
        "version": VERSION,
        "size": "small" if options.minutes == "small" else "real",
        "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began)),
        "seconds": round(time.time() - began, 1),
        "machine": next((r.pop("machine") for r in results.values() if "machine" in r), machine_facts()),
        "checks": {name: {k: v for k, v in result.items() if k != "machine"} for name, result in results.items()},
        "failed": [n for n, r in results.items() if r["status"] != "passed" and not r["status"].startswith("skipped")],
        "skipped": {n: r["status"] for n, r in results.items() if r["status"].startswith("skipped")},
        "branches": [{"file": file, "function": function, "checks": list(names),
                      "reached": any(results.get(n, {}).get("status") == "passed" for n in names)}
                     for (file, function), names in BRANCHES.items()],
    }  # fmt: skip
    path = options.out / "gpu_check.json"
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False), encoding="utf-8")
    print(f"{len(results)} checks, {len(report['failed'])} failed, {len(report['skipped'])} skipped: {path}")
    passed = any(result["status"] == "passed" for result in results.values())
    return 0 if passed and not report["failed"] else 1


def machine_facts() -> dict[str, Any]:
    """What the machine is, without torch."""
    return {"python": platform.python_version(), "machine": platform.machine(), "cpus": os.cpu_count()}


def device_facts(device: str) -> dict[str, Any]:
    """What the device is."""
    import torch

    facts = machine_facts() | {"torch": torch.__version__, "cuda": torch.version.cuda, "device": device}
    if device.startswith("cuda"):
        told = torch.cuda.get_device_properties(torch.device(device))
        facts |= {"name": told.name, "capability": f"{told.major}.{told.minor}", "bytes": told.total_memory,
                  "multiprocessors": told.multi_processor_count, "gpus": torch.cuda.device_count()}  # fmt: skip
    return facts


def child(options: argparse.Namespace) -> int:
    """Run the named checks in this process, a line before and after each."""
    import torch

    from benchmarks.gpu_check.box import SIZES, Box, MissingError

    if options.minutes == "small":
        from rankfirst.engine.network.lora import Dropout

        Dropout.POOL = 1 << 16  # every engine draws its own
    device = torch.device(options.device)
    there = device.type != "cuda" or torch.cuda.is_available()
    if there and device.type == "cuda" and device.index is None:  # some of torch's functions ask for the number
        device = torch.device("cuda", torch.cuda.current_device())
    size = SIZES["small" if options.minutes == "small" else "real"]
    with (options.out / "results.jsonl").open("a", encoding="utf-8") as file:

        def say(**told: Any) -> None:
            file.write(json.dumps(told, ensure_ascii=False, default=str) + "\n")
            file.flush()

        for check in (c for name in options.child for c in chosen(options) if c.name == name):
            if time.time() + check.seconds > options.until:
                say(name=check.name, status="skipped: no time")
                continue
            if not there:
                say(name=check.name, status="skipped: needs a CUDA device that torch finds")
                continue
            say(name=check.name)
            began = time.perf_counter()
            box, fatal = Box(device, size, options.out, options.base), False
            told: dict[str, Any] = {}
            try:
                told["machine"] = device_facts(options.device)
                getattr(importlib.import_module(f"benchmarks.gpu_check.{check.module}"), check.name)(box)
                told["status"] = "failed" if box.failures else "passed"
            except MissingError as error:
                told["status"] = f"skipped: needs {error}"
            except Exception as error:
                fatal = type(error).__name__ == "AcceleratorError" or "CUDA error" in str(error)
                told |= {"status": f"failed: {type(error).__name__}", "error": traceback.format_exc()[-4000:]}
            spent = round(time.perf_counter() - began, 2)
            say(name=check.name, seconds=spent, figures=box.figures, failures=box.failures, **told)
            if fatal:  # this process can compute nothing more on the device
                return 1
            if box.gpu:
                torch.cuda.empty_cache()
    return 0


if __name__ == "__main__":
    sys.exit(main())
