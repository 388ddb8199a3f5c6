"""Faults injected into small fits on a Ray cluster: does each run end with the decisions of an undisturbed one?

    python -m benchmarks.ray_faults [SECONDS]   # writes benchmarks/results/ray_faults.csv, a row a fault

Several raylets on this machine (`ray.cluster_utils.Cluster`), one worker each; the rows are synthetic, the base model
is a random BERT of three blocks. A run is `rankfirst fit --engine ray://HOST:PORT`, a process of its own. When it ends
before all faults were injected, the next run begins; when a fault ends it, the same command is repeated.
"""

import csv
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import runs
from tests.engine import tiny

OUT = Path(__file__).parent / "results" / "ray_faults.csv"
FAULTS = (
    *["worker SIGKILL"] * 7,
    *["raylet SIGKILL, a node added after it"] * 3,
    *["node removed, another added"] * 2,
    *["object store filled"] * 2,
    *["driver SIGKILL, command repeated"] * 3,
    *["head killed, new cluster, command repeated"] * 3,
)
COLUMNS = ("fault", "at_line", "seconds_to_next_line", "run", "repeated", "finished", "same_decisions", "same_curves")
os.environ |= {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_USAGE_STATS_ENABLED": "0"}
NICE = os.environ.setdefault("RAY_worker_niceness", "0")  # of what trains; a raylet has 30 seconds to start


@dataclass
class Machine:
    """A cluster of two nodes with one processor each, under a head without any."""

    nodes: list[Any] = field(default_factory=list)
    held: list[Any] = field(default_factory=list)

    def begin(self) -> None:
        from ray.cluster_utils import Cluster

        small = {"object_store_memory": 100 * 2**20, "include_dashboard": False}
        self.cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, **small})
        self.nodes = []
        for _ in range(2):
            self.add()

    def add(self) -> None:
        self.nodes.append(self.cluster.add_node(num_cpus=1, object_store_memory=100 * 2**20))

    def end(self) -> None:
        self.cluster.shutdown()

    def workers(self) -> list[int]:
        """Processes of workers that hold an engine."""
        found = []
        for folder in Path("/proc").iterdir():
            try:
                if folder.name.isdigit() and (folder / "cmdline").read_bytes().startswith(b"ray::Worker"):
                    found.append(int(folder.name))
            except OSError:
                continue
        return found


def lines(run: Path) -> int:
    try:
        return (run / "journal.jsonl").read_bytes().count(b"\n")
    except OSError:
        return 0


def inject(fault: str, machine: Machine, driver: "subprocess.Popen[bytes]", chance: random.Random) -> None:
    """Do it. What the fault's name says is done after it follows at once."""
    if fault.startswith("worker"):
        while not (there := machine.workers()):
            time.sleep(0.2)
        os.kill(chance.choice(there), signal.SIGKILL)
    elif fault.startswith("raylet"):
        node = machine.nodes.pop(chance.randrange(len(machine.nodes)))
        machine.cluster.remove_node(node, allow_graceful=False)
        machine.add()
    elif fault.startswith("node"):
        machine.add()
        machine.cluster.remove_node(machine.nodes.pop(0), allow_graceful=True)
    elif fault.startswith("object"):
        code = (
            "import ray, time; ray.init(address={!r}, log_to_driver=False, logging_level='ERROR');"
            "kept = [ray.put(bytes(10 * 2**20)) for _ in range(30)]; time.sleep(20)"
        )
        subprocess.Popen([sys.executable, "-c", code.format(machine.cluster.address)],
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    elif fault.startswith("driver"):
        os.kill(driver.pid, signal.SIGKILL)
    else:
        machine.end()
        machine.begin()


def told(run: Path, kind: str) -> dict[str, Any]:
    return {e["key"]: e["payload"] for e in runs.events(run) if e["kind"] == kind}


def same(run: Path, reference: Path, kinds: tuple[str, ...]) -> bool:
    return all(told(run, kind) == told(reference, kind) for kind in kinds)


def start(rows: Path, base: Path, out: Path, address: str) -> "subprocess.Popen[bytes]":
    words = [
        "nice",
        "-n",
        NICE,
        *runs.command(rows, base, out),
        "--engine",
        f"ray://{address}",
        "--workers",
        "2",
        "--threads",
        "1",
        "-q",
    ]
    log = out.with_suffix(".log").open("ab")
    return subprocess.Popen(words, env=runs.environment(), stdout=log, stderr=log)


def disturbed(faults: list[str], machine: Machine, begin: Callable[[], "subprocess.Popen[bytes]"], run: Path,
              chance: random.Random, until: float) -> Iterator[dict[str, Any]]:  # fmt: skip
    """One run with as many of the faults as it lives to see; rows without its outcome."""
    driver, repeated = begin(), 0
    while not (run / "result.json").exists() and time.monotonic() < until:
        seen = lines(run)
        while lines(run) <= seen and driver.poll() is None and time.monotonic() < until:
            time.sleep(0.1)
        if driver.poll() is None and faults and lines(run) > 1:
            time.sleep(chance.uniform(0, 1.5))
            fault, at, began = faults.pop(0), lines(run), time.monotonic()
            inject(fault, machine, driver, chance)
            while lines(run) <= at and time.monotonic() < until:
                if driver.poll() is not None:
                    if (run / "result.json").exists():
                        break
                    driver, repeated = begin(), repeated + 1
                time.sleep(0.1)
            spent = round(time.monotonic() - began, 1)
            yield {"fault": fault, "at_line": at, "seconds_to_next_line": spent, "repeated": repeated}
        elif driver.poll() is not None and not (run / "result.json").exists():
            driver, repeated = begin(), repeated + 1
    driver.wait()


def main() -> None:
    until = time.monotonic() + float(sys.argv[1] if len(sys.argv) > 1 else 3600)
    chance, folder = random.Random(11), Path(tempfile.mkdtemp(prefix="ray-faults-"))
    faults = list(FAULTS)
    chance.shuffle(faults)
    base, rows = tiny.write_base(folder / "base", "bert"), runs.write_rows(folder, rows=150)
    reference = folder / "reference"
    subprocess.run(["nice", "-n", NICE, *runs.command(rows, base, reference), "-q"], env=runs.environment(), check=True)
    machine = Machine()
    machine.begin()
    with OUT.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        number = 0
        while faults and time.monotonic() < until:
            number += 1
            run = folder / f"run-{number}"
            met = list(disturbed(faults, machine, lambda run=run: start(rows, base, run, machine.cluster.address), run,
                                 chance, until))  # fmt: skip
            finished = (run / "result.json").exists()
            outcome = {
                "run": number,
                "finished": finished,
                "same_decisions": finished and same(run, reference, ("decision", "verdict", "calibration")),
                "same_curves": finished and same(run, reference, ("probe", "final")),
            }
            for row in met:
                print(json.dumps(row | outcome), flush=True)
                writer.writerow(row | outcome)
            file.flush()
    machine.end()
    print(f"{len(FAULTS) - len(faults)} faults in {number} runs; logs in {folder}")


if __name__ == "__main__":
    main()
