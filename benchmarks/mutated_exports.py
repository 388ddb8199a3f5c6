"""Damage deliveries in every exported format, with a promise, and ask them all the same, as mutated_deliveries does.

The files are those of the latest format: ONNX, int8, a fleet's graph and factors, merged weights, tokenizer,
check.json, canary.json, promise.json. Beside the changes of that benchmark, exported files are swapped with each other
and with those of another run (with its manifest too), and safetensors are cut at the borders of header and tensors or
get another header. Each case is asked in every way: torch, ONNX, int8, fleet, as a tenant, as a server that begins, the
gate, what `drift`, `predict --explain` and `continue` read.

Usage: python -m benchmarks.mutated_exports [CASES] [SEED]   (400 cases, seed 0; appends to
results/mutated_deliveries.csv; the models are those of tests/first_edition, nothing is trained)
"""

import contextlib
import io
import json
import random
import shutil
import struct
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.model import deliveries

from benchmarks import mutated_deliveries as first
from benchmarks.tables import append
from rankfirst.errors import EngineError
from rankfirst.lifecycle.continue_training import parent_run
from rankfirst.model import export, manifest, promises
from rankfirst.model.classifier import CHECK, load
from rankfirst.model.onnx.fleet import FACTORS
from rankfirst.model.onnx.runtime import FILES
from rankfirst.records import Clause, Promise
from rankfirst.server.reload import Holder
from rankfirst.server.shared_sessions import loader

WAYS: Final = ("torch", "onnx", "int8", "fleet", "tenant", "server", "gate", "sketch", "explain", "continue")
GROUPS: Final = (
    (FILES["onnx"],), (FILES["int8"],), (FILES["fleet"],), (FACTORS,), (FILES["fleet"], FACTORS),
    ("tokenizer/tokenizer.json",), (CHECK,),
    ("canary.json",), (promises.FILE,), (manifest.LABELS,), (manifest.DECISION,), ("head.safetensors",),
    ("merged/model.safetensors",), (manifest.NAME,),
)  # fmt: skip


def answers(run: Path) -> first.Answers:
    """What a delivery answers in each way, or why it refuses."""
    return first.asked(run, WAYS, _ask)


def _ask(run: Path, way: str) -> Any:
    if way in ("gate", "sketch"):
        return first._ask(run, way)
    if way == "continue":
        parent = parent_run.read(run)
        return [parent.facts["classes"], parent.seed, parent.recipe, parent.sha256]
    if way == "explain":
        return [repr(each) for each in load(run).explain(deliveries.TEXTS[:1])]
    if way == "server":
        model = Holder(lambda: load(run, "int8"), run / "model" / manifest.DECISION).model
    elif way == "tenant":
        model = loader("fleet").load(run)
    else:
        model = load(run, way)
    read = model.read(deliveries.TEXTS)
    return model.classes, model.answers(read), model.answer_sets(read), read.probabilities


def swap_exports(draw: random.Random, run: Path, other: Path) -> str:
    """Take one or several exported files of the other run, together with its manifest or without."""
    taken = draw.sample(GROUPS, draw.choice((1, 1, 1, 2, 3, 6)))
    for name in (name for group in taken for name in group):
        shutil.copyfile(other / "model" / name, run / "model" / name)
    return f"swap exports {' '.join(sorted(name for group in taken for name in group))}"


def cross(draw: random.Random, run: Path, other: Path) -> str:
    """Put the graph of one format in the place of another's, or factors in the place of the head."""
    pairs = ((FILES["onnx"], FILES["int8"]), (FILES["int8"], FILES["fleet"]), (FILES["onnx"], FILES["fleet"]),
             (FACTORS, "head.safetensors"), ("merged/model.safetensors", FACTORS))  # fmt: skip
    one, two = (run / "model" / name for name in draw.sample(draw.choice(pairs), 2))
    shutil.copyfile(one, two)
    return f"cross {one.name} {two.name}"


