"""`kill -9` while a delivery, an export or a server's reload is at work: the old model or the new one, never a mix.

Usage: python -m benchmarks.kill_deliveries FOLDER [DELIVERIES 80] [EXPORTS 60] [RELOADS 60] [SEED 0]
(results/kill_deliveries.csv gets a line a try; those that stand there are not done again)

Two models of tests/first_edition with other weights take each other's place, or are exported again, in a process that
is forked with everything imported and killed at a random moment. Then a server that was there all the time (its
`Holder`) looks for a new delivery, and one that starts now loads what lies there: each has to give exactly the answers
of one of the two models, of the exported graph too, and the figures beside the delivery have to be of the same one.
`reload`: the process that is killed is the one that loads a new delivery; who starts now must answer as that one.
"""

import csv
import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from tests.model import deliveries

from benchmarks.mutated_deliveries import prepared
from benchmarks.tables import RESULTS, append
from rankfirst.errors import RankfirstError
from rankfirst.lifecycle.gate import gate
from rankfirst.measure.disk import write_json
from rankfirst.model import export, manifest, subprocess_check
from rankfirst.model.classifier import load
from rankfirst.model.staging import staged
from rankfirst.server.reload import Holder

FORMATS: Final = ["onnx"]
LIKE: Final = 1e-6
Act = Callable[[], None]


class Versions:
    """Two delivered models, and which of them a run answers as."""

    def __init__(self, runs: Sequence[Path]) -> None:
        self.runs = runs
        self.known = [self.answers(run) for run in runs]
        assert not np.allclose(self.known[0]["torch"], self.known[1]["torch"])

    @staticmethod
    def answers(run: Path) -> dict[str, Any]:
        """Probabilities in both formats, and the figures beside the delivery."""
        found: dict[str, Any] = {way: load(run, way).predict_proba(deliveries.TEXTS) for way in ("torch", "onnx")}
        gate(run, 0.0)
        return found | {"figures": json.loads((run / "result.json").read_bytes())["version"]}

    def of(self, found: dict[str, Any]) -> str:
        """The version of all answers; "mixed" if there is none."""

        def same(known: dict[str, Any]) -> bool:
            return all(np.allclose(known[way], found[way], rtol=0, atol=LIKE) for way in ("torch", "onnx"))

        fits = [n for n, known in enumerate(self.known) if known["figures"] == found["figures"] and same(known)]
        return str(fits[0]) if len(fits) == 1 else "mixed"

    def of_one(self, p: Any) -> str:
        """The same of a holder's probabilities."""
        fits = [n for n, known in enumerate(self.known) if np.allclose(known["torch"], p, rtol=0, atol=LIKE)]
        return str(fits[0]) if len(fits) == 1 else "mixed"

    def deliver(self, run: Path, version: int) -> None:
        """Put a version in the place of whatever is there, as `fit` does."""
        with staged(run / "model", empty=True) as part:
            shutil.copytree(self.runs[version] / "model", part, dirs_exist_ok=True)
            (part / manifest.PENDING).mkdir()
            shutil.copy(self.runs[version] / "result.json", part / manifest.PENDING / "result.json")
            listed = manifest.write(part, run)
        manifest.settle(run / "model", listed)


