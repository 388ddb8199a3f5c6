"""What int8 costs a trained LoRA: merged and quantised, or float adapters over a quantised base as a fleet has them.

Compared with the float graph of the merged model on test rows: the share of rows with the same answer, and macro-F1.

Usage: python -m benchmarks.int8_accuracy RUN=TEST.csv ...   (RUN: a folder in which `rankfirst fit` delivered LoRA on a
BERT-like base, which is only read; appends to results/int8_accuracy.csv)
"""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.tables import append
from rankfirst.engine.export import fleet, formats
from rankfirst.engine.export.predictor import Predictor
from rankfirst.measure.calibration import probabilities
from rankfirst.measure.scores import macro_f1
from rankfirst.model.classifier import load
from rankfirst.model.export import labelled
from rankfirst.model.onnx import Runtime
from rankfirst.model.onnx.fleet import FACTORS
from rankfirst.model.onnx.runtime import FILES

ROWS: Final = 600  # test rows at most, evenly spread over the file


def exported(run: Path, place: Path) -> tuple[Any, dict[str, Runtime]]:
    """The delivered model, and its graphs: merged in float and int8, and a fleet's in float and over an int8 base."""
    model = load(run)
    merged, base = place / "merged", place / "base"
    for folder in (merged, base):
        folder.mkdir()
        shutil.copy(model.folder / "head.safetensors", folder)
        formats.write_tokenizer(model.predictor.model, folder / "tokenizer")
    facts = model.facts | {"frame": formats.frame(model.predictor.model, model.facts["prefix"])}
    formats.write_onnx(model.predictor.whole(), merged / FILES["onnx"], False)
    formats.write_int8(merged / FILES["onnx"], merged / FILES["int8"])
    fleet.write_factors(model.folder / "adapter", merged / FACTORS)
    shutil.copy(merged / FACTORS, base)
    fleet.write_fleet(Predictor(model.folder, facts, base_alone=True).model, merged / FILES["fleet"])
    formats.write_int8(merged / FILES["fleet"], base / FILES["fleet"])
    graphs = {"merged float": (merged, "onnx"), "merged int8": (merged, "int8"), "fleet float": (merged, "fleet"),
              "fleet int8": (base, "fleet")}  # fmt: skip
    return model, {name: Runtime(folder, facts, kind) for name, (folder, kind) in graphs.items()}


def measure(run: Path, test: Path) -> None:
    """Append a line for each graph of a run."""
    texts, truth = labelled(run, test, None, None)
    rows = range(0, len(texts), -(-len(texts) // ROWS))
    texts, truth = tuple(texts[row] for row in rows), truth[list(rows)]
    with tempfile.TemporaryDirectory() as name:
        model, graphs = exported(run, Path(name))
        answers = {}
        for kind, graph in graphs.items():
            scaled = graph.logits(texts).astype(np.float64) / model.calibration.temperature
            answers[kind] = model.decide(probabilities(scaled, model.multi_label))
    for kind, own in answers.items():
        same = (own == answers["merged float"]).all(axis=1).mean()
        f1 = round(macro_f1(truth, own), 4)
        append("int8_accuracy", {"run": run.name, "rows": len(texts), "classes": len(model.classes), "graph": kind,
                                 "same": round(float(same), 4), "macro_f1": f1})  # fmt: skip


if __name__ == "__main__":
    for given in sys.argv[1:]:
        where, _, file = given.partition("=")
        measure(Path(where), Path(file))