def header(draw: random.Random, run: Path, other: Path) -> str:
    """Cut a safetensors file at the border of its header or of a tensor, or give it another header."""
    path = draw.choice(sorted((run / "model").rglob("*.safetensors")))
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    head, body = json.loads(content[8 : 8 + length]), content[8 + length :]
    tensors = [name for name in head if name != "__metadata__"]
    what, name = (
        draw.choice(("cut", "cut", "length", "dtype", "shape", "offsets", "name", "gone")),
        draw.choice(tensors),
    )
    if what == "cut":
        ends = [7, 8, 8 + length, *(8 + length + head[each]["data_offsets"][1] for each in tensors)]
        path.write_bytes(content[: draw.choice([end for end in ends if end < len(content)])])
    elif what == "length":
        size = draw.choice((0, length - 1, length + 1, length + 8, 1 << 40, (1 << 64) - 1))
        path.write_bytes(struct.pack("<Q", size) + content[8:])
    else:
        own = head[name]
        if what == "dtype":
            own["dtype"] = draw.choice(("I32", "F16", "F64", "BF16", "U8", "none"))
        elif what == "shape":
            own["shape"] = draw.choice((own["shape"][::-1], [], [-1], [1 << 62, 4], [*own["shape"], 1]))
        elif what == "offsets":
            twin = head[draw.choice(tensors)]
            own["data_offsets"], twin["data_offsets"] = twin["data_offsets"], own["data_offsets"]
        elif what == "name":
            head[f"{name}x"] = head.pop(name)
        else:
            del head[name]
        written = json.dumps(head).encode()
        path.write_bytes(struct.pack("<Q", len(written)) + written + body)
    return f"header {what} of {path.name}"


MUTATIONS: Final = (
    *(swap_exports,) * 8, *(cross,) * 3, *(header,) * 8, *first.MUTATIONS, *first.LATER,
)  # fmt: skip


@contextmanager
def prepared() -> Iterator[tuple[Path, Path]]:
    """A run in every format with a promise, and another of the same classes with other weights."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        run, other = deliveries.new(place / "a"), deliveries.new(place / "b")
        first.other_weights(other)
        for each in (run, other):
            with contextlib.suppress(EngineError):  # int8 may lose too much of so small a base: then it is refused
                export.export(each, ["merged", "onnx", "int8", "fleet"])
            _promise(each)
        yield run, other


def _promise(run: Path) -> None:
    """A promise that each format keeps by a level of its own."""
    verified, folder = manifest.verify(run / "model"), run / "model"
    clause = Clause("precision", "", 0.5, 40, 40, 0.9)
    own = [Promise(0.95, (clause,), 0.3 + n / 10, None, 40, 1.0, backend=form, graph=promises.graph(verified, form))
           for n, form in enumerate(("torch", *FILES))]  # fmt: skip
    whole = Promise(0.95, (clause,), 0.3, None, 40, 1.0, others=tuple(own[1:]))
    names = promises.write(whole, folder, "en")
    manifest.write(folder, run, verified.manifest, names)


def main(cases: int = 400, seed: int = 0) -> Counter[str]:
    """Run the cases. Returns: outcome -> number of cases."""
    draw, outcomes = random.Random(seed), Counter[str]()
    with prepared() as (run, other):
        before, theirs = answers(run), answers(other)
        print({way: type(each).__name__ for way, each in before.items()}, flush=True)
        for n in range(cases):
            with contextlib.redirect_stderr(io.StringIO()):
                what, outcome, detail = first.case(draw, run, other, before, theirs, MUTATIONS, answers)
            outcomes[outcome] += 1
            if n % 50 == 49:
                print(n + 1, dict(outcomes), flush=True)
            if outcome in ("traceback", "silently different"):
                print(f"case {n}: {what}: {outcome}: {detail}", flush=True)
    return outcomes


if __name__ == "__main__":
    cases, seed = (int(word) for word in (*sys.argv[1:3], *("400", "0")[len(sys.argv[1:3]) :]))
    told = main(cases, seed)
    counts = {outcome: told[outcome] for outcome in first.OUTCOMES}
    append("mutated_deliveries", {"cases": cases, "seed": seed, **counts, "kinds": "every format, with a promise"})