def forked(act: Act) -> int:
    """A process that does this; its output is lost."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            act()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return pid


def killed(act: Act, moment: float) -> bool:
    """Kill a process that does this after so many seconds. Returns: whether it was still at work."""
    pid = forked(act)
    time.sleep(moment)
    done, code = os.waitpid(pid, os.WNOHANG)
    if done:
        assert code == 0, code
        return False
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return True


def seconds(act: Act) -> float:
    """How long a process takes that is not killed."""
    began = time.perf_counter()
    _, code = os.waitpid(forked(act), 0)
    assert code == 0, code
    return time.perf_counter() - began


def exporting(run: Path) -> None:
    """Export with the self-test in this process: what it tests with is imported already."""

    def outputs(folder: Path, base: str, texts: Sequence[str], kinds: Sequence[str]) -> dict[str, Any]:
        found = {}
        for kind in kinds:
            if kind == "onnx":
                found[kind], states = subprocess_check.by_the_runtime(folder, kind, texts)
                found |= {} if states is None else {f"{kind}:states": states}
            else:
                found[kind] = subprocess_check.by_the_card(folder, base, texts)
        return {name: np.asarray(each, dtype=np.float64) for name, each in found.items()}

    export._outputs = outputs
    export.export(run, FORMATS)


def tries(what: str, count: int, seed: int, attempt: Callable[[float], dict[str, object]], whole: float) -> None:
    """The tries that are not in the table yet, each at a random moment of its part of the time."""
    path, draw = RESULTS / "kill_deliveries.csv", random.Random(f"{what} {seed}")
    done = set()
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            done = {int(row["n"]) for row in csv.DictReader(file) if row["what"] == what}
    moments = [whole * (n + draw.random()) / count for n in range(count)]
    for n in range(count):
        if n not in done:
            append(
                "kill_deliveries",
                {"what": what, "n": n, "moment_ms": round(1000 * moments[n], 1), **attempt(moments[n])},
            )


class Tried:
    """A run whose delivery is replaced, exported and loaded by processes that are killed, and a server beside it."""

    def __init__(self, run: Path, versions: Versions) -> None:
        self.run, self.versions = run, versions
        shutil.rmtree(run, ignore_errors=True)
        run.mkdir(parents=True)
        versions.deliver(run, 0)
        self.holder = self.started()

    def started(self) -> Holder:
        """A server that starts now."""
        return Holder(lambda: load(self.run), self.run / "model" / manifest.DECISION)

    @property
    def version(self) -> int:
        """What lies there."""
        return int(self.versions.of(self.versions.answers(self.run)))

    def state(self, before: int, after: int) -> dict[str, object]:
        """What a process that starts now answers as, and the server that was there."""
        try:
            now, note = self.versions.of(self.versions.answers(self.run)), ""
        except RankfirstError as refused:
            now, note = "refused", refused.code
        self.holder.reload_if_changed()
        held = self.versions.of_one(self.holder.answer(deliveries.TEXTS)[0].probabilities)
        left = sorted(path.name for path in self.run.iterdir() if path.name.startswith("."))
        named = {str(before): "old", str(after): "new"}
        return {"starts_now": named.get(now, now), "was_there": named.get(held, held), "note": note,
                "left": " ".join(left)}  # fmt: skip

    def delivery(self, moment: float) -> dict[str, object]:
        """Kill a delivery of the other version."""
        before = self.version
        hit = killed(lambda: self.versions.deliver(self.run, 1 - before), moment)
        return {"killed": hit, **self.state(before, 1 - before)}

    def export(self, moment: float) -> dict[str, object]:
        """Kill an export of what is exported already."""
        before = self.version
        return {"killed": killed(lambda: exporting(self.run), moment), **self.state(before, before)}

    def reload(self, moment: float) -> dict[str, object]:
        """Kill a server that loads the other version, which has just been delivered."""
        before = self.version
        self.versions.deliver(self.run, 1 - before)
        hit = killed(lambda: self.holder.reload_if_changed() and None, moment)
        return {"killed": hit, **self.state(before, 1 - before)}


def main(place: Path, delivered: int = 80, exports: int = 60, reloads: int = 60, seed: int = 0) -> None:
    """Kill, look, compare."""
    with prepared(exported=True) as (made, other):
        sources = [made[0][1], other]
        for n, run in enumerate(sources):
            result = json.loads((run / "result.json").read_bytes())
            write_json(run / "result.json", result | {"version": n})
            manifest.write(run / "model", run)
        tried = Tried(place / "run", Versions(sources))
        whole = seconds(lambda: tried.versions.deliver(tried.run, 0))
        tries("delivery", delivered, seed, tried.delivery, whole)
        tries("reload", reloads, seed, tried.reload, seconds(lambda: tried.started() and None))
        if exports:
            tries("export", exports, seed, tried.export, seconds(lambda: exporting(tried.run)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
